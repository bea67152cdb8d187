package actions_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const nextForFiles = ": check that the runner's file is mounted into the container and that its disk is neither full nor read-only"

func TestAFullDiskIsAnErrorAndNoPanic(t *testing.T) {
	t.Parallel()
	const full = "/dev/full" // Every write to it says that the disk is full.
	r, _ := start(env{"GITHUB_OUTPUT": full, "GITHUB_STATE": full, "GITHUB_STEP_SUMMARY": full})
	for _, tt := range []struct{ got, want string }{
		{text(r.SetOutput("agent-id", "x")),
			"write output agent-id: GITHUB_OUTPUT /dev/full is not writable: no space left on device, so later steps would not see any output" + nextForFiles},
		{text(r.SaveState("agent-id", "x")),
			"save state agent-id: GITHUB_STATE /dev/full is not writable: no space left on device, so the cleanup stage will not see what this step saves for it" + nextForFiles},
		{text(r.AddSummary("x")),
			"write summary: GITHUB_STEP_SUMMARY /dev/full is not writable: no space left on device, so the workflow run will show no summary" + nextForFiles},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// pipe makes a named pipe that nobody opens at its other end: whoever opens
// this one waits for ever.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPipeForAFileIsRefusedAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	path := pipe(t)
	r, _ := start(env{"GITHUB_OUTPUT": path, "GITHUB_STATE": path, "GITHUB_STEP_SUMMARY": path})
	const (
		noOutput  = " is not writable: it is a pipe or a socket and no regular file, so later steps would not see any output" + nextForFiles
		noState   = " is not writable: it is a pipe or a socket and no regular file, so the cleanup stage will not see what this step saves for it" + nextForFiles
		noSummary = " is not writable: it is a pipe or a socket and no regular file, so the workflow run will show no summary" + nextForFiles
	)
	warnings, err := r.CheckFiles()
	got := append(warnings, text(err), text(r.SetOutput("agent-id", "x")), text(r.SaveState("agent-id", "x")), text(r.AddSummary("x")))
	want := []string{
		"GITHUB_STATE " + path + noState,
		"GITHUB_STEP_SUMMARY " + path + noSummary,
		"GITHUB_OUTPUT " + path + noOutput,
		"write output agent-id: GITHUB_OUTPUT " + path + noOutput,
		"save state agent-id: GITHUB_STATE " + path + noState,
		"write summary: GITHUB_STEP_SUMMARY " + path + noSummary,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings and errors (-want +got):\n%s", diff)
	}
}

func TestAnEventThatIsNoFileIsRefusedAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	for _, path := range []string{pipe(t), "/dev/zero"} {
		r, _ := start(env{"GITHUB_EVENT_PATH": path})
		got := r.Context()
		if want := "GITHUB_EVENT_PATH " + path + " can't be read: it is not a regular file"; got.EventProblem != want || got.Event != nil {
			t.Errorf("got problem %q and %d bytes, want %q", got.EventProblem, len(got.Event), want)
		}
	}
}
