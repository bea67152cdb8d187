package campaign_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cursor-agent-action/internal/simulator"
)

// reapRules are the rules about the command reap.
func reapRules() []rule {
	return []rule{
		{"reap changes only what is left behind", reapedOnly, []string{reaps}},
		{"reap does its work", reapWorks, []string{reaps}},
	}
}

// wanted reports whether reap may end the launch run of a member of the cast,
// as far as GitHub told a process of its workflow run. An agent that was to go
// on by itself is ended only when its workflow run was cancelled or is gone.
func (h history) wanted(m member, number int, p process) bool {
	id := m.workflowRun(number)
	said := h.plan.hub[id]
	told := slices.ContainsFunc(p.calls, func(c call) bool {
		return c.op == "getWorkflowRun" && strings.HasSuffix(c.path, "/"+strconv.FormatInt(id, 10)) && (c.status == 200 || c.status == 404)
	})
	switch said {
	case "cancelled", "404":
		return told
	case "failure", "timed_out":
		return told && m.by == killedStep
	}
	return false
}

// reapedOnly: reap ends a launch whose workflow run is over without success, and
// archives what it launched when that is at rest and old: nothing else, and
// nothing in a dry run or where it can't see its own workflow run.
func reapedOnly(h history, breach func(string, ...any)) {
	archived := map[int][]string{}
	for _, r := range h.changes() {
		p := h.senderOf(r)
		say := func(what string) {
			breach("the %s of attempt %d asked for %s of agent %s, %s", stageOf(r), attemptOf(r), r.Op, r.AgentID, what)
		}
		i := slices.IndexFunc(h.cast, func(a simulator.AgentState) bool { return a.ID == r.AgentID })
		switch {
		case h.plan.asked("dry-run"):
			say("in a dry run")
		case h.plan.hub[h.plan.ownRun()] != "in_progress":
			say("though it could not see its own workflow run")
		case i < 0 || h.plan.cast[i].by != step && h.plan.cast[i].by != killedStep:
			say("which it has not launched")
		case r.Op == "cancelRun" && (r.RunID != h.cast[i].Runs[0].ID || !h.wanted(h.plan.cast[i], i, p)):
			say("whose workflow run does not say so: " + h.plan.hub[h.plan.cast[i].workflowRun(i)])
		case r.Op == "archiveAgent" && idle(h.cast[i], p) < h.plan.duration("older-than", 0):
			say("which is not old")
		case r.Op != "cancelRun" && r.Op != "archiveAgent":
			say("which is not what reap is for")
		case r.Op == "archiveAgent" && !slices.Contains(archived[p.attempt], r.AgentID):
			archived[p.attempt] = append(archived[p.attempt], r.AgentID)
		}
	}
	var limit int
	if json.Unmarshal([]byte(h.plan.inputs["limit"]), &limit) != nil {
		return
	}
	for attempt, ids := range archived {
		if len(ids) > limit {
			breach("attempt %d archived %d agents, and limit is %d", attempt, len(ids), limit)
		}
	}
}

// reapWorks: a reap that ended well has left no launch at work that it should
// have ended.
func reapWorks(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.killed || p.exit != 0 || h.plan.asked("dry-run") || h.plan.scenario.Cancel.Ignored {
			continue
		}
		for i, m := range h.plan.cast {
			a := h.agent(h.cast[i].ID)
			said := h.plan.hub[m.workflowRun(i)]
			over := said == "cancelled" || said == "404" || m.by == killedStep && (said == "failure" || said == "timed_out")
			run := a.Runs[0]
			if (m.by == step || m.by == killedStep) && over && !a.Archived && !a.Deleted && (run.EndedAt.IsZero() || run.EndedAt.After(p.ended)) && !h.liedTo(p, born{AgentState: *a}) {
				breach("the %s ended with 0 and left run %s of agent %s, whose workflow run says %q", p.name(), run.ID, a.ID, said)
			}
		}
	}
}
