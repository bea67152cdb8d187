package campaign_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// boardRules are the promises about the comment and the check run, and about
// what GitHub is sent at all.
func boardRules() []rule {
	begins := []string{launches, followsUp}
	return []rule{
		{"the end that is shown is true", shownEndsAreTrue, begins},
		{"updates are apart", updatesAreApart, begins},
		{"few requests to GitHub", hubRequestsAreFew, begins},
		{"GitHub changes no verdict", hubChangesNoVerdict, begins},
	}
}

// written is what a process wrote where people see it.
type written struct {
	call
	check      bool
	body       string // of a comment, or of a check's summary
	conclusion string // of a check
}

// wrote are the comments and checks that a process wrote, or tried to.
func (p process) wrote() []written {
	var all []written
	for _, c := range p.asked {
		check, comment := strings.Contains(c.path, "/check-runs"), strings.Contains(c.path, "/comments")
		if c.op != http.MethodPost && c.op != http.MethodPatch || !check && !comment || strings.HasSuffix(c.path, "/reactions") {
			continue
		}
		var sent struct {
			Body, Status, Conclusion string
			Output                   struct{ Summary string }
		}
		if json.Unmarshal(c.sent, &sent) != nil {
			continue
		}
		w := written{call: c, check: check, body: sent.Body + sent.Output.Summary, conclusion: sent.Conclusion}
		if check || strings.HasPrefix(w.body, ourMark) {
			all = append(all, w)
		}
	}
	return all
}

// working reports whether it says that the end is not known yet.
func (w written) working() bool {
	if w.check {
		return w.conclusion == ""
	}
	return strings.Contains(w.body, ourMark+"working-")
}

// sign is what tells most from afar: the first word of the heading.
func (w written) sign() string {
	for line := range strings.Lines(w.body) {
		if text, ok := strings.CutPrefix(line, "### "); ok {
			sign, _, _ := strings.Cut(text, " ")
			return sign
		}
	}
	return ""
}

// noVerdict is how the end of a step is shown that was killed before there was
// an outcome.
const noVerdict = "### ❌ This step ended without a verdict"

// signs are those of the outcomes.
func signs() map[string]string {
	return map[string]string{
		"launched": "🚀", "succeeded": "✅", "no-changes": "ℹ️", "pr-missing": "⚠️", "invalid-result": "⚠️", "agent-error": "❌",
		"cancelled": "🛑", "expired": "⌛", "timed-out": "⏱️", "api-error": "❌",
	}
}

// conclusions are those of check runs, by the outcome, where it turns the step
// red and where it does not.
func conclusions(outcome string, red bool) string {
	switch {
	case outcome == "cancelled" && red:
		return "cancelled"
	case outcome == "timed-out" && red:
		return "timed_out"
	case red:
		return "failure"
	case outcome == "succeeded":
		return "success"
	}
	return "neutral"
}

// shownEndsAreTrue: the end of a comment and of a check run is that of the step:
// its outcome, or that there is none.
func shownEndsAreTrue(h history, breach func(string, ...any)) {
	if h.plan.happens == nil {
		return
	}
	for _, p := range h.processes {
		main := p
		if p.stage == cleanupStage {
			main = h.processes[slices.IndexFunc(h.processes, func(m process) bool { return m.attempt == p.attempt && m.stage == mainStage })]
		}
		outcome := main.verdict()
		for _, w := range p.wrote() {
			if w.working() {
				if p.stage == cleanupStage {
					breach("the %s wrote that the agent is at work, %s after its start", p.name(), p.since(w.at))
				}
				continue
			}
			// Without its words a stage knows that it was killed, and no more.
			if unknown := strings.Contains(w.body, noVerdict) && p.stage == cleanupStage; unknown {
				if main.killed || !h.plan.attempts[p.attempt-1].handsOn {
					continue
				}
			}
			if want := signs()[outcome]; w.sign() != want {
				breach("the %s says %q, and what is shown %q", p.name(), outcome, w.sign())
			}
			red := !slices.Contains([]string{"succeeded", "no-changes", "launched"}, outcome) && h.plan.inputs["fail-on"] != "none"
			if want := conclusions(outcome, red); w.check && w.conclusion != want {
				breach("the %s says %q, and its check run %q", p.name(), outcome, w.conclusion)
			}
		}
	}
}

// verdict is the outcome of a main stage: as its outputs have it or, where it was
// killed between the two files, as it kept it for its cleanup stage.
func (p process) verdict() string {
	var kept struct{ Outcome string }
	state, _ := readFileCommand(p.files["GITHUB_STATE"])
	_ = json.Unmarshal([]byte(state["board-end"]), &kept)
	return cmp.Or(kept.Outcome, p.outputs()["outcome"])
}

// apart is the least time between two updates while the agent is at work.
const apart = 15 * time.Second

// updatesAreApart: neither the comment nor the check run is updated more often.
// What GitHub did not take is sent again.
func updatesAreApart(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		last := map[bool]time.Time{}
		for _, w := range p.wrote() {
			if !w.working() || !w.toldByGitHub() {
				continue
			}
			if before := last[w.check]; !before.IsZero() && w.at.Sub(before) < apart {
				breach("the %s wrote to %s %s after it had written", p.name(), w.path, w.at.Sub(before))
			}
			last[w.check] = w.at
		}
	}
}

// hubRequestsAreFew: the number of requests to GitHub is linear in the length of
// the step and in what goes wrong there.
func hubRequestsAreFew(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		failed := len(p.struck)
		for _, c := range p.asked {
			if !c.toldByGitHub() {
				failed++
			}
		}
		if most := 60 + 2*int(p.ended.Sub(p.began)/apart) + 3*failed; len(p.asked) > most {
			breach("the %s sent %d requests to GitHub in %s, of which %d failed, more than %d", p.name(), len(p.asked), p.ended.Sub(p.began), failed, most)
		}
	}
}

// hubChangesNoVerdict: where nothing is wrong but with GitHub, the outcome is
// that of the same story without GitHub's faults, unless nothing was launched.
func hubChangesNoVerdict(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		outputs := p.outputs()
		if p.stage != mainStage || p.killed || outputs["outcome"] != "skipped" {
			continue
		}
		if outputs["run-id"] != "" {
			breach("the %s launched nothing and says that it did: run %s", p.name(), outputs["run-id"])
		}
		for _, r := range h.requestsOf(p) {
			if r.Op == "createAgent" || r.Op == "createRun" {
				breach("the %s says that nothing was launched, and asked for %s", p.name(), made(r.Op))
			}
		}
	}
}
