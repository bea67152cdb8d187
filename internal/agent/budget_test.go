package agent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// spending is a story of an hour that uses a thousand tokens a minute, evenly,
// with faults of the usage.
func spending(faults ...simulator.Fault) setup {
	for i := range faults {
		faults[i].Operation = "getAgentUsage"
	}
	return story(simulator.Scenario{Duration: time.Hour, Usage: simulator.Usage{Input: 60_000}, Faults: faults})
}

func TestARunIsFollowedAsLongAsItKeepsToItsBudget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		tokens int64
		faults []simulator.Fault
		used   int64 // 0: it ends by itself
		low    time.Duration
		high   time.Duration
		looks  int // at most
	}{
		{"a small one", 100, nil, 250, 15 * time.Second, 15 * time.Second, 1},
		{"one that was just met", 250, nil, 500, 30 * time.Second, 30 * time.Second, 2},
		{"a larger one", 10_000, nil, 0, 10 * time.Minute, 10*time.Minute + 15*time.Second, 16},
		{"one that lasts", 60_000, nil, 0, time.Hour, time.Hour, 64},
		{"none", 0, nil, 0, time.Hour, time.Hour, 0},
		{"an API that fails at times", 10_000, []simulator.Fault{answer("", first(1), 404, "run_not_found", "Run not found")}, 0, 10 * time.Minute, 10*time.Minute + 15*time.Second, 16},
		{"an API that does not list the runs", 99, []simulator.Fault{{Answer: &simulator.Answer{Status: 200, Body: `{"totalUsage":{"totalTokens":100}}`}}}, 100, 15 * time.Second, 15 * time.Second, 1},
		{"usage of another run only", 99, []simulator.Fault{{Answer: &simulator.Answer{Status: 200, Body: `{"totalUsage":{"totalTokens":100},"runs":[{"id":"run-x","usage":{"totalTokens":100}}]}`}}}, 0, time.Hour, time.Hour, 61},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, spending(test.faults...), func(t *testing.T, w *world) {
				handle := w.launch(t, task(), work())
				run, err := w.agents.FollowWithin(t.Context(), handle, agent.Budget{Tokens: test.tokens})
				took := time.Since(w.began)
				if took < test.low || took > test.high {
					t.Errorf("followed for %s, want %s to %s", took, test.low, test.high)
				}
				if looks := len(w.requests("getAgentUsage")); looks > test.looks {
					t.Errorf("%d looks at the usage, want at most %d", looks, test.looks)
				}
				over, ok := errors.AsType[*agent.OverBudget](err)
				if ok != (test.high < time.Hour) || !ok && (err != nil || run.Status != cursor.RunFinished) {
					t.Fatalf("status %s, error %v", run.Status, err)
				}
				if ok && (over.Limit != test.tokens || over.Used <= over.Limit || test.used > 0 && over.Used != test.used) {
					t.Errorf("error %+v, want %d tokens of %d", over, test.used, test.tokens)
				}
			})
		})
	}
}

func TestEarlierRunsCanCountToo(t *testing.T) {
	t.Parallel()
	const usage = `{"totalUsage":{"totalTokens":900},"runs":[{"id":"run-a","usage":{"totalTokens":60}},{"id":"run-b","usage":{"totalTokens":840}}]}`
	set := spending(simulator.Fault{Answer: &simulator.Answer{Status: 200, Body: usage}})
	bubble(t, set, func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		_, err := w.agents.FollowWithin(t.Context(), handle, agent.Budget{Tokens: 59, Earlier: []string{"run-a"}})
		if diff := cmp.Diff("the run used 60 tokens of 59", text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	})
}

func TestUsageThatCanNotBeCountedIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		gone  bool
		looks int
	}{
		{"not enabled", answer("", always, 403, "feature_unavailable", "Usage is not enabled."), true, 1},
		{"refused", answer("", always, 404, "run_not_found", "Run not found"), false, 60},
		{"hanging", simulator.Fault{Delay: time.Hour}, false, 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, spending(test.fault), func(t *testing.T, w *world) {
				run, err := w.agents.FollowWithin(t.Context(), w.launch(t, task(), work()), agent.Budget{Tokens: 1})
				if err != nil || run.Status != cursor.RunFinished {
					t.Fatalf("status %s, error %v", run.Status, err)
				}
				told := of[agent.Uncounted](w)
				if len(told) != 1 || told[0].Gone != test.gone || told[0].Err == nil {
					t.Errorf("told %+v, want once and gone %v", told, test.gone)
				}
				if looks := len(w.requests("getAgentUsage")); looks != test.looks {
					t.Errorf("%d looks, want %d", looks, test.looks)
				}
			})
		})
	}
}
