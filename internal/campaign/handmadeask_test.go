package campaign_test

import (
	"fmt"
	"slices"
	"time"

	"cursor-agent-action/internal/simulator"
)

// speaksV0 makes the story one of version 0: the same happened, told as that
// tells it.
func (h *history) speaksV0(inputs ...string) {
	h.plan.inputs["api-version"] = "v0"
	for i := 0; i < len(inputs); i += 2 {
		h.plan.inputs[inputs[i]] = inputs[i+1]
	}
	p := &h.processes[0]
	p.calls = []call{
		answered("createAgent", "/v0/agents", time.Second, 201, agentV0("CREATING")),
		lookedV0(10*time.Minute, "FINISHED"),
		answered("getAgentConversationV0", "/v0/agents/"+firstAgent+"/conversation", 10*time.Minute, 200, `{"messages":[]}`),
		lookedV0(10*time.Minute, "FINISHED"),
	}
	h.writes("GITHUB_STATE", map[string]string{"run-id": firstRunV0})
	h.writes("GITHUB_OUTPUT", map[string]string{"run-id": firstRunV0})
}

func agentV0(status string) string {
	return `{"id":"` + firstAgent + `","status":"` + status + `","target":{"prUrl":"https://github.com/acme/shop/pull/1"}}`
}

func lookedV0(after time.Duration, status string) call {
	return answered("getRun", "/v0/agents/"+firstAgent, after, 200, agentV0(status))
}

// asksForForm makes the story one of a result of a form, which the agent's
// first answer has or has not.
func (h *history) asksForForm(answer string) {
	h.plan.inputs["result-schema"] = resultSchema
	h.agents[0].Runs[0].Result = answer
	if answer == rightAnswer {
		h.writes("GITHUB_OUTPUT", map[string]string{"result-object": resultObject})
	}
}

// corrects adds a correction, which ends the first process' work a minute after
// the first run.
func (h *history) corrects(status, answer string) {
	h.plan.scenario.Variants = []simulator.Scenario{{Match: correctionAsks}}
	h.tells("run-2", 10*time.Minute, status, answer)
	h.processes[0].sends(
		answered("createRun", "/v1/agents/"+firstAgent+"/runs", 10*time.Minute, 201, `{"run":{"id":"run-2"}}`),
		answered("getRun", "/v1/agents/"+firstAgent+"/runs/run-2", 11*time.Minute, 200,
			`{"id":"run-2","status":"`+status+`","git":{"branches":[{"prUrl":"https://github.com/acme/shop/pull/1"}]}}`))
	h.writes("GITHUB_STATE", map[string]string{"run-id": "run-2", "mark": "[gh-1000-0a1b2c3d]", "known-run": firstRun})
	h.ends(11*time.Minute, 0, "run-id", "run-2", "status", status, "result-object", resultObject)
	h.processes[1].began, h.processes[1].ended = at(12*time.Minute), at(12*time.Minute)
}

// tells adds a correction to the first agent: a minute's work, or work without
// end.
func (h *history) tells(id string, born time.Duration, status, answer string) {
	run := simulator.RunState{ID: id, Status: status, Result: answer, CreatedAt: at(born), StartedAt: at(born)}
	run.Prompt.Text = "Your answer " + correctionAsks + " that was asked for."
	if status != "RUNNING" {
		run.EndedAt = at(born + time.Minute)
	}
	h.agents[0].Runs = append(h.agents[0].Runs, run)
}

// counts adds an answer about the usage of the first run.
func (h *history) counts(after time.Duration, tokens int) {
	body := fmt.Sprintf(`{"runs":[{"id":%q,"usage":{"totalTokens":%d}}]}`, firstRun, tokens)
	h.sendsAt(answered("getAgentUsage", "/v1/agents/"+firstAgent+"/usage", after, 200, body))
}

// sendsAt adds a call to the first process in the order of time.
func (h *history) sendsAt(c call) {
	p := &h.processes[0]
	p.sends(c)
	slices.SortStableFunc(p.calls, func(a, b call) int { return a.at.Compare(b.at) })
}

// passes makes the story one of a run that was ended for its tokens.
func (h *history) passes(limit string, tokens int) {
	h.plan.inputs["max-tokens"], h.plan.scenario.Usage.Input = limit, 1000
	h.runs("CANCELLED", time.Minute)
	h.agents[0].Runs[0].CancelRequestedAt = []time.Time{at(time.Minute)}
	p := h.ends(time.Minute, 1, "outcome", "cancelled", "status", "CANCELLED", "branch", "", "pr-url", "")
	p.calls = append(p.calls[:2], answered("cancelRun", "/c", time.Minute, 200, ""), looked(time.Minute, "CANCELLED"))
	p.log += fmt.Sprintf(saysOver+"\n", tokens)
}
