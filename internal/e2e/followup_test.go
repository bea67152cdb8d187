//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// followUp finds the agent of a pull request, and launches one where there is
// none.
func (r *runner) followUp(t *testing.T) {
	s := r.stage(t, "follow-up", "quick")
	p, green := s.run(t, options{event: "pull_request", payload: "pull_request.json", github: startMembers(t)})
	if !green {
		t.Fatal("the workflow failed")
	}
	agents := s.agents(t)
	if len(agents) != 1 || len(agents[0].Runs) != 2 {
		t.Fatalf("the Cursor API knows %+v, want one agent with two runs", agents)
	}
	id, runs := agents[0].ID, agents[0].Runs // newest first
	expect(t, s.outputsIn(t, "first.json"), map[string]string{"agent-id": id, "run-id": runs[1].ID, "outcome": "succeeded", "attached": "false"})
	expect(t, s.outputsIn(t, "second.json"), map[string]string{"agent-id": id, "run-id": runs[0].ID, "outcome": "succeeded", "attached": "false"})
	if diff := cmp.Diff([]string{"POST /v1/agents", "POST /v1/agents/" + id + "/runs"}, s.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}
	for _, says := range []string{
		"Sending a follow-up to the newest agent of https://github.com/acme/widgets/pull/7",
		"No agent works on it; launching one, as if-none asks",
	} {
		if !strings.Contains(p.log(), says) {
			t.Errorf("the log does not say %q", says)
		}
	}
}
