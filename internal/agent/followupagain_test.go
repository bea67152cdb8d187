package agent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

func TestARerunAttachesToTheFollowUpOfTheAttemptBefore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after time.Duration
		want  cursor.RunStatus
	}{
		{"while it lives", 10 * time.Minute, cursor.RunRunning},
		{"when it has finished", 2 * time.Hour, cursor.RunFinished},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := taking(time.Hour)
			set.Scenario.Variants = []simulator.Scenario{{Match: "Write a parser."}}
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				first, err := w.agents.FollowUp(t.Context(), followUp(id))
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.after)
				w.forget()
				got, err := w.agents.FollowUp(t.Context(), again(id))
				if err != nil {
					t.Fatal(err)
				}
				want := first
				want.Status, want.Attached = test.want, true
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]agent.Update{agent.Found{Handle: want}, agent.Started{Handle: want}}, w.updates); diff != "" {
					t.Errorf("updates (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"getAgent 200", "listRuns 200", "getAgentConversationV0 200"}, w.trace()[3:]); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunFindsItsFollowUpAmongOthers(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Second), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		w.somebodysRun(t, id)
		time.Sleep(time.Minute)
		first, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.somebodysRun(t, id)
		time.Sleep(time.Minute)
		got, err := w.agents.FollowUp(t.Context(), again(id))
		if err != nil || got.RunID != first.RunID || !got.Attached {
			t.Errorf("handle %+v, want the run %s; error %v", got, first.RunID, err)
		}
	})
}

func TestARerunSendsWhatNoAttemptBeforeHasSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		others int
		want   []string
	}{
		{"to an agent with one run", 0, []string{"getAgent 200", "listRuns 200", "createRun 201"}},
		{"to an agent with follow-ups of others", 2, []string{"getAgent 200", "listRuns 200", "getAgentConversationV0 200", "createRun 201"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, taking(time.Second), func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				for range test.others {
					w.somebodysRun(t, id)
					time.Sleep(time.Minute)
				}
				got, err := w.agents.FollowUp(t.Context(), again(id))
				if err != nil || got.Attached {
					t.Errorf("handle %+v, error %v", got, err)
				}
				if diff := cmp.Diff(test.want, w.trace()[1+test.others:]); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunSendsAgainWhatEndedBadly(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Hour), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		if _, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: id}); err != nil {
			t.Fatal(err)
		}
		for generation := range 3 {
			w.forget()
			f := again(id)
			got, err := w.agents.FollowUp(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			runs := w.theAgent(t).Runs
			if len(runs) != generation+2 || got.RunID != runs[generation+1].ID || got.Generation != generation || got.Attached {
				t.Fatalf("there are %d runs, handle %+v", len(runs), got)
			}
			if want := "Now the tests.\n\n" + w.agents.Marks(f)[generation]; runs[generation+1].Prompt.Text != want {
				t.Errorf("the prompt is %q, want %q", runs[generation+1].Prompt.Text, want)
			}
			if found := of[agent.Found](w); len(found) != min(generation, 1) || len(found) == 1 && (!found[0].Passed || found[0].RunID != runs[generation].ID) {
				t.Errorf("found %+v", found)
			}
			time.Sleep(2 * time.Second)
			if _, err := w.agents.Cancel(t.Context(), got); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAFollowUpThatKeepsEndingBadlyIsGivenUp(t *testing.T) {
	t.Parallel()
	set := taking(time.Second)
	set.Scenario.Status = "ERROR"
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		for range 20 {
			if _, err := w.agents.FollowUp(t.Context(), again(id)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		_, err := w.agents.FollowUp(t.Context(), again(id))
		want := "follow up: 20 of the agents for this work have ended badly already"
		if diff := cmp.Diff(want, text(err)); diff != "" || !errors.Is(err, agent.ErrExhausted) || len(w.theAgent(t).Runs) != 21 {
			t.Errorf("%d runs, error (-want +got):\n%s", len(w.theAgent(t).Runs), diff)
		}
	})
}

// What can't be told is told: a second follow-up would be paid twice.
func TestARerunThatCanNotTellSendsNothing(t *testing.T) {
	t.Parallel()
	const maybe = "follow up: the follow-up may have been sent already, and its run can't be told: "
	const at = "/agents/bc-00000000-0000-0000-0000-00000000000a/"
	said := func(body string) simulator.Fault {
		return simulator.Fault{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 200, Body: body}}
	}
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		want  string
	}{
		{"the conversation is refused", answer("getAgentConversationV0", always, 404, "agent_not_found", "no"),
			maybe + "read conversation: GET /v0" + at + "conversation: 404 agent_not_found: no (request {request})"},
		{"it is empty, as for agents that run for long", said(`{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[]}`),
			maybe + "the agent's conversation does not show all of its runs"},
		{"it shows the mark of a run that is not to be seen", said(`{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[{"type":"user_message","text":"x MARK"},{"type":"user_message","text":"y"},{"type":"user_message","text":"z"}]}`),
			maybe + "its prompt stands in the agent's conversation, but its run is not to be seen"},
		{"the runs are refused", answer("listRuns", always, 403, "role_forbidden", "no"),
			"follow up: an earlier attempt may have sent it, but its state could not be read: list runs: GET /v1" + at + "runs: 403 role_forbidden: no (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mark := agent.New(agent.Config{Key: secret.New(key)}).Marks(again("bc-a"))[0]
			test.fault.Answer.Body = replaced(test.fault.Answer.Body, "MARK", mark)
			bubble(t, taking(time.Second, test.fault), func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				w.somebodysRun(t, id)
				time.Sleep(time.Minute)
				_, err := w.agents.FollowUp(t.Context(), again(id))
				requests := w.requests("")
				want := replaced(test.want, "{request}", requests[len(requests)-1].ID)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if posts := len(w.requests("createRun")); posts != 1 || !agent.MaybeLaunched(err) {
					t.Errorf("%d posts, want somebody's only; maybe launched: %v", posts, agent.MaybeLaunched(err))
				}
			})
		})
	}
}

func TestTheOnlyRunAfterTheKnownOnesIsTheFollowUp(t *testing.T) {
	t.Parallel()
	unread := answer("getAgentConversationV0", always, 404, "agent_not_found", "no")
	bubble(t, taking(time.Second, unread), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		f := again(id)
		f.Known = []string{w.theAgent(t).Runs[0].ID}
		first, err := w.agents.FollowUp(t.Context(), f)
		if err != nil || first.Attached {
			t.Fatalf("handle %+v, error %v", first, err)
		}
		time.Sleep(time.Minute)
		got, err := w.agents.FollowUp(t.Context(), f)
		if err != nil || got.RunID != first.RunID || !got.Attached {
			t.Errorf("handle %+v, error %v", got, err)
		}
		w.somebodysRun(t, id)
		time.Sleep(time.Minute)
		if _, err = w.agents.FollowUp(t.Context(), f); !errors.Is(err, agent.ErrMaybeSent) {
			t.Errorf("of two runs one was taken: error %v", err)
		}
	})
}

func TestAConversationThatIsLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	late := simulator.Fault{Operation: "getAgentConversationV0", When: first(2), Answer: &simulator.Answer{Status: 200, Body: `{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[]}`}}
	bubble(t, taking(time.Second, late), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		first, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		began := time.Now()
		got, err := w.agents.FollowUp(t.Context(), again(id))
		if err != nil || got.RunID != first.RunID || time.Since(began) != 5*time.Second {
			t.Errorf("after %s: handle %+v, error %v", time.Since(began), got, err)
		}
	})
}
