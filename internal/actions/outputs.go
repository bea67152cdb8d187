package actions

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
)

// MaxOutput is the largest value in bytes that SetOutput and SaveState take.
// GitHub allows 1 MiB for all outputs of a job.
const MaxOutput = 900 << 10

// SetOutput sets the output name of this step, which later steps read as
// steps.ID.outputs.NAME. It is in the file when SetOutput returns, so it counts
// even if the process is killed next; of several values the last one counts.
//
// A name holds letters, digits, "-" and "_". Any value arrives as it is, but
// for secrets (***) and for NUL and bytes that are not UTF-8 (U+FFFD). A value
// over MaxOutput is an error, not cut: half a JSON text is worse than none, and
// only the caller knows how to make it shorter.
func (r *Runner) SetOutput(name, value string) error {
	if err := r.setValue(outputFile(), name, value); err != nil {
		return fmt.Errorf("write output %s: %w", quoteName(name), err)
	}
	return nil
}

// SaveState keeps value under name for the later stages of this step. Names
// and values are as for SetOutput.
func (r *Runner) SaveState(name, value string) error {
	if err := r.setValue(stateFile(), name, value); err != nil {
		return fmt.Errorf("save state %s: %w", quoteName(name), err)
	}
	return nil
}

// KeepsJSON reports whether a JSON text is one still when it is set as an output,
// with *** in the place of secrets: a number may be one.
func (r *Runner) KeepsJSON(text string) bool { return json.Valid([]byte(r.plain(text))) }

// State returns what an earlier stage of this step saved under name, or "".
// Not every runner hands it over to a container's last stage.
func (r *Runner) State(name string) string { return r.getenv("STATE_" + name) }

// setValue appends name and value in the form with a delimiter. Its rule is in
// https://github.com/actions/runner/blob/v2.328.0/src/Runner.Worker/FileCommandManager.cs
// The delimiter is random, and so nobody can write it into a value beforehand.
func (r *Runner) setValue(file fileCommand, name, value string) error {
	if !isName(name) {
		return fmt.Errorf("the name may hold letters, digits, - and _ only: rename it")
	}
	value = r.plain(value)
	if len(value) > MaxOutput {
		return fmt.Errorf("its %d bytes are more than the %d that a value may have: shorten it", len(value), MaxOutput)
	}
	delimiter := rand.Text()
	for strings.Contains(value, delimiter) {
		delimiter = rand.Text()
	}
	r.files.Lock()
	defer r.files.Unlock()
	return r.appendTo(file, fmt.Sprintf("%s<<%s\n%s\n%s", name, delimiter, value, delimiter))
}

// isName reports whether s is a name for an output: what the runner's own
// schema allows (https://json.schemastore.org/github-action.json).
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

// quoteName shows a name in an error: as it is when it is one, else quoted.
func quoteName(name string) string {
	if isName(name) {
		return name
	}
	return quote(name)
}
