package cli_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
)

func TestACheckOfACommentIsOnThePullRequestsHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(time.Minute)).at(hub).onComment(9, "please").with("check", "Agent", "comment", "progress", "ref", "main")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		checks := hub.Repository("acme/shop").CheckRuns
		if len(checks) != 1 || checks[0].HeadSHA != forgetest.SHA("fix") || checks[0].Conclusion != "success" || checks[0].Title != "The agent finished" {
			t.Errorf("check runs: %+v", checks)
		}
		if want := "https://github.com/acme/shop/actions/runs/1000"; checks[0].DetailsURL != want {
			t.Errorf("it leads to %s, want %s", checks[0].DetailsURL, want)
		}
		// A re-run takes the agent without asking about the event.
		again := stepAgainst(t, s.api).at(hub).onComment(9, "please").with("check", "Agent", "ref", "main", "GITHUB_RUN_ATTEMPT", "2")
		if status := again.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, again.logged())
		}
		if checks = hub.Repository("acme/shop").CheckRuns; len(checks) != 2 || checks[1].HeadSHA != forgetest.SHA("fix") || checks[1].Conclusion != "success" {
			t.Errorf("after the re-run: %+v", checks)
		}
	})
}

func TestACheckIsOnTheCommitThatTheEventIsAbout(t *testing.T) {
	t.Parallel()
	of := func(sha string) map[string]any {
		person := map[string]any{"login": "octocat", "id": 1, "type": "User"}
		return map[string]any{"id": 5, "head_sha": sha, "head_branch": "fix", "conclusion": "failure", "status": "completed", "event": "push",
			"actor": person, "triggering_actor": person, "head_repository": map[string]any{"full_name": "acme/shop"}, "pull_requests": []any{}}
	}
	for _, test := range []struct {
		event   string
		payload map[string]any
		want    string
	}{
		{"workflow_run", map[string]any{"action": "completed", "workflow_run": of(forgetest.SHA("fix"))}, forgetest.SHA("fix")},
		{"check_suite", map[string]any{"action": "completed", "check_suite": of(forgetest.SHA("fix"))}, forgetest.SHA("fix")},
		{"push", map[string]any{"after": forgetest.SHA("main")}, forgetest.SHA("main")},
	} {
		t.Run(test.event, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				s := newStep(t, lasting(time.Minute)).at(hub).event(test.event, test.payload).with("check", "Agent", "ref", "main", "required-permission", "none")
				status := s.run(t.Context())
				checks := hub.Repository("acme/shop").CheckRuns
				if status != 0 || len(checks) != 1 || checks[0].HeadSHA != test.want {
					t.Errorf("exit status %d, check runs %+v\n%s", status, checks, s.logged())
				}
			})
		})
	}
}
