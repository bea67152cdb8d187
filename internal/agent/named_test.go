package agent_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// items is a fault that answers a list with these items.
func items(op string, when simulator.When, items ...string) simulator.Fault {
	return simulator.Fault{Operation: op, When: when, Answer: &simulator.Answer{
		Status: 200, Headers: map[string]string{"Content-Type": "application/json"},
		Body: `{"items":[` + strings.Join(items, ",") + `]}`,
	}}
}

func TestWithVariablesTheAgentIsKnownByItsName(t *testing.T) {
	t.Parallel()
	bubble(t, failing(), func(t *testing.T, w *world) {
		got := w.launch(t, withVars(), work())
		state := w.theAgent(t)
		want := w.handleOf(0, cursor.RunCreating, false, 0)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		if state.Request.AgentID != "" || state.Name != name(withVars(), work(), 0) {
			t.Errorf("the agent %q was asked for as %q", state.Name, state.Request.AgentID)
		}
		updates := []agent.Update{agent.Planned{Name: state.Name}, agent.Started{Handle: want}}
		if diff := cmp.Diff(updates, w.updates); diff != "" {
			t.Errorf("updates (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"createAgent 201"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// Fault 12: with variables there is no id of ours that a second create would be known by.
func TestACreateWithVariablesIsNeverRepeatedButFoundByItsMark(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		wait   time.Duration
	}{
		{"listed at once", nil, 0},
		{"listed late", []simulator.Fault{items("listAgents", first(3))}, 7 * time.Second},
		{"its run shows late", []simulator.Fault{answer("listRuns", first(2), 404, "agent_not_found", "no")}, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lost := simulator.Fault{Operation: "createAgent", Reset: "after"}
			bubble(t, failing(append(test.faults, lost)...), func(t *testing.T, w *world) {
				got := w.launch(t, withVars(), work())
				w.theAgent(t)
				if got.RunID == "" || got.Attached || len(w.requests("createAgent")) != 1 {
					t.Errorf("after %v the handle is %+v", w.trace(), got)
				}
				if took := time.Since(w.began); took != test.wait {
					t.Errorf("it was found after %s, want %s", took, test.wait)
				}
				if diff := cmp.Diff([]agent.Started{{Handle: got}}, of[agent.Started](w)); diff != "" {
					t.Errorf("started (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestACreateWithVariablesThatCanNotBeFoundIsAmbiguous(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		look simulator.Fault
		took time.Duration
	}{
		{"it is not listed", simulator.Fault{}, time.Minute},
		{"the list is refused", answer("listAgents", always, 403, "role_forbidden", "no"), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lost := answer("createAgent", always, 500, "internal_error", "oh no")
			bubble(t, failing(lost, test.look), func(t *testing.T, w *world) {
				handle, err := w.agents.Launch(t.Context(), withVars(), work())
				want := fmt.Sprintf("launch agent: an agent may have been launched, but it could not be found (name %q): "+
					"create agent: POST /v1/agents: 500 internal_error: oh no (request %s, may have been carried out)",
					name(withVars(), work(), 0), w.requests("createAgent")[0].ID)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !errors.Is(err, agent.ErrAmbiguous) || !agent.MaybeLaunched(err) || handle != (agent.Handle{}) {
					t.Errorf("ambiguous: %v, maybe launched: %v, handle %+v", errors.Is(err, agent.ErrAmbiguous), agent.MaybeLaunched(err), handle)
				}
				if took := time.Since(w.began); took != test.took || len(w.requests("createAgent")) != 1 {
					t.Errorf("after %s: %v, want %s and one create", took, w.trace(), test.took)
				}
			})
		})
	}
}

func TestTheSearchForALostAgentEndsWithItsContext(t *testing.T) {
	t.Parallel()
	lost := answer("createAgent", always, 500, "internal_error", "oh no")
	bubble(t, failing(lost), func(t *testing.T, w *world) {
		_, err := w.agents.Launch(stoppedAfter(t, 10*time.Second), withVars(), work())
		if took := time.Since(w.began); !errors.Is(err, agent.ErrAmbiguous) || took != 10*time.Second {
			t.Errorf("after %s: error %v", took, err)
		}
	})
}

func TestARefusedCreateWithVariablesIsNotLookedFor(t *testing.T) {
	t.Parallel()
	bubble(t, failing(answer("createAgent", always, 400, "invalid_model", "no such model")), func(t *testing.T, w *world) {
		_, err := w.agents.Launch(t.Context(), withVars(), work())
		if agent.MaybeLaunched(err) || !errors.Is(err, cursor.CodeInvalidModel) {
			t.Errorf("error %v, maybe launched: %v", err, agent.MaybeLaunched(err))
		}
		if diff := cmp.Diff([]string{"createAgent 400"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

func TestARerunFindsTheAgentByItsMark(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Minute, 2 * time.Hour} { // live and finished
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				other := work()
				other.Job = "test"
				first := w.launch(t, withVars(), work())
				w.launch(t, withVars(), other) // newer, and somebody else's
				time.Sleep(after)
				w.forget()
				got := w.launch(t, withVars(), rerun())
				if got.AgentID != first.AgentID || got.RunID != first.RunID || !got.Attached || len(w.server.Agents()) != 2 {
					t.Errorf("attached to %+v, want %+v", got, first)
				}
				if diff := cmp.Diff([]agent.Update{agent.Found{Handle: got}, agent.Started{Handle: got}}, w.updates); diff != "" {
					t.Errorf("updates (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunPassesOverNamedAgentsThatEndedBadly(t *testing.T) {
	t.Parallel()
	bubble(t, story(ending("ERROR")), func(t *testing.T, w *world) {
		for generation := range 20 {
			got := w.launch(t, withVars(), rerun())
			if diff := cmp.Diff(w.handleOf(generation, cursor.RunCreating, false, generation), got); diff != "" {
				t.Errorf("handle (-want +got):\n%s", diff)
			}
			time.Sleep(time.Minute)
		}
		if got := len(w.requests("listAgents")); got != 20 {
			t.Errorf("20 launches took %d lists, want one each", got)
		}
		w.forget()
		_, err := w.agents.Launch(t.Context(), withVars(), rerun())
		want := "launch agent: 20 of the agents for this work have ended badly already"
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if found := of[agent.Found](w); len(found) != 20 || !found[19].Passed || found[19].Status != cursor.RunError {
			t.Errorf("found %+v", found)
		}
	})
}

func TestALaterNamedAgentIsAttachedToAlsoWhenTheFirstIsGone(t *testing.T) {
	t.Parallel()
	scenario := ending("ERROR")
	scenario.Variants = []simulator.Scenario{{Match: "flaky", Duration: time.Hour}}
	bubble(t, story(scenario), func(t *testing.T, w *world) {
		first := w.launch(t, withVars(), work())
		if _, err := w.agents.Cancel(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		second := w.launch(t, withVars(), rerun())
		if err := w.client.DeleteAgent(t.Context(), first.AgentID); err != nil {
			t.Fatal(err)
		}
		if got := w.launch(t, withVars(), rerun()); got.AgentID != second.AgentID || !got.Attached || got.Generation != 1 {
			t.Errorf("launched %+v although %+v lives", got, second)
		}
	})
}

func TestAListThatFailsLaunchesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		op   string
		want string
	}{
		{"of agents", "listAgents", "list agents: GET /v1/agents: 403 role_forbidden: no (request {request})"},
		{"of runs", "listRuns", "list runs: GET /v1/agents/{agent}/runs: 403 role_forbidden: no (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(answer(test.op, always, 403, "role_forbidden", "no")), func(t *testing.T, w *world) {
				w.launch(t, withVars(), work())
				_, err := w.agents.Launch(t.Context(), withVars(), rerun())
				want := "launch agent: an earlier attempt may have launched one, but its state could not be read: " +
					strings.NewReplacer("{request}", w.requests(test.op)[0].ID, "{agent}", w.theAgent(t).ID).Replace(test.want)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !agent.MaybeLaunched(err) {
					t.Error("it is sure that there is no agent")
				}
			})
		})
	}
}

func TestAnAgentWithoutATimeHidesNoOther(t *testing.T) {
	t.Parallel()
	odd := `{"id":"bc-1","name":"odd"},{"id":"bc-2","name":"null","createdAt":null},`
	set := failing()
	set.wire = func(server http.RoundTripper) http.RoundTripper {
		return rewriting(server, "/v1/agents", `"items":[`, `"items":[`+odd)
	}
	bubble(t, set, func(t *testing.T, w *world) {
		first := w.launch(t, withVars(), work())
		if got := w.launch(t, withVars(), rerun()); got.AgentID != first.AgentID {
			t.Errorf("launched %+v although %+v lives", got, first)
		}
	})
}

// Workflow runs can be re-run for 30 days: what is older is not looked through.
func TestTheSearchByNameIsBounded(t *testing.T) {
	t.Parallel()
	t.Run("by age", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(), func(t *testing.T, w *world) {
			first := w.launch(t, withVars(), work())
			time.Sleep(34 * 24 * time.Hour)
			if got := w.launch(t, withVars(), rerun()); got.AgentID != first.AgentID {
				t.Errorf("after 34 days launched %+v", got)
			}
			time.Sleep(2 * 24 * time.Hour)
			if got := w.launch(t, withVars(), rerun()); got.Attached {
				t.Errorf("after 36 days attached to %+v", got)
			}
		})
	})
	t.Run("by number", func(t *testing.T) {
		t.Parallel()
		pages := 0
		set := failing()
		set.wire = func(server http.RoundTripper) http.RoundTripper {
			return transportFunc(func(request *http.Request) (*http.Response, error) {
				if request.Method != http.MethodGet {
					return server.RoundTrip(request)
				}
				pages++
				item := `{"id":"bc-1","name":"x","createdAt":"` + time.Now().Format(time.RFC3339) + `"},`
				body := `{"items":[` + strings.TrimSuffix(strings.Repeat(item, 100), ",") + `],"nextCursor":"` + fmt.Sprint(pages) + `"}`
				return jsonAnswer(request, body), nil
			})
		}
		bubble(t, set, func(t *testing.T, w *world) {
			w.launch(t, withVars(), rerun())
			if pages > 11 || len(w.server.Agents()) != 1 {
				t.Errorf("%d pages were read, then %d agents launched; want at most 11 and 1", pages, len(w.server.Agents()))
			}
		})
	})
}
