package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asks counts what stories asked for beside a launch, and what came of it.
type asks struct {
	version0, forms, corrections, limits, ended int
}

// add counts one story.
func (a *asks) add(h history) {
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	count(&a.version0, h.plan.version0())
	count(&a.forms, h.plan.inputs["result-schema"] != "")
	count(&a.limits, h.plan.budget() > 0)
	for _, agent := range h.agents {
		for _, run := range agent.Runs {
			count(&a.corrections, isCorrection(run))
		}
	}
	for _, p := range h.processes {
		count(&a.ended, strings.Contains(p.log, "more than max-tokens allows"))
	}
}

// unseen is what no story came to.
func (a *asks) unseen() (names []faultName) {
	for _, count := range []struct {
		n    int
		name faultName
	}{
		{a.version0, "stories of version 0"}, {a.forms, "results of a form"}, {a.corrections, "corrections"},
		{a.limits, "limits of tokens"}, {a.ended, "runs over their limit"},
	} {
		if count.n == 0 {
			names = append(names, count.name)
		}
	}
	return names
}

// String tells them to a user.
func (a *asks) String() string {
	return fmt.Sprintf("%s of the stories spoke version 0 of the API. In %s a result of a form was asked for, and %s\n"+
		"corrections were begun; in %s the tokens were limited, and %s steps ended their run for that.",
		thousands(a.version0), thousands(a.forms), thousands(a.corrections), thousands(a.limits), thousands(a.ended))
}

func TestWhatNoStoryAskedForIsTold(t *testing.T) {
	t.Parallel()
	var a asks
	want := []faultName{"stories of version 0", "results of a form", "corrections", "limits of tokens", "runs over their limit"}
	if diff := cmp.Diff(want, a.unseen()); diff != "" {
		t.Errorf("unseen of nothing (-want +got):\n%s", diff)
	}
	h := handmade()
	h.speaksV0()
	h.asksForForm(wrongAnswer)
	h.corrects("FINISHED", rightAnswer)
	a.add(*h)
	if diff := cmp.Diff(want[3:], a.unseen()); diff != "" {
		t.Errorf("unseen of a correction (-want +got):\n%s", diff)
	}
}
