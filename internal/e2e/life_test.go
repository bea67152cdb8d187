//go:build e2e

package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// managed is an agent in the output results.
type managed struct {
	ID       string `json:"id"`
	RunID    string `json:"runId"`
	Status   string `json:"status"`
	Archived bool   `json:"archived"`
	Did      string `json:"did"`
	Reason   string `json:"reason"`
	Usage    struct {
		TotalTokens int `json:"totalTokens"`
	} `json:"usage"`
}

// resultsIn reads the output results of a step that wrote its outputs to a file.
func (s *stage) resultsIn(t *testing.T, name string) []managed {
	t.Helper()
	var results []managed
	if err := json.Unmarshal([]byte(s.outputsIn(t, name)["results"]), &results); err != nil {
		t.Fatalf("output results in %s is no array: %v", name, err)
	}
	return results
}

// changes are the requests that change something, in their order.
func (a *cursorAPI) changes() []string {
	var changes []string
	for _, r := range a.recorded() {
		if r.Method != http.MethodGet {
			changes = append(changes, r.Method+" "+r.Path)
		}
	}
	return changes
}

// life follows one agent from job to job, from its launch until it is deleted.
func (r *runner) life(t *testing.T) {
	s := r.stage(t, "life", "quick")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	if left := s.agents(t); len(left) != 0 {
		t.Errorf("the Cursor API knows %+v after the delete", left)
	}
	launched, continued := s.outputsIn(t, "launched.json"), s.outputsIn(t, "continued.json")
	id, first, second := launched["agent-id"], launched["run-id"], continued["run-id"]
	at := "/v1/agents/" + id
	// Of the post stages none has anything to do.
	if diff := cmp.Diff([]string{"POST /v1/agents", "POST " + at + "/runs", "POST " + at + "/archive", "DELETE " + at}, s.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}

	const said = "Fixed **the** test: it raced with the clock.\n\nTwo files changed."
	expect(t, launched, map[string]string{"outcome": "launched", "attached": "false"})
	expect(t, s.outputsIn(t, "attached.json"), map[string]string{
		"agent-id": id, "run-id": first, "status": "FINISHED", "outcome": "succeeded", "result": said, "attached": "true", "total-tokens": "2000",
	})
	expect(t, continued, map[string]string{
		"agent-id": id, "status": "FINISHED", "outcome": "succeeded", "result": said, "attached": "false", "total-tokens": "2000",
	})
	if second == first || !strings.HasPrefix(second, "run-") {
		t.Errorf("the follow-up's run is %q, want another than the launch's, %q", second, first)
	}

	latest := managed{ID: id, RunID: second, Status: "FINISHED", Archived: true}
	archived, deleted := latest, latest
	archived.Did, deleted.Did = "archived", "deleted"
	deleted.Usage.TotalTokens = 4000
	for name, want := range map[string]managed{"archived.json": archived, "listed.json": latest, "deleted.json": deleted} {
		if diff := cmp.Diff([]managed{want}, s.resultsIn(t, name)); diff != "" {
			t.Errorf("results in %s (-want +got):\n%s", name, diff)
		}
	}
	expect(t, s.outputsIn(t, "deleted.json"), map[string]string{"artifacts-path": "kept", "outcome": ""})
	if got, want := s.read(t, "kept/"+id+"/report.md"), "# Report\n\nAll well.\n"; got != want {
		t.Errorf("the deleted agent's report is %q, want %q", got, want)
	}
}

// cancel cancels two agents, in a step that says so, and again.
func (r *runner) cancel(t *testing.T) {
	s := r.stage(t, "cancel", "endless")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	agents := s.allCancelled(t, 2) // newest first
	one, two := agents[1], agents[0]
	create := "POST /v1/agents"
	wanted := []string{create, create}
	if got := s.changes(); len(got) != 4 || !cmp.Equal(wanted, got[:2]) || got[2] == got[3] {
		t.Errorf("requests that change something: %q, want two launches and one cancel for each", got)
	}
	cancelled := map[string]string{}
	for _, result := range s.resultsIn(t, "cancelled.json") {
		cancelled[result.ID] = result.Status + " " + result.Did
	}
	if diff := cmp.Diff(map[string]string{one.ID: "CANCELLED cancelled", two.ID: "CANCELLED cancelled"}, cancelled); diff != "" {
		t.Errorf("results of the first cancel (-want +got):\n%s", diff)
	}
	for _, again := range s.resultsIn(t, "again.json") {
		if again.Status != "CANCELLED" || again.Did != "none" {
			t.Errorf("the second cancel did %+v, want nothing", again)
		}
	}
	if n := len(s.resultsIn(t, "again.json")); n != 2 {
		t.Errorf("the second cancel selected %d agents by name, want 2", n)
	}
	expect(t, s.outputsIn(t, "one.json"), map[string]string{"agent-id": one.ID, "outcome": "launched"})
	expect(t, s.outputsIn(t, "attached.json"), map[string]string{
		"agent-id": one.ID, "run-id": one.Runs[0].ID, "status": "CANCELLED", "outcome": "cancelled", "attached": "true",
	})
}
