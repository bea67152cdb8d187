package cli_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestTheInputsBecomeTheRequest(t *testing.T) {
	t.Parallel()
	opened := happening{event: "pull_request", action: "opened", sender: "ann", number: 7}
	shop := "https://github.com/acme/shop"
	for _, test := range []struct {
		name    string
		prepare func(*workflowStep)
		want    simulator.CreateRequest // but for agentId and name
	}{
		{"the defaults of a push", set(), simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent"}},
		{"the head branch of a pull request", func(s *workflowStep) {
			s.beside(gitHubOf(s.t)).on(opened)
		}, simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Repos: []simulator.Repo{{URL: shop, StartingRef: "feature/x"}}, Mode: "agent"}},
		{"the current pull request", func(s *workflowStep) {
			s.with("pull-request", "Current", "work-on-current-branch", "true").beside(gitHubOf(s.t)).on(opened)
		}, simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Repos: []simulator.Repo{{URL: shop, PRURL: shop + "/pull/7"}}, WorkOnCurrentBranch: true, Mode: "agent"}},
		{"the pull request that a workflow run is about", func(s *workflowStep) {
			s.with("pull-request", "current", "work-on-current-branch", "true").beside(gitHubOf(s.t)).on(ranOn(7))
		}, simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Repos: []simulator.Repo{{URL: shop, PRURL: shop + "/pull/7"}}, WorkOnCurrentBranch: true, Mode: "agent"}},
		{"everything that goes together", set(
			"repo", "https://github.com/acme/web.git", "ref", "refs/heads/develop", "create-pr", "true", "skip-reviewer-request", "TRUE",
			"model", "composer-2.5?fast=true", "agent-mode", "plan", "name", "My  agent",
			"mcp-servers", `{"mcpServers": {"linear": {"url": "https://mcp.linear.app/sse", "headers": {"Authorization": "Bearer lin_secret"}, "auth": {"CLIENT_ID": "id", "CLIENT_SECRET": "very-secret"}}, "db": {"command": "npx", "args": ["-y"], "env": {"PASS": "db-secret"}}}}`,
			"images", "https://x.example/a.png"),
			simulator.CreateRequest{
				Prompt:       simulator.Prompt{Text: "Fix the flaky test.", Images: []simulator.Image{{URL: "https://x.example/a.png"}}},
				Repos:        []simulator.Repo{{URL: "https://github.com/acme/web", StartingRef: "develop"}},
				AutoCreatePR: true, SkipReviewerRequest: true, Mode: "plan",
				Model: &simulator.ModelRef{ID: "composer-2.5", Params: []simulator.ModelParam{{ID: "fast", Value: "true"}}},
				MCPServers: []simulator.MCPServer{
					{Name: "db", Command: "npx", Args: []string{"-y"}, Env: map[string]string{"PASS": "db-secret"}},
					{Name: "linear", URL: "https://mcp.linear.app/sse", Headers: map[string]string{"Authorization": "Bearer lin_secret"}, Auth: &simulator.MCPAuth{ClientID: "id", ClientSecret: "very-secret"}},
				},
			}},
		{"a list of MCP servers", set("mcp-servers", `[{"name": "a", "type": "http", "url": "https://a.example"}]`), simulator.CreateRequest{
			Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent",
			MCPServers: []simulator.MCPServer{{Name: "a", Type: "http", URL: "https://a.example"}},
		}},
		{"a named environment", set("environment", "web"), simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Env: &simulator.Env{Type: "cloud", Name: "web"}, Mode: "agent"}},
		{"a worker pool", set("environment", "pool: big"), simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Env: &simulator.Env{Type: "pool", Name: "big"}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent"}},
		{"the default pool", set("environment", "pool"), simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, Env: &simulator.Env{Type: "pool"}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent"}},
		{"environment variables", set("env-vars", "# tokens\nA=x=y z\n\nB=abcdefgh"), simulator.CreateRequest{Prompt: simulator.Prompt{Text: "Fix the flaky test."}, EnvVars: map[string]string{"A": "x=y z", "B": "abcdefgh"}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent"}},
		{"prompt files in order", func(s *workflowStep) {
			s.with("prompt", "", "prompt-file", "rules/*.md\n!rules/c.md\ntask.md").file("rules/b.md", "B\n").file("rules/a.md", "\ufeffA\n\n").file("rules/c.md", "C").file("task.md", "Task")
		}, simulator.CreateRequest{Prompt: simulator.Prompt{Text: "A\n\nB\n\nTask"}, Repos: []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent"}},
		{"a picture of the workspace", func(s *workflowStep) { s.with("images", "shots/a.PNG").file("shots/a.PNG", "\x89PNG") }, simulator.CreateRequest{
			Prompt: simulator.Prompt{Text: "Fix the flaky test.", Images: []simulator.Image{{Data: base64.StdEncoding.EncodeToString([]byte("\x89PNG")), MIMEType: "image/png"}}},
			Repos:  []simulator.Repo{{URL: shop, StartingRef: "main"}}, Mode: "agent",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{}).with("wait", "false")
				test.prepare(s)
				if status := s.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				if len(s.api.Agents()) != 1 {
					t.Fatalf("%d agents\n%s", len(s.api.Agents()), s.logged())
				}
				got := s.api.Agents()[0].Request
				if (got.AgentID == "") != (len(test.want.EnvVars) > 0) {
					t.Errorf("agentId %q with %d environment variables", got.AgentID, len(test.want.EnvVars))
				}
				if !strings.Contains(got.Name, " [gh-1000-") {
					t.Errorf("the name %q has no mark", got.Name)
				}
				if test.name == "everything that goes together" && !strings.HasPrefix(got.Name, "My agent [") {
					t.Errorf("the name is %q", got.Name)
				}
				got.AgentID, got.Name = "", ""
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				written := s.logged() + s.read("GITHUB_OUTPUT") + s.read("GITHUB_STATE") + s.summary()
				for _, secret := range []string{"lin_secret", "very-secret", "db-secret", "abcdefgh"} {
					if strings.Contains(written, secret) {
						t.Errorf("%s was written", secret)
					}
				}
			})
		})
	}
}

func TestTheLogSaysAsMuchAsIsWanted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		level      string
		says, does bool
	}{{"full", true, true}, {"tools", false, true}, {"quiet", false, false}} {
		t.Run(test.level, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, scenario(t, "happy")).with("log", test.level)
				s.run(t.Context())
				log := s.logged()
				if strings.Contains(log, "  | I'll start") != test.says || strings.Contains(log, "  > read_file internal/cache/cache_test.go (0.2s)") != test.does {
					t.Errorf("log: %s\n%s", test.level, log)
				}
				if !strings.Contains(log, "RUNNING after 0.3s\n") || !strings.Contains(log, "FINISHED after 4.0s\n") {
					t.Errorf("the status is not told:\n%s", log)
				}
			})
		})
	}
}

func TestTheLogShowsLifeWhenNothingIsHeard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{
			{Tool: "run_terminal_cmd", Args: map[string]any{"command": "make test"}, Takes: 150 * 1e9},
		}}})
		s.run(t.Context())
		for _, want := range []string{
			"Still RUNNING after 1m0s; nothing heard for 1m0s (last: run_terminal_cmd make test)\n",
			"Still RUNNING after 2m0s; nothing heard for 2m0s (last: run_terminal_cmd make test)\n",
			"  > run_terminal_cmd make test (2m30s)\n",
		} {
			if !strings.Contains(s.logged(), want) {
				t.Errorf("the log has no %q:\n%s", want, s.logged())
			}
		}
	})
}
