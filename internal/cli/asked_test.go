package cli_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// tap reads along what a step sends.
type tap struct {
	server http.RoundTripper
	mu     sync.Mutex
	bodies []string // of the requests for an agent
	keys   []string // Authorization headers of all requests
}

func (w *tap) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := w.note(request); err != nil {
		return nil, err
	}
	return w.server.RoundTrip(request)
}

func (w *tap) note(request *http.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = append(w.keys, request.Header.Get("Authorization"))
	if request.Method == http.MethodPost && request.URL.Path == "/v1/agents" {
		body, err := request.GetBody()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		w.bodies = append(w.bodies, string(text))
	}
	return nil
}

// tapped runs the step and returns what it sent to ask for an agent, each time
// that it did.
func (s *workflowStep) tapped() (status int, asked []map[string]any) {
	s.t.Helper()
	program := s.program()
	wire := &tap{server: program.Transport}
	program.Transport = wire
	status = program.Run(s.t.Context(), []string{"x", "action"})
	for _, body := range wire.bodies {
		var fields map[string]any
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			s.t.Fatalf("the request is not JSON: %v: %s", err, body)
		}
		asked = append(asked, fields)
	}
	return status, asked
}

// Fault 11: version 1 of the API refuses a branch name of the caller's.
// Fault 12: variables of the environment go with no agent id, and may be ignored without a word.
// Fault 13: a model is an object, and a name as version 0 takes it is refused.
// Fault 14: metadata is refused where the account has no such feature.
func TestOnlyWhatTheAPITakesIsAskedFor(t *testing.T) {
	t.Parallel()
	everything := []string{
		"create-pr", "true", "skip-reviewer-request", "true", "work-on-current-branch", "true", "model", "composer-2.5?fast=true",
		"agent-mode", "plan", "name", "A name", "images", "https://x.example/a.png", "idempotency-key", "k",
		"mcp-servers", `[{"name": "a", "url": "https://a.example"}]`, "wait", "false",
	}
	always := []string{
		"autoCreatePR", "mcpServers", "mode", "model", "name", "prompt", "repos", "skipReviewerRequest", "workOnCurrentBranch",
	}
	for _, test := range []struct {
		name   string
		inputs []string
		want   []string
	}{
		{"under an id", nil, append([]string{"agentId"}, always...)},
		{"with variables", []string{"env-vars", "TOKEN=abcdefgh"}, append([]string{"envVars"}, always...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{}).with(everything...).with(test.inputs...)
				status, asked := s.tapped()
				if status != 0 || len(asked) != 1 {
					t.Fatalf("exit status %d after %d requests\n%s", status, len(asked), s.logged())
				}
				slices.Sort(test.want)
				if diff := cmp.Diff(test.want, slices.Sorted(maps.Keys(asked[0]))); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
				wantModel := map[string]any{"id": "composer-2.5", "params": []any{map[string]any{"id": "fast", "value": "true"}}}
				if diff := cmp.Diff(any(wantModel), asked[0]["model"]); diff != "" {
					t.Errorf("model (-want +got):\n%s", diff)
				}
				// Whether the variables arrived is not known, so nothing says so.
				if written := s.logged() + s.summary() + s.read("GITHUB_OUTPUT"); strings.Contains(written, "TOKEN") || strings.Contains(written, "variable") {
					t.Errorf("something is said about the variables:\n%s", written)
				}
			})
		})
	}
}

// Fault 3: a commit is refused unless it is on the default branch or in a pull request.
// Fault 4: refs/heads/x, tags, pull refs, HEAD and the branches of forks are no start for an agent.
// Fault 6: without a start the API may not find the default branch.
func TestTheStartIsABranchByItsName(t *testing.T) {
	t.Parallel()
	const sha = "1234567890abcdef1234567890abcdef12345678"
	for _, test := range []struct {
		name, event, ref string
		pull             int // that the event is about
		inputs           []string
		want             map[string]any // of the repository; nil: nothing is asked for
	}{
		{"a push", "push", "refs/heads/release/2.x", 0, nil, map[string]any{"url": "https://github.com/acme/shop", "startingRef": "release/2.x"}},
		{"a manual start", "workflow_dispatch", "refs/heads/main", 0, nil, map[string]any{"url": "https://github.com/acme/shop", "startingRef": "main"}},
		{"a pull request", "pull_request", "refs/pull/7/merge", 7, nil, map[string]any{"url": "https://github.com/acme/shop", "startingRef": "feature/x"}},
		{"a pull request of a fork", "pull_request", "refs/pull/9/merge", 9, nil, nil},
		{"a pull request of a fork, worked on as one", "pull_request", "refs/pull/9/merge", 9, []string{"pull-request", "current"},
			map[string]any{"url": "https://github.com/acme/shop", "prUrl": "https://github.com/acme/shop/pull/9"}},
		{"a tag", "push", "refs/tags/v1", 0, nil, nil},
		{"a branch in full", "push", "refs/tags/v1", 0, []string{"ref", "refs/heads/main"}, map[string]any{"url": "https://github.com/acme/shop", "startingRef": "main"}},
		{"a tag that was asked for", "push", "refs/heads/main", 0, []string{"ref", "refs/tags/v1"}, nil},
		{"the ref of a pull request", "push", "refs/heads/main", 0, []string{"ref", "refs/pull/7/head"}, nil},
		{"HEAD", "push", "refs/heads/main", 0, []string{"ref", "HEAD"}, nil},
		{"another repository without a branch", "push", "refs/heads/main", 0, []string{"repo", "acme/web"}, nil},
		{"another repository", "push", "refs/heads/main", 0, []string{"repo", "acme/web", "ref", "trunk"}, map[string]any{"url": "https://github.com/acme/web", "startingRef": "trunk"}},
		{"a worker of one's own", "push", "refs/heads/main", 0, []string{"environment", "machine:big"}, map[string]any{"url": "https://github.com/acme/shop", "startingRef": "main"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t)
				hub.Review("acme/shop", 9, forgetest.Review{Author: "ann", State: "APPROVED"})
				s := newStep(t, simulator.Config{}).beside(hub).on(happening{event: test.event, action: "opened", sender: "ann", number: test.pull})
				s.with("wait", "false", "GITHUB_SHA", sha, "GITHUB_REF", test.ref, "GITHUB_REF_TYPE", "").with(test.inputs...)
				status, asked := s.tapped()
				if test.want == nil {
					if status != 2 || len(asked) != 0 {
						t.Errorf("exit status %d after %v, want 2 and no request", status, asked)
					}
					return
				}
				if status != 0 || len(asked) != 1 {
					t.Fatalf("exit status %d after %d requests\n%s", status, len(asked), s.logged())
				}
				if diff := cmp.Diff(any([]any{test.want}), asked[0]["repos"]); diff != "" {
					t.Errorf("repos (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Fault 10: hosts that the API does not name fail without a word, and the list of repositories has GitHub's only.
// Fault 15: an agent without a repository may be switched off for the account.
// Fault 47: the list of repositories may be asked for once a minute, and takes tens of seconds.
func TestTheRepositoryIsSentAndNotLookedUp(t *testing.T) {
	t.Parallel()
	invisible := simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to verify existence of branch 'main' in repository acme/shop. Please ensure the branch name is correct."}
	for _, test := range []struct {
		name   string
		config simulator.Config
		inputs []string
		status int
		want   string // address of the repository, "" when nothing is sent
	}{
		{"this one", scenario(t, "happy"), nil, 0, "https://github.com/acme/shop"},
		{"one of GitLab", scenario(t, "happy"), []string{"repo", "https://gitlab.com/group/sub/shop.git", "ref", "main"}, 0, "https://gitlab.com/group/sub/shop"},
		{"one of a host of one's own", scenario(t, "happy"), []string{"repo", "https://git.acme.example/shop/web", "ref", "main"}, 0, "https://git.acme.example/shop/web"},
		{"one that Cursor can't see", refusing(invisible), nil, 1, "https://github.com/acme/shop"},
		{"none", scenario(t, "happy"), []string{"GITHUB_REPOSITORY", ""}, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, test.config).with(test.inputs...)
				status, asked := s.tapped()
				if status != test.status {
					t.Errorf("exit status %d, want %d\n%s", status, test.status, s.logged())
				}
				if (len(asked) > 0) != (test.want != "") {
					t.Fatalf("%d requests for an agent, want a repository %q", len(asked), test.want)
				}
				for _, fields := range asked {
					if got := fields["repos"].([]any)[0].(map[string]any)["url"]; got != test.want {
						t.Errorf("repository %v, want %s", got, test.want)
					}
				}
				for _, request := range s.api.Requests() {
					if request.Path == "/v1/repositories" {
						t.Error("the list of repositories was asked for")
					}
				}
			})
		})
	}
}
