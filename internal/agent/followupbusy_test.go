package agent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func replaced(text, word, by string) string { return strings.ReplaceAll(text, word, by) }

// busyFor is an API whose follow-ups of somebody else take so long.
func busyFor(runs time.Duration, faults ...simulator.Fault) setup {
	set := taking(time.Second, faults...)
	set.Scenario.Variants = []simulator.Scenario{{Match: "And the docs?", Duration: runs, Steps: []simulator.Step{{Text: "The docs are none of your business."}}}}
	return set
}

// Fault 36: an agent that is at work refuses a follow-up, and has no queue.
func TestAFollowUpToABusyAgent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		onBusy agent.OnBusy
		ends   string // how the run before ends
		took   time.Duration
		want   string
	}{
		{"waits by default", "", "FINISHED", 10 * time.Minute, ""},
		{"waits", agent.OnBusyWait, "FINISHED", 10 * time.Minute, ""},
		{"cancels", agent.OnBusyCancel, "CANCELLED", 0, ""},
		{"fails", agent.OnBusyFail, "RUNNING", 0,
			"create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: 409 agent_busy: Agent already has an active run. Wait for it to finish or cancel it. (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, busyFor(10*time.Minute), func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				others := w.somebodysRun(t, id)
				time.Sleep(time.Millisecond)
				f := followUp(id)
				f.OnBusy = test.onBusy
				began := time.Now()
				got, err := w.agents.FollowUp(t.Context(), f)
				want := test.want
				if want != "" {
					want = replaced(want, "{request}", w.requests("createRun")[1].ID)
				}
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Fatalf("error (-want +got):\n%s", diff)
				}
				if took := time.Since(began) - test.took; took < -time.Second || took > time.Second {
					t.Errorf("that took %s, want %s", time.Since(began), test.took)
				}
				runs := w.theAgent(t).Runs
				if runs[1].Status != test.ends {
					t.Errorf("the run before is %s, want %s", runs[1].Status, test.ends)
				}
				if err != nil {
					if !errors.Is(err, cursor.CodeAgentBusy) || agent.MaybeLaunched(err) || len(runs) != 2 {
						t.Errorf("%d runs, maybe launched: %v", len(runs), agent.MaybeLaunched(err))
					}
					return
				}
				if len(runs) != 3 || got.RunID != runs[2].ID {
					t.Errorf("%d runs, handle %+v", len(runs), got)
				}
				busy := []agent.Busy{{
					Handle:    agent.Handle{AgentID: id, RunID: others, URL: got.URL, Status: cursor.RunRunning},
					Cancelled: test.onBusy == agent.OnBusyCancel,
				}}
				if diff := cmp.Diff(busy, of[agent.Busy](w)); diff != "" {
					t.Errorf("busy (-want +got):\n%s", diff)
				}
				if said := of[agent.Said](w); said != nil {
					t.Errorf("somebody else's run is told as ours: %v", said)
				}
			})
		})
	}
}

func TestABusyAgentIsWaitedForOnlyAsLongAsWeMay(t *testing.T) {
	t.Parallel()
	for _, onBusy := range []agent.OnBusy{agent.OnBusyWait, agent.OnBusyCancel} {
		t.Run(string(onBusy), func(t *testing.T) {
			t.Parallel()
			set := busyFor(time.Hour)
			set.Scenario.Variants[0].Cancel = simulator.Cancel{Ignored: true}
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				others := w.somebodysRun(t, id)
				f := followUp(id)
				f.OnBusy = onBusy
				_, err := w.agents.FollowUp(stoppedAfter(t, time.Minute), f)
				want := fmt.Sprintf("run %s keeps the agent busy; stopped: the workflow was cancelled", others)
				if diff := cmp.Diff(want, text(err)); diff != "" || agent.MaybeLaunched(err) {
					t.Errorf("maybe launched: %v, error (-want +got):\n%s", agent.MaybeLaunched(err), diff)
				}
				if posts := len(w.requests("createRun")); posts != 2 {
					t.Errorf("%d posts, want somebody's and ours", posts)
				}
			})
		})
	}
}

func TestAnAgentThatIsDeletedWhileItsRunIsWaitedForTakesNoFollowUp(t *testing.T) {
	t.Parallel()
	for _, onBusy := range []agent.OnBusy{agent.OnBusyWait, agent.OnBusyCancel} {
		t.Run(string(onBusy), func(t *testing.T) {
			t.Parallel()
			set := busyFor(time.Hour)
			set.Scenario.Variants[0].Cancel = simulator.Cancel{Ignored: true}
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				w.somebodysRun(t, id)
				time.AfterFunc(time.Minute, func() { _ = w.client.DeleteAgent(t.Context(), id) })
				f := followUp(id)
				f.OnBusy = onBusy
				_, err := w.agents.FollowUp(t.Context(), f)
				if !strings.Contains(text(err), "404 agent_not_found") && !errors.Is(err, agent.ErrGone) || agent.MaybeLaunched(err) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// The API may call an agent busy whose last run it shows as ended.
func TestAnAgentThatIsCalledBusyForNoReasonIsAskedAgain(t *testing.T) {
	t.Parallel()
	busy := answer("createRun", first(3), 409, "agent_busy", "busy")
	bubble(t, taking(time.Second, busy), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		began := time.Now()
		if _, err := w.agents.FollowUp(t.Context(), followUp(id)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 5*time.Second || took > 9*time.Second {
			t.Errorf("that took %s, want about 1 + 2 + 4 seconds", took)
		}
		if runs := w.theAgent(t).Runs; len(runs) != 2 {
			t.Errorf("%d runs, want 2", len(runs))
		}
	})
	t.Run("until our time is over", func(t *testing.T) {
		t.Parallel()
		bubble(t, taking(time.Second, answer("createRun", always, 409, "agent_busy", "busy")), func(t *testing.T, w *world) {
			id := w.somebodysAgent(t)
			_, err := w.agents.FollowUp(stoppedAfter(t, time.Hour), followUp(id))
			if !errors.Is(err, errStopped) || agent.MaybeLaunched(err) {
				t.Errorf("error %v", err)
			}
			if posts := len(w.requests("createRun")); posts < 100 || posts > 160 {
				t.Errorf("%d posts in an hour, want one each 30 s at most", posts)
			}
		})
	})
	t.Run("unless its runs can't be seen", func(t *testing.T) {
		t.Parallel()
		bubble(t, taking(time.Second, answer("createRun", always, 409, "agent_busy", "busy"), answer("listRuns", always, 403, "role_forbidden", "no")), func(t *testing.T, w *world) {
			_, err := w.agents.FollowUp(t.Context(), followUp(w.somebodysAgent(t)))
			want := fmt.Sprintf("list runs: GET /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: 403 role_forbidden: no (request %s)", w.requests("listRuns")[0].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	})
}

// A post that was lost may be carried out while we look for it in vain; then it
// is our own run that keeps the agent from taking the second.
func TestOurOwnLatePostIsNotWaitedForAsSomebodyElses(t *testing.T) {
	t.Parallel()
	set := taking(time.Hour, simulator.Fault{Operation: "createRun", When: first(1), Answer: &simulator.Answer{Status: 500}, CarriedOut: true},
		simulator.Fault{Operation: "listRuns", When: first(7), Answer: &simulator.Answer{Status: 200, Body: `{"items":[]}`}},
		simulator.Fault{Operation: "getAgentConversationV0", When: first(1), Answer: &simulator.Answer{Status: 200, Body: `{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[]}`}})
	set.Scenario.Variants = []simulator.Scenario{{Match: "Write a parser."}}
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		got, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		if runs := w.theAgent(t).Runs; len(runs) != 2 || got.RunID != runs[1].ID || of[agent.Busy](w) != nil {
			t.Errorf("%d runs, handle %+v, busy %v", len(runs), got, of[agent.Busy](w))
		}
	})
}

func TestACancelledWorkflowSendsNoFollowUp(t *testing.T) {
	t.Parallel()
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		bubble(t, taking(time.Second, simulator.Fault{Operation: "getAgent", DelayAnswer: time.Second}), func(t *testing.T, w *world) {
			id := w.somebodysAgent(t)
			_, err := w.agents.FollowUp(stoppedAfter(t, time.Second/2), followUp(id))
			if !errors.Is(err, errStopped) || agent.MaybeLaunched(err) || len(w.requests("createRun")) != 0 {
				t.Errorf("requests %v, error %v", w.trace(), err)
			}
		})
	})
	t.Run("keeps the answer of one on its way", func(t *testing.T) {
		t.Parallel()
		set := taking(time.Second, simulator.Fault{Operation: "createRun", DelayAnswer: 2 * time.Second})
		set.grace = 2 * time.Second
		bubble(t, set, func(t *testing.T, w *world) {
			id := w.somebodysAgent(t)
			got, err := w.agents.FollowUp(stoppedAfter(t, time.Second), followUp(id))
			if err != nil || got.RunID == "" {
				t.Errorf("handle %+v, error %v", got, err)
			}
		})
	})
	for _, test := range []struct {
		name  string
		delay time.Duration
		after time.Duration
		want  string
	}{
		{"says that one may have been sent", time.Minute, 20 * time.Second,
			"create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: the workflow was cancelled (may have been carried out)"},
		{"also while it is looked for", 0, 20 * time.Second,
			"create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: the connection was closed without an answer (may have been carried out); stopped: the workflow was cancelled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, taking(time.Second, simulator.Fault{Operation: "createRun", Delay: test.delay, Reset: "before"}), func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				_, err := w.agents.FollowUp(stoppedAfter(t, test.after), followUp(id))
				if diff := cmp.Diff(test.want, text(err)); diff != "" || !agent.MaybeLaunched(err) || !errors.Is(err, errStopped) {
					t.Errorf("maybe launched: %v, error (-want +got):\n%s", agent.MaybeLaunched(err), diff)
				}
			})
		})
	}
}

// The run that was waited for is none of the candidates for a lost post.
func TestALostAnswerAfterAWaitIsFoundWithoutTheConversation(t *testing.T) {
	t.Parallel()
	set := busyFor(10*time.Minute, simulator.Fault{Operation: "createRun", When: simulator.When{At: []int{2}}, Reset: "after"},
		simulator.Fault{Operation: "getAgent", DelayAnswer: 2 * time.Second}, answer("getAgentConversationV0", always, 404, "agent_not_found", "no"))
	bubble(t, set, func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		time.AfterFunc(time.Second, func() { // when the agent was read, and before our post
			_, _ = w.client.CreateRun(context.Background(), id, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And the docs?"}})
		})
		got, err := w.agents.FollowUp(t.Context(), followUp(id))
		if runs := w.theAgent(t).Runs; err != nil || len(runs) != 3 || got.RunID != runs[2].ID {
			t.Errorf("%d runs, handle %+v, error %v", len(runs), got, err)
		}
	})
}
