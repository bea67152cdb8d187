package campaign_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// eventRules are the promises about what happens at GitHub.
func eventRules() []rule {
	begins := []string{launches, followsUp}
	return []rule{
		{"a denied event launches nothing", deniedIsDenied, begins},
		{"one comment", commentsAreOne, begins},
		{"the end is shown", endsAreShown, begins},
	}
}

// deniedIsDenied: an event that may not launch anything does not, whatever goes
// wrong, and the step says so.
func deniedIsDenied(h history, breach func(string, ...any)) {
	if !h.plan.denied() {
		return
	}
	for _, r := range h.requests {
		if attemptOf(r) > 0 && (r.Op == "createAgent" || r.Op == "createRun") {
			breach("the %s of attempt %d asked for %s, on %s", stageOf(r), attemptOf(r), made(r.Op), h.plan.happens)
		}
	}
	for _, p := range h.processes {
		if outcome := p.outputs()["outcome"]; p.stage == mainStage && !p.killed && p.signalled.IsZero() && outcome != "skipped" {
			breach("the %s says %q, on %s", p.name(), outcome, h.plan.happens)
		}
	}
}

// told reports whether GitHub answered as it was asked to.
func (c call) toldByGitHub() bool { return c.whole() && c.status/100 == 2 }

// is reports whether a call to GitHub is one of a method, to a path that ends so.
func (c call) is(method, end string) bool {
	return c.op == method && strings.HasSuffix(c.path, end)
}

// commentsAreOne: there is one comment for all attempts, unless the first of two
// was made when the second had been looked for already: its request had come
// late.
func commentsAreOne(h history, breach func(string, ...any)) {
	last := h.processes[len(h.processes)-1].shown
	for i, c := range last.comments {
		if i == 0 {
			continue
		}
		if before := last.comments[i-1]; !h.unseenComment(before, c) {
			breach("comment %d on %d was made at %s though comment %d on %d is there since %s", c.id, c.subject, c.made.Format(clock), before.id, before.subject, before.made.Format(clock))
		}
	}
}

// unseenComment reports whether the process that made the later comment had
// looked for one before the earlier one was there.
func (h history) unseenComment(earlier, later comment) bool {
	for _, p := range h.processes {
		looked := -1
		for i := range p.asked {
			c := &p.asked[i]
			switch {
			case c.op == http.MethodGet && strings.HasSuffix(c.path, "/comments") && c.toldByGitHub():
				looked = i
			case c.is(http.MethodPost, "/comments") && looked >= 0 && strings.Contains(string(c.sent), "cursor-agent-action "):
				var made struct{ ID int64 }
				told := c.toldByGitHub() && json.Unmarshal(c.body, &made) == nil
				if told && made.ID != later.id || c.at.After(later.made.Add(second)) {
					continue // It has made another one.
				}
				if !p.asked[looked].at.After(earlier.made.Add(second)) {
					return true
				}
			}
		}
	}
	return false
}

// endsAreShown: when the stages of an attempt have had their time, and GitHub
// answered at their end, no comment and no check run of it is left at work.
func endsAreShown(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.killed || !p.signalled.IsZero() || !p.heardAtLast() {
			continue
		}
		attempt := h.attemptKey(p)
		for _, c := range p.shown.comments {
			if strings.Contains(c.body, ourMark+"working-"+attempt+" ") {
				breach("comment %d is left at work by the %s", c.id, p.name())
			}
		}
		for _, c := range p.shown.checks {
			if strings.HasSuffix(c.key, "-"+attempt) && c.status != "completed" {
				breach("check run %d is left %s by the %s", c.id, c.status, p.name())
			}
		}
	}
}

// heardAtLast reports whether the network was there for a process, and the last
// request of each kind that it sent to GitHub was answered well.
func (p process) heardAtLast() bool {
	last := map[string]*call{}
	for i := range p.asked {
		c := &p.asked[i]
		last[c.op+c.path] = c
	}
	for _, c := range last {
		if !c.toldByGitHub() {
			return false
		}
	}
	return !slices.ContainsFunc(p.struck, blowKind.network)
}

// second is as exact as GitHub's times are.
const second = time.Second

// attemptKey names an attempt in what the action writes at GitHub.
func (h history) attemptKey(p process) string {
	return fmt.Sprintf("%d-%d", h.plan.ownRun(), p.attempt)
}

// unskippable is why a step had no reason to launch nothing: its event may, and
// GitHub told so. "" is that it had one.
func (h history) unskippable(p process) string {
	doubts := []string{"permission-unknown", "subject-unknown", "subject-gone"}
	switch reason := p.outputs()["skip-reason"]; {
	case h.plan.happens == nil:
		return "nothing happened"
	case h.plan.denied():
		return ""
	case !slices.Contains(doubts, reason):
		return fmt.Sprintf("skip-reason is %q, on %s", reason, h.plan.happens)
	case !slices.ContainsFunc(p.asked, func(c call) bool { return !c.toldByGitHub() }):
		return fmt.Sprintf("skip-reason is %q, and GitHub answered each time", reason)
	}
	return ""
}

// hubGrace is how long a main stage waits for a GitHub that does not answer, when
// its work is over: to ask for the pull request, to finish that, and to show the
// end.
func (h history) hubGrace(p process) time.Duration {
	if h.plan.happens == nil {
		return 0
	}
	grace := 20 * time.Second
	if run := h.runOf(p); run != nil && h.plan.shown(*run) == "FINISHED" {
		grace += time.Minute
		if h.plan.inputs["pr-labels"] != "" {
			grace += 30 * time.Second
		}
	}
	return grace
}
