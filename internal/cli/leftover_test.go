package cli_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/cli"
	"cursor-agent-action/internal/simulator"
)

// The API refuses looks until the run has ended and we give up: what it came to
// is judged as after any other end, with the whole wait for a pull request.
func TestTheRunThatEndedUnseenKeepsItsVerdict(t *testing.T) {
	t.Parallel()
	gone := &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}
	for _, test := range []struct {
		plays, createPR string
		status          int
		outcome         string
	}{
		{"happy", "false", 0, "succeeded"},
		{"late-pr", "true", 0, "succeeded"},
		{"no-changes", "true", 0, "no-changes"},
		{"pr-never", "true", 1, "pr-missing"},
	} {
		t.Run(test.plays, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, test.plays)
				config.Scenario.Faults = []simulator.Fault{
					{Operation: "streamRun", Answer: gone},
					{Operation: "getRun", When: simulator.When{First: 4}, Answer: gone},
					{Operation: "cancelRun", DelayAnswer: 3 * time.Second},
				}
				s := newStep(t, config).with("create-pr", test.createPR)
				if status := s.run(t.Context()); status != test.status || s.outputs()["outcome"] != test.outcome {
					t.Errorf("exit status %d, outcome %s\n%s", status, s.outputs()["outcome"], s.logged())
				}
			})
		})
	}
}

func TestTheCleanupStageSaysWhatItCouldNotEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faulty func(*simulator.Scenario)
		state  bool
		last   string // as a diagnosis has it
	}{
		{"a run that does not end", func(sc *simulator.Scenario) { sc.Cancel.Ignored = true }, true,
			"::error::cleanup: an agent may still run: cancel run: the run's end was not seen; end it at URL, because there is no more time here"},
		{"a cancel that is refused", func(sc *simulator.Scenario) {
			sc.Faults = []simulator.Fault{refuse("cancelRun", 403, "role_forbidden", "No.")}
		}, true, "::error::cleanup: an agent may still run: cancel run: 403 role_forbidden: No. (request {cancelRun}); end it at URL, because there is no more time here"},
		{"a key that is refused", func(sc *simulator.Scenario) {
			sc.Faults = []simulator.Fault{refuse("getRun", 401, "unauthorized", "Invalid User API Key"), refuse("cancelRun", 401, "unauthorized", "Invalid User API Key")}
		}, true, "::error::cleanup: an agent may still run: cancel run: 401 unauthorized: Invalid User API Key (request {cancelRun}); end it at URL"},
		{"an API that is away", func(sc *simulator.Scenario) { sc.Faults = away("getAgent") }, false,
			"::error::cleanup: an agent may still run: look for agents: get agent: 503 Service Unavailable (request {getAgent}, N attempts); end it at https://cursor.com/agents, because there is no more time here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "slow")
				test.faulty(&config.Scenario)
				killed := newStep(t, config).killed(time.Minute)
				began := time.Now()
				status := killed.cleanup(t.Context(), test.state)
				if took := time.Since(began); took > 65*time.Second {
					t.Errorf("the cleanup took %s", took)
				}
				if got := killed.told(); status != 1 || got != test.last {
					t.Errorf("exit status %d, last line:\n got %s\nwant %s", status, got, test.last)
				}
			})
		})
	}
}

func TestOfTwoRunsTheOneThatGoesOnIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The second attempt can't see the first one's agent, neither before the gate
		// nor when its id is taken, and launches another.
		config := scenario(t, "slow")
		config.Scenario.Faults = []simulator.Fault{{Operation: "getAgent", When: simulator.When{First: 5}, Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "Agent not found"}}}
		config.Scenario.Faults = append(config.Scenario.Faults, first(4, refuse("getRun", 403, "role_forbidden", "No."), refuse("cancelRun", 403, "role_forbidden", "No."))...)
		killed := newStep(t, config).killed(time.Minute)
		stepAgainst(t, killed.api).with("GITHUB_RUN_ATTEMPT", "2").killed(time.Minute)
		if diff := cmp.Diff([]string{"RUNNING", "RUNNING"}, killed.statuses()); diff != "" {
			t.Fatalf("runs before the third attempt (-want +got):\n%s", diff)
		}
		third := stepAgainst(t, killed.api).with("GITHUB_RUN_ATTEMPT", "3")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		third.run(ctx)
		if diff := cmp.Diff([]string{"RUNNING", "CANCELLED"}, third.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
		want := "::error::cancelled: the step was interrupted and the agent's run could not be ended: cancel run: 403 role_forbidden: No. (request {cancelRun}); the agent's run may still go on: https://cursor.com/agents/" + third.api.Agents()[0].ID + "; end it there unless the cleanup stage could"
		if diff := cmp.Diff(want, third.told()); diff != "" {
			t.Errorf("last line (-want +got):\n%s", diff)
		}
	})
}

func TestAnAgentThatWasAttachedToIsEndedToo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, variables string }{
		{"by its id", ""},
		{"by its name", "TOKEN=abcdefgh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				first := newStep(t, scenario(t, "slow")).with("env-vars", test.variables, "timeout", "1m", "on-timeout", "leave")
				first.run(t.Context())
				second := stepAgainst(t, first.api).with("env-vars", test.variables, "GITHUB_RUN_ATTEMPT", "2").killed(time.Minute)
				if got := second.outputs()["attached"]; got != "true" {
					t.Fatalf("attached: %q", got)
				}
				if status := second.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, second.logged())
				}
				if diff := cmp.Diff([]string{"CANCELLED"}, second.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunEndsWhatAnEarlierAttemptLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The first attempt is killed, and nobody cleans up.
		first := newStep(t, scenario(t, "slow"))
		first.killed(time.Minute)
		// The re-run is interrupted before it comes to that agent.
		second := stepAgainst(t, first.api).with("GITHUB_RUN_ATTEMPT", "2")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if status := second.run(ctx); status != 130 {
			t.Errorf("exit status %d", status)
		}
		if diff := cmp.Diff([]string{"CANCELLED"}, second.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s\n%s", diff, second.logged())
		}
	})
}

func TestACleanupOfARerunLooksForWhatItsMainStageDidNotComeTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := newStep(t, scenario(t, "slow"))
		first.killed(time.Minute)
		second := stepAgainst(t, first.api).with("GITHUB_RUN_ATTEMPT", "2", "STATE_stage", "started")
		if status := second.cleanup(t.Context(), false); status != 0 {
			t.Errorf("exit status %d\n%s", status, second.logged())
		}
		if diff := cmp.Diff([]string{"CANCELLED"}, second.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
	})
}

func TestACleanupOfARerunDoesNotStopAtAnAgentThatEndedBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := newStep(t, scenario(t, "slow"))
		first.signalled(time.Minute) // generation 0 is cancelled
		stepAgainst(t, first.api).with("GITHUB_RUN_ATTEMPT", "2").killed(time.Minute)
		third := stepAgainst(t, first.api).with("GITHUB_RUN_ATTEMPT", "3", "STATE_stage", "planned", "STATE_agent-id", first.api.Agents()[0].ID)
		if diff := cmp.Diff([]string{"CANCELLED", "RUNNING"}, third.statuses()); diff != "" {
			t.Fatalf("runs before the cleanup (-want +got):\n%s", diff)
		}
		if status := third.cleanup(t.Context(), false); status != 0 {
			t.Errorf("exit status %d\n%s", status, third.logged())
		}
		if diff := cmp.Diff([]string{"CANCELLED", "CANCELLED"}, third.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
	})
}

func TestACleanupThatIsInterruptedStillSendsItsCancel(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			killed := newStep(t, scenario(t, "slow")).killed(time.Minute)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if status := killed.cleanup(ctx, state); status != 0 {
				t.Errorf("exit status %d\n%s", status, killed.logged())
			}
			if diff := cmp.Diff([]string{"CANCELLED"}, killed.statuses()); diff != "" {
				t.Errorf("runs in the end (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheCleanupStageIsSilentWhenThereIsNothingToDoUnlessItLooked(t *testing.T) {
	t.Parallel()
	const looked = "cleanup: looked for agents for 15s and found nothing, so nothing is left to be ended\n"
	for _, test := range []struct {
		name    string
		prepare func(*workflowStep)
		state   bool
		want    string // the log
	}{
		{"after a finished agent", func(s *workflowStep) { s.run(s.t.Context()) }, true, ""},
		{"after a finished agent, without state", func(s *workflowStep) { s.run(s.t.Context()) }, false, ""},
		{"after bad input", func(s *workflowStep) { s.with("timeout", "10").run(s.t.Context()) }, true, ""},
		{"after a dry run", func(s *workflowStep) { s.with("dry-run", "true").run(s.t.Context()) }, false, ""},
		{"after nothing at all", func(*workflowStep) {}, true, looked},
		{"after a kill before the create", set("STATE_stage", "started"), true, ""},
		{"after a create that was planned and never came", set("STATE_stage", "planned", "STATE_agent-id", "bc-00000000-0000-0000-0000-000000000001"), true, looked},
		{"when the run may outlive the job", func(s *workflowStep) { s.with("on-timeout", "leave") }, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{})
				test.prepare(s)
				before, creates := s.logged(), s.creates()
				status := s.cleanup(t.Context(), test.state)
				if diff := cmp.Diff(test.want, strings.TrimPrefix(s.logged(), before)); diff != "" || status != 0 || s.creates() != creates {
					t.Errorf("exit status %d, log (-want +got):\n%s", status, diff)
				}
				s.noSecret()
			})
		})
	}
}

// fullDisk is a stream that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestALogThatCanNotBeWrittenDoesNotChangeTheVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, scenario(t, "happy"))
		program := s.program()
		var said strings.Builder
		program.Stdout, program.Stderr = fullDisk{}, &said
		if status := program.Run(t.Context(), []string{"x", "action"}); status != 0 || s.outputs()["outcome"] != "succeeded" {
			t.Errorf("exit status %d, outputs %v", status, s.outputs())
		}
		if !strings.HasPrefix(said.String(), "cursor-agent-action: write log: ") || !strings.HasSuffix(said.String(), "no space left on device; the outputs hold what it would have said\n") {
			t.Errorf("stderr: %s", said.String())
		}
		for _, command := range []string{"help", "version"} {
			if status := program.Run(t.Context(), []string{"x", command}); status != 1 {
				t.Errorf("%s on a full disk: exit status %d, want 1", command, status)
			}
		}
	})
}

func TestTheProgramKnowsItsLastStageByItsName(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{}).with("INPUT_API-KEY", "", "RUNNER_DEBUG", "1")
	var program cli.Program = s.program()
	if status := program.Run(t.Context(), []string{"/cleanup", "action"}); status != 0 || !strings.Contains(s.logged(), "::debug::cleanup: ") {
		t.Errorf("exit status %d\n%s", status, s.logged())
	}
}
