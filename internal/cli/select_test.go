package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// Nothing is asked of the API, and nothing is changed, when it is not clear
// which agents are meant.
func TestASelectionThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	const id = "bc-00000000-0000-0000-0000-000000000001"
	// An agent of API v0 that was launched long ago may have got a follow-up just now.
	const noAge = "needs api-version: v1, because API v0 tells when an agent was launched and not when something last happened to it: set that, or select agents by name, by pull-request or by their ids"
	for _, test := range []struct {
		name, command string
		inputs        []string
		want          string
	}{
		{"nothing", "cancel", nil, "input agent-id: is empty, and so are name, pull-request and older-than: say which agents to cancel, because none never means all"},
		{"nothing but white space", "delete", []string{"agent-id", " \n", "name", "  "}, "input agent-id: is empty, and so are name, pull-request and older-than: say which agents to delete, because none never means all"},
		{"commas only", "archive", []string{"agent-id", ",,"}, "input agent-id: has no id in it: write bc- and a UUID"},
		{"no id", "archive", []string{"agent-id", "bc-1"}, `input agent-id: "bc-1" is not an agent's id: write bc- and a UUID, and several of them in lines or with commas`},
		{"a page of no agent", "delete", []string{"agent-id", "https://cursor.com/agents/"}, `input agent-id: "https://cursor.com/agents/" is not an agent's id: write bc- and a UUID, and several of them in lines or with commas`},
		{"a path", "delete", []string{"agent-id", id + "/../x"}, `input agent-id: "` + id + `/../x" is not an agent's id: write bc- and a UUID, and several of them in lines or with commas`},
		{"ids and more", "cancel", []string{"agent-id", id, "name", "Fix", "older-than", "1h"}, "input agent-id: stands with name and older-than: leave one of them out"},
		{"no age", "archive", []string{"older-than", "30"}, `input older-than: "30" has no unit: write 30s, 30m or 30h`},
		{"an age that is none", "archive", []string{"older-than", "0s"}, `input older-than: "0s" is too short: write 1m or more`},
		{"an age that API v0 does not tell", "delete", []string{"older-than", "30d", "api-version", "v0"}, "input older-than: " + noAge},
		{"nor does it to a list", "list", []string{"older-than", "30d", "api-version", "v0"}, "input older-than: " + noAge},
		{"no current pull request", "delete", []string{"pull-request", "current"}, `input pull-request: is current, but the event "push" is not about a pull request: write its number or address`},
		{"a bad repository", "delete", []string{"pull-request", "7", "repo", "shop"}, `input repo: "shop" is not a repository: write owner/name or https://HOST/owner/name`},
		{"no limit", "delete", []string{"name", "Fix", "limit", "0"}, `input limit: "0" is not a whole number from 1 to 10000: write one`},
		{"no key, in a dry run too", "list", []string{"api-key", "", "dry-run", "true"}, "input api-key: is empty: create a key at https://cursor.com/dashboard/api and pass it as ${{ secrets.CURSOR_API_KEY }}; workflows on pull requests from forks get no secrets"},
		{"a folder outside", "delete", []string{"agent-id", id, "artifacts", "../x"}, `input artifacts: path "../x" leaves the folder: name a file below the folder`},
		{"reap finds them itself", "reap", []string{"name", "Fix", "github-token", githubToken}, "input name: does not go with command: reap, which finds the agents by itself: leave it out"},
		{"a gate", "cancel", []string{"agent-id", id, "trigger-phrase", "/stop"}, "input trigger-phrase: " + noGate("cancel")},
		{"a permission", "delete", []string{"agent-id", id, "required-permission", "admin"}, "input required-permission: " + noGate("delete")},
		{"a label", "archive", []string{"agent-id", id, "trigger-label", "archive"}, "input trigger-label: " + noGate("archive")},
		{"bots", "list", []string{"allow-bots", "renovate"}, "input allow-bots: " + noGate("list")},
		{"limits", "reap", []string{"github-token", githubToken, "max-agents-per-pr", "3", "max-consecutive", "2", "cooldown", "5m"},
			"3 inputs are wrong: max-agents-per-pr: " + noGate("reap") + "; max-consecutive: " + noGate("reap") + "; cooldown: " + noGate("reap")},
		{"reap needs a token", "reap", nil, "input github-token: is empty: leave it at its default, ${{ github.token }}, and give the job permissions: actions: read"},
		{"reap needs a workflow", "reap", []string{"github-token", githubToken, "GITHUB_RUN_ID", ""}, "input command: is reap, which asks GitHub about the workflow runs of this repository, but GITHUB_REPOSITORY or GITHUB_RUN_ID is not set: run it as a step of a workflow"},
		{"GitHub's address", "reap", []string{"github-token", githubToken, "GITHUB_API_URL", "ftp://x"}, "reap: GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com"},
		{"no place for the results", "list", []string{"GITHUB_OUTPUT", ""}, "list: GITHUB_OUTPUT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := simulator.New(simulator.Config{})
			defer api.Close()
			s := command(t, api, test.command, test.inputs...)
			if status := s.run(t.Context()); status != 2 {
				t.Errorf("exit status %d, want 2", status)
			}
			want := "::error::" + test.want + "; nothing was changed"
			if last := s.lastLine(); last != want && (test.name != "no place for the results" || !strings.HasPrefix(last, "::error::"+test.want)) {
				t.Errorf("last line\n got %s\nwant %s", last, want)
			}
			if n := len(api.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
			if !strings.Contains(s.summary(), "## ❌ "+test.command+": nothing was changed\n") {
				t.Errorf("summary:\n%s", s.summary())
			}
		})
	}
}

func TestAgentsAreSelectedByTheirPullRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := mixed(t)
		config.Scenario.PullRequest = simulator.PullRequest{Open: true, Number: 8}
		api := simulator.New(config)
		defer api.Close()
		launch(t, api, "Fix the seventh", "pull-request", "7")
		launch(t, api, "Fix and open the eighth", "create-pr", "true")
		launch(t, api, "Fix another shop's", "pull-request", "https://github.com/acme/web/pull/7")
		time.Sleep(time.Minute)
		for _, test := range []struct {
			inputs []string
			want   string
		}{
			{[]string{"pull-request", "#7"}, "[Fix the seventh]"},
			{[]string{"pull-request", "https://github.com/acme/shop/pull/8"}, "[Fix and open the eighth]"},
			{[]string{"pull-request", "7", "repo", "acme/web"}, "[Fix another shop's]"},
			{[]string{"pull-request", "9"}, "[]"},
			{[]string{"pull-request", "7", "name", "Mend"}, "[]"},
			{nil, "[Fix another shop's Fix and open the eighth Fix the seventh]"},
			{[]string{"older-than", "1h"}, "[]"},
		} {
			s := command(t, api, "list", test.inputs...)
			if status := s.run(t.Context()); status != 0 {
				t.Errorf("%v: exit status %d\n%s", test.inputs, status, s.logged())
			}
			names := []string{}
			for _, one := range s.results() {
				name, _, _ := strings.Cut(one.Name, " [gh-")
				names = append(names, name)
			}
			if diff := cmp.Diff(test.want, fmt.Sprint(names)); diff != "" {
				t.Errorf("%v: agents (-want +got):\n%s", test.inputs, diff)
			}
		}
	})
}

// The server's clock decides how old an agent is, whatever ours says.
func TestAgesAreOfTheServersClock(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.ServerClockOffset = -48 * time.Hour
	after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, _ []string) {
		s := command(t, api, "list", "older-than", "1h")
		if status := s.run(t.Context()); status != 0 || len(s.results()) != 0 {
			t.Errorf("exit status %d, results %v", status, s.outcomes())
		}
	})
}

// noGate is what a command says of an input of the gate, which is not asked about it.
func noGate(command string) string {
	return "does not go with command: " + command + ", which has no gate (the condition belongs into the job's if): leave it out"
}
