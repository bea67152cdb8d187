package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The values of a template. A plain string is from outside, wherever it comes
// from: only what is known to be the author's has the other type.
type (
	// words are the author's own.
	words string
	// quoted is a Part of the data.
	quoted map[string]any
	// fence is a value that untrusted has taken. It has nothing to look into,
	// so that nobody prints a part of it without its marks.
	fence struct{ part Part }
)

// maxNesting is how deep the data of a template may nest. JSON of GitHub's
// nests a few levels.
const maxNesting = 1000

// plainData returns v as nil, bool, int64, float64, string, map[string]any,
// []any and quoted. Nothing in it has a method that a template could call, and
// whole numbers compare with those of the template.
func plainData(v any, depth int) (any, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it nests more than %d levels deep", maxNesting)
	}
	switch v := v.(type) {
	case nil, bool, string, int64:
		return v, nil
	case int:
		return int64(v), nil
	case float64:
		if whole := int64(v); float64(whole) == v && whole < 1<<53 && whole > -1<<53 {
			return whole, nil
		}
		return v, nil
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole, nil
		}
		return v.Float64()
	case Part:
		if v.Trusted {
			return words(v.Text), nil
		}
		return quoted{"source": v.Source, "author": v.Author, "url": v.URL, "text": v.Text, "code": v.Code, "tail": v.Tail}, nil
	case []Part:
		list := make([]any, len(v))
		for i, part := range v {
			list[i], _ = plainData(part, depth+1) // A part is always plain.
		}
		return list, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = plainData(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key := range v {
			var err error
			if object[key], err = plainData(v[key], depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, err
	}
	return plainData(decoded, depth+1)
}

// asPart returns v as the text from outside that it is printed as.
func asPart(v any) (Part, error) {
	switch v := v.(type) {
	case fence:
		return v.part, nil
	case quoted:
		part := Part{}
		part.Source, _ = v["source"].(string)
		part.Author, _ = v["author"].(string)
		part.URL, _ = v["url"].(string)
		part.Text, _ = v["text"].(string)
		part.Code, _ = v["code"].(bool)
		part.Tail, _ = v["tail"].(bool)
		return part, nil
	case map[string]any, []any:
		text, err := asJSON(v)
		return Part{Text: text}, err
	}
	text, err := asText(v)
	return Part{Text: text}, err
}

// asText returns a value that is no map or list as text. Nothing is no text.
func asText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case words:
		return string(v), nil
	case string:
		return v, nil
	case fence:
		return "", errFence
	case bool, int64, float64:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("a text or a number is needed here, and this is %s", kindOf(v))
}

// errFence answers who wants to look into a fence.
var errFence = errors.New("what untrusted returns can only be printed; use the value itself here")

// isOwn reports whether v, printed as it is, says nothing but what the author
// wrote or a number.
func isOwn(v any) bool {
	switch v.(type) {
	case nil, bool, int64, float64, words:
		return true
	}
	return false
}

// asMap returns the values that v has by name.
func asMap(v any) (map[string]any, bool) {
	if part, ok := v.(quoted); ok {
		return part, true
	}
	of, ok := v.(map[string]any)
	return of, ok
}

// truth is what a condition takes v for: what is empty or zero is false.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case words:
		return v != ""
	case []any:
		return len(v) > 0
	case fence:
		return true
	}
	of, _ := asMap(v)
	return len(of) > 0
}

// asJSON returns v as JSON for people to read: indented, "<" as it is.
func asJSON(v any) (string, error) {
	if _, ok := v.(fence); ok {
		return "", errFence
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// kindOf says what v is, in the words of errors.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "a truth value"
	case int64, float64:
		return "a number"
	case string, words:
		return "a text"
	case []any:
		return "a list"
	case fence:
		return "a fence"
	}
	return "a map"
}
