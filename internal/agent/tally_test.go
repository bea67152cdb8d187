package agent_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// ownOnPullRequest launches an agent of the action's on the pull request, from a
// workflow of that repository, and lets its run end.
func (w *world) ownOnPullRequest(t *testing.T, repository string, run int64) agent.Handle {
	t.Helper()
	spec := task()
	spec.PullRequest = pull7
	from := work()
	from.Repository, from.WorkflowRunID = repository, run
	handle := w.launch(t, spec, from)
	time.Sleep(time.Minute)
	return handle
}

func TestATallyCountsWhatTheActionBeganOnAPullRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		want   []time.Duration // before now
		err    string
	}{
		{"runs of its agents, and no others", nil, []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute}, ""},
		{"less an agent that was deleted meanwhile", []simulator.Fault{answer("listRuns", first(1), http.StatusNotFound, "agent_not_found", "x")},
			[]time.Duration{time.Minute, 5 * time.Minute}, ""},
		{"or nothing where agents can't be listed", []simulator.Fault{answer("listAgents", always, 403, "role_forbidden", "no")}, nil,
			"count the agents of " + pull7 + ": list agents: GET /v1/agents: 403 role_forbidden: no (request {request})"},
		{"or nothing where runs can't be listed", []simulator.Fault{answer("listRuns", always, 403, "role_forbidden", "no")}, nil,
			"count the runs of agent {agent}: list runs: GET /v1/agents/{agent}/runs: 403 role_forbidden: no (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, taking(time.Second, test.faults...), func(t *testing.T, w *world) {
				oldest := w.ownOnPullRequest(t, work().Repository, 1)
				w.onPullRequest(t, "0a") // somebody's
				w.ownOnPullRequest(t, "acme/other", 2)
				newest := w.ownOnPullRequest(t, work().Repository, 3)
				if _, err := w.client.CreateRun(t.Context(), oldest.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And the docs."}}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				began := time.Now()
				got, err := w.agents.Tally(t.Context(), pull7, work().Repository)
				requests := w.requests("")
				want := replaced(replaced(test.err, "{request}", requests[len(requests)-1].ID), "{agent}", newest.AgentID)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				var ago []time.Duration
				for _, at := range got {
					ago = append(ago, began.Sub(at).Round(time.Minute))
				}
				if diff := cmp.Diff(test.want, ago); diff != "" {
					t.Errorf("begun so long ago (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Agents that somebody else has on the pull request, and newer ones of its own,
// do not hide what the action began there.
func TestATallyOfManyAgentsCountsThemAll(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Second), func(t *testing.T, w *world) {
		for run := range 24 {
			w.ownOnPullRequest(t, work().Repository, int64(run+1))
		}
		for i := range 22 {
			w.onPullRequest(t, fmt.Sprintf("%02x", i+1))
		}
		before := len(w.requests("listRuns"))
		began, err := w.agents.Tally(t.Context(), pull7, work().Repository)
		if err != nil || len(began) != 24 {
			t.Errorf("%d runs, error %v; want 24", len(began), err)
		}
		if n := len(w.requests("listRuns")) - before; n != 20 {
			t.Errorf("%d agents were asked for their runs, want the newest 20", n)
		}
		if !slices.IsSortedFunc(began, func(a, b time.Time) int { return b.Compare(a) }) {
			t.Errorf("not the newest first: %v", began)
		}
	})
}
