package campaign_test

import (
	"fmt"
	"slices"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// pullFate is what GitHub has of the pull request that Cursor says an agent
// opened. Of the zero fate it has what Cursor says.
type pullFate struct {
	kind  fateKind
	after time.Duration // since Cursor names it: until it is there, or until its head moves
}

type fateKind string

const (
	neverThere fateKind = "is not at GitHub"
	closedIt   fateKind = "was closed"
	elsewhere  fateKind = "is one of another repository"
	mergedIt   fateKind = "was merged"
	comesLate  fateKind = "comes late to GitHub"
	isReady    fateKind = "is no draft"
	headMoves  fateKind = "gets another head"
)

func (f pullFate) String() string {
	if f.after > 0 {
		return fmt.Sprintf("%s, after %s", f.kind, f.after)
	}
	return string(f.kind)
}

// none reports whether GitHub never has a pull request that counts.
func (f pullFate) none() bool {
	return f.kind == neverThere || f.kind == closedIt || f.kind == elsewhere
}

// drawPull has GitHub and Cursor differ about some pull requests, with dice of
// its own. Their agents finish, and half of them meet a GitHub that answers, whose
// word is then the last.
func drawPull(p *plan) {
	d := newDice(p.seed ^ 0x9011fa7e)
	e := p.happens
	if e == nil || p.command() != launches || p.denied() || !d.oneIn(2) {
		return
	}
	e.pull.kind = pick(d, neverThere, closedIt, elsewhere, mergedIt, comesLate, comesLate, isReady, headMoves)
	p.inputs["create-pr"] = "true"
	p.scenario.Status, p.scenario.Branch, p.scenario.PullRequest.Open = "FINISHED", "auto", true
	if d.oneIn(2) { // the agent has the time that it takes, and the step waits
		delete(p.inputs, "wait")
		p.inputs["timeout"] = "4h"
	}
	switch e.pull.kind {
	case comesLate, headMoves:
		e.pull.after = d.between(time.Second, time.Minute)
	case elsewhere:
		p.scenario.PullRequest.URL = "https://github.com/acme/fork/pull/77"
	}
	if d.oneIn(2) {
		e.faults, e.outages, e.refused = nil, nil, nil
	}
}

// pullShows is since when Cursor names the pull request of an agent that was
// launched, the zero time if it does not.
func (p plan) pullShows(a simulator.AgentState) time.Time {
	if a.PRURL == "" || len(a.Runs) == 0 || a.Runs[0].EndedAt.IsZero() {
		return time.Time{}
	}
	return a.Runs[0].EndedAt.Add(p.scenario.PRAfter)
}

// Of the pull requests of agents: how many commits they have, before and after
// their head moved, and how many files.
const pullCommits, pullFiles = 2, 3

// movedHead is the head of a branch that somebody else pushed to.
func movedHead(branch string) string { return forgetest.SHA(branch + " and more") }

// opens makes the issue that is the pull request of an agent at GitHub as it is
// now, nil while it has none.
func (p plan) opens(a simulator.AgentState, number int) *forgetest.Issue {
	fate, shows := p.happens.pull, p.pullShows(a)
	if fate.kind == neverThere || fate.kind == elsewhere || fate.kind == comesLate && time.Now().Before(shows.Add(fate.after)) {
		return nil
	}
	i := &forgetest.Issue{
		Number: number, Title: "Fix it", Author: string(theAgent),
		Pull: &forgetest.PullRequest{
			HeadRef: a.Branch, HeadSHA: forgetest.SHA(a.Branch), Draft: fate.kind != isReady, Merged: fate.kind == mergedIt,
			Commits: []string{forgetest.SHA(a.Branch + " begun"), forgetest.SHA(a.Branch)},
			Files:   []*forgetest.File{{Name: "clock.go"}, {Name: "clock_test.go"}, {Name: "go.mod"}},
		},
	}
	if fate.kind == mergedIt || fate.kind == closedIt {
		i.State = "closed"
	}
	return i
}

// moves gives a pull request the head that somebody pushed meanwhile.
func (p plan) moves(r *forgetest.Repository, a simulator.AgentState, number int) {
	fate := p.happens.pull
	if fate.kind != headMoves || time.Now().Before(p.pullShows(a).Add(fate.after)) {
		return
	}
	at := slices.IndexFunc(r.Issues, func(i *forgetest.Issue) bool { return i.Number == number })
	head := movedHead(a.Branch)
	if pull := r.Issues[at].Pull; pull.HeadSHA != head {
		pull.HeadSHA, pull.Commits, r.Branches[a.Branch] = head, append(pull.Commits, head), head
		r.Commits = append(r.Commits, &forgetest.Commit{SHA: head, Parents: []string{forgetest.SHA(a.Branch)}})
	}
}
