package campaign_test

import "time"

// justAsks is what looks like a broken promise of version 0, of results and of
// limits, and is none.
func justAsks() []just {
	return []just{
		{"a story of version 0 that went well", func(h *history) { h.speaksV0() }},
		{"another agent where nothing of ours is on the first, which is over", func(h *history) {
			h.speaksV0("branch", "nightly/fix")
			h.second(2, 20*time.Minute, "FINISHED")
		}},
		{"another agent of version 0 that nobody could see", func(h *history) {
			h.speaksV0()
			h.requests = append(h.requests, asked("listAgents", 2, mainStage, 500*time.Millisecond, ""))
			h.second(2, 2*time.Second, "FINISHED")
		}},
		{"another agent after one whose correction failed, which is all that version 0 shows", func(h *history) {
			h.speaksV0()
			h.asksForForm(wrongAnswer)
			h.corrects("ERROR", "")
			h.ends(11*time.Minute, 1, "outcome", "agent-error", "status", "ERROR", "run-id", "v0-2", "result-object", "")
			h.plan.rate = 20
			h.second(2, 20*time.Minute, "FINISHED")
		}},
		{"a cancelled run that version 0 calls finished", func(h *history) {
			h.speaksV0()
			h.runs("CANCELLED", 10*time.Minute)
		}},
		{"a pull request that version 0 names from the start", func(h *history) {
			h.speaksV0("pull-request", pull, "work-on-current-branch", "true")
			h.plan.scenario.Branch = ""
			h.ends(10*time.Minute+time.Second, 0, "pr-url", pull)
		}},
		{"an end of version 0 that could not be confirmed", func(h *history) {
			h.speaksV0()
			h.plan.rate = 20
			h.ends(15*time.Minute, 1, "outcome", "api-error")
			h.processes[0].calls[3] = call{op: "getRun", path: "/v0/agents/" + firstAgent, at: at(11 * time.Minute), status: 503}
			for range believed {
				h.processes[0].sends(answered("getRun", "/v0/agents/"+firstAgent, 12*time.Minute, 403, ""))
			}
		}},
		{"a result of the form", func(h *history) { h.asksForForm(rightAnswer) }},
		{"a result that was corrected", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("FINISHED", rightAnswer)
		}},
		{"a result that was not", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("FINISHED", otherAnswer)
			h.ends(11*time.Minute, 1, "outcome", "invalid-result", "result-object", "")
		}},
		{"an agent that is told again after it was cancelled over it", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("CANCELLED", "")
			h.ends(11*time.Minute, 1, "outcome", "cancelled", "result-object", "")
			h.tells("run-3", 12*time.Minute, "FINISHED", rightAnswer)
		}},
		{"a correction that nobody could tell from others", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.corrects("RUNNING", "")
			h.plan.scenario.NoConversation = true
			h.processes[0].killed = true
			h.processes[1].lived, h.processes[1].exit = []string{"run-2"}, 1
			h.processes[1].sends(answered("getAgentConversationV0", "/v0", 12*time.Minute, 200, `{"messages":[]}`))
		}},
		{"an end after which the agent could not be told", func(h *history) {
			h.asksForForm(wrongAnswer)
			h.plan.rate = 20
			h.ends(10*time.Minute+time.Second, 1, "outcome", "api-error")
			h.processes[0].sends(answered("createRun", "/r", 10*time.Minute, 403, ""))
		}},
		{"a run that is ended for its tokens", func(h *history) {
			h.passes("500", 501)
			h.counts(time.Minute, 501)
		}},
		{"tokens that are counted when all is over", func(h *history) {
			h.plan.inputs["max-tokens"], h.plan.scenario.Usage.Input = "500", 1000
			h.counts(10*time.Minute, 1000)
		}},
		{"an account that is warned", func(h *history) {
			h.plan.inputs["max-tokens"], h.plan.scenario.Account.NoUsage = "500", true
			h.sendsAt(answered("getAgentUsage", "/u", time.Minute, 403, `{"error":{"code":"feature_unavailable"}}`))
			h.processes[0].log += saysBlind + ": no\n"
		}},
		{"a run over its limit that can't be seen any more", func(h *history) {
			h.passes("500", 501)
			h.counts(time.Minute, 501)
			h.runs("FINISHED", time.Minute)
			h.plan.rate = 20
			p := h.ends(2*time.Minute, 1, "outcome", "api-error", "status", "RUNNING")
			p.calls[2].status, p.calls[3].status = 503, 503
			p.log += "501 " + saysOverLast + "500"
		}},
	}
}
