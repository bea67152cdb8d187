package cli_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// late is a post that takes the API three seconds, with its answer another
// minute, and that later posts don't meet.
func late() simulator.Fault {
	return simulator.Fault{Operation: "createRun", When: simulator.When{First: 1}, Delay: 3 * time.Second, DelayAnswer: time.Minute}
}

// A container that is killed anywhere costs one follow-up at most, and the last
// stage ends that one and no other.
func TestAKilledFollowUpLeavesNothingRunningAndIsNotPaidTwice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		after  time.Duration
		state  bool
		runs   []string // after the cleanup
		again  []string // after the re-run
	}{
		{"before the post", []simulator.Fault{{Operation: "getAgent", Delay: time.Hour}}, time.Second, true,
			[]string{"FINISHED"}, []string{"FINISHED", "FINISHED"}},
		{"before the post arrives", []simulator.Fault{late()}, time.Second, true,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
		{"before its answer", []simulator.Fault{late()}, 30 * time.Second, true,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
		{"before its answer, on a runner that keeps no state", []simulator.Fault{late()}, 30 * time.Second, false,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
		{"before its answer, and the conversation is late", []simulator.Fault{late(), {Operation: "getAgentConversationV0", When: simulator.When{First: 2}, Answer: &simulator.Answer{Status: 200, Body: `{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[]}`}}}, 30 * time.Second, true,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
		{"while the run goes on", nil, 30 * time.Second, true,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
		{"while the run goes on, on a runner that keeps no state", nil, 30 * time.Second, false,
			[]string{"FINISHED", "CANCELLED"}, []string{"FINISHED", "CANCELLED", "FINISHED"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := following(t, conversing(10*time.Minute, test.faults...), shop())
				killed := s.killed(test.after)
				if status := killed.cleanup(t.Context(), test.state); status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Fatalf("runs after the cleanup (-want +got):\n%s\n%s", diff, killed.logged())
				}
				if len(test.faults) > 0 && test.faults[0].Operation == "getAgent" {
					return // Its answer would come to the process that the test can't kill.
				}
				again := s.rerun()
				if status := again.run(t.Context()); status != 0 || again.outputs()["attached"] != "false" {
					t.Errorf("exit status of the re-run: %d\n%s", status, again.logged())
				}
				if diff := cmp.Diff(test.again, s.statuses()); diff != "" {
					t.Errorf("runs after the re-run (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunTakesUpTheFollowUpThatGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(10*time.Minute), shop())
		s.killed(time.Minute)
		again := s.rerun()
		if status := again.run(t.Context()); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if got := again.outputs(); got["attached"] != "true" || got["run-id"] != s.api.Agents()[0].Runs[1].ID {
			t.Errorf("outputs %v", got)
		}
		if diff := cmp.Diff([]string{"Write a parser.", "Now the docs."}, again.prompts()); diff != "" {
			t.Errorf("prompts (-want +got):\n%s", diff)
		}
		if want := "An earlier attempt sent the follow-up already; attaching to its run, so nothing is paid twice\n"; !strings.Contains(again.logged(), want) {
			t.Errorf("the log does not say %q:\n%s", want, again.logged())
		}
		if !strings.Contains(again.summary(), "| **Follow-up** | an earlier attempt's: no new one was sent |") {
			t.Errorf("the summary does not tell:\n%s", again.summary())
		}
	})
}

// A runner that keeps no state leaves nothing to know a follow-up by that was
// never sent: the last stage looks for it, and says so.
func TestTheCleanupOfAFollowUpThatWasNeverSentSaysThatItLooked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state bool
		want  string
	}{
		"without a state": {false, "cleanup: looked for the follow-up's run for 15s and found nothing, so nothing is left to be ended"},
		"with one":        {true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := following(t, conversing(time.Minute, simulator.Fault{Operation: "getAgent", When: simulator.When{First: 1}, Delay: time.Hour}), shop())
				killed := s.killed(time.Second)
				began := len(killed.logged())
				asked := len(s.api.Requests())
				status := killed.cleanup(t.Context(), test.state)
				if diff := cmp.Diff(test.want, strings.TrimSpace(killed.logged()[began:])); diff != "" || status != 0 {
					t.Errorf("exit status %d, log (-want +got):\n%s", status, diff)
				}
				if n := len(s.api.Requests()) - asked; test.state && n != 0 {
					t.Errorf("%d requests although nothing was sent", n)
				}
			})
		})
	}
}

// Between two attempts somebody may launch a newer agent on the pull request, or
// archive the one that the follow-up went to.
func TestARerunGoesToTheAgentOfTheAttemptBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(time.Second), pull()).with("agent-id", "", "pull-request", "7")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		o := othersOf(t, s.api)
		o.agent("b", pull())
		if err := o.client.ArchiveAgent(t.Context(), agentA); err != nil {
			t.Fatal(err)
		}
		again := s.rerun()
		if status := again.run(t.Context()); status != 0 || again.outputs()["agent-id"] != agentA || again.outputs()["attached"] != "true" {
			t.Errorf("exit status %d, outputs %v", status, again.outputs())
		}
		if at := slices.IndexFunc(s.api.Agents(), func(a simulator.AgentState) bool { return a.ID == agentA }); !s.api.Agents()[at].Archived {
			t.Error("the agent was archived, and is not any more after its conversation was read")
		}
		if n := len(again.prompts()); n != 3 {
			t.Errorf("prompts %q, want no further one", again.prompts())
		}
	})
}

func TestARerunThatCanNotTellWhoseARunIsSendsNothing(t *testing.T) {
	t.Parallel()
	unread := simulator.Fault{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "No."}}
	for _, test := range []struct{ name, agent, pull string }{{"by id", agentA, ""}, {"by pull request", "", "7"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := conversing(time.Second)
				config.Scenario.Variants[1].Duration = time.Second
				config.Scenario.Variants[1].Faults = []simulator.Fault{unread}
				s := following(t, config, pull()).with("agent-id", test.agent, "pull-request", test.pull)
				othersOf(t, s.api).run(agentA)
				again := s.rerun()
				status := again.run(t.Context())
				if status != 1 || again.outputs()["outcome"] != "api-error" || len(again.prompts()) != 2 {
					t.Errorf("exit status %d, outputs %v, prompts %q", status, again.outputs(), again.prompts())
				}
				where := "https://cursor.com/agents"
				if test.agent != "" {
					where += "/" + agentA
				}
				want := "::error::api-error: follow up: the follow-up may have been sent already, and its run can't be told: read conversation: 404 agent_not_found: No. (request {getAgentConversationV0}); look for it at " +
					where + ", and set on-rerun: new to have a re-run send it all the same"
				if diff := cmp.Diff(again.filled(want), again.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				anew := s.rerun().with("on-rerun", "new")
				if status := anew.run(t.Context()); status != 0 || len(anew.prompts()) != 3 {
					t.Errorf("on-rerun: new: exit status %d, prompts %q", status, anew.prompts())
				}
			})
		})
	}
}

// The run that the cleanup stage meets may be somebody else's.
func TestACleanupEndsNoRunButTheFollowUps(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		t.Run(map[bool]string{true: "with state", false: "without"}[state], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				never := simulator.Fault{Operation: "createRun", Delay: 24 * time.Hour}
				s := following(t, conversing(time.Minute, never), shop())
				killed := s.killed(time.Second)
				othersOf(t, s.api).run(agentA)
				if status := killed.cleanup(t.Context(), state); status != 0 {
					t.Errorf("exit status %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff([]string{"FINISHED", "RUNNING"}, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
	t.Run("and says so where nobody can tell", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			never := simulator.Fault{Operation: "createRun", Delay: 24 * time.Hour}
			unread := simulator.Fault{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "No."}}
			config := conversing(time.Minute, never)
			config.Scenario.Variants[1].Faults = []simulator.Fault{unread}
			s := following(t, config, shop())
			killed := s.killed(time.Second)
			othersOf(t, s.api).run(agentA)
			status := killed.cleanup(t.Context(), true)
			want := killed.filled("::error::cleanup: an agent may still run: look for the follow-up's run: the follow-up may have been sent already, and its run can't be told: read conversation: 404 agent_not_found: No. (request {getAgentConversationV0}); end it at https://cursor.com/agents/" + agentA)
			if diff := cmp.Diff(want, killed.lastLine()); diff != "" || status != 1 {
				t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
			}
			if diff := cmp.Diff([]string{"FINISHED", "RUNNING"}, s.statuses()); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
		})
	})
}

func TestASignalAtEveryStageOfAFollowUpLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	page := "https://cursor.com/agents/" + agentA
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		after  time.Duration
		runs   []string
		last   string
	}{
		{"before the post", []simulator.Fault{{Operation: "getAgent", Delay: time.Minute}}, time.Second, []string{"FINISHED"},
			"cancelled: the step was interrupted; no follow-up was sent; run the job again"},
		{"during the post", []simulator.Fault{{Operation: "createRun", DelayAnswer: time.Second}}, 500 * time.Millisecond, []string{"FINISHED", "CANCELLED"},
			"cancelled: the step was interrupted; the agent's run was cancelled: " + page + "; run the job again, which sends the follow-up again"},
		{"during a post whose answer is lost", []simulator.Fault{{Operation: "createRun", DelayAnswer: time.Minute}}, time.Second, []string{"FINISHED", "CANCELLED"},
			"cancelled: the step was interrupted; the agent's run was cancelled: " + page + "; run the job again, which sends the follow-up again"},
		{"during a post that does not arrive", []simulator.Fault{{Operation: "createRun", Delay: time.Minute, Reset: "before"}}, time.Second, []string{"FINISHED"},
			"cancelled: the step was interrupted while the follow-up was being sent; the follow-up may be at work, though it is not to be seen: " + page + "; end it there unless the cleanup stage could"},
		{"while the run goes on", nil, time.Minute, []string{"FINISHED", "CANCELLED"},
			"cancelled: the step was interrupted; the agent's run was cancelled: " + page + "; run the job again, which sends the follow-up again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := following(t, conversing(time.Hour, test.faults...), shop())
				status, took := s.signalled(test.after)
				if diff := cmp.Diff("::error::"+test.last, s.lastLine()); diff != "" || status != 130 || took > 6*time.Second {
					t.Errorf("exit status %d after %s, last line (-want +got):\n%s", status, took, diff)
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAFollowUpThatEndsBadlySaysThatARerunSendsItAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := conversing(time.Second)
		config.Scenario.Status = "ERROR"
		s := following(t, config, shop())
		status := s.run(t.Context())
		want := "::error::agent-error: the agent failed, and Cursor gives no reason; nothing is left running: https://cursor.com/agents/" + agentA +
			"; read its conversation there, and run the job again, which sends the follow-up again"
		if diff := cmp.Diff(want, s.lastLine()); diff != "" || status != 1 {
			t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
		}
		again := s.rerun()
		again.run(t.Context())
		if want := "The follow-up (run " + s.api.Agents()[0].Runs[1].ID + ") of an earlier attempt ended as ERROR; sending it again\n"; !strings.Contains(again.logged(), want) {
			t.Errorf("the log does not say %q:\n%s", want, again.logged())
		}
	})
}
