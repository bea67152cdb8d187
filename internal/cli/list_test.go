package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestAListShowsAgentsWithTheirLatestRunNewestFirst(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Scenario.PullRequest.Open = true
	after(t, config, 5*time.Minute, []string{"Fix it", "slow", "error"}, func(t *testing.T, api *simulator.Server, ids []string) {
		if status := command(t, api, "archive", "agent-id", ids[0]).run(t.Context()); status != 0 {
			t.Fatalf("archive: exit status %d", status)
		}
		s := command(t, api, "list", "dry-run", "true") // It changes nothing anyway.
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		names := map[string]string{}
		for _, agent := range api.Agents() {
			names[agent.ID] = agent.Name
		}
		want := fmt.Sprintf("%s  ERROR      %s\n%s  RUNNING    %s\n%s  FINISHED   %s\nlist: 3 agents\n",
			ids[2], names[ids[2]], ids[1], names[ids[1]], ids[0], names[ids[0]])
		if diff := cmp.Diff(want, s.logged()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		got := s.results()[2]
		if got.ID != ids[0] || !got.Archived || got.URL != "https://cursor.com/agents/"+ids[0] || !strings.HasPrefix(got.RunID, "run-") || got.Branch == "" || got.CreatedAt == "" || got.UpdatedAt == "" || got.Did != "" {
			t.Errorf("result: %+v", got)
		}
		for _, part := range []string{"## ✅ list: 3 agents\n", "| agent | latest run | changed | pull request |\n", "](https://cursor.com/agents/" + ids[0] + ") (archived) | `FINISHED` | just now |  |\n", " | `RUNNING` | 4 m ago |  |\n"} {
			if !strings.Contains(s.summary(), part) {
				t.Errorf("the summary lacks %q:\n%s", part, s.summary())
			}
		}
		s.noSecret()
	})
}

func TestALimitedListSaysThatThereIsMore(t *testing.T) {
	t.Parallel()
	after(t, mixed(t), time.Minute, []string{"Fix 0", "Fix 1", "Fix 2"}, func(t *testing.T, api *simulator.Server, ids []string) {
		for _, inputs := range [][]string{{"limit", "2"}, {"limit", "2", "agent-id", strings.Join([]string{ids[2], ids[1], ids[0]}, "\n")}} {
			s := command(t, api, "list", inputs...)
			if status := s.run(t.Context()); status != 0 || len(s.results()) != 2 || s.results()[1].ID != ids[1] {
				t.Errorf("exit status %d, results %v", status, s.outcomes())
			}
			const note = "there are more agents than the first 2: raise limit to see them"
			if !strings.Contains(s.logged(), "::warning::list: "+note+"\n") || !strings.Contains(s.summary(), "\n\n"+note+"\n") {
				t.Errorf("log:\n%s\nsummary:\n%s", s.logged(), s.summary())
			}
		}
	})
}

func TestAListThatCantBeReadSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		fault  simulator.Fault
		inputs []string
		status int
		want   string // of the last line, after the request's id
	}{
		{"a wrong key", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"}}, nil, 1,
			"put a key of a user or a service account, not of a team admin, into the secret behind api-key: https://cursor.com/dashboard/api"},
		{"no plan", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 403, Code: "plan_required", Message: "no"}}, nil, 1,
			"upgrade the plan of the key's account at https://cursor.com/dashboard"},
		{"forbidden", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 403, Shape: "html"}}, nil, 1,
			"use the key of the agent's owner: this one may not do that"},
		{"throttled", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "900"}}, nil, 1,
			"select fewer agents, or run the step again later, which does what is left"},
		{"another API", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 404, Shape: "empty"}}, nil, 1,
			"check api-url: it must be the API's own address"},
		{"odd", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 400, Code: "validation_error", Message: "no"}}, nil, 1,
			"run the step again, which does what is left"},
		{"away", simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 503, Shape: "empty"}}, nil, 1,
			"see https://status.cursor.com for the state of Cursor's API, and run the step again, which does what is left"},
		{"nobody there", simulator.Fault{Operation: "listAgents", Reset: "before"}, nil, 1,
			"check api-url and the runner's network, and run the step again, which does what is left"},
		{"too slow", simulator.Fault{Operation: "listAgents", Delay: time.Minute}, []string{"timeout", "5s"}, 124,
			"raise timeout, or run the step again later"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			config.Scenario.Faults = []simulator.Fault{test.fault}
			after(t, config, 0, nil, func(t *testing.T, api *simulator.Server, _ []string) {
				s := command(t, api, "list", test.inputs...)
				if status := s.run(t.Context()); status != test.status {
					t.Errorf("exit status %d, want %d\n%s", status, test.status, s.logged())
				}
				last := s.lastLine()
				if !strings.HasPrefix(last, "::error::list: list agents: GET /v1/agents: ") || !strings.HasSuffix(last, "; nothing was changed; "+test.want) {
					t.Errorf("last line: %s", last)
				}
			})
		})
	}
}

func TestAnAgentThatCantBeReadIsListedAsFailed(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Scenario.Faults = []simulator.Fault{{Operation: "getRun", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 404, Code: "run_not_found", Message: "Run not found"}}}
	after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
		s := command(t, api, "list")
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d, want 1", status)
		}
		if got := s.results()[0]; got.ID != ids[0] || !strings.HasPrefix(got.Error, "get run: GET /v1/agents/"+ids[0]+"/runs/") {
			t.Errorf("result %+v", got)
		}
	})
}

// The name of an agent is its prompt's, and a prompt is an issue's.
func TestHostileNamesDoNothing(t *testing.T) {
	t.Parallel()
	names := []string{
		"x\n::error::forged\r\n::set-output name=a::b", "##[error]forged", "| x | <img src=x onerror=alert(1)> @octocat #1 [a](https://evil.example)",
		"\x1b[31mred\u202e", strings.Repeat("é", 5000), "x\u2028::error::forged", "", key,
	}
	config := simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{{Text: "Done."}}}}
	after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
		for _, name := range names {
			renamed := stepThrough(command(t, api, "list"), func(body string) string {
				return strings.Replace(body, `"name":"`+jsonText(api.Agents()[0].Name), `"name":"`+jsonText(name), 1)
			})
			if status := renamed.run(t.Context()); status != 0 {
				t.Fatalf("%q: exit status %d\n%s", name, status, renamed.logged())
			}
			lines := strings.Split(strings.TrimSuffix(renamed.logged(), "\n"), "\n")
			if len(lines) != 2 || lines[1] != "list: 1 agent" || !strings.HasPrefix(lines[0], ids[0]+"  FINISHED") || len(lines[0]) > 1200 || !utf8.ValidString(lines[0]) {
				t.Errorf("%q: log %q", name, lines)
			}
			for _, bad := range []string{"##[", "\x1b", "\u202e", "<img", "@octocat", "](https://evil"} {
				if strings.Contains(renamed.summary(), bad) || bad != "<img" && bad != "@octocat" && bad != "](https://evil" && strings.Contains(renamed.logged(), bad) {
					t.Errorf("%q: %q stands in\n%s\n%s", name, bad, renamed.logged(), renamed.summary())
				}
			}
			if n := strings.Count(renamed.summary(), "\n|"); n != 3 {
				t.Errorf("%q: the table has %d lines:\n%s", name, n, renamed.summary())
			}
			if len(renamed.results()) != 1 || len(renamed.outputs()) != 1 {
				t.Errorf("%q: outputs %v", name, renamed.outputs())
			}
			renamed.noSecret()
		}
	})
}
