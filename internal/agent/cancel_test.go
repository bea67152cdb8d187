package agent_test

import (
	"context"
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

// cancelling is a story of an hour whose cancel comes to that, with faults.
func cancelling(cancel simulator.Cancel, faults ...simulator.Fault) setup {
	set := failing(faults...)
	set.Scenario.Cancel = cancel
	return set
}

func TestACancelEndsTheRunAndSeesItsEnd(t *testing.T) {
	t.Parallel()
	internal := func(when simulator.When) simulator.Fault {
		return answer("cancelRun", when, 500, "internal_error", "oh no")
	}
	for _, test := range []struct {
		name     string
		set      setup
		within   time.Duration
		requests []string // "" when they do not matter
		cancels  int      // that were carried out, at most
	}{
		{"at once", cancelling(simulator.Cancel{}), 0, []string{"createAgent 201", "cancelRun 200", "getRun 200"}, 1},
		{"three seconds later", cancelling(simulator.Cancel{After: 3 * time.Second}), 3500 * time.Millisecond, nil, 2},
		{"after some faults", cancelling(simulator.Cancel{}, internal(first(4))), 5 * time.Second, nil, 1},
		{"with a lost answer", cancelling(simulator.Cancel{}, simulator.Fault{Operation: "cancelRun", When: first(1), Reset: "after"}), time.Second, nil, 1},
		{"although no answer ever comes", cancelling(simulator.Cancel{}, simulator.Fault{Operation: "cancelRun", DelayAnswer: time.Hour}), 2 * time.Second, nil, 1},
		{"although looks fail for a while", cancelling(simulator.Cancel{}, answer("getRun", first(2), 503, "upstream_error", "later")), 4 * time.Second, nil, 1},
		{"although nothing works for a while", cancelling(simulator.Cancel{}, internal(first(6)), answer("getRun", first(3), 503, "upstream_error", "later")), 10 * time.Second, nil, 1},
		{"with throttled requests", cancelling(simulator.Cancel{},
			simulator.Fault{Operation: "cancelRun", When: first(1), Answer: &simulator.Answer{Status: 429, RetryAfter: "1"}}), 2 * time.Second, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, test.set, func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				run, err := w.agents.Cancel(t.Context(), handle)
				if err != nil || run.Status != cursor.RunCancelled || run.ID != handle.RunID {
					t.Errorf("error %v, run %+v", err, run)
				}
				if took := time.Since(w.began); took > test.within {
					t.Errorf("it took %s, want at most %s: %v", took, test.within, w.trace())
				}
				truth := w.theAgent(t).Runs[0]
				if n := len(truth.CancelRequestedAt); truth.Status != "CANCELLED" || n > test.cancels {
					t.Errorf("the run is %s after %d cancels", truth.Status, n)
				}
				if diff := cmp.Diff(test.requests, w.trace()); test.requests != nil && diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARunThatEndedFirstKeepsItsEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"FINISHED", "ERROR", "EXPIRED", "CANCELLED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			bubble(t, story(ending(status)), func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				time.Sleep(time.Minute)
				run, err := w.agents.Cancel(t.Context(), handle)
				if err != nil || string(run.Status) != status {
					t.Errorf("error %v, run %+v, want %s", err, run, status)
				}
				if diff := cmp.Diff([]string{"createAgent 201", "cancelRun 409", "getRun 200"}, w.trace()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestALookThatLagsBehindIsRepeatedUntilItShowsTheEnd(t *testing.T) {
	t.Parallel()
	set := story(ending(""))
	set.Scenario.Lag = 10 * time.Second
	bubble(t, set, func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		time.Sleep(2 * time.Second)
		run, err := w.agents.Cancel(t.Context(), handle)
		if err != nil || run.Status != cursor.RunFinished {
			t.Errorf("error %v, run %+v", err, run)
		}
		if n := len(w.requests("")); n > 40 {
			t.Errorf("nine seconds took %d requests", n)
		}
	})
}

func TestARunThatDoesNotEndIsReportedWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	const over = "the run's end was not seen; stopped: context deadline exceeded"
	const post = "cancel run: POST /v1/agents/{agent}/runs/{run}/cancel: "
	for _, test := range []struct {
		name string
		set  setup
		want string
	}{
		{"it ignores the cancel", cancelling(simulator.Cancel{Ignored: true}), "cancel run: " + over},
		{"the cancel is refused", cancelling(simulator.Cancel{}, answer("cancelRun", always, 403, "role_forbidden", "no")),
			post + "403 role_forbidden: no (request {cancel}); " + over},
		{"the cancel fails", cancelling(simulator.Cancel{}, simulator.Fault{Operation: "cancelRun", Delay: time.Hour}),
			post + "no answer within 1.5s (may have been carried out); " + over},
		{"the run can't be read", cancelling(simulator.Cancel{}, answer("getRun", always, 401, "unauthorized", "no")),
			"get run: GET /v1/agents/{agent}/runs/{run}: 401 unauthorized: no (request {look}); " + over},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, test.set, func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				run, err := w.agents.Cancel(ctx, handle)
				last := func(op string) string {
					requests := w.requests(op)
					return requests[len(requests)-1].ID
				}
				want := strings.NewReplacer("{run}", handle.RunID, "{agent}", handle.AgentID,
					"{cancel}", last("cancelRun"), "{look}", last("getRun")).Replace(test.want)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !errors.Is(err, agent.ErrStillRunning) || !errors.Is(err, context.DeadlineExceeded) {
					t.Error("the error is neither ErrStillRunning nor the end of the time")
				}
				if run.ID != handle.RunID || run.Status.Terminal() {
					t.Errorf("run %+v", run)
				}
				if took := time.Since(w.began); took != 30*time.Second {
					t.Errorf("it took %s, want 30s", took)
				}
				if n := len(w.requests("")); n > 90 {
					t.Errorf("%d requests in 30 s", n)
				}
			})
		})
	}
}

func TestARunThatIsNotKnownIsFoundByItsAgent(t *testing.T) {
	t.Parallel()
	t.Run("found", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(), func(t *testing.T, w *world) {
			handle := w.launch(t, task(), work())
			run, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: handle.AgentID})
			if err != nil || run.ID != handle.RunID || run.Status != cursor.RunCancelled {
				t.Errorf("error %v, run %+v", err, run)
			}
		})
	})
	t.Run("no such agent", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(), func(t *testing.T, w *world) {
			missing := id(work(), task(), 0)
			run, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: missing})
			want := fmt.Sprintf("get agent: GET /v1/agents/%s: 404 agent_not_found: Agent not found: %[1]s (request %s)", missing, w.requests("")[0].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" || run.AgentID != missing {
				t.Errorf("run %+v, error (-want +got):\n%s", run, diff)
			}
		})
	})
	t.Run("its runs can't be read", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(answer("listRuns", always, http.StatusForbidden, "role_forbidden", "no")), func(t *testing.T, w *world) {
			handle := w.launch(t, task(), work())
			_, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: handle.AgentID})
			want := fmt.Sprintf("list runs: GET /v1/agents/%s/runs: 403 role_forbidden: no (request %s)", handle.AgentID, w.requests("listRuns")[0].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	})
}

func TestACancelThatIsRefusedForGoodEndsSoon(t *testing.T) {
	t.Parallel()
	refuse := func(status int) []simulator.Fault {
		answer := &simulator.Answer{Status: status, Shape: "empty"}
		return []simulator.Fault{{Operation: "cancelRun", Answer: answer}, {Operation: "getRun", Answer: answer}}
	}
	for _, test := range []struct {
		name   string
		status int
		gone   bool
	}{
		{"a key that is no longer good", 401, false},
		{"an agent that was deleted", 404, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, story(simulator.Scenario{Duration: time.Hour, Faults: refuse(test.status)}), func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				began := time.Now()
				_, err := w.agents.Cancel(t.Context(), handle)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
				failed, refused := errors.AsType[*cursor.Error](err)
				if errors.Is(err, agent.ErrGone) != test.gone || !test.gone && (!refused || failed.Status != test.status) {
					t.Errorf("error: %v", err)
				}
			})
		})
	}
}

// The API shows a new agent late at times: it is not gone by that.
func TestAnAgentThatShowsLateIsCancelledAllTheSame(t *testing.T) {
	t.Parallel()
	late := func(op string) simulator.Fault {
		return answer(op, first(2), http.StatusNotFound, "agent_not_found", "Agent not found")
	}
	bubble(t, cancelling(simulator.Cancel{}, late("cancelRun"), late("getRun")), func(t *testing.T, w *world) {
		run, err := w.agents.Cancel(t.Context(), w.launch(t, task(), work()))
		if took := time.Since(w.began); err != nil || run.Status != cursor.RunCancelled || took > time.Second {
			t.Errorf("after %s: %s, error %v", took, run.Status, err)
		}
	})
}
