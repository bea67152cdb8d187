package agent_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

func name(spec agent.Spec, work agent.Work, generation int) string {
	return agent.Request(cursor.V1, secret.New(key), work, spec, generation).Name
}

func TestNamesSayWhatTheAgentIsAskedToDoAndEndWithTheMark(t *testing.T) {
	t.Parallel()
	const long = "Make every handler of the billing service return typed errors instead of strings, and adapt the callers"
	for _, test := range []struct {
		name, title, prompt, want string
	}{
		{name: "first line", prompt: "Fix it.\nThen stop.", want: "Fix it. "},
		{name: "white space", prompt: "\n\n  Fix\t the \r test \nnow", want: "Fix the test "},
		{name: "title", title: "Nightly upkeep", prompt: "Fix it.", want: "Nightly upkeep "},
		{name: "blank title", title: " \n", prompt: "Fix it.", want: "Fix it. "},
		{name: "title of two lines", title: "Nightly\nupkeep", prompt: "Fix it.", want: "Nightly upkeep "},
		{name: "long", prompt: long, want: long[:71] + "… "},
		{name: "no spaces", prompt: strings.Repeat("x", 500), want: strings.Repeat("x", 71) + "… "},
		// The limit is the API's, whose language counts UTF-16: an emoji twice.
		{name: "emoji", prompt: strings.Repeat("🐛", 500), want: strings.Repeat("🐛", 35) + "… "},
		{name: "empty", want: ""},
		{name: "not UTF-8", prompt: "Fix\xff\xfe it", want: "Fix it "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := agent.Spec{Title: test.title, Prompt: cursor.Prompt{Text: test.prompt}}
			mark := "[gh-7261-" + id(work(), spec, 0)[len("bc-"):][:8] + "-"
			seal := regexp.MustCompile(`[0-9a-f]{8}\]$`)
			if diff := cmp.Diff(test.want+mark, seal.ReplaceAllString(name(spec, work(), 0), "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheMarkTellsWorkAndGenerationApart(t *testing.T) {
	t.Parallel()
	other := work()
	other.Job = "test"
	names := map[string]bool{
		name(task(), work(), 0): true, name(task(), work(), 1): true,
		name(task(), other, 0): true, name(full(), work(), 0): true,
	}
	if len(names) != 4 {
		t.Errorf("four pieces of work have the names %v", names)
	}
}

var markedName = regexp.MustCompile(`^(?:\S.* )?\[gh-(-?\d+)-[0-9a-f]{8}-[0-9a-f]{8}\]$`)

func FuzzNamesFitTheAPI(f *testing.F) {
	f.Add("", "Fix it", int64(7261))
	f.Add("", strings.Repeat("👩‍👩‍👧‍👦", 90), int64(1))
	f.Add("é", "\x00\x1b[31m", int64(-9223372036854775808))
	f.Add(strings.Repeat("\u2028", 200), "\xff", int64(9223372036854775807))
	f.Fuzz(func(t *testing.T, title, prompt string, runID int64) {
		work := work()
		work.WorkflowRunID = runID
		spec := agent.Spec{Title: title, Prompt: cursor.Prompt{Text: prompt}}
		name := name(spec, work, 0)
		switch {
		case !utf8.ValidString(name):
			t.Errorf("the name %q is not UTF-8", name)
		case len(utf16.Encode([]rune(name))) > 100:
			t.Errorf("the name %q has more than 100 characters", name)
		case !markedName.MatchString(name):
			t.Errorf("the name %q is not one line that ends with the mark", name)
		}
		headline := spec.Headline()
		if n := utf8.RuneCountInString(headline); n > 80 || strings.ContainsAny(headline, "\r\n") {
			t.Errorf("the headline %q has %d runes", headline, n)
		}
	})
}

func TestHeadlinesAreOneLineOfEightyCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		spec agent.Spec
		want string
	}{
		{"title first", agent.Spec{Title: "Upkeep", Prompt: cursor.Prompt{Text: "Fix"}}, "Upkeep"},
		{"first line", agent.Spec{Prompt: cursor.Prompt{Text: "\n Fix  it \nnow"}}, "Fix it"},
		{"eighty fit", agent.Spec{Title: strings.Repeat("é", 80)}, strings.Repeat("é", 80)},
		{"cut", agent.Spec{Title: strings.Repeat("é", 81)}, strings.Repeat("é", 79) + "…"},
		{"cut at a space", agent.Spec{Title: strings.Repeat("x", 78) + " yy"}, strings.Repeat("x", 78) + "…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.spec.Headline()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
