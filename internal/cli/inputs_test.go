package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// TestBadInputLaunchesNothing runs the whole program with one thing wrong at a
// time, and asserts all that a user sees of it.
//
// Fault 11: version 1 of the API refuses a branch name of the caller's.
func TestBadInputLaunchesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(*workflowStep)
		want    string
	}{
		{"no key", set("api-key", ""), `input api-key: is empty: create a key at https://cursor.com/dashboard/api and pass it as ${{ secrets.CURSOR_API_KEY }}; workflows on pull requests from forks get no secrets`},
		{"a key of quotes", set("api-key", `""`), `input api-key: is empty: create a key at https://cursor.com/dashboard/api and pass it as ${{ secrets.CURSOR_API_KEY }}; workflows on pull requests from forks get no secrets`},
		{"a key with a space inside", set("api-key", "crsr 123"), `input api-key: `},
		{"no prompt", set("prompt", " \n"), `input prompt: is empty: say what the agent should do, here or in prompt-file`},
		{"prompt and prompt-file", func(s *workflowStep) { s.with("prompt-file", "p.md").file("p.md", "x") }, `input prompt: stands with prompt-file: leave one of them out`},
		{"a prompt that is not UTF-8", set("prompt", "a\xff"), `input prompt: is not UTF-8: save it as UTF-8`},
		{"prompt-file that isn't there", set("prompt", "", "prompt-file", "p.md"), `input prompt-file: "p.md" matches no file of the workspace: check the path, and that an earlier step checks the repository out`},
		{"prompt-file outside", set("prompt", "", "prompt-file", "../p.md"), `input prompt-file: "../p.md" leaves the workspace: name a file below the workspace, with slashes`},
		{"empty prompt-file", func(s *workflowStep) { s.with("prompt", "", "prompt-file", "p.md").file("p.md", " \n") }, `input prompt-file: "p.md" is empty: write something into it or name another file`},
		{"prompt-file that is not UTF-8", func(s *workflowStep) { s.with("prompt", "", "prompt-file", "p.md").file("p.md", "a\xff") }, `input prompt-file: "p.md" is not UTF-8 text: convert it or name another file`},
		{"prompt-file that is too large", func(s *workflowStep) {
			s.with("prompt", "", "prompt-file", "*.md").file("a.md", strings.Repeat("a", 3<<20)).file("b.md", strings.Repeat("b", 3<<20))
		}, `input prompt-file: "b.md" makes it more than 4194304 bytes in all: name fewer or smaller files`},
		{"a misspelt value", set("log", "ful"), `input log: unknown value "ful": did you mean "full"? (full, tools, quiet)`},
		{"a time without unit", set("timeout", "10"), `input timeout: "10" has no unit: write 10s, 10m or 10h`},
		{"a negative time", set("timeout", "-5m"), `input timeout: "-5m" is negative: write a length of time such as 30m`},
		{"a boolean that is none", set("wait", "yes"), `input wait: "yes" is neither true nor false: write true or false`},
		{"MCP servers that are not JSON", set("mcp-servers", "[\n {\"name\": \"a\",}\n]"), `input mcp-servers: is not JSON at line 2, column 15: check quotes, commas and brackets there`},
		{"MCP servers that end early", set("mcp-servers", "[{"), `input mcp-servers: is not JSON at line 1, column 2: it ends too early`},
		{"MCP servers with more behind", set("mcp-servers", "[] []"), `input mcp-servers: is followed by more text at line 1, column 4: write one JSON value`},
		{"MCP servers with an unknown field", set("mcp-servers", `[{"name": "a", "comand": "x"}]`), `input mcp-servers: has an unknown field "comand": see the API's mcpServers`},
		{"MCP servers of another type", set("mcp-servers", `[{"name": 1}]`), `input mcp-servers: has a number where another type belongs at line 1, column 11 (name): see the API's mcpServers`},
		{"an MCP server without anything", set("mcp-servers", `{"a": {}, "b": {"url": "https://b.example", "command": "x"}}`), `input mcp-servers: MCP server "a" needs either a command or a url; MCP server "b" needs either a command or a url`},
		{"env-vars without =", set("env-vars", "A=1\nSECRET"), `input env-vars: line 2 has no "=": write NAME=value`},
		{"env-vars of Cursor's own", set("env-vars", "CURSOR_X=1"), `input env-vars: the name CURSOR_X is Cursor's own: choose one that does not start with CURSOR_`},
		{"an env-var twice", set("env-vars", "A=1\nA=2"), `input env-vars: line 2 has the same name as line 1: remove one`},
		{"an env-var without value", set("env-vars", "A="), `input env-vars: A has no value`},
		{"an env-var that is too long", set("env-vars", "A="+strings.Repeat("x", 4097)), `input env-vars: the value of A has 4097 bytes, and at most 4096 are allowed`},
		{"a bad repository", set("repo", "shop"), `input repo: "shop" is not a repository: write owner/name or https://HOST/owner/name`},
		{"another repository without ref", set("repo", "acme/web"), `input ref: is needed, because acme/web is not this workflow's repository: set the branch to start from`},
		{"no repository at all", set("GITHUB_REPOSITORY", ""), `input repo: is empty and the workflow runner names no repository: write owner/name`},
		{"a bad ref", set("ref", "a..b"), `input ref: "a..b" is not a branch name that git allows: write for example main or feature/login`},
		{"a tag", set("GITHUB_REF", "refs/tags/v1", "GITHUB_REF_TYPE", "tag"), `input ref: the workflow was started by the tag "v1", and an agent starts from a branch: set ref to a branch`},
		{"a pull request from a fork", func(s *workflowStep) {
			hub := gitHubOf(s.t)
			hub.Review("acme/shop", 9, forgetest.Review{Author: "ann", State: "APPROVED"})
			s.beside(hub).on(happening{event: "pull_request", action: "opened", sender: "ann", number: 9})
		}, `input ref: pull request 9 comes from a fork, whose branch does not exist in acme/shop: set ref to a branch of acme/shop, or pull-request: current`},
		{"a bad pull request", set("pull-request", "seven"), `input pull-request: "seven" is not a pull request: write its number, its https address, or current`},
		{"current without a pull request", set("pull-request", "current"), `input pull-request: is current, but the event "push" is not about a pull request: write its number or address`},
		{"current of a run without a pull request", func(s *workflowStep) { s.with("pull-request", "current", "required-permission", "none").on(ranOn()) }, `input pull-request: is current, but the event "workflow_run" is not about a pull request: write its number or address`},
		{"current of a run of two pull requests", func(s *workflowStep) {
			s.with("pull-request", "current", "required-permission", "none").on(ranOn(7, 11))
		}, `input pull-request: is current, but the event "workflow_run" is not about one pull request alone: write its number or address`},
		{"a pull request of another repository", set("pull-request", "https://github.com/acme/web/pull/1", "repo", "acme/shop"), `input pull-request: is in https://github.com/acme/web and not in https://github.com/acme/shop: name the same repository in both`},
		{"a pull request and a ref", set("pull-request", "7", "ref", "main"), `input ref: does not go with pull-request, whose branches count: leave one of them out`},
		{"an environment and a repository", set("environment", "web", "repo", "acme/shop"), `input repo: does not go with environment: web, which brings its own repositories: leave it out`},
		{"an environment of an unknown kind", set("environment", "machin:box"), `input environment: "machin" is no kind of environment: write the name of one, machine:NAME or pool:NAME`},
		{"a machine without name", set("environment", "machine"), `input environment: "machine" names no worker: write machine:NAME or pool:NAME`},
		{"reviewer request without pull request", set("skip-reviewer-request", "true"), `input skip-reviewer-request: only goes with create-pr: true: set that, or leave this out`},
		{"a model with a parameter without value", set("model", "composer?fast"), `input model: the parameter "fast" has no value: write id?name=value`},
		{"a model that is none", set("model", "?x=1"), `input model: "?x=1" is not a model: write its id, with parameters as id?name=value`},
		{"none with others", set("fail-on", "none, cancelled"), `input fail-on: none stands with other outcomes: write none alone, or leave it out`},
		{"an image of another kind", set("images", "a.bmp"), `input images: "a.bmp" is neither a web address nor a file that ends with .png, .jpg, .gif or .webp: write one of them`},
		{"an image that isn't there", set("images", "a.png"), `input images: "a.png" can't be opened: no such file or directory: name a file of the checkout`},
		{"six images", set("images", strings.Repeat("https://x.example/a\n", 6)), `input images: are 6, and an agent takes at most 5: leave some out`},
		{"artifacts outside", set("artifacts", "../out"), `input artifacts: `},
		{"an http address", set("api-url", "http://api.example.com"), `input api-url: `},
		{"an unknown version", set("api-version", "v2"), `input api-version: unknown value "v2": did you mean "v1"? (v1, v0)`},
		{"a branch with version 1", set("branch", "x"), `input branch: needs api-version: v0, because API v1 names branches itself: set that, or make the branch first and start from it with work-on-current-branch: true`},
		{"Cursor's app with version 1", set("open-as-cursor-github-app", "true", "create-pr", "true"), `input open-as-cursor-github-app: needs api-version: v0, because API v1 opens pull requests as whom the key belongs to: set that, or leave it out`},
		{"Cursor's app without a pull request", set("open-as-cursor-github-app", "true", "api-version", "v0"), `input open-as-cursor-github-app: only goes with create-pr: true: set that, or leave this out`},
		{"a webhook with version 1", set("webhook-url", "https://example.com/hook"), `input webhook-url: needs api-version: v0, because API v1 calls no webhooks: set that, or leave it out`},
		{"a webhook that is no address", set("webhook-url", "example.com/hook", "api-version", "v0"), `input webhook-url: is not a web address without user name: write https://HOST/PATH`},
		{"a webhook with a user", set("webhook-url", "https://me@example.com/hook", "api-version", "v0"), `input webhook-url: is not a web address without user name: write https://HOST/PATH`},
		{"a webhook with a short secret", set("webhook-url", "https://example.com", "webhook-secret", "s3cret", "api-version", "v0"), `input webhook-url: the webhook's secret has 6 characters, but 32 to 256 are allowed`},
		{"a secret without a webhook", set("webhook-secret", strings.Repeat("s", 32), "api-version", "v0"), `input webhook-secret: signs what is posted to webhook-url: set that, or leave this out`},
		{"a branch that git refuses", set("branch", "a..b", "api-version", "v0"), `input branch: "a..b" is not a branch name that git allows: write for example main or feature/login`},
		{"a branch where none is created", set("branch", "x", "work-on-current-branch", "true", "pull-request", "7", "api-version", "v0"), `input branch: does not go with work-on-current-branch, which creates none: leave one of them out`},
		{"a new pull request's reviewer with version 0", set("skip-reviewer-request", "true", "create-pr", "true", "api-version", "v0"), `input skip-reviewer-request: needs api-version: v1, because API v0 asks for a review of every pull request that the key's owner opens: set that, or set open-as-cursor-github-app: true`},
		{"the starting branch with version 0", set("work-on-current-branch", "true", "api-version", "v0"), `input work-on-current-branch: needs api-version: v1, because API v0 pushes to an existing branch only where that is a pull request's: set that, or name the pull request in pull-request`},
		{"an environment with version 0", set("environment", "web", "api-version", "v0"), `input environment: needs api-version: v1, because API v0 runs agents on Cursor's own machines only: set that, or leave it out`},
		{"MCP servers with version 0", set("mcp-servers", `[{"name": "a", "command": "x"}]`, "api-version", "v0"), `input mcp-servers: needs api-version: v1, because API v0 takes no MCP servers: set that, or leave it out`},
		{"parameters of a model with version 0", set("model", "composer?fast=true", "api-version", "v0"), `input model: needs api-version: v1, because API v0 takes a model's id alone: set that, or leave the parameters out`},
		{"a plan with version 0", set("agent-mode", "plan", "api-version", "v0"), `input agent-mode: needs api-version: v1, because API v0 has no plan mode: set that, or ask for a plan in the prompt`},
		{"an image's address with version 0", set("images", "https://x.example/a", "api-version", "v0"), `input images: needs api-version: v1, because API v0 fetches no images: set that, or give files of the workspace in place of addresses`},
		{"no repository with version 0", set("repo", "shop", "api-version", "v0"), `input repo: "shop" is not a repository: write owner/name or https://HOST/owner/name`},
		{"two things at once", set("timeout", "10", "wait", "maybe"), `2 inputs are wrong: wait: "maybe" is neither true nor false: write true or false; timeout: "10" has no unit: write 10s, 10m or 10h`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, simulator.Config{})
			test.prepare(s)
			status := s.run(t.Context())
			want := "::error::" + strings.ReplaceAll(test.want, "%", "%25")
			if !strings.HasSuffix(want, ": ") {
				want += "; nothing was launched"
			}
			got := s.logged()
			if got != want+"\n" && !(strings.HasSuffix(want, ": ") && strings.HasPrefix(got, want) && strings.Count(got, "\n") == 1) {
				t.Errorf("log:\n got %s\nwant %s", got, want)
			}
			if status != 2 {
				t.Errorf("exit status: got %d, want 2", status)
			}
			if requests := s.api.Requests(); len(requests) > 0 {
				t.Errorf("requests were sent: %+v", requests)
			}
			if outputs := s.outputs(); len(outputs) > 0 {
				t.Errorf("outputs were set: %v", outputs)
			}
			if !strings.Contains(s.summary(), "nothing was launched") {
				t.Errorf("the summary does not say that nothing was launched:\n%s", s.summary())
			}
			s.noSecret()
		})
	}
}

func set(pairs ...string) func(*workflowStep) {
	return func(s *workflowStep) { s.with(pairs...) }
}

func TestAKeyIsTakenAsPeoplePasteIt(t *testing.T) {
	for _, pasted := range []string{key + "\n", "\"" + key + "\"", " '" + key + "' ", "`" + key + "`"} {
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, simulator.Config{}).with("api-key", pasted)
			if status := s.run(t.Context()); status != 0 {
				t.Errorf("exit status with %q: %d\n%s", pasted, status, s.logged())
			}
			s.noSecret()
		})
	}
}
