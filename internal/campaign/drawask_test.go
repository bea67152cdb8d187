package campaign_test

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// drawAsk draws what else a step may ask for: version 0 of the API, a result of
// a form, a limit of tokens. It comes last, so that all else of a seed's story
// is as it was without them.
func drawAsk(d dice, p *plan) {
	if d.oneIn(5) {
		drawVersion0(d, p)
	}
	if d.oneIn(4) {
		drawResult(d, p)
	}
	if d.oneIn(8) && !p.version0() && p.waits() {
		drawBudget(d, p)
	}
}

// askedPull is the pull request that some steps work on.
const askedPull = "https://github.com/acme/shop/pull/41"

// drawVersion0 makes a plan one that speaks version 0: without what that lacks,
// and with what it has alone.
func drawVersion0(d dice, p *plan) {
	p.inputs["api-version"] = "v0"
	delete(p.inputs, "env-vars")
	switch d.IntN(8) {
	case 0, 1:
		p.inputs["branch"] = "nightly/fix"
	case 2:
		p.inputs["pull-request"], p.inputs["work-on-current-branch"] = askedPull, "true"
	case 3:
		p.inputs["pull-request"] = askedPull
	}
	s := &p.scenario
	s.Cancel.ShownAs = pick(d, "", "", "CANCELLED", "STOPPED", "ERROR", "EXPIRED")
	switch d.IntN(10) {
	case 0:
		s.NoConversation = true
	case 1, 2:
		s.ConversationLag = d.between(100*time.Millisecond, 20*time.Second)
	}
	var faults []simulator.Fault
	for _, f := range s.Faults {
		if f.Answer != nil && f.Answer.Code == another {
			if f.Operation == "createAgent" {
				continue // The API chooses the id, so that nobody can tell.
			}
			f.Answer = &simulator.Answer{Status: f.Answer.Status, Code: another, Body: somebodyElseV0(pick(d, "FINISHED", "FINISHED", "ERROR", "RUNNING"))}
		}
		f.Operation = operationV0(f.Operation)
		faults = append(faults, f)
	}
	s.Faults, s.Streams, s.Retention = faults, nil, 0
	// Whose prompt an agent works on version 0 does not tell: with somebody
	// else's, its state is that of theirs.
	p.visits = slices.Clone(p.visits)
	for i := range p.visits {
		if p.visits[i].deed == followUp {
			p.visits[i].deed = cancels
		}
	}
}

// somebodyElseV0 is the answer of a mistaken cache in version 0.
func somebodyElseV0(status string) string {
	return `{"id":"` + elsesAgent + `","name":"theirs","status":"` + status + `","createdAt":"2026-11-23T12:00:00Z","summary":"Theirs.",` +
		`"source":{"repository":"https://github.com/acme/shop","ref":"main"},` +
		`"target":{"url":"https://cursor.com/agents?id=` + elsesAgent + `","branchName":"cursor/theirs","prUrl":"https://github.com/acme/shop/pull/99"}}`
}

// The form of a result that some steps ask for, and answers of agents: one that
// has it, and others that do not.
const (
	resultSchema = `{"type":"object","required":["fixed"],"properties":{"fixed":{"type":"boolean"}},"additionalProperties":false}`
	resultObject = `{"fixed":true}`
	rightAnswer  = "All is well.\n\n```json\n{\"fixed\": true}\n```"
	wrongAnswer  = "All is well.\n\n```json\n{\"fixed\": \"yes\"}\n```"
	otherAnswer  = "I made no JSON.\n::set-output name=result-object::{}"
)

// correctionAsks is what the prompt of a correction holds.
const correctionAsks = "does not end with the JSON"

// drawResult has the step ask for a result of a form, which the agent's answer
// has at once, after it was told what is wrong, or never.
func drawResult(d dice, p *plan) {
	p.inputs["result-schema"] = resultSchema
	if p.waits() && d.oneIn(2) && p.inputs["timeout"] != "" { // time enough for a correction
		p.inputs["timeout"] = (p.timeout() + p.scenario.CreateDelay + length(p.scenario)).String()
	}
	s := &p.scenario
	if d.oneIn(2) {
		s.Status = "FINISHED"
	}
	told := *s
	told.Match = correctionAsks
	s.Result = pick(d, rightAnswer, wrongAnswer, wrongAnswer, otherAnswer, hostile)
	told.Result = pick(d, rightAnswer, rightAnswer, wrongAnswer, otherAnswer)
	told.Status = pick(d, "FINISHED", "FINISHED", "FINISHED", "FINISHED", "ERROR", "EXPIRED", "CANCELLED")
	told.CreateDelay, told.Duration, told.Steps = d.between(time.Millisecond, 30*time.Second), d.between(time.Second, 20*time.Minute), nil
	told.Artifacts = nil
	if d.oneIn(3) {
		post := drawFault(d)
		post.Operation = "createRun"
		if p.version0() {
			post.Operation = operationV0(post.Operation)
		}
		told.Faults = append([]simulator.Fault{post}, told.Faults...)
	}
	s.Variants = []simulator.Scenario{told}
	if !p.harmless() && d.oneIn(2) { // Something strikes while the agent corrects its result.
		first := &p.attempts[0]
		b := drawBlow(d, told.CreateDelay+told.Duration)
		b.at = moment{kind: atTime, after: s.CreateDelay + length(*s) + d.between(time.Millisecond, told.CreateDelay+told.Duration)}
		first.blows = append(slices.Clone(first.blows), b)
	}
}

// drawBudget limits the tokens of a run, whose use grows with its time.
func drawBudget(d dice, p *plan) {
	use := func(s *simulator.Scenario) { s.Usage.Input = int64(1000 + d.IntN(100_000)) }
	use(&p.scenario)
	for i := range p.scenario.Variants {
		use(&p.scenario.Variants[i])
	}
	whole := p.scenario.Usage.Input + p.scenario.Usage.Output
	p.inputs["max-tokens"] = strconv.FormatInt(1+int64(float64(whole)*pick(d, 0.05, 0.3, 0.6, 0.9, 1.1, 2)), 10)
	if d.oneIn(5) {
		p.scenario.Account.NoUsage = true
	}
}

// budget is how many tokens a run may use, 0 for any number.
func (p plan) budget() int64 {
	n, _ := strconv.ParseInt(p.inputs["max-tokens"], 10, 64)
	return n
}

// isCorrection reports whether a run was asked for to correct a result.
func isCorrection(run simulator.RunState) bool {
	return strings.Contains(run.Prompt.Text, correctionAsks)
}
