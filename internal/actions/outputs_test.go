package actions_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

func TestOutputsAndStateArriveAsTheyWereSet(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"plain", "bc-1", "bc-1"},
		{"empty", "", ""},
		{"lines", "a\n\nb\n", "a\n\nb\n"},
		{"carriage returns", "a\r\nb\rc\r", "a\r\nb\rc\r"},
		{"only line ends", "\n\n", "\n\n"},
		{"an assignment", "other=1\nagent-id<<EOF\nx\nEOF", "other=1\nagent-id<<EOF\nx\nEOF"},
		{"the library's own delimiter", "_GitHubActionsFileCommandDelimeter_\nevil=1", "_GitHubActionsFileCommandDelimeter_\nevil=1"},
		{"a byte order mark", "\ufeffa", "\ufeffa"},
		{"NUL", "a\x00b", "a\ufffdb"},
		{"bytes that are not UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"the most there may be", strings.Repeat("x", actions.MaxOutput), strings.Repeat("x", actions.MaxOutput)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := env{"GITHUB_OUTPUT": write(t, "before=1\n", dir, "output"), "GITHUB_STATE": filepath.Join(dir, "state")}
			r, log := start(e)
			for range 2 {
				if err := r.SetOutput("agent-id", tt.value); err != nil {
					t.Fatal(err)
				}
				if err := r.SaveState("agent_id", tt.value); err != nil {
					t.Fatal(err)
				}
			}
			outputs, err := fileValues(read(t, e["GITHUB_OUTPUT"]))
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(map[string]string{"before": "1", "agent-id": tt.want}, outputs); diff != "" {
				t.Errorf("outputs (-want +got):\n%s", diff)
			}
			state, err := fileValues(read(t, e["GITHUB_STATE"]))
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(map[string]string{"agent_id": tt.want}, state); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if log.Len() > 0 {
				t.Errorf("the log has %q", log)
			}
		})
	}
}

func TestEachValueHasADelimiterOfItsOwn(t *testing.T) {
	t.Parallel()
	path := write(t, "", t.TempDir(), "output")
	r, _ := start(env{"GITHUB_OUTPUT": path})
	seen := make(map[string]bool)
	for range 50 {
		if err := r.SetOutput("a", "x"); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(read(t, path)) {
		if _, delimiter, ok := strings.Cut(line, "<<"); ok {
			seen[delimiter] = true
			if len(delimiter) < 20 {
				t.Errorf("delimiter %q can be guessed", delimiter)
			}
		}
	}
	if len(seen) != 50 {
		t.Errorf("got %d delimiters for 50 values", len(seen))
	}
}

func TestStateIsReadFromTheEnvironment(t *testing.T) {
	t.Parallel()
	r, _ := start(env{"STATE_agent-id": "bc-1"})
	if got := r.State("agent-id"); got != "bc-1" {
		t.Errorf("got %q, want bc-1", got)
	}
	if got := r.State("run-id"); got != "" {
		t.Errorf("what nobody saved: got %q, want nothing", got)
	}
}

func TestParallelOutputsAllArrive(t *testing.T) {
	t.Parallel()
	path := write(t, "", t.TempDir(), "output")
	r, _ := start(env{"GITHUB_OUTPUT": path})
	want := make(map[string]string)
	var group sync.WaitGroup
	for c := 'a'; c <= 'z'; c++ {
		want[string(c)] = strings.Repeat(string(c), 5000)
		group.Go(func() {
			if err := r.SetOutput(string(c), strings.Repeat(string(c), 5000)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got, err := fileValues(read(t, path))
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

func TestAnOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	const next = ": check that the runner's file is mounted into the container and that its disk is neither full nor read-only"
	dir := t.TempDir()
	tests := []struct{ name, output, path, value, want string }{
		{"no file", "agent-id", "", "x",
			"write output agent-id: GITHUB_OUTPUT is not set, so later steps would not see any output: run this as a step of a workflow, or set GITHUB_OUTPUT to the path of a file"},
		{"a folder", "agent-id", dir, "x",
			"write output agent-id: GITHUB_OUTPUT " + dir + " is not writable: is a directory, so later steps would not see any output" + next},
		{"no folder", "agent-id", dir + "/no/output", "x",
			"write output agent-id: GITHUB_OUTPUT " + dir + "/no/output is not writable: no such file or directory, so later steps would not see any output" + next},
		{"a name with a line end", "a\nb", dir, "x",
			`write output "a␊b": the name may hold letters, digits, - and _ only: rename it`},
		{"no name", "", dir, "x", `write output "": the name may hold letters, digits, - and _ only: rename it`},
		{"a name that starts with a digit", "1a", dir, "x", `write output "1a": the name may hold letters, digits, - and _ only: rename it`},
		{"a value that is too long", "result", dir, strings.Repeat("x", actions.MaxOutput+1),
			"write output result: its 921601 bytes are more than the 921600 that a value may have: shorten it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, _ := start(env{"GITHUB_OUTPUT": tt.path})
			if diff := cmp.Diff(tt.want, text(r.SetOutput(tt.output, tt.value))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	r, _ := start(env{"GITHUB_STATE": dir})
	err := r.SaveState("agent-id", "x")
	if want := "save state agent-id: GITHUB_STATE " + dir + " is not writable: is a directory, so the cleanup stage will not see what this step saves for it" + next; text(err) != want {
		t.Errorf("state: got %q, want %q", text(err), want)
	}
	if !errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cause of %v is lost", err)
	}
}

func TestCheckFilesTellsWhatWillBeMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const (
		noState   = "GITHUB_STATE is not set, so the cleanup stage will not see what this step saves for it: run this as a step of a workflow, or set GITHUB_STATE to the path of a file"
		noSummary = "GITHUB_STEP_SUMMARY is not set, so the workflow run will show no summary: run this as a step of a workflow, or set GITHUB_STEP_SUMMARY to the path of a file"
	)
	tests := []struct {
		name     string
		env      env
		warnings []string
		want     string
	}{
		{"all there", env{"GITHUB_OUTPUT": write(t, "x=1\n", dir, "o"), "GITHUB_STATE": write(t, "", dir, "s"), "GITHUB_STEP_SUMMARY": write(t, "", dir, "m")}, nil, ""},
		{"only outputs", env{"GITHUB_OUTPUT": filepath.Join(dir, "new")}, []string{noState, noSummary}, ""},
		{"nothing", nil, []string{noState, noSummary}, "GITHUB_OUTPUT is not set, so later steps would not see any output: run this as a step of a workflow, or set GITHUB_OUTPUT to the path of a file"},
		{"a folder for a file", env{"GITHUB_OUTPUT": dir, "GITHUB_STATE": filepath.Join(dir, "s"), "GITHUB_STEP_SUMMARY": filepath.Join(dir, "m")}, nil,
			"GITHUB_OUTPUT " + dir + " is not writable: is a directory, so later steps would not see any output: check that the runner's file is mounted into the container and that its disk is neither full nor read-only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(tt.env)
			warnings, err := r.CheckFiles()
			if diff := cmp.Diff(tt.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if log.Len() > 0 {
				t.Errorf("the log has %q", log)
			}
		})
	}
	if got := read(t, filepath.Join(dir, "o")); got != "x=1\n" {
		t.Errorf("checking changed the file to %q", got)
	}
}

// FuzzOutputs holds that the runner reads exactly the outputs that were set,
// and that a bad name sets none.
func FuzzOutputs(f *testing.F) {
	f.Add("a", "x", "b", "y\n")
	f.Add("a", "b=1\nb<<EOF\n", "a", "EOF\n=")
	f.Add("a<<X", "", "b=c", "\r\n")
	f.Add("", "\x00\xff", "agent-id", "key_123key_123")
	f.Add("a\nb", "ghadelimiter", "_", "\n")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		path := write(t, "", t.TempDir(), "output")
		r, _ := start(env{"GITHUB_OUTPUT": path})
		r.Mask("key_123")
		want := make(map[string]string)
		for _, pair := range [][2]string{{name1, value1}, {name2, value2}, {"last", "1"}} {
			if err := r.SetOutput(pair[0], pair[1]); err == nil {
				want[pair[0]] = asWritten(pair[1])
			} else if plainName(pair[0]) {
				t.Errorf("output %q: %v", pair[0], err)
			}
		}
		got, err := fileValues(read(t, path))
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
	})
}

// plainName reports whether a name must be accepted.
func plainName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	return s != "" && strings.Trim(s, letters+"-0123456789") == "" && strings.ContainsRune(letters, rune(s[0]))
}

// asWritten is what SetOutput documents to write for a value.
func asWritten(value string) string {
	value = strings.ReplaceAll(strings.ToValidUTF8(value, "\ufffd"), "\x00", "\ufffd")
	for strings.Contains(value, "key_123key_123") {
		value = strings.ReplaceAll(value, "key_123key_123", "key_123")
	}
	return strings.ReplaceAll(value, "key_123", "***")
}
