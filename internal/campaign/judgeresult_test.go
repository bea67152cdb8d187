package campaign_test

import (
	"slices"
	"time"

	"cursor-agent-action/internal/simulator"
)

// toldOnce: an agent is told at most once what is wrong with its result, however
// often an answer is lost or the job is run again, unless it ended badly over
// it; and only when its result is wrong.
func toldOnce(h history, breach func(string, ...any)) {
	for _, agent := range h.agents {
		own := ownRuns(agent)
		for i, later := range own[1:] {
			if first := own[0]; first.Result == rightAnswer || first.EndedAt.IsZero() || first.EndedAt.After(later.CreatedAt) || h.plan.shown(first) != "FINISHED" {
				breach("run %s of agent %s corrects run %s, which is %s and says %q", later.ID, agent.ID, first.ID, first.Status, first.Result)
			}
			for _, earlier := range own[1 : i+1] {
				if badly := !earlier.EndedAt.IsZero() && !earlier.EndedAt.After(later.CreatedAt) && earlier.Status != "FINISHED"; !badly {
					breach("agent %s was told in run %s, which is %s, and again in run %s", agent.ID, earlier.ID, earlier.Status, later.ID)
				}
			}
		}
	}
}

// resultsAreOfTheForm: a result of the asked form is handed on, and no other; one
// that is not is what the agent said after it was told, as far as there was time
// for that.
func resultsAreOfTheForm(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		outputs, run := p.outputs(), h.runOf(p)
		if p.stage != mainStage || p.killed {
			continue
		}
		asked := h.plan.inputs["result-schema"] != ""
		right := run != nil && h.answers(*run, rightAnswer)
		switch outcome, object := outputs["outcome"], outputs["result-object"]; {
		case object != "" && (!asked || !right || object != resultObject):
			breach("the %s hands on %s of an agent that says %s", p.name(), object, says(run))
		case !asked && outcome != "invalid-result":
		case (outcome == "succeeded" || outcome == "no-changes") && object == "":
			breach("the %s says %q without the object, of an agent that says %s", p.name(), outcome, says(run))
		case outcome != "invalid-result":
		case right && h.plan.version0() && h.plan.scenario.ConversationLag > 0: // Its last words were not shown yet.
		case !asked || right:
			breach("the %s says %q of an agent that says %s", p.name(), outcome, says(run))
		case run != nil && !isCorrection(*run) && !h.hurried(p):
			breach("the %s says %q of an agent that was not told", p.name(), outcome)
		}
	}
}

// answers reports whether a run ended with that answer. What an agent of version
// 0 says at last is the result of all its runs.
func (h history) answers(run simulator.RunState, answer string) bool {
	return run.Result == answer || h.plan.version0() && slices.ContainsFunc(h.agents, func(agent simulator.AgentState) bool {
		return agent.Runs[0].ID == run.ID && slices.ContainsFunc(agent.Runs, func(later simulator.RunState) bool { return later.Result == answer })
	})
}

// says is an agent's answer, for a person.
func says(run *simulator.RunState) string {
	if run == nil {
		return "nothing"
	}
	return run.Status + ": " + run.Result
}

// hurried reports whether a process was already ending its run when that came to
// its own end.
func (h history) hurried(p process) bool {
	return p.last("cancelRun") != nil || !p.signalled.IsZero() || !p.ended.Before(p.began.Add(h.plan.timeout()))
}

// correctable reports whether a process was to go on after the end of its run,
// and tell the agent what is wrong.
func (h history) correctable(p process) bool {
	run := h.runOf(p)
	return h.plan.inputs["result-schema"] != "" && run != nil && !isCorrection(*run) && run.Result != rightAnswer
}

// untoldOf reports whether a process was to tell the agent what is wrong, and
// the API let it not.
func (h history) untoldOf(p process) bool {
	run := h.runOf(p)
	return h.correctable(p) && slices.ContainsFunc(p.calls, func(c call) bool {
		return (c.op == "createRun" || slices.Contains(finds(), c.op) || c.op == "getRun") && !c.told() && !c.at.Before(run.EndedAt)
	})
}

// launched is the run that pushed what a run is judged by: the first of its agent,
// unless that was ended, which version 0 does not tell.
func (h history) launched(run simulator.RunState) simulator.RunState {
	for _, agent := range h.agents {
		if agent.Runs[0].Status != "CANCELLED" && slices.ContainsFunc(agent.Runs, func(r simulator.RunState) bool { return r.ID == run.ID }) {
			return agent.Runs[0]
		}
	}
	return run
}

// untold reports whether a run, of a correction for the most part, is one that a process could not tell from
// somebody else's run: the agent's conversation, which alone tells that, did not
// show it when it was looked at for the last time.
func (h history) untold(agent born, run simulator.RunState, p process) bool {
	s, last := h.plan.scenario, p.last("getAgentConversationV0")
	if s.NoConversation && h.plan.unmarked() {
		return true // So it is with the first run, where nothing else is ours.
	}
	if run.ID == agent.Runs[0].ID || last == nil {
		return false
	}
	patient := p.stage == mainStage || last.at.Sub(p.began) >= promptPatience
	late := run.StartedAt.IsZero() || run.StartedAt.Add(s.ConversationLag).After(last.at)
	return s.NoConversation || patient && late
}

// visible is from when on a process that does not know a run can see it. In
// version 0 that is when its prompt stands in the conversation, but for a first
// run that bears our mark.
func (h history) visible(run simulator.RunState, p process) time.Time {
	known := h.runOf(p)
	switch {
	case !h.plan.version0() || !isCorrection(run) && !h.plan.unmarked() || known != nil && known.ID == run.ID:
		return run.CreatedAt
	case run.StartedAt.IsZero():
		return run.CreatedAt.Add(time.Hour)
	}
	return run.StartedAt.Add(h.plan.scenario.ConversationLag)
}

// seenTooLate reports whether a run could be seen only when a process that was
// told to end had no time left to end it.
func (h history) seenTooLate(run simulator.RunState, p process) bool {
	return !p.signalled.IsZero() && h.visible(run, process{}).After(p.signalled.Add(signalGrace-time.Second))
}

// forgotten reports whether a run of version 0 is a correction that was ended
// when it had not answered: other processes can't tell that it has begun.
func (h history) forgotten(run simulator.RunState) bool {
	return h.plan.version0() && isCorrection(run) && len(run.CancelRequestedAt) > 0
}

// promptPatience is for how long a cleanup stage waits for a prompt to be shown.
const promptPatience = 45 * time.Second

// overshadowed reports whether an agent of version 0 shows no end of its first
// run: it has the state of its last one, which ended badly.
func (h history) overshadowed(agent born) bool {
	last := agent.Runs[len(agent.Runs)-1]
	return h.plan.version0() && len(agent.Runs) > 1 && h.plan.shown(last) != "FINISHED"
}
