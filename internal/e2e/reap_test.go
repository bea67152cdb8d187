//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// reap leaves two agents behind, of which GitHub says that one's workflow run
// was cancelled and the other's goes on.
func (r *runner) reap(t *testing.T) {
	s := r.stage(t, "reap", "endless")
	hub := startGitHub(t, &forgetest.Repository{Path: widgets, Private: true, WorkflowRuns: []*forgetest.WorkflowRun{
		{ID: 4711, Conclusion: "cancelled"}, {ID: 4712, Status: "in_progress"}, {ID: 4800, Status: "in_progress"},
	}})
	hub.permit(map[string]string{"actions": "read"}, nil)
	play := func(event, id string) *process {
		t.Helper()
		p, green := s.run(t, options{event: event, env: map[string]string{"GITHUB_RUN_ID": id}, github: hub})
		if !green {
			t.Fatalf("workflow run %s failed", id)
		}
		return p
	}
	play("push", "4711")
	lost := s.outputs(t)
	play("push", "4712")
	kept := s.outputs(t)
	if asked := hub.paths(); len(asked) != 0 {
		t.Errorf("launches asked GitHub for %q", asked)
	}
	p := play("schedule", "4800")
	if strings.Contains(p.said(), gitHubToken) {
		t.Error("the log shows GitHub's token")
	}

	left := managed{ID: kept["agent-id"], RunID: kept["run-id"], Status: "RUNNING", Did: "left", Reason: "its workflow run 4712 is not over"}
	ended := managed{ID: lost["agent-id"], RunID: lost["run-id"], Status: "RUNNING", Did: "would-cancel", Reason: "its workflow run 4711 was cancelled"}
	if diff := cmp.Diff([]managed{left, ended}, s.resultsIn(t, "shown.json")); diff != "" {
		t.Errorf("results of the dry run (-want +got):\n%s", diff)
	}
	ended.Status, ended.Did = "CANCELLED", "cancelled"
	if diff := cmp.Diff([]managed{left, ended}, s.resultsIn(t, "reaped.json")); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	want := []agent{
		{ID: left.ID, Runs: []run{{ID: left.RunID, Status: "RUNNING"}}},
		{ID: ended.ID, Runs: []run{{ID: ended.RunID, Status: "CANCELLED"}}},
	}
	if diff := cmp.Diff(want, s.agents(t)); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	const run = "/repos/acme/widgets/actions/runs/"
	if diff := cmp.Diff([]string{run + "4711", run + "4711", run + "4712", run + "4712", run + "4800", run + "4800"}, hub.paths()); diff != "" {
		t.Errorf("requests to GitHub (-want +got):\n%s", diff)
	}
}
