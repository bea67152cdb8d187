package actions_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestNewFilesBelongToTheOwnerOfTheWorkspace(t *testing.T) {
	t.Parallel()
	uid, gid := os.Getuid(), os.Getgid()
	dir := t.TempDir()
	if uid == 0 { // Only root can give files away, and only then there is a difference.
		uid, gid = 1234, 2345
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	r, _ := start(env{"GITHUB_WORKSPACE": dir})
	w, err := r.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if err := put(w, "a/b/c.txt", "x"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "a/b", "a/b/c.txt"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		if int(stat.Uid) != uid || int(stat.Gid) != gid {
			t.Errorf("%s belongs to %d:%d, want %d:%d", name, stat.Uid, stat.Gid, uid, gid)
		}
	}
}

func TestAPipeIsNeitherReadNorWritten(t *testing.T) {
	t.Parallel()
	w, dir := checkout(t, nil)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := w.ReadGlobs([]string{"pi*"}, 9)
	if got, want := text(err), `"pipe" is neither a file nor a folder: name a file`; got != want {
		t.Errorf("ReadGlobs: got %q, want %q", got, want)
	}
	if got, want := text(put(w, "pipe", "x")), `create "pipe" in the workspace: there is neither a file nor a folder: choose another path or remove what is there`; got != want {
		t.Errorf("Create: got %q, want %q", got, want)
	}
}
