package prompt_test

import (
	"fmt"
	"slices"
	"strings"
)

// generator writes templates over ordinary data, of which most are without
// mistakes. Each choice is a byte, and 0 is the choice that ends soonest.
type generator struct {
	choices []byte
	// What there is where it writes.
	dot, dollar kind
	variables   []known
	loops       int
	// templates are those defined before, by what they take.
	templates []known
	names     int
}

type kind int

const (
	aText kind = iota
	aNumber
	aTruth
	aList
	aMap
	all // The data itself.
)

type known struct {
	name string
	kind kind
}

func (g *generator) pick(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	choice := int(g.choices[0]) % n
	g.choices = g.choices[1:]
	return choice
}

// one is one of choices, each of which is written when it is chosen.
func (g *generator) one(choices ...func() string) string { return choices[g.pick(len(choices))]() }

func (g *generator) file() string {
	var b strings.Builder
	for range g.pick(3) {
		takes := kind(g.pick(5))
		name := g.name("t")
		inner := &generator{choices: g.choices, dot: takes, dollar: takes, templates: g.templates, names: g.names}
		fmt.Fprintf(&b, "{{define %q}}%s{{end}}", name, inner.list(2))
		g.choices, g.names = inner.choices, inner.names
		g.templates = append(g.templates, known{name, takes})
	}
	g.dot, g.dollar = all, all
	for range 1 + g.pick(8) {
		b.WriteString(g.list(4))
	}
	return b.String()
}

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprint(prefix, g.names)
}

func (g *generator) list(depth int) string {
	var b strings.Builder
	for range 1 + g.pick(4) {
		b.WriteString(g.statement(depth))
	}
	return b.String()
}

// scoped writes what may declare variables that end with it.
func (g *generator) scoped(dot kind, write func() string) string {
	outer, variables := g.dot, len(g.variables)
	defer func() { g.dot, g.variables = outer, g.variables[:variables] }()
	g.dot = dot
	return write()
}

func (g *generator) statement(depth int) string {
	if depth == 0 {
		return "w"
	}
	return g.one(
		func() string { return "w" },
		func() string { return "{{" + g.printed(3) + "}}" },
		func() string { return " {{- /* c */ -}} " },
		func() string { // A declaration.
			k := kind(g.pick(5))
			value, name := g.short(k), g.name("$v")
			g.variables = append(g.variables, known{name, k})
			return "{{" + name + " := " + value + "}}"
		},
		func() string { // An assignment.
			if len(g.variables) == 0 {
				return "n"
			}
			v := g.variables[g.pick(len(g.variables))]
			return "{{" + v.name + " = " + g.short(v.kind) + "}}"
		},
		func() string { // if
			return g.scoped(g.dot, func() string {
				condition := g.expression(kind(g.pick(5)), 2)
				if g.pick(2) == 1 {
					name := g.name("$v")
					condition = name + " := " + g.short(aText)
					g.variables = append(g.variables, known{name, aText})
				}
				then := g.scoped(g.dot, func() string { return g.list(depth - 1) })
				middle := ""
				if g.pick(3) == 1 {
					middle = "{{else if " + g.expression(aTruth, 2) + "}}" + g.scoped(g.dot, func() string { return g.list(depth - 1) })
				}
				return "{{if " + condition + "}}" + then + middle + "{{else}}" + g.scoped(g.dot, func() string { return g.list(depth - 1) }) + "{{end}}"
			})
		},
		func() string { // with
			k := kind(g.pick(5))
			return "{{with " + g.expression(k, 2) + "}}" + g.scoped(k, func() string { return g.list(depth - 1) }) +
				"{{else}}" + g.scoped(g.dot, func() string { return g.list(depth - 1) }) + "{{end}}"
		},
		func() string { return g.loop(depth) },
		func() string {
			if g.loops == 0 {
				return "b"
			}
			return "{{if " + g.expression(aTruth, 2) + "}}{{" + []string{"break", "continue"}[g.pick(2)] + "}}{{end}}"
		},
		func() string { // A template, or a block.
			if len(g.templates) > 0 && g.pick(2) == 0 {
				t := g.templates[g.pick(len(g.templates))]
				return fmt.Sprintf("{{template %q %s}}", t.name, g.expression(t.kind, 2))
			}
			k := kind(g.pick(5))
			argument := g.expression(k, 2)
			inner := &generator{choices: g.choices, dot: k, dollar: k, templates: g.templates, names: g.names + 1}
			body := inner.list(depth - 1)
			text := fmt.Sprintf("{{block \"b%d\" %s}}%s{{end}}", g.names, argument, body)
			g.choices, g.names = inner.choices, inner.names
			return text
		},
	)
}

// loop ranges over a list, a map of texts or a number, with variables or
// without.
func (g *generator) loop(depth int) string {
	over := []kind{aList, aMap, aNumber}[g.pick(3)]
	item := aText
	value := g.expression(over, 2)
	if over == aNumber {
		item, value = aNumber, []string{"2", "-1", "(len $)", "1.5", "3"}[g.pick(5)]
	}
	variables := g.pick(3)
	return g.scoped(g.dot, func() string {
		var names []string
		if variables == 2 {
			k := aText // The key of a map.
			if over != aMap {
				k = aNumber
			}
			names = append(names, g.name("$v"))
			g.variables = append(g.variables, known{names[0], k})
		}
		head := "{{range "
		if variables > 0 {
			name := g.name("$v")
			names = append(names, name)
			head += strings.Join(names, ", ") + " := "
			g.variables = append(g.variables, known{name, item})
		}
		g.loops++
		body := g.scoped(item, func() string { return g.list(depth - 1) })
		g.loops--
		// The variables are the whole value there, of another kind.
		g.variables = g.variables[:len(g.variables)-len(names)]
		return head + value + "}}" + body + "{{else}}" + g.scoped(g.dot, func() string { return g.list(depth - 1) }) + "{{end}}"
	})
}

// printed is a value that both print in the same way.
func (g *generator) printed(depth int) string { return g.expression(kind(g.pick(3)), depth) }

// short is a value for a variable, which doesn't grow in a loop.
func (g *generator) short(k kind) string {
	if k == aText {
		return "truncate 9 " + g.expression(k, 2)
	}
	return g.expression(k, 2)
}

// expression is an operand of one kind.
func (g *generator) expression(k kind, depth int) string {
	simple := [][]string{
		aText:   {`"ab"`, "`cd`", `""`, "$.a", "$.b", "$.m.k", "$.o.p.q", `($.o).p.q`, "$.blank"},
		aNumber: {"1", "0", "0x1f", "'a'", "-2", "1_0", "$.n", "$.z"},
		aTruth:  {"true", "false", "$.t", "$.f"},
		aList:   {"$.l", "$.e"},
		aMap:    {"$.m", `(index $ "m")`, "$.o.p"},
	}[k]
	if g.dollar != all {
		simple = slices.DeleteFunc(simple, func(s string) bool { return strings.Contains(s, "$") })
	}
	if g.dollar == k {
		simple = append(simple, "$")
	}
	if g.dot == k {
		simple = append(simple, ".")
	}
	if g.dot == all {
		simple = append(simple, map[kind]string{aText: ".a", aNumber: ".n", aTruth: ".t", aList: ".l", aMap: ".o.p"}[k])
	}
	if g.dot == aMap && k == aText {
		simple = append(simple, `(print (index . "k"))`)
	}
	for _, v := range g.variables {
		if v.kind == k {
			simple = append(simple, v.name)
		}
	}
	if len(simple) == 0 { // A mistake, then.
		simple = []string{"(slice 1 2)", ".nope"}
	}
	if depth == 0 || g.pick(2) == 0 {
		return simple[g.pick(len(simple))]
	}
	if g.pick(40) == 1 {
		return []string{".nope", "$.a.x", `(slice "ab" 3)`, "(1 2)", "$.none.x", "(index $.l 9)", "(not)", `("a" | 1)`, "(truncate -1 .a)", "(nil)", `(lt 1 "a")`}[g.pick(11)]
	}
	text := func() string { return g.expression(aText, depth-1) }
	number := func() string { return g.expression(aNumber, depth-1) }
	truth := func() string { return g.expression(aTruth, depth-1) }
	same := func() string { return g.expression(k, depth-1) }
	any := func() string { return g.expression(kind(g.pick(5)), depth-1) }
	choices := []func() string{
		func() string { return "(or " + same() + " " + same() + ")" },
		func() string { return "(" + same() + " | and " + same() + ")" },
	}
	switch k {
	case aText:
		choices = append(choices,
			func() string { return "(print " + text() + " " + number() + ")" },
			func() string { return "(print)" },
			func() string { // Of a text of one byte a character: the package writes no half of one.
				return "(slice " + []string{`"abcd"`, "(print 1 true)"}[g.pick(2)] + " " + []string{"0", "1", "0 1", "2 1"}[g.pick(4)] + ")"
			},
			func() string { return "(truncate " + []string{"0", "2", "9"}[g.pick(3)] + " " + text() + ")" },
			func() string { return `(printf "%s-%v" ` + text() + " " + truth() + ")" },
			func() string { return "(" + text() + ` | printf "%d%s" ` + number() + ")" },
		)
	case aNumber:
		choices = append(choices,
			func() string { return "(len " + text() + ")" },
			func() string { return "(" + g.expression(aList, depth-1) + " | len)" },
		)
	case aTruth:
		choices = append(choices,
			func() string { return "(not " + any() + ")" },
			func() string { return "(eq " + text() + " " + text() + " " + text() + ")" },
			func() string {
				return "(" + []string{"eq", "ne", "lt", "le", "gt", "ge"}[g.pick(6)] + " " + number() + " " + number() + ")"
			},
			func() string {
				return "(" + []string{"ne", "lt", "le", "gt", "ge"}[g.pick(5)] + " " + text() + " " + text() + ")"
			},
		)
	case aList:
		choices = append(choices, func() string {
			return "(slice " + g.expression(aList, depth-1) + " " + []string{"0", "1", "0 1"}[g.pick(3)] + ")"
		})
	}
	return choices[g.pick(len(choices))]()
}
