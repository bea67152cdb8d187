//go:build e2e

package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gitHubToken is what the runner gives to workflows as github.token.
const gitHubToken = "ghs_e2e0123456789abcdef0123456789abcdef"

// gitHub answers as GitHub's API does for workflow runs of acme/widgets.
type gitHub struct {
	*front

	mu    sync.Mutex
	asked []string // paths, in the order of the requests
}

// startGitHub serves workflow runs by their number, each as the answer's JSON,
// until the test is over.
func startGitHub(t *testing.T, runs map[string]string) *gitHub {
	t.Helper()
	g := &gitHub{}
	g.front = startFront(t, "127.0.0.1", nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.URL.Path)
		g.mu.Unlock()
		number, ours := strings.CutPrefix(r.URL.Path, "/repos/acme/widgets/actions/runs/")
		run, known := runs[number]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("Authorization") != "Bearer "+gitHubToken:
			w.WriteHeader(http.StatusUnauthorized)
			run = `{"message": "Bad credentials"}`
		case r.Method != http.MethodGet || !ours || !known:
			w.WriteHeader(http.StatusNotFound)
			run = `{"message": "Not Found"}`
		}
		_, _ = fmt.Fprint(w, run)
	}))
	return g
}

// paths returns what was asked so far, sorted, as a reap asks at the same time
// about several.
func (g *gitHub) paths() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(slices.Values(g.asked))
}
