package campaign_test

import (
	"maps"
	"slices"
	"time"

	"cursor-agent-action/internal/simulator"
)

// draw makes the plan of a seed, whose story is mostly that of a launch.
func draw(seed uint64) plan { return drawOf(seed, "") }

// drawOf is draw for one command; "" is any. The plan of another command is
// that of a launch with other inputs, the agents that these speak of, and
// further faults.
func drawOf(seed uint64, command string) plan {
	p := drawLaunch(seed)
	// Dice of its own, so that launches are what they would be without others.
	d := newDice(seed ^ 0xc0cca4d)
	if drawn := drawCommand(d); command == "" {
		command = drawn
	}
	switch command {
	case launches:
	case followsUp:
		drawFollowUp(d, &p)
	case attaches:
		drawAttach(d, &p)
	case cancelsThem, archivesThem, deletesThem:
		drawManage(d, &p, command)
	case reaps:
		drawReap(d, &p)
	default:
		panic("no story tells of " + command)
	}
	drawEvent(&p)
	drawPull(&p)
	return p
}

// drawCommand draws what a story tells of: in two of three, a launch.
func drawCommand(d dice) string {
	switch n := d.IntN(30); {
	case n < 20:
		return launches
	case n < 24:
		return followsUp
	case n < 26:
		return attaches
	case n < 28:
		return pick(d, cancelsThem, archivesThem, deletesThem)
	}
	return reaps
}

// keepInputs takes the inputs out of a plan that are not among these.
func (p *plan) keepInputs(names ...string) {
	p.inputs = maps.Clone(p.inputs)
	maps.DeleteFunc(p.inputs, func(name, _ string) bool { return !slices.Contains(names, name) })
}

// drawFollowUp makes a plan one of a follow-up to an agent, or to those of a
// pull request.
func drawFollowUp(d dice, p *plan) {
	p.keepInputs("create-pr", "wait", "timeout", "on-timeout", "on-rerun", "poll-interval", "artifacts", "log", "fail-on")
	p.inputs["command"] = followsUp
	if d.oneIn(2) {
		p.inputs["on-busy"] = pick(d, "wait", "cancel", "fail")
	}
	drawCast(d, p, pick(d, 1, 1, 2, 3))
	p.inputs["agent-id"] = "ID0"
	if d.oneIn(3) {
		delete(p.inputs, "agent-id")
		p.inputs["pull-request"] = pull
		if d.oneIn(2) {
			p.inputs["if-none"] = "launch"
		}
		for i := range p.cast {
			p.cast[i].onPull = d.oneIn(2)
		}
	}
	drawCommandFaults(d, p, "createRun", "createRun", "createRun", "getAgentConversationV0", "listRuns", "getAgent", "unarchiveAgent", "cancelRun", "getRun")
	if p.harmless() && !d.oneIn(2) {
		return
	}
	switch d.IntN(10) {
	case 0:
		p.scenario.ConversationLag = d.between(time.Second, 2*time.Minute)
	case 1:
		p.scenario.NoConversation = true
	case 2, 3: // somebody else talks to the same agents
		p.visits = append(p.visits, visit{d.between(10*time.Millisecond, 10*time.Minute), pick(d, followUp, followUp, archives, cancels)})
	}
}

// drawAttach makes a plan one of a step that waits for a run which is there.
func drawAttach(d dice, p *plan) {
	p.keepInputs("create-pr", "timeout", "on-timeout", "poll-interval", "artifacts", "log", "fail-on")
	p.inputs["command"], p.inputs["agent-id"] = attaches, "ID0"
	drawCast(d, p, pick(d, 1, 1, 2))
	if d.oneIn(2) {
		p.inputs["run-id"] = pick(d, "RUN0", "RUN0", "FIRST0")
	}
	drawCommandFaults(d, p, "getAgent", "getRun", "getRun", "listRuns", "cancelRun", "streamRun")
	if !p.harmless() && d.oneIn(5) {
		p.visits = append(p.visits, visit{d.between(10*time.Millisecond, 10*time.Minute), pick(d, followUp, followUp, archives, cancels)})
	}
}

// drawCast draws the agents that are there, the first of them more often live.
func drawCast(d dice, p *plan, agents int) {
	p.longest = d.between(10*time.Second, 2*time.Hour)
	p.ends = pick(d, "FINISHED", "FINISHED", "FINISHED", "ERROR", "EXPIRED", "CANCELLED")
	for range agents {
		m := member{by: pick(d, person, person, step), acts: pick(d, brief, long), createPR: d.oneIn(4), then: d.between(time.Millisecond, time.Minute)}
		if m.acts == brief {
			if d.oneIn(2) {
				m.further = pick(d, brief, long)
			}
			if d.oneIn(5) {
				m.then = d.between(time.Minute, 3*time.Hour)
			}
			m.archived = d.oneIn(6)
		}
		p.cast = append(p.cast, m)
	}
}

// drawCommandFaults aims the faults that were drawn for launches at what other
// commands ask, and draws some more for it.
func drawCommandFaults(d dice, p *plan, operations ...string) {
	if len(p.scenario.Faults)+len(p.scenario.Streams)+len(p.outages) == 0 && d.oneIn(2) {
		return // some days are good
	}
	for i := range p.scenario.Faults {
		f := &p.scenario.Faults[i]
		if f.Operation == "createAgent" && p.inputs["if-none"] == "" {
			f.Operation = operations[0]
		}
		p.aim(f)
	}
	for range d.IntN(3) {
		f := drawFault(d)
		f.Operation = pick(d, operations...)
		p.aim(&f)
		p.scenario.Faults = append(p.scenario.Faults, f)
	}
}

// aim makes a fault that was drawn for a launch one that its operation can have.
func (p *plan) aim(f *simulator.Fault) {
	switch {
	case f.Answer != nil && f.Answer.Code == another:
		if somebodyElse("")[f.Operation] == "" {
			f.Operation = "getRun"
		}
		f.Answer = new(*f.Answer)
		f.Answer.Body = somebodyElse("RUNNING")[f.Operation]
	case f.Answer != nil && f.Answer.Status == 400 && f.Answer.Code == "invalid_last_event_id":
		f.Operation = "streamRun"
	case f.Says != "" || f.Stale > 0:
		if f.Operation != "listRuns" {
			f.Operation = "getRun"
		}
	}
}
