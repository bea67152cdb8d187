package prompt

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
)

// maxInline is the longest text in bytes that is fenced within a line.
const maxInline = 200

// function is one that a template may call.
type function struct {
	least, most int // How many values it takes.
	// takes says what these are, where there are more or less.
	takes string
	call  func(args []any) (any, error)
	// settled says that a value is the result, whatever comes after it: nothing
	// after it is evaluated. Nil is never.
	settled func(v any) bool
}

// known are all the functions that a template may call. Of text/template's own,
// html, js and urlquery are for other languages than a prompt's, println and
// call for nothing here.
func (r *run) known() map[string]function {
	const many = math.MaxInt
	order := func(accept func(int) bool) func(args []any) (any, error) {
		return func(args []any) (any, error) { return r.ordered(args[0], args[1], accept) }
	}
	last := func(args []any) (any, error) { return args[len(args)-1], nil }
	return map[string]function{
		"and": {1, many, "values: and .a .b", last, func(v any) bool { return !truth(v) }},
		"or":  {1, many, "values: or .a .b", last, truth},
		"not": {1, 1, "a value: not .a", func(args []any) (any, error) { return !truth(args[0]), nil }, nil},

		"eq": {2, many, "a value, and those that it may be: eq .a 1 2", r.equalsOne, nil},
		"ne": {2, 2, "two values: ne .a 1", func(args []any) (any, error) {
			equal, err := r.equal(args[0], args[1])
			return !equal, err
		}, nil},
		"lt": {2, 2, "two values: lt .a 1", order(func(n int) bool { return n < 0 }), nil},
		"le": {2, 2, "two values: le .a 1", order(func(n int) bool { return n <= 0 }), nil},
		"gt": {2, 2, "two values: gt .a 1", order(func(n int) bool { return n > 0 }), nil},
		"ge": {2, 2, "two values: ge .a 1", order(func(n int) bool { return n >= 0 }), nil},

		"index": {1, many, `a value, and the keys to look up in it: index .a "key" 0`, func(args []any) (any, error) { return index(args[0], args[1:]) }, nil},
		"len":   {1, 1, "a text, a list or a map: len .a", func(args []any) (any, error) { return length(args[0]) }, nil},
		"slice": {1, 3, "a text or a list, where to begin and where to end: slice .a 0 3", func(args []any) (any, error) { return slice(args[0], args[1:]) }, nil},

		"print": {0, many, "", func(args []any) (any, error) { return r.printf(strings.Repeat("%v", len(args)), true, args) }, nil},
		"printf": {1, many, `a format, and what is printed by it: printf "%d" 1`, func(args []any) (any, error) {
			text, err := asText(args[0])
			if err != nil {
				return nil, err
			}
			return r.printf(text, isOwn(args[0]), args[1:])
		}, nil},
		"truncate": {2, 2, takesCount, func(args []any) (any, error) { return r.truncate(args[0], args[1]) }, nil},
		"json":     {1, 1, "a value: json .a", func(args []any) (any, error) { return r.json(args[0]) }, nil},

		"untrusted": {1, 2, `a value, or what the value is and the value: untrusted "the title" .title`, r.untrusted, nil},
		"include":   {1, 1, `a file: include "a.md"`, func(args []any) (any, error) { return r.include(constant(args[0])) }, nil},
		"env":       {1, 1, `a name: env "A"`, func(args []any) (any, error) { return r.env(constant(args[0])) }, nil},
	}
}

const takesCount = "a number of characters, and the text: truncate 100 .body"

// constant is what check lets pass alone: the author's text.
func constant(v any) string {
	text, _ := v.(words)
	return string(text)
}

// made is a text that a function made: the author's own or from outside.
func (r *run) made(text string, own bool) (any, error) {
	if err := r.charge(len(text)); err != nil {
		return nil, err
	}
	if own {
		return words(text), nil
	}
	return text, nil
}

// untrusted takes a value for a fence of its own lines, and before it what the
// value is.
func (r *run) untrusted(args []any) (any, error) {
	value := args[len(args)-1]
	part, err := asPart(value)
	if err != nil {
		return nil, err
	}
	switch value.(type) {
	case map[string]any, []any: // Their JSON was made just now.
		if err := r.charge(len(part.Text)); err != nil {
			return nil, err
		}
	}
	if len(args) == 2 {
		source, ok := args[0].(words)
		if !ok {
			return nil, errors.New(`what the value is stands in quotes: untrusted "the title" .title`)
		}
		part.Source = string(source)
	}
	return fence{part}, nil
}

// include reads a file as the author's own words, once. Where a template fences
// it all the same, the fence has an origin of its own.
func (r *run) include(file string) (any, error) {
	text, ok := r.files[file]
	if !ok {
		var err error
		if text, err = r.read(file); err != nil {
			return nil, refusal{fmt.Sprintf("include %q: %v", file, err), err}
		}
		from := origin(Part{Source: "file " + file, Text: text, Trusted: true})
		from.Used = from.Fetched
		r.origins = append(r.origins, from)
		r.files[file] = text
	}
	return r.made(text, true)
}

func (r *run) read(file string) (string, error) {
	if r.template.Include == nil {
		return "", errors.New("files can't be read here")
	}
	text, err := r.template.Include(file, r.MaxBytes)
	if err == nil && len(text) > r.MaxBytes {
		err = fmt.Errorf("it has %d bytes, and a prompt has at most %d", len(text), r.MaxBytes)
	}
	return text, err
}

// truncate keeps the first characters of a text.
func (r *run) truncate(count, v any) (any, error) {
	n, ok := count.(int64)
	if !ok || n < 0 {
		return nil, errors.New("it takes " + takesCount)
	}
	text, err := asText(v)
	if err != nil {
		return nil, err
	}
	for at := range text {
		if n--; n < 0 {
			return r.made(text[:at]+"…", isOwn(v))
		}
	}
	return r.made(text, isOwn(v))
}

func (r *run) json(v any) (any, error) {
	text, err := asJSON(v)
	if err != nil {
		return nil, err
	}
	return r.made(text, isOwn(v))
}

// env reads a variable. Workflows pass titles and names in them, so they are
// from outside.
func (r *run) env(name string) (any, error) {
	value, ok := r.template.Env[name]
	if !ok {
		return nil, fmt.Errorf("the environment variable %q is not on the list of those that a template may read", name)
	}
	return r.made(value, false)
}

// verb is what printf takes: a width of millions is no use of it.
var verb = regexp.MustCompile(`%(?:%|[-+# 0]{0,4}[0-9]{0,3}(?:\.[0-9]{0,3})?[bcdefgostvxXqEGU])`)

// printf prints args by format. The result is the author's own if all of it is.
func (r *run) printf(format string, own bool, args []any) (any, error) {
	if strings.Contains(verb.ReplaceAllString(format, ""), "%") {
		return nil, errors.New("a verb in the format is not known here: there are %s, %q, %v, %d, %f, %t, %x and the like, with a width and a precision below 1000")
	}
	size := len(format)
	values := make([]any, len(args))
	for i, v := range args {
		if _, ok := v.(fence); ok {
			return nil, errFence
		}
		own = own && isOwn(v)
		values[i] = v
		if text, ok := v.(words); ok {
			values[i] = string(text)
		}
		if v == nil {
			values[i] = ""
		}
		if kindOf(v) == "a map" || kindOf(v) == "a list" {
			text, err := asJSON(v)
			if err != nil {
				return nil, err
			}
			values[i] = text
		}
		if text, ok := values[i].(string); ok {
			size += len(text)
		}
	}
	if err := r.charge(size); err != nil {
		return nil, err
	}
	return r.made(fmt.Sprintf(format, values...), own)
}
