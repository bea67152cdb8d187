package campaign_test

import "cursor-agent-action/internal/simulator"

// elsesAgent and elsesRun are somebody else's.
const (
	elsesAgent = "bc-e15e0000-0000-8000-8000-00000000e15e"
	elsesRun   = "run-e15e0000-0000-8000-8000-00000000e15e"
)

// another is the code by which the server's record tells answers about them
// from others. It stands in no body.
const another = "another"

// somebodyElse are the answers of a mistaken cache, by the operation that they
// answer: all about somebody else's agent, whose run has that status.
func somebodyElse(status string) map[string]string {
	agent := `{"id":"` + elsesAgent + `","name":"theirs","status":"ACTIVE","url":"https://cursor.com/agents/` + elsesAgent + `","latestRunId":"` + elsesRun + `"}`
	run := `{"id":"` + elsesRun + `","agentId":"` + elsesAgent + `","status":"` + status + `","result":"Theirs.",` +
		`"git":{"branches":[{"repoUrl":"https://github.com/acme/shop","branch":"cursor/theirs","prUrl":"https://github.com/acme/shop/pull/99"}]}}`
	return map[string]string{"getAgent": agent, "getRun": run, "createAgent": `{"agent":` + agent + `,"run":` + run + `}`, "createRun": `{"run":` + run + `}`}
}

// drawAnother draws answers about somebody else's agent or run. It comes last,
// so that all else of a seed's story is as it was without them.
func drawAnother(d dice, p *plan) {
	if !d.oneIn(5) {
		return
	}
	f := simulator.Fault{Operation: pick(d, "getRun", "getRun", "getAgent", "createAgent"), Key: apiKey, When: drawWhen(d)}
	status := 200
	if f.Operation == "createAgent" {
		if p.inputs["env-vars"] != "" {
			return // The API chooses the id then, so that nobody can tell.
		}
		f.CarriedOut, status = d.oneIn(2), 201
	}
	body := somebodyElse(pick(d, "FINISHED", "FINISHED", "ERROR", "CANCELLED", "RUNNING"))[f.Operation]
	f.Answer = &simulator.Answer{Status: status, Code: another, Body: body}
	p.scenario.Faults = append(p.scenario.Faults, f)
}
