//go:build e2e

package e2e_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exitCode returns the action's exit code out of the runner's log; 0 when it
// names none.
func (p *process) exitCode(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile("exit with `FAILURE`: ([0-9]+)").FindStringSubmatch(p.log())
	if found == nil {
		return "0"
	}
	return found[1]
}

func (r *runner) failing(t *testing.T) {
	s := r.stage(t, "failing", "failing")
	run, green := s.run(t, options{})
	if green {
		t.Error("the workflow is green")
	}
	if got := run.exitCode(t); got != "1" {
		t.Errorf("the action's exit code is %s, want 1", got)
	}
	if s.exists("went-on") {
		t.Error("the steps after the action ran")
	}
	agent, truth := s.onlyAgent(t)
	expect(t, s.outputs(t), map[string]string{
		"agent-id":  agent.ID,
		"agent-url": "https://cursor.com/agents/" + agent.ID,
		"run-id":    truth.ID,
		"status":    "ERROR",
		"outcome":   "agent-error",
		"result":    "The task can't be done.",
	})
}

func (r *runner) badInput(t *testing.T) {
	s := r.stage(t, "bad-input", "quick")
	run, green := s.run(t, options{})
	if green {
		t.Error("the workflow is green")
	}
	if got := run.exitCode(t); got != "2" {
		t.Errorf("the action's exit code is %s, want 2", got)
	}
	for _, part := range []string{`timeout: "10" has no unit`, `log: unknown value "ful": did you mean "full"?`} {
		if !regexp.MustCompile(`(?m)::error.*` + regexp.QuoteMeta(part)).MatchString(run.log()) {
			t.Errorf("no error of the log says %q", part)
		}
	}
	if requests := s.recorded(); len(requests) != 0 {
		t.Errorf("the action made %d requests, want none", len(requests))
	}
	if id := s.outputs(t)["agent-id"]; id != "" {
		t.Errorf("output agent-id is %q, want none", id)
	}
}

func (r *runner) faults(t *testing.T) {
	s := r.stage(t, "faults", "faults")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	agent, truth := s.onlyAgent(t)
	expect(t, s.outputs(t), map[string]string{
		"agent-id": agent.ID,
		"run-id":   truth.ID,
		"status":   "FINISHED",
		"outcome":  "succeeded",
		"result":   "Done, whatever happened.",
	})
	if launches := len(s.prompts(t)); launches < 2 {
		t.Errorf("the action asked for an agent %d times, want twice or more: the first answer was lost", launches)
	}
}

func (r *runner) dryRun(t *testing.T) {
	s := r.stage(t, "dry-run", "quick")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	expect(t, s.outputs(t), map[string]string{"outcome": "dry-run"})
	if requests := s.recorded(); len(requests) != 0 {
		t.Errorf("the action made %d requests, want none", len(requests))
	}
}

func (r *runner) timedOut(t *testing.T) {
	s := r.stage(t, "timed-out", "endless")
	run, green := s.run(t, options{})
	if green {
		t.Error("the workflow is green")
	}
	if got := run.exitCode(t); got != "124" {
		t.Errorf("the action's exit code is %s, want 124", got)
	}
	agent, truth := s.onlyAgent(t)
	if truth.Status != "CANCELLED" {
		t.Errorf("the run is %s, want CANCELLED", truth.Status)
	}
	expect(t, s.outputs(t), map[string]string{"agent-id": agent.ID, "run-id": truth.ID, "outcome": "timed-out", "status": "CANCELLED"})
}

// askedToCancel tells whether the action asked to cancel a run.
func (s *stage) askedToCancel(t *testing.T) bool {
	t.Helper()
	requests := s.recorded()
	return slices.ContainsFunc(requests, func(r request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/cancel")
	})
}
