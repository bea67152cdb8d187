package cli_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"cursor-agent-action/internal/cli"
	"cursor-agent-action/internal/simulator"
)

// actionFile is what action.yml promises to workflows.
type actionFile struct {
	Inputs map[string]struct {
		Description string
		Default     *string
		Required    bool
	}
	Outputs map[string]struct{ Description string }
	Runs    struct {
		Using, Image   string
		Args           []string
		PostEntrypoint string `yaml:"post-entrypoint"`
	}
}

func readActionFile(t *testing.T) actionFile {
	t.Helper()
	content, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file actionFile
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestActionYMLAndTheCodeKnowTheSameInputs(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{})
	promised := slices.Sorted(maps.Keys(readActionFile(t).Inputs))
	if diff := cmp.Diff(promised, cli.InputNames(func(name string) string { return s.env[name] })); diff != "" {
		t.Errorf("inputs (-action.yml +code):\n%s", diff)
	}
}

// TestTheDefaultsOfActionYMLAreTheCodes keeps the documented default true where
// the runner does not merge it in, as for a program started by hand.
func TestTheDefaultsOfActionYMLAreTheCodes(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{})
	merged := maps.Clone(s.env)
	for name, input := range readActionFile(t).Inputs {
		if input.Required {
			t.Errorf("input %s is required, which GitHub does not enforce: the program must check it", name)
		}
		if input.Default != nil && !strings.Contains(*input.Default, "${{") {
			merged["INPUT_"+strings.ToUpper(name)] = *input.Default
		}
	}
	same, err := cli.SameConfig(
		func(name string) string { return s.env[name] },
		func(name string) string { return merged[name] })
	if err != nil {
		t.Fatal(err)
	}
	// The address is spelt out in action.yml and "" in the code.
	delete(merged, "INPUT_API-URL")
	if !same {
		same, err = cli.SameConfig(
			func(name string) string { return s.env[name] },
			func(name string) string { return merged[name] })
	}
	if err != nil || !same {
		t.Errorf("a default in action.yml differs from the code's (error %v)", err)
	}
}

func TestActionYMLAndTheCodeKnowTheSameOutputs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Newer, config.Scenario.Result = true, rightAnswer
		config.Scenario.PullRequest = simulator.PullRequest{Open: true, Number: 11}
		commenting := happening{event: "issue_comment", action: "created", sender: "ann", number: 4, body: "Please."}
		s := newStep(t, config).with("create-pr", "true", "artifacts", "out", "result-schema", resultSchema, "comment", "result").beside(gitHubOf(t)).on(commenting)
		s.run(t.Context())
		set := s.outputs()
		commenting.sender = "eve"
		skipped := newStep(t, simulator.Config{}).beside(gitHubOf(t)).on(commenting)
		skipped.run(t.Context())
		maps.Copy(set, skipped.outputs())
		listing := command(t, s.api, "list")
		listing.run(t.Context())
		maps.Copy(set, listing.outputs())
		promised := slices.Sorted(maps.Keys(readActionFile(t).Outputs))
		if diff := cmp.Diff(promised, slices.Sorted(maps.Keys(set))); diff != "" {
			t.Errorf("outputs (-action.yml +set by a run that has everything, one that is skipped, and a list):\n%s", diff)
		}
	})
}

func TestActionYMLRunsTheImage(t *testing.T) {
	t.Parallel()
	runs := readActionFile(t).Runs
	if runs.Using != "docker" || runs.Image != "Dockerfile" || runs.PostEntrypoint != "/cleanup" || !slices.Equal(runs.Args, []string{"action"}) {
		t.Errorf("runs: %+v", runs)
	}
}
