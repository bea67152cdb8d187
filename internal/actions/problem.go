package actions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cursor-agent-action/internal/plain"
)

// Problem is one thing that is wrong with one input.
type Problem struct {
	Input string // Its name, as in action.yml.
	Text  string // What is wrong and what to write instead.
}

// InputError says everything that is wrong with the inputs of a step, in the
// order in which it was found. It is never empty.
type InputError struct {
	Problems []Problem
}

// Error is one line that names each input once:
//
//	input timeout: "10" has no unit: write 10s, 10m or 10h
//	2 inputs are wrong: prompt: is empty; timeout: "10" has no unit ...
func (e *InputError) Error() string {
	var names []string
	texts := make(map[string][]string)
	for _, p := range e.Problems {
		if texts[p.Input] == nil {
			names = append(names, p.Input)
		}
		texts[p.Input] = append(texts[p.Input], p.Text)
	}
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name + ": " + strings.Join(texts[name], "; ")
	}
	if len(parts) == 1 {
		return "input " + parts[0]
	}
	return fmt.Sprintf("%d inputs are wrong: %s", len(parts), strings.Join(parts, "; "))
}

// Problem notes that something is wrong with an input. Text says what, and
// ends with what to write instead. The same problem is noted once.
func (in *Inputs) Problem(name, text string) {
	problem := Problem{Input: name, Text: text}
	if !slices.Contains(in.problems, problem) {
		in.problems = append(in.problems, problem)
	}
}

// Err returns an *InputError with all problems noted so far, or nil.
func (in *Inputs) Err() error {
	if len(in.problems) == 0 {
		return nil
	}
	return &InputError{Problems: slices.Clone(in.problems)}
}

// quote shows what a user wrote in an error: quoted, one line, not too long.
func quote(s string) string {
	const longest = 60
	return strconv.Quote(cutUnits(plain.Clean(s), longest))
}
