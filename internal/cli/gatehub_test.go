package cli_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

// hubHost is the host of GitHub's API beside which a step runs.
const hubHost = "api.github.example"

// The commits of the pull requests at GitHub.
var (
	headOwn  = forgetest.SHA("own")
	headFork = forgetest.SHA("fork")
	headBot  = forgetest.SHA("agent")
	headNext = forgetest.SHA("next")
)

// gitHubOf is a public acme/shop: ann may write there, eve may not. Issue 4 is
// eve's, pull request 7 comes from a branch, 9 from a fork, 11 is the agent's.
func gitHubOf(t *testing.T, faults ...forgetest.Fault) *forgetest.Hub {
	t.Helper()
	hub := forgetest.New(forgetest.Config{
		Repositories: []*forgetest.Repository{{
			Path:          "acme/shop",
			Collaborators: map[string]string{"ann": "write"},
			Branches:      map[string]string{"main": forgetest.SHA("main")},
			Commits:       []*forgetest.Commit{{SHA: headBot, Author: forgetest.Person{Name: "Cursor Agent", Email: "cursoragent@cursor.com"}}},
			Issues: []*forgetest.Issue{
				{Number: 4, Title: "The cart is empty", Body: "After a reload.", Author: "eve"},
				{Number: 7, Title: "Fill the cart", Body: "It fills.", Author: "ann", Pull: &forgetest.PullRequest{HeadRef: "feature/x", HeadSHA: headOwn}},
				{Number: 9, Title: "From afar", Author: "eve", Pull: &forgetest.PullRequest{HeadRef: "patch", HeadRepository: "eve/shop", HeadSHA: headFork}},
				{Number: 11, Title: "By the agent", Author: "ann", Pull: &forgetest.PullRequest{HeadRef: "cursor/y", HeadSHA: headBot, Draft: true, Files: []*forgetest.File{{Name: "cache.go", Additions: 3}}}},
			},
		}},
		Users: []forgetest.User{{Login: "eve"}},
		Tokens: []forgetest.Token{{Value: githubToken, Permissions: map[string]string{
			"contents": "write", "issues": "write", "pull_requests": "write", "checks": "write", "actions": "read",
		}}},
		Faults: faults,
	})
	t.Cleanup(hub.Close)
	return hub
}

// beside makes the step one beside that GitHub.
func (s *workflowStep) beside(hub *forgetest.Hub) *workflowStep {
	github := hub.Transport()
	s.wire = func(api http.RoundTripper) http.RoundTripper {
		return transport(func(request *http.Request) (*http.Response, error) {
			if request.URL.Host == hubHost {
				return github.RoundTrip(request)
			}
			return api.RoundTrip(request)
		})
	}
	return s.with("github-token", githubToken, "GITHUB_API_URL", "https://"+hubHost)
}

// happening is an event as the runner hands it on.
type happening struct {
	event, action, sender string
	number                int    // of the issue or pull request; 0: none
	body                  string // of the comment, the review or the issue
	label                 string
	head                  string // of a pull request; "" is the one it has at first
	more                  map[string]any
}

// on makes the step one of a workflow that the event has started.
func (s *workflowStep) on(h happening) *workflowStep {
	s.t.Helper()
	person := func(login string) map[string]any {
		kind := "User"
		if login == "renovate[bot]" || login == "cursor[bot]" {
			kind = "Bot"
		}
		return map[string]any{"login": login, "id": 1, "type": kind}
	}
	payload := map[string]any{"repository": map[string]any{"full_name": "acme/shop", "private": false}}
	set := func(name string, value any) { payload[name] = value }
	if h.sender != "" {
		set("sender", person(h.sender))
	}
	if h.action != "" {
		set("action", h.action)
	}
	if h.label != "" {
		set("label", map[string]any{"name": h.label})
	}
	from, head, branch := "acme/shop", headOwn, "feature/x"
	switch h.number {
	case 9:
		from, head, branch = "eve/shop", headFork, "patch"
	case 11:
		head, branch = headBot, "cursor/y"
	}
	pull := map[string]any{
		"number": h.number, "state": "open", "title": "Fill the cart", "body": "It fills.", "user": person("ann"),
		"head": map[string]any{"ref": branch, "sha": cmp.Or(h.head, head), "repo": map[string]any{"full_name": from}},
		"base": map[string]any{"ref": "main", "sha": forgetest.SHA("main"), "repo": map[string]any{"full_name": "acme/shop"}},
	}
	ref := "refs/heads/main"
	switch h.event {
	case "issue_comment":
		issue := map[string]any{"number": h.number, "title": "The cart is empty", "body": "After a reload.", "user": person("eve"), "state": "open"}
		if h.number != 4 {
			issue["pull_request"] = map[string]any{"url": "https://api.github.com/repos/acme/shop/pulls/7"}
		}
		set("issue", issue)
		set("comment", map[string]any{"id": 990, "body": h.body, "user": person(h.sender)})
	case "issues":
		set("issue", map[string]any{"number": h.number, "title": "The cart is empty", "body": cmp.Or(h.body, "After a reload."), "user": person("eve"), "state": "open"})
	case "pull_request", "pull_request_target", "pull_request_review":
		set("number", h.number)
		set("pull_request", pull)
		if h.event != "pull_request_target" {
			ref = "refs/pull/7/merge"
		}
		if h.event == "pull_request_review" {
			set("review", map[string]any{"id": 980, "body": h.body, "state": "commented", "user": person(h.sender), "commit_id": head})
		}
	}
	for name, value := range h.more {
		set(name, value)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(s.dir+"/event.json", string(text))
	return s.with("GITHUB_EVENT_NAME", h.event, "GITHUB_REF", ref, "GITHUB_EVENT_PATH", s.dir+"/event.json")
}

// ranOn is the end of a workflow run that ann began, on the head of those pull
// requests.
func ranOn(pulls ...int) happening {
	ann := map[string]any{"login": "ann", "id": 1, "type": "User"}
	var found []any
	for _, number := range pulls {
		found = append(found, map[string]any{"number": number, "base": map[string]any{"repo": map[string]any{"id": 0}}})
	}
	return happening{event: "workflow_run", action: "completed", sender: "ann", more: map[string]any{"workflow_run": map[string]any{
		"id": 4700, "name": "CI", "event": "push", "conclusion": "failure", "head_branch": "feature/x", "head_sha": headOwn,
		"head_repository": map[string]any{"full_name": "acme/shop"}, "actor": ann, "triggering_actor": ann, "pull_requests": found,
	}}}
}
