package actions_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"cursor-agent-action/internal/actions"
)

func TestAnyFileOfTheWorkspaceIsReadAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret")
	picture := []byte("\x89PNG\x00\xff")
	for name, content := range map[string][]byte{filepath.Join(dir, "a.png"): picture, outside: []byte("x")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"inside": "a.png", "outside": outside} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	runner := actions.New(func(name string) string {
		return map[string]string{"GITHUB_WORKSPACE": dir}[name]
	}, &bytes.Buffer{})
	workspace, err := runner.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	defer workspace.Close()

	for _, test := range []struct {
		name, rel string
		limit     int64
		problem   string
	}{
		{"a file", "a.png", 6, ""},
		{"a link to it", "inside", 6, ""},
		{"a link out of the workspace", "outside", 6, `"outside" leaves the workspace: name a file of the checkout`},
		{"a way out", "../secret", 6, `"../secret" leaves the workspace: name a file of the checkout`},
		{"an absolute path", "/etc/passwd", 6, `"/etc/passwd" is not a path below the workspace: name a file of the checkout, with slashes`},
		{"nothing", "", 6, `"" is not a path below the workspace: name a file of the checkout, with slashes`},
		{"no such file", "b.png", 6, `"b.png" can't be opened: no such file or directory: name a file of the checkout`},
		{"too large", "a.png", 5, `"a.png" holds more than 5 bytes: name a smaller file`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := workspace.ReadFile(test.rel, test.limit)
			problem := ""
			if err != nil {
				problem = err.Error()
			}
			if problem != test.problem {
				t.Errorf("got error %s\nwant %s", problem, test.problem)
			}
			if test.problem == "" && !bytes.Equal(got, picture) {
				t.Errorf("got %q, want %q", got, picture)
			}
		})
	}
}
