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

// stoppedAfter is a context that ends with errStopped.
func stoppedAfter(t *testing.T, wait time.Duration) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	if wait == 0 {
		cancel(errStopped)
		return ctx
	}
	timer := time.AfterFunc(wait, func() { cancel(errStopped) })
	t.Cleanup(func() { timer.Stop(); cancel(nil) })
	return ctx
}

func withVars() agent.Spec {
	spec := task()
	spec.EnvVars = map[string]string{"TOKEN": "t0ken-value"}
	return spec
}

func TestNothingIsLaunchedOnceTheWorkflowIsCancelled(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				_, err := w.agents.Launch(stoppedAfter(t, 0), spec, work())
				if err != errStopped || agent.MaybeLaunched(err) {
					t.Errorf("error %v, maybe launched: %v", err, agent.MaybeLaunched(err))
				}
				if len(w.updates) != 0 || len(w.requests("")) != 0 {
					t.Errorf("updates %v, requests %v, want none", w.updates, w.trace())
				}
			})
		})
	}
}

func TestACreateOnItsWayKeepsItsAnswerWhenTheWorkflowIsCancelled(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := failing(simulator.Fault{Operation: "createAgent", DelayAnswer: 2 * time.Second})
			set.grace = 2 * time.Second
			bubble(t, set, func(t *testing.T, w *world) {
				got, err := w.agents.Launch(stoppedAfter(t, time.Second), spec, work())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(w.handleOf(0, cursor.RunCreating, false, 0), got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
				if took := time.Since(w.began); took != 2*time.Second {
					t.Errorf("the answer came after %s, want 2s", took)
				}
			})
		})
	}
}

func TestACreateThatOutlastsTheGraceIsFoundAgain(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by id": task(), "by name": withVars()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := failing(simulator.Fault{Operation: "createAgent", DelayAnswer: 20 * time.Second})
			set.grace = 2 * time.Second
			bubble(t, set, func(t *testing.T, w *world) {
				handle, err := w.agents.Launch(stoppedAfter(t, time.Second), spec, work())
				if !errors.Is(err, errStopped) || !agent.MaybeLaunched(err) {
					t.Errorf("error %v, maybe launched: %v; want errStopped and true", err, agent.MaybeLaunched(err))
				}
				if took := time.Since(w.began); took != 3*time.Second || handle.RunID != "" {
					t.Errorf("after %s the handle is %+v, want one without a run after 3s", took, handle)
				}
				found, err := w.agents.Locate(t.Context(), spec, work())
				if err != nil {
					t.Fatal(err)
				}
				w.theAgent(t)
				if diff := cmp.Diff([]agent.Handle{w.handleOf(0, cursor.RunRunning, false, 0)}, agent.Live(found)); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestACancelledWorkflowDoesNotWaitForTheRateLimit(t *testing.T) {
	t.Parallel()
	throttled := simulator.Fault{Operation: "createAgent", Answer: &simulator.Answer{
		Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60",
	}}
	set := failing(throttled)
	set.grace = 2 * time.Second
	bubble(t, set, func(t *testing.T, w *world) {
		_, err := w.agents.Launch(stoppedAfter(t, 10*time.Second), task(), work())
		want := fmt.Sprintf("create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down (request %s); stopped: the workflow was cancelled",
			w.requests("")[0].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if took := time.Since(w.began); took != 10*time.Second || agent.MaybeLaunched(err) {
			t.Errorf("after %s, maybe launched: %v; want after 10s and false", took, agent.MaybeLaunched(err))
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{"createAgent 429"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// Once the API has said that the id is taken, an agent of this work exists.
// Whatever keeps us from reading it, it must not be left to itself.
func TestAnAgentThatCanNotBeReadIsNotForgotten(t *testing.T) {
	t.Parallel()
	const unread = "launch agent: bc-b1a46c3b-9356-8e4e-8136-810cf01677cd exists already, but its state could not be read: "
	delayed := func(op string) simulator.Fault { return simulator.Fault{Operation: op, Delay: time.Minute} }
	unreadable := answer("getAgent", always, http.StatusNotFound, "agent_not_found", "Agent not found")
	lost := simulator.Fault{Operation: "createAgent", When: simulator.When{At: []int{2}}, Reset: "before"}
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		stop   time.Duration // after the second attempt began; 0 means never
		want   string        // with {request} for the id of the last request
	}{
		{"cancelled while the agent is read", []simulator.Fault{delayed("getAgent")}, 5 * time.Second,
			unread + "get agent: GET /v1/agents/bc-b1a46c3b-9356-8e4e-8136-810cf01677cd: the workflow was cancelled"},
		{"cancelled while its runs are read", []simulator.Fault{delayed("listRuns")}, 5 * time.Second,
			unread + "list runs: GET /v1/agents/bc-b1a46c3b-9356-8e4e-8136-810cf01677cd/runs: the workflow was cancelled"},
		{"cancelled between two looks", []simulator.Fault{lost, unreadable}, 5 * time.Second,
			unread + "the workflow was cancelled"},
		{"refused", []simulator.Fault{answer("getAgent", always, 403, "role_forbidden", "no")}, 0,
			unread + "get agent: GET /v1/agents/bc-b1a46c3b-9356-8e4e-8136-810cf01677cd: 403 role_forbidden: no (request {request})"},
		{"without a run", []simulator.Fault{
			{Operation: "listRuns", Answer: &simulator.Answer{Status: 200, Body: `{"items":[]}`}},
			{Operation: "getAgent", Answer: &simulator.Answer{Status: 200, Body: `{"id":"bc-b1a46c3b-9356-8e4e-8136-810cf01677cd","url":"https://cursor.com/agents/1"}`}},
		}, 0, unread + "agent bc-b1a46c3b-9356-8e4e-8136-810cf01677cd has no run yet: look at https://cursor.com/agents/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(test.faults...), func(t *testing.T, w *world) {
				w.launch(t, task(), work())
				time.Sleep(time.Minute)
				ctx := t.Context()
				if test.stop > 0 {
					ctx = stoppedAfter(t, test.stop)
				}
				handle, err := w.agents.Launch(ctx, task(), rerun())
				requests := w.requests("")
				want := strings.ReplaceAll(test.want, "{request}", requests[len(requests)-1].ID)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !agent.MaybeLaunched(err) || test.stop > 0 && !errors.Is(err, errStopped) {
					t.Errorf("maybe launched: %v, cancelled: %v; want true and true", agent.MaybeLaunched(err), errors.Is(err, errStopped))
				}
				if diff := cmp.Diff(agent.Handle{AgentID: w.theAgent(t).ID}, handle); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
			})
		})
	}
}
