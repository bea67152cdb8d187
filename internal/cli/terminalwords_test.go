package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cli"
	"cursor-agent-action/internal/simulator"
)

// workflowWords finds what a terminal's words must not have: an input that is no
// flag there, and what only a workflow has. What an agent said is not looked at.
func workflowWords(said string) []string {
	var dashed, plain []string
	for _, name := range cli.InputNames(func(string) string { return "" }) {
		if strings.Contains(name, "-") {
			dashed = append(dashed, name)
		} else {
			plain = append(plain, name)
		}
	}
	inputs, names := strings.Join(dashed, "|"), strings.Join(plain, "|")
	patterns := []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b(jobs?|steps?|workflows?|re-runs?|runner('s)?|cleanup|GITHUB_[A-Z_]+|outputs?|inputs?)\b`),
		regexp.MustCompile(`(^|[^-\w])(` + inputs + `)\b`),
		regexp.MustCompile(`\b(set|raise|check|correct|leave|then|another|in|and) (` + names + `)\b( out|:|,|;|$| to| is| and)`),
		regexp.MustCompile(`\b((` + names + `): (true|false|cancel|leave|new|launch|current)|command: \w)`),
	}
	var found []string
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "  | ") || strings.HasPrefix(line, "  > ") {
			continue
		}
		for _, pattern := range patterns {
			if word := pattern.FindString(line); word != "" {
				found = append(found, fmt.Sprintf("%q in: %s", word, line))
			}
		}
	}
	return found
}

// asTyped is a diagnosis of a step as a command that a person types.
func asTyped(d diagnosis) (args []string, env map[string]string) {
	env = map[string]string{}
	args = []string{"run", "--repo", "acme/shop", "--ref", "main"}
	for i := 0; i < len(d.inputs); i += 2 {
		name, value := d.inputs[i], d.inputs[i+1]
		switch {
		case name == "env-vars":
			variable, content, _ := strings.Cut(value, "=")
			env[variable] = content
			args = append(args, "--env-vars", variable)
		case name == strings.ToLower(name):
			args = append(args, "--"+name+"="+value)
		case name == "GITHUB_RUN_ATTEMPT":
			args = append(args, "--idempotency-key", "again")
		default:
			env[name] = value
		}
	}
	return append(args, "Fix the flaky test."), env
}

func TestNoEndOfACommandSpeaksOfAWorkflow(t *testing.T) {
	t.Parallel()
	for _, d := range diagnoses() {
		for _, more := range [][]string{nil, {"--cancel-on-interrupt", "--on-timeout=cancel"}} {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					plays := d.plays
					if plays == "" {
						plays = "slow"
					}
					config := scenario(t, plays)
					config.Scenario.Faults = append(config.Scenario.Faults, d.faults...)
					if d.edit != nil {
						d.edit(&config)
					}
					api := simulator.New(config)
					defer api.Close()
					args, env := asTyped(d)
					ctx := t.Context()
					if d.signal > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, d.signal)
						defer cancel()
					}
					network := http.RoundTripper(api.Transport())
					if d.network != nil {
						network = d.network
					}
					got := typeOver(ctx, t, network, 0, env, slices.Concat(args[:5], more, args[5:])...)
					said := got.out.String() + got.err.String()
					if words := workflowWords(said); len(words) > 0 || strings.Count(said, "\n") == 0 {
						t.Errorf("%s\n%s", strings.Join(words, ""), said)
					}
				})
			})
		}
	}
}

// refusals are answers of the API that need different remedies.
func refusals() []simulator.Answer {
	var all []simulator.Answer
	for code, status := range map[string]int{
		"unauthorized": 401, "plan_required": 403, "role_forbidden": 403, "feature_unavailable": 403, "service_account_required": 403,
		"integration_not_connected": 403, "team_admin_required": 403, "key_not_supported": 403, "repository_access": 400,
		"validation_error": 400, "invalid_model": 400, "invalid_branch_name": 400, "repository_required": 400, "pr_resolution_failed": 400,
		"environment_not_found": 404, "agent_not_found": 404, "run_not_found": 404, "agent_busy": 409, "agent_archived": 409,
		"usage_limit_exceeded": 429, "not_implemented": 501,
	} {
		all = append(all, simulator.Answer{Status: status, Code: code, Message: "No."})
	}
	for _, status := range []int{302, 400, 403, 404, 407, 409, 418, 500} {
		all = append(all, simulator.Answer{Status: status, Shape: "empty"})
	}
	return append(all,
		simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to verify existence of branch 'main' in repository acme/shop."},
		simulator.Answer{Status: 400, Code: "error", Message: "[invalid_argument] Error"},
		simulator.Answer{Status: 403, Code: "error", Message: "You've reached the limit"},
	)
}

func TestNoRemedyAtATerminalSpeaksOfAWorkflow(t *testing.T) {
	t.Parallel()
	for _, command := range []struct {
		op   string
		args []string
	}{
		{"createAgent", []string{"run", "--repo", "acme/shop", "--ref", "main", "--model", "nope", "Fix it"}},
		{"createAgent", []string{"run", "--repo", "git.example.com/acme/shop", "--ref", strings.Repeat("a1", 20), "Fix it"}},
		{"createRun", []string{"follow-up", agentA, "More"}},
		{"createRun", []string{"follow-up", "--on-busy", "fail", agentA, "More"}},
		{"getAgent", []string{"watch", agentA}},
		{"getAgent", []string{"show", agentA}},
		{"getRun", []string{"watch", agentA}},
		{"listAgents", []string{"list"}},
		{"getRun", []string{"list"}},
		{"cancelRun", []string{"cancel", agentA}},
		{"deleteAgent", []string{"delete", "--artifacts", "out", agentA}},
		{"archiveAgent", []string{"archive", agentA}},
		{"listModels", []string{"models"}},
		{"listArtifacts", []string{"artifacts", agentA}},
		{"listArtifacts", []string{"delete", "--artifacts", "out", agentA}},
	} {
		for _, answer := range refusals() {
			t.Run(strings.Join(command.args, " ")+fmt.Sprint(" ", answer.Status, " ", answer.Code), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					config := conversing(time.Second, simulator.Fault{Operation: command.op, Answer: &answer})
					s := newStep(t, config)
					if command.op != "createAgent" {
						othersOf(t, s.api).agent("a", shop())
						time.Sleep(time.Minute)
					}
					got := typeCommand(t.Context(), t, s.api, 0, nil, command.args...)
					said := got.out.String() + got.err.String()
					if words := workflowWords(said); len(words) > 0 {
						t.Errorf("%s\n%s", strings.Join(words, ""), said)
					}
				})
			})
		}
	}
}

func TestNoRefusedFlagSpeaksOfAWorkflow(t *testing.T) {
	t.Parallel()
	run := func(more ...string) []string {
		return append([]string{"run", "--repo", "acme/shop", "--ref", "main", "Fix it"}, more...)
	}
	for _, args := range [][]string{
		run("--branch", "x"), run("--open-as-cursor-github-app", "--create-pr"),
		run("--api-version", "v0", "--agent-mode", "plan"), run("--api-version", "v0", "--mcp-servers", `{"mcpServers":{"a":{"url":"https://example.com"}}}`),
		run("--api-version", "v0", "--work-on-current-branch"), run("--api-version", "v0", "--create-pr", "--skip-reviewer-request"),
		run("--api-version", "v0", "--env-vars", "TOKEN"), run("--api-version", "v0", "--name", "x"), run("--api-version", "v0", "--model", "a?b=c"),
		run("--api-version", "v0", "--images", "https://example.com/a.png"), run("--api-version", "v0", "--max-tokens", "5"),
		run("--api-version", "v0", "--environment", "x"), run("--api-version", "v9"),
		run("--skip-reviewer-request"), run("--open-as-cursor-github-app", "--api-version", "v0"), run("--wait=false", "--max-tokens", "5"),
		run("--pull-request", "5"), run("--fail-on", "none,expired"), run("--fail-on", "nothing"), run("--timeout", "x"), run("--on-timeout", "x"),
		run("--prompt-file", "a.md"), run("--prompt-file", "../a.md"), run("--images", "a.txt"), run("--result-schema", "{"), run("--result-schema", "none.json"),
		run("--artifacts", "../x"), run("--environment", "x"), run("--api-url", "ftp://x"), run("--branch", "x", "--work-on-current-branch", "--api-version", "v0"),
		{"run", "--repo", "acme/shop", "Fix it"}, {"run", "Fix it"}, {"run", "--repo", "acme/shop", "--ref", "refs/tags/x", "Fix it"}, {"run", "--repo", "x", "--ref", "main"},
		{"run", "--repo", "acme/shop", "--pull-request", "https://github.com/acme/web/pull/1", "Fix"},
		{"follow-up", "More"}, {"follow-up", agentA}, {"follow-up", "--pull-request", "7", agentA, "More"}, {"follow-up", "--pull-request", "current", "More"},
		{"follow-up", "--on-busy", "x", agentA, "More"}, {"follow-up", "--wait=false", "--max-tokens", "5", agentA, "More"}, {"follow-up", "--api-version", "v0", "--agent-mode", "plan", agentA, "More"},
		{"watch"}, {"watch", "--api-version", "v0", "--max-tokens", "4", agentA}, {"list", "--older-than", "x"}, {"list", "--pull-request", "x"},
		{"archive", "--api-version", "v0", agentA}, {"cancel"}, {"delete", "--name", "x", agentA}, {"cancel", "--limit", "0", "--name", "x"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			api := simulator.New(simulator.Config{})
			defer api.Close()
			got := typeCommand(t.Context(), t, api, 0, map[string]string{"TOKEN": "abcdefgh"}, args...)
			said := got.err.String()
			if got.status != 2 || got.out.String() != "" || strings.Count(said, "\n") != 1 {
				t.Errorf("exit status %d\n%s%s", got.status, got.out.String(), said)
			}
			if words := workflowWords(strings.ReplaceAll(said, "end of JSON input", "")); len(words) > 0 {
				t.Error(strings.Join(words, ""))
			}
		})
	}
}
