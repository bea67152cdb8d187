package prompt

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"cursor-agent-action/internal/plain"
)

// refusal is what a template is refused for, in words for its author.
type refusal string

func (r refusal) Error() string { return string(r) }

// maxRefusal is the longest error of a template in bytes: text/template quotes
// whole values.
const maxRefusal = 400

// reworded returns an error of text/template with the template's own name, its
// columns counted from 1, and a way out where the usual mistake was made.
func (r *run) reworded(err error) error {
	place, message, source := r.template.Name, strings.TrimPrefix(err.Error(), "template: "+root), ""
	at, rest, ok := strings.Cut(strings.TrimPrefix(message, ":"), ": ")
	if ok && at != "" {
		message = rest
	}
	// executing "prompt" at <.event.nope>: map has no entry for key "nope"
	if _, ok := errors.AsType[template.ExecError](err); ok {
		if _, after, ok := strings.Cut(message, " at <"); ok {
			if of, said, ok := strings.Cut(after, ">: "); ok {
				source, message = of, said
			}
		}
	}
	if ok && at != "" {
		place += ":" + r.place(at, source)
	}
	if cause, ok := errors.AsType[refusal](err); ok {
		message = string(cause)
	}
	line := strings.Join(strings.Fields(plain.Clean(inOurWords(message, source))), " ")
	if len(line) > maxRefusal {
		line = plain.CutBytes(line, maxRefusal) + "…"
	}
	return &TemplateError{Place: place, Message: line, err: err}
}

// inOurWords says what text/template says of source so that the author of a
// workflow knows what to do.
func inOurWords(message, source string) string {
	rest, is := message, false
	begins := func(prefix string) bool {
		rest, is = strings.CutPrefix(message, prefix)
		return is
	}
	switch {
	case begins("error calling "):
		function, cause, _ := strings.Cut(rest, ": ")
		if strings.HasPrefix(function, "_") || strings.HasPrefix(cause, function+" ") {
			return cause
		}
		return function + ": " + cause
	case begins("map has no entry for key "):
		key, err := strconv.Unquote(rest)
		if err != nil {
			return message
		}
		of := within(source, key)
		return fmt.Sprintf("there is no %s in %s; where it may be missing, ask with {{if index %s %q}}", key, of, of, key)
	case begins("can't evaluate field "):
		key, _, _ := strings.Cut(rest, " in type ")
		return fmt.Sprintf("there is no %s in %s, which is no map", key, within(source, key))
	case begins("nil pointer evaluating interface {}."):
		return fmt.Sprintf("there is no %s in %s, which is empty; ask with {{if %[2]s}} before", rest, within(source, rest))
	case begins("range can't iterate over "):
		// The rest is the value, which may be anybody's.
		return "range needs a list, a map or a number"
	case begins("function "):
		if name, ok := strings.CutSuffix(rest, " not defined"); ok {
			return noFunction(name)
		}
	}
	return message
}

// noFunction refuses a function by its quoted name.
func noFunction(quoted string) string {
	return "there is no function " + quoted + "; there are " + strings.Join(known, ", ")
}

// TemplateError is why a template made no prompt.
type TemplateError struct {
	// Place is the template's name, its line and, where it is known, the
	// column, both from 1 on: "prompt:3:14".
	Place string
	// Message is one line that says what is wrong there.
	Message string
	err     error
}

func (e *TemplateError) Error() string { return e.Place + ": " + e.Message }

// Unwrap gives what text/template or the reader of files said.
func (e *TemplateError) Unwrap() error { return e.err }

// place turns a line and column of text/template into characters from 1 on. The
// columns are bytes from 0 on, and of .a.b.c they are those of .b: the source
// tells where all of it begins.
func (r *run) place(at, source string) string {
	first, second, _ := strings.Cut(at, ":")
	number, err := strconv.Atoi(first)
	column, err2 := strconv.Atoi(second)
	if err != nil || err2 != nil {
		return at
	}
	line, n := "", 0
	for line = range strings.Lines(r.template.Text) {
		if n++; n == number {
			break
		}
	}
	column = min(column, len(line))
	if i := strings.LastIndex(line[:min(column+len(source), len(line))], source); i >= 0 && i < column && column < i+len(source) {
		column = i
	}
	return fmt.Sprintf("%d:%d", number, 1+utf8.RuneCountInString(line[:column]))
}

// within is the source of a value without its last key.
func within(source, key string) string {
	if of := strings.TrimSuffix(source, "."+key); of != "" && of != source {
		return of
	}
	return "."
}
