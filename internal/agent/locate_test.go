package agent_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func TestWhereNothingWasLaunchedNothingIsFound(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				other := work()
				other.Step = "another"
				w.launch(t, spec, other)
				found, err := w.agents.Locate(t.Context(), spec, work())
				if err != nil || len(found) != 0 {
					t.Errorf("found %+v, error %v", found, err)
				}
				if n := len(w.requests("")); n > 3 {
					t.Errorf("that took %d requests: %v", n-1, w.trace())
				}
			})
		})
	}
}

func TestEveryAgentOfTheWorkIsFound(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				for range 2 { // Two that end badly, and one that lives.
					if _, err := w.agents.Cancel(t.Context(), w.launch(t, spec, rerun())); err != nil {
						t.Fatal(err)
					}
				}
				w.launch(t, spec, rerun())
				time.Sleep(time.Second)
				found, err := w.agents.Locate(t.Context(), spec, work())
				if err != nil {
					t.Fatal(err)
				}
				want := []agent.Handle{
					w.handleOf(0, cursor.RunCancelled, false, 0), w.handleOf(1, cursor.RunCancelled, false, 1), w.handleOf(2, cursor.RunRunning, false, 2),
				}
				if diff := cmp.Diff(want, found); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(want[2:], agent.Live(found)); diff != "" {
					t.Errorf("live (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestALiveAgentIsFoundBehindOneThatWasDeleted(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				first := w.launch(t, spec, work())
				if _, err := w.agents.Cancel(t.Context(), first); err != nil {
					t.Fatal(err)
				}
				second := w.launch(t, spec, rerun())
				if err := w.client.DeleteAgent(t.Context(), first.AgentID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				found, err := w.agents.Locate(t.Context(), spec, work())
				second.Status = cursor.RunRunning
				if diff := cmp.Diff([]agent.Handle{second}, found); diff != "" || err != nil {
					t.Errorf("error %v, found (-want +got):\n%s", err, diff)
				}
			})
		})
	}
}

func TestASearchThatFailsTellsWhatItHasFound(t *testing.T) {
	t.Parallel()
	refuse := func(op string, at int) simulator.Fault {
		return answer(op, simulator.When{At: []int{at}}, http.StatusForbidden, "role_forbidden", "no")
	}
	for _, test := range []struct {
		name  string
		spec  agent.Spec
		fault simulator.Fault
		found int
		want  string // with the second agent's id and the refused request's
	}{
		// The runs of the first agent are read once before, by the re-run.
		{"the agent, by id", task(), refuse("getAgent", 3), 1, "get agent: GET /v1/agents/%s: 403 role_forbidden: no (request %s)"},
		{"its runs, by id", task(), refuse("listRuns", 3), 1, "list runs: GET /v1/agents/%s/runs: 403 role_forbidden: no (request %s)"},
		{"the list, by name", withVars(), refuse("listAgents", 2), 0, "list agents: GET /v1/agents: 403 role_forbidden: no%.0s (request %s)"},
		{"its runs, by name", withVars(), refuse("listRuns", 3), 1, "list runs: GET /v1/agents/%s/runs: 403 role_forbidden: no (request %s)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := ending("ERROR")
			scenario.Faults = []simulator.Fault{test.fault}
			bubble(t, story(scenario), func(t *testing.T, w *world) {
				w.launch(t, test.spec, work())
				time.Sleep(time.Minute)
				second := w.launch(t, test.spec, rerun())
				found, err := w.agents.Locate(t.Context(), test.spec, work())
				requests := w.requests("")
				if diff := cmp.Diff(fmt.Sprintf(test.want, second.AgentID, requests[len(requests)-1].ID), text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if len(found) != test.found {
					t.Errorf("found %+v, want %d", found, test.found)
				}
			})
		})
	}
}
