package campaign_test

import (
	"strconv"
	"time"
)

// drawReap makes a plan one of a step that reaps: some agents were launched by
// workflow runs that GitHub tells of, others only look like that.
func drawReap(d dice, p *plan) {
	p.keepInputs("timeout")
	p.inputs["command"] = reaps
	p.inputs["older-than"] = d.between(time.Minute, time.Hour).Round(time.Second).String()
	p.hub = map[int64]string{p.ownRun(): "in_progress"}
	if d.oneIn(8) {
		p.hub[p.ownRun()] = pick(d, "404", "403", "500", "429", silent)
	}
	drawCast(d, p, 2+d.IntN(5))
	for i := range p.cast {
		m := &p.cast[i]
		m.by, m.run = pick(d, step, killedStep, killedStep, killedStep, person, otherKey, otherRepo), int64(700+d.IntN(4))
		if m.by == person {
			// As ours are called, and as one that somebody renamed.
			m.name = pick(d, "Fix it [gh-"+strconv.FormatInt(m.run, 10)+"-01234567-89abcdef]", "Fix it", "Look at [gh-700-01234567-89abcdef] again")
		}
		if _, known := p.hub[m.run]; !known {
			p.hub[m.run] = pick(d, "cancelled", "cancelled", "failure", "failure", "timed_out", "success", "neutral", "in_progress", "queued", "404", "404", "403", "500", "429", silent)
		}
	}
	if d.oneIn(6) {
		p.inputs["limit"] = strconv.Itoa(1 + d.IntN(2))
	}
	if d.oneIn(8) {
		p.inputs["dry-run"] = "true"
	}
	if last := &p.cast[len(p.cast)-1]; d.oneIn(2) {
		last.then = d.between(time.Minute, 3*time.Hour)
	}
	drawOrders(d, p, "listAgents", "cancelRun", "archiveAgent", "getRun", "getRun", "listRuns")
}

// ownRun is the number of the workflow run that a story is of.
func (p plan) ownRun() int64 { return int64(1000 + p.seed) }

// hubless reports whether GitHub fails in a story.
func (h history) hubless() bool {
	for _, said := range h.plan.hub {
		if _, err := strconv.Atoi(said); err == nil && said != "404" || said == silent {
			return true
		}
	}
	return h.plan.hub[h.plan.ownRun()] == "404"
}
