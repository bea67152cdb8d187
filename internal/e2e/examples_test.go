//go:build e2e

package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// exampleStories are the ready workflows, each with the events that start it.
func (r *runner) exampleStories() []story {
	return []story{
		{"example fix-on-label solves the issue", r.fixOnLabel},
		{"example fix-ci has the agent mend its pull request, a bounded number of times", r.fixCI},
		{"example review-comments has the agent answer a review", r.reviewComments},
		{"example mention works on the pull request", r.mentionOnPullRequest},
		{"example mention solves the issue", r.mentionOnIssue},
		{"example mention passes over what is not meant for it", r.mentionPassedOver},
		{"example plan-then-implement has one agent do both", r.planThenImplement},
		{"example nightly opens a pull request", r.nightly},
		{"example nightly is green when there is nothing to do", r.nightlyWithoutChanges},
		{"example fan-out has an agent for each repository", r.fanOut},
		{"example detached launches, and attaches later", r.detachedLaunch},
		{"example cleanup ends what a cancelled workflow run left", r.cleanup},
		{"a fork's pull request without secrets is passed over", r.forkWithoutSecrets},
	}
}

// The headings of comments.
const (
	opened  = "✅ The agent opened pull request [#21](https://github.com/acme/widgets/pull/21)"
	mended  = "✅ The agent finished its work on pull request [#21](https://github.com/acme/widgets/pull/21)"
	bounded = "⏸️ No more agents are launched here"
)

// progress is what a comment that shows progress is written by, on the issue or
// pull request of that number.
func progress(at string) []string {
	return []string{"issues/create-comment issues/" + at + "/comments", "issues/update-comment issues/comments/ID"}
}

func (r *runner) fixOnLabel(t *testing.T) {
	e := r.example(t, "label", "example")
	e.labelled(t)
	e.oneAgent(t, 1)
	e.wasTold(t, "Solve the issue below. Add a test that fails without your change.",
		`source="issue 12" author="mallory"`, "Every second one is gone after a reload.\n--- END")
	e.comments(t, 12, opened)
	issue, pull := e.hub.Issue(widgets, 12), e.hub.Issue(widgets, 21)
	if len(issue.Labels) > 0 || !slices.Equal(pull.Labels, []string{"cursor"}) {
		t.Errorf("the issue has the labels %q and the pull request %q, want none and cursor", issue.Labels, pull.Labels)
	}
	if want := "Widgets stay.\n\nCloses #12\n"; pull.Body != want {
		t.Errorf("the pull request says %q, want %q", pull.Body, want)
	}
}

// labelled has an agent launched by the label on issue 12, which opens pull
// request 21.
func (e *example) labelled(t *testing.T) {
	t.Helper()
	e.hub.PutLabel(widgets, 12, "cursor", "octocat")
	p := e.play(t, "fix-on-label", "fix", options{event: "issues", payload: "issue_labeled.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true", "attached": "false"})
	e.wrote(t, append(progress("12"), "issues/remove-label issues/12/labels/cursor", "issues/add-labels issues/21/labels", "pulls/update pulls/21")...)
}

func (r *runner) fixCI(t *testing.T) {
	e := r.example(t, "ci", "example")
	e.labelled(t)
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		r.WorkflowRuns = append(r.WorkflowRuns, &forgetest.WorkflowRun{
			ID: 4700, Name: "CI", HeadBranch: "cursor/mend-the-cache", HeadSHA: agentsHead, Actor: "cursor[bot]", Conclusion: "failure", PullRequests: []int{21},
			Jobs: []*forgetest.Job{{
				Name: "test", Conclusion: "failure", Steps: []forgetest.Step{{Name: "go test", Conclusion: "failure"}},
				Log: "--- FAIL: TestReload\ncache_test.go:12: 3 widgets, want 6\n",
			}},
		})
	})
	failsAgain := func(want map[string]string, runs int) {
		t.Helper()
		p := e.play(t, "fix-ci", "fix", options{event: "workflow_run", payload: "ci_failed.json"})
		expect(t, said(p), want)
		e.oneAgent(t, runs)
	}
	verified := map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true"}
	checked := []string{"checks/create check-runs", "checks/update check-runs/ID"}

	failsAgain(verified, 2)
	e.wasTold(t, "CI failed on your pull request. Find the cause in the logs below and", "TestReload\ncache_test.go:12: 3 widgets, want 6\n")
	e.wrote(t, append(checked, "issues/create-comment issues/21/comments")...)
	failsAgain(verified, 3)
	failsAgain(verified, 4)
	e.comments(t, 21, mended)
	e.wrote(t, append(append(checked, checked...), "issues/update-comment issues/comments/ID", "issues/update-comment issues/comments/ID")...)

	// The fourth time.
	failsAgain(map[string]string{"outcome": "skipped", "skip-reason": "too-many-in-a-row"}, 4)
	e.wrote(t, "issues/create-comment issues/21/comments")
	e.comments(t, 21, mended, bounded)

	e.hub.Comment(widgets, 21, forgetest.Comment{Author: "octocat", Body: "Try once more, please."})
	failsAgain(verified, 5)
	e.wrote(t, append(checked, "issues/update-comment issues/comments/ID")...)
	for _, check := range e.hub.Repository(widgets).CheckRuns {
		if check.Name != "cursor/fix-ci" || check.HeadSHA != agentsHead || check.Status != "completed" || check.Conclusion != "success" {
			t.Errorf("check run %s on %s is %s with conclusion %q", check.Name, check.HeadSHA, check.Status, check.Conclusion)
		}
	}
}

func (r *runner) reviewComments(t *testing.T) {
	e := r.example(t, "review", "example")
	e.labelled(t)
	e.hub.Review(widgets, 21, forgetest.Review{ID: 8021, Author: "octocat", State: "CHANGES_REQUESTED", Body: "The lock is held for too long."})
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		for _, issue := range r.Issues {
			if issue.Number == 21 {
				issue.Pull.Threads = []*forgetest.Thread{
					{Path: "cache.go", Line: 3, Comments: []*forgetest.ReviewComment{{ReviewID: 8021, Author: "octocat", Body: "Unlock here."}}},
					{Path: "cache.go", Line: 9, Resolved: true, Comments: []*forgetest.ReviewComment{{Author: "octocat", Body: "Long done."}}},
				}
			}
		}
	})
	p := e.play(t, "review-comments", "answer", options{event: "pull_request_review", payload: "review.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true"})
	id := e.oneAgent(t, 2)
	if diff := cmp.Diff([]string{"POST /v1/agents", "POST /v1/agents/" + id + "/runs"}, e.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}
	e.wasTold(t, "Address the review below on the same branch. Where you disagree with", "The lock is held for too long.", "cache.go", "Unlock here.")
	if strings.Contains(e.newest(t).Prompt.Text, "Long done.") {
		t.Error("the agent was told of a thread that is resolved")
	}
	e.wrote(t, progress("21")...)
	e.comments(t, 21, mended)

	approved := changed(t, "review.json", map[string]any{"review.state": "approved"})
	e.play(t, "review-comments", "answer", options{event: "pull_request_review", payload: approved})
	e.oneAgent(t, 2)
	e.wrote(t)
}

func (r *runner) nightly(t *testing.T) {
	e := r.example(t, "nightly", "example")
	p := e.play(t, "nightly", "tidy", options{event: "schedule", payload: "schedule.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true"})
	e.oneAgent(t, 1)
	e.wrote(t, "issues/add-labels issues/21/labels")
	if diff := cmp.Diff([]string{"dependencies"}, e.hub.Issue(widgets, 21).Labels); diff != "" {
		t.Errorf("labels of the pull request (-want +got):\n%s", diff)
	}
}

func (r *runner) nightlyWithoutChanges(t *testing.T) {
	e := r.example(t, "idle", "no-changes")
	p := e.play(t, "nightly", "tidy", options{event: "schedule", payload: "schedule.json"})
	expect(t, said(p), map[string]string{"outcome": "no-changes"})
	e.oneAgent(t, 1)
	e.wrote(t)
}

func (r *runner) fanOut(t *testing.T) {
	e := r.example(t, "fan", "example")
	asked := options{event: "workflow_dispatch", payload: changed(t, "dispatch.json", map[string]any{"inputs": map[string]any{"prompt": "Update the licence."}})}
	holds := func(launched int, verified string) {
		t.Helper()
		p := e.play(t, "fan-out", "change", asked)
		for _, output := range []string{"outcome=succeeded", "pr-verified=" + verified} {
			if got := strings.Count(p.log(), "::set-output:: "+output+"\n"); got != 3 {
				t.Errorf("%d legs set %s, want 3", got, output)
			}
		}
		worked := map[string]int{}
		for _, launch := range e.told(t) {
			worked[launch.Repos[0].URL]++
		}
		want := map[string]int{"https://github.com/acme/shop": launched, "https://github.com/acme/billing": launched, "https://github.com/acme/docs": launched}
		if diff := cmp.Diff(want, worked); diff != "" {
			t.Errorf("launches by their repository (-want +got):\n%s", diff)
		}
		e.wrote(t)
	}
	// The workflow's own token knows nothing of private repositories elsewhere.
	holds(1, "false")

	elsewhere := []string{"acme/shop", "acme/billing", "acme/docs"}
	asked.token = &forgetest.Token{
		Value: "github_pat_e2e0123456789", Kind: forgetest.FineGrained, Login: "octocat",
		Permissions: map[string]string{"contents": "read", "pull_requests": "read"}, Repositories: elsewhere,
	}
	var repositories []*forgetest.Repository
	for _, path := range elsewhere {
		repositories = append(repositories, &forgetest.Repository{
			Path: path, Private: true, Collaborators: map[string]string{"octocat": "write"},
			Issues: []*forgetest.Issue{{Number: 21, Title: "Update the licence", Author: "cursor[bot]", Pull: &forgetest.PullRequest{HeadRef: "cursor/mend-the-cache"}}},
		})
	}
	e.hub, e.looked = startGitHub(t, repositories...), 0
	holds(2, "true")
}

func (r *runner) forkWithoutSecrets(t *testing.T) {
	s := r.stage(t, "fork", "example")
	hub := startGitHub(t, &forgetest.Repository{Path: widgets, Private: true})
	hub.permit(map[string]string{"contents": "read", "pull-requests": "read"}, nil)
	p, green := s.run(t, options{event: "pull_request", payload: "fork_pull_request.json", github: hub, keyless: true})
	if !green {
		t.Fatal("the workflow failed")
	}
	expect(t, s.outputs(t), map[string]string{"outcome": "skipped", "skip-reason": "fork-without-key"})
	const says = "skipped: pull request 30 comes from a fork, and GitHub gives no secrets to its workflows, so that there is no api-key: this is no fault;"
	if !strings.Contains(p.log(), says) {
		t.Errorf("the log does not say %q", says)
	}
	if requests := s.recorded(); len(requests) > 0 {
		t.Errorf("the Cursor API was asked %d times", len(requests))
	}
	if requests := hub.Requests(); len(requests) > 0 {
		t.Errorf("GitHub was asked %d times, and it could say nothing that matters", len(requests))
	}
}
