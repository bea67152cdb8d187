package simulator_test

import (
	"strings"
	"testing"

	"cursor-agent-action/internal/simulator"
)

func TestAStoryTooLongToBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	const tooLong = ": the story comes to more than 1000000 moments; repeat less, and let the steps take more time instead"
	tests := []struct {
		name, text, place string
	}{
		{"repeated step", "steps: [{repeat: 2000000000, steps: [{text: hi}]}]", "steps[0].repeat"},
		{"repeated nothing", "steps: [{repeat: 1000000, steps: [{repeat: 2, steps: []}]}]", "steps[0].repeat"},
		{"repetitions together", "steps: [{repeat: 1000, steps: [{wait: 1s}, {repeat: 1000, steps: [{text: hi}]}]}]", "steps[0].repeat"},
		{"inner step", "steps: [{repeat: 2, steps: [{repeat: 9223372036854775807, steps: [{text: hi}]}]}]", "steps[0].steps[0].repeat"},
		{"steps together", "steps: [{repeat: 300000, steps: [{text: hi}]}, {repeat: 300000, steps: [{thinking: hi}]}]", "steps"},
		{"step of a variant", "variants: [{steps: [{repeat: 600000, steps: [{text: hi}]}]}]", "variants[0].steps[0].repeat"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := simulator.Load(strings.NewReader(test.text))
			if err == nil {
				t.Fatalf("it was read as %+v", got)
			}
			diff(t, "error", test.place+tooLong, err.Error())
		})
	}
}

// The stories come to a million moments exactly: one more is one too many.
func TestAStoryOfAMillionMomentsIsTaken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"steps: [{repeat: 500000, steps: [{text: hi}]}]",
		"steps: [{repeat: 250000, steps: [{tool: ls, args: {}}]}]",
		"steps: [{wait: 1s}, {repeat: 333333, steps: [{text: a text that is longer than one delta is}]}]",
		"steps: [{wait: 1s}, {repeat: 333333, steps: [{thinking: a thought that is longer than one delta is}]}]",
		"steps: [{repeat: 1000000, steps: []}]",
	} {
		if _, err := simulator.Load(strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		longer := strings.Replace(text, "[{", "[{text: hi}, {", 1)
		if _, err := simulator.Load(strings.NewReader(longer)); err == nil {
			t.Errorf("%s: it was taken", longer)
		}
	}
}

func TestAnArtifactHasAtMostSixtyFourMebibytes(t *testing.T) {
	t.Parallel()
	for size, want := range map[string]string{
		"67108864":      "",
		"67108865":      "artifacts[0].size: it is more than 67108864 bytes, 64 MiB; take a smaller file",
		"9000000000000": "artifacts[0].size: it is more than 67108864 bytes, 64 MiB; take a smaller file",
	} {
		got := ""
		if _, err := simulator.Load(strings.NewReader("artifacts: [{path: artifacts/a, size: " + size + "}]")); err != nil {
			got = err.Error()
		}
		diff(t, size, want, got)
	}
}
