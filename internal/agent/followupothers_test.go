package agent_test

import (
	"errors"
	"testing"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/simulator"
)

// A server that takes a cancel and does nothing is not asked twice a second for
// hours: the run is waited for then, and cancelled again from time to time.
func TestARunThatDoesNotEndIsNotCancelledWithoutAPause(t *testing.T) {
	t.Parallel()
	set := busyFor(time.Hour)
	set.Scenario.Variants[0].Cancel = simulator.Cancel{Ignored: true}
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		w.somebodysRun(t, id)
		f := followUp(id)
		f.OnBusy = agent.OnBusyCancel
		got, err := w.agents.FollowUp(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if runs := w.theAgent(t).Runs; len(runs) != 3 || got.RunID != runs[2].ID || runs[1].Status != "FINISHED" {
			t.Errorf("%d runs, handle %+v", len(runs), got)
		}
		if cancels, all := len(w.requests("cancelRun")), len(w.trace()); cancels < 20 || all > 700 {
			t.Errorf("in an hour there were %d cancels, and %d requests in all", cancels, all)
		}
	})
}

// A prompt stands in the conversation when its run has started. Somebody's run
// that has not is not taken for ours, which never came to be.
func TestARunThatHasYetToStartIsNotTakenForALostFollowUp(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{2 * time.Second, 50 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			set := busyFor(time.Second, simulator.Fault{Operation: "createRun", When: first(1), Reset: "before"})
			set.Scenario.Variants[0].CreateDelay = 20 * time.Second
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				runID := make(chan string, 1)
				time.AfterFunc(after, func() { runID <- w.somebodysRun(t, id) })
				got, err := w.agents.FollowUp(t.Context(), followUp(id))
				if err != nil {
					t.Fatal(err)
				}
				others := <-runID
				if runs := w.theAgent(t).Runs; len(runs) != 3 || got.RunID != runs[2].ID || others != runs[1].ID {
					t.Errorf("%d runs, handle %+v, somebody's run %s", len(runs), got, others)
				}
			})
		})
	}
}

// Prompts are counted from the end of the conversation, where that of a run that
// has yet to start is missing.
func TestARerunFindsItsFollowUpBeforeARunThatHasYetToStart(t *testing.T) {
	t.Parallel()
	set := busyFor(time.Second)
	set.Scenario.Variants[0].CreateDelay = 20 * time.Second
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		first, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.somebodysRun(t, id)
		got, err := w.agents.FollowUp(t.Context(), again(id))
		if err != nil || got.RunID != first.RunID || !got.Attached {
			t.Errorf("handle %+v, want the run %s; error %v", got, first.RunID, err)
		}
	})
}

// Of a follow-up that was sent again, the first run's prompt stands in the
// conversation before the second's does: the end of the first says nothing then.
func TestTheLastRunOfAFollowUpIsNotOverlookedBeforeItStarts(t *testing.T) {
	t.Parallel()
	set := taking(time.Hour)
	set.Scenario.CreateDelay = 20 * time.Second
	set.Scenario.Variants = []simulator.Scenario{{Match: "Write a parser."}}
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		first, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, err := w.agents.Cancel(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		second, err := w.agents.FollowUp(t.Context(), again(id))
		if err != nil || second.RunID == first.RunID {
			t.Fatalf("handle %+v, error %v", second, err)
		}
		if found, err := w.agents.LocateFollowUp(t.Context(), id, nil, w.agents.Marks(followUp(id))); !errors.Is(err, agent.ErrMaybeSent) {
			t.Errorf("found %+v, error %v", found, err)
		}
		third, err := w.agents.FollowUp(t.Context(), again(id))
		if err != nil || third.RunID != second.RunID || !third.Attached {
			t.Errorf("handle %+v, want the run %s; error %v", third, second.RunID, err)
		}
	})
}
