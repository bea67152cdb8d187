package simulator

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checker holds a body against the specification and keeps the first problem.
type checker struct {
	problem *problem
}

func (c *checker) fail(format string, args ...any) {
	c.refuse(invalid(format, args...))
}

func (c *checker) refuse(p *problem) {
	if c.problem == nil {
		c.problem = p
	}
}

// node is one place in a body. Checks of a place that is not there do nothing,
// so that optional fields need no conditions.
type node struct {
	c     *checker
	path  string // as messages name it, such as repos[0].url
	value any
	set   bool
}

// object demands an object that has none but the named fields. The zero node is
// returned for anything else.
func (n node) object(fields ...string) node {
	if !n.set {
		return n
	}
	o, ok := n.value.(*object)
	if !ok {
		n.c.fail("%s must be an object", n.path)
		return node{c: n.c, path: n.path}
	}
	for _, name := range o.names {
		if !slices.Contains(fields, name) {
			n.c.fail("%s is not a field of this request", join(n.path, name))
		}
	}
	return n
}

// field is a field of an object; not set when the object is not.
func (n node) field(name string) node {
	child := node{c: n.c, path: join(n.path, name)}
	if o, ok := n.value.(*object); ok && n.set {
		child.value, child.set = o.values[name]
	}
	return child
}

// required demands that the place is there, if its parent is.
func (n node) required(parent node) node {
	if parent.set && !n.set {
		n.c.fail("%s is required", n.path)
	}
	return n
}

// text demands a string of that many characters; max 0 means no limit.
func (n node) text(least, most int) string {
	if !n.set {
		return ""
	}
	s, ok := n.value.(string)
	if !ok {
		n.c.fail("%s must be a string", n.path)
		return ""
	}
	switch length := utf8.RuneCountInString(s); {
	case length < least:
		n.c.fail("%s must not be empty", n.path)
	case most > 0 && length > most:
		n.c.fail("%s must have at most %d characters", n.path, most)
	}
	return s
}

// oneOf demands one of the words.
func (n node) oneOf(words ...string) string {
	s := n.text(0, 0)
	if _, isText := n.value.(string); isText && !slices.Contains(words, s) {
		n.c.fail("%s must be one of: %s", n.path, strings.Join(words, ", "))
	}
	return s
}

func (n node) boolean() {
	if _, ok := n.value.(bool); n.set && !ok {
		n.c.fail("%s must be true or false", n.path)
	}
}

// whole demands a whole number that is not below least.
func (n node) whole(least int) {
	if !n.set {
		return
	}
	number, ok := n.value.(json.Number)
	i, err := strconv.ParseInt(string(number), 10, 64)
	if !ok || err != nil || i < int64(least) {
		n.c.fail("%s must be a whole number of at least %d", n.path, least)
	}
}

// url demands an http or https URL without user name.
func (n node) url() string {
	s := n.text(1, 0)
	if n.set && s != "" && !isWebURL(s) {
		n.c.fail("%s must be an http or https URL without user name", n.path)
	}
	return s
}

// items demands an array of at most so many items and walks them; most 0 means
// no limit.
func (n node) items(most int) iter.Seq[node] {
	return func(yield func(node) bool) {
		if !n.set {
			return
		}
		items, ok := n.value.([]any)
		if !ok {
			n.c.fail("%s must be an array", n.path)
			return
		}
		if most > 0 && len(items) > most {
			n.c.fail("%s must have at most %d items", n.path, most)
			return
		}
		for i, item := range items {
			if !yield(node{n.c, fmt.Sprintf("%s[%d]", n.path, i), item, true}) {
				return
			}
		}
	}
}

// entries demands an object with names of any kind and walks its fields in
// their order.
func (n node) entries() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		if !n.set {
			return
		}
		o, ok := n.value.(*object)
		if !ok {
			n.c.fail("%s must be an object", n.path)
			return
		}
		for _, name := range o.names {
			if !yield(name, n.field(name)) {
				return
			}
		}
	}
}

// texts demands an array of strings.
func (n node) texts(least int) {
	for item := range n.items(0) {
		item.text(least, 0)
	}
}

// count is the number of items of an array.
func (n node) count() int {
	items, _ := n.value.([]any)
	return len(items)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
