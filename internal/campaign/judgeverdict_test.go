package campaign_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// outcomesAreTrue: what a step says about the work is what became of it, and
// trouble on the way is never a verdict on the work.
func outcomesAreTrue(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.killed {
			continue
		}
		outputs := p.outputs()
		outcome, run := outputs["outcome"], h.runOf(p)
		say := func(format string, args ...any) {
			breach("the %s says %q: "+format, append([]any{p.name(), outcome}, args...)...)
		}
		if want, ok := endings()[outcome]; ok && !(outcome == "cancelled" && (!p.signalled.IsZero() || h.goesOnOverBudget(p))) {
			switch {
			case h.plan.version0() && h.sawPast(p): // An old state of the agent is that of another run.
			case run == nil:
				say("there is no run %q", outputs["run-id"])
			case run.EndedAt.IsZero() || run.EndedAt.After(p.ended) || run.Status != want && h.plan.shown(*run) != want:
				say("the run is %s, ended at %s", run.Status, run.EndedAt.Format(clock))
			case outputs["status"] != want:
				say("the output status is %q", outputs["status"])
			default:
				pullRequestIsTrue(h, p, run, say)
			}
			continue
		}
		switch outcome {
		case "launched":
			if h.plan.waits() || run == nil {
				say("wait is %t, the run %v", h.plan.waits(), run)
			}
			continue
		case "timed-out":
			if waited := p.ended.Sub(p.began); waited < h.plan.timeout() {
				say("after %s of %s", waited, h.plan.timeout())
			}
		case "api-error":
			if h.unseenRequest(p, run) || strings.Contains(p.log, saysOverLast) && p.triedInVain() {
				continue
			}
			if h.plan.harmless() {
				say("nothing was wrong with the API")
			}
			if h.untoldOf(p) {
				continue
			}
			if n := p.refusals(); p.last("streamRun") != nil && n < believed && p.signalled.IsZero() && p.ended.Before(p.began.Add(h.plan.timeout())) {
				say("it gave up on the run after %d refusals in a row", n)
			}
		case "cancelled":
		case "skipped":
			if why := h.unskippable(p); why != "" {
				say("%s", why)
			}
			continue
		default:
			say("that is no outcome of this step")
		}
		if p.signalled.IsZero() {
			for _, seen := range h.saw(p) {
				if seen.ended() && !h.correctable(p) && !h.blindSince(p, seen.at) {
					say("it had been told that the run is %s, %s after its start", seen.Status, p.since(seen.at))
				}
			}
		}
	}
}

// blindSince reports whether all looks of a process failed after a moment. In
// version 0 the stream is made of looks, and the end that it tells is to be
// confirmed by one more.
func (h history) blindSince(p process, at time.Time) bool {
	blind := false
	for _, c := range p.calls {
		if c.op != "getRun" || !c.readAt.After(at) && c.whole() {
			continue
		}
		if c.told() {
			return false
		}
		blind = true
	}
	return blind && h.plan.version0()
}

// unseenRequest reports whether a process was told that its run has finished
// and could not look for the pull request any more: that is trouble with the
// API, and no verdict on the work.
func (h history) unseenRequest(p process, run *simulator.RunState) bool {
	last := p.last("getRun")
	if run == nil || h.plan.shown(*run) != "FINISHED" || !h.plan.asked("create-pr") || last == nil || last.told() {
		return false
	}
	seen := h.saw(p)
	return slices.ContainsFunc(seen, sawRun.ended) && !slices.ContainsFunc(seen, sawRun.opened)
}

// believed is how many looks in a row the API must refuse for good until a step
// may give up a run.
const believed = 4

// refusals are the most looks in a row at a run that the API refused for good.
// An answer that does not tell of the run is none.
func (p process) refusals() int {
	most, n := 0, 0
	for i := range p.calls {
		c := &p.calls[i]
		if c.op != "getRun" || !c.isAbout(p) {
			continue
		}
		switch told, ok := c.tells(); {
		case ok && (told.ID == p.outputs()["run-id"] || told.Agent.ID != ""):
			n = 0
		case c.status/100 == 4 && c.status != http.StatusTooManyRequests:
			n++
			most = max(most, n)
		}
	}
	return most
}

// endings are the outcomes that are verdicts, with the end of the run that each
// asserts.
func endings() map[string]string {
	return map[string]string{
		"succeeded": "FINISHED", "no-changes": "FINISHED", "pr-missing": "FINISHED", "invalid-result": "FINISHED",
		"agent-error": "ERROR", "expired": "EXPIRED", "cancelled": "CANCELLED",
	}
}

// pullRequestIsTrue holds what a step says about branch and pull request
// against what the agent pushed.
func pullRequestIsTrue(h history, p process, run *simulator.RunState, say func(string, ...any)) {
	s, outputs := h.plan.scenario, p.outputs()
	first := h.launched(*run) // A correction adds nothing to what that pushed.
	stopped := first.Status == "CANCELLED" && len(first.CancelRequestedAt) > 0 && !s.Cancel.Ignored
	asked, pushed, named := h.plan.asked("create-pr"), s.Branch != "" && !stopped, s.Branch != "" && !stopped
	shows := first.EndedAt.Add(s.PRAfter)
	if h.plan.version0() {
		named = true // whether or not anything was pushed
	}
	if h.visited(deletes) || h.visited(followUp) {
		return // what was there was changed by somebody else
	}
	agent, _ := h.find(run.ID)
	// GitHub may have said so, which has no branch but what an agent pushed.
	told := h.plan.happens != nil && h.plan.version0() && outputs["branch"] == "" && (!pushed || agent.Branch == "")
	if named = named && !told; (outputs["branch"] != "") != named {
		say("the output branch is %q, and a branch was pushed: %t", outputs["branch"], pushed)
	}
	if url := outputs["pr-url"]; url != "" && url != h.plan.inputs["pull-request"] && !h.sharesBranch(*agent, url) && (!asked || !pushed || !s.PullRequest.Open || shows.After(p.ended)) {
		say("there is no pull request %s", url)
	}
	switch outputs["outcome"] {
	case "succeeded":
		if asked && outputs["pr-url"] == "" {
			say("without the pull request that was asked for")
		}
	case "no-changes":
		if !asked || named {
			say("a branch was pushed: %t, a pull request asked for: %t", pushed, asked)
		}
	case "pr-missing":
		if !asked || !named {
			say("a branch was pushed: %t, a pull request asked for: %t", pushed, asked)
		}
		if h.plan.happens != nil && h.plan.happens.pull.kind != "" {
			return // What Cursor says of it is not the last word.
		}
		for _, seen := range h.saw(p) {
			if seen.opened() {
				say("it had been told of one, %s after its start", p.since(seen.at))
			}
		}
		if last := p.last("getRun"); last != nil && !last.told() {
			say("its last look, %s after its start, was not answered", p.since(last.at))
		}
		from := run.EndedAt
		if from.Before(p.began) {
			from = p.began
		}
		if waited := p.ended.Sub(from); waited < prPatience {
			say("it waited for it for no more than %s", waited)
		}
	}
}

// sharesBranch reports whether GitHub has a pull request of the branch that one
// agent pushed to and another opened it for: the user's own branch.
func (h history) sharesBranch(agent simulator.AgentState, url string) bool {
	return h.plan.happens != nil && slices.ContainsFunc(h.agents, func(other simulator.AgentState) bool {
		return other.ID != agent.ID && other.Branch == agent.Branch && other.PRURL == url
	})
}

// visited reports whether somebody did that to the agents.
func (h history) visited(deed deed) bool {
	return slices.ContainsFunc(h.plan.visits, func(v visit) bool { return v.deed == deed })
}

// ownSlack is how long before its own create a process may take an agent to
// have been made, where the answer was lost: times are rounded.
const ownSlack = 6 * time.Second

// badEndsAreTakenOnce: a re-run takes the result of an agent that finished, and
// launches another one where it ended badly.
func badEndsAreTakenOnce(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		run := h.runOf(p)
		if p.stage != mainStage || run == nil || run.EndedAt.IsZero() || h.plan.shown(*run) == "FINISHED" || h.sawPast(p) {
			continue
		}
		if run.EndedAt.Add(h.plan.scenario.Lag+ownSlack).Before(p.began) && !h.visited(archives) {
			breach("the %s took run %s, which had ended as %s %s before it began", p.name(), run.ID, run.Status, p.began.Sub(run.EndedAt))
		}
	}
}

// sawPast reports whether the server gave a process an answer from the past.
func (h history) sawPast(p process) bool {
	return slices.ContainsFunc(h.requestsOf(p), func(r simulator.Request) bool { return r.Fault == "stale" })
}

// exitsFollow: the exit status is the documented one.
func exitsFollow(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.killed {
			continue
		}
		outcome, want := p.outputs()["outcome"], 1
		switch outcome {
		case "succeeded", "no-changes", "launched", "skipped":
			want = 0
		case "timed-out":
			want = 124
		}
		if h.plan.inputs["fail-on"] == "none" {
			want = 0
		}
		if !p.signalled.IsZero() {
			want = 130
		}
		if p.exit != want {
			breach("the %s says %q and ended with %d, not %d", p.name(), outcome, p.exit, want)
		}
	}
}

// prPatience is how long a step waits for a pull request that is late, less
// what a look takes.
const prPatience = 29 * time.Second
