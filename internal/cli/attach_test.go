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

// attaching is a step that waits for somebody's agent, whose second run takes an
// hour.
func attaching(t *testing.T, config simulator.Config) *workflowStep {
	t.Helper()
	s := newStep(t, config).with("command", "attach", "prompt", "", "agent-id", agentA)
	o := othersOf(t, s.api)
	o.agent("a", shop())
	o.run(agentA)
	return s
}

func TestAnAgentThatSomethingElseLaunchedIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before time.Duration // until the step attaches
		run    int           // that it names; -1 is none
		want   int           // that it waits for
		took   time.Duration
		ends   string
		log    string
	}{
		{"its latest run, which goes on", 0, -1, 1, time.Hour, "succeeded", "Attaching to agent " + agentA + "\nAgent " + agentA + " is RUNNING: "},
		{"its latest run, which has ended", 2 * time.Hour, -1, 1, 0, "succeeded", "Attaching to agent " + agentA + "\nAgent " + agentA + " is FINISHED: "},
		{"an earlier run", 0, 0, 0, 0, "no-changes", "Attaching to agent " + agentA + ", run RUN\nAgent " + agentA + " is FINISHED: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := attaching(t, conversing(time.Second)).with("timeout", "2h")
				time.Sleep(test.before)
				runs := s.api.Agents()[0].Runs
				if test.run >= 0 {
					s.with("run-id", runs[test.run].ID)
				}
				began := time.Now()
				if status := s.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				if took := time.Since(began) - test.took; took < -time.Minute || took > time.Minute {
					t.Errorf("that took %s, want %s", time.Since(began), test.took)
				}
				if got := s.outputs(); got["run-id"] != runs[test.want].ID || got["outcome"] != test.ends || got["attached"] != "true" ||
					got["result"] != "I did it." || got["pr-number"] == "" && test.run < 0 {
					t.Errorf("outputs %v, want the run %s", got, runs[test.want].ID)
				}
				if want := strings.ReplaceAll(test.log, "RUN\n", runs[test.want].ID+"\n"); !strings.HasPrefix(s.logged(), want) {
					t.Errorf("the log does not begin with %q:\n%s", want, s.logged())
				}
				for _, want := range []string{"> Parser", "| **Agent** | attached to: this step did not launch it |"} {
					if !strings.Contains(s.summary(), want) {
						t.Errorf("the summary has no %q:\n%s", want, s.summary())
					}
				}
				if n := len(s.prompts()); n != 2 {
					t.Errorf("prompts %q, want none of the step's", s.prompts())
				}
			})
		})
	}
}

// Whether a pull request is due, the agent itself knows.
func TestAnAttachJudgesByWhatTheAgentWasLaunchedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := conversing(time.Second)
		config.Scenario.Variants[1].PullRequest = simulator.PullRequest{}
		s := attaching(t, config).with("timeout", "2h")
		status := s.run(t.Context())
		if got := s.outputs()["outcome"]; got != "pr-missing" || status != 1 {
			t.Errorf("exit status %d, outcome %s", status, got)
		}
	})
}

func TestAnAttachThatCanNotGoOnSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	page := "https://cursor.com/agents/" + agentA
	for _, test := range []struct {
		name   string
		inputs []string
		signal bool
		status int
		runs   []string
		last   string
	}{
		{"the time is over", []string{"timeout", "1m"}, false, 124, []string{"FINISHED", "CANCELLED"},
			"timed-out: the agent had not finished after 1m0s; the agent's run was cancelled: " + page + "; raise timeout, or give the agent a smaller task"},
		{"the time is over, and the run is to go on", []string{"timeout", "1m", "on-timeout", "leave"}, false, 124, []string{"FINISHED", "RUNNING"},
			"timed-out: the agent had not finished after 1m0s, and on-timeout is leave; the agent's run goes on: " + page + "; follow it there, or raise timeout"},
		{"the job is cancelled", nil, true, 130, []string{"FINISHED", "CANCELLED"},
			"cancelled: the step was interrupted; the agent's run was cancelled: " + page + "; send the agent a follow-up, or launch a new one"},
		{"there is no such agent", []string{"agent-id", "bc-00000000-0000-0000-0000-0000000000ff"}, false, 1, []string{"FINISHED", "RUNNING"},
			"api-error: get agent: 404 agent_not_found: Agent not found: bc-00000000-0000-0000-0000-0000000000ff (request {getAgent}); nothing was changed; check agent-id: the key's account has no such agent, or it was deleted"},
		{"there is no such run", []string{"run-id", "run-1"}, false, 1, []string{"FINISHED", "RUNNING"},
			"api-error: get run: 404 run_not_found: Run not found: run-1 (request {getRun}); nothing was changed; check run-id, or leave it out for the agent's latest run"},
		{"it works on another repository", []string{"repo", "acme/other"}, false, 1, []string{"FINISHED", "RUNNING"},
			"api-error: agent " + agentA + " does not work on https://github.com/acme/other, which is the repository that was named; nothing was changed; name another agent in agent-id, or correct repo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := attaching(t, conversing(time.Second)).with(test.inputs...)
				var status int
				if test.signal {
					status, _ = s.signalled(time.Minute)
				} else {
					status = s.run(t.Context())
				}
				if diff := cmp.Diff("::error::"+s.filled(test.last), s.lastLine()); diff != "" || status != test.status {
					t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
				}
				if status := s.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, s.logged())
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAKilledAttachEndsTheRunThatItWaitedFor(t *testing.T) {
	t.Parallel()
	slow := simulator.Fault{Operation: "getAgent", Delay: time.Minute}
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		state  bool
		named  bool // by run-id
		ends   string
	}{
		{"by the saved state", nil, true, false, "CANCELLED"},
		{"by run-id, where no state is kept", nil, false, true, "CANCELLED"},
		{"but not a run that may be another by now", nil, false, false, "RUNNING"},
		{"nor one that it had not come to", []simulator.Fault{slow}, true, true, "RUNNING"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := conversing(time.Second)
				config.Scenario.Variants[1].Faults = test.faults
				s := attaching(t, config).with("timeout", "2h")
				if test.named {
					s.with("run-id", s.api.Agents()[0].Runs[1].ID)
				}
				killed := s.killed(10 * time.Second)
				if len(test.faults) > 0 {
					killed.with("GITHUB_RUN_ATTEMPT", "2")
				}
				if status := killed.cleanup(t.Context(), test.state); status != 0 {
					t.Errorf("exit status %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff([]string{"FINISHED", test.ends}, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A later step may delete the agent before the job's cleanup stages.
func TestNothingIsLeftOfAnAttachWhoseAgentWasDeleted(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		t.Run(fmt.Sprintf("state %t", state), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := attaching(t, conversing(time.Second)).with("timeout", "2h")
				s.with("run-id", s.api.Agents()[0].Runs[1].ID)
				if status := s.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				if err := othersOf(t, s.api).client.DeleteAgent(t.Context(), agentA); err != nil {
					t.Fatal(err)
				}
				began, logged := time.Now(), s.logged()
				if status := s.cleanup(t.Context(), state); status != 0 || s.logged() != logged || time.Since(began) > time.Second {
					t.Errorf("exit status %d after %s\n%s", status, time.Since(began), s.logged())
				}
			})
		})
	}
}

func TestTheInputsOfAnAttachAreChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		want   string
	}{
		{"no agent", []string{"agent-id", ""}, "input agent-id: is empty: name the agent to wait for, as the output agent-id of the step that launched it does"},
		{"a prompt", []string{"prompt", "And now?"}, "input prompt: does not go with command: attach, which sends nothing: leave it out"},
		{"a gate", []string{"trigger-phrase", "/wait"}, "input trigger-phrase: " + noGate("attach")},
		{"no waiting", []string{"wait", "false"}, "input wait: is false, and waiting is all that command: attach does: leave it out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, simulator.Config{}).with("command", "attach", "prompt", "", "agent-id", agentA).with(test.inputs...)
			status := s.run(t.Context())
			if diff := cmp.Diff("::error::"+test.want+"; nothing was changed", s.lastLine()); diff != "" || status != 2 {
				t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
			}
		})
	}
}

// An attach needs neither a repository nor a workflow's number.
func TestAnAttachNeedsNoMoreThanTheAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := attaching(t, conversing(time.Second)).with("timeout", "2h", "GITHUB_REPOSITORY", "", "GITHUB_RUN_ID", "", "GITHUB_REF", "", "GITHUB_REF_TYPE", "")
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
	})
}

func TestADryRunSendsNothingToAnAgent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		want   []string // in the log
		not    string
	}{
		{"follow-up", []string{"command", "follow-up", "agent-id", agentA},
			[]string{"Sending a follow-up to agent " + agentA + " (dry run: nothing will be sent)\n", "::group::The request that would be sent: POST /v1/agents/" + agentA + "/runs\n",
				`"text": "Fix the flaky test.\n\n[gh-1000-`, "dry-run: everything is in order, and no follow-up was sent\n"}, "launch"},
		{"follow-up on a pull request", []string{"command", "follow-up", "pull-request", "7"},
			[]string{"Sending a follow-up to the newest agent of https://github.com/acme/shop/pull/7 (dry run: nothing will be sent)\n",
				"::group::The request that would be sent: POST /v1/agents/AGENT/runs\n"}, "launch"},
		{"attach", []string{"command", "attach", "prompt", "", "agent-id", agentA},
			[]string{"Attaching to agent " + agentA + " (dry run: nothing will be asked)\n", "dry-run: everything is in order, and nothing was changed\n"}, "request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{}).with("dry-run", "true", "api-key", "").with(test.inputs...)
				status := s.run(t.Context())
				if status != 0 || s.outputs()["outcome"] != "dry-run" || len(s.api.Requests()) != 0 {
					t.Errorf("exit status %d, outputs %v, %d requests", status, s.outputs(), len(s.api.Requests()))
				}
				for _, want := range test.want {
					if !strings.Contains(s.logged(), want) {
						t.Errorf("the log has no %q:\n%s", want, s.logged())
					}
				}
				if text := s.logged() + s.summary(); strings.Contains(text, test.not) {
					t.Errorf("%q is none of it:\n%s", test.not, text)
				}
			})
		})
	}
	t.Run("what Cursor would refuse", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, simulator.Config{}).with("dry-run", "true", "command", "follow-up", "agent-id", agentA, "images", "https://user@x.example/a.png")
			status := s.run(t.Context())
			if !strings.HasPrefix(s.lastLine(), "::error::dry run: Cursor would refuse this: create run: ") || !strings.HasSuffix(s.lastLine(), "; no follow-up was sent") || status != 2 {
				t.Errorf("exit status %d, last line %s", status, s.lastLine())
			}
		})
	})
}
