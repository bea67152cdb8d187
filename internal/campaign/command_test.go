package campaign_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// The commands that stories tell of, as the input command has them.
const (
	launches  = "launch"
	followsUp = "follow-up"
	attaches  = "attach"

	cancelsThem  = "cancel"
	archivesThem = "archive"
	deletesThem  = "delete"
	reaps        = "reap"
)

// commands are all of them, in the order of the figures.
func commands() []string {
	return []string{launches, followsUp, attaches, cancelsThem, archivesThem, deletesThem, reaps}
}

// command is what the steps of a story are for.
func (p plan) command() string {
	if command := p.inputs["command"]; command != "" {
		return command
	}
	return launches
}

// bound are the rules that bind the command of a plan.
func (p plan) bound() []rule {
	return slices.DeleteFunc(rules(), func(r rule) bool { return len(r.of) > 0 && !slices.Contains(r.of, p.command()) })
}

// sent is a run that a process of the story asked for, or waits for.
type sent struct {
	agent   simulator.AgentState
	run     simulator.RunState
	attempt int
	asked   time.Time
}

// sends are the runs that processes of the story asked for, in the order of the
// requests.
func (h history) sends() []sent {
	var all []sent
	for _, r := range h.requests {
		agent, run := h.find(r.RunID)
		if r.Op != "createRun" && r.Op != "createAgent" || attemptOf(r) == 0 || run == nil {
			continue
		}
		all = append(all, sent{agent: *agent, run: *run, attempt: attemptOf(r), asked: r.At})
	}
	return all
}

// find is the truth about a run and its agent, nil when there is none.
func (h history) find(runID string) (*simulator.AgentState, *simulator.RunState) {
	for i, a := range h.agents {
		for j := range a.Runs {
			if a.Runs[j].ID == runID {
				return &h.agents[i], &a.Runs[j]
			}
		}
	}
	return nil, nil
}

// waitedFor are the runs that the steps of a story answer for: those that they
// asked for or, where they attach, those that they came to.
func (h history) waitedFor() []sent {
	if h.plan.command() != attaches {
		return h.sends()
	}
	var all []sent
	for _, p := range h.processes {
		state, _ := readFileCommand(p.files["GITHUB_STATE"])
		if agent, run := h.find(cmp.Or(p.outputs()["run-id"], state["run-id"])); p.stage == mainStage && run != nil {
			all = append(all, sent{agent: *agent, run: *run, attempt: p.attempt, asked: p.began})
		}
	}
	return all
}

// own reports whether a run is one that steps of the story answer for, or one
// that they were told to wait for.
func (h history) own(runID string) bool {
	if named := h.plan.naming(h.cast).inputs["run-id"]; named != "" {
		return runID == named
	}
	return slices.ContainsFunc(h.waitedFor(), func(s sent) bool { return s.run.ID == runID })
}

// sameWork reports whether a run is for the work of an attempt: all attempts
// are for one, unless each was to have its own.
func (h history) sameWork(s sent, attempt int) bool {
	return h.plan.inputs["on-rerun"] != "new" || s.attempt == attempt
}

// stageOf is the stage whose process sent a request.
func stageOf(r simulator.Request) stage {
	return stage(r.UserAgent[strings.LastIndexByte(r.UserAgent, '-')+1:])
}

// lastLook is when a process could see the last time which runs there are, its
// beginning when it could not.
func (p process) lastLook() time.Time {
	last := p.began
	for _, c := range p.calls {
		switch c.op {
		case "getAgent", "listAgents", "listRuns", "getRun":
			last = c.at
		case "createRun", "createAgent":
			if c.told() {
				last = c.readAt.Add(atOnce)
			}
		}
	}
	return last
}

// first is the first call of a kind, nil when there is none.
func (p process) first(op string) *call {
	for i := range p.calls {
		if p.calls[i].op == op {
			return &p.calls[i]
		}
	}
	return nil
}
