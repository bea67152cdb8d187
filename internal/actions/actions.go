// Package actions is the boundary between the program and the workflow runner
// that started it: inputs, log lines, masks, annotations, outputs, state, the
// step summary, the event and the workspace.
//
// It knows what the runner does with each byte, and nothing of what the
// program is for. Text that others wrote leaves through it only, so that no
// log line becomes a command, no output sets another one, no summary is thrown
// away whole, and no path leaves the workspace.
package actions

import (
	"fmt"
	"io"
	"sync"

	"github.com/sethvargo/go-githubactions"
)

// Runner stands for the workflow runner around one process. Its methods are
// safe for concurrent use.
type Runner struct {
	getenv  func(string) string
	library *githubactions.Action

	// log guards the fields of its group. Nothing else writes to stdout.
	log         sync.Mutex
	stdout      io.Writer
	writeErr    error
	secrets     []string
	annotations map[string]int
	grouped     bool

	// files lets one file command be written at a time, and guards summaryCut.
	files      sync.Mutex
	summaryCut bool
}

// New returns the runner that getenv describes. All log lines go to stdout:
// the runner reads stdout and stderr as one log, and only a single writer can
// keep their lines apart. Nothing is read or written yet.
func New(getenv func(string) string, stdout io.Writer) *Runner {
	return &Runner{
		getenv: getenv,
		library: githubactions.New(
			githubactions.WithGetenv(getenv),
			githubactions.WithWriter(stdout),
		),
		stdout:      stdout,
		annotations: make(map[string]int),
	}
}

// Err returns the first error that writing to stdout gave, or nil. Log methods
// return none of their own: a log that can't be written must not change what
// the program does, but it should be said once, at the end.
func (r *Runner) Err() error {
	r.log.Lock()
	defer r.log.Unlock()
	return r.writeErr
}

// recovered runs do and returns what it panicked with as an error. The library
// panics wherever it can't write.
func recovered(do func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		default:
			err = fmt.Errorf("%v", v)
		}
	}()
	do()
	return nil
}
