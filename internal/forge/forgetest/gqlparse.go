package forgetest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// gqlField is one selected field, or, with on, a fragment of such.
type gqlField struct {
	alias, name string
	on          string // the type of a fragment
	isFragment  bool
	spread      string // the name of a fragment that is defined elsewhere
	args        map[string]any
	fields      []gqlField
	line, col   int
}

// gqlVariable is the name of a variable where a value stands.
type gqlVariable string

// gqlQuery is a document of one operation.
type gqlQuery struct {
	kind      string         // query or mutation
	variables map[string]any // their defaults; nil for none
	needed    []string       // those that must be given
	fields    []gqlField
	fragments map[string]gqlField
}

// gqlParser reads the GraphQL language as far as clients of an API use it: one
// operation, fields with arguments and aliases, variables, fragments.
// https://spec.graphql.org/October2021/#sec-Document-Syntax
type gqlParser struct {
	text    string
	at      int
	problem string // the first, in GitHub's words; "" for none
}

// parseGraphQL reads a query, or says what is wrong with it.
func parseGraphQL(text string) (_ *gqlQuery, problem string) {
	p := &gqlParser{text: text}
	q := &gqlQuery{kind: "query", variables: map[string]any{}, fragments: map[string]gqlField{}}
	operations := 0
	for p.skip(); p.at < len(p.text) && p.problem == ""; p.skip() {
		switch {
		case p.peek("{"):
			q.fields = p.selection()
			operations++
		case p.word("fragment"):
			name := p.name()
			p.expect("on")
			q.fragments[name] = gqlField{on: p.name(), isFragment: true, fields: p.selection()}
		default:
			if q.kind = p.name(); q.kind != "query" && q.kind != "mutation" {
				p.fail("an operation")
			}
			if !p.peek("(") && !p.peek("{") {
				p.name()
			}
			p.variables(q)
			q.fields = p.selection()
			operations++
		}
	}
	if p.problem == "" && operations != 1 {
		p.problem = "An operation name is required"
	}
	return q, p.problem
}

func (p *gqlParser) fail(want string) {
	if p.problem == "" {
		line, col := p.place()
		got := "end of file"
		if p.at < len(p.text) {
			r, _ := utf8.DecodeRuneInString(p.text[p.at:])
			got = strconv.Quote(string(r))
		}
		p.problem = fmt.Sprintf("Expected %s, actual: %s at [%d, %d]", want, got, line, col)
	}
}

// place is the line and column where the parser is, from 1.
func (p *gqlParser) place() (line, col int) {
	before := p.text[:p.at]
	return 1 + strings.Count(before, "\n"), p.at - strings.LastIndex(before, "\n")
}

// skip passes what means nothing: space, commas and comments.
func (p *gqlParser) skip() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case strings.IndexByte(" \t\r\n,", c) >= 0:
			p.at++
		case c == '#':
			end := strings.IndexByte(p.text[p.at:], '\n')
			if end < 0 {
				end = len(p.text) - p.at
			}
			p.at += end
		default:
			return
		}
	}
}

func (p *gqlParser) peek(text string) bool {
	p.skip()
	return strings.HasPrefix(p.text[p.at:], text)
}

// take passes a text if it is there.
func (p *gqlParser) take(text string) bool {
	if p.peek(text) {
		p.at += len(text)
		return true
	}
	return false
}

// word passes a name if it is there, and no longer one.
func (p *gqlParser) word(text string) bool {
	before := p.at
	if p.peek(text) && p.name() == text {
		return true
	}
	p.at = before
	return false
}

func (p *gqlParser) expect(text string) {
	if p.problem == "" && !p.take(text) {
		p.fail(strconv.Quote(text))
	}
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (p *gqlParser) name() string {
	p.skip()
	from := p.at
	for p.at < len(p.text) && isNameByte(p.text[p.at]) {
		p.at++
	}
	if from == p.at {
		p.fail("a name")
	}
	return p.text[from:p.at]
}

// variables reads the variables of an operation, such as ($n: Int!, $a: String).
func (p *gqlParser) variables(q *gqlQuery) {
	if !p.take("(") {
		return
	}
	for p.problem == "" && !p.take(")") {
		p.expect("$")
		name := p.name()
		p.expect(":")
		for p.take("[") {
		}
		p.name()
		needed := p.take("!")
		for p.take("]") {
			needed = p.take("!")
		}
		q.variables[name] = nil
		switch {
		case p.take("="):
			q.variables[name] = p.value()
		case needed:
			q.needed = append(q.needed, name)
		}
	}
}

// selection reads what stands in braces.
func (p *gqlParser) selection() []gqlField {
	p.expect("{")
	var fields []gqlField
	for p.problem == "" && !p.take("}") {
		p.skip()
		var f gqlField
		f.line, f.col = p.place()
		switch {
		case p.take("..."):
			f.isFragment = true
			switch {
			case p.word("on"):
				f.on = p.name()
				f.fields = p.selection()
			case p.peek("{"):
				f.fields = p.selection()
			default:
				f.spread = p.name()
			}
		default:
			f.name = p.name()
			f.alias = f.name
			if p.take(":") {
				f.name = p.name()
			}
			f.args = p.arguments()
			if p.peek("{") {
				f.fields = p.selection()
			}
		}
		fields = append(fields, f)
	}
	if p.problem == "" && len(fields) == 0 {
		p.fail("a field")
	}
	return fields
}

func (p *gqlParser) arguments() map[string]any {
	args := map[string]any{}
	if p.take("(") {
		for p.problem == "" && !p.take(")") {
			name := p.name()
			p.expect(":")
			args[name] = p.value()
		}
	}
	return args
}

// value reads a value: a variable, number, text, list, object or word.
func (p *gqlParser) value() any {
	switch {
	case p.problem != "":
		return nil
	case p.take("$"):
		return gqlVariable(p.name())
	case p.peek(`"`):
		end := p.at + 1
		for end < len(p.text) && p.text[end] != '"' {
			if p.text[end] == '\\' {
				end++
			}
			end++
		}
		text, err := strconv.Unquote(p.text[p.at:min(end+1, len(p.text))])
		if err != nil {
			p.fail("a string")
		}
		p.at = min(end+1, len(p.text))
		return text
	case p.take("["):
		list := []any{}
		for p.problem == "" && !p.take("]") {
			list = append(list, p.value())
		}
		return list
	case p.take("{"):
		made := map[string]any{}
		for p.problem == "" && !p.take("}") {
			name := p.name()
			p.expect(":")
			made[name] = p.value()
		}
		return made
	}
	negative := p.take("-")
	switch word := p.name(); word {
	case "null":
		return nil
	case "true", "false":
		return word == "true"
	default:
		if number, err := strconv.Atoi(word); err == nil {
			if negative {
				number = -number
			}
			return number
		}
		return word
	}
}
