package agent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// counting is a story that uses tokens and opens a pull request, with faults of
// the usage.
func counting(faults ...simulator.Fault) setup {
	for i := range faults {
		faults[i].Operation = "getAgentUsage"
	}
	return story(simulator.Scenario{
		Duration: time.Minute, Branch: "auto", PullRequest: simulator.PullRequest{Open: true}, Faults: faults,
		Usage: simulator.Usage{Input: 1, Output: 2, CacheWrite: 3, CacheRead: 4}, Cost: &simulator.Cost{Raw: 9, Charged: 7.5},
	})
}

// zeros is a usage that is not counted yet.
func zeros(when simulator.When) simulator.Fault {
	return simulator.Fault{When: when, Answer: &simulator.Answer{Status: 200, Body: `{"totalUsage":{"totalTokens":0},"runs":[]}`}}
}

// Fault 48: usage is zero until it was counted, and grows while a run is live.
func TestUsageIsReadUntilItIsCounted(t *testing.T) {
	t.Parallel()
	counted := cursor.TokenUsage{InputTokens: 1, OutputTokens: 2, CacheWriteTokens: 3, CacheReadTokens: 4, TotalTokens: 10}
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		want   cursor.TokenUsage
		known  bool
		took   time.Duration
		looks  int
	}{
		{"at once", nil, counted, true, 0, 1},
		{"after a second", []simulator.Fault{zeros(first(1))}, counted, true, time.Second, 2},
		{"after three", []simulator.Fault{zeros(first(2))}, counted, true, 3 * time.Second, 3},
		{"never", []simulator.Fault{zeros(always)}, cursor.TokenUsage{}, true, 3 * time.Second, 3},
		{"and refused then", []simulator.Fault{zeros(first(1)), answer("", always, 403, "feature_unavailable", "off")},
			cursor.TokenUsage{}, true, time.Second, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := counting(test.faults...)
			set.Newer = true
			bubble(t, set, func(t *testing.T, w *world) {
				got, took := w.finish(t, task())
				tokens, known := got.Tokens()
				if diff := cmp.Diff(test.want, tokens); diff != "" || known != test.known {
					t.Errorf("known %v, tokens (-want +got):\n%s", known, diff)
				}
				if looks := len(w.requests("getAgentUsage")); took != test.took || looks != test.looks {
					t.Errorf("%d looks in %s, want %d in %s", looks, took, test.looks, test.took)
				}
				if cents, known := got.CostCents(); known != (test.want != cursor.TokenUsage{}) || known && cents != 7.5 {
					t.Errorf("cost %v, known %v", cents, known)
				}
				if got.UsageProblem != nil || got.Outcome != agent.OutcomeSucceeded {
					t.Errorf("outcome %s, problem %v", got.Outcome, got.UsageProblem)
				}
			})
		})
	}
}

// Fault 48: usage that is refused is not zero usage, and no failure of the work.
func TestUsageThatCanNotBeReadChangesNoVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		want  string // with the agent's id and the first request's
		took  time.Duration
	}{
		{"refused", answer("", always, 403, "feature_unavailable", "Usage is not enabled."),
			"get usage: GET /v1/agents/%s/usage: 403 feature_unavailable: Usage is not enabled. (request %s)", 0},
		{"throttled", simulator.Fault{Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}},
			"get usage: GET /v1/agents/%s/usage: 429 rate_limit_exceeded: slow down (request %s); stopped: no answer within 10s", 10 * time.Second},
		{"hanging", simulator.Fault{Delay: time.Hour},
			"get usage: GET /v1/agents/%s/usage: no answer within 10s%.0s", 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, counting(test.fault), func(t *testing.T, w *world) {
				got, took := w.finish(t, task())
				want := fmt.Sprintf(test.want, got.AgentID, w.requests("getAgentUsage")[0].ID)
				if diff := cmp.Diff(want, text(got.UsageProblem)); diff != "" {
					t.Errorf("problem (-want +got):\n%s", diff)
				}
				if _, known := got.Tokens(); known || got.Outcome != agent.OutcomeSucceeded || took != test.took {
					t.Errorf("after %s: outcome %s, tokens known %v", took, got.Outcome, known)
				}
			})
		})
	}
	t.Run("failing for minutes", func(t *testing.T) {
		t.Parallel()
		bubble(t, counting(answer("", always, 500, "internal_error", "oh no")), func(t *testing.T, w *world) {
			got, took := w.finish(t, task())
			if got.UsageProblem == nil || got.Outcome != agent.OutcomeSucceeded || took > 10*time.Second {
				t.Errorf("after %s: outcome %s, problem %v", took, got.Outcome, got.UsageProblem)
			}
		})
	})
}

func TestUsageOfALiveRunIsReadOnce(t *testing.T) {
	t.Parallel()
	bubble(t, counting(), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		result := agent.Unfinished(agent.OutcomeTimedOut, task(), handle, cursor.Run{})
		w.agents.AddUsage(t.Context(), &result)
		if tokens, known := result.Tokens(); !known || tokens.TotalTokens != 0 || time.Since(w.began) != 0 {
			t.Errorf("after %s tokens %+v, known %v", time.Since(w.began), tokens, known)
		}
		if usage := w.requests("getAgentUsage"); len(usage) != 1 || usage[0].Query != "" {
			t.Errorf("requests %+v, want one for all runs", usage)
		}
	})
}

func TestTheEndOfTheContextEndsTheWaitForUsage(t *testing.T) {
	t.Parallel()
	bubble(t, counting(zeros(always)), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		run := w.follow(t, handle)
		began := time.Now()
		got := w.agents.Finish(stoppedAfter(t, 1500*time.Millisecond), task(), handle, run)
		if took := time.Since(began); took != 1500*time.Millisecond || got.Usage == nil || got.UsageProblem != nil {
			t.Errorf("after %s: usage %v, problem %v", took, got.Usage, got.UsageProblem)
		}
	})
}

func TestNothingIsAskedAboutAnAgentThatIsNotKnown(t *testing.T) {
	t.Parallel()
	bubble(t, counting(), func(t *testing.T, w *world) {
		var result agent.Result
		w.agents.AddUsage(t.Context(), &result)
		if diff := cmp.Diff(agent.Result{}, result); diff != "" || len(w.requests("")) != 0 {
			t.Errorf("requests %v, result (-want +got):\n%s", w.trace(), diff)
		}
	})
}
