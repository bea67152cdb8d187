//go:build e2e

package e2e_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (r *runner) hostilePrompt(t *testing.T) {
	data, err := os.ReadFile("testdata/events/issue.json")
	if err != nil {
		t.Fatal(err)
	}
	var event struct {
		Issue struct{ Title, Body string } `json:"issue"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}

	s := r.stage(t, "hostile-prompt", "quick")
	run, green := s.run(t, options{event: "issues", payload: "issue.json"})
	if !green {
		t.Fatal("the workflow failed")
	}
	want := []string{"Answer this issue: " + event.Issue.Title + "\n\n" + event.Issue.Body}
	if diff := cmp.Diff(want, s.prompts(t)); diff != "" {
		t.Errorf("prompts (-want +got):\n%s", diff)
	}
	agent, _ := s.onlyAgent(t)
	expect(t, s.outputs(t), map[string]string{"agent-id": agent.ID, "outcome": "succeeded"})
	if strings.Contains(s.outputs(t)["pr-url"], "evil") {
		t.Error("the prompt set an output")
	}
	if s.exists("pwned") {
		t.Error("the prompt was executed")
	}
	noCommands(t, run)
}

func (r *runner) promptFile(t *testing.T) {
	s := r.stage(t, "prompt-file", "quick")
	// A byte order mark is no text; the rest is the author's: nothing is evaluated.
	task := "Fix it, \"carefully\" and 'soon'.\r\n\r\n${{ secrets.CURSOR_API_KEY }} $(touch pwned) `touch pwned` \\n\n::set-output name=pr-url::https://evil.example\n\tGrüße \U0001f680"
	first, second := "Rule 1: ${{ github.token }} stays as it is.", "Rule 2: {{ .Nothing }} too."
	s.write(t, "prompts/task.md", []byte(task))
	s.write(t, "prompts/rules/1.md", []byte(first))
	s.write(t, "prompts/rules/2.md", []byte(second))
	s.write(t, "prompts/rules/not-a-rule.txt", []byte("Not this one."))
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	prompts := s.prompts(t)
	if len(prompts) != 1 {
		t.Fatalf("%d agents were launched, want one", len(prompts))
	}
	rest := prompts[0]
	for _, part := range []string{task, first, second} {
		var found bool
		if _, rest, found = strings.Cut(rest, part); !found {
			t.Errorf("the prompt %q doesn't hold %q in its place", prompts[0], part)
		}
	}
	if strings.Contains(prompts[0], "Not this one.") {
		t.Error("the prompt holds a file that the globs don't name")
	}
}

func (r *runner) hostileAgent(t *testing.T) {
	s := r.stage(t, "hostile-agent", "hostile")
	run, green := s.run(t, options{})
	if !green {
		t.Fatal("the workflow failed")
	}
	agent, truth := s.onlyAgent(t)
	outputs := s.outputs(t)
	expect(t, outputs, map[string]string{
		"agent-id": agent.ID,
		"run-id":   truth.ID,
		"status":   "FINISHED",
		"outcome":  "succeeded",
	})
	for name := range outputs {
		if !slices.Contains(documentedOutputs(t), name) {
			t.Errorf("the step has an output %q that action.yml doesn't know", name)
		}
	}

	var told struct {
		Result string `json:"result"`
	}
	s.get(t, "/v1/agents/"+agent.ID+"/runs/"+truth.ID, &told)
	if diff := cmp.Diff(told.Result, s.read(t, "result")); diff != "" {
		t.Errorf("output result (-what the agent said +what the step was handed):\n%s", diff)
	}
	if got := s.read(t, "hijacked"); got != "" {
		t.Errorf("the agent set an environment variable to %q", got)
	}
	if strings.Contains(s.read(t, "path"), "/hijacked") {
		t.Error("the agent changed PATH")
	}
	noCommands(t, run)
	// What the runner shows of outputs is its own affair; what the action says
	// stands behind a bar.
	if regexp.MustCompile(`(?m)^\[[^\]]+\]   \| .*\x1b`).MatchString(run.log()) {
		t.Error("an escape sequence of the agent reached the log")
	}
}

// noCommands fails when the runner took a line of hostile text for a command. act
// marks the commands that it carries out or refuses by signs of its own:
// https://github.com/nektos/act/blob/v0.2.89/pkg/runner/command.go#L48
func noCommands(t *testing.T, run *process) {
	t.Helper()
	marked := regexp.MustCompile(`^\[[^\]]+\]\s+(⚙|❓|❗|🚧|💾)\s+(.*)$`)
	for line := range strings.Lines(run.log()) {
		found := marked.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if found == nil {
			continue
		}
		text := found[2]
		switch {
		case text == "***", // a mask, of the key
			strings.HasPrefix(text, "::set-output:: "), // out of the file; the outputs are judged by themselves
			strings.HasPrefix(text, "Summary - "):
		default:
			t.Errorf("the runner took this line for a command: %q", text)
		}
	}
}

// documentedOutputs lists the outputs of action.yml.
func documentedOutputs(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(root + "/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(data), "\noutputs:\n")
	if !ok {
		t.Fatal("action.yml has no outputs")
	}
	if end := regexp.MustCompile(`(?m)^\S`).FindStringIndex(section); end != nil {
		section = section[:end[0]]
	}
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^  ([\w-]+):`).FindAllStringSubmatch(section, -1) {
		names = append(names, found[1])
	}
	return names
}
