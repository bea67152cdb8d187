package cli_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestEachEndOfAnAgentIsToldTruly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, scenario string
		inputs         []string
		status         int
		outcome        string
		last           string // the log's last line; ID and URL stand for the agent's
	}{
		{"a pull request", "happy", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after 4.0s: PR"},
		{"a branch", "happy", nil, 0, "succeeded", "succeeded after 4.0s: branch BRANCH"},
		{"an answer only", "question", nil, 0, "succeeded", "succeeded after TIME: URL"},
		{"a pull request that is late", "late-pr", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"a pull request that never comes", "pr-never", []string{"create-pr", "true"}, 1, "pr-missing", "::error::pr-missing: the agent pushed the branch BRANCH, but no pull request was there 30s after its end; nothing is left running: URL; open one from the branch, or ask the agent to"},
		{"the same, tolerated", "pr-never", []string{"create-pr", "true", "fail-on", "none"}, 0, "pr-missing", "::warning::pr-missing: the agent pushed the branch BRANCH, but no pull request was there 30s after its end; nothing is left running: URL; open one from the branch, or ask the agent to"},
		{"nothing pushed", "no-changes", []string{"create-pr", "true"}, 0, "no-changes", "no-changes: the agent finished and pushed nothing; nothing is left running: URL; read its answer, because it may have found nothing to change"},
		{"nothing pushed, which is not wanted", "no-changes", []string{"create-pr", "true", "fail-on", "no-changes"}, 1, "no-changes", "::error::no-changes: the agent finished and pushed nothing; nothing is left running: URL; read its answer, because it may have found nothing to change"},
		{"an error", "error", nil, 1, "agent-error", "::error::agent-error: the agent failed, and Cursor gives no reason; nothing is left running: URL; read its conversation there, and run the job again, which launches a new agent"},
		{"an expired run", "expired", nil, 1, "expired", "::error::expired: Cursor gave the run up before it finished; nothing is left running: URL; run the job again, which launches a new agent, and give it a smaller task if that repeats"},
		{"a lost create", "lost-create", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"a stream that drops", "stream-drops", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"a throttled API", "throttled", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"a stream of garbage", "stream-garbage", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"no stream at all", "no-stream", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"looks that lag behind", "lagging", []string{"create-pr", "true"}, 0, "succeeded", "succeeded after TIME: PR"},
		{"no usage", "no-usage", nil, 0, "succeeded", "succeeded after TIME: branch BRANCH"},
		{"not waited for", "slow", []string{"wait", "false"}, 0, "launched", "launched, and not waited for, as wait: false asks: URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, scenario(t, test.scenario)).with(test.inputs...)
				status := s.run(t.Context())
				if status != test.status {
					t.Errorf("exit status: got %d, want %d\n%s", status, test.status, s.logged())
				}
				outputs := s.outputs()
				if outputs["outcome"] != test.outcome {
					t.Errorf("outcome: got %q, want %q", outputs["outcome"], test.outcome)
				}
				last := s.lastLine()
				if strings.Contains(test.last, "TIME") {
					_, rest, _ := strings.Cut(last, ": ")
					last = "succeeded after TIME: " + rest
				}
				want := strings.NewReplacer("URL", outputs["agent-url"], "BRANCH", outputs["branch"], "PR", outputs["pr-url"]).Replace(test.last)
				if last != want {
					t.Errorf("last line:\n got %s\nwant %s", last, want)
				}
				if got := s.creates(); test.scenario != "lost-create" && test.scenario != "throttled" && got != 1 {
					t.Errorf("%d creates, want 1", got)
				}
				if agents := s.api.Agents(); len(agents) != 1 {
					t.Errorf("%d agents were launched, want 1", len(agents))
				}
				s.noSecret()
			})
		})
	}
}

func TestTheOutputsHoldEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Newer = true
		s := newStep(t, config).with("create-pr", "true", "artifacts", "out/files")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		agent := s.api.Agents()[0]
		result := agent.Runs[0].Result
		got := s.outputs()
		var all map[string]any
		if err := json.Unmarshal([]byte(got["result-json"]), &all); err != nil {
			t.Fatalf("result-json: %v", err)
		}
		number := agent.PRURL[strings.LastIndex(agent.PRURL, "/")+1:]
		prNumber, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"agent-id":       agent.ID,
			"agent-url":      "https://cursor.com/agents/" + agent.ID,
			"run-id":         agent.Runs[0].ID,
			"status":         "FINISHED",
			"outcome":        "succeeded",
			"branch":         agent.Branch,
			"pr-url":         agent.PRURL,
			"pr-number":      number,
			"pr-verified":    "false",
			"result":         result,
			"duration-ms":    "3950",
			"total-tokens":   "36170",
			"cost-cents":     "4.2",
			"attached":       "false",
			"artifacts-path": "out/files",
			"result-json":    got["result-json"],
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
		wantAll := map[string]any{
			"outcome": "succeeded", "agentId": agent.ID, "agentUrl": "https://cursor.com/agents/" + agent.ID,
			"runId": agent.Runs[0].ID, "status": "FINISHED", "attached": false, "generation": 0.0,
			"target": map[string]any{"repository": "https://github.com/acme/shop", "ref": "main"},
			"branch": agent.Branch, "prUrl": agent.PRURL, "prNumber": prNumber,
			"gitHub":   map[string]any{"verified": false, "reason": "github-token is empty, so GitHub is not asked"},
			"branches": []any{map[string]any{"repository": "github.com/acme/shop", "branch": agent.Branch, "prUrl": agent.PRURL}},
			"result":   result, "durationMs": 3950.0,
			"usage": map[string]any{
				"inputTokens": 6320.0, "outputTokens": 1450.0, "cacheWriteTokens": 7100.0,
				"cacheReadTokens": 21300.0, "totalTokens": 36170.0, "costCents": 4.2,
			},
			"totalUsage": map[string]any{
				"inputTokens": 6320.0, "outputTokens": 1450.0, "cacheWriteTokens": 7100.0,
				"cacheReadTokens": 21300.0, "totalTokens": 36170.0, "costCents": 4.2,
				"runs": []any{map[string]any{
					"runId": agent.Runs[0].ID, "inputTokens": 6320.0, "outputTokens": 1450.0, "cacheWriteTokens": 7100.0,
					"cacheReadTokens": 21300.0, "totalTokens": 36170.0, "costCents": 4.2,
				}},
			},
		}
		if diff := cmp.Diff(wantAll, all); diff != "" {
			t.Errorf("result-json (-want +got):\n%s", diff)
		}
	})
}

func TestTheIDIsAnOutputAsSoonAsThereIsAnAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, scenario(t, "slow"))
		go s.run(t.Context())
		time.Sleep(time.Second)
		synctest.Wait()
		agent := s.api.Agents()[0]
		got := s.outputs()
		want := map[string]string{
			"agent-id": agent.ID, "agent-url": "https://cursor.com/agents/" + agent.ID,
			"run-id": agent.Runs[0].ID, "status": "CREATING", "attached": "false",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outputs while the agent works (-want +got):\n%s", diff)
		}
		state := s.state()
		if state["agent-id"] != agent.ID || state["run-id"] != agent.Runs[0].ID || state["stage"] != "planned" {
			t.Errorf("state while the agent works: %v", state)
		}
		time.Sleep(time.Hour)
	})
}

func TestAReRunAttachesAndPaysNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, scenario string
		inputs         []string
		agents         int
		attached, line string
	}{
		{"to a finished agent", "happy", nil, 1, "true", "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice"},
		{"not to one that failed", "error", nil, 2, "false", "of an earlier attempt ended as ERROR; launching the next one"},
		{"not when a new one is wanted", "happy", []string{"on-rerun", "new"}, 2, "false", "Launching an agent on https://github.com/acme/shop, branch main"},
		{"to one with environment variables", "happy", []string{"env-vars", "TOKEN=abcdefgh"}, 1, "true", "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				first := newStep(t, scenario(t, test.scenario)).with(test.inputs...).with("GITHUB_RUN_ATTEMPT", "1")
				first.run(t.Context())
				second := stepAgainst(t, first.api).with(test.inputs...).with("GITHUB_RUN_ATTEMPT", "2")
				second.run(t.Context())
				if got := len(first.api.Agents()); got != test.agents {
					t.Errorf("%d agents, want %d\n%s", got, test.agents, second.logged())
				}
				if got := second.outputs()["attached"]; got != test.attached {
					t.Errorf("attached: got %q, want %q", got, test.attached)
				}
				if !strings.Contains(second.logged(), test.line) {
					t.Errorf("the log does not say %q:\n%s", test.line, second.logged())
				}
			})
		})
	}
}

func TestDifferentWorkIsDifferentAgents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := newStep(t, simulator.Config{}).with("wait", "false")
		first.run(t.Context())
		for _, other := range [][]string{
			{"idempotency-key", "fix-1"}, {"prompt", "Another thing."}, {"GITHUB_JOB", "other"},
			{"GITHUB_ACTION", "other"}, {"GITHUB_RUN_ID", "1001"}, {"ref", "develop"},
		} {
			stepAgainst(t, first.api).with("wait", "false").with(other...).run(t.Context())
		}
		stepAgainst(t, first.api).with("wait", "false").run(t.Context())
		if got := len(first.api.Agents()); got != 7 {
			t.Errorf("%d agents for 7 different works, one of them asked for twice", got)
		}
	})
}

func TestAHealthyTwentyMinuteRunTakesAtMostSixRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, scenario(t, "slow"))
		began := time.Now()
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		if took := time.Since(began); took < 20*time.Minute {
			t.Fatalf("the run took %s only", took)
		}
		requests := s.api.Requests()
		t.Logf("%d requests", len(requests))
		if len(requests) > 6 {
			t.Errorf("%d requests:", len(requests))
			for _, request := range requests {
				t.Errorf("%s %s at %s", request.Method, request.Path, request.At.Sub(began))
			}
		}
	})
}
