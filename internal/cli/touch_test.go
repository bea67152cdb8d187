package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// touching are the inputs of all touches.
func touching() []string {
	return []string{"create-pr", "true", "pr-labels", "cursor, bug", "pr-reviewers", "hubot", "pr-draft", "false", "link-issue", "current"}
}

// changes are the operations that changed something at GitHub.
func changes(hub *forgetest.Hub) []string {
	var ops []string
	for _, request := range hub.Requests() {
		if op := request.Op; request.Method != "GET" && (op != "graphql" || strings.Contains(request.Body, "mutation")) {
			ops = append(ops, op)
		}
	}
	return ops
}

func TestThePullRequestIsFinishedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		pushed(hub)
		s := newStep(t, pushing(pull12)).at(hub).onIssue().with(touching()...)
		if status := s.run(t.Context()); status != 0 || len(s.warnings()) > 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		if diff := cmp.Diff([]string{"issues/add-labels", "pulls/request-reviewers", "pulls/update", "graphql"}, changes(hub)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		pull := hub.Issue("acme/shop", 12)
		if diff := cmp.Diff([]string{"cursor", "bug"}, pull.Labels); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"hubot"}, pull.Pull.RequestedReviewers); diff != "" {
			t.Errorf("reviewers (-want +got):\n%s", diff)
		}
		if pull.Pull.Draft || pull.Body != "Closes #7\n" {
			t.Errorf("draft %t, text %q", pull.Pull.Draft, pull.Body)
		}
		// A person has reviewed it meanwhile, and is not asked again.
		hub.Review("acme/shop", 12, forgetest.Review{Author: "hubot", State: "APPROVED"})
		hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[2].Pull.RequestedReviewers = nil })
		again := stepAgainst(t, s.api).at(hub).onIssue().with(touching()...).with("GITHUB_RUN_ATTEMPT", "2")
		if status := again.run(t.Context()); status != 0 || again.outputs()["attached"] != "true" {
			t.Fatalf("the second attempt: exit status %d\n%s", status, again.logged())
		}
		twice := hub.Issue("acme/shop", 12)
		if len(twice.Labels) != 2 || twice.Pull.Draft || twice.Body != "Closes #7\n" || len(twice.Pull.RequestedReviewers) > 0 {
			t.Errorf("after the second attempt: labels %q, reviewers %q, draft %t, text %q", twice.Labels, twice.Pull.RequestedReviewers, twice.Pull.Draft, twice.Body)
		}
		if n := len(hub.Asked("pulls/request-reviewers")); n != 1 {
			t.Errorf("reviewers were asked for %d times", n)
		}
	})
}

func TestATouchThatGitHubRefusesIsAWarning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		hub    func(*forgetest.Hub)
		want   []string
	}{
		{"no permission", touching(), func(hub *forgetest.Hub) {
			hub.SetTokens(forgetest.Token{Value: githubToken, Permissions: map[string]string{"contents": "read", "pull_requests": "read", "issues": "read"}})
		}, []string{
			"pr-labels: label acme/shop#12: 403 Resource not accessible by integration; give the job permissions: pull-requests: write",
			"pr-reviewers: ask hubot to review acme/shop#12: 403 Resource not accessible by integration; give the job permissions: pull-requests: write",
			"link-issue: link acme/shop#12 to issue 7: 403 Resource not accessible by integration; give the job permissions: pull-requests: write",
			"pr-draft: mark the pull request ready for review: 403 Resource not accessible by integration; give the job permissions: contents: write and pull-requests: write",
		}},
		{"somebody who is nobody here", []string{"create-pr", "true", "pr-reviewers", "stranger"}, nil, []string{
			"pr-reviewers: ask stranger to review acme/shop#12: 422 Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the acme/shop repository.; check the names: GitHub takes collaborators as reviewers, and not who opened the pull request",
		}},
		{"GitHub is down after the look", []string{"create-pr", "true", "pr-labels", "cursor"}, func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/add-labels", Answer: &forgetest.Answer{Status: 502}})
		}, []string{"pr-labels: label acme/shop#12: 502 Bad Gateway; the agent's work does not suffer"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				pushed(hub)
				if test.hub != nil {
					test.hub(hub)
				}
				s := newStep(t, pushing(pull12)).at(hub).onIssue().with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				if outputs := s.outputs(); status != 0 || outputs["outcome"] != "succeeded" || time.Since(began) > 2*time.Minute {
					t.Errorf("exit status %d, outputs %v, after %s", status, outputs, time.Since(began))
				}
				if diff := cmp.Diff(test.want, s.warnings()); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestNothingIsDoneToAPullRequestThatIsNotVerified(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		hub    func(*forgetest.Hub)
		want   []string
	}{
		{"because it is not there", nil, branch, nil},
		{"because it is closed", nil, func(hub *forgetest.Hub) { pushed(hub); hub.CloseIssue("acme/shop", 12) }, nil},
		{"because the agent failed", nil, pushed, nil},
		{"because there is no token", []string{"github-token", ""}, pushed, []string{"pr-labels, pr-reviewers, pr-draft and link-issue: github-token is empty, so GitHub is not asked"}},
		{"because GitHub does not answer", nil, func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "pulls/get", Answer: &forgetest.Answer{Status: 500}})
		}, []string{"pr-labels, pr-reviewers, pr-draft and link-issue: nothing is done to a pull request that is not verified: read pull request 12 of acme/shop: 500 Internal Server Error"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				test.hub(hub)
				config := pushing(pull12)
				if strings.Contains(test.name, "failed") {
					config.Scenario.Status = "ERROR"
				}
				s := newStep(t, config).at(hub).with(touching()...).with("link-issue", "7").with(test.inputs...)
				s.run(t.Context())
				if ops := changes(hub); len(ops) > 0 {
					t.Errorf("changes: %q", ops)
				}
				if diff := cmp.Diff(test.want, s.warnings()); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnIssueOfTheWorkflowsRepositoryIsLinkedByItsWholeName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := forgetest.New(forgetest.Config{
			Repositories: []*forgetest.Repository{shopAtGitHub(), {Path: "acme/store", Issues: []*forgetest.Issue{
				{Number: 12, Title: "Fix it", Author: "cursor[bot]", Body: "What I did.", Pull: &forgetest.PullRequest{HeadRef: "cursor/fix"}}}}},
			Tokens: []forgetest.Token{{Value: githubToken, Permissions: everyWrite()}},
		})
		t.Cleanup(hub.Close)
		s := newStep(t, pushing("https://github.com/acme/store/pull/12")).at(hub).onIssue().
			with("repo", "acme/store", "ref", "main", "create-pr", "true", "link-issue", "current")
		status := s.run(t.Context())
		if body := hub.Issue("acme/store", 12).Body; status != 0 || body != "What I did.\n\nCloses acme/shop#7\n" {
			t.Errorf("exit status %d, text %q\n%s", status, body, s.logged())
		}
	})
}

// What a job may do ends at its own repository.
func TestATouchOfAnotherRepositoryWantsAnotherToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := forgetest.New(forgetest.Config{
			Repositories: []*forgetest.Repository{shopAtGitHub(), {Path: "acme/store", Issues: []*forgetest.Issue{
				{Number: 12, Title: "Fix it", Author: "cursor[bot]", Pull: &forgetest.PullRequest{HeadRef: "cursor/fix"}}}}},
			Tokens: []forgetest.Token{{Value: githubToken, Permissions: map[string]string{"contents": "read", "pull_requests": "read", "issues": "read"}}},
		})
		t.Cleanup(hub.Close)
		s := newStep(t, pushing("https://github.com/acme/store/pull/12")).at(hub).onIssue().
			with("repo", "acme/store", "ref", "main", "create-pr", "true", "pr-labels", "cursor")
		want := []string{"pr-labels: label acme/store#12: 403 Resource not accessible by integration; the workflow's own token is for its own repository: set github-token to one that may write pull-requests in acme/store"}
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if diff := cmp.Diff(want, s.warnings()); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsWrongWithTheTouches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, input, value, want string }{
		{"a draft that is asked for", "pr-draft", "true", "pr-draft: is true, but whether a pull request begins as a draft is Cursor's to say: set false to have it marked ready for review, or leave this out"},
		{"no number", "link-issue", "seven", `link-issue: "seven" is no issue: write its number, or current for that of the event`},
		{"zero", "link-issue", "#0", `link-issue: "#0" is no issue: write its number, or current for that of the event`},
		{"no issue", "link-issue", "current", `link-issue: is current, but the event "push" is not about an issue: write its number`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, pushing("")).with(test.input, test.value)
			if status := s.run(t.Context()); status != 2 || !strings.Contains(s.lastLine(), test.want) {
				t.Errorf("exit status %d: %s", status, s.lastLine())
			}
		})
	}
}
