package campaign_test

import (
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
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
			if own := ownRuns(agent.AgentState); len(own) > 1 && h.plan.inputs["result-schema"] == "" {
				breach("agent %s has %d runs", agent.ID, len(own))
			}
		}
	}
}

// clock is how moments are shown.
const clock = "15:04:05.000"

// unknowable reports whether the later agent was asked for before the earlier
// one could be seen. With environment variables, and in version 0, the API takes
// no id of ours, so there a create that arrives late can't be recognised by
// anybody.
func (h history) unknowable(earlier, later born) bool {
	if !h.plan.nameless() {
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
				over := !run.EndedAt.IsZero() && !run.EndedAt.After(later.CreatedAt)
				// Where nothing of ours is on an agent, one that is over may be last night's.
				badly := over && (run.Status != "FINISHED" || h.plan.unmarked() && later.attempt != earlier.attempt || h.overshadowed(earlier))
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
			case c.op != "createAgent" && c.op != "createRun":
			case p.stage == cleanupStage:
				breach("the %s asked for %s", p.name(), made(c.op))
			case c.at.After(decided):
				breach("the %s asked for %s %s after its start, %s after %s", p.name(), made(c.op), p.since(c.at), c.at.Sub(decided), why)
			}
		}
	}
}

// made is what a request makes.
func made(op string) string {
	if op == "createRun" {
		return "a run"
	}
	return "an agent"
}

// nothingLeftRunning: after an attempt whose cleanup stage ran to its end no
// run is live, unless that is wished, the API does not let it be ended, or
// nobody could know of it.
func nothingLeftRunning(h history, breach func(string, ...any)) {
	for i, cleanup := range h.processes {
		if cleanup.stage != cleanupStage || cleanup.killed || !h.plan.waits() || h.plan.scenario.Cancel.Ignored {
			continue
		}
		if knew := h.plan.attempts[cleanup.attempt-1].handsOn && h.processes[i-1].files["GITHUB_STATE"] != ""; h.plan.leaves() && !knew {
			continue
		}
		for _, agents := range h.works() {
			for _, agent := range agents {
				for _, run := range ownRuns(agent.AgentState) {
					switch {
					case !slices.Contains(cleanup.lived, run.ID):
					case h.plan.inputs["on-rerun"] == "new" && agent.attempt != cleanup.attempt:
					case len(run.CancelRequestedAt) > 0: // it ends in its time
					case h.leftOnPurpose(run.ID):
					case bornUnseen(h.visible(run, cleanup), cleanup), isCorrection(run) && h.sawPast(cleanup), h.liedTo(cleanup, agent), h.bornBehind(agent, cleanup):
					case cleanup.exit != 0 && (cleanup.troubled(cleanup.began) || h.untold(agent, run, cleanup)): // it has said so
					default:
						breach("run %s of agent %s, made in attempt %d, was live after the %s, which ended with %d",
							run.ID, agent.ID, agent.attempt, cleanup.name(), cleanup.exit)
					}
				}
			}
		}
	}
}

// leftOnPurpose reports whether a step has said of a run that its time is over
// and the run goes on, as its inputs ask, or may, where the step could not see
// it at that moment.
func (h history) leftOnPurpose(runID string) bool {
	return h.plan.leaves() && slices.ContainsFunc(h.processes, func(p process) bool {
		outputs, over := p.outputs(), !p.ended.Before(p.began.Add(h.plan.timeout()))
		run := h.runOf(p)
		return run != nil && run.ID == runID && (outputs["outcome"] == "timed-out" || outputs["outcome"] == "api-error" && over)
	})
}

// bornUnseen reports whether an agent came after the process had looked for it
// for the last time.
func bornUnseen(at time.Time, p process) bool {
	last := p.began
	for _, c := range p.calls {
		switch {
		case slices.Contains(finds(), c.op):
			last = c.at
		case (c.op == "createAgent" || c.op == "createRun") && c.told():
			last = c.readAt.Add(atOnce)
		}
	}
	return !at.Before(last)
}

// bornBehind reports whether an agent came, without an id of ours, when the
// process that had asked for it was gone and a later attempt had an agent of
// its own, so that nobody had a reason to look once more.
func (h history) bornBehind(agent born, cleanup process) bool {
	if !h.plan.nameless() || agent.attempt == cleanup.attempt {
		return false
	}
	asker := slices.IndexFunc(h.processes, func(p process) bool { return p.attempt == agent.attempt && p.stage == mainStage })
	looked := slices.ContainsFunc(h.requests, func(r simulator.Request) bool {
		return r.Op == "listAgents" && !r.At.Before(agent.CreatedAt) && !r.At.After(cleanup.ended)
	})
	return asker >= 0 && h.processes[asker].ended.Before(agent.CreatedAt) && !looked
}

// lateShow is how long after its birth an agent may be missing from answers.
const lateShow = 10 * time.Second

// liedTo reports whether the server told a process that an agent is not there
// which had been there for long, or that a cancel is done which it did not even
// note. Nothing is safe from that.
func (h history) liedTo(p process, agent born) bool {
	return slices.ContainsFunc(h.requestsOf(p), func(r simulator.Request) bool {
		return r.AgentID == agent.ID && (strings.HasPrefix(r.Fault, "answer 404") && r.At.Sub(agent.CreatedAt) > lateShow ||
			r.Op == "cancelRun" && strings.HasPrefix(r.Fault, "answer 20"))
	})
}

// troubled reports whether the API or the network failed the process from a
// moment on, or anything struck it.
func (p process) troubled(from time.Time) bool {
	for _, c := range p.calls {
		if c.op != "streamRun" && !c.told() && !c.at.Before(from) {
			return true
		}
	}
	return slices.ContainsFunc(p.struck, blowKind.network) ||
		p.stage == cleanupStage && !p.signalled.IsZero()
}

// triedInVain reports whether a request by which a run is ended, or by which
// one is found that is not known yet, brought no answer to use. That the API
// fails is why a step says api-error, and no excuse for not having tried.
func (p process) triedInVain() bool {
	tries := []string{"cancelRun"}
	if p.outputs()["run-id"] == "" {
		tries = append(tries, finds()...)
	}
	return slices.ContainsFunc(p.struck, blowKind.network) || slices.ContainsFunc(p.calls, func(c call) bool {
		return slices.Contains(tries, c.op) && !c.told()
	})
}

// mainEndsItsOwn: a main stage that gives up a run, for whatever reason, ends
// it itself: not every runner has a cleanup stage for it.
func mainEndsItsOwn(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		outcome := p.outputs()["outcome"]
		if p.stage != mainStage || p.killed || !h.plan.waits() || h.plan.scenario.Cancel.Ignored ||
			outcome == "timed-out" && h.plan.leaves() {
			continue
		}
		var helpless bool // it could not end the run, or not find it
		switch {
		case !p.signalled.IsZero():
			helpless = p.troubled(p.signalled)
		case outcome == "api-error":
			// In version 0 a run is looked at before it is ended.
			helpless = p.triedInVain() || h.plan.version0() && slices.ContainsFunc(p.calls, func(c call) bool { return c.op == "getRun" && !c.told() })
		case outcome == "timed-out":
			helpless = p.troubled(p.began.Add(h.plan.timeout()))
		default:
			continue
		}
		for _, agents := range h.works() {
			for _, agent := range agents {
				for _, run := range ownRuns(agent.AgentState) {
					switch {
					case run.CreatedAt.After(p.ended) || !run.EndedAt.IsZero() && !run.EndedAt.After(p.ended):
					case h.plan.inputs["on-rerun"] == "new" && agent.attempt != p.attempt:
					case slices.ContainsFunc(run.CancelRequestedAt, p.ended.After), h.leftOnPurpose(run.ID):
					case h.seenTooLate(run, p), bornUnseen(h.visible(run, p), p), h.liedTo(p, agent), helpless, h.untold(agent, run, p):
					default:
						breach("run %s of agent %s, made in attempt %d, is live though the %s gave up and says %q",
							run.ID, agent.ID, agent.attempt, p.name(), outcome)
					}
				}
			}
		}
	}
}

// leftRunsGoOn: with on-timeout: leave a run goes on when the time of its step
// is over, whether or not the step could see it at that moment: neither the
// step nor its cleanup stage ends it.
func leftRunsGoOn(h history, breach func(string, ...any)) {
	for _, main := range h.processes {
		over := main.began.Add(h.plan.timeout())
		if main.stage != mainStage || main.killed || !main.signalled.IsZero() || !h.plan.leaves() || main.ended.Before(over) {
			continue
		}
		outputs := main.outputs()
		for _, r := range h.requests {
			// In version 0 an agent is stopped, and with it the run.
			named := r.RunID == outputs["run-id"] || h.plan.version0() && r.AgentID == outputs["agent-id"]
			if r.Op == "cancelRun" && named && attemptOf(r) == main.attempt && !r.At.Before(over) {
				breach("run %s was to go on after the time of the %s, and was asked to end %s after its start", outputs["run-id"], main.name(), main.since(r.At))
				break
			}
		}
	}
}
