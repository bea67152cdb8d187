package simulator_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// everything is a scenario file with every field.
const everything = `
name: everything
description: All fields.
create-delay: 1s
steps:
  - thinking: hmm
    takes: 100ms
  - text: hello
    takes: 1m
  - tool: grep
    args: {pattern: x, deep: {list: [1, true, null, "{repo}"]}}
    result: text
    truncated: true
    takes: 2s
  - wait: 3s
  - repeat: 2
    steps:
      - text: again
duration: 1h
status: ERROR
result: the end
error: {code: c, message: m}
branch: auto
pr: 12
pr-after: 4s
usage: {input: 1, output: 2, cache-write: 3, cache-read: 4}
cost: {raw: 1.5, charged: 0.5}
artifacts:
  - {path: artifacts/a, content: x}
  - {path: artifacts/b, size: 7}
heartbeat: 5s
retention: 6s
lag: 7s
cancel: {after: 8s, ignored: true}
account: {no-repo: true, no-usage: true}
seed: 9
faults:
  - operation: createAgent
    key: k
    at: [1, 2]
    skip: 3
    first: 4
    every: 5
    probability: 0.5
    per-agent: true
    delay: 1s
    delay-answer: 2s
    reset: after
    answer: {status: 429, code: c, message: m, shape: flat, retry-after: "1", headers: {A: b}, body: x}
    carried-out: true
    cut: 0
streams:
  - at: [1]
    after-events: 2
    after: 3s
    do: giant
    bytes: 4
    events: 5
    status: ERROR
variants:
  - match: docs
    name: variant
    status: EXPIRED
  - match: slowly
    use: slow
`

func TestAFileMaySayEverything(t *testing.T) {
	t.Parallel()
	got, err := simulator.Load(strings.NewReader(everything))
	if err != nil {
		t.Fatal(err)
	}
	slow, _ := simulator.Builtin("slow")
	slow.Match = "slowly"
	diff(t, "scenario", simulator.Scenario{
		Name:        "everything",
		Description: "All fields.",
		CreateDelay: time.Second,
		Steps: []simulator.Step{
			{Thinking: "hmm", Takes: 100 * time.Millisecond},
			{Text: "hello", Takes: time.Minute},
			{
				Tool: "grep", Args: map[string]any{"pattern": "x", "deep": map[string]any{"list": []any{1, true, nil, "{repo}"}}},
				Result: "text", Truncated: true, Takes: 2 * time.Second,
			},
			{Wait: 3 * time.Second},
			{Repeat: 2, Steps: []simulator.Step{{Text: "again"}}},
		},
		Duration:    time.Hour,
		Status:      "ERROR",
		Result:      "the end",
		Error:       &simulator.RunError{Code: "c", Message: "m"},
		Branch:      "auto",
		PullRequest: simulator.PullRequest{Open: true, Number: 12},
		PRAfter:     4 * time.Second,
		Usage:       simulator.Usage{Input: 1, Output: 2, CacheWrite: 3, CacheRead: 4},
		Cost:        &simulator.Cost{Raw: 1.5, Charged: 0.5},
		Artifacts:   []simulator.Artifact{{Path: "artifacts/a", Content: "x"}, {Path: "artifacts/b", Size: 7}},
		Heartbeat:   5 * time.Second,
		Retention:   6 * time.Second,
		Lag:         7 * time.Second,
		Cancel:      simulator.Cancel{After: 8 * time.Second, Ignored: true},
		Account:     simulator.Account{NoRepo: true, NoUsage: true},
		Seed:        9,
		Faults: []simulator.Fault{{
			Operation:   "createAgent",
			Key:         "k",
			When:        simulator.When{At: []int{1, 2}, Skip: 3, First: 4, Every: 5, Probability: 0.5},
			PerAgent:    true,
			Delay:       time.Second,
			DelayAnswer: 2 * time.Second,
			Reset:       "after",
			Answer: &simulator.Answer{
				Status: 429, Code: "c", Message: "m", Shape: "flat", RetryAfter: "1",
				Headers: map[string]string{"A": "b"}, Body: "x",
			},
			CarriedOut: true,
			Cut:        new(0),
		}},
		Streams: []simulator.StreamFault{{
			When: simulator.When{At: []int{1}}, AfterEvents: 2, After: 3 * time.Second,
			Do: simulator.StreamGiant, Bytes: 4, Events: 5, Status: "ERROR",
		}},
		Variants: []simulator.Scenario{{Match: "docs", Name: "variant", Status: "EXPIRED"}, slow},
	}, got)
}

func TestAPullRequestIsWrittenAsItIsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]simulator.PullRequest{
		"true":                           {Open: true},
		"false":                          {},
		"7":                              {Open: true, Number: 7},
		"https://github.com/a/b/pull/12": {Open: true, URL: "https://github.com/a/b/pull/12"},
	} {
		got, err := simulator.Load(strings.NewReader("pr: " + text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		diff(t, text, want, got.PullRequest)
	}
}

func TestAMistakeInAFileIsNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", "the scenario is empty; write at least its steps, or its status"},
		{"no YAML", "a: [", "line 1: did not find expected node content"},
		{"no mapping", "- x", "line 1: seq stands where a mapping belongs"},
		{"unknown field", "name: x\nsteps:\n  - text: hi\n    take: 3s\n", "line 4: there is no field take here"},
		{"two unknown fields", "nam: x\nstep: []\n", "line 1: there is no field nam here; line 2: there is no field step here"},
		{"unknown field of a fault", "faults:\n  - reset: after\n    nth: 1", "line 3: there is no field nth here"},
		{"field twice", "name: a\nname: b", `line 2: mapping key "name" already defined at line 1`},
		{"two documents", "name: a\n---\nname: b", "there is more than one YAML document; write other agents as variants"},
		{"duration without unit", "create-delay: 3", "line 1: int `3` stands where a duration such as 300ms or 20m belongs"},
		{"no duration", "create-delay: soon", "line 1: str `soon` stands where a duration such as 300ms or 20m belongs"},
		{"list as text", "result: [a]", "line 1: seq stands where a text belongs"},
		{"text as list", "steps: hello", "line 1: str `hello` stands where a list belongs"},
		{"text as flag", "account: {no-repo: perhaps}", "line 1: str `perhaps` stands where true or false belongs"},
		{"text as number", "usage: {input: many}", "line 1: str `many` stands where a number belongs"},
		{"negative duration", "create-delay: -1s", "create-delay: it is negative"},
		{"negative duration of a step", "steps: [{text: x, takes: -1s}]", "steps[0]: takes and wait are not negative"},
		{"negative delay", "faults: [{delay: -1s}]", "faults[0]: delay, delay-answer, down and stale are not negative"},
		{"outage without reset", "faults: [{down: 1s, delay: 1s}]", "faults[0].down: it stands beside reset, which says when the server goes away"},
		{"negative outage", "faults: [{reset: before, down: -1s}]", "faults[0]: delay, delay-answer, down and stale are not negative"},
		{"negative staleness", "faults: [{stale: -1}]", "faults[0]: delay, delay-answer, down and stale are not negative"},
		{"unknown status", "status: DONE", `status: "DONE" is no state that a run ends in; take FINISHED, ERROR, CANCELLED or EXPIRED`},
		{"status of a live run", "status: RUNNING", `status: "RUNNING" is no state that a run ends in; take FINISHED, ERROR, CANCELLED or EXPIRED`},
		{"match outside a variant", "match: x", "match: only variants have it"},
		{"use outside a variant", "use: happy", "use: only variants have it"},
		{"unknown built-in", "variants: [{use: nope}]", `variants[0]: use: no built-in scenario is named "nope"; there are ` + strings.Join(simulator.Names(), ", ")},
		{"use with more", "variants: [{match: x, use: slow, status: ERROR}]", "variants[0]: use stands alone beside match"},
		{"variant of a variant", "variants: [{variants: [{status: ERROR}]}]", "variants[0].variants: a variant has no variants of its own"},
		{"mistake in a variant", "variants: [{status: DONE}]", `variants[0].status: "DONE" is no state that a run ends in; take FINISHED, ERROR, CANCELLED or EXPIRED`},
		{"empty step", "steps: [{takes: 1s}]", "steps[0]: a step has exactly one of text, thinking, tool, wait and steps"},
		{"two steps in one", "steps: [{text: a, wait: 1s}]", "steps[0]: a step has exactly one of text, thinking, tool, wait and steps"},
		{"arguments without tool", "steps: [{text: a, args: {}}]", "steps[0]: only a tool has args, result and truncated"},
		{"repeat without steps", "steps: [{text: a, repeat: 2}]", "steps[0].repeat: it is a positive number beside steps"},
		{"mistake in a repeated step", "steps: [{repeat: 2, steps: [{}]}]", "steps[0].steps[0]: a step has exactly one of text, thinking, tool, wait and steps"},
		{"arguments that are no JSON", "steps: [{tool: x, args: {1: a}}]", "steps[0].args: it cannot be written as JSON: keys must be texts, numbers finite"},
		{"result that is no JSON", "steps: [{tool: x, result: .inf}]", "steps[0].result: it cannot be written as JSON: keys must be texts, numbers finite"},
		{"pull request in words", "pr: maybe", "line 1: pr must be true, false, a number or a URL"},
		{"pull request zero", "pr: 0", "line 1: pr must be true, false, a number or a URL"},
		{"pull request as list", "name: x\npr: [1]", "line 2: pr must be true, false, a number or a URL"},
		{"artifact without path", "artifacts: [{content: x}]", "artifacts[0].path: it is missing"},
		{"artifact of negative size", "artifacts: [{path: x, size: -1}]", "artifacts[0].size: it is negative"},
		{"unknown operation", "faults: [{operation: create, reset: after}]", `faults[0].operation: "create" is no operation; take one of [createAgent listAgents getAgent deleteAgent archiveAgent unarchiveAgent createRun listRuns getRun streamRun cancelRun getAgentUsage listArtifacts downloadArtifact getApiKeyInfo listModels listRepositories readStorage createAgentV0 listAgentsV0 getAgentV0 deleteAgentV0 addFollowupV0 stopAgentV0 getAgentConversationV0 listAgentArtifactsV0 getAgentArtifactV0 getMeV0 listModelsV0 listRepositoriesV0]`},
		{"unknown reset", "faults: [{reset: now}]", "faults[0].reset: take before or after"},
		{"fault without fault", "faults: [{at: [1]}]", "faults[0]: nothing goes wrong; set delay, delay-answer, reset, answer, stale, says or cut"},
		{"negative cut", "faults: [{cut: -1}]", "faults[0].cut: it is negative"},
		{"answer without status", "faults: [{answer: {code: x}}]", "faults[0].answer.status: take a number from 200 to 599"},
		{"unknown shape", "faults: [{answer: {status: 500, shape: xml}}]", "faults[0].answer.shape: take flat, connect, text, html or empty, or leave it out"},
		{"number zero", "faults: [{at: [0], reset: after}]", "faults[0]: at, skip, first and every are positive numbers, probability is from 0 to 1"},
		{"probability above one", "streams: [{do: drop, probability: 2}]", "streams[0]: at, skip, first and every are positive numbers, probability is from 0 to 1"},
		{"unknown action", "streams: [{do: explode}]", "streams[0].do: take one of [drop end unavailable garbage giant unknown mute duplicate repeat-id replay no-heartbeat never-ends lie]"},
		{"lie without status", "streams: [{do: lie}]", "streams[0].status: it is missing"},
		{"negative events", "streams: [{do: drop, after-events: -1}]", "streams[0]: bytes, events, after-events and after are not negative"},
		{"two mistakes", "status: DONE\nartifacts: [{}]", "status: \"DONE\" is no state that a run ends in; take FINISHED, ERROR, CANCELLED or EXPIRED\nartifacts[0].path: it is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := simulator.Load(strings.NewReader(test.text))
			if err == nil {
				t.Fatalf("it was read as %+v", got)
			}
			diff(t, "error", test.want, err.Error())
		})
	}
}

func TestAScenarioIsABuiltInOneOrAFile(t *testing.T) {
	t.Parallel()
	read := func(name string) ([]byte, error) {
		switch name {
		case "mine.yaml":
			return []byte("name: mine"), nil
		case "bad.yaml":
			return []byte("nam: mine"), nil
		}
		return nil, fs.ErrNotExist
	}
	tests := []struct {
		name, want, err string
	}{
		{"late-pr", "late-pr", ""},
		{"mine.yaml", "mine", ""},
		{"bad.yaml", "", "scenario file bad.yaml: line 1: there is no field nam here"},
		{"hapy", "", `scenario "hapy" is neither a file that can be read (file does not exist) nor a built-in one; the built-in ones are ` + strings.Join(simulator.Names(), ", ")},
	}
	for _, test := range tests {
		got, err := simulator.Open(test.name, read)
		diff(t, test.name, test.want, got.Name)
		switch {
		case err == nil && test.err != "" || err != nil && err.Error() != test.err:
			t.Errorf("%s: error %v, want %q", test.name, err, test.err)
		case test.name == "hapy" && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("%s: %v does not wrap the reader's error", test.name, err)
		}
	}
}

func TestTheBuiltInScenariosAreGoodAndTheirNamesSorted(t *testing.T) {
	t.Parallel()
	names := simulator.Names()
	diff(t, "names", []string{
		"branch-flake", "cancel-refused", "cancel-slow", "error", "expired", "happy", "lagging", "late-pr", "lost-create",
		"no-access", "no-changes", "no-plan", "no-stream", "no-usage", "pr-never", "question", "slow", "stream-drops",
		"stream-garbage", "throttled",
	}, names)
	if !slices.IsSorted(names) {
		t.Error("the names are not sorted")
	}
	for _, name := range names {
		scenario, ok := simulator.Builtin(name)
		if !ok || scenario.Name != name || scenario.Description == "" {
			t.Errorf("%s: read %v, named %q, described %q", name, ok, scenario.Name, scenario.Description)
		}
	}
	if got, ok := simulator.Builtin("nope"); ok {
		t.Errorf("there is a scenario nope: %+v", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(everything)
	f.Add("steps: [{text: hi}]")
	f.Add("variants: [{use: happy}]")
	f.Fuzz(func(t *testing.T, text string) {
		scenario, err := simulator.Load(strings.NewReader(text))
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		if err == nil {
			simulator.New(simulator.Config{Scenario: scenario}).Close()
		}
	})
}
