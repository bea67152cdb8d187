package actions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sethvargo/go-githubactions"
)

// fileCommand is one of the files through which a step talks to the runner
// while it runs: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
type fileCommand struct {
	name     string // As the library wants it.
	variable string // The environment variable that holds the path.
	loss     string // What a workflow goes without when it can't be written.
}

func outputFile() fileCommand {
	return fileCommand{"output", "GITHUB_OUTPUT", "later steps would not see any output"}
}

func stateFile() fileCommand {
	return fileCommand{"state", "GITHUB_STATE", "the cleanup stage will not see what this step saves for it"}
}

func summaryFile() fileCommand {
	return fileCommand{"step-summary", "GITHUB_STEP_SUMMARY", "the workflow run will show no summary"}
}

// CheckFiles tells whether the files for outputs, state and summary are there
// and can be written, before anything is done that they should report. Without
// outputs there is no use in going on: that is the error. The others are
// warnings, one sentence each. A pipe or socket in a file's place is refused
// unopened.
func (r *Runner) CheckFiles() (warnings []string, err error) {
	r.files.Lock()
	defer r.files.Unlock()
	for _, file := range []fileCommand{stateFile(), summaryFile()} {
		if err := r.checkFile(file); err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	return warnings, r.checkFile(outputFile())
}

func (r *Runner) checkFile(file fileCommand) error {
	path := r.getenv(file.variable)
	if path == "" {
		return file.unset()
	}
	if isPipe(path) {
		return file.unwritable(path, errPipe())
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return file.unwritable(path, err)
	}
	return f.Close()
}

// appendTo appends text and a line end to file. The library opens whatever the
// variable says, even nothing, and panics, so both are taken care of here.
func (r *Runner) appendTo(file fileCommand, text string) error {
	path := r.getenv(file.variable)
	if path == "" {
		return file.unset()
	}
	if isPipe(path) {
		return file.unwritable(path, errPipe())
	}
	err := recovered(func() {
		r.library.IssueFileCommand(&githubactions.Command{Name: file.name, Message: text})
	})
	if err != nil {
		return file.unwritable(path, err)
	}
	return nil
}

// isPipe reports whether path is neither a file, a folder nor a device. Opening
// a pipe waits for whoever opens its other end, maybe for ever. A path that
// can't be looked at is no pipe: opening it says why.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type()&^(fs.ModeDir|fs.ModeDevice|fs.ModeCharDevice) != 0
}

func errPipe() error { return errors.New("it is a pipe or a socket and no regular file") }

func (f fileCommand) unset() error {
	return fmt.Errorf("%s is not set, so %s: run this as a step of a workflow, or set %[1]s to the path of a file",
		f.variable, f.loss)
}

func (f fileCommand) unwritable(path string, err error) error {
	cause := err
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		cause = pathErr.Err
	}
	return fmt.Errorf("%s %s is not writable: %w, so %s: check that the runner's file is mounted into the container and that its disk is neither full nor read-only",
		f.variable, path, cause, f.loss)
}

// plain makes text safe for a file that the runner reads as UTF-8 and hands on
// as environment variables: bytes that are not UTF-8, and NUL, become U+FFFD;
// secrets become ***.
func (r *Runner) plain(text string) string {
	text = strings.ToValidUTF8(r.redact(text), "\uFFFD")
	return r.redact(strings.ReplaceAll(text, "\x00", "\uFFFD"))
}
