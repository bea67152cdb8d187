package campaign_test

import (
	"strconv"
	"strings"
	"time"
)

// team opens the names that a person gives to some of the cast.
const team = "team: "

// drawManage makes a plan one of a step that cancels, archives or deletes agents
// of the account.
func drawManage(d dice, p *plan, command string) {
	p.keepInputs("timeout")
	p.inputs["command"] = command
	drawCast(d, p, 1+d.IntN(6))
	for i := range p.cast {
		m := &p.cast[i]
		m.onPull = d.oneIn(3)
		if m.by == person && d.oneIn(2) {
			m.name = pick(d, team, "other: ") + strconv.Itoa(i)
		}
	}
	switch d.IntN(4) {
	case 0, 1:
		ids := []string{"ID0"}
		for i := range p.cast[1:] {
			if d.oneIn(2) {
				ids = append(ids, "ID"+strconv.Itoa(i+1))
			}
		}
		p.inputs["agent-id"] = strings.Join(ids, ",")
	case 2:
		p.inputs["name"] = pick(d, team, "Look", "Rewrite")
	default:
		p.inputs["pull-request"] = pull
	}
	if p.inputs["agent-id"] == "" && d.oneIn(3) {
		p.inputs["older-than"] = d.between(time.Minute, 10*time.Minute).Round(time.Second).String()
	}
	if d.oneIn(6) {
		p.inputs["limit"] = strconv.Itoa(1 + d.IntN(4))
	}
	if d.oneIn(8) {
		p.inputs["dry-run"] = "true"
	}
	if command == deletesThem && d.oneIn(2) {
		p.inputs["artifacts"] = "out"
	}
	drawOrders(d, p, command+"Agent", "cancelRun", "getAgent", "getRun", "listAgents", "getAgentUsage", "listArtifacts", "downloadArtifact")
}

// drawOrders draws the faults and attempts of a command about agents that are
// there. It is done within a minute, so that blows come early.
func drawOrders(d dice, p *plan, operations ...string) {
	p.scenario.Artifacts = p.scenario.Artifacts[:1]
	drawCommandFaults(d, p, operations...)
	for i := range p.scenario.Faults {
		f := &p.scenario.Faults[i]
		// That a change was made which was not is a lie that nobody can see through.
		if f.Answer != nil && f.Answer.Status/100 == 2 {
			f.CarriedOut = true
		}
	}
	if len(p.attempts) == 1 && d.oneIn(2) {
		p.attempts = append(p.attempts, attempt{after: d.between(time.Second, time.Hour)})
	}
	for i := range p.attempts {
		p.attempts[i].cleanup = d.oneIn(10)
		for j := range p.attempts[i].blows {
			b := &p.attempts[i].blows[j]
			if b.at.kind == atTime {
				b.at.after = min(b.at.after, d.between(time.Millisecond, time.Minute))
			}
		}
	}
	if _, set := p.inputs["timeout"]; set {
		p.inputs["timeout"] = d.between(5*time.Second, time.Hour).Round(time.Second).String()
	}
	for i := range p.visits {
		p.visits[i].after = min(p.visits[i].after, d.between(time.Millisecond, time.Minute))
	}
}
