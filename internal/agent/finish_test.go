package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/simulator"
)

// finish launches the task, follows it and has it judged; it returns how long
// the judgement took.
func (w *world) finish(t *testing.T, spec agent.Spec) (agent.Result, time.Duration) {
	t.Helper()
	handle := w.launch(t, spec, work())
	run := w.follow(t, handle)
	began := time.Now()
	return w.agents.Finish(t.Context(), spec, handle, run), time.Since(began)
}

func TestEachEndHasItsOutcomeReasonAndNextStep(t *testing.T) {
	t.Parallel()
	pushed := simulator.Scenario{Branch: "fix/cache"}
	withPR := simulator.Scenario{Branch: "fix/cache", PullRequest: simulator.PullRequest{Open: true, Number: 7}}
	failed := func(message, code string) simulator.Scenario {
		return simulator.Scenario{Status: "ERROR", Error: &simulator.RunError{Message: message, Code: code}}
	}
	for _, test := range []struct {
		name     string
		scenario simulator.Scenario
		newer    bool
		noPR     bool // was asked for
		outcome  agent.Outcome
		pushed   agent.Pushed
		reason   string
		next     string // with {page}
		took     time.Duration
	}{
		{name: "a pull request", scenario: withPR, outcome: agent.OutcomeSucceeded,
			pushed: agent.Pushed{Branch: "fix/cache", PRURL: "https://github.com/acme/widgets/pull/7"}},
		{name: "a branch, as asked", scenario: pushed, noPR: true, outcome: agent.OutcomeSucceeded,
			pushed: agent.Pushed{Branch: "fix/cache"}},
		{name: "an answer in words, as asked", noPR: true, outcome: agent.OutcomeSucceeded},
		{name: "nothing pushed", outcome: agent.OutcomeNoChanges, took: 30 * time.Second,
			reason: "the agent finished and pushed nothing",
			next:   "read its answer: it may have found nothing to change"},
		{name: "no pull request", scenario: pushed, outcome: agent.OutcomePRMissing, took: 30 * time.Second,
			pushed: agent.Pushed{Branch: "fix/cache"},
			reason: "the agent pushed the branch fix/cache, but no pull request was there 30s after its end",
			next:   "open one from the branch, or ask the agent to at {page}"},
		{name: "failed, and no word why", scenario: simulator.Scenario{Status: "ERROR"}, outcome: agent.OutcomeAgentError,
			reason: "the agent failed, and Cursor gives no reason",
			next:   "read its conversation at {page} and run the job again: that launches a new agent"},
		{name: "failed with a message", scenario: failed(" No disk.\nTrace: x", ""), newer: true, outcome: agent.OutcomeAgentError,
			reason: "the agent failed: No disk.",
			next:   "read its conversation at {page} and run the job again: that launches a new agent"},
		{name: "failed with a code", scenario: failed("No disk", "disk_full"), newer: true, outcome: agent.OutcomeAgentError,
			reason: "the agent failed: No disk (disk_full)",
			next:   "read its conversation at {page} and run the job again: that launches a new agent"},
		{name: "failed with a code alone", scenario: failed("", "disk_full"), newer: true, outcome: agent.OutcomeAgentError,
			reason: "the agent failed (disk_full), and Cursor gives no other reason",
			next:   "read its conversation at {page} and run the job again: that launches a new agent"},
		{name: "cancelled", scenario: simulator.Scenario{Status: "CANCELLED"}, outcome: agent.OutcomeCancelled,
			reason: "the run was cancelled in Cursor, not by this workflow",
			next:   "run the job again to launch a new agent, or see {page}"},
		{name: "expired", scenario: simulator.Scenario{Status: "EXPIRED", Branch: "fix/cache"}, outcome: agent.OutcomeExpired,
			pushed: agent.Pushed{Branch: "fix/cache"},
			reason: "Cursor gave the run up before it finished",
			next:   "run the job again to launch a new agent, and give it a smaller task if that repeats"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.scenario.Duration = time.Minute
			test.scenario.Usage = simulator.Usage{Input: 1}
			set := story(test.scenario)
			set.Newer = test.newer
			bubble(t, set, func(t *testing.T, w *world) {
				spec := task()
				spec.CreatePR = !test.noPR
				got, took := w.finish(t, spec)
				want := agent.Result{
					Handle: w.handleOf(0, got.Run.Status, false, 0), Outcome: test.outcome, Pushed: test.pushed,
					Reason: test.reason, NextStep: strings.ReplaceAll(test.next, "{page}", got.URL),
					Run: got.Run, Usage: got.Usage,
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				want.Usage = nil // The verdict does not wait for it.
				if diff := cmp.Diff([]agent.Settled{{Result: want}}, of[agent.Settled](w)); diff != "" {
					t.Errorf("settled (-want +got):\n%s", diff)
				}
				if truth := w.theAgent(t).Runs[0].Status; string(got.Run.Status) != truth {
					t.Errorf("the run is %s, and it ended as %s", got.Run.Status, truth)
				}
				if took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
			})
		})
	}
}

func TestAPullRequestThatIsLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		after time.Duration
		want  agent.Outcome
		took  time.Duration // at most
	}{
		{900 * time.Millisecond, agent.OutcomeSucceeded, time.Second},
		{6 * time.Second, agent.OutcomeSucceeded, 8 * time.Second},
		{14 * time.Second, agent.OutcomeSucceeded, 16 * time.Second},
		{29900 * time.Millisecond, agent.OutcomeSucceeded, 30 * time.Second},
		{31 * time.Second, agent.OutcomePRMissing, 30 * time.Second},
	} {
		t.Run(test.after.String(), func(t *testing.T) {
			t.Parallel()
			scenario := simulator.Scenario{
				Duration: time.Minute, Branch: "auto", PullRequest: simulator.PullRequest{Open: true},
				PRAfter: test.after, Usage: simulator.Usage{Input: 1},
			}
			for range 3 { // The last look and the end of the time must not race.
				bubble(t, story(scenario), func(t *testing.T, w *world) {
					got, took := w.finish(t, task())
					if got.Outcome != test.want || took > test.took {
						t.Errorf("after %s: %s, want %s after at most %s", took, got.Outcome, test.want, test.took)
					}
					if got.Pushed.Branch == "" || (got.Pushed.PRURL != "") != (test.want == agent.OutcomeSucceeded) {
						t.Errorf("pushed %+v", got.Pushed)
					}
					awaiting := of[agent.AwaitingPullRequest](w)
					looks := len(w.looks()) - 1 // Follow's own
					if looks > 6 || len(awaiting) != looks {
						t.Errorf("%d looks, %d told; want at most 6, and each told", looks, len(awaiting))
					}
					if first := awaiting[0].Remaining; first != 29*time.Second {
						t.Errorf("first told that %s remain, want 29s", first)
					}
				})
			}
		})
	}
}

func TestTheVerdictStandsWhateverTheLooksForThePullRequestSay(t *testing.T) {
	t.Parallel()
	faults := func(fault simulator.Fault) []simulator.Fault {
		fault.Operation, fault.When = "getRun", simulator.When{Skip: 1}
		return []simulator.Fault{fault}
	}
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
	}{
		{"they fail", faults(simulator.Fault{Answer: &simulator.Answer{Status: 503}})},
		{"they are refused", faults(simulator.Fault{Answer: &simulator.Answer{Status: 401}})},
		{"they are throttled", faults(simulator.Fault{Answer: &simulator.Answer{Status: 429, RetryAfter: "3600"}})},
		{"they hang", faults(simulator.Fault{Delay: time.Hour})},
		{"they lag behind the end", faults(simulator.Fault{Answer: &simulator.Answer{
			Status: 200, Body: `{"id":"run-1","agentId":"bc-1","status":"RUNNING"}`}})},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := story(simulator.Scenario{Duration: time.Minute, Branch: "fix/cache", Faults: test.faults, Usage: simulator.Usage{Input: 1}})
			bubble(t, set, func(t *testing.T, w *world) {
				got, took := w.finish(t, task())
				if got.Outcome != agent.OutcomePRMissing || got.Run.Status != "FINISHED" || got.Pushed.Branch != "fix/cache" {
					t.Errorf("%s, %s, %+v", got.Outcome, got.Run.Status, got.Pushed)
				}
				if took < 30*time.Second || took > 35*time.Second {
					t.Errorf("it took %s, want about 30s", took)
				}
			})
		})
	}
}

func TestTheVerdictComesAtOnceWhenTheWorkflowIsCancelled(t *testing.T) {
	t.Parallel()
	bubble(t, story(simulator.Scenario{Duration: time.Minute, Branch: "fix/cache"}), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		run := w.follow(t, handle)
		began := time.Now()
		got := w.agents.Finish(stoppedAfter(t, 4*time.Second), task(), handle, run)
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("it took %s, want 4s", took)
		}
		want := []string{"cancelled", "the wait for the agent's pull request was interrupted", "run the job again: that takes the agent's result"}
		if diff := cmp.Diff(want, []string{string(got.Outcome), got.Reason, got.NextStep}); diff != "" {
			t.Errorf("outcome, reason, next step (-want +got):\n%s", diff)
		}
	})
}
