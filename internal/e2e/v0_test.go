//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// v0 does the work by the older version of the API alone.
func (r *runner) v0(t *testing.T) {
	s := r.stage(t, "v0", "quick")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	outputs := s.outputs(t)
	id := outputs["agent-id"]
	const said = "Fixed **the** test: it raced with the clock.\n\nTwo files changed."
	expect(t, outputs, map[string]string{
		"run-id": "v0-0", "status": "FINISHED", "outcome": "succeeded", "result": said, "attached": "false",
	})
	if !strings.HasPrefix(outputs["branch"], "cursor/fix-the-flaky-test-gh-") {
		t.Errorf("output branch is %q, want one that is marked as the work's", outputs["branch"])
	}
	if !strings.HasPrefix(outputs["pr-url"], "https://github.com/acme/widgets/pull/") {
		t.Errorf("output pr-url is %q, want a pull request", outputs["pr-url"])
	}
	// A run's id is its prompt's place in the conversation: the agent has said
	// three things before the second.
	expect(t, s.outputsIn(t, "continued.json"), map[string]string{
		"agent-id": id, "run-id": "v0-4", "status": "FINISHED", "outcome": "succeeded", "branch": outputs["branch"], "result": said, "attached": "false",
	})
	if diff := cmp.Diff([]string{"POST /v0/agents", "POST /v0/agents/" + id + "/followup"}, s.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}
	for _, r := range s.recorded() {
		if strings.HasPrefix(r.Path, "/v1/") {
			t.Errorf("version 1 was asked: %s %s", r.Method, r.Path)
		}
	}
	agents := s.agents(t)
	if len(agents) != 1 || len(agents[0].Runs) != 2 || agents[0].ID != id {
		t.Errorf("the Cursor API knows %+v, want agent %s with two runs", agents, id)
	}
}
