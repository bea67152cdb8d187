package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/schema"
	"cursor-agent-action/internal/simulator"
)

// resultJSONs are the outputs result-json of real runs: of every outcome that a
// step can come to, and of both commands that have it.
func resultJSONs(t *testing.T) (results map[string]string) {
	t.Helper()
	results = map[string]string{}
	keepOn := func(t *testing.T, name string, h happening, config simulator.Config, inputs ...string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, config).with(inputs...)
			if h.event != "" {
				s.beside(gitHubOf(t)).on(h)
			}
			s.run(t.Context())
			results[name] = s.outputs()["result-json"]
			time.Sleep(time.Hour) // A run that was not waited for ends too.
		})
	}
	keep := func(t *testing.T, name string, config simulator.Config, inputs ...string) {
		t.Helper()
		keepOn(t, name, happening{}, config, inputs...)
	}
	commenting := happening{event: "issue_comment", action: "created", sender: "ann", number: 4, body: "Please."}
	verified := scenario(t, "happy")
	verified.Scenario.PullRequest = simulator.PullRequest{Open: true, Number: 11}
	keepOn(t, "succeeded and verified", commenting, verified, "create-pr", "true")
	commenting.sender = "eve"
	keepOn(t, "skipped", commenting, simulator.Config{})
	rich := replying(wrongAnswer, rightAnswer)
	keep(t, "succeeded", rich, "result-schema", resultSchema, "pull-request", "7", "create-pr", "true", "env-vars", "TOKEN=abcdefgh")
	keep(t, "invalid-result", replying("Done.", "Done."), "result-schema", resultSchema)
	keep(t, "launched", scenario(t, "slow"), "wait", "false")
	keep(t, "no-changes", scenario(t, "no-changes"), "create-pr", "true")
	keep(t, "pr-missing", scenario(t, "pr-never"), "create-pr", "true")
	keep(t, "agent-error", scenario(t, "error"))
	keep(t, "expired", scenario(t, "expired"))
	keep(t, "cancelled", spending(), "max-tokens", "1")
	keep(t, "timed-out", spending(), "timeout", "1m")
	keep(t, "api-error", scenario(t, "no-plan"))
	keep(t, "dry-run", simulator.Config{}, "dry-run", "true", "model", "any")
	keep(t, "succeeded without usage", scenario(t, "no-usage"))

	s, _ := doctorStep(t, scenario(t, "no-plan"))
	s.run(t.Context())
	results["doctor"] = s.outputs()["result-json"]
	return results
}

// readResultDocument reads the published schema of result-json.
func readResultDocument(t *testing.T) (text []byte, document map[string]any) {
	t.Helper()
	text, err := os.ReadFile("../../docs/result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return text, document
}

func TestResultJSONIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	text, document := readResultDocument(t)
	published, err := schema.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	results := resultJSONs(t)
	for _, name := range slices.Sorted(maps.Keys(results)) {
		if _, err := published.Read(results[name]); err != nil {
			t.Errorf("%s: %v\n%s", name, err, results[name])
		}
		if name, _, _ = strings.Cut(name, " "); name != "doctor" && !strings.Contains(results[name], `{"outcome":"`+name+`",`) {
			t.Errorf("no run came to %s: %s", name, results[name])
		}
	}

	// What the schema says of a property is what makes it pass.
	for _, at := range properties(document, nil) {
		without := clone(t, document)
		remove(without, at)
		if !refusesOne(t, without, results) {
			t.Errorf("without the property %s the schema takes all results: no result has it", strings.Join(at, "/"))
		}
	}
}

// refusesOne reports whether a schema refuses any of the results.
func refusesOne(t *testing.T, document map[string]any, results map[string]string) bool {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := schema.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if _, err := compiled.Read(result); err != nil {
			return true
		}
	}
	return false
}

// properties are the places of all properties in a schema.
func properties(node any, at []string) (places [][]string) {
	object, _ := node.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		here := append(slices.Clone(at), name)
		if name == "properties" {
			for property := range object[name].(map[string]any) {
				places = append(places, append(slices.Clone(here), property))
			}
		}
		places = append(places, properties(object[name], here)...)
	}
	return places
}

func remove(document map[string]any, at []string) {
	for _, name := range at[:len(at)-1] {
		document = document[name].(map[string]any)
	}
	delete(document, at[len(at)-1])
}

func clone(t *testing.T, document map[string]any) (same map[string]any) {
	t.Helper()
	text, err := json.Marshal(document)
	if err == nil {
		err = json.Unmarshal(text, &same)
	}
	if err != nil {
		t.Fatal(err)
	}
	return same
}

func TestEveryPropertyOfResultJSONIsDescribed(t *testing.T) {
	t.Parallel()
	_, document := readResultDocument(t)
	places := properties(document, nil)
	if len(places) < 40 {
		t.Fatalf("only %d properties found", len(places))
	}
	for _, at := range places {
		node := document
		for _, name := range at {
			node = node[name].(map[string]any)
		}
		if text, _ := node["description"].(string); !strings.HasSuffix(text, ".") {
			t.Errorf("%s has the description %q, want a sentence", strings.Join(at, "/"), text)
		}
	}
	defs := document["$defs"].(map[string]any)
	listed := defs["run"].(map[string]any)["properties"].(map[string]any)["outcome"].(map[string]any)["enum"]
	var outcomes []any
	for _, outcome := range agent.Outcomes() {
		outcomes = append(outcomes, string(outcome))
	}
	if diff := cmp.Diff(outcomes, listed); diff != "" {
		t.Errorf("outcomes (-code +schema):\n%s", diff)
	}
}
