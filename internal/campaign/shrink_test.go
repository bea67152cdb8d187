package campaign_test

import (
	"slices"
	"time"

	"cursor-agent-action/internal/simulator"
)

// shrinkRuns bounds how many stories are told to shrink a plan.
const shrinkRuns = 200

// shrink takes out of a plan whatever is not needed for it to fail, one thing
// after the other, and reports whether the plan failed again at all: of what
// happens at the same nanosecond chance decides what comes first.
func shrink(p plan, fails func(plan) bool) (small plan, still bool) {
	runs := 0
	try := func(candidate plan) bool {
		for range 3 {
			if runs++; runs > shrinkRuns {
				return false
			}
			if fails(candidate) {
				return true
			}
		}
		return false
	}
	if !try(p) {
		return p, false
	}
	for again := true; again; {
		again = false
		for _, candidate := range simpler(p) {
			if try(candidate) {
				p, again = candidate, true
				break
			}
		}
	}
	return p, true
}

// simpler are the plans that have one thing less, the largest first.
func simpler(p plan) []plan {
	var all []plan
	add := func(change func(*plan)) {
		c := p
		c.scenario.Faults, c.scenario.Streams = slices.Clone(p.scenario.Faults), slices.Clone(p.scenario.Streams)
		c.scenario.Steps = slices.Clone(p.scenario.Steps)
		c.outages, c.attempts, c.scenario.Variants = slices.Clone(p.outages), slices.Clone(p.attempts), slices.Clone(p.scenario.Variants)
		change(&c)
		all = append(all, c)
	}
	if n := len(p.attempts); n > 1 {
		add(func(c *plan) { c.attempts = c.attempts[:n-1] })
	}
	if len(p.scenario.Streams) > 1 {
		add(func(c *plan) { c.scenario.Streams = nil })
	}
	if len(p.scenario.Steps) > 0 {
		add(func(c *plan) { c.scenario.Steps = nil })
	}
	for i := range p.scenario.Faults {
		add(func(c *plan) { c.scenario.Faults = slices.Delete(c.scenario.Faults, i, i+1) })
	}
	for i := range p.scenario.Streams {
		add(func(c *plan) { c.scenario.Streams = slices.Delete(c.scenario.Streams, i, i+1) })
	}
	for i, told := range p.scenario.Variants {
		for j := range told.Faults {
			add(func(c *plan) { c.scenario.Variants[i].Faults = slices.Delete(slices.Clone(told.Faults), j, j+1) })
		}
	}
	for i := range p.outages {
		add(func(c *plan) { c.outages = slices.Delete(c.outages, i, i+1) })
	}
	for i := range p.visits {
		add(func(c *plan) { c.visits = slices.Delete(slices.Clone(p.visits), i, i+1) })
	}
	for i, a := range p.attempts {
		for j := range a.later {
			add(func(c *plan) { c.attempts[i].later = slices.Delete(slices.Clone(a.later), j, j+1) })
		}
		for j := range a.blows {
			add(func(c *plan) { c.attempts[i].blows = slices.Delete(slices.Clone(a.blows), j, j+1) })
		}
		if a.cleanup {
			add(func(c *plan) { c.attempts[i].cleanup = false })
		}
	}
	for _, set := range []struct {
		is     bool
		change func(*plan)
	}{
		{p.scenario.Lag != 0, func(c *plan) { c.scenario.Lag = 0 }},
		{p.scenario.NoConversation, func(c *plan) { c.scenario.NoConversation = false }},
		{p.scenario.ConversationLag != 0, func(c *plan) { c.scenario.ConversationLag = 0 }},
		{p.scenario.Retention != 0, func(c *plan) { c.scenario.Retention = 0 }},
		{p.scenario.Cancel != simulator.Cancel{}, func(c *plan) { c.scenario.Cancel = simulator.Cancel{} }},
		{p.scenario.Account.NoUsage, func(c *plan) { c.scenario.Account.NoUsage = false }},
		{p.scenario.PRAfter != 0, func(c *plan) { c.scenario.PRAfter = 0 }},
		{p.scenario.CreateDelay > time.Millisecond, func(c *plan) { c.scenario.CreateDelay = time.Millisecond }},
		{p.rate != 0, func(c *plan) { c.rate = 0 }},
		{p.clock != 0, func(c *plan) { c.clock = 0 }},
		{p.newer, func(c *plan) { c.newer = false }},
		{p.happens != nil && p.happens.pull.kind != "", func(c *plan) {
			c.happens, c.scenario.PullRequest.URL = new(*p.happens), ""
			c.happens.pull = pullFate{}
		}},
	} {
		if set.is {
			add(set.change)
		}
	}
	for i := range p.cast {
		if i > 0 && i == len(p.cast)-1 { // the inputs name the others by their numbers
			add(func(c *plan) { c.cast = slices.Clone(p.cast[:i]) })
		}
	}
	for name := range p.inputs {
		if name == "command" || name == "agent-id" || name == "pull-request" {
			continue // It would be another story.
		}
		add(func(c *plan) {
			c.inputs = map[string]string{}
			for other, value := range p.inputs {
				if other != name {
					c.inputs[other] = value
				}
			}
		})
	}
	return all
}
