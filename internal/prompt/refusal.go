package prompt

import (
	"fmt"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"cursor-agent-action/internal/plain"
)

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

// Unwrap gives what the parser or the reader of files said.
func (e *TemplateError) Unwrap() error { return e.err }

// refusal is what a template is refused for, in words for its author that need
// no function's name before them.
type refusal struct {
	text  string
	cause error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.cause }

// maxRefusal is the longest error of a template in bytes: a constant of its
// author's may be far longer.
const maxRefusal = 400

// at returns err with the place of node. The innermost place stays, and what
// leaves a loop has none.
func (r *run) at(node parse.Node, err error) error {
	if _, placed := err.(*TemplateError); placed || err == nil {
		return err
	}
	return r.mistake(":"+r.places.of(start(node)), err.Error(), err)
}

func (r *run) mistake(place, message string, err error) *TemplateError {
	line := strings.Join(strings.Fields(plain.Clean(message)), " ")
	if len(line) > maxRefusal {
		line = plain.CutBytes(line, maxRefusal) + "…"
	}
	return &TemplateError{Place: r.template.Name + place, Message: line, err: err}
}

// unreadable returns an error of the parser with the template's own name. The
// parser knows the line alone.
func (r *run) unreadable(err error) error {
	message, place := strings.TrimPrefix(err.Error(), "template: "+root), ""
	if at, rest, ok := strings.Cut(message, ": "); ok {
		place, message = at, strings.TrimPrefix(rest, "template: ")
	}
	return r.mistake(place, strings.ReplaceAll(message, " started at "+root+":", " started at line "), err)
}

// start is where a node begins. The parser says of .a.b.c where .b does.
func start(node parse.Node) parse.Pos {
	switch n := node.(type) {
	case *parse.FieldNode:
		if len(n.Ident) > 1 {
			return n.Pos - parse.Pos(len("."+n.Ident[0]))
		}
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return n.Pos - parse.Pos(len(n.Ident[0]))
		}
	}
	return node.Position()
}

// places finds lines and columns in a text.
type places struct {
	text string
	// What was asked for before: mostly the next is near.
	at           parse.Pos
	line, column int
}

// of is the line and the column of a position, in characters from 1 on.
func (p *places) of(at parse.Pos) string {
	if at < p.at || p.line == 0 {
		p.at, p.line, p.column = 0, 1, 1
	}
	for ; p.at < at; p.at++ {
		switch c := p.text[p.at]; {
		case c == '\n':
			p.line++
			p.column = 1
		case utf8.RuneStart(c):
			p.column++
		}
	}
	return fmt.Sprintf("%d:%d", p.line, p.column)
}
