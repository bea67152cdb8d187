package campaign_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// pullRules are the promises about pull requests of which GitHub tells another
// thing than Cursor.
func pullRules() []rule {
	return []rule{{"GitHub's word on the pull request", pullsAreVerified, []string{launches}}}
}

// truthWait is how long a step looks for a pull request at GitHub, less the time
// between two looks.
const truthWait = 24 * time.Second

// pullsAreVerified: no step is green for a pull request that GitHub has not, no
// step misses one that GitHub had in time, and what is told as verified is what
// GitHub has.
func pullsAreVerified(h history, breach func(string, ...any)) {
	if h.plan.happens == nil || h.visited(followUp) || h.visited(deletes) {
		return
	}
	fate := h.plan.happens.pull
	for _, p := range h.processes {
		outputs := p.outputs()
		agent, run := h.find(outputs["run-id"])
		if fate.kind == "" || p.stage != mainStage || p.killed || run == nil || agent.PRURL == "" {
			continue
		}
		say := func(format string, args ...any) {
			breach("the %s says %q: "+format, append([]any{p.name(), outputs["outcome"]}, args...)...)
		}
		green := outputs["outcome"] == "succeeded" && h.plan.asked("create-pr")
		verified := outputs["pr-verified"] == "true" && outputs["pr-url"] != ""
		there := h.plan.pullShows(*agent).Add(fate.lateness())
		looks := p.looksFor(agent.PRURL)
		closed := fate.kind == closedIt && slices.ContainsFunc(looks, func(c call) bool { return c.toldByGitHub() })
		switch {
		case fate.none() && green && (closed || h.hearsGitHub(p)):
			say("the pull request %s, and GitHub could be asked", fate)
		case fate.none() && verified:
			say("the pull request %s, and is said to be verified", fate)
		case !fate.none() && verified && p.ended.Before(there):
			say("the pull request %s, and was verified before", fate)
		case !fate.none() && verified:
			pullIsTold(fate, agent, h.plan, outputs, say)
		case !fate.none() && outputs["outcome"] == "pr-missing" && h.hearsGitHub(p) && len(looks) > 0 && !there.After(looks[0].at.Add(truthWait)):
			say("the pull request is there since %s, and was looked for at %s", there.Format(clock), looks[0].at.Format(clock))
		}
	}
}

// pullIsTold holds what a step tells of a pull request against GitHub's.
func pullIsTold(fate pullFate, agent *simulator.AgentState, p plan, outputs map[string]string, say func(string, ...any)) {
	commits := pullCommits
	switch head := outputs["head-sha"]; {
	case head == movedHead(agent.Branch) && fate.kind == headMoves:
		commits++
	case head != forgetest.SHA(agent.Branch):
		say("the output head-sha is %q", head)
	}
	if got := outputs["commits"]; got != strconv.Itoa(commits) {
		say("the output commits is %q, not %d", got, commits)
	}
	if got := outputs["changed-files"]; got != strconv.Itoa(pullFiles) {
		say("the output changed-files is %q, not %d", got, pullFiles)
	}
	if want := strconv.FormatBool(fate.kind != isReady); p.inputs["pr-draft"] == "" && outputs["draft"] != want {
		say("the output draft is %q, not %s", outputs["draft"], want)
	}
}

// lateness is how long after Cursor named it the pull request is at GitHub.
func (f pullFate) lateness() time.Duration {
	if f.kind == comesLate {
		return f.after
	}
	return 0
}

// looksFor are the calls by which a process asked GitHub for a pull request.
func (p process) looksFor(address string) []call {
	number := address[strings.LastIndexByte(address, '/'):]
	return slices.DeleteFunc(slices.Clone(p.asked), func(c call) bool { return !c.is(http.MethodGet, "/pulls"+number) })
}

// hearsGitHub reports whether nothing kept a process from asking GitHub.
func (h history) hearsGitHub(p process) bool {
	e := h.plan.happens
	return len(e.faults)+len(e.outages)+len(e.refused) == 0 && p.signalled.IsZero() && !slices.ContainsFunc(p.struck, blowKind.network)
}
