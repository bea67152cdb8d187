package forgetest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

// The tokens of the tests.
const (
	workflowToken = "ghs_workflow"
	readToken     = "ghs_read"
	annToken      = "github_pat_ann"
	classicToken  = "ghp_classic"
)

// shop is acme/shop with the issue 7 and the pull request 9, and the private
// acme/vault.
func shop() forgetest.Config {
	return forgetest.Config{
		Repositories: []*forgetest.Repository{{
			Path:          "acme/shop",
			FormerPaths:   []string{"acme/store"},
			Collaborators: map[string]string{"ann": "write", "tim": "triage", "mia": "maintain", "sue": "deployer", "ada": "admin"},
			CustomRoles:   map[string]string{"deployer": "write"},
			Files:         map[string]string{"README.md": "# Shop\n", "cmd/shop/main.go": "package main\n"},
			Issues: []*forgetest.Issue{
				{Number: 7, Title: "The cart is empty", Body: "Always.", Author: "rob", Labels: []string{"bug"}, Comments: []*forgetest.Comment{{Author: "ann", Body: "Me too."}}},
				{Number: 9, Title: "Fill the cart", Author: "ann", Pull: &forgetest.PullRequest{
					HeadRef: "fix-cart",
					Files:   []*forgetest.File{{Name: "cart.go", Additions: 2, Deletions: 1, Patch: "@@ -1 +1,2 @@"}},
					Reviews: []*forgetest.Review{{ID: 500, Author: "mia", State: "CHANGES_REQUESTED", Body: "Almost."}},
					Threads: []*forgetest.Thread{{Path: "cart.go", Line: 3, Comments: []*forgetest.ReviewComment{
						{ID: 600, ReviewID: 500, Author: "mia", Body: "Why?"}, {ID: 601, Author: "ann", Body: "Because."},
					}}},
				}},
			},
		}, {Path: "acme/vault", Private: true, Collaborators: map[string]string{"ann": "read"}, Issues: []*forgetest.Issue{{Number: 1, Title: "Secret", Author: "ann"}}}},
		Users: []forgetest.User{{Login: "eve"}},
		Tokens: []forgetest.Token{
			{Value: workflowToken, Permissions: map[string]string{"contents": "read", "issues": "write", "pull_requests": "write", "checks": "write", "actions": "read"}, Repositories: []string{"acme/shop"}},
			{Value: readToken},
			{Value: annToken, Kind: forgetest.FineGrained, Login: "ann", Permissions: map[string]string{"issues": "write", "pull_requests": "write"}},
			{Value: classicToken, Kind: forgetest.Classic, Login: "ann", Scopes: []string{"repo", "read:org"}},
		},
	}
}

// client speaks to one hub over its in-memory transport, and holds what is
// asked and answered against GitHub's description, where the environment names
// it.
type client struct {
	t    testing.TB
	hub  *forgetest.Hub
	http *http.Client
}

func start(t *testing.T, config forgetest.Config) *client {
	t.Helper()
	hub := forgetest.New(config)
	t.Cleanup(hub.Close)
	return newClient(t, hub)
}

func newClient(t testing.TB, hub *forgetest.Hub) *client {
	return &client{t, hub, &http.Client{
		Transport:     conform(t, hub.Transport()),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// bubble runs a test on fake time.
func bubble(t *testing.T, config forgetest.Config, test func(*testing.T, *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hub := forgetest.New(config)
		defer hub.Close()
		test(t, newClient(t, hub))
	})
}

// github is the library that the program uses, with a token.
func (c *client) github(token string) *github.Client {
	return github.NewClient(c.http).WithAuthToken(token)
}

// response is an answer as it came.
type response struct {
	Status int
	Header http.Header
	Body   string
}

func (c *client) try(method, address, body string, headers ...string) (response, error) {
	c.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = "https://api.github.com" + address
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, address, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+workflowToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, string(data)}, err
}

func (c *client) do(method, address, body string, headers ...string) response {
	c.t.Helper()
	got, err := c.try(method, address, body, headers...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, address, err)
	}
	return got
}

// want demands a status and returns the answer.
func (c *client) want(status int, method, address, body string, headers ...string) response {
	c.t.Helper()
	got := c.do(method, address, body, headers...)
	if got.Status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, address, got.Status, status, got.Body)
	}
	return got
}

// message is what an answer says went wrong.
func (r response) message(t testing.TB) string {
	t.Helper()
	return decode[struct{ Message string }](t, r.Body).Message
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return value
}

func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
