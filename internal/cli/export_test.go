package cli

import (
	"io"
	"reflect"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
)

// Journal is what the log of a step does with what happens to its agent.
func Journal(runner *actions.Runner) func(agent.Update) {
	return (&journal{runner: runner, level: logFull, began: time.Now()}).observe
}

// InputNames are the inputs that the action asks for.
func InputNames(getenv func(string) string) []string {
	runner := actions.New(getenv, io.Discard)
	in := runner.Inputs()
	for _, errand := range []errand{launching(), followingUp(), attaching()} {
		_, _ = readConfig(runner, in, errand)
	}
	return in.Names()
}

// SameConfig reports whether two environments ask for the same.
func SameConfig(one, two func(string) string) (bool, error) {
	var configs [2]config
	for i, getenv := range []func(string) string{one, two} {
		runner := actions.New(getenv, io.Discard)
		var err error
		if configs[i], err = readConfig(runner, runner.Inputs(), launching()); err != nil {
			return false, err
		}
	}
	return reflect.DeepEqual(configs[0], configs[1]), nil
}

// DimensionOf is the width and the height of an image, zeros where its bytes
// don't tell.
func DimensionOf(data []byte) (width, height int) {
	if dimension := dimensionOf(data); dimension != nil {
		return dimension.Width, dimension.Height
	}
	return 0, 0
}
