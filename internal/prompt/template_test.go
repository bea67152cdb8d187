package prompt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/prompt"
)

// event is data as an event of GitHub's gives it.
func event(t *testing.T) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(`{
		"action": "opened",
		"issue": {
			"number": 7, "score": 1.5, "locked": false, "milestone": null,
			"title": "Fix\u200b it", "body": "Do\n<!-- evil -->\nit.", "code": "# x\ny",
			"labels": [{"name": "bug"}, {"name": "help wanted"}], "long": "` + strings.Repeat("l", 300) + `"
		}
	}`))
	decoder.UseNumber()
	var payload map[string]any
	if err := decoder.Decode(&payload); err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"event":    payload,
		"attempt":  2,
		"files":    []string{"a.go", "b.go"},
		"comments": []prompt.Part{{Source: "comment 1", Author: "eve", URL: "https://a.example", Text: "<b title=x>", Code: true}, {Text: "plain"}},
		"comment":  prompt.Part{Source: "the comment", Text: "hello"},
	}
}

// files are those that templates may include.
func files(name string, most int) (string, error) {
	switch name {
	case "rules.md":
		return "Be brief. <!-- as it is -->", nil
	case "long.md":
		return strings.Repeat("x", most+1), nil
	}
	return "", errors.New("it lies outside of the workspace")
}

func execute(t *testing.T, text string, o prompt.Options, parts ...prompt.Part) (prompt.Assembly, error) {
	t.Helper()
	return prompt.Execute(prompt.Template{
		Name: "prompt", Text: text, Data: event(t), Include: files, Env: map[string]string{"TITLE": "from <!-- x --> outside"},
	}, parts, o)
}

func TestATemplateFencesWhatItPrintsOfItsData(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a line", "Title: {{.event.issue.title}}.", "Title: ⟦CODE Fix it CODE⟧."},
		{"a word", "{{.event.action}}", "⟦CODE opened CODE⟧"},
		{"several lines", "Body: {{.event.issue.body}} Go.", "Body: \n--- BEGIN OUTSIDE TEXT CODE source=\"prompt:1:9 {{.event.issue.body}}\" removed=\"1 html-comment\" ---\nDo\n \nit.\n--- END OUTSIDE TEXT CODE ---\n Go."},
		{"lines of their own stay so", "a\n{{.event.issue.code}}\nb", "a\n--- BEGIN OUTSIDE TEXT CODE source=\"prompt:2:3 {{.event.issue.code}}\" ---\n# x\ny\n--- END OUTSIDE TEXT CODE ---\nb"},
		{"a long line", "{{.event.issue.long}}", "--- BEGIN OUTSIDE TEXT CODE source=\"prompt:1:3 {{.event.issue.long}}\" ---\n" + strings.Repeat("l", 300) + "\n--- END OUTSIDE TEXT CODE ---"},
		{"by untrusted", "{{untrusted .event.action}}", "--- BEGIN OUTSIDE TEXT CODE source=\"prompt:1:3 {{untrusted .event.action}}\" ---\nopened\n--- END OUTSIDE TEXT CODE ---"},
		{"by untrusted, with what it is", `{{.event.action | untrusted "the \"action\""}}`, "--- BEGIN OUTSIDE TEXT CODE source=\"the 'action'\" ---\nopened\n--- END OUTSIDE TEXT CODE ---"},
		{"a list", "{{.event.issue.labels}}", "--- BEGIN OUTSIDE TEXT CODE source=\"prompt:1:3 {{.event.issue.labels}}\" ---\n[\n  {\n    \"name\": \"bug\"\n  },\n  {\n    \"name\": \"help wanted\"\n  }\n]\n--- END OUTSIDE TEXT CODE ---"},
		{"a part", "{{index .comments 0}}", "--- BEGIN OUTSIDE TEXT CODE source=\"comment 1\" author=\"eve\" url=\"https://a.example\" ---\n<b title=x>\n--- END OUTSIDE TEXT CODE ---"},
		{"a part's text", "{{.comment.text}} {{index .comments 1 \"text\"}}", "⟦CODE hello CODE⟧ ⟦CODE plain CODE⟧"},
		{"keys", "{{range $k, $v := .event.issue}}{{if eq $k \"title\"}}{{$k}}{{end}}{{end}}", "⟦CODE title CODE⟧"},
		{"in a range", "{{range .event.issue.labels}}{{.name}},{{end}}", "⟦CODE bug CODE⟧,⟦CODE help wanted CODE⟧,"},
		{"in a template of its own", `{{define "l"}}<{{.}}>{{end}}{{template "l" .event.action}}`, "<⟦CODE opened CODE⟧>"},
		{"in a variable", "{{$a := .event.action}}{{$a}}", "⟦CODE opened CODE⟧"},
		{"in parentheses", "{{(index .event.issue.labels 0).name}}", "⟦CODE bug CODE⟧"},
		{"a choice", `{{or .event.issue.milestone .event.action}}`, "⟦CODE opened CODE⟧"},
		{"a slice of it", "{{slice .event.action 1 3}}", "⟦CODE pe CODE⟧"},
		{"cut", "{{truncate 4 .event.action}} {{truncate 99 .event.action}}", "⟦CODE open… CODE⟧ ⟦CODE opened CODE⟧"},
		{"as JSON", "{{json .event.action}}", "⟦CODE \"opened\" CODE⟧"},
		{"printed", `{{print "a " .event.action}} {{printf "%s-%d" .event.action .event.issue.number}}`, "⟦CODE a opened CODE⟧ ⟦CODE opened-7 CODE⟧"},
		{"as a format", `{{printf .event.action}}`, "⟦CODE opened CODE⟧"},
		{"a list printed", `{{printf "%s" .files}}`, "--- BEGIN OUTSIDE TEXT CODE source=\"prompt:1:3 {{printf \\'%s\\' .files}}\" ---\n[\n  \"a.go\",\n  \"b.go\"\n]\n--- END OUTSIDE TEXT CODE ---"},
		{"the environment", `{{env "TITLE"}}`, "⟦CODE from outside CODE⟧"},
		{"a file, by untrusted", `{{include "rules.md" | untrusted "rules"}}`, "--- BEGIN OUTSIDE TEXT CODE source=\"rules\" removed=\"1 html-comment\" ---\nBe brief.  \n--- END OUTSIDE TEXT CODE ---"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := execute(t, test.text, fixed())
			if err != nil {
				t.Fatal(err)
			}
			want := with(code1, preamble+"\n\n"+test.want)
			if test.name == "a list printed" {
				want = strings.ReplaceAll(want, `\'`, `'`)
			}
			if diff := cmp.Diff(want, got.Text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestATemplatesOwnWordsStandAsTheyAre(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"words", "Do <!-- it -->.\n", "Do <!-- it -->."},
		{"a constant", `{{"a <!-- b"}}`, "a <!-- b"},
		{"a constant in a variable", `{{$x := "a"}}{{$x = "b"}}{{$x}}`, "b"},
		{"a choice", `{{or .event.issue.milestone "none"}}`, "none"},
		{"a condition", `{{if and (eq .event.action "closed" "opened") (not .event.issue.locked)}}yes{{else}}no{{end}}`, "yes"},
		{"comparisons", `{{eq .event.issue.number 7}} {{eq .event.issue.score 1.5}} {{ne .event.action "x"}} {{lt 1 .attempt}} {{le 2.5 .attempt}} {{gt .attempt 2}} {{ge "b" "a"}} {{lt false true}} {{gt true false}} {{eq true true}} {{eq 7 "7"}} {{eq .event.issue.milestone nil}} {{ne 1 1.0}}`,
			"true true true true false false true true true true false true false"},
		{"numbers and truth values", "{{.event.issue.number}} {{.event.issue.score}} {{.event.issue.locked}} {{.attempt}} {{len .files}} {{json 7}}", "7 1.5 false 2 2 7"},
		{"nothing", "a{{.event.issue.milestone}}b{{index .event \"nope\"}}c{{index .event.issue.milestone \"x\"}}{{truncate 3 nil}}{{print nil}}", "abc"},
		{"constants through functions", `{{printf "%03d|%-4s|%%|%q" 7 "ab" "c"}} {{print "a" 1 true}} {{truncate 2 "éèê"}} {{slice "abcd" 1 3}} {{json "<x>"}}`, `007|ab  |%|"c" a1true éè… bc "<x>"`},
		{"a file", `{{include "rules.md"}}`, "Be brief. <!-- as it is -->"},
		{"counting", "{{range 3}}{{.}}{{end}}{{range .files}}x{{else}}y{{end}}{{range .event.issue.milestone}}x{{else}}y{{end}}", "012xxy"},
		{"leaving a loop", "{{range 9}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}", "013"},
		{"with", `{{with .event.issue}}{{.number}}{{end}}{{with .event.issue.milestone}}a{{else with 5}}{{.}}{{end}}{{with $x := 3}}{{$x}}{{end}}`, "753"},
		{"templates in templates", `{{define "d"}}{{if gt . 0}}{{.}}{{block "e" 1}}-{{end}}{{end}}{{end}}{{template "d" 3}}{{template "d" 0}}`, "3-"},
		{"no value for a template", `{{define "d"}}d{{.}}{{end}}{{template "d"}}`, "d"},
		{"comments and white space", "a {{- /* no */ -}} b", "ab"},
		{"what is no UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := execute(t, test.text, fixed())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMistakeInATemplateIsNamedByLineAndColumn(t *testing.T) {
	t.Parallel()
	const functions = "and, env, eq, ge, gt, include, index, json, le, len, lt, ne, not, or, print, printf, slice, truncate, untrusted"
	tests := []struct{ name, text, want string }{
		{"a missing key", "é\né {{.event.nope}}", `prompt:2:5: there is no nope in .event; where it may be missing, ask with {{if index .event "nope"}}`},
		{"a missing key of all", "{{.nope}}", `prompt:1:3: there is no nope in .; where it may be missing, ask with {{if index . "nope"}}`},
		{"a key of nothing", "{{.event.issue.milestone.title}}", "prompt:1:3: there is no title in .event.issue.milestone, which is empty; ask with {{if .event.issue.milestone}} before"},
		{"a key of a text", "{{.event.action.x}}", "prompt:1:3: there is no x in .event.action, which is no map"},
		{"a range of a text", "{{range .event.action}}{{end}}", "prompt:1:9: range needs a list, a map or a whole number, and this is a text"},
		{"a brace too few", "a\n{{.event", "prompt:2: unclosed action"},
		{"an unknown function", "a\n{{nope}}", `prompt:2:3: there is no function "nope"; there are ` + functions},
		{"a function for other languages", "a {{.event.action | html}}", `prompt:1:21: there is no function "html"; there are ` + functions},
		{"a function as a value", "{{print js}}", `prompt:1:9: there is no function "js"; there are ` + functions},
		{"a function in parentheses", "{{(urlquery .).x}}", `prompt:1:4: there is no function "urlquery"; there are ` + functions},
		{"a function in a condition", "{{if call .}}{{end}}", `prompt:1:6: there is no function "call"; there are ` + functions},
		{"a function in a loop", "{{range 1}}{{println .}}{{end}}", `prompt:1:14: there is no function "println"; there are ` + functions},
		{"a function of ours", "{{.event.issue.body | _words}}", `prompt:1:23: there is no function "_words"; there are ` + functions},
		{"a function in a template", "{{define \"a\"}}\n{{with 1}}{{else}}{{_show 1}}{{end}}{{end}}", `prompt:2:21: there is no function "_show"; there are ` + functions},
		{"an unknown template", `{{template "x"}}`, `prompt:1:12: there is no template "x"; write it between {{define "x"}} and {{end}}`},
		{"a file that an outsider names", "{{include .event.action}}", "prompt:1:3: include takes one name in quotes, so that nobody else chooses what is read"},
		{"a file that is piped", `{{"x" | include}}`, "prompt:1:9: include takes one name in quotes, so that nobody else chooses what is read"},
		{"a file that is piped more", `{{"x" | include "y"}}`, "prompt:1:9: include takes one name in quotes, so that nobody else chooses what is read"},
		{"a variable that an outsider names", "{{env .event.action}}", "prompt:1:3: env takes one name in quotes, so that nobody else chooses what is read"},
		{"a file outside of the workspace", `{{include "../x"}}`, `prompt:1:3: include "../x": it lies outside of the workspace`},
		{"a file that is too long", `{{include "long.md"}}`, `prompt:1:3: include "long.md": it has 524289 bytes, and a prompt has at most 524288`},
		{"a variable that is not listed", `{{env "HOME"}}`, `prompt:1:3: env: the environment variable "HOME" is not on the list of those that a template may read`},
		{"no value", "{{untrusted}}", `prompt:1:3: untrusted: it takes a value, or what the value is and the value: untrusted "the title" .title`},
		{"a name from outside", "{{untrusted .event.action 1}}", `prompt:1:3: untrusted: what the value is stands in quotes: untrusted "the title" .title`},
		{"no number", "{{truncate .event.action 1}}", "prompt:1:3: truncate: it takes a number of characters, and the text: truncate 100 .body"},
		{"a negative number", "{{truncate -1 .event.action}}", "prompt:1:3: truncate: it takes a number of characters, and the text: truncate 100 .body"},
		{"a list cut", "{{truncate 1 .files}}", "prompt:1:3: truncate: a text or a number is needed here, and this is a list"},
		{"no position", "{{index .files 2}}", "prompt:1:3: index: the list has 2 values and none at 2"},
		{"a word for a position", `{{index .files "x"}}`, "prompt:1:3: index: the list has 2 values and none at x"},
		{"a position from outside", `{{index .files .event.action}}`, "prompt:1:3: index: the list has 2 values and none at a text"},
		{"a list for a key", `{{index .event .files}}`, "prompt:1:3: index: a text or a number is needed here, and this is a list"},
		{"a key of a number", "{{index 7 1}}", "prompt:1:3: index: there is nothing in a number"},
		{"no order", `{{lt 1 "a"}}`, "prompt:1:3: lt: there is no order between a number and a text"},
		{"no order of maps", "{{if le .event .event}}{{end}}", "prompt:1:6: le: a map can't be compared; compare what is in it"},
		{"a list compared", "{{eq .files .files}}", "prompt:1:3: eq: a list can't be compared; compare what is in it"},
		{"a fence compared", "{{eq 1 (untrusted 1)}}", "prompt:1:3: eq: what untrusted returns can only be printed; use the value itself here"},
		{"a fence compared first", "{{ne (untrusted 1) 1}}", "prompt:1:3: ne: what untrusted returns can only be printed; use the value itself here"},
		{"a fence printed", `{{print (untrusted 1)}}`, "prompt:1:3: print: what untrusted returns can only be printed; use the value itself here"},
		{"a fence cut", `{{untrusted 1 | truncate 1}}`, "prompt:1:17: truncate: what untrusted returns can only be printed; use the value itself here"},
		{"a fence as JSON", `{{untrusted 1 | json}}`, "prompt:1:17: json: what untrusted returns can only be printed; use the value itself here"},
		{"a fence as a format", `{{printf (untrusted 1)}}`, "prompt:1:3: printf: what untrusted returns can only be printed; use the value itself here"},
		{"into a fence", `{{(untrusted 1).part}}`, "prompt:1:16: what untrusted returns can only be printed; use the value itself here"},
		{"a fence's length", `{{len (untrusted 1)}}`, "prompt:1:3: len: a text, a list or a map is needed here, and this is a fence"},
		{"an empty fence", `{{if untrusted ""}}{{.nope}}{{end}}`, `prompt:1:22: there is no nope in .; where it may be missing, ask with {{if index . "nope"}}`},
		{"a key of parentheses", `{{ (index .event "issue").nope}}`, `prompt:1:26: there is no nope in (index .event "issue"); where it may be missing, ask with {{if index (index .event "issue") "nope"}}`},
		{"a key of a variable", `{{$e := .event}}{{print 1 $e.issue.nope.x}}`, `prompt:1:27: there is no nope in $e.issue; where it may be missing, ask with {{if index $e.issue "nope"}}`},
		{"a key of a template without a value", `{{define "d"}}{{.x}}{{end}}{{template "d"}}`, "prompt:1:17: there is no x in ., which is empty; ask with {{if .}} before"},
		{"a value for no function", `{{.event.action 1}}`, "prompt:1:3: .event.action is no function and takes no values"},
		{"nil by itself", `{{if nil}}{{end}}`, "prompt:1:6: nil can only be given to a function; leave it out here"},
		{"too many values", `{{not 1 2}}`, "prompt:1:3: not: it takes a value: not .a"},
		{"too few values", `{{eq 1}}`, "prompt:1:3: eq: it takes a value, and those that it may be: eq .a 1 2"},
		{"an imaginary number", `{{print 1i}}`, "prompt:1:9: 1i is an imaginary number, which no template has a use for"},
		{"a number of 65 bits", `{{18446744073709551615}}`, "prompt:1:3: 18446744073709551615 is too large: whole numbers have 64 bits here"},
		{"a variable that was not reached", `{{if or 1 ($x := 2)}}{{$x}}{{end}}`, "prompt:1:24: $x has no value here"},
		{"two variables for a number", `{{range $i, $x := 3}}{{end}}`, "prompt:1:9: range takes one variable where it counts; leave out the first"},
		{"a slice of a number", `{{slice 1 0}}`, "prompt:1:3: slice: a text or a list is needed here, and this is a number"},
		{"a slice beyond the end", `{{slice .files 3}}`, "prompt:1:3: slice: there is no position 3 in a list of 2"},
		{"a slice the wrong way round", `{{slice "abc" 2 1}}`, "prompt:1:3: slice: it begins at 2, after its end at 1"},
		{"an action without an end", "{{.event\n\n{{if}}", "prompt:3: unexpected \"{\" in operand"},
		{"an action that ends nowhere", "{{print 1\n\n2", "prompt:3: unclosed action started at line 1"},
		{"two of one name", `{{define "d"}}1{{end}}{{define "d"}}2{{end}}`, `prompt:1: multiple definition of template "d"`},
		{"a verb of a million", `{{printf "%1000000d" 1}}`, "prompt:1:3: printf: a verb in the format is not known here: there are %s, %q, %v, %d, %f, %t, %x and the like, with a width and a precision below 1000"},
		{"a verb by a value", `{{printf "%*d" 1 1}}`, "prompt:1:3: printf: a verb in the format is not known here: there are %s, %q, %v, %d, %f, %t, %x and the like, with a width and a precision below 1000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := execute(t, test.text, fixed())
			if err == nil || err.Error() != test.want {
				t.Errorf("the error is\n%v, want\n%s", err, test.want)
			}
		})
	}
}

func TestATemplateThatLoopsOrGrowsIsRefused(t *testing.T) {
	t.Parallel()
	const (
		endless = "the template does not come to an end: it takes more than 100000 steps; repeat less"
		deep    = "templates call each other more than 100 deep; one of them may call itself without end"
		long    = "the prompt grows too long; print less of it, or truncate what is long"
		much    = "the template makes more than 4 MiB of text; take less of the data"
	)
	tests := []struct{ name, text, want string }{
		{"calls itself", `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "prompt:1:15: " + deep},
		{"calls all of itself", `x{{template "prompt"}}`, "prompt:1:1: " + deep},
		{"two call each other", `{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "a"}}{{end}}{{template "a"}}`, "prompt:1:52: " + deep},
		{"doubles", doubling(40), "prompt:1:38: " + endless},
		{"counts for ever", "{{range 1000000000000}}{{end}}", "prompt:1:9: " + endless},
		{"counts within counts", "{{range 1000}}{{range 1000}}{{end}}{{end}}", "prompt:1:23: " + endless},
		{"does much each time", "{{range 100000}}{{if eq 1 1}}{{if eq 2 2}}{{end}}{{end}}{{end}}", "prompt:1:9: " + endless},
		{"writes for ever", "{{range 100000}}" + strings.Repeat("0123456789", 10) + "{{end}}", "prompt:1:17: " + long},
		{"prints for ever", "{{range 100000}}{{\"" + strings.Repeat("0123456789", 10) + "\"}}{{end}}", "prompt:1:19: " + long},
		{"fences for ever", "{{range 100000}}{{$.event.issue.body}}{{end}}", "prompt:1:19: " + long},
		{"doubles a text", `{{$x := "ab"}}{{range 100}}{{$x = print $x $x}}{{end}}`, "prompt:1:35: " + much},
		{"makes texts for ever", `{{range 100000}}{{$x := json $.event}}{{end}}`, "prompt:1:25: " + much},
		{"fills texts for ever", `{{range 20000}}{{$x := printf "%999d" 1}}{{end}}`, "prompt:1:24: " + much},
		{"compares for ever", `{{$x := printf "%999d" 1}}{{$y := printf "%999d" 1}}{{range 60000}}{{if eq $x $y}}{{end}}{{end}}`, "prompt:1:73: " + much},
		{"is too long", strings.Repeat("x", 256<<10+1), "prompt: the template has 262145 bytes, and at most 262144 are allowed; put long texts into files and include them"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := execute(t, test.text, fixed())
			if err == nil || test.want != "" && err.Error() != test.want {
				t.Errorf("the error is\n%v, want\n%s", err, test.want)
			}
			if got.Text != "" {
				t.Errorf("there is a prompt of %d bytes all the same", len(got.Text))
			}
		})
	}
}

// doubling are templates each of which calls the one before twice.
func doubling(n int) string {
	var text strings.Builder
	text.WriteString(`{{define "t0"}}{{end}}`)
	for i := range n {
		text.WriteString(fmt.Sprintf(`{{define "t%d"}}{{template "t%[2]d"}}{{template "t%[2]d"}}{{end}}`, i+1, i))
	}
	return text.String() + fmt.Sprintf(`{{template "t%d"}}`, n)
}
