package cli_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// bot is the account of a workflow's own token.
const bot = "github-actions[bot]"

// everyWrite is a token that may write all that the action writes.
func everyWrite() map[string]string {
	return map[string]string{"contents": "write", "issues": "write", "pull_requests": "write", "checks": "write"}
}

// shopAtGitHub is acme/shop at GitHub, with issue 7 and pull request 9.
func shopAtGitHub() *forgetest.Repository {
	return &forgetest.Repository{
		Path:          "acme/shop",
		Collaborators: map[string]string{"octocat": "admin", "hubot": "write"},
		Branches:      map[string]string{"main": forgetest.SHA("main"), "fix": forgetest.SHA("fix")},
		Commits: []*forgetest.Commit{
			{SHA: forgetest.SHA("main")},
			{SHA: forgetest.SHA("fix"), Parents: []string{forgetest.SHA("main")}, Files: []*forgetest.File{{Name: "a.go"}}},
		},
		Issues: []*forgetest.Issue{
			{Number: 7, Title: "It is slow", Author: "octocat"},
			{Number: 9, Title: "Make it fast", Author: "octocat", Pull: &forgetest.PullRequest{HeadRef: "fix", HeadSHA: forgetest.SHA("fix")}},
		},
	}
}

// newGitHub is a GitHub that keeps acme/shop, and whose token has permissions.
func newGitHub(t *testing.T, permissions map[string]string, faults ...forgetest.Fault) *forgetest.Hub {
	t.Helper()
	hub := forgetest.New(forgetest.Config{
		Repositories: []*forgetest.Repository{shopAtGitHub()},
		Tokens:       []forgetest.Token{{Value: githubToken, Permissions: permissions}},
		Faults:       faults,
	})
	t.Cleanup(hub.Close)
	return hub
}

// at makes GitHub answer the step too.
func (s *workflowStep) at(hub *forgetest.Hub) *workflowStep {
	s.wire = func(api http.RoundTripper) http.RoundTripper { return twoHosts{api, hub.Transport()} }
	return s.with("github-token", githubToken, "GITHUB_SHA", forgetest.SHA("main"), "GITHUB_WORKFLOW", "agents")
}

// twoHosts sends what is GitHub's there, and all else to the Cursor API.
type twoHosts struct{ cursor, github http.RoundTripper }

func (h twoHosts) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == "api.github.com" {
		return h.github.RoundTrip(request)
	}
	return h.cursor.RoundTrip(request)
}

// event sets what started the workflow.
func (s *workflowStep) event(name string, payload map[string]any) *workflowStep {
	s.t.Helper()
	payload["repository"] = map[string]any{"full_name": "acme/shop", "private": false}
	payload["sender"] = map[string]any{"login": "octocat", "id": 1, "type": "User"}
	text, err := json.Marshal(payload)
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.dir, "event.json")
	s.write(path, string(text))
	return s.with("GITHUB_EVENT_NAME", name, "GITHUB_EVENT_PATH", path)
}

// onIssue is the event that issue 7 was opened.
func (s *workflowStep) onIssue() *workflowStep {
	return s.event("issues", map[string]any{"action": "opened", "issue": map[string]any{"number": 7, "title": "It is slow", "user": map[string]any{"login": "octocat"}}})
}

// onPullRequest is the event that pull request 9 was opened.
func (s *workflowStep) onPullRequest() *workflowStep {
	at := func(ref, sha string) map[string]any {
		return map[string]any{"ref": ref, "sha": sha, "repo": map[string]any{"full_name": "acme/shop"}}
	}
	return s.event("pull_request", map[string]any{"action": "opened", "number": 9, "pull_request": map[string]any{
		"number": 9, "title": "Make it fast", "state": "open", "user": map[string]any{"login": "octocat"},
		"head": at("fix", forgetest.SHA("fix")), "base": at("main", forgetest.SHA("main")),
	}})
}

// onComment is the event that octocat commented on issue 7, or on pull request 9.
func (s *workflowStep) onComment(number int, body string) *workflowStep {
	issue := map[string]any{"number": number, "title": "It is slow", "user": map[string]any{"login": "octocat"}}
	if number == 9 {
		issue["pull_request"] = map[string]any{"url": "https://api.github.com/repos/acme/shop/pulls/9"}
	}
	return s.event("issue_comment", map[string]any{"action": "created", "issue": issue, "comment": map[string]any{
		"id": 1, "body": body, "user": map[string]any{"login": "octocat"}, "author_association": "OWNER",
	}})
}

// ourComments are the texts of the action's comments on an issue or pull request.
func ourComments(hub *forgetest.Hub, number int) []string {
	var texts []string
	for _, comment := range hub.Issue("acme/shop", number).Comments {
		if comment.Author == bot && strings.HasPrefix(comment.Body, "<!-- cursor-agent-action ") {
			texts = append(texts, comment.Body)
		}
	}
	return texts
}

// seenAfter is what the action's comments say after a time.
func seenAfter(d time.Duration, hub *forgetest.Hub, number int) <-chan string {
	seen := make(chan string, 1)
	time.AfterFunc(d, func() { seen <- strings.Join(ourComments(hub, number), "\n===\n") })
	return seen
}

// heading is the first line of a comment that people see.
func heading(comment string) string {
	for line := range strings.Lines(comment) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "<!--") {
			return line
		}
	}
	return ""
}

// headings are those of the action's comments.
func headings(hub *forgetest.Hub, number int) []string {
	var found []string
	for _, comment := range ourComments(hub, number) {
		found = append(found, heading(comment))
	}
	return found
}

// isUnfinished reports whether a comment says that its end is not written.
func isUnfinished(comment string) bool {
	return strings.Contains(comment, "<!-- cursor-agent-action working-")
}

// writes are the requests that changed something at GitHub.
func writes(hub *forgetest.Hub) []forgetest.Request {
	return slices.DeleteFunc(hub.Requests(), func(r forgetest.Request) bool {
		return r.Method == http.MethodGet || r.Op == "graphql"
	})
}

// lasting is a scenario of an agent that works for a while, says what it does and
// pushes nothing.
func lasting(d time.Duration) simulator.Config {
	return simulator.Config{Scenario: simulator.Scenario{
		CreateDelay: 5 * time.Second, Duration: d,
		Steps: []simulator.Step{{Tool: "edit", Args: map[string]any{"path": "cache.go"}, Result: map[string]any{}}, {Text: "Done."}},
	}}
}

// warnings are the log's lines about what went wrong beside the work.
func (s *workflowStep) warnings() []string {
	var found []string
	for line := range strings.Lines(s.logged()) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "::warning::"); ok {
			found = append(found, text)
		}
	}
	return found
}
