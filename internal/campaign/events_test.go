package campaign_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// events counts what happened at GitHub in stories, and what the steps did
// there.
type events struct {
	stories, denied, comments, checks, requests, failed, faults int
}

// add counts one story.
func (e *events) add(h history) {
	if h.plan.happens == nil {
		return
	}
	e.stories++
	if h.plan.denied() {
		e.denied++
	}
	last := h.processes[len(h.processes)-1].shown
	e.comments += len(last.comments)
	e.checks += len(last.checks)
	for _, p := range h.processes {
		e.requests += len(p.asked)
		for _, c := range p.asked {
			if !c.toldByGitHub() {
				e.failed++
			}
		}
	}
	for _, r := range h.hubbed {
		if r.Fault != "" {
			e.faults++
		}
	}
}

// unseen is what no story came to.
func (e *events) unseen() (names []faultName) {
	for _, count := range []struct {
		n    int
		name faultName
	}{
		{e.stories, "events at GitHub"}, {e.denied, "denied events"}, {e.comments, "comments"}, {e.checks, "check runs"}, {e.faults, "faults of GitHub"},
	} {
		if count.n == 0 {
			names = append(names, count.name)
		}
	}
	return names
}

// String tells them to a user.
func (e *events) String() string {
	return fmt.Sprintf("%s of the stories happened on an event at GitHub, of which %s may launch nothing.\n"+
		"%s comments and %s check runs were written. Of %s requests to GitHub %s failed, %s by its own faults.",
		thousands(e.stories), thousands(e.denied), thousands(e.comments), thousands(e.checks), thousands(e.requests), thousands(e.failed), thousands(e.faults))
}

func TestWhatHappensAtGitHubIsCounted(t *testing.T) {
	t.Parallel()
	var e events
	want := []faultName{"events at GitHub", "denied events", "comments", "check runs", "faults of GitHub"}
	if diff := cmp.Diff(want, e.unseen()); diff != "" {
		t.Errorf("unseen of nothing (-want +got):\n%s", diff)
	}
	e.add(*handmade())
	h := handmade()
	h.happens()
	h.processes[0].asked[3].status = 502
	h.processes[1].shown = h.processes[0].shown
	e.add(*h)
	const counted = "1 of the stories happened on an event at GitHub, of which 0 may launch nothing.\n" +
		"1 comments and 1 check runs were written. Of 7 requests to GitHub 1 failed, 0 by its own faults."
	if diff := cmp.Diff(counted, e.String()); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}
