// Package part replaces the parts of a Markdown document that are made by a
// program: what stands between <!-- NAME --> and <!-- /NAME -->.
package part

import (
	"fmt"
	"regexp"
)

// Replace returns document with text in its part of that name. It is an error
// when the document does not have exactly one.
func Replace(document []byte, name, text string) ([]byte, error) {
	mark := regexp.QuoteMeta(name)
	part := regexp.MustCompile(`(?s)(<!-- ` + mark + ` -->\n).*?(<!-- /` + mark + ` -->)`)
	if len(part.FindAll(document, -1)) != 1 {
		return nil, fmt.Errorf("it needs <!-- %s --> and <!-- /%s --> once, in this order", name, name)
	}
	return part.ReplaceAllFunc(document, func(old []byte) []byte {
		marks := part.FindSubmatch(old)
		return fmt.Appendf(nil, "%s%s%s", marks[1], text, marks[2])
	}), nil
}
