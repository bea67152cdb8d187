package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
)

// A comment that tells how an earlier run ended must not stand for the one that
// was killed.
func TestTheCleanupStageWritesOverTheEndOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, mode string
		away       bool // GitHub refuses to be written to until the main stage is over
		killed     bool
		heading    string
	}{
		{"killed, and only the end was to be told", "result", false, true, "### ❌ This step ended without a verdict on the agent's work"},
		{"killed before anything could be written", "progress", true, true, "### ❌ This step ended without a verdict on the agent's work"},
		{"over before anything could be written", "progress", true, false, "### ✅ The agent finished"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				first := newStep(t, lasting(time.Minute)).at(hub).onIssue().with("comment", test.mode)
				first.run(t.Context())
				if test.away {
					hub.SetFaults(forgetest.Fault{Operation: "issues/list-comments", Answer: &forgetest.Answer{Status: 502}})
				}
				second := newStep(t, lasting(10*time.Minute)).at(hub).onIssue().with("comment", test.mode, "GITHUB_RUN_ID", "2000")
				if test.killed {
					second = second.killedAt(5 * time.Minute)
				} else {
					second.run(t.Context())
				}
				hub.SetFaults()
				second.cleanup(t.Context(), true)
				comments := ourComments(hub, 7)
				if len(comments) != 1 || heading(comments[0]) != test.heading || isUnfinished(comments[0]) || !strings.Contains(comments[0], "/runs/2000") {
					t.Errorf("comments:\n%s", strings.Join(comments, "\n===\n"))
				}
				if agent := second.api.Agents()[0].ID; !strings.Contains(comments[0], agent) {
					t.Errorf("the comment is not about agent %s:\n%s", agent, comments[0])
				}
			})
		})
	}
}

// The event of a comment does not tell the pull request's head, which moves.
func TestTheCleanupStageEndsACheckRunOfAHeadThatIsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		hub.SetFaults(forgetest.Fault{Operation: "checks/create", Reset: "after", When: forgetest.When{First: 1}})
		killed := newStep(t, lasting(time.Hour)).at(hub).onComment(9, "Please look.").with("check", "Agent", "pull-request", "9").killedAt(10 * time.Second)
		if id := killed.state()["check-id"]; id != "" {
			t.Fatalf("the answer is not lost: the check run is %s", id)
		}
		hub.Edit("acme/shop", func(r *forgetest.Repository) {
			for _, issue := range r.Issues {
				if issue.Number == 9 {
					issue.Pull.HeadSHA = forgetest.SHA("later")
				}
			}
		})
		killed.cleanup(t.Context(), true)
		if checks := hub.Repository("acme/shop").CheckRuns; len(checks) != 1 || checks[0].Conclusion != "cancelled" {
			t.Errorf("check runs: %+v\n%s", checks, killed.logged())
		}
	})
}
