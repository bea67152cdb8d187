package campaign_test

import (
	"encoding/json"
	"slices"

	"cursor-agent-action/internal/simulator"
)

// commandRules are the promises about commands beside the launch.
func commandRules() []rule {
	return slices.Concat(waitRules(), eventRules(), boardRules(), pullRules(), manageRules(), reapRules())
}

// waitRules are those about follow-ups and attaches.
func waitRules() []rule {
	follow, waits := []string{followsUp}, []string{followsUp, attaches}
	return []rule{
		{"one run per follow-up", oneRunPerFollowUp, follow},
		{"a follow-up goes to its agent", followUpsGoToTheirAgent, follow},
		{"nothing sent after the decision to end", nothingSentLate, follow},
		{"a follow-up is written down", followUpsAreWritten, follow},
		{"an attach changes nothing", attachesChangeNothing, []string{attaches}},
		{"nobody else's run is ended", nobodyElsesRun, waits},
		{"nothing waited for is left running", nothingWaitedForIsLeft, waits},
		{"the main stage ends what it waits for", mainEndsWhatItWaitsFor, waits},
		{"the outcome is that of the run", outcomesAreOfTheRun, waits},
		{"a good day is reported as one", goodDaysOfWaitersAreGood, waits},
	}
}

// outcomesAreOfTheRun: what a step says about the run that it waits for is what
// became of that very run.
func outcomesAreOfTheRun(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.killed {
			continue
		}
		outputs := p.outputs()
		outcome := outputs["outcome"]
		agent, run := h.find(outputs["run-id"])
		say := func(format string, args ...any) {
			breach("the %s says %q: "+format, append([]any{p.name(), outcome}, args...)...)
		}
		if outputs["run-id"] != "" && !h.own(outputs["run-id"]) && !h.mistakable(outputs["run-id"]) {
			say("run %s is somebody else's", outputs["run-id"])
		}
		if want, ok := endings()[outcome]; ok && !(outcome == "cancelled" && !p.signalled.IsZero()) {
			switch {
			case run == nil:
				say("there is no run %q", outputs["run-id"])
			case run.EndedAt.IsZero() || run.EndedAt.After(p.ended) || run.Status != want:
				say("the run is %s, ended at %s", run.Status, run.EndedAt.Format(clock))
			case outputs["status"] != want:
				say("the output status is %q", outputs["status"])
			case outputs["pr-url"] != "" && outputs["pr-url"] != agent.PRURL:
				say("there is no pull request %s", outputs["pr-url"])
			case outcome == "succeeded" && h.plan.asked("create-pr") && outputs["pr-url"] == "":
				say("without the pull request that was asked for")
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
			if run != nil && h.unseenPull(p, run) {
				continue
			}
			followed := slices.ContainsFunc(p.calls, func(c call) bool { return c.op == "streamRun" && c.runID() == outputs["run-id"] })
			if n := p.refusals(); followed && n < believed && p.signalled.IsZero() && p.ended.Before(p.began.Add(h.plan.timeout())) {
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
				// What an attach sees first is not yet its end: it reads what was said.
				if first := p.first("streamRun"); seen.ended() && first != nil && seen.at.After(first.at) {
					say("it had been told that the run is %s, %s after its start", seen.Status, p.since(seen.at))
				}
			}
		}
	}
}

// unseenPull reports whether a process was told that its run has finished and
// could not look for the pull request any more.
func (h history) unseenPull(p process, run *simulator.RunState) bool {
	last := p.last("getRun")
	var tells sawRun
	if run.Status != "FINISHED" || last == nil || last.told() && json.Unmarshal(last.body, &tells) == nil && tells.ID == run.ID {
		return false
	}
	seen := h.saw(p)
	return slices.ContainsFunc(seen, sawRun.ended) && !slices.ContainsFunc(seen, sawRun.opened)
}

// goodDaysOfWaitersAreGood: in a story without any fault the first attempt says
// what became of its run or, where it has come to none, why.
func goodDaysOfWaitersAreGood(h history, breach func(string, ...any)) {
	main := h.processes[0]
	if !h.plan.harmless() || main.killed || h.plan.scenario.Cancel != (simulator.Cancel{}) {
		return
	}
	outcome := main.outputs()["outcome"]
	if outcome == "skipped" { // That may be right, and is judged by itself.
		return
	}
	over := !main.ended.Before(main.began.Add(h.plan.timeout()))
	var want []string
	first := slices.IndexFunc(h.waitedFor(), func(s sent) bool { return s.attempt == 1 })
	switch {
	case first < 0 && over:
		want = []string{"timed-out"}
	case first < 0 && (h.plan.inputs["on-busy"] == "fail" || h.plan.inputs["pull-request"] != "" && h.plan.inputs["if-none"] == ""):
		want = []string{"api-error"}
	case first < 0:
	case !h.plan.waits():
		want = []string{"launched"}
	case over:
		want = []string{"timed-out"}
		fallthrough
	default:
		switch h.waitedFor()[first].run.Status {
		case "FINISHED":
			want = append(want, "succeeded", "no-changes", "pr-missing")
			if s := h.waitedFor()[first]; !h.plan.asked("create-pr") && !s.agent.Request.AutoCreatePR {
				want = want[:len(want)-2]
			}
		case "ERROR":
			want = append(want, "agent-error")
		case "EXPIRED":
			want = append(want, "expired")
		case "CANCELLED":
			if h.waitedFor()[first].run.CancelRequestedAt == nil {
				want = append(want, "cancelled")
			}
		}
	}
	if !slices.Contains(want, outcome) {
		breach("the %s says %q, not one of %q", main.name(), outcome, want)
	}
}
