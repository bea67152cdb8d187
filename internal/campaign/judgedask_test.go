package campaign_test

import (
	"fmt"
	"strings"
	"time"
)

func version0Breaches() []breach {
	const second = "agent bc-00000000-0000-8000-8000-000000000002 of attempt 2 was "
	return []breach{
		{"a second agent of version 0 beside a live one", func(h *history) {
			h.speaksV0()
			h.requests = append(h.requests, asked("listAgents", 2, mainStage, 5*time.Minute, ""))
			h.second(2, 5*time.Minute, "FINISHED")
		}, []string{
			"one live run: " + second + "made at 12:05:00.000 while agent " + firstAgent + " of attempt 1 was live",
			"one agent per generation: " + second + "asked for though agent " + firstAgent + " of attempt 1 is there, its run FINISHED",
		}},
		{"a second agent on a branch of the user's beside a live one", func(h *history) {
			h.speaksV0("branch", "nightly/fix")
			h.requests = append(h.requests, asked("listAgents", 2, mainStage, 5*time.Minute, ""))
			h.second(2, 5*time.Minute, "FINISHED")
		}, []string{
			"one live run: " + second + "made at 12:05:00.000 while agent " + firstAgent + " of attempt 1 was live",
			"one agent per generation: " + second + "asked for though agent " + firstAgent + " of attempt 1 is there, its run FINISHED",
		}},
		{"a second agent of version 0 after a lost answer", func(h *history) {
			h.speaksV0("branch", "nightly/fix")
			h.requests = append(h.requests, asked("listAgents", 1, mainStage, 11*time.Minute, ""))
			h.second(1, 11*time.Minute, "FINISHED")
		}, []string{
			"one agent per generation: agent bc-00000000-0000-8000-8000-000000000002 of attempt 1 was asked for though agent " + firstAgent + " of attempt 1 is there, its run FINISHED",
		}},
		{"a success of version 0 that is none", func(h *history) { h.speaksV0(); h.runs("ERROR", 10*time.Minute) }, []string{
			`the outcome is true: the main of attempt 1 says "succeeded": the run is ERROR, ended at 12:10:00.000`,
			`nothing wrong, nothing reported: the main of attempt 1 says "succeeded", not "agent-error"`,
		}},
		{"an end of version 0 that was told and not taken", func(h *history) {
			h.speaksV0()
			h.plan.rate = 20
			h.ends(time.Hour+time.Second, 124, "outcome", "timed-out")
		}, []string{
			`the outcome is true: the main of attempt 1 says "timed-out": it had been told that the run is FINISHED, 10m0s after its start`,
			`the outcome is true: the main of attempt 1 says "timed-out": it had been told that the run is FINISHED, 10m0s after its start`,
			"an end is noticed: the main of attempt 1 followed run run-1 for 50m1s after its end",
		}},
		{"no changes in version 0, which never tells", func(h *history) {
			h.speaksV0()
			h.plan.scenario.Branch = ""
			h.ends(10*time.Minute+time.Second, 0, "outcome", "no-changes", "pr-url", "")
		}, []string{
			`the outcome is true: the main of attempt 1 says "no-changes": a branch was pushed: false, a pull request asked for: true`,
			`nothing wrong, nothing reported: the main of attempt 1 says "no-changes", not "pr-missing"`,
		}},
		{"an agent of version 0 that is stopped though it is to go on", func(h *history) {
			h.speaksV0("on-timeout", "leave", "timeout", "9m")
			h.plan.rate = 20
			h.requests = append(h.requests, asked("cancelRun", 1, cleanupStage, 11*time.Minute, firstAgent))
		}, []string{"what is to go on goes on: run v0-0 was to go on after the time of the main of attempt 1, and was asked to end 11m0s after its start"}},
		{"an agent of version 0 that is left", func(h *history) {
			h.speaksV0()
			h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
			h.runs("RUNNING", 0)
			h.processes[1].lived = []string{firstRun}
		}, []string{"nothing left running: run run-1 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 0"}},
		{"an id of version 0 that is written only at the end", func(h *history) {
			h.speaksV0()
			p := h.ends(time.Minute, -1)
			p.killed, p.calls = true, p.calls[:1]
			p.files = map[string]string{"GITHUB_STATE": p.files["GITHUB_STATE"]}
			h.runs("FINISHED", 50*time.Second)
		}, []string{"the agent's id is written at once: the main of attempt 1 knew of " + firstAgent + ` and v0-0, and ended 59s later with the outputs "" and ""`}},
	}
}

func resultBreaches() []breach {
	told := func(status string) string {
		return "one correction: agent " + firstAgent + " was told in run run-2, which is " + status + ", and again in run run-3"
	}
	shown := "FINISHED: " + wrongAnswer
	return []breach{
		{"an agent that is told twice", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("FINISHED", rightAnswer)
			h.tells("run-3", 12*time.Minute, "FINISHED", rightAnswer)
		}, []string{told("FINISHED")}},
		{"an agent that is told again while it corrects its result", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("FINISHED", rightAnswer)
			h.tells("run-3", 10*time.Minute+30*time.Second, "FINISHED", rightAnswer)
		}, []string{told("FINISHED")}},
		{"a correction of what is right", func(h *history) {
			h.asksForForm(rightAnswer)
			h.corrects("FINISHED", rightAnswer)
		}, []string{"one correction: run run-2 of agent " + firstAgent + " corrects run run-1, which is FINISHED and says " + fmt.Sprintf("%q", rightAnswer)}},
		{"a correction of an agent that failed", func(h *history) {
			h.asksForForm("")
			h.corrects("FINISHED", rightAnswer)
			h.agents[0].Runs[0].Status = "ERROR"
		}, []string{"one correction: run run-2 of agent " + firstAgent + ` corrects run run-1, which is ERROR and says ""`}},
		{"a correction of the cleanup stage", func(h *history) {
			h.processes[1].sends(answered("createRun", "/r", 11*time.Minute, 409, ""))
		}, []string{"nothing created after the decision to end: the cleanup of attempt 1 asked for a run"}},
		{"a correction after a signal", func(h *history) {
			p := h.ends(10*time.Minute+time.Second, 130)
			p.signalled = at(10 * time.Minute)
			p.sends(answered("createRun", "/r", 10*time.Minute+time.Second, 429, ""))
		}, []string{"nothing created after the decision to end: the main of attempt 1 asked for a run 10m1s after its start, 1s after it was told to end"}},
		{"a correction that is left", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("RUNNING", "")
			h.processes[0].killed = true
			h.processes[1].lived = []string{"run-2"}
		}, []string{"nothing left running: run run-2 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 0"}},
		{"a correction that a cleanup stage gives up too early", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("CREATING", "")
			h.agents[0].Runs[1].StartedAt, h.agents[0].Runs[1].EndedAt = time.Time{}, time.Time{}
			h.processes[0].killed = true
			h.processes[1].lived, h.processes[1].exit, h.processes[1].ended = []string{"run-2"}, 1, at(12*time.Minute+15*time.Second)
			h.processes[1].sends(answered("getAgentConversationV0", "/v0", 12*time.Minute+15*time.Second, 200, `{"messages":[]}`))
		}, []string{"nothing left running: run run-2 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 1"}},
		{"an invalid result that is called a success", func(h *history) { h.asksForForm(wrongAnswer) }, []string{
			`a result of the form: the main of attempt 1 says "succeeded" without the object, of an agent that says ` + shown,
		}},
		{"an object that is not of the form", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.writes("GITHUB_OUTPUT", map[string]string{"result-object": `{"fixed":"yes"}`})
		}, []string{`a result of the form: the main of attempt 1 hands on {"fixed":"yes"} of an agent that says ` + shown}},
		{"an object that nobody asked for", func(h *history) {
			h.agents[0].Runs[0].Result = rightAnswer
			h.writes("GITHUB_OUTPUT", map[string]string{"result-object": resultObject})
		}, []string{"a result of the form: the main of attempt 1 hands on " + resultObject + " of an agent that says FINISHED: " + rightAnswer}},
		{"a right result that is called invalid", func(h *history) {
			h.asksForForm(rightAnswer)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "invalid-result", "result-object", "")
		}, []string{
			`a result of the form: the main of attempt 1 says "invalid-result" of an agent that says FINISHED: ` + rightAnswer,
			`nothing wrong, nothing reported: the main of attempt 1 says "invalid-result", not "succeeded"`,
		}},
		{"an invalid result of an agent that was not told", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "invalid-result")
		}, []string{`a result of the form: the main of attempt 1 says "invalid-result" of an agent that was not told`}},
	}
}

func budgetBreaches() []breach {
	const rule = "the limit of tokens is kept: the main of attempt 1 "
	return []breach{
		{"a run that is ended below its limit", func(h *history) {
			h.passes("500", 499)
			h.counts(time.Minute, 499)
		}, []string{rule + "ended its run for 499 tokens of 500, which the API did not say of it"}},
		{"a run that is ended for another's tokens", func(h *history) {
			h.passes("500", 700)
			h.counts(time.Minute, 300)
		}, []string{rule + "ended its run for 700 tokens of 500, which the API did not say of it"}},
		{"a run that goes on past its limit", func(h *history) {
			h.plan.inputs["max-tokens"], h.plan.scenario.Usage.Input = "500", 1000
			h.counts(time.Minute, 501)
		}, []string{rule + "was told of 501 tokens of 500 1m0s after its start, and went on"}},
		{"an account that is warned twice", func(h *history) {
			h.plan.inputs["max-tokens"], h.plan.scenario.Account.NoUsage = "500", true
			h.processes[0].log += strings.Repeat(saysBlind+": no\n", 2)
		}, []string{rule + "warned 2 times that the limit of tokens is not watched, and was refused the usage: false"}},
		{"an account that is not warned", func(h *history) {
			h.plan.inputs["max-tokens"], h.plan.scenario.Account.NoUsage = "500", true
			h.sendsAt(answered("getAgentUsage", "/u", time.Minute, 403, `{"error":{"code":"feature_unavailable"}}`))
		}, []string{rule + "warned 0 times that the limit of tokens is not watched, and was refused the usage: true"}},
		{"a run that is said to be over its limit and cancelled, and nobody saw it", func(h *history) {
			h.passes("500", 501)
			h.counts(time.Minute, 501)
			h.runs("FINISHED", time.Minute)
			p := h.ends(2*time.Minute, 1, "outcome", "cancelled", "status", "RUNNING")
			p.calls[3].status = 503
			p.log += "501 " + saysOverLast + "500"
		}, []string{`the outcome is true: the main of attempt 1 says "cancelled": the run is FINISHED, ended at 12:01:00.000`}},
	}
}
