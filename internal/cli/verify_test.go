package cli_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// pushing is an agent that pushes cursor/fix, and opens a pull request at address
// when it is asked for one; "" opens none.
func pushing(address string) simulator.Config {
	plays := simulator.Scenario{Duration: time.Minute, Branch: "cursor/fix"}
	if address != "" {
		plays.PullRequest = simulator.PullRequest{Open: true, URL: address}
	}
	return simulator.Config{Scenario: plays}
}

// pushed is what the agent's work is at GitHub: the branch cursor/fix of two
// commits, and pull request 12 of it.
func pushed(hub *forgetest.Hub) {
	branch(hub)
	hub.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Issues = append(r.Issues, &forgetest.Issue{Number: 12, Title: "Fix it", Author: "cursor[bot]", Pull: &forgetest.PullRequest{
			HeadRef: "cursor/fix", HeadSHA: forgetest.SHA("two"), Draft: true, Commits: []string{forgetest.SHA("one"), forgetest.SHA("two")},
			Files: []*forgetest.File{{Name: "a.go"}, {Name: "b.go"}, {Name: "c.go"}},
		}})
	})
}

// branch is cursor/fix of two commits.
func branch(hub *forgetest.Hub) {
	hub.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Branches["cursor/fix"] = forgetest.SHA("two")
		r.Commits = append(r.Commits,
			&forgetest.Commit{SHA: forgetest.SHA("one"), Parents: []string{forgetest.SHA("main")}, Files: []*forgetest.File{{Name: "a.go"}}},
			&forgetest.Commit{SHA: forgetest.SHA("two"), Parents: []string{forgetest.SHA("one")}, Files: []*forgetest.File{{Name: "b.go"}}})
	})
}

// facts are the outputs about what was pushed.
func facts(outputs map[string]string) map[string]string {
	found := map[string]string{}
	for _, name := range []string{"outcome", "pr-url", "pr-number", "pr-verified", "draft", "head-sha", "commits", "changed-files", "branch"} {
		if outputs[name] != "" {
			found[name] = outputs[name]
		}
	}
	return found
}

const pull12 = "https://github.com/acme/shop/pull/12"

func TestGitHubDecidesWhetherThePullRequestIsThere(t *testing.T) {
	t.Parallel()
	there := map[string]string{
		"outcome": "succeeded", "branch": "cursor/fix", "pr-url": pull12, "pr-number": "12", "pr-verified": "true",
		"draft": "true", "head-sha": forgetest.SHA("two"), "commits": "2", "changed-files": "3",
	}
	with := func(base map[string]string, pairs ...string) map[string]string {
		changed := map[string]string{}
		maps.Copy(changed, base)
		for i := 0; i < len(pairs); i += 2 {
			if changed[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
				delete(changed, pairs[i])
			}
		}
		return changed
	}
	word := map[string]string{"outcome": "succeeded", "branch": "cursor/fix", "pr-url": pull12, "pr-number": "12", "pr-verified": "false"}
	word0 := map[string]string{"outcome": "pr-missing", "branch": "cursor/fix", "pr-verified": "false"}
	none := map[string]string{"outcome": "pr-missing", "branch": "cursor/fix", "pr-verified": "true"}
	onBranch := map[string]string{"branch": "cursor/fix", "pr-verified": "true", "head-sha": forgetest.SHA("two"), "commits": "2", "changed-files": "2"}
	private := func(hub *forgetest.Hub) {
		hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Private = true })
	}
	for _, test := range []struct {
		name        string
		plays       simulator.Config
		inputs      []string
		permissions map[string]string // nil is all
		hub         func(*forgetest.Hub)
		most        time.Duration // after the agent's end; 0 is 40 s
		status      int
		want        map[string]string
		says        string // in the log
	}{
		{name: "it is there", plays: pushing(pull12), hub: pushed, want: there},
		{name: "it is not there", plays: pushing(pull12), hub: branch, status: 1, want: none,
			says: "::error::pr-missing: GitHub has no pull request 12 in acme/shop, 30s after the agent's end; nothing is left running: URL; open one at https://github.com/acme/shop/compare/main...cursor/fix?expand=1, or ask the agent to"},
		{name: "it is 20 seconds late", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			time.AfterFunc(80*time.Second, func() { pushed(hub) })
		}, want: there},
		{name: "it is closed", plays: pushing(pull12), hub: func(hub *forgetest.Hub) { pushed(hub); hub.CloseIssue("acme/shop", 12) }, status: 1, want: none,
			says: "::error::pr-missing: pull request 12 of acme/shop was closed without being merged; "},
		{name: "it is merged", plays: pushing(pull12), hub: func(hub *forgetest.Hub) { pushed(hub); hub.Merge("acme/shop", 12) }, want: with(there, "draft", "true")},
		{name: "it is in another repository", plays: pushing("https://github.com/mallory/shop/pull/12"), hub: pushed, status: 1, want: none,
			says: "::error::pr-missing: pull request https://github.com/mallory/shop/pull/12 is in another repository than https://github.com/acme/shop; "},
		{name: "it is on another host", plays: pushing("https://gitlab.example/acme/shop/-/merge_requests/12"), hub: pushed, status: 1, want: none,
			says: "is in another repository than https://github.com/acme/shop"},
		{name: "the repository was renamed meanwhile", plays: pushing("https://github.com/acme/store/pull/12"), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Path, r.FormerPaths = "acme/store", []string{"acme/shop"} })
		}, want: with(there, "pr-url", "https://github.com/acme/store/pull/12")},
		{name: "the API says the repository's name of before", plays: pushing("https://github.com/acme/store/pull/12"), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.FormerPaths = []string{"acme/store"} })
		}, want: with(there, "pr-url", "https://github.com/acme/store/pull/12")},
		{name: "only GitHub knows it", plays: pushing(""), hub: pushed, most: 40 * time.Second, want: there,
			says: "GitHub has the pull request that the Cursor API does not name: " + pull12},
		{name: "only GitHub knows it, and it is closed", plays: pushing(""), hub: func(hub *forgetest.Hub) { pushed(hub); hub.CloseIssue("acme/shop", 12) }, status: 1,
			want: with(onBranch, "outcome", "pr-missing"), says: "::error::pr-missing: the agent pushed 2 commits to cursor/fix, but its pull request 12 was closed without being merged; "},
		{name: "only GitHub knows it, and it was merged meanwhile", plays: pushing(""), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			time.AfterFunc(50*time.Second, func() { hub.Merge("acme/shop", 12) })
		}, want: there, says: "GitHub has the pull request that the Cursor API does not name: " + pull12},
		{name: "the branch's name was merged long ago", plays: pushing(""), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.Merge("acme/shop", 12)
			time.Sleep(time.Hour)
		}, status: 1, want: with(onBranch, "outcome", "pr-missing"), says: "::error::pr-missing: the agent pushed 2 commits to cursor/fix, but its pull request 12 was merged before this run began; "},
		{name: "there is a branch only", plays: pushing(""), hub: branch, status: 1, want: with(onBranch, "outcome", "pr-missing"),
			says: "open one at https://github.com/acme/shop/compare/main...cursor/fix?expand=1, or ask the agent to"},
		{name: "none was asked for", plays: pushing(pull12), inputs: []string{"create-pr", "false"}, hub: branch, want: with(onBranch, "outcome", "succeeded")},
		{name: "none was asked for, and one is there", plays: pushing(""), inputs: []string{"create-pr", "false"}, hub: pushed, want: there},
		{name: "the branch is not there", plays: pushing(""), inputs: []string{"create-pr", "false"}, hub: func(*forgetest.Hub) {},
			want: map[string]string{"outcome": "succeeded", "branch": "cursor/fix", "pr-verified": "false"},
			says: "What the agent pushed is not verified at GitHub: GitHub has no branch cursor/fix, or no main to compare it with, in acme/shop"},
		{name: "the agent worked on the branch that it began from", plays: pushing(""), inputs: []string{"create-pr", "false", "ref", "cursor/fix"}, hub: branch,
			want: map[string]string{"outcome": "succeeded", "branch": "cursor/fix", "pr-verified": "true", "head-sha": forgetest.SHA("two")}},
		{name: "nobody said what it begins from", plays: pushing(""), inputs: []string{"environment", "Web"}, hub: branch, status: 1,
			want: word0, says: "not verified at GitHub: the repository is not on this workflow's GitHub"},
		{name: "an unknown address", plays: pushing("https://github.com/acme/shop/changes/12"), hub: pushed,
			want: map[string]string{"outcome": "succeeded", "branch": "cursor/fix", "pr-url": "https://github.com/acme/shop/changes/12", "pr-verified": "false"},
			says: "is not a pull request's address"},
		{name: "what it is asked about fails", plays: pushing(""), hub: func(hub *forgetest.Hub) {
			branch(hub)
			hub.SetFaults(forgetest.Fault{Operation: "repos/compare-commits-with-basehead", Answer: &forgetest.Answer{Status: 500}})
		}, most: time.Minute, status: 1, want: word0, says: "not verified at GitHub: compare cursor/fix with main in acme/shop: 500 Internal Server Error"},
		{name: "nothing was pushed", plays: simulator.Config{Scenario: simulator.Scenario{Duration: time.Minute}}, hub: pushed, want: map[string]string{"outcome": "no-changes"}},
		{name: "the token may not look", plays: pushing(pull12), permissions: map[string]string{"issues": "read"}, hub: func(hub *forgetest.Hub) { pushed(hub); private(hub) }, want: word,
			says: "What the agent pushed is not verified at GitHub: read pull request 12 of acme/shop: 403 Resource not accessible by integration; give the job permissions: contents: read and pull-requests: read, or a github-token that may read the repository"},
		{name: "the token does not see a private repository", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			private(hub)
			hub.SetTokens(forgetest.Token{Value: githubToken, Permissions: everyWrite(), Repositories: []string{"acme/other"}})
		}, want: word, says: "not verified at GitHub: read pull request 12 of acme/shop: 404 Not Found; give the job permissions: "},
		{name: "the token does not see another repository", plays: pushing("https://github.com/acme/store/pull/3"), inputs: []string{"repo", "acme/store", "ref", "main"}, hub: pushed,
			want: with(word, "pr-url", "https://github.com/acme/store/pull/3", "pr-number", "3"),
			says: "not verified at GitHub: read pull request 3 of acme/store: 404 Not Found; the workflow's own token is for its own repository: set github-token to one that may read contents and pull-requests in acme/store"},
		{name: "there is no token", plays: pushing(pull12), inputs: []string{"github-token", ""}, hub: pushed, want: word},
		{name: "GitHub is down", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			time.AfterFunc(30*time.Second, func() { hub.TakeDown(time.Hour) })
		}, want: word, says: "What the agent pushed is not verified at GitHub: read pull request 12 of acme/shop: "},
		{name: "GitHub never answers", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.SetFaults(forgetest.Fault{Operation: "pulls/get", Delay: time.Hour})
		}, most: 70 * time.Second, want: word, says: "not verified at GitHub"},
		{name: "GitHub limits", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.Exhaust(githubToken, time.Hour)
		}, want: word, says: "not verified at GitHub: read pull request 12 of acme/shop: 403 too many requests"},
		{name: "GitHub limits for ever", plays: pushing(pull12), hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.SetFaults(forgetest.Fault{Operation: "pulls/get", When: forgetest.When{First: 50}, Answer: &forgetest.Answer{Status: 429, Headers: map[string]string{"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}}})
		}, want: word, says: "not verified at GitHub: read pull request 12 of acme/shop: 429 too many requests"},
		{name: "GitHub limits for less than it may take", plays: pushing(pull12), inputs: []string{"comment", "progress", "pull-request", "9"}, hub: func(hub *forgetest.Hub) {
			pushed(hub)
			hub.SetFaults(forgetest.Fault{Operation: "issues/update-comment", When: forgetest.When{First: 1}, Answer: &forgetest.Answer{Shape: "secondary-limit", RetryAfter: 60}})
		}, want: there, most: 50 * time.Second},
		{name: "the repository is elsewhere", plays: pushing("https://gitlab.example/acme/shop/-/merge_requests/12"), inputs: []string{"repo", "https://gitlab.example/acme/shop", "ref", "main"}, hub: pushed,
			want: with(word, "pr-url", "https://gitlab.example/acme/shop/-/merge_requests/12"),
			says: "not verified at GitHub: the repository is not on this workflow's GitHub"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				permissions := test.permissions
				if permissions == nil {
					permissions = everyWrite()
				}
				hub := newGitHub(t, permissions)
				test.hub(hub)
				s := newStep(t, test.plays).at(hub).with("create-pr", "true").with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				outputs := s.outputs()
				if diff := cmp.Diff(test.want, facts(outputs)); diff != "" || status != test.status {
					t.Errorf("exit status %d, want %d; outputs (-want +got):\n%s\n%s", status, test.status, diff, s.logged())
				}
				if most := max(test.most, 40*time.Second); time.Since(began) > time.Minute+most {
					t.Errorf("it took %s after the agent's end", time.Since(began)-time.Minute)
				}
				says := strings.ReplaceAll(test.says, "URL", outputs["agent-url"])
				if strings.Count(s.logged(), says) != 1 && says != "" {
					t.Errorf("the log does not say once %q:\n%s", says, s.logged())
				}
				var all struct {
					PRURL  string `json:"prUrl"`
					GitHub *struct {
						Verified bool
						Reason   string
						HeadSHA  string `json:"headSha"`
						Commits  int
					}
				}
				if err := json.Unmarshal([]byte(outputs["result-json"]), &all); err != nil {
					t.Fatal(err)
				}
				told := outputs["pr-verified"] != ""
				if told != (all.GitHub != nil) || told && (all.GitHub.Verified != (outputs["pr-verified"] == "true") || all.GitHub.Verified == (all.GitHub.Reason != "") || all.GitHub.HeadSHA != outputs["head-sha"]) || all.PRURL != outputs["pr-url"] {
					t.Errorf("result-json says %+v", all)
				}
			})
		})
	}
}

// Another command is about an agent that was launched before, and its pull
// request is looked for all the same.
func TestGitHubIsAskedAfterAFollowUpAndAnAttachToo(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"follow-up", "attach"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				pushed(hub)
				first := newStep(t, pushing(pull12)).at(hub).with("create-pr", "true")
				first.run(t.Context())
				s := stepAgainst(t, first.api).at(hub).with("command", command, "agent-id", first.outputs()["agent-id"], "GITHUB_RUN_ID", "2000")
				if command == "attach" {
					delete(s.env, "INPUT_PROMPT")
				}
				status := s.run(t.Context())
				if got := facts(s.outputs()); status != 0 || got["pr-verified"] != "true" || got["commits"] != "2" || got["pr-url"] != pull12 {
					t.Errorf("exit status %d, outputs %v\n%s", status, got, s.logged())
				}
				hub.CloseIssue("acme/shop", 12)
				again := stepAgainst(t, first.api).at(hub).with("command", "attach", "agent-id", first.outputs()["agent-id"], "GITHUB_RUN_ID", "3000")
				delete(again.env, "INPUT_PROMPT")
				status = again.run(t.Context())
				if got := facts(again.outputs()); status != 1 || got["outcome"] != "pr-missing" || got["pr-url"] != "" {
					t.Errorf("after it was closed: exit status %d, outputs %v\n%s", status, got, again.logged())
				}
			})
		})
	}
}

// API v0 names the branch whether or not anything was pushed; GitHub knows.
func TestGitHubTellsOfV0WhetherAnythingWasPushed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		hub  func(*forgetest.Hub)
		want map[string]string
	}{
		{"nothing", func(*forgetest.Hub) {}, map[string]string{"outcome": "no-changes", "pr-verified": "true"}},
		{"a branch without commits", func(hub *forgetest.Hub) {
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Branches["cursor/fix"] = forgetest.SHA("main") })
		}, map[string]string{"outcome": "no-changes", "pr-verified": "true"}},
		{"a branch", branch, map[string]string{"outcome": "pr-missing", "branch": "cursor/fix", "pr-verified": "true", "head-sha": forgetest.SHA("two"), "commits": "2", "changed-files": "2"}},
		{"a pull request", pushed, map[string]string{"outcome": "succeeded", "branch": "cursor/fix", "pr-url": pull12, "pr-number": "12", "pr-verified": "true",
			"draft": "true", "head-sha": forgetest.SHA("two"), "commits": "2", "changed-files": "3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				test.hub(hub)
				s := newStep(t, simulator.Config{Scenario: simulator.Scenario{Duration: time.Minute, Branch: "auto"}}).at(hub).
					with("api-version", "v0", "create-pr", "true", "branch", "cursor/fix")
				s.run(t.Context())
				if diff := cmp.Diff(test.want, facts(s.outputs())); diff != "" {
					t.Errorf("outputs (-want +got):\n%s\n%s", diff, s.logged())
				}
			})
		})
	}
}
