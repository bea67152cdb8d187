package agent_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

// speech is what an agent says in n paragraphs, one each 100 ms.
func speech(n int) (steps []simulator.Step, paragraphs []string) {
	for i := range n {
		paragraph := fmt.Sprintf("Paragraph %d of what the agent says, which comes in more than one piece.", i+1)
		paragraphs = append(paragraphs, paragraph)
		steps = append(steps, simulator.Step{Text: paragraph + "\n\n", Takes: 100 * time.Millisecond})
	}
	return steps, paragraphs
}

// speaking is a story of an agent that says n paragraphs, with faults of its
// stream.
func speaking(n int, faults ...simulator.StreamFault) (set setup, paragraphs []string) {
	steps, paragraphs := speech(n)
	return story(simulator.Scenario{Steps: steps, Streams: faults}), paragraphs
}

// said are the paragraphs that were told.
func (w *world) said() []string {
	var said []string
	for _, update := range of[agent.Said](w) {
		said = append(said, update.Text)
	}
	return said
}

func TestARunIsToldFromItsStartToItsEnd(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	scenario := simulator.Scenario{
		CreateDelay: time.Second,
		Steps: []simulator.Step{
			{Thinking: "First I will look at the cache, and then at its tests.", Takes: time.Second},
			{Text: "I'll read the code.", Takes: time.Second},
			{Tool: "read_file", Args: object{"path": "cache.go"}, Result: object{"success": object{}}, Takes: 2 * time.Second},
			{Tool: "run_terminal_cmd", Args: object{"command": "go test"}, Result: object{"error": "exit 1"}, Takes: time.Second},
			{Tool: "todo_write", Takes: time.Second},
			{Text: "It was a race.\n\nNow it is mended.", Takes: time.Second},
		},
		Branch: "auto",
	}
	bubble(t, story(scenario), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		w.forget()
		run := w.follow(t, handle)
		want := []agent.Update{
			agent.StatusChanged{Status: cursor.RunRunning},
			agent.Thought{Text: "First I will look at the cache, and then at its tests."},
			agent.Said{Text: "I'll read the code."},
			agent.ToolStarted{CallID: "call-1", Name: "read_file"},
			agent.ToolStarted{CallID: "call-1", Name: "read_file", Subject: "cache.go"},
			agent.ToolEnded{CallID: "call-1", Name: "read_file", Subject: "cache.go", Duration: 2 * time.Second},
			agent.ToolStarted{CallID: "call-2", Name: "run_terminal_cmd"},
			agent.ToolStarted{CallID: "call-2", Name: "run_terminal_cmd", Subject: "go test"},
			agent.ToolEnded{CallID: "call-2", Name: "run_terminal_cmd", Subject: "go test", Duration: time.Second, Failed: true},
			agent.ToolStarted{CallID: "call-3", Name: "todo_write"},
			agent.ToolEnded{CallID: "call-3", Name: "todo_write", Duration: time.Second},
			agent.Said{Text: "It was a race."},
			agent.Said{Text: "Now it is mended."},
			agent.StatusChanged{Status: cursor.RunFinished},
		}
		if diff := cmp.Diff(want, w.updates); diff != "" {
			t.Errorf("updates (-want +got):\n%s", diff)
		}
		truth := w.theAgent(t)
		wantRun := cursor.Run{
			ID: truth.Runs[0].ID, AgentID: truth.ID, Status: cursor.RunFinished,
			CreatedAt: w.began.UTC(), UpdatedAt: w.began.Add(8 * time.Second).UTC(), Duration: 8 * time.Second,
			Result: truth.Runs[0].Result,
			Git:    []cursor.GitBranch{{RepoURL: "github.com/acme/widgets", Branch: truth.Branch}},
		}
		if diff := cmp.Diff(wantRun, run); diff != "" {
			t.Errorf("run (-want +got):\n%s", diff)
		}
		if took := time.Since(w.began); took != 8*time.Second {
			t.Errorf("the end was seen %s after the launch, want 8s: at once", took)
		}
		if diff := cmp.Diff([]string{"createAgent 201", "streamRun 200", "getRun 200"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// Fault 50: only FINISHED and ERROR are told by webhooks, and EXPIRED and CANCELLED by nobody.
func TestEveryEndIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"FINISHED", "ERROR", "CANCELLED", "EXPIRED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			bubble(t, story(ending(status)), func(t *testing.T, w *world) {
				if run := w.run(t); string(run.Status) != status {
					t.Errorf("the run ended as %s", run.Status)
				}
				if took := time.Since(w.began); took != time.Second {
					t.Errorf("it was seen after %s, want 1s", took)
				}
			})
		})
	}
}

func TestAFinishedRunThatIsAttachedToIsToldToo(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(3)
	bubble(t, set, func(t *testing.T, w *world) {
		w.launch(t, task(), work())
		time.Sleep(time.Hour)
		handle := w.launch(t, task(), rerun())
		w.forget()
		began := time.Now()
		w.follow(t, handle)
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" || time.Since(began) > 0 {
			t.Errorf("after %s it was told (-want +got):\n%s", time.Since(began), diff)
		}
		if changed := of[agent.StatusChanged](w); len(changed) != 0 {
			t.Errorf("a run that was finished before is told to change: %v", changed)
		}
	})
}

func TestTwentyHealthyMinutesAreSixRequestsAtMost(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run(fmt.Sprintf("server's clock off by %s", offset), func(t *testing.T) {
			t.Parallel()
			set := builtin("slow")
			set.ServerClockOffset = offset
			bubble(t, set, func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				run := w.follow(t, handle)
				w.agents.Finish(t.Context(), task(), handle, run)
				if took := time.Since(w.began); took != 20*time.Minute+8*time.Second {
					t.Errorf("it took %s", took)
				}
				if n := len(w.requests("")); n > 6 {
					t.Errorf("%d requests: %v", n, w.trace())
				}
			})
		})
	}
}

// Fault 19: a state that no specification names is not the end of the run.
func TestUnknownStatusesAreNotTheEnd(t *testing.T) {
	t.Parallel()
	set := builtin("slow")
	set.Scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamLie, Status: "QUEUED"}}
	set.wire = func(server http.RoundTripper) http.RoundTripper {
		return rewriting(server, "/v1/agents/", `"status":"RUNNING"`, `"status":"PAUSED"`)
	}
	bubble(t, set, func(t *testing.T, w *world) {
		run := w.run(t)
		if took := time.Since(w.began); took < 20*time.Minute || run.Status != cursor.RunFinished {
			t.Errorf("after %s the run ended as %s", took, run.Status)
		}
		var told []cursor.RunStatus
		for _, update := range of[agent.StatusChanged](w) {
			told = append(told, update.Status)
		}
		if diff := cmp.Diff([]cursor.RunStatus{"QUEUED", "PAUSED", "QUEUED", "FINISHED"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// A Follow is ended at every moment of its life: between events, while a
// look is answered, while it waits for the stream.
func TestTheEndOfTheContextEndsAFollowAtOnceWithItsCause(t *testing.T) {
	t.Parallel()
	set := builtin("slow")
	set.Scenario.Faults = []simulator.Fault{{Operation: "getRun", Delay: 20 * time.Second}}
	set.Scenario.Streams = []simulator.StreamFault{
		{After: time.Minute, Do: simulator.StreamDrop}, {When: simulator.When{Skip: 1}, Do: simulator.StreamUnavailable},
	}
	for _, stop := range []time.Duration{
		0, time.Millisecond, 9 * time.Second, time.Minute, 61 * time.Second, 75 * time.Second, 2 * time.Minute, 15 * time.Minute,
	} {
		t.Run(stop.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, set, func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				run, err := w.agents.Follow(stoppedAfter(t, stop), handle)
				if took := time.Since(w.began); err != errStopped || took != stop {
					t.Errorf("after %s: error %v; want the cause after %s", took, err, stop)
				}
				if run.ID != handle.RunID || run.AgentID != handle.AgentID || run.Status.Terminal() {
					t.Errorf("run %+v", run)
				}
			})
		})
	}
}

// An observer that takes its time finds the end of the context, of the look and
// of the stream at once afterwards.
func TestOurOwnEndIsNoFaultOfTheAPI(t *testing.T) {
	t.Parallel()
	set := story(simulator.Scenario{
		Steps:  []simulator.Step{{Wait: 4 * time.Minute}, {Text: "One\n\n"}, {Wait: time.Hour}},
		Faults: []simulator.Fault{{Operation: "getRun", Delay: 10 * time.Minute}},
	})
	for range 20 { // Which of them is seen first is left to chance.
		bubble(t, set, func(t *testing.T, w *world) {
			agents := agent.New(agent.Config{Client: w.client, Key: secret.New(key), Observe: func(update agent.Update) {
				if _, said := update.(agent.Said); said {
					time.Sleep(10 * time.Second)
				}
				w.observe(update)
			}})
			_, err := agents.Follow(stoppedAfter(t, 4*time.Minute+5*time.Second), w.launch(t, task(), work()))
			if failed := of[agent.LookFailed](w); err != errStopped || len(failed) != 0 {
				t.Errorf("error %v, failures told: %v", err, failed)
			}
		})
	}
}

// This test is alone with its goroutines, so it is not parallel.
func TestAFollowLeavesNoGoroutineBehind(t *testing.T) {
	set := builtin("slow")
	set.Scenario.Faults = []simulator.Fault{{Operation: "getRun", Delay: 20 * time.Second}}
	set.Scenario.Streams = []simulator.StreamFault{{After: 3 * time.Minute, Do: simulator.StreamUnavailable}}
	for _, stop := range []time.Duration{time.Second, 3*time.Minute + 15*time.Second, time.Hour} {
		bubble(t, set, func(t *testing.T, w *world) {
			handle := w.launch(t, task(), work())
			ctx, cancel := context.WithTimeout(t.Context(), stop)
			defer cancel()
			_, _ = w.agents.Follow(ctx, handle)
			synctest.Wait()
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			for stack := range strings.SplitSeq(string(stacks), "\n\n") {
				if strings.Contains(stack, "internal/agent.") {
					t.Errorf("stopped after %s, this goroutine is left:\n%s", stop, stack)
				}
			}
		})
	}
}
