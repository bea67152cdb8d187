//go:build e2e

package e2e_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

// gitHubToken is what the runner gives to workflows as github.token.
const gitHubToken = "ghs_e2e0123456789abcdef0123456789abcdef"

// widgets is the repository that workflows run in.
const widgets = "acme/widgets"

// gitHub is the GitHub of one story.
type gitHub struct {
	*forgetest.Hub
	address string // of the REST API
}

// startGitHub serves repositories until the test is over.
func startGitHub(t *testing.T, repositories ...*forgetest.Repository) *gitHub {
	t.Helper()
	hub := forgetest.New(forgetest.Config{Repositories: repositories})
	t.Cleanup(hub.Close)
	address, err := hub.Listen()
	if err != nil {
		t.Fatal(err)
	}
	return &gitHub{Hub: hub, address: address}
}

// startMembers serves acme/widgets, where octocat may write, to a token that may
// read its contents and knows nothing of pull requests.
func startMembers(t *testing.T) *gitHub {
	t.Helper()
	hub := startGitHub(t, &forgetest.Repository{Path: widgets, Private: true, Collaborators: map[string]string{"octocat": "write"}})
	hub.permit(map[string]string{"contents": "read"}, nil)
	return hub
}

// permit gives the workflow's token these permissions, named as workflows name
// them, and no others. There may be another token beside it.
func (g *gitHub) permit(permissions map[string]string, other *forgetest.Token) {
	token := forgetest.Token{Value: gitHubToken, Permissions: map[string]string{}, Repositories: []string{widgets}}
	for name, level := range permissions {
		token.Permissions[strings.ReplaceAll(name, "-", "_")] = level
	}
	tokens := []forgetest.Token{token}
	if other != nil {
		tokens = append(tokens, *other)
	}
	g.SetTokens(tokens...)
}

// paths are those that were asked so far, sorted, as a reap asks at the same time
// about several.
func (g *gitHub) paths() []string {
	var asked []string
	for _, request := range g.Requests() {
		asked = append(asked, request.Path)
	}
	return slices.Sorted(slices.Values(asked))
}

// minted is an id that GitHub gave.
var minted = regexp.MustCompile(`[0-9]{6,}`)

// written are those of requests that were to change something, as their
// operation and what of, sorted, as some are made at the same time.
func written(requests []forgetest.Request) []string {
	var written []string
	for _, request := range requests {
		if request.Method == http.MethodGet || request.Op == "graphql" && !strings.Contains(request.Body, "mutation") {
			continue
		}
		_, at, _ := strings.Cut(request.Path, "/"+widgets+"/")
		written = append(written, request.Op+" "+minted.ReplaceAllString(at, "ID"))
	}
	return slices.Sorted(slices.Values(written))
}

// refused are those of requests that their token was not good for.
func refused(requests []forgetest.Request) []string {
	var refused []string
	for _, request := range requests {
		if request.Status == http.StatusUnauthorized || request.Status == http.StatusForbidden {
			refused = append(refused, request.Op+" "+request.Path)
		}
	}
	return refused
}

// ours are the comments of the action on an issue or a pull request.
func (g *gitHub) ours(number int) []string {
	var found []string
	for _, comment := range g.Issue(widgets, number).Comments {
		if comment.Author == "github-actions[bot]" {
			found = append(found, comment.Body)
		}
	}
	return found
}
