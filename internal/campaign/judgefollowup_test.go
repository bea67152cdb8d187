package campaign_test

import (
	"encoding/json"
	"slices"
	"strings"

	"cursor-agent-action/internal/simulator"
)

// oneRunPerFollowUp: a follow-up has one run, for all attempts together: it is
// sent again only when the run before has ended badly.
func oneRunPerFollowUp(h history, breach func(string, ...any)) {
	all := h.sends()
	for i, later := range all {
		for _, earlier := range all[:i] {
			if !h.sameWork(earlier, later.attempt) || h.unseenBefore(earlier, later) {
				continue
			}
			ended := !earlier.run.EndedAt.IsZero() && !earlier.run.EndedAt.After(later.run.CreatedAt)
			if !(ended && earlier.run.Status != "FINISHED") && !earlier.agent.Deleted {
				breach("run %s of attempt %d was asked for though run %s of attempt %d is there, %s",
					later.run.ID, later.attempt, earlier.run.ID, earlier.attempt, earlier.run.Status)
			}
		}
	}
}

// unseenBefore reports whether the later run was asked for before the earlier
// one could be seen: its request was still on its way when its process was gone.
func (h history) unseenBefore(earlier, later sent) bool {
	lastLook := later.asked
	for _, r := range h.requests {
		if slices.Contains([]string{"listRuns", "listAgents", "getAgent"}, r.Op) && attemptOf(r) == later.attempt && r.At.Before(later.asked) {
			lastLook = r.At
		}
	}
	return earlier.attempt != later.attempt && !earlier.run.CreatedAt.Before(lastLook) ||
		slices.ContainsFunc(h.processes, func(p process) bool {
			return p.attempt == later.attempt && h.liedTo(p, born{AgentState: earlier.agent})
		})
}

// followUpsGoToTheirAgent: a follow-up is sent to the agent that its inputs
// name, and by no cleanup stage.
func followUpsGoToTheirAgent(h history, breach func(string, ...any)) {
	for _, s := range h.sends() {
		named := len(h.cast) > 0 && s.agent.ID == h.cast[0].ID
		if h.plan.inputs["pull-request"] != "" {
			named = s.agent.Request.Repos[0].PRURL == pull
		}
		if !named {
			breach("run %s of attempt %d is one of agent %s, which nobody named", s.run.ID, s.attempt, s.agent.ID)
		}
	}
	for _, p := range h.processes {
		if p.stage == cleanupStage && (p.last("createRun") != nil || p.last("createAgent") != nil) {
			breach("the %s sent a prompt", p.name())
		}
	}
}

// nothingSentLate: once a process has decided to end it sends no follow-up.
func nothingSentLate(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		decided, why := p.began.Add(h.plan.timeout()), "its time was over"
		if !p.signalled.IsZero() && p.signalled.Before(decided) {
			decided, why = p.signalled, "it was told to end"
		}
		for _, c := range p.calls {
			switch {
			case c.op == "cancelRun" && c.at.Before(decided) && slices.ContainsFunc(h.sends(), func(s sent) bool { return s.run.ID == c.runID() && h.sameWork(s, p.attempt) }):
				decided, why = c.at, "it had begun to cancel"
			case c.op != "createAgent" && c.op != "createRun":
			case c.at.After(decided):
				breach("the %s sent a prompt %s after its start, %s after %s", p.name(), p.since(c.at), c.at.Sub(decided), why)
			}
		}
	}
}

// runID is the run that a call is about, by its path.
func (c call) runID() string {
	if parts := strings.Split(c.path, "/"); len(parts) > 5 {
		return parts[5]
	}
	return ""
}

// nobodyElsesRun: no run is ended but the step's own, and the one that keeps
// the agent of a follow-up busy, by a step with on-busy: cancel.
func nobodyElsesRun(h history, breach func(string, ...any)) {
	for _, r := range h.requests {
		if r.Op != "cancelRun" || attemptOf(r) == 0 || h.own(r.RunID) {
			continue
		}
		agent, run := h.find(r.RunID)
		inTheWay := h.plan.inputs["on-busy"] == "cancel" && stageOf(r) == mainStage
		if h.mistakable(r.RunID) {
			continue
		}
		if run != nil && inTheWay && h.addresses(*agent) && !run.CreatedAt.After(r.At) {
			continue
		}
		breach("the %s of attempt %d asked for the end of run %s, which is somebody else's", stageOf(r), attemptOf(r), r.RunID)
	}
}

// mistakable reports whether a run of somebody else may be taken for a follow-up
// that was lost at the same moment, because the conversation did not tell.
func (h history) mistakable(runID string) bool {
	lost, untold := false, h.plan.scenario.NoConversation || h.plan.scenario.ConversationLag > 0
	for _, p := range h.processes {
		for _, c := range p.calls {
			lost = lost || c.op == "createRun" && !c.told()
			untold = untold || c.op == "getAgentConversationV0" && !c.told()
		}
	}
	_, run := h.find(runID)
	return run != nil && h.plan.command() == followsUp && h.visited(followUp) && run.Prompt.Text == visitorAsks && lost && untold
}

// addresses reports whether the inputs name an agent.
func (h history) addresses(a simulator.AgentState) bool {
	if h.plan.inputs["pull-request"] != "" {
		return a.Request.Repos[0].PRURL == pull
	}
	return a.ID == h.cast[0].ID
}

// followUpsAreWritten: once a process has read that the follow-up's run is
// there, the files say which; and before it asks for one they say that there may
// be one, and how to find it.
func followUpsAreWritten(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		state, _ := readFileCommand(p.files["GITHUB_STATE"])
		outputs := p.outputs()
		if post := p.last("createRun"); post != nil && p.stage == mainStage {
			agentID := strings.Split(post.path, "/")[3]
			if stage := state["stage"]; stage != "planned" && stage != "settled" || state["mark"] == "" || state["agent-id"] != agentID {
				breach("the %s sent a follow-up %s after its start with the state %v", p.name(), p.since(post.at), state)
			}
		}
		for _, c := range p.calls {
			var created struct {
				Run struct{ ID, AgentID string }
			}
			if c.op != "createRun" && c.op != "createAgent" || !c.told() || json.Unmarshal(c.body, &created) != nil || created.Run.ID == "" || !c.readAt.Add(atOnce).Before(p.ended) {
				continue
			}
			if outputs["run-id"] != created.Run.ID || outputs["agent-id"] != created.Run.AgentID || state["run-id"] != created.Run.ID || state["agent-id"] != created.Run.AgentID {
				breach("the %s knew of run %s, and ended %s later with the output %q and the state %v", p.name(), created.Run.ID, p.ended.Sub(c.readAt), outputs["run-id"], state)
			}
		}
	}
}

// attachesChangeNothing: a step that attaches asks for nothing but the end of
// the run that it waits for, which is the named one or the agent's latest.
func attachesChangeNothing(h history, breach func(string, ...any)) {
	for _, r := range h.requests {
		if attemptOf(r) > 0 && r.Method != "GET" && r.Op != "cancelRun" {
			breach("the %s of attempt %d asked for %s", stageOf(r), attemptOf(r), r.Op)
		}
	}
	named := h.plan.naming(h.cast).inputs["run-id"]
	for _, s := range h.waitedFor() {
		if s.agent.ID != h.cast[0].ID {
			breach("attempt %d waits for a run of agent %s", s.attempt, s.agent.ID)
		}
		latest := true // when it was looked for
		for _, other := range s.agent.Runs {
			latest = latest && !(other.CreatedAt.After(s.run.CreatedAt) && other.CreatedAt.Before(s.asked))
		}
		if named != "" && s.run.ID != named || named == "" && !latest {
			breach("attempt %d waits for run %s", s.attempt, s.run.ID)
		}
	}
}

// nothingWaitedForIsLeft: after an attempt whose cleanup stage ran to its end no
// run is live that its steps answer for, unless that is wished, the API does
// not let it be ended, or nobody could know of it.
func nothingWaitedForIsLeft(h history, breach func(string, ...any)) {
	for i, cleanup := range h.processes {
		if cleanup.stage != cleanupStage || cleanup.killed || !h.plan.waits() || h.plan.scenario.Cancel.Ignored {
			continue
		}
		state, _ := readFileCommand(h.processes[i-1].files["GITHUB_STATE"])
		handed := h.plan.attempts[cleanup.attempt-1].handsOn
		if knew := handed && len(state) > 0; h.plan.leaves() && !knew {
			continue
		}
		for _, s := range h.waitedFor() {
			switch run := s.run; {
			case !slices.Contains(cleanup.lived, run.ID):
			case !h.sameWork(s, cleanup.attempt):
			case h.plan.command() == attaches && (s.attempt != cleanup.attempt || h.plan.inputs["run-id"] == "" && (!handed || state["run-id"] == "")):
			case len(run.CancelRequestedAt) > 0: // it ends in its time
			case h.leftOnPurpose(run.ID), h.liedTo(cleanup, born{AgentState: s.agent}):
			case !run.CreatedAt.Before(cleanup.lastLook()):
			case cleanup.exit != 0 && (cleanup.troubled(cleanup.began) || h.unshown(run, cleanup)): // it has said so
			default:
				breach("run %s, of attempt %d, was live after the %s, which ended with %d", run.ID, s.attempt, cleanup.name(), cleanup.exit)
			}
		}
	}
}

// unshown reports whether the conversation could not tell a process whose run
// this is: it does not show all prompts.
func (h history) unshown(run simulator.RunState, p process) bool {
	s := h.plan.scenario
	return h.plan.command() == followsUp && (s.NoConversation || run.StartedAt.IsZero() || run.StartedAt.Add(s.ConversationLag).After(p.ended.Add(-tick)))
}

// mainEndsWhatItWaitsFor: a main stage that gives up a run ends it itself.
func mainEndsWhatItWaitsFor(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		outputs := p.outputs()
		outcome := outputs["outcome"]
		if p.stage != mainStage || p.killed || !h.plan.waits() || h.plan.scenario.Cancel.Ignored || outcome == "timed-out" && h.plan.leaves() {
			continue
		}
		var helpless bool // it could not end the run, or not find it
		switch {
		case !p.signalled.IsZero():
			helpless = p.troubled(p.signalled)
		case outcome == "api-error":
			helpless = p.triedInVain() || outputs["run-id"] == "" && slices.ContainsFunc(p.calls, func(c call) bool {
				return (c.op == "getAgentConversationV0" || c.op == "createRun") && !c.told()
			})
		case outcome == "timed-out":
			helpless = p.troubled(p.began.Add(h.plan.timeout()))
		default:
			continue
		}
		for _, s := range h.waitedFor() {
			switch run := s.run; {
			case run.CreatedAt.After(p.ended) || !run.EndedAt.IsZero() && !run.EndedAt.After(p.ended):
			case !h.sameWork(s, p.attempt), h.plan.command() == attaches && s.attempt != p.attempt:
			case slices.ContainsFunc(run.CancelRequestedAt, p.ended.After), h.leftOnPurpose(run.ID), h.liedTo(p, born{AgentState: s.agent}):
			case !run.CreatedAt.Before(p.lastLook()):
			case helpless, outputs["run-id"] == "" && h.unshown(run, p):
			default:
				breach("run %s, of attempt %d, is live though the %s gave up and says %q", run.ID, s.attempt, p.name(), outcome)
			}
		}
	}
}
