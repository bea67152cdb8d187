package agent_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// failing is a story with faults of requests, whose agents work for an hour.
func failing(faults ...simulator.Fault) setup {
	return story(simulator.Scenario{Duration: time.Hour, Branch: "auto", Faults: faults})
}

// answer is a fault that answers instead of carrying out.
func answer(op string, when simulator.When, status int, code, message string) simulator.Fault {
	return simulator.Fault{Operation: op, When: when, Answer: &simulator.Answer{Status: status, Code: code, Message: message}}
}

func first(n int) simulator.When { return simulator.When{First: n} }

var always simulator.When

// theAgent is the only agent that the server ever had.
func (w *world) theAgent(t *testing.T) simulator.AgentState {
	t.Helper()
	agents := w.server.Agents()
	if len(agents) != 1 {
		t.Fatalf("the server has %d agents, want 1", len(agents))
	}
	return agents[0]
}

// handleOf is the handle that a launch of the n-th agent must return.
func (w *world) handleOf(n int, status cursor.RunStatus, attached bool, generation int) agent.Handle {
	state := w.server.Agents()[n]
	return agent.Handle{
		AgentID: state.ID, RunID: state.Runs[0].ID, URL: "https://cursor.com/agents/" + state.ID,
		Status: status, Attached: attached, Generation: generation,
	}
}

func TestALaunchIsOneRequestUnderTheDerivedID(t *testing.T) {
	t.Parallel()
	bubble(t, failing(), func(t *testing.T, w *world) {
		got := w.launch(t, task(), work())
		state := w.theAgent(t)
		want := w.handleOf(0, cursor.RunCreating, false, 0)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		if state.ID != id(work(), task(), 0) || state.Name != name(task(), work(), 0) {
			t.Errorf("the agent is %s, named %q", state.ID, state.Name)
		}
		updates := []agent.Update{agent.Planned{AgentID: state.ID, Name: state.Name}, agent.Started{Handle: want}}
		if diff := cmp.Diff(updates, w.updates); diff != "" {
			t.Errorf("updates (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"createAgent 201"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// Fault 7: a create that took too long, or whose answer was lost, has made an agent all the same.
func TestALostAnswerIsNoSecondAgent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Fault
	}{
		{"the connection breaks", simulator.Fault{When: first(1), Reset: "after"}},
		{"it breaks twice", simulator.Fault{When: first(2), Reset: "after"}},
		{"it breaks in the middle of the answer", simulator.Fault{When: first(1), Cut: new(20)}},
		{"a gateway answers", simulator.Fault{When: first(1), CarriedOut: true, Answer: &simulator.Answer{Status: 502, Shape: "html"}}},
		{"nonsense comes", simulator.Fault{When: first(1), CarriedOut: true, Answer: &simulator.Answer{Status: 201, Body: "{}"}}},
		{"an agent without its run comes", simulator.Fault{When: first(1), CarriedOut: true, Answer: &simulator.Answer{Status: 201, Body: `{"agent":{"id":"` + id(work(), task(), 0) + `"}}`}}},
		{"the answer takes too long", simulator.Fault{When: first(1), DelayAnswer: 10 * time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.fault.Operation = "createAgent"
			bubble(t, failing(test.fault), func(t *testing.T, w *world) {
				got := w.launch(t, task(), work())
				w.theAgent(t)
				want := w.handleOf(0, cursor.RunRunning, false, 0)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]agent.Started{{Handle: want}}, of[agent.Started](w)); diff != "" {
					t.Errorf("started (-want +got):\n%s", diff)
				}
				if found := of[agent.Found](w); len(found) != 0 {
					t.Errorf("our own agent was told of as found: %+v", found)
				}
			})
		})
	}
}

func TestAnAgentThatShowsLateIsWaitedForAfterALostAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, failing(
		simulator.Fault{Operation: "createAgent", When: first(1), Reset: "after"},
		answer("getAgent", first(4), http.StatusNotFound, "agent_not_found", "Agent not found"),
	), func(t *testing.T, w *world) {
		got := w.launch(t, task(), work())
		w.theAgent(t)
		if diff := cmp.Diff(w.handleOf(0, cursor.RunRunning, false, 0), got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		if took := time.Since(w.began); took < 15*time.Second || took > 17*time.Second {
			t.Errorf("the agent was found after %s, want 1 s, 2 s, 4 s and 8 s of waits", took)
		}
	})
}

func TestALostAnswerWhoseAgentNeverShowsIsAmbiguous(t *testing.T) {
	t.Parallel()
	bubble(t, failing(
		simulator.Fault{Operation: "createAgent", When: first(1), Reset: "after"},
		answer("getAgent", always, http.StatusNotFound, "agent_not_found", "Agent not found"),
	), func(t *testing.T, w *world) {
		handle, err := w.agents.Launch(t.Context(), task(), work())
		state := w.theAgent(t)
		looks := w.requests("getAgent")
		want := fmt.Sprintf("launch agent: an agent may have been launched, but it could not be found (id %s): "+
			"get agent: GET /v1/agents/%[1]s: 404 agent_not_found: Agent not found (request %s)", state.ID, looks[len(looks)-1].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if !errors.Is(err, agent.ErrAmbiguous) || !agent.MaybeLaunched(err) {
			t.Error("the error is not told as ambiguous")
		}
		if diff := cmp.Diff(agent.Handle{AgentID: state.ID}, handle); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		if took := time.Since(w.began).Truncate(time.Second); took != time.Minute || len(looks) != 7 {
			t.Errorf("it gave up after %s and %d looks, want a minute and 7", took, len(looks))
		}
	})
}

// An answer about another agent is somebody else's, from a mistaken cache, or a
// server's that takes no ids of ours. Only a look under our id tells, and a
// second create might be a second agent.
func TestAnAnswerAboutAnotherAgentIsNotBelieved(t *testing.T) {
	t.Parallel()
	stranger := simulator.Answer{Status: 201, Body: `{"agent":{"id":"bc-other"},"run":{"id":"run-other"}}`}
	t.Run("ours is there", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(simulator.Fault{Operation: "createAgent", CarriedOut: true, Answer: &stranger}), func(t *testing.T, w *world) {
			got := w.launch(t, task(), work())
			w.theAgent(t)
			if diff := cmp.Diff(w.handleOf(0, cursor.RunRunning, false, 0), got); diff != "" {
				t.Errorf("handle (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"createAgent 201", "getAgent 200", "listRuns 200"}, w.trace()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	})
	ambiguous := func(t *testing.T, w *world, work agent.Work) {
		handle, err := w.agents.Launch(t.Context(), task(), work)
		asked := w.requests("createAgent")
		want := fmt.Sprintf("launch agent: an agent may have been launched, but it could not be found (id %s): create agent: POST /v1/agents: 201 Created: "+
			"the answer is not what the API documents: it is about bc-other (request %s, may have been carried out)", handle.AgentID, asked[len(asked)-1].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if !agent.MaybeLaunched(err) || handle.RunID != "" {
			t.Errorf("handle %+v; that an agent may be there: %v", handle, agent.MaybeLaunched(err))
		}
	}
	t.Run("ours is not there", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(simulator.Fault{Operation: "createAgent", Answer: &stranger}), func(t *testing.T, w *world) {
			ambiguous(t, w, work())
			if n := len(w.requests("createAgent")); n != 1 || len(w.requests("getAgent")) != 7 {
				t.Errorf("requests %v, want one create and seven looks", w.trace())
			}
		})
	})
	t.Run("ours can't be looked for", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(
			simulator.Fault{Operation: "createAgent", CarriedOut: true, Answer: &stranger},
			answer("getAgent", always, 403, "role_forbidden", "No."),
		), func(t *testing.T, w *world) {
			handle, err := w.agents.Launch(t.Context(), task(), work())
			looks := w.requests("getAgent")
			want := fmt.Sprintf("launch agent: %s may be there, but its state could not be read: get agent: GET /v1/agents/%[1]s: 403 role_forbidden: No. (request %s)", handle.AgentID, looks[0].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if !agent.MaybeLaunched(err) || len(w.requests("createAgent")) != 1 {
				t.Errorf("requests %v; that an agent may be there: %v", w.trace(), agent.MaybeLaunched(err))
			}
		})
	})
	t.Run("ours is of an earlier attempt, and ended badly", func(t *testing.T) {
		t.Parallel()
		scenario := ending("ERROR")
		scenario.Faults = []simulator.Fault{{Operation: "createAgent", When: simulator.When{Skip: 1}, Answer: &stranger}}
		bubble(t, story(scenario), func(t *testing.T, w *world) {
			w.launch(t, task(), work())
			time.Sleep(time.Hour)
			ambiguous(t, w, rerun())
			if n := len(w.requests("createAgent")); n != 2 {
				t.Errorf("requests %v, want one create for each attempt", w.trace())
			}
		})
	})
}

// Fault 8: a 409 has more meanings than that the agent is there already.
func TestALaunchThatFailsForGoodLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		want  string // with %s for the id of the request
	}{
		{"the key is wrong", simulator.Fault{Answer: &simulator.Answer{Status: 401, Code: "error", Shape: "flat", Message: "Invalid User API Key"}},
			"create agent: POST /v1/agents: 401 Unauthorized: Invalid User API Key (request %s)"},
		{"the plan has no agents", answer("", always, 403, "plan_required", "Please upgrade to Pro."),
			"create agent: POST /v1/agents: 403 plan_required: Please upgrade to Pro. (request %s)"},
		// Only agent_id_conflict says that the agent is ours.
		{"another conflict", answer("", always, 409, "agent_busy", "Agent already has an active run"),
			"create agent: POST /v1/agents: 409 agent_busy: Agent already has an active run (request %s)"},
		{"a conflict without a code", simulator.Fault{Answer: &simulator.Answer{Status: 409, Shape: "text", Message: "Conflict"}},
			"create agent: POST /v1/agents: 409 Conflict: Conflict (request %s)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.fault.Operation = "createAgent"
			bubble(t, failing(test.fault), func(t *testing.T, w *world) {
				handle, err := w.agents.Launch(t.Context(), task(), work())
				if diff := cmp.Diff(fmt.Sprintf(test.want, w.requests("")[0].ID), text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if agent.MaybeLaunched(err) {
					t.Error("it is said that an agent may be there")
				}
				if diff := cmp.Diff(agent.Handle{AgentID: id(work(), task(), 0)}, handle); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
				if requests := w.requests(""); len(requests) != 1 || len(w.server.Agents()) != 0 {
					t.Errorf("requests %v, agents %v", w.trace(), w.server.Agents())
				}
			})
		})
	}
}

func TestALaunchThatTheAPINeverAnswersMayHaveLeftAnAgent(t *testing.T) {
	t.Parallel()
	bubble(t, failing(answer("createAgent", always, 503, "upstream_error", "try later")), func(t *testing.T, w *world) {
		_, err := w.agents.Launch(t.Context(), task(), work())
		if !agent.MaybeLaunched(err) {
			t.Errorf("after five minutes of 503 it is sure that nothing was launched: %v", err)
		}
	})
}

func TestASpecThatIsRefusedIsNotSent(t *testing.T) {
	t.Parallel()
	bubble(t, failing(), func(t *testing.T, w *world) {
		spec := task()
		spec.Prompt.Text = ""
		handle, err := w.agents.Launch(t.Context(), spec, work())
		if diff := cmp.Diff("the prompt is empty", text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if handle != (agent.Handle{}) || len(w.updates) != 0 || len(w.requests("")) != 0 {
			t.Errorf("handle %+v, updates %v, requests %v, want none", handle, w.updates, w.trace())
		}
	})
}
