package campaign_test

import (
	"time"

	"cursor-agent-action/internal/simulator"
)

// goodDaysAreGood: in a story without any fault the outcome is what the agent
// did, to the letter.
func goodDaysAreGood(h history, breach func(string, ...any)) {
	s, main := h.plan.scenario, h.processes[0]
	asIs := s.Cancel == (simulator.Cancel{ShownAs: s.Cancel.ShownAs}) && s.ConversationLag == 0 && !s.NoConversation
	skipped := main.outputs()["outcome"] == "skipped" // That may be right, and is judged by itself.
	if !h.plan.harmless() || len(h.agents) == 0 || main.killed || !asIs || skipped {
		return
	}
	own := ownRuns(h.agents[0])
	run := own[min(1, len(own)-1)]
	lasted := run.EndedAt.Sub(main.began)
	overdue := lasted > h.plan.timeout() || len(run.CancelRequestedAt) > 0 && !h.plan.overspent(own)
	var want string
	switch {
	case !h.plan.waits():
		want = "launched"
	case run.EndedAt.IsZero() || overdue:
		want = "timed-out"
	case h.plan.overspent(own):
		return // It hangs on when the usage was looked at.
	default:
		want = h.plan.finishes(run)
	}
	if got := main.outputs()["outcome"]; want != "" && got != want && !(want == "timed-out" && lasted < h.plan.timeout()+time.Second) {
		breach("the %s says %q, not %q", main.name(), got, want)
	}
	if len(run.CancelRequestedAt) > 0 && run.CancelRequestedAt[0].Sub(main.began) < h.plan.timeout() && !h.plan.overspent(own) {
		breach("run %s was cancelled %s after the start, before its time was over", run.ID, main.since(run.CancelRequestedAt[0]))
	}
}

// finishes is the outcome of a run that ended by itself, "" where more than one
// is right.
func (p plan) finishes(run simulator.RunState) string {
	s := p.scenario
	onIt := p.inputs["pull-request"] != "" && p.asked("work-on-current-branch")
	var want string
	switch p.shown(run) {
	case "ERROR":
		return "agent-error"
	case "EXPIRED":
		return "expired"
	case "CANCELLED":
		return "cancelled"
	}
	switch {
	case !p.asked("create-pr") || onIt:
		want = "succeeded"
	case s.Branch == "" && !p.version0():
		want = "no-changes"
	case p.happens != nil && p.happens.pull.kind != "":
		return "" // GitHub's word is the last, and is judged by itself.
	case p.happens != nil && p.version0() && s.Branch == "", p.happens != nil && s.PullRequest.Open && s.PRAfter >= prPatience:
		return "" // It hangs on when, and whether, GitHub tells of it.
	case s.Branch == "" || !s.PullRequest.Open:
		want = "pr-missing"
	case s.PRAfter < prPatience:
		want = "succeeded"
	case s.PRAfter < prPatience+2*time.Second, p.version0(), isCorrection(run):
		return "" // An end that is noticed late leaves the more time for it.
	default:
		want = "pr-missing"
	}
	if p.inputs["result-schema"] != "" && run.Result != rightAnswer && want != "pr-missing" {
		if !isCorrection(run) {
			return "" // There was no time to tell the agent.
		}
		want = "invalid-result"
	}
	return want
}
