package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestTheCleanupStageNeedsNoInputThatTheJobMayHaveChanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		fault  simulator.Fault
		after  time.Duration
		status []string
	}{
		{"killed while following", simulator.Fault{Operation: "listModels"}, time.Minute, []string{"CANCELLED"}},
		{"killed before the create was answered", simulator.Fault{Operation: "createAgent", DelayAnswer: time.Hour}, 10 * time.Second, []string{"CANCELLED"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "slow")
				config.Scenario.Faults = []simulator.Fault{test.fault}
				s := newStep(t, config).with("prompt", "", "prompt-file", "task.md").file("task.md", "Fix it.")
				// The files of the stage after are another checkout's.
				killed := s.killed(test.after).with("prompt", "", "prompt-file", "task.md")
				if status := killed.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff(test.status, s.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s\n%s", diff, killed.logged())
				}
			})
		})
	}
}

func TestACleanupWithoutKeySaysWhatMayStillRun(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{}).with("api-key", "", "STATE_stage", "planned", "STATE_agent-id", "bc-1")
	if status := s.cleanup(t.Context(), false); status != 1 || !strings.HasPrefix(s.lastLine(), "::error::cleanup: an agent may still run: input api-key: is empty: ") || !strings.HasSuffix(s.lastLine(), "; end it at https://cursor.com/agents/bc-1") {
		t.Errorf("exit status %d, last line %s", status, s.lastLine())
	}
}

func TestARunThatIsToGoOnGoesOnAlsoWhenItsCreateWasLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "slow")
		config.Scenario.Faults = []simulator.Fault{{Operation: "createAgent", DelayAnswer: time.Hour}}
		s := newStep(t, config).with("timeout", "1m", "on-timeout", "leave")
		status := s.run(t.Context())
		want := "::error::timed-out: the agent had not finished after 1m0s, and on-timeout is leave; the agent's run goes on: " + s.outputs()["agent-url"] + "; follow it there, or raise timeout"
		if status != 124 || s.lastLine() != want {
			t.Errorf("exit status %d\n got %s\nwant %s", status, s.lastLine(), want)
		}
		if diff := cmp.Diff([]string{"RUNNING"}, s.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
		if s.state()["stage"] != "settled" || s.outputs()["run-id"] == "" {
			t.Errorf("state %v, outputs %v", s.state(), s.outputs())
		}
	})
}

func TestASignalWhileThePullRequestIsAwaitedIsNoVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, scenario(t, "late-pr")).with("create-pr", "true")
		// The run ends within four seconds, and its pull request comes later.
		status, took := s.signalled(5 * time.Second)
		want := "::error::cancelled: the wait for the agent's pull request was interrupted; nothing is left running: " + s.outputs()["agent-url"] + "; run the job again, which takes the agent's result"
		if status != 130 || s.lastLine() != want || took > time.Second {
			t.Errorf("exit status %d after %s\n got %s\nwant %s", status, took, s.lastLine(), want)
		}
		if outputs := s.outputs(); outputs["outcome"] != "cancelled" || outputs["status"] != "FINISHED" || outputs["branch"] == "" {
			t.Errorf("outputs: %v", outputs)
		}
	})
}

func TestAServerThatSaysTooMuchDoesNotEndTheStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		git  string
	}{
		{"branches", "[" + strings.TrimSuffix(strings.Repeat(`{"repoUrl": "github.com/acme/shop", "branch": "b"},`, 20000), ",") + "]"},
		{"a branch", `[{"repoUrl": "github.com/acme/shop", "branch": "` + strings.Repeat("b", 1<<20) + `"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "happy")
				config.Scenario.Faults = []simulator.Fault{{Operation: "getRun", Answer: &simulator.Answer{Status: 200, Body: fmt.Sprintf(
					`{"id":"RUN", "status": "FINISHED", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "git": {"branches": %s}}`, test.git)}}}
				s := newStep(t, config)
				program := s.program()
				program.Transport = namesOurRun{s}
				if status := program.Run(t.Context(), []string{"x", "action"}); status != 0 || s.outputs()["outcome"] != "succeeded" || s.outputs()["result-json"] == "" {
					t.Errorf("exit status %d, outcome %q, result-json of %d bytes\n%.2000s", status, s.outputs()["outcome"], len(s.outputs()["result-json"]), s.logged())
				}
			})
		})
	}
}

func TestTheVerdictIsWrittenBeforeTheUsageIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "getAgentUsage", Delay: time.Hour}}
		s := newStep(t, config)
		go s.run(t.Context())
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if outputs := s.outputs(); outputs["outcome"] != "succeeded" || outputs["branch"] == "" {
			t.Errorf("outputs while the usage is read: %v", outputs)
		}
		time.Sleep(time.Minute)
	})
}

func TestWithoutARunOfItsOwnAWorkflowLaunchesNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "abc", "-1"} {
		s := newStep(t, simulator.Config{}).with("GITHUB_RUN_ID", id)
		status := s.run(t.Context())
		want := "::error::input idempotency-key: is not enough without GITHUB_RUN_ID, which tells one workflow run from the next: run this as a step of a workflow, or set GITHUB_RUN_ID to a number of its own; nothing was launched\n"
		if status != 2 || s.logged() != want {
			t.Errorf("GITHUB_RUN_ID=%q: exit status %d, log %s", id, status, s.logged())
		}
	}
}

func TestAnAPIThatIsAwayToTheEndIsNoVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "slow")
		for _, operation := range []string{"streamRun", "getRun", "cancelRun"} {
			config.Scenario.Faults = append(config.Scenario.Faults, simulator.Fault{Operation: operation, Answer: &simulator.Answer{Status: 503, Shape: "html"}})
		}
		s := newStep(t, config)
		status := s.run(t.Context())
		last := s.lastLine()
		if status != 1 || !strings.HasPrefix(last, "::error::api-error: what became of the agent's run could not be seen when the time of 1h0m was over: ") ||
			!strings.HasSuffix(last, "; the agent's run may still go on: "+s.outputs()["agent-url"]+"; end it there unless the cleanup stage could, or run the job again, which attaches to the agent unless that ended badly") {
			t.Errorf("exit status %d, last line %s", status, last)
		}
		if lines := strings.Count(s.logged(), "\n"); lines > 120 {
			t.Errorf("an outage of an hour takes %d lines:\n%s", lines, s.logged())
		}
	})
}

func TestARerunWhoseTimeIsOverBeforeItsLaunchSaysSo(t *testing.T) {
	t.Parallel()
	for _, onTimeout := range []string{"cancel", "leave"} {
		t.Run(onTimeout, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, refusing(simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "40"})).
					with("timeout", "1m", "on-timeout", onTimeout, "GITHUB_RUN_ATTEMPT", "2")
				status := s.run(t.Context())
				want := "::error::timed-out: the time of 1m0s was over while the agent was being launched: create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down (request "
				if got := s.lastLine(); status != 124 || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ", 2 attempts); nothing was launched; raise timeout, or run the job again later") {
					t.Errorf("exit status %d\n got %s\nwant %s", status, got, want)
				}
			})
		})
	}
}

func TestARunThatIsToGoOnGoesOnAlsoWhenNobodyCanSeeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "slow")
		for _, operation := range []string{"streamRun", "getRun"} {
			config.Scenario.Faults = append(config.Scenario.Faults, simulator.Fault{Operation: operation, Answer: &simulator.Answer{Status: 503, Shape: "empty"}})
		}
		s := newStep(t, config).with("timeout", "5m", "on-timeout", "leave")
		if status := s.run(t.Context()); status != 1 || s.outputs()["outcome"] != "api-error" {
			t.Errorf("exit status %d, outputs %v", status, s.outputs())
		}
		if status := s.cleanup(t.Context(), true); status != 0 {
			t.Errorf("exit status of the cleanup: %d\n%s", status, s.logged())
		}
		if diff := cmp.Diff([]string{"RUNNING"}, s.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
	})
}
