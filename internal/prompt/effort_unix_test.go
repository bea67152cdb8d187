//go:build unix

package prompt_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"cursor-agent-action/internal/prompt"
)

// effort is the processor time that do takes, which does not grow when the
// machine has other work too.
func effort(t *testing.T, do func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			t.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before := used()
	do()
	return used() - before
}

func TestSanitisingTakesTimeInProportionToTheLength(t *testing.T) {
	// Not parallel: the processor time is that of the whole process.
	parts := append([]string{
		"<a b=\"x\" c=\"", "<a b='x\" c=\"", "<a ", "<!-", "</a", "\x1b]", "[a", "![", "![[", "](", "](a \"", "](a (", "[a]: ", "[a]: <", "\n[a]:\n",
		"&#x200", "&sh", "data:a/b;", "> ", "- ", "```\n", "\n\n```\n", "<div hidden>", "<i hidden></i>", "<b>\n", "\u200b", "[^a]:\n\n    ", "\n    a\n\n",
		"(", "](((", "<details>", "a\"'", "\\",
	}, hostile...)
	for _, part := range parts {
		if part == "" {
			continue
		}
		const short, times = 4 << 10, 16
		sanitise := func(length int) func() {
			text := "x " + strings.Repeat(part, length/len(part))
			return func() { prompt.Sanitise(text, false) }
		}
		once := effort(t, sanitise(short))
		more := effort(t, sanitise(times*short))
		// Twice in proportion, and two seconds for what is too short to be
		// measured. With the square of the length it is far more.
		if limit := 2*times*once + 2*time.Second; more > limit {
			t.Errorf("many %q take %v, and %v for %d times as many", part, once, more, times)
		}
		if testing.Verbose() {
			t.Logf("%8v %q", more, part)
		}
	}
}

func TestEveryTemplateEndsSoon(t *testing.T) {
	for _, text := range []string{
		doubling(40),
		`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`,
		"{{range 1000000000000}}{{end}}",
		"{{range 1000000000000}}{{if true}}{{else}}" + strings.Repeat("{{if true}}{{end}}", 10_000) + "{{end}}{{end}}",
		"{{range 1000000000000}}" + strings.Repeat("{{$x := and 1 2}}", 1000) + "{{end}}",
		"{{range 1000000000000}}{{$x := json $}}{{end}}",
		"{{range 1000000000000}}{{$x := print $}}{{end}}",
		"{{range 1000000000000}}{{untrusted $}}{{end}}",
		"{{range 1000000000000}}{{$x := untrusted $}}{{end}}",
		"{{range 1000000000000}}{{$.event.action}}{{end}}",
		strings.Repeat("{{$x := 1}}", 20_000) + "{{range 1000000000000}}{{$}}{{end}}",
		"{{range 1000000000000}}{{.}}{{end}}",
		"{{range 1000000000000}}{{$x := eq $.event.issue.long $.event.issue.long}}{{end}}",
		"{{range 1000000000000}}{{$x := include \"rules.md\"}}{{end}}",
		"{{range 1000000000000}}{{untrusted (include \"rules.md\")}}{{end}}",
		"{{range 1000000000000}}{{$x := printf \"%999.999f%999.999f%999.999f\" 1.5 1.5 1.5}}{{end}}",
		strings.Repeat("{{if true}}", 10_000) + strings.Repeat("{{end}}", 10_000) + "{{range 1000000000000}}{{end}}",
		strings.Repeat("{{\"a\"}}", 30_000) + "{{.nope}}",
		"{{print " + strings.Repeat("(print ", 5_000) + "1" + strings.Repeat(")", 5_000) + "}}{{.nope}}",
	} {
		var err error
		took := effort(t, func() { _, err = execute(t, text, fixed()) })
		name := text[:min(len(text), 70)]
		if err == nil {
			t.Errorf("%s... is not refused", name)
		}
		// Well under a second, but for the race detector.
		if took > 8*time.Second {
			t.Errorf("%s... took %v", name, took)
		}
		if testing.Verbose() {
			t.Logf("%8v %s: %v", took, name, err)
		}
	}
}

func TestLargeDataMakesNoTemplateSlow(t *testing.T) {
	keys := map[string]any{}
	for i := range 50_000 {
		keys[fmt.Sprint(i)] = i
	}
	data := map[string]any{"keys": keys, "text": strings.Repeat("x", 16<<20)}
	for _, test := range []struct{ name, text, want string }{
		{"keys in order", "{{range 50000}}{{range $.keys}}{{break}}{{end}}{{end}}", "prompt:1:24: the template does not come to an end: it takes more than 100000 steps; repeat less"},
		{"the beginning of a text", "{{range 15000}}{{$x := truncate 1 $.text}}{{end}}", ""},
		{"what a text is", "{{range 15000}}{{$x := untrusted $.text}}{{end}}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			took := effort(t, func() {
				_, err = prompt.Execute(prompt.Template{Name: "prompt", Text: test.text, Data: data}, nil, fixed())
			})
			if said := fmt.Sprint(err); said != test.want && (err != nil || test.want != "") {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
			if took > 8*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Log(took)
		})
	}
}
