package campaign_test

import (
	"slices"
	"time"
)

// oneLiveRun: at no moment do two runs of the same work cost money.
func oneLiveRun(h history, breach func(string, ...any)) {
	for _, agents := range h.works() {
		for i, later := range agents {
			for _, earlier := range agents[:i] {
				if end := earlier.Runs[0].EndedAt; (end.IsZero() || end.After(later.CreatedAt)) && !h.unknowable(earlier, later) {
					breach("agent %s of attempt %d was made at %s while agent %s of attempt %d was live",
						later.ID, later.attempt, later.CreatedAt.Format(clock), earlier.ID, earlier.attempt)
				}
			}
		}
		for _, agent := range agents {
			if len(agent.Runs) != 1 {
				breach("agent %s has %d runs", agent.ID, len(agent.Runs))
			}
		}
	}
}

// clock is how moments are shown.
const clock = "15:04:05.000"

// unknowable reports whether the later agent was asked for before the earlier
// one could be seen. The API takes no id of ours with environment variables, so
// there a create that arrives late can't be recognised by anybody.
func (h history) unknowable(earlier, later born) bool {
	if h.plan.inputs["env-vars"] == "" {
		return false
	}
	lastLook := later.asked
	for _, r := range h.requests {
		if r.Op == "listAgents" && attemptOf(r) == later.attempt && r.At.Before(later.asked) {
			lastLook = r.At
		}
	}
	return !earlier.CreatedAt.Before(lastLook)
}

// oneAgentPerGeneration: a further agent for the same work is asked for only
// when all before it ended badly or are gone.
func oneAgentPerGeneration(h history, breach func(string, ...any)) {
	for _, agents := range h.works() {
		for i, later := range agents {
			for _, earlier := range agents[:i] {
				run := earlier.Runs[0]
				badly := !run.EndedAt.IsZero() && !run.EndedAt.After(later.CreatedAt) && run.Status != "FINISHED"
				if !badly && !earlier.Deleted && !h.unknowable(earlier, later) {
					breach("agent %s of attempt %d was asked for though agent %s of attempt %d is there, its run %s",
						later.ID, later.attempt, earlier.ID, earlier.attempt, run.Status)
				}
			}
		}
	}
}

// nothingCreatedLate: once a process has decided to end, by a signal, the time
// or a cancel of its own, it asks for no agent. The cleanup stage never does.
func nothingCreatedLate(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		decided, why := p.began.Add(h.plan.timeout()), "its time was over"
		if !p.signalled.IsZero() && p.signalled.Before(decided) {
			decided, why = p.signalled, "it was told to end"
		}
		for _, c := range p.calls {
			switch {
			case c.op == "cancelRun" && c.at.Before(decided):
				decided, why = c.at, "it had begun to cancel"
			case c.op != "createAgent":
			case p.stage == cleanupStage:
				breach("the %s asked for an agent", p.name())
			case c.at.After(decided):
				breach("the %s asked for an agent %s after its start, %s after %s", p.name(), p.since(c.at), c.at.Sub(decided), why)
			}
		}
	}
}

// nothingLeftRunning: after an attempt whose cleanup stage ran to its end no
// run is live, unless that is wished, the API does not let it be ended, or
// nobody could know of it.
func nothingLeftRunning(h history, breach func(string, ...any)) {
	for i, cleanup := range h.processes {
		if cleanup.stage != cleanupStage || cleanup.killed || !h.plan.waits() || h.plan.scenario.Cancel.Ignored {
			continue
		}
		main := h.processes[i-1]
		handsOn := h.plan.attempts[cleanup.attempt-1].handsOn
		if h.plan.leaves() && (!handsOn || main.outputs()["outcome"] == "timed-out") {
			continue
		}
		for _, agents := range h.works() {
			for _, agent := range agents {
				run := agent.Runs[0]
				switch {
				case !slices.Contains(cleanup.lived, run.ID):
				case h.plan.inputs["on-rerun"] == "new" && agent.attempt != cleanup.attempt:
				case len(run.CancelRequestedAt) > 0: // it ends in its time
				case bornUnseen(agent.CreatedAt, cleanup), h.liedTo(cleanup, agent):
				case cleanup.exit != 0 && troubled(h, cleanup): // it has said so
				default:
					breach("run %s of agent %s, made in attempt %d, was live after the %s, which ended with %d",
						run.ID, agent.ID, agent.attempt, cleanup.name(), cleanup.exit)
				}
			}
		}
	}
}

// bornUnseen reports whether an agent came after the cleanup stage had looked
// for the last time.
func bornUnseen(at time.Time, cleanup process) bool {
	last := cleanup.began
	for _, c := range cleanup.calls {
		if c.op == "getAgent" || c.op == "listAgents" {
			last = c.at
		}
	}
	return !at.Before(last)
}

// lateShow is how long after its birth an agent may be missing from answers.
const lateShow = 10 * time.Second

// liedTo reports whether the server told a process that an agent is not there
// which had been there for long. Nothing is safe from that.
func (h history) liedTo(p process, agent born) bool {
	for _, r := range h.requestsOf(p) {
		if r.Fault == "answer 404" && r.At.Sub(agent.CreatedAt) > lateShow {
			return true
		}
	}
	return false
}

// troubled reports whether the API failed the process in any way.
func troubled(h history, p process) bool {
	for _, c := range p.calls {
		if !c.told() {
			return true
		}
	}
	return slices.Contains(p.struck, netGone) || slices.Contains(p.struck, netMute)
}
