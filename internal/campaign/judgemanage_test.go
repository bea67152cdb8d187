package campaign_test

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// The rules about the commands that cancel, archive and delete agents.
func manageRules() []rule {
	manage := []string{cancelsThem, archivesThem, deletesThem}
	changes := []string{cancelsThem, archivesThem, deletesThem, reaps}
	return []rule{
		{"only selected agents are changed", selectedOnly, manage},
		{"what a command says it did is so", deedsAreTrue, changes},
		{"a command's exit status is true", ordersExit, changes},
		{"no agent is archived at work", archivedAtRest, changes},
		{"a delete loses nothing", deletesLoseNothing, []string{deletesThem}},
	}
}

// entry is one agent in the output results.
type entry struct {
	ID, Name, RunID, Status, Did, Reason, Error string
	Usage                                       *struct{ TotalTokens int64 }
}

// results are what a step says that it did, nil when it does not say.
func (p process) results() []entry {
	var list []entry
	_ = json.Unmarshal([]byte(p.outputs()["results"]), &list)
	return list
}

// notBegun is the reason of an agent that there was no time for.
const notBegun = "there was no time for it"

// agent is the truth about an agent, nil when there was none.
func (h history) agent(id string) *simulator.AgentState {
	i := slices.IndexFunc(h.agents, func(a simulator.AgentState) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &h.agents[i]
}

// changes are the requests of processes that change anything.
func (h history) changes() []simulator.Request {
	var all []simulator.Request
	for _, r := range h.requests {
		begun := r.Open && r.Op == "" // when the story ended: nothing came of it
		if attemptOf(r) > 0 && r.Method != "GET" && !begun {
			all = append(all, r)
		}
	}
	return all
}

// senderOf is the process that sent a request.
func (h history) senderOf(r simulator.Request) process {
	i := slices.IndexFunc(h.processes, func(p process) bool { return p.attempt == attemptOf(r) && p.stage == stageOf(r) })
	return h.processes[i]
}

// idle is for how long nothing had happened to an agent when a process began,
// at most.
func idle(a simulator.AgentState, p process) time.Duration {
	last := a.CreatedAt
	for _, run := range a.Runs {
		for _, at := range []time.Time{run.CreatedAt, run.EndedAt} {
			if at.After(last) && at.Before(p.began) {
				last = at
			}
		}
	}
	return p.ended.Sub(last)
}

// selects reports whether the inputs mean an agent.
func (h history) selects(a simulator.AgentState, p process) bool {
	in := h.plan.naming(h.cast).inputs
	if in["agent-id"] != "" {
		return strings.Contains(in["agent-id"], a.ID)
	}
	return strings.HasPrefix(a.Name, in["name"]) &&
		(in["pull-request"] == "" || a.Request.Repos[0].PRURL == pull) &&
		(in["older-than"] == "" || idle(a, p) >= h.plan.duration("older-than", 0))
}

// selectedOnly: no agent is changed that was not selected, none at all where
// more are selected than limit allows or a dry run is asked for, and nothing is
// done but what the command is for.
func selectedOnly(h history, breach func(string, ...any)) {
	allowed := map[string][]string{
		cancelsThem: {"cancelRun"}, archivesThem: {"archiveAgent"}, deletesThem: {"cancelRun", "deleteAgent"},
	}[h.plan.command()]
	for _, r := range h.changes() {
		a := h.agent(r.AgentID)
		switch {
		case h.plan.asked("dry-run"):
			breach("a dry run asked for %s", r.Op)
		case !slices.Contains(allowed, r.Op):
			breach("the %s of attempt %d asked for %s", stageOf(r), attemptOf(r), r.Op)
		case a == nil || !h.selects(*a, h.senderOf(r)):
			breach("the %s of attempt %d asked for %s of agent %s, which is not selected", stageOf(r), attemptOf(r), r.Op, r.AgentID)
		case attemptOf(r) == 1 && h.tooMany():
			breach("the %s of attempt 1 asked for %s though more agents are selected than limit allows", stageOf(r), r.Op)
		}
	}
}

// tooMany reports whether the cast, as it stood when the first attempt began,
// holds more selected agents than limit allows, for sure.
func (h history) tooMany() bool {
	var limit, selected int
	if json.Unmarshal([]byte(h.plan.inputs["limit"]), &limit) != nil || h.plan.inputs["older-than"] != "" || len(h.plan.visits) > 0 {
		return false
	}
	for _, a := range h.cast {
		if h.selects(a, h.processes[0]) && !(h.plan.command() == archivesThem && a.Archived && h.plan.inputs["agent-id"] == "") {
			selected++
		}
	}
	return selected > limit
}

// deedsAreTrue: what a step says that it did to an agent is so at its end.
func deedsAreTrue(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		for _, e := range p.results() {
			a := h.agent(e.ID)
			say := func(what string) {
				breach("the %s says %q of agent %s: %s", p.name(), e.Did, e.ID, what)
			}
			if a == nil {
				say("there is none")
				continue
			}
			_, run := h.find(e.RunID)
			over := run == nil || !run.EndedAt.IsZero() && !run.EndedAt.After(p.ended)
			switch {
			case e.Reason == notBegun || e.Did == "" || h.hidden(p, e.ID):
			case e.Did == "cancelled" && (run == nil || run.Status != "CANCELLED" || !over):
				say("its run is not cancelled")
			case e.Did == "archived" && !a.Archived && !a.Deleted:
				say("it is not archived")
			case (e.Did == "deleted" || e.Did == "gone") && !a.Deleted:
				say("it is not deleted")
			case e.Did == "none" && e.Error == "" && h.plan.command() == cancelsThem && !over:
				say("its run is live")
			case e.Did == "none" && e.Error == "" && h.plan.command() == archivesThem && !a.Archived && !a.Deleted:
				say("it is not archived")
			case e.Did == "none" && e.Error == "" && h.plan.command() == deletesThem:
				say("a delete does something or fails")
			case strings.HasPrefix(e.Did, "would-") != h.plan.asked("dry-run") && e.Did != "none" && e.Did != "gone" && e.Did != "left":
				say("a dry run is asked for: " + h.plan.inputs["dry-run"])
			}
		}
	}
}

// hidden reports whether the server told a process that an agent is not there.
func (h history) hidden(p process, id string) bool {
	return slices.ContainsFunc(h.requestsOf(p), func(r simulator.Request) bool {
		return r.AgentID == id && strings.HasPrefix(r.Fault, "answer 404")
	})
}

// ordersExit: 0 says that all is done, and on a good day all that can be done
// is.
func ordersExit(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.killed {
			continue
		}
		all := p.results()
		undone := slices.ContainsFunc(all, func(e entry) bool { return e.Error != "" || e.Reason == notBegun })
		atWork := slices.ContainsFunc(all, func(e entry) bool { return strings.Contains(e.Error, "its run is live") })
		switch {
		case !p.signalled.IsZero() && p.exit != 130 && p.ended.Sub(p.signalled) > tick:
			breach("the %s was told to end, and ended with %d", p.name(), p.exit)
		case p.exit == 0 && (undone || p.outputs()["results"] == ""):
			breach("the %s ended with 0, and says %q", p.name(), p.outputs()["results"])
		case p.exit != 0 && p.exit != 124 && h.plan.harmless() && h.plan.scenario.Cancel == (simulator.Cancel{}) && !atWork && !h.tooMany() && h.plan.inputs["limit"] == "" && !h.hubless():
			breach("the %s ended with %d though nothing was wrong", p.name(), p.exit)
		}
	}
}

// archivedAtRest: no agent is archived whose run is live, unless that began
// while the step went on.
func archivedAtRest(h history, breach func(string, ...any)) {
	for _, r := range h.changes() {
		if r.Op != "archiveAgent" {
			continue
		}
		for _, run := range h.agent(r.AgentID).Runs {
			if live := run.EndedAt.IsZero() || run.EndedAt.After(r.At); live && run.CreatedAt.Before(h.senderOf(r).began) {
				breach("the %s of attempt %d archived agent %s, whose run %s is live", stageOf(r), attemptOf(r), r.AgentID, run.ID)
			}
		}
	}
}

// deletesLoseNothing: before an agent is deleted its usage was asked for, and
// its artifacts are in the folder that is named for them. What was read stands
// in the results.
func deletesLoseNothing(h history, breach func(string, ...any)) {
	for _, r := range h.changes() {
		if r.Op != "deleteAgent" {
			continue
		}
		p, at := h.senderOf(r), "/v1/agents/"+r.AgentID
		asked := slices.ContainsFunc(p.calls, func(c call) bool { return c.op == "getAgentUsage" && c.path == at+"/usage" && !c.at.After(r.At) })
		if !asked {
			breach("the %s of attempt %d deleted agent %s without having read its usage", stageOf(r), attemptOf(r), r.AgentID)
		}
		left := h.left(r.AgentID)
		if _, kept := p.others["workspace/out/"+r.AgentID+"/log.txt"]; h.plan.inputs["artifacts"] != "" && left && !kept && !p.listedNothing(at) {
			breach("the %s of attempt %d deleted agent %s without its artifacts", stageOf(r), attemptOf(r), r.AgentID)
		}
	}
}

// left reports whether an agent has left artifacts: a run came to its own end.
func (h history) left(id string) bool {
	return slices.ContainsFunc(h.agent(id).Runs, func(run simulator.RunState) bool {
		return !run.EndedAt.IsZero() && len(run.CancelRequestedAt) == 0
	})
}

// listedNothing reports whether a process was told that an agent has no
// artifacts.
func (p process) listedNothing(at string) bool {
	return slices.ContainsFunc(p.calls, func(c call) bool {
		return c.op == "listArtifacts" && strings.HasPrefix(c.path, at+"/") && c.told() && !strings.Contains(string(c.body), "log.txt")
	})
}
