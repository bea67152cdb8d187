package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestABranchAndItsPullRequestFollowFromRequestAndScenario(t *testing.T) {
	t.Parallel()
	const repo = `"repos":[{"url":"https://github.com/acme/widgets","startingRef":"develop"}]`
	const pull = `"repos":[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/pull/12"}]`
	open := simulator.PullRequest{Open: true, Number: 7}
	tests := []struct {
		name   string
		fields string
		branch string
		pr     simulator.PullRequest
		prompt string
		want   string // branch and pull request
	}{
		{name: "new branch, pull request asked for", fields: repo + `,"autoCreatePR":true`, branch: "auto", pr: open,
			want: "cursor/fix-it-a1b2 https://github.com/acme/widgets/pull/7"},
		{name: "pull request not asked for", fields: repo, branch: "auto", pr: open, want: "cursor/fix-it-a1b2 "},
		{name: "pull request never opened", fields: repo + `,"autoCreatePR":true`, branch: "auto", want: "cursor/fix-it-a1b2 "},
		{name: "number from the agent's id", fields: repo + `,"autoCreatePR":true`, branch: "auto", pr: simulator.PullRequest{Open: true},
			want: "cursor/fix-it-a1b2 https://github.com/acme/widgets/pull/176"},
		{name: "URL from the scenario", fields: repo + `,"autoCreatePR":true`, branch: "auto", pr: simulator.PullRequest{Open: true, URL: "https://ghe.example/a/b/pull/1"},
			want: "cursor/fix-it-a1b2 https://ghe.example/a/b/pull/1"},
		{name: "branch from the scenario", fields: repo, branch: "feature/x", want: "feature/x "},
		{name: "nothing pushed", fields: repo + `,"autoCreatePR":true`, pr: open, want: " "},
		{name: "current branch", fields: repo + `,"workOnCurrentBranch":true`, branch: "auto", want: "develop "},
		{name: "current branch of a pull request", fields: pull + `,"workOnCurrentBranch":true`, branch: "auto",
			want: "pull/12/head https://github.com/acme/widgets/pull/12"},
		{name: "new branch from a pull request", fields: pull + `,"autoCreatePR":true`, branch: "auto", pr: open,
			want: "cursor/fix-it-a1b2 https://github.com/acme/widgets/pull/7"},
		{name: "current branch without ref", fields: `"repos":[{"url":"github.com/acme/widgets"}],"workOnCurrentBranch":true`, branch: "auto", want: "main "},
		{name: "named environment", fields: `"env":{"type":"cloud","name":"Web"},"autoCreatePR":true`, branch: "auto", pr: open,
			want: "cursor/fix-it-a1b2 https://github.com/acme/widgets/pull/7"},
		{name: "current branch of a named environment", fields: `"env":{"type":"cloud","name":"Web"},"repos":[],"workOnCurrentBranch":true`, branch: "auto",
			want: "main "},
		{name: "prompt without a word", fields: repo, branch: "auto", prompt: "修复!", want: "cursor/agent-a1b2 "},
		{name: "long prompt", fields: repo, branch: "auto", prompt: "a b c d e f g h i j", want: "cursor/a-b-c-d-e-f-a1b2 "},
		{name: "long words", fields: repo, branch: "auto", prompt: "internationalisation of documentation everywhere",
			want: "cursor/internationalisation-of-documentation-a1b2 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := simulator.Scenario{Name: "push", Duration: time.Second, Branch: test.branch, PullRequest: test.pr}
			bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
				if test.prompt == "" {
					test.prompt = "Fix it"
				}
				c.want(http.StatusCreated, "POST", "/v1/agents",
					`{"agentId":"`+agentID+`","prompt":{"text":`+quote(test.prompt)+`},`+test.fields+`}`)
				time.Sleep(2 * time.Second)
				a := c.server.Agents()[0]
				diff(t, "pushed", test.want, a.Branch+" "+a.PRURL)
			})
		})
	}
}

func TestALatePullRequestShowsLate(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.PRAfter = 6 * time.Second
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		pull := func() string {
			git := decode[struct {
				Git struct {
					Branches []struct{ Branch, PrURL string }
				}
			}](t, c.want(http.StatusOK, "GET", run, "").Body).Git
			if len(git.Branches) == 0 {
				return "no branch"
			}
			return git.Branches[0].PrURL
		}
		time.Sleep(999 * time.Millisecond)
		diff(t, "before the end", "no branch", pull())
		time.Sleep(2 * time.Millisecond)
		diff(t, "at the end", "", pull())
		diff(t, "agents of the pull request", `{"items":[]}`,
			c.want(http.StatusOK, "GET", "/v1/agents?prUrl=https://github.com/acme/widgets/pull/7", "").Body)
		time.Sleep(5998 * time.Millisecond)
		diff(t, "almost six seconds later", "", pull())
		time.Sleep(2 * time.Millisecond)
		diff(t, "six seconds later", "https://github.com/acme/widgets/pull/7", pull())
	})
}

func TestAFollowUpPushesToTheSameBranchAndPullRequest(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(2 * time.Second)
		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"More"}}`)
		time.Sleep(2 * time.Second)
		want := `"git":{"branches":[{"repoUrl":"github.com/acme/widgets","branch":"cursor/fix-the-flaky-test-in-internal-a1b2","prUrl":"https://github.com/acme/widgets/pull/7"}]}`
		for i, path := range []string{run, c.runPath(1)} {
			// git is the agent's, so both runs show the same.
			if got := c.want(http.StatusOK, "GET", path, "").Body; got[len(got)-len(want)-1:len(got)-1] != want {
				t.Errorf("run %d: %s\ndoes not end in %s", i, got, want)
			}
		}
	})
}

func TestAPullRequestOpensOnlyWhenAFollowUpScenarioOpensIt(t *testing.T) {
	t.Parallel()
	first := simulator.Scenario{Name: "first", Branch: "auto", Duration: time.Second}
	second := short()
	second.Match = "open it"
	first.Variants = []simulator.Scenario{second}
	bubble(t, simulator.Config{Scenario: first}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(2 * time.Second)
		diff(t, "first run", "", c.server.Agents()[0].PRURL)
		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"Now open it"}}`)
		time.Sleep(2 * time.Second)
		diff(t, "second run", "https://github.com/acme/widgets/pull/7", c.server.Agents()[0].PRURL)
	})
}

func TestPullRequestNumbersDependOnTheAgentOnly(t *testing.T) {
	t.Parallel()
	pulls := map[string]bool{}
	for i := range 3 {
		scenario := short()
		scenario.PullRequest.Number = 0
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			c.want(http.StatusCreated, "POST", "/v1/agents", fmt.Sprintf(
				`{"agentId":"bc-00000000-0000-0000-0000-00000000000%d","prompt":{"text":"x"},"repos":[{"url":"github.com/a/b"}],"autoCreatePR":true}`, i%2))
			time.Sleep(2 * time.Second)
			pulls[c.server.Agents()[0].PRURL] = true
		})
	}
	if len(pulls) != 2 {
		t.Errorf("two agents opened %d different pull requests: %v", len(pulls), pulls)
	}
}
