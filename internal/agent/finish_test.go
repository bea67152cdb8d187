package agent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
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

func TestEachEndHasItsOutcome(t *testing.T) {
	t.Parallel()
	pushed := simulator.Scenario{Branch: "fix/cache"}
	withPR := simulator.Scenario{Branch: "fix/cache", PullRequest: simulator.PullRequest{Open: true, Number: 7}}
	for _, test := range []struct {
		name     string
		scenario simulator.Scenario
		newer    bool
		noPR     bool // was asked for
		mode     string
		outcome  agent.Outcome
		pushed   agent.Pushed
		took     time.Duration
	}{
		{name: "a pull request", scenario: withPR, outcome: agent.OutcomeSucceeded,
			pushed: agent.Pushed{Branch: "fix/cache", PRURL: "https://github.com/acme/widgets/pull/7"}},
		{name: "a branch, as asked", scenario: pushed, noPR: true, outcome: agent.OutcomeSucceeded,
			pushed: agent.Pushed{Branch: "fix/cache"}},
		{name: "an answer in words, as asked", noPR: true, outcome: agent.OutcomeSucceeded},
		{name: "nothing pushed", outcome: agent.OutcomeNoChanges, took: 30 * time.Second},
		{name: "a plan, which pushes nothing yet", mode: "plan", outcome: agent.OutcomeSucceeded},
		{name: "no pull request", scenario: pushed, outcome: agent.OutcomePRMissing, took: 30 * time.Second,
			pushed: agent.Pushed{Branch: "fix/cache"}},
		{name: "failed, and no word why", scenario: simulator.Scenario{Status: "ERROR"}, outcome: agent.OutcomeAgentError},
		{name: "failed, and says why", scenario: simulator.Scenario{Status: "ERROR", Error: &simulator.RunError{Message: "No disk", Code: "disk_full"}}, newer: true, outcome: agent.OutcomeAgentError},
		{name: "cancelled", scenario: simulator.Scenario{Status: "CANCELLED"}, outcome: agent.OutcomeCancelled},
		{name: "expired", scenario: simulator.Scenario{Status: "EXPIRED", Branch: "fix/cache"}, outcome: agent.OutcomeExpired,
			pushed: agent.Pushed{Branch: "fix/cache"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.scenario.Duration = time.Minute
			test.scenario.Usage = simulator.Usage{Input: 1}
			set := story(test.scenario)
			set.Newer = test.newer
			bubble(t, set, func(t *testing.T, w *world) {
				spec := task()
				spec.CreatePR, spec.Mode = !test.noPR, test.mode
				got, took := w.finish(t, spec)
				want := agent.Result{
					Handle: w.handleOf(0, got.Run.Status, false, 0), Outcome: test.outcome, Pushed: test.pushed,
					Awaited: test.took, Run: got.Run, Usage: got.Usage,
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

func TestAPullRequestThatNobodyCouldLookForIsNoVerdict(t *testing.T) {
	t.Parallel()
	faults := func(fault simulator.Fault) []simulator.Fault {
		fault.Operation, fault.When = "getRun", simulator.When{Skip: 1}
		return []simulator.Fault{fault}
	}
	for _, test := range []struct {
		name   string
		want   agent.Outcome
		faults []simulator.Fault
	}{
		{"the looks fail", agent.OutcomeAPIError, faults(simulator.Fault{Answer: &simulator.Answer{Status: 503}})},
		{"they are refused", agent.OutcomeAPIError, faults(simulator.Fault{Answer: &simulator.Answer{Status: 401}})},
		{"they are throttled", agent.OutcomeAPIError, faults(simulator.Fault{Answer: &simulator.Answer{Status: 429, RetryAfter: "3600"}})},
		{"they hang", agent.OutcomeAPIError, faults(simulator.Fault{Delay: time.Hour})},
		{"they lag behind the end", agent.OutcomePRMissing, faults(simulator.Fault{Stale: 1})},
		{"they are about somebody else's run", agent.OutcomeAPIError, faults(simulator.Fault{Answer: &simulator.Answer{
			Status: 200, Body: `{"id":"run-1","status":"FINISHED","git":{"branches":[{"repoUrl":"github.com/acme/widgets","branch":"other","prUrl":"https://github.com/acme/widgets/pull/99"}]}}`}})},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := story(simulator.Scenario{Duration: time.Minute, Branch: "fix/cache", Faults: test.faults, Usage: simulator.Usage{Input: 1}})
			bubble(t, set, func(t *testing.T, w *world) {
				got, took := w.finish(t, task())
				if got.Outcome != test.want || (got.Unseen != nil) != (test.want == agent.OutcomeAPIError) || got.Run.Status != "FINISHED" || got.Pushed.Branch != "fix/cache" {
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
		if got.Outcome != agent.OutcomeCancelled || got.Run.Status != cursor.RunFinished || got.Awaited != 4*time.Second {
			t.Errorf("outcome %s of a run that is %s, after a wait of %s", got.Outcome, got.Run.Status, got.Awaited)
		}
	})
}
