package agent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// another is a process of its own that speaks version 0.
func (w *world) another(t *testing.T) *agent.Agents {
	t.Helper()
	transport := w.server.Transport()
	t.Cleanup(transport.CloseIdleConnections)
	client, err := cursor.V0.Open(cursor.Config{Key: secret.New(key), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return agent.New(agent.Config{Client: client, Key: secret.New(key)})
}

// cancelNow has another process cancel the agent's latest run.
func (w *world) cancelNow(t *testing.T, id string) (agent.Standing, agent.Deed) {
	t.Helper()
	others := w.another(t)
	standing, err := others.Examine(t.Context(), cursor.Agent{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	standing, deed, err := others.Obey(t.Context(), agent.OrderCancel, standing, nil)
	if err != nil {
		t.Fatal(err)
	}
	return standing, deed
}

// An agent of version 0 does not tell a follow-up that was cancelled before it
// was answered from one that has just been sent.
func TestAFollowUpOfVersion0IsCancelledOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lag   time.Duration // after which the agent shows its follow-up
		after time.Duration // when it is cancelled
		want  []agent.Deed
	}{
		{"at work", 0, 30 * time.Second, []agent.Deed{agent.DeedCancelled, agent.DeedNone, agent.DeedNone}},
		{"just sent", 10 * time.Second, 2 * time.Second, []agent.Deed{agent.DeedCancelled, agent.DeedNone}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			scenario := minutes()
			if scenario.Lag = tt.lag; tt.lag > 0 {
				scenario.CreateDelay = time.Second
			}
			served(t, scenario, func(t *testing.T, w *world, v0 cursor.API) {
				handle := w.launch(t, task(), work())
				w.follow(t, handle)
				time.Sleep(time.Minute)
				run, err := v0.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "More"}})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.after)
				var got []agent.Deed
				for range tt.want {
					began := time.Now()
					standing, deed := w.cancelNow(t, handle.AgentID)
					got = append(got, deed)
					if standing.Run.ID != run.ID || standing.Run.Status != cursor.RunCancelled || time.Since(began) > time.Minute {
						t.Errorf("after %s: %+v", time.Since(began), standing.Run)
					}
					time.Sleep(time.Minute)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("deeds (-want +got):\n%s", diff)
				}
				if truth := w.server.Agents()[0].Runs; len(truth) != 2 || truth[1].Status != "CANCELLED" {
					t.Errorf("in truth it is %+v", truth)
				}
			})
		})
	}
}

// Whoever waits for it must not wait for ever.
func TestTheWaitForAFollowUpOfVersion0ThatWasCancelledUnansweredEnds(t *testing.T) {
	t.Parallel()
	served(t, minutes(), func(t *testing.T, w *world, v0 cursor.API) {
		handle := w.launch(t, task(), work())
		w.follow(t, handle)
		if _, err := v0.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "More"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		w.cancelNow(t, handle.AgentID)
		began := time.Now()
		others := w.another(t)
		existing, err := v0.GetAgent(t.Context(), handle.AgentID)
		if err != nil {
			t.Fatal(err)
		}
		attached, _, err := others.Attach(t.Context(), existing, "")
		if err != nil {
			t.Fatal(err)
		}
		run, err := others.Follow(t.Context(), attached)
		result := others.Finish(t.Context(), agent.SpecOf(existing), attached, run)
		if took := time.Since(began); err != nil || result.Outcome != agent.OutcomeCancelled || result.Run.Result != "" || took > 7*time.Minute {
			t.Errorf("after %s: %s, result %q, error %v", took, result.Outcome, result.Run.Result, err)
		}
	})
}

// A follow-up to an agent whose last one was never answered is a run of its own.
func TestARunOfVersion0AfterOneThatWasNeverAnsweredIsItsOwn(t *testing.T) {
	t.Parallel()
	served(t, minutes(), func(t *testing.T, w *world, v0 cursor.API) {
		handle := w.launch(t, task(), work())
		w.follow(t, handle)
		send := func(text string) cursor.Run {
			run, err := v0.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: text}})
			if err != nil {
				t.Fatal(err)
			}
			return run
		}
		first := send("More")
		time.Sleep(30 * time.Second)
		w.cancelNow(t, handle.AgentID)
		second := send("Again")
		time.Sleep(10 * time.Minute)
		fresh := w.another(t)
		want := map[string]cursor.RunStatus{"v0-0": cursor.RunFinished, first.ID: cursor.RunCancelled, second.ID: cursor.RunFinished}
		got := map[string]cursor.RunStatus{}
		words := map[string]string{}
		for id := range want {
			run, err := fresh.Follow(t.Context(), agent.Handle{AgentID: handle.AgentID, RunID: id})
			if err != nil {
				t.Fatal(err)
			}
			got[id], words[id] = run.Status, run.Result
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("status (-want +got):\n%s", diff)
		}
		truth := w.server.Agents()[0].Runs
		if diff := cmp.Diff(map[string]string{"v0-0": truth[0].Result, first.ID: "", second.ID: truth[2].Result}, words); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
	})
}
