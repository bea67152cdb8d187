package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// managedAgent is an agent of the output results.
type managedAgent struct {
	ID, Name, URL, Status, Did, Reason, Error, RunID, Branch, PRURL, CreatedAt, UpdatedAt string

	Archived bool
	Usage    *struct{ TotalTokens int64 }
}

// short is what became of an agent: its prompt's first word, the run's status,
// the deed, and why.
func (m managedAgent) short() string {
	word, _, _ := strings.Cut(m.Name, " ")
	var text strings.Builder
	text.WriteString(fmt.Sprintf("%s %s %s", word, m.Status, m.Did))
	if m.Archived {
		text.WriteString(" archived")
	}
	for _, more := range []string{m.Reason, m.Error} {
		if more != "" {
			text.WriteString(": " + more)
		}
	}
	return text.String()
}

// results are the agents of the output results.
func (s *workflowStep) results() []managedAgent {
	s.t.Helper()
	var all []managedAgent
	if err := json.Unmarshal([]byte(s.outputs()["results"]), &all); err != nil {
		s.t.Fatalf("results: %v in %q\n%s", err, s.outputs()["results"], s.logged())
	}
	return all
}

// outcomes are the results in short.
func (s *workflowStep) outcomes() []string {
	s.t.Helper()
	var all []string
	for _, one := range s.results() {
		all = append(all, one.short())
	}
	return all
}

// mixed is an API whose agents finish in a second, but for those whose prompt
// says slow, deaf or error.
func mixed(t *testing.T) simulator.Config {
	t.Helper()
	quick := simulator.Scenario{
		Steps: []simulator.Step{{Text: "Done.", Takes: time.Second}}, Branch: "auto", Usage: simulator.Usage{Input: 100, Output: 20},
		Artifacts: []simulator.Artifact{{Path: "artifacts/report.txt", Content: "all is well"}},
	}
	slow := scenario(t, "slow").Scenario
	slow.Match = "slow"
	deaf := slow
	deaf.Match, deaf.Cancel.Ignored = "deaf", true
	failing := scenario(t, "error").Scenario
	failing.Match = "error"
	quick.Variants = []simulator.Scenario{slow, deaf, failing}
	return simulator.Config{Scenario: quick}
}

// launch launches an agent that nobody waits for, and returns its id.
func launch(t *testing.T, api *simulator.Server, prompt string, inputs ...string) string {
	t.Helper()
	s := stepAgainst(t, api).with("prompt", prompt, "wait", "false", "idempotency-key", prompt).with(inputs...)
	if status := s.run(t.Context()); status != 0 {
		t.Fatalf("launch of %q: exit status %d\n%s", prompt, status, s.logged())
	}
	return s.outputs()["agent-id"]
}

// launchAll launches an agent for each prompt, a second apart.
func launchAll(t *testing.T, api *simulator.Server, prompts ...string) []string {
	t.Helper()
	var ids []string
	for _, prompt := range prompts {
		ids = append(ids, launch(t, api, prompt))
		time.Sleep(time.Second)
	}
	return ids
}

// command is a step that does something to agents of api.
func command(t *testing.T, api *simulator.Server, name string, inputs ...string) *workflowStep {
	t.Helper()
	return stepAgainst(t, api).with("command", name, "prompt", "").with(inputs...)
}

// after is a bubble in which the agents of prompts were launched a while ago.
func after(t *testing.T, config simulator.Config, wait time.Duration, prompts []string, test func(*testing.T, *simulator.Server, []string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(config)
		defer api.Close()
		ids := launchAll(t, api, prompts...)
		time.Sleep(wait)
		test(t, api, ids)
	})
}
