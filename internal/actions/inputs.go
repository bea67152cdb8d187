package actions

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cursor-agent-action/internal/plain"
)

// Inputs reads the inputs of this step and collects what is wrong with them,
// so that a user learns of all problems at once. A method that finds a problem
// returns the default (or nothing) and goes on; Err has the problems in the end.
// It is for one goroutine.
type Inputs struct {
	runner   *Runner
	asked    map[string]bool
	problems []Problem
}

// Inputs returns the inputs of this step, none of them read yet.
func (r *Runner) Inputs() *Inputs {
	return &Inputs{runner: r, asked: make(map[string]bool)}
}

// Text returns the input without white space around it, "" when not given.
func (in *Inputs) Text(name string) string {
	in.asked[name] = true
	return in.runner.library.GetInput(name)
}

// Raw returns the input as it was given.
func (in *Inputs) Raw(name string) string {
	in.asked[name] = true
	// The runner writes the names so, hyphens and all:
	// https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs
	return in.runner.getenv("INPUT_" + strings.ToUpper(strings.ReplaceAll(name, " ", "_")))
}

// Set reports whether the input was given and is not blank.
func (in *Inputs) Set(name string) bool { return in.Text(name) != "" }

// Bool returns true or false for the words that YAML 1.2 has for them, in the
// same spellings that GitHub's own toolkit takes, and def for a blank input.
func (in *Inputs) Bool(name string, def bool) bool {
	switch value := in.Text(name); value {
	case "":
		return def
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	default:
		in.Problem(name, quote(value)+" is neither true nor false: write true or false")
		return def
	}
}

// Int returns a whole number from low to high, both included, and def for a
// blank input.
func (in *Inputs) Int(name string, def, low, high int) int {
	value := in.Text(name)
	if value == "" {
		return def
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		in.Problem(name, fmt.Sprintf("%s is not a whole number from %d to %d: write one", quote(value), low, high))
		return def
	}
	return n
}

// Duration returns a length of time from low to high, both included, and def
// for a blank input. A high of 0 is no limit. It takes what Go takes (90s,
// 1h30m), and days in front (2d, 1d12h).
func (in *Inputs) Duration(name string, def, low, high time.Duration) time.Duration {
	value := in.Text(name)
	if value == "" {
		return def
	}
	d, problem := parseDuration(value)
	switch {
	case problem != "":
	case d < low:
		problem = "is too short: write " + showDuration(low) + " or more"
	case high > 0 && d > high:
		problem = "is too long: write " + showDuration(high) + " or less"
	default:
		return d
	}
	in.Problem(name, quote(value)+" "+problem)
	return def
}

// Enum returns one of the allowed values, and def for a blank input.
func (in *Inputs) Enum(name, def string, allowed ...string) string {
	value := in.Text(name)
	if value == "" {
		return def
	}
	if !in.known(name, value, allowed) {
		return def
	}
	return value
}

// List returns the parts of an input that commas or line ends divide, without
// white space around them and without blank ones.
func (in *Inputs) List(name string) []string {
	return split(in.Text(name), func(r rune) bool { return r == ',' || plain.IsBreak(r) })
}

// EnumList is List for allowed values, each of them once, and def for a blank
// input.
func (in *Inputs) EnumList(name string, def []string, allowed ...string) []string {
	given := in.List(name)
	if len(given) == 0 {
		return def
	}
	var values []string
	for _, value := range given {
		if in.known(name, value, allowed) && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// Lines returns the lines of an input, without white space around them and
// without blank ones.
func (in *Inputs) Lines(name string) []string { return split(in.Text(name), plain.IsBreak) }

// Names returns each name that was asked for, sorted.
func (in *Inputs) Names() []string { return slices.Sorted(maps.Keys(in.asked)) }

// known reports whether value is allowed, and notes a problem if not.
func (in *Inputs) known(name, value string, allowed []string) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	choice := strings.Join(allowed, ", ")
	text := fmt.Sprintf("unknown value %s: use one of %s", quote(value), choice)
	if near := Nearest(value, allowed, 1); len(near) == 1 {
		text = fmt.Sprintf("unknown value %s: did you mean %q? (%s)", quote(value), near[0], choice)
	}
	in.Problem(name, text)
	return false
}

// split returns the parts of s between separators, trimmed, without blank ones.
func split(s string, isSeparator func(rune) bool) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(s, isSeparator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
