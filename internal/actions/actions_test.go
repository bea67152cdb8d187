package actions_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"cursor-agent-action/internal/actions"
)

// env is the environment of a step, by name.
type env map[string]string

func (e env) get(name string) string { return e[name] }

// start returns a runner for a step with this environment, and its log.
func start(e env) (*actions.Runner, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return actions.New(e.get, log), log
}

// write makes a file with the folders above it and returns its path.
func write(t testing.TB, content string, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// read returns what a file holds.
func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// text is the whole text of an error, "" for nil.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// brokenWriter fails the first times it is written to.
type brokenWriter struct {
	failures int
	log      bytes.Buffer
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.failures > 0 {
		w.failures--
		return 0, fmt.Errorf("broken pipe, %d failures to come", w.failures)
	}
	return w.log.Write(p)
}

func TestALogThatBreaksIsReportedOnceAndNeverPanics(t *testing.T) {
	t.Parallel()
	out := &brokenWriter{failures: 4}
	r := actions.New(env{"RUNNER_DEBUG": "1"}.get, out)
	if err := r.Err(); err != nil {
		t.Errorf("before anything is written: got %v, want no error", err)
	}
	r.Info("lost")
	r.Error("lost")
	r.Mask("secret")
	r.Info("found again")
	if got, want := out.log.String(), "found again\n"; got != want {
		t.Errorf("log: got %q, want %q", got, want)
	}
	if got, want := text(r.Err()), "write log: broken pipe, 3 failures to come"; got != want {
		t.Errorf("Err: got %q, want %q", got, want)
	}
}
