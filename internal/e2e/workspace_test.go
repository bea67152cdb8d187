//go:build e2e

package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// root is the project's own folder, seen from this package's.
const root = "../.."

// workspace is a checkout of the project, as a job that uses the action by ./ has
// it, without what the image isn't built from.
type workspace struct {
	dir string
}

// newWorkspace copies the project, or a workspace, into a repository of its own
// on branch main, which calls itself github.com/acme/widgets.
func newWorkspace(t *testing.T, from string) workspace {
	t.Helper()
	w := workspace{dir: filepath.Join(t.TempDir(), "widgets")}
	for _, name := range files(t, from) {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, name, data)
	}
	w.git(t, "init", "--quiet", "--initial-branch", "main")
	w.git(t, "remote", "add", "origin", "https://github.com/acme/widgets.git")
	w.git(t, "add", "--all")
	w.git(t, "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "--quiet", "--message", "Widgets")
	return w
}

// files lists the files of a checkout, committed or not, less the tests, which
// the image isn't built from.
func files(t *testing.T, checkout string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = checkout
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the files of %s: %v", checkout, err)
	}
	names := strings.Split(string(bytes.TrimRight(out, "\x00")), "\x00")
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(checkout, name))
		return err != nil ||
			strings.HasSuffix(name, "_test.go") ||
			strings.Contains(name, "/testdata/") ||
			strings.HasPrefix(name, "internal/e2e/") ||
			strings.HasPrefix(name, ".github/") ||
			strings.HasPrefix(name, ".ci/")
	})
}

func (w workspace) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = w.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// write puts a file into the workspace.
func (w workspace) write(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// read returns what a step left in a file of the workspace.
func (w workspace) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exists tells whether the workspace holds a file.
func (w workspace) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(w.dir, name))
	return err == nil
}

// owner returns who a file of the workspace belongs to, as uid:gid.
func (w workspace) owner(t *testing.T, name string) string {
	t.Helper()
	info, err := os.Lstat(filepath.Join(w.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d", stat.Uid, stat.Gid)
}

// giveAway gives the workspace to someone other than the user that containers
// run as, where it isn't so already, and returns who owns it now.
func (w workspace) giveAway(t *testing.T) string {
	t.Helper()
	if os.Getuid() == 0 {
		if err := os.Chown(w.dir, 4711, 4712); err != nil {
			t.Fatal(err)
		}
	}
	return w.owner(t, ".")
}
