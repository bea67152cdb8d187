package agent_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

// Fault 30: the status of a replayed stream says FINISHED of a run that was cancelled.
func TestAStreamThatLiesAboutTheStatusSettlesNothing(t *testing.T) {
	t.Parallel()
	for _, lie := range []string{"FINISHED", "ERROR", "CANCELLED", "EXPIRED"} {
		t.Run(lie, func(t *testing.T) {
			t.Parallel()
			scenario := ending("ERROR")
			if lie == "ERROR" {
				scenario = ending("FINISHED")
			}
			scenario.Duration = 5 * time.Minute
			scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamLie, Status: lie}}
			bubble(t, story(scenario), func(t *testing.T, w *world) {
				run := w.run(t)
				want := w.theAgent(t).Runs[0]
				if string(run.Status) != want.Status || time.Since(w.began) != 5*time.Minute {
					t.Errorf("after %s the run is %s, and it ended as %s", time.Since(w.began), run.Status, want.Status)
				}
				for _, update := range of[agent.StatusChanged](w) {
					if string(update.Status) == lie {
						t.Errorf("the lie %s was told", lie)
					}
				}
				if n := len(w.requests("getRun")); n > 4 {
					t.Errorf("the lie cost %d looks", n)
				}
			})
		})
	}
}

func TestAResultThatTheRunDoesNotShowYetIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lag   time.Duration
		late  time.Duration // at most, after the lag
		looks int           // at most
	}{
		{3 * time.Second, 3 * time.Second, 8},
		{30 * time.Second, 10 * time.Second, 12},
		{5 * time.Minute, time.Minute, 40},
		{time.Hour, time.Minute, 150},
	} {
		t.Run(test.lag.String(), func(t *testing.T) {
			t.Parallel()
			set, paragraphs := speaking(3)
			set.Scenario.Lag = test.lag
			bubble(t, set, func(t *testing.T, w *world) {
				run := w.run(t)
				end := w.theAgent(t).Runs[0].EndedAt.Add(test.lag)
				if late := time.Since(end); late < 0 || late > test.late {
					t.Errorf("the end was seen %s after it showed, want at most %s", late, test.late)
				}
				if n := len(w.requests("getRun")); n > test.looks || run.Status != cursor.RunFinished {
					t.Errorf("it took %d looks until %s, want at most %d", n, run.Status, test.looks)
				}
				if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
					t.Errorf("said (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Looks across the stream find the end that the stream keeps quiet about.
func TestAStreamThatNeverEndsDoesNotHoldTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []simulator.StreamFault
		late   time.Duration // at most
	}{
		{"with heartbeats", []simulator.StreamFault{{Do: simulator.StreamNeverEnds}}, 10 * time.Minute},
		{"in silence", []simulator.StreamFault{{Do: simulator.StreamNeverEnds}, {Do: simulator.StreamNoHeartbeat}}, 3 * time.Minute},
	} {
		for _, length := range []time.Duration{time.Second, time.Minute, time.Hour} {
			t.Run(test.name+" after "+length.String(), func(t *testing.T) {
				t.Parallel()
				set, paragraphs := speaking(3, test.faults...)
				set.Scenario.Duration = length
				bubble(t, set, func(t *testing.T, w *world) {
					run := w.run(t)
					if run.Status != cursor.RunFinished {
						t.Errorf("the run is %s", run.Status)
					}
					if late := time.Since(w.theAgent(t).Runs[0].EndedAt); late > test.late {
						t.Errorf("the end was seen %s late, want at most %s", late, test.late)
					}
					if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
						t.Errorf("said (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A stream that breaks and comes back again and again must not put off the
// look across it for ever.
func TestAStreamThatFlapsDoesNotHoldTheRun(t *testing.T) {
	t.Parallel()
	set, _ := speaking(3, simulator.StreamFault{Do: simulator.StreamNeverEnds})
	set.Scenario.Duration = time.Minute
	set.wire = endlessFlapping
	bubble(t, set, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		run, err := w.agents.Follow(ctx, w.launch(t, task(), work()))
		if late := time.Since(w.theAgent(t).Runs[0].EndedAt); err != nil || late > 10*time.Minute {
			t.Errorf("error %v: the run is %s %s after its end, want at most 10m", err, run.Status, late)
		}
	})
}

func TestAStreamThatIsSlowToOpenHoldsNoLook(t *testing.T) {
	t.Parallel()
	slow := simulator.Fault{Operation: "streamRun", Delay: time.Hour}
	bubble(t, silent(10*time.Minute, nil, slow), func(t *testing.T, w *world) {
		run := w.run(t)
		if late := time.Since(w.began) - 10*time.Minute; run.Status != cursor.RunFinished || late > time.Minute {
			t.Errorf("%s was seen %s late", run.Status, late)
		}
	})
}

func TestWhatWasSaidIsToldBeforeTheEndIs(t *testing.T) {
	t.Parallel()
	// The last words hang in the air, and a look is first to see the end.
	scenario := simulator.Scenario{
		Steps:   []simulator.Step{{Wait: 4 * time.Minute}, {Text: "Mended."}},
		Streams: []simulator.StreamFault{{Do: simulator.StreamNeverEnds}},
	}
	bubble(t, story(scenario), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		w.forget()
		w.follow(t, handle)
		want := []agent.Update{
			agent.StatusChanged{Status: cursor.RunRunning},
			agent.Said{Text: "Mended."}, agent.StatusChanged{Status: cursor.RunFinished},
		}
		var got []agent.Update
		for _, update := range w.updates {
			if _, quiet := update.(agent.Quiet); !quiet {
				got = append(got, update)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("updates (-want +got):\n%s", diff)
		}
	})
}

// The API may leave out of a run what we know: its agent.
func TestARunThatDoesNotNameItsAgentIsFollowedAllTheSame(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(100, simulator.StreamFault{AfterEvents: 50, Do: simulator.StreamUnavailable})
	set.Scenario.Steps = append([]simulator.Step{{Wait: 10 * time.Minute}}, set.Scenario.Steps...)
	set.wire = unnamed
	bubble(t, set, func(t *testing.T, w *world) {
		run := w.run(t)
		if state := w.theAgent(t); run.AgentID != state.ID || run.Status != cursor.RunFinished {
			t.Errorf("run %+v", run)
		}
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		if failed := of[agent.LookFailed](w); len(failed) != 0 {
			t.Errorf("looks failed: %v", failed)
		}
	})
}

// A stream that goes on for ever after the run's end is left after a while.
func TestAStreamThatTellsMoreAndMoreIsLeftAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, stop := range []time.Duration{time.Hour, 10*time.Minute + 2*time.Second} { // never, and while it is drained
		set := silent(time.Minute, nil)
		set.wire = chattering
		bubble(t, set, func(t *testing.T, w *world) {
			run, err := w.agents.Follow(stoppedAfter(t, stop), w.launch(t, task(), work()))
			want := min(10*time.Minute+10*time.Second, stop) // the look across the stream, and the rest of it
			if took := time.Since(w.began); err != nil || run.Status != cursor.RunFinished || took != want {
				t.Errorf("after %s: %s, error %v; want after %s", took, run.Status, err, want)
			}
		})
	}
}

func TestWhoDoesNotObserveIsToldTheEndAllTheSame(t *testing.T) {
	t.Parallel()
	bubble(t, builtin("happy"), func(t *testing.T, w *world) {
		agents := agent.New(agent.Config{Client: w.client, Key: secret.New(key)})
		handle, err := agents.Launch(t.Context(), task(), work())
		if err != nil {
			t.Fatal(err)
		}
		if run, err := agents.Follow(t.Context(), handle); err != nil || run.Status != cursor.RunFinished {
			t.Errorf("%s, error %v", run.Status, err)
		}
	})
}
