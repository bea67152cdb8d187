package prompt_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"cursor-agent-action/internal/prompt"
)

// ordinary is data of texts that are short and hide nothing, so that only the
// marks of the fences tell a prompt from what text/template makes.
func ordinary() map[string]any {
	return map[string]any{
		"a": "alpha", "b": "beta", "n": 3, "z": 0, "t": true, "f": false, "none": nil, "blank": "",
		"l": []any{"x", "y", "z"}, "e": []any{}, "m": map[string]any{"k": "kay", "j": "jay"}, "o": map[string]any{"p": map[string]any{"q": "deep"}},
	}
}

// oracle is what text/template makes of a template, without white space. Its
// functions are text/template's but for those that the package documents
// otherwise.
func oracle(text string) (string, error) {
	t, err := template.New("prompt").Option("missingkey=error").Funcs(template.FuncMap{
		"print": func(args ...any) string {
			var b strings.Builder
			for _, v := range args {
				if v != nil {
					fmt.Fprint(&b, v)
				}
			}
			return b.String()
		},
		"truncate": func(n int, text string) (string, error) {
			if n < 0 {
				return "", fmt.Errorf("%d characters", n)
			}
			if runes := []rune(text); len(runes) > n {
				return string(runes[:n]) + "…", nil
			}
			return text, nil
		},
		"slice": sliced,
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, ordinary()); err != nil {
		return "", err
	}
	return bare(strings.ReplaceAll(b.String(), "<no value>", "")), nil
}

// sliced is text/template's slice, which gives of a part of a list also what lies
// behind its end in memory: a part ends where it ends.
func sliced(whole any, at ...any) (any, error) {
	list, isList := whole.([]any)
	text, isText := whole.(string)
	bounds := []int{0, max(len(list), len(text))}
	for i, value := range at {
		position, ok := value.(int)
		if !ok || i >= len(bounds) {
			return nil, fmt.Errorf("no position: %v", value)
		}
		bounds[i] = position
	}
	from, to := bounds[0], bounds[1]
	switch {
	case from < 0 || to > max(len(list), len(text)) || from > to:
		return nil, fmt.Errorf("no part from %d to %d", from, to)
	case isList:
		return list[from:to], nil
	case isText:
		return text[from:to], nil
	}
	return nil, fmt.Errorf("no list: %v", whole)
}

var marks = regexp.MustCompile(`--- BEGIN OUTSIDE TEXT ` + code1 + ` [^\n]*\n|\n--- END OUTSIDE TEXT ` + code1 + ` ---|⟦` + code1 + `|` + code1 + `⟧`)

// bare is a prompt without its explanation, its fences and white space.
func bare(text string) string {
	text = strings.TrimPrefix(text, with(code1, preamble))
	return strings.Join(strings.Fields(marks.ReplaceAllString(text, "")), "")
}

// agree fails the test if the package and text/template make two things of one
// template.
func agree(t *testing.T, text string) {
	t.Helper()
	want, wantErr := oracle(text)
	got, err := prompt.Execute(prompt.Template{Name: "prompt", Text: text, Data: ordinary()}, nil, fixed())
	if (err == nil) != (wantErr == nil) {
		t.Errorf("%s\nthe error is %v, and text/template's %v", text, err, wantErr)
	}
	if err == nil && wantErr == nil && bare(got.Text) != want {
		t.Errorf("%s\nmakes %q, and text/template %q", text, bare(got.Text), want)
	}
}

func TestATemplateMeansWhatItMeansToTextTemplate(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text string }{
		{"nothing", ""},
		{"a scope ends with its branch", `{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}`},
		{"an assignment outlives its branch", `{{$x := 1}}{{with 7}}{{$x = .}}{{end}}{{$x}}`},
		{"a condition's variable", `{{if $x := .a}}{{$x}}{{else}}no{{$x}}{{end}}`},
		{"a with's variable in else", `{{with $x := .z}}yes{{else}}{{$x}}{{.a}}{{end}}`},
		{"a choice of many", `{{range 4}}{{if eq . 0}}a{{else if eq . 1}}b{{else if eq . 2}}c{{else}}d{{end}}{{end}}`},
		{"with or with", `{{with .none}}1{{else with .blank}}2{{else with .e}}3{{else with .m}}{{.k}}{{else}}4{{end}}`},
		{"a list with positions", `{{range $i, $x := .l}}{{$i}}{{$x}}{{.}}{{end}}`},
		{"a map in order", `{{range $k, $v := .m}}{{$k}}={{$v}},{{end}}{{range .m}}{{.}}{{end}}`},
		{"a map of maps", `{{range $k, $v := .o}}{{range .}}{{.}}{{end}}{{$v.q}}{{end}}`},
		{"variables from outside of a loop", `{{$i := 9}}{{$x := "q"}}{{range $i, $x = .l}}{{$x}}{{end}}{{$i}}{{$x}}`},
		{"one variable from outside of a loop", `{{$x := "q"}}{{range $x = .l}}{{$x}}{{end}}{{$x}}`},
		{"counting by a variable", `{{range $i := 3}}{{$i}}{{.}}{{end}}{{range $i := .n}}{{$i}}{{end}}`},
		{"counting by two", `{{range $i, $x := 3}}{{$i}}{{end}}`},
		{"counting down", `{{range -3}}x{{else}}none{{end}}{{range 0}}x{{else}}none{{end}}`},
		{"a loop over nothing", `{{range $x := .none}}x{{else}}{{$x}}{{.a}}{{end}}{{range $x := .e}}x{{else}}{{len $x}}{{end}}`},
		{"a loop over a fraction", `{{range 1.5}}{{end}}`},
		{"a loop over a truth value", `{{range .t}}{{end}}`},
		{"leaving from deep within", `{{range .l}}{{with .}}{{if eq . "y"}}{{break}}{{end}}{{$v := .}}{{$v}}{{end}}{{end}}`},
		{"going on from deep within", `{{range $i, $x := .l}}{{with $y := .}}{{if eq $y "y"}}{{continue}}{{end}}{{$i}}{{$y}}{{end}}{{end}}`},
		{"leaving a loop that has nothing", `{{range .l}}{{.}}{{range $.e}}{{else}}{{break}}n{{end}}y{{end}}`},
		{"going on from a loop that has nothing", `{{range .l}}{{.}}{{range $.e}}{{else}}{{continue}}n{{end}}y{{end}}`},
		{"the inner loop is left", `{{range 2}}{{range 3}}{{.}}{{break}}{{end}}-{{end}}`},
		{"the dollar of a template", `{{define "d"}}{{$}}{{with "w"}}{{.}}{{$}}{{end}}{{end}}{{$x := 1}}{{template "d" .a}}{{$.b}}`},
		{"a template has no variables of others", `{{$x := 1}}{{define "d"}}{{$x := 2}}{{$x}}{{end}}{{template "d"}}{{$x}}`},
		{"a template's argument declares", `{{define "d"}}{{.}}{{end}}{{template "d" $x := .a}}{{$x}}`},
		{"a template that fails", `{{define "d"}}{{.nope}}{{end}}{{template "d" .m}}`},
		{"a template's argument fails", `{{define "d"}}{{end}}{{template "d" .nope}}`},
		{"defined twice", `{{define "d"}}1{{end}}{{define "d"}}2{{end}}`},
		{"defined after an empty one", `{{define "d"}} {{end}}{{define "d"}}2{{end}}{{template "d"}}`},
		{"the root by its name", ` {{define "prompt"}}inner{{end}}`},
		{"a block", `{{block "x" .m}}{{.k}}{{end}}{{template "x" .m}}`},
		{"comments", `{{/* a */}}b{{- /* c */ -}} d`},
		{"spellings of numbers", `{{0x1F}} {{'a'}} {{1_000}} {{0b11}} {{0o17}} {{1e3}} {{0x1p4}} {{1.50}} {{-7}} {{+2}} {{'e'}} {{0xe}} {{'.'}} {{-0x1E}} {{+0x1E}} {{9223372036854775807}}`},
		{"a number of 65 bits", `{{18446744073709551615}}`},
		{"a hexadecimal number with a sign", `{{printf "%v %.1f" -0xe -0xe}}`},
		{"raw texts", "{{`a\"b`}}{{print `c` \"d\\n\\\"e\"}}"},
		{"and and or end early", `{{or 1 .nope}}{{and 0 .nope}}{{or .blank .z "last"}}{{and 1 .a .z}}`},
		{"and and or take all", `{{or 0 .nope}}`},
		{"piped into and and or", `{{.a | and 1}}{{1 | and}}{{0 | or 0}}{{.a | or 2}}{{.a | and 0}}`},
		{"what was not reached has no value", `{{if or 1 ($x := 2)}}{{$x}}{{end}}`},
		{"what was not reached can't be assigned", `{{if or 1 ($x := 2)}}{{$x = 3}}{{end}}`},
		{"what was not reached can't be a loop's", `{{if or 1 ($x := 2)}}{{range $x = 3}}{{end}}{{end}}`},
		{"a variable in parentheses", `{{print ($x := 2) 3}}{{$x}}`},
		{"fields of variables and parentheses", `{{$o := .o}}{{$o.p.q}}{{(.o).p.q}}{{($o.p).q}}{{(index .o "p").q}}{{$.o.p.q}}`},
		{"a field of a function", `{{print.x}}`},
		{"a field that fails in parentheses", `{{(.nope).x}}`},
		{"a field of a truth value", `{{.t.x}}`},
		{"a field of nothing", `{{define "d"}}{{.x}}{{end}}{{template "d"}}`},
		{"pipes", `{{.a | printf "%s-%s" "p"}}{{"x" | print "y" | print "z"}}{{(.l | len) | print}}{{.n | eq 3}}`},
		{"piped to no function", `{{1 | .a}}`},
		{"values for no function", `{{.a 1}}`},
		{"values for parentheses", `{{(1) 2}}`},
		{"values for a variable", `{{$x := 1}}{{$x 2}}`},
		{"nil by itself", `{{nil}}`},
		{"nil in a condition", `{{if nil}}{{end}}`},
		{"too few values", `{{not}}`},
		{"too many values", `{{len 1 2}}`},
		{"too many piped", `{{.a | not 1}}`},
		{"too few to compare", `{{eq 1}}`},
		{"too few to print", `{{printf}}`},
		{"slices", `{{slice "abcd"}} {{slice "abcd" 1}} {{slice .a 2 4}} {{slice .a 5}} {{range slice .l 1}}{{.}}{{end}}{{len (slice .l 1 2)}}{{slice .a 0 0}}`},
		{"a slice beyond the end", `{{slice "ab" 3}}`},
		{"a slice before the beginning", `{{slice "ab" -1}}`},
		{"a slice the wrong way round", `{{slice "abcd" 3 1}}`},
		{"a slice by a text", `{{slice "abcd" "1"}}`},
		{"a slice of a slice beyond its end", `{{slice (slice .l 0 1) 0 2}}`},
		{"a slice of a slice's rest beyond its end", `{{slice (slice .l 3) 0 1}}`},
		{"a slice of a number", `{{slice 1 0}}`},
		{"a slice of a map", `{{slice .m 0}}`},
		{"lengths", `{{len "é"}}{{len .a}}{{len .l}}{{len .m}}{{len .e}}`},
		{"the length of a number", `{{len 1}}`},
		{"the length of nothing", `{{len .none}}`},
		{"what is true", `{{range slice .l 0 1}}{{not ""}}{{not "a"}}{{not 0}}{{not 1}}{{not 0.0}}{{not 0.5}}{{end}}{{not .e}}{{not .l}}{{not .m}}{{not .none}}{{not .blank}}{{not .t}}{{not .a}}`},
		{"the verbs of printf", `{{printf "%d|%5.2f|%x|%q|%v|%t|%c|%U|%e|%s" 7 1.5 "a" "b" .t .f 'x' 'x' 2.5 .a}}{{printf "%d %s" "a"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			agree(t, test.text)
		})
	}
}

func FuzzATemplateMeansWhatItMeansToTextTemplate(f *testing.F) {
	for i := range 1000 { // Numbers that look like chance are seeds enough.
		seed, state := make([]byte, 20+i%1000), uint32(i+1)
		for j := range seed {
			state = state*1664525 + 1013904223
			seed[j] = byte(state >> 24)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) > 2000 { // More makes templates longer, not others.
			return
		}
		g := &generator{choices: choices}
		agree(t, g.file())
	})
}
