package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// TestACorrectionOfWhichNothingIsKnownIsFoundByTheReRun loses the answer and
// keeps the agent's runs and conversation out of sight.
func TestACorrectionOfWhichNothingIsKnownIsFoundByTheReRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying(wrongAnswer, rightAnswer)
		refused := &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "no"}
		// The agent's later requests play by its first run's scenario.
		config.Scenario.Faults = []simulator.Fault{{Operation: "listRuns", When: simulator.When{First: 7}, Answer: refused}}
		config.Scenario.Variants[0].Faults = append([]simulator.Fault{{Operation: "createRun", Reset: "after"}}, config.Scenario.Faults...)
		s := newStep(t, config).with("result-schema", resultSchema)
		if status := s.run(t.Context()); status != 1 || s.outputs()["outcome"] != "api-error" {
			t.Errorf("exit status %d, outcome %s", status, s.outputs()["outcome"])
		}
		last := s.lastLine()
		if !strings.HasPrefix(last, "::error::api-error: follow up: the follow-up may have been sent already, and its run can't be told: create run: ") ||
			!strings.HasSuffix(last, "look for it at "+s.outputs()["agent-url"]+", and run the job again, which takes that run if it is there") {
			t.Errorf("last line %s", last)
		}
		again := stepAgainst(t, s.api).with("result-schema", resultSchema, "GITHUB_RUN_ATTEMPT", "2")
		if status := again.run(t.Context()); status != 0 || again.outputs()["result-object"] != `{"fixed":true}` {
			t.Errorf("exit status %d of the re-run\n%s", status, again.logged())
		}
		if got := len(s.api.Agents()[0].Runs); got != 2 {
			t.Errorf("%d runs, want 2", got)
		}
	})
}

// TestAFollowUpIsCorrectedToo sends one to an agent that is there, runs the job
// again, and has both runs found again.
// An attach comes to the agent's latest run, which on a re-run is the correction.
func TestAReRunOfAnAttachTellsTheAgentNoSecondTime(t *testing.T) {
	t.Parallel()
	const told = "invalid-result: the agent's result is not what result-schema asks for, also after it was told what is wrong: " + whatIsWrong +
		"; nothing is left running: URL; make the schema easier to meet or send the agent a follow-up that says more"
	const unread = "api-error: look whether an earlier attempt told the agent what is wrong: the follow-up may have been sent already, and its run can't be told: read conversation: 403 forbidden: No. (request {getAgentConversationV0}); look for it at URL, and run the job again, which takes that run if it is there"
	for _, test := range []struct {
		name   string
		faulty []simulator.Fault
		want   string
	}{
		{"its conversation can be read", nil, told},
		{"it can't be read", []simulator.Fault{{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 403, Code: "forbidden", Message: "No."}}}, unread},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := replying(wrongAnswer, wrongAnswer)
				config.Scenario.Variants[0].Faults = test.faulty
				first := newStep(t, config).with("command", "attach", "prompt", "", "result-schema", resultSchema)
				first.with("agent-id", launch(t, first.api, "Fix it"))
				first.run(t.Context())
				if first.posts() != 1 || first.outputs()["outcome"] != "invalid-result" {
					t.Fatalf("%d follow-ups\n%s", first.posts(), first.logged())
				}
				again := first.rerun()
				if status := again.run(t.Context()); status != 1 || again.posts() != 1 {
					t.Errorf("exit status %d, %d follow-ups\n%s", status, again.posts(), again.logged())
				}
				if diff := cmp.Diff("::error::"+strings.ReplaceAll(again.filled(test.want), "URL", again.outputs()["agent-url"]), again.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAFollowUpIsCorrectedToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		launched := newStep(t, replying(wrongAnswer, rightAnswer))
		launched.run(t.Context())
		for _, attempt := range []struct{ number, attached string }{{"1", "false"}, {"2", "true"}} {
			s := stepAgainst(t, launched.api).with("command", "follow-up", "prompt", "Now the docs.", "agent-id", launched.outputs()["agent-id"],
				"result-schema", resultSchema, "GITHUB_ACTION", "more", "GITHUB_RUN_ATTEMPT", attempt.number)
			status := s.run(t.Context())
			got := s.outputs()
			if status != 0 || got["result-object"] != `{"fixed":true}` || got["attached"] != attempt.attached {
				t.Errorf("attempt %s: exit status %d, outputs %v\n%s", attempt.number, status, got, s.logged())
			}
			if diff := cmp.Diff([]string{"FINISHED", "FINISHED", "FINISHED"}, s.statuses()); diff != "" {
				t.Errorf("attempt %s: runs (-want +got):\n%s", attempt.number, diff)
			}
		}
	})
}

func TestAFollowUpWhoseResultStaysWrongSaysHowItIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, replying(wrongAnswer, wrongAnswer)).with("command", "follow-up", "prompt", "Now the docs.", "result-schema", resultSchema)
		s.with("agent-id", launch(t, s.api, "Fix it"))
		s.run(t.Context())
		if last := s.lastLine(); !strings.HasSuffix(last, "; make the schema easier to meet or say more of it in the prompt, and set on-rerun: new to have a re-run send the follow-up again") {
			t.Errorf("last line %s", last)
		}
	})
}

// The agent of a correction is there: its run has just ended.
func TestACorrectionIsSentToAnAgentThatIsNotShownForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying(wrongAnswer, rightAnswer)
		config.Scenario.Faults = []simulator.Fault{{
			Operation: "getAgent", When: simulator.When{First: 2}, Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "Not found"},
		}}
		s := newStep(t, config).with("result-schema", resultSchema)
		if status := s.run(t.Context()); status != 0 || s.outputs()["result-object"] != `{"fixed":true}` {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
	})
}

func TestASignalBeforeTheCorrectionIsOutSendsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying(wrongAnswer, rightAnswer)
		config.Scenario.Faults = []simulator.Fault{{Operation: "getAgent", Delay: time.Minute}}
		s := newStep(t, config).with("result-schema", resultSchema)
		if status, _ := s.signalled(10*time.Minute + 30*time.Second); status != 130 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		want := "::error::cancelled: the step was interrupted; the agent was not told what is wrong with its result; run the job again"
		if diff := cmp.Diff(want, s.lastLine()); diff != "" || s.posts() != 0 {
			t.Errorf("%d follow-ups, last line (-want +got):\n%s", s.posts(), diff)
		}
	})
}

// TestARunThatEndsWhileItIsToBeCancelledIsJudgedByItsEnd is a budget that is
// passed in the last moment.
func TestARunThatEndsWhileItIsToBeCancelledIsJudgedByItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := simulator.Config{Scenario: simulator.Scenario{
			Duration: 16 * time.Second, Result: rightAnswer, Usage: simulator.Usage{Input: 1600},
			Faults: []simulator.Fault{{Operation: "cancelRun", Delay: 3 * time.Second}},
		}}
		s := newStep(t, config).with("result-schema", resultSchema, "max-tokens", "1000")
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		got := s.outputs()
		if got["outcome"] != "succeeded" || got["status"] != "FINISHED" || got["result-object"] != `{"fixed":true}` {
			t.Errorf("outputs %v", got)
		}
	})
}

// TestAWrongResultIsToldBeforeTheUsageIs looks at the outputs while the usage is
// awaited, where a kill would leave them as they are.
func TestAWrongResultIsToldBeforeTheUsageIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying("Done.", "Done.")
		slow := []simulator.Fault{{Operation: "getAgentUsage", Delay: time.Hour}}
		config.Scenario.Faults, config.Scenario.Variants[0].Faults = slow, slow
		s := newStep(t, config).with("result-schema", resultSchema)
		go s.run(t.Context())
		time.Sleep(11*time.Minute + 5*time.Second)
		synctest.Wait()
		if outcome := s.outputs()["outcome"]; outcome != "invalid-result" {
			t.Errorf("outcome %q before the usage is there, want invalid-result", outcome)
		}
		time.Sleep(time.Hour)
	})
}
