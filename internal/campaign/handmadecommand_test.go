package campaign_test

import (
	"time"

	"cursor-agent-action/internal/simulator"
)

const firstEnd = 30 * time.Second // of the first run, before the follow-up's

// followsUp makes a story made by hand one of a follow-up, sent after a second to
// an agent that somebody launched half a minute before.
func (h *history) followsUp() {
	h.plan.inputs = map[string]string{"command": followsUp, "agent-id": "ID0"}
	h.plan.cast = []member{{by: person, acts: brief}}
	then := simulator.RunState{ID: "run-0", Status: "FINISHED", CreatedAt: at(-firstEnd), EndedAt: at(-firstEnd / 2)}
	h.agents[0].Runs = []simulator.RunState{then, h.agents[0].Runs[0]}
	h.agents[0].Runs[1].StartedAt = at(2 * time.Second)
	h.agents[0].PRURL = "https://github.com/acme/shop/pull/1"
	h.cast = []simulator.AgentState{{ID: firstAgent, Runs: []simulator.RunState{then}}}
	h.requests = []simulator.Request{asked("createRun", 1, mainStage, time.Second, firstAgent)}
	h.requests[0].RunID = firstRun
	h.processes[0].calls[0] = answered("createRun", "/v1/agents/"+firstAgent+"/runs", time.Second, 201, `{"run":{"id":"run-1","agentId":"`+firstAgent+`"}}`)
	h.writes("GITHUB_STATE", map[string]string{"mark": "[gh-1-2]"})
}

// attaches makes it one of an attach to the agent's run, which somebody asked
// for.
func (h *history) attaches() {
	h.followsUp()
	h.plan.inputs["command"] = attaches
	h.requests = nil
	h.agents[0].Runs[1].CreatedAt = at(-time.Second)
	h.cast[0].Runs = h.agents[0].Runs
	h.processes[0].calls[0] = answered("getAgent", "/v1/agents/"+firstAgent, time.Second, 200, `{"id":"`+firstAgent+`"}`)
}

// sendsAgain adds another run of the first agent, which an attempt asked for.
func (h *history) sendsAgain(attempt int, born time.Duration, status string) {
	run := simulator.RunState{ID: "run-2", Status: status, CreatedAt: at(born), StartedAt: at(born)}
	if status != "RUNNING" {
		run.EndedAt = at(born + time.Minute)
	}
	h.agents[0].Runs = append(h.agents[0].Runs, run)
	r := asked("createRun", attempt, mainStage, born, firstAgent)
	r.RunID = "run-2"
	h.requests = append(h.requests, r)
}

// cancelsRun adds a cancel that a process sent.
func (h *history) cancelsRun(runID string, stage stage, after time.Duration) {
	r := asked("cancelRun", 1, stage, after, firstAgent)
	r.RunID = runID
	h.requests = append(h.requests, r)
}

// follows gives the follow-up's run another end.
func (h *history) follows(status string, ended time.Duration) {
	run := &h.agents[0].Runs[1]
	run.Status, run.EndedAt = status, time.Time{}
	if ended > 0 {
		run.EndedAt = at(ended)
	}
}
