package actions_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

// checkout returns an open workspace with these files, and its folder.
func checkout(t *testing.T, files map[string]string) (*actions.Workspace, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "workspace")
	write(t, "[http] extraheader = token", dir, ".git", "config")
	for name, content := range files {
		write(t, content, dir, name)
	}
	r, _ := start(env{"GITHUB_WORKSPACE": dir})
	w, err := r.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, dir
}

func link(t *testing.T, target string, path ...string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(path...)); err != nil {
		t.Fatal(err)
	}
}

func TestAWorkspaceThatIsNotThereIsExplained(t *testing.T) {
	t.Parallel()
	file := write(t, "", t.TempDir(), "file")
	for path, want := range map[string]string{
		"":               "open workspace: GITHUB_WORKSPACE is not set: run this as a step of a workflow, or set it to a folder",
		"/no/such/place": "open workspace: GITHUB_WORKSPACE /no/such/place can't be opened: no such file or directory: set it to a folder",
		file:             "open workspace: GITHUB_WORKSPACE " + file + " can't be opened: not a directory: set it to a folder",
	} {
		r, _ := start(env{"GITHUB_WORKSPACE": path})
		if _, err := r.Workspace(); text(err) != want {
			t.Errorf("got %q, want %q", text(err), want)
		}
	}
}

func TestReadGlobsReadsTextFilesOfTheCheckout(t *testing.T) {
	t.Parallel()
	w, dir := checkout(t, map[string]string{
		"b.md": "\ufeffb", "a.md": "a", "docs/1.md": "1", "docs/2.txt": "2", "docs/deep/3.md": "3", "docs/deep/er/4.md": "4",
		".hidden/5.md": "5", ".note": "n", "[x].md": "x", "node/link.txt": "l",
	})
	link(t, "docs/deep", dir, "short")
	link(t, "../docs/./1.md", dir, "node", "in.md")
	link(t, "..", dir, "docs", "up") // A circle, unless links are left out.
	tests := []struct {
		name, patterns string
		want           []string
	}{
		{"one", "a.md", []string{"a.md=a"}},
		{"in the order that was asked for", "b.md a.md", []string{"b.md=b", "a.md=a"}},
		{"sorted within a pattern", "?.md", []string{"a.md=a", "b.md=b"}},
		{"once each", "b.md [ab].md .//a.md", []string{"b.md=b", "a.md=a"}},
		{"a folder's files", "docs/*", []string{"docs/1.md=1", "docs/2.txt=2"}},
		{"any number of folders", "docs/**/*.md", []string{"docs/1.md=1", "docs/deep/3.md=3", "docs/deep/er/4.md=4"}},
		{"everything below", "docs/**", []string{"docs/1.md=1", "docs/2.txt=2", "docs/deep/3.md=3", "docs/deep/er/4.md=4"}},
		{"folders in the middle", "**/deep/**/4.*", []string{"docs/deep/er/4.md=4"}},
		{"sorted over all folders", "**/[3b].md", []string{"b.md=b", "docs/deep/3.md=3"}},
		{"sorted, not as they are found", "**/[15].md", []string{".hidden/5.md=5", "docs/1.md=1"}},
		{"sorted, folders among files", "docs/**/[24]*", []string{"docs/2.txt=2", "docs/deep/er/4.md=4"}},
		{"sorted, files behind folders", "**/[5b].md", []string{".hidden/5.md=5", "b.md=b"}},
		{"twice any number", "**/**/3.md", []string{"docs/deep/3.md=3"}},
		{"hidden folders but never .git", "**/5.md .*/*", []string{".hidden/5.md=5"}},
		{"hidden files but never .git", ".*", []string{".note=n"}},
		{"without some", "docs/** !docs/**/*.txt !docs/deep/** a.md", []string{"docs/1.md=1", "a.md=a"}},
		{"taken away and named again", "docs/*.md !docs/1.md docs/1.md", []string{"docs/1.md=1"}},
		{"a link inside", "short/3.md node/in.md", []string{"short/3.md=3", "node/in.md=1"}},
		{"a folder behind a link, matched", "sh*/*.md", []string{"short/3.md=3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files, err := w.ReadGlobs(strings.Fields(tt.patterns), 100)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range files {
				got = append(got, f.Path+"="+string(f.Data))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadGlobsSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	const (
		missing = " matches no file of the workspace: check the path, and that an earlier step checks the repository out"
		below   = ": name a file below the workspace, with slashes"
		inside  = ": name a file of the checkout"
	)
	w, dir := checkout(t, map[string]string{
		"a.md": "12345", "b.md": "12345", "blank.md": "\ufeff \n", "bom.md": "\ufeff\n", "latin.md": "\xe9t\xe9", "docs/x/1.md": "1",
	})
	outside := write(t, "outside", filepath.Dir(dir), "outside.md")
	link(t, outside, dir, "absolute.md")
	link(t, "../outside.md", dir, "relative.md")
	link(t, "..", dir, "parent")
	link(t, ".git/config", dir, "token.md")
	link(t, "circle.md", dir, "circle.md")
	link(t, "nowhere.md", dir, "broken.md")
	tests := []struct{ name, patterns, want string }{
		{"no pattern", "", "the patterns leave no file: name at least one that is not taken away again"},
		{"all taken away", "a.md !*.md", "the patterns leave no file: name at least one that is not taken away again"},
		{"no such file", "a.md no.md", `"no.md"` + missing},
		{"no match", "docs/*.md", `"docs/*.md"` + missing},
		{"a file for a folder", "a.md/x", `"a.md/x"` + missing},
		{"a link to nowhere", "broken.md", `"broken.md"` + missing},
		{"a folder", "docs", `"docs" is a folder: name files, such as folder/*.md`},
		{"only folders", "docs/*", `"docs/*" is a folder: name files, such as folder/*.md`},
		{"the workspace itself", ".", `"." matches no file of the workspace: check the path, and that an earlier step checks the repository out`},
		{"above the workspace", "../outside.md", `"../outside.md" leaves the workspace` + below},
		{"above it on a detour", "docs/../../outside.md", `"docs/../../outside.md" leaves the workspace` + below},
		{"absolute", "/etc/passwd", `"/etc/passwd" is an absolute path` + below},
		{"a drive", "C:/x", `"C:/x" is an absolute path` + below},
		{"a backslash", `docs\x`, `"docs\\x" has a backslash` + below},
		{"a bracket left open", "[a.md", `"[a.md" is not a pattern: close its bracket`},
		{"the same to take away", "a.md ![a.md", `"![a.md" is not a pattern: close its bracket`},
		{"nothing to take away", "a.md !", `"!" names no file` + below},
		{"an absolute link", "absolute.md", `"absolute.md" leaves the workspace` + inside},
		{"a link upwards", "relative.md", `"relative.md" leaves the workspace` + inside},
		{"a folder link upwards", "parent/outside.md", `"parent/outside.md" leaves the workspace` + inside},
		{"a link out, matched", "rel*.md", `"relative.md" leaves the workspace` + inside},
		{"a link in a circle", "circle.md", `"circle.md" is a link that leads to itself` + inside},
		{"git's own files", ".git/config", `".git/config" lies in a .git folder` + inside},
		{"git's own files in capitals", ".GIT/config", `".GIT/config" lies in a .git folder` + inside},
		{"git's own files behind a link", "token.md", `"token.md" lies in a .git folder` + inside},
		{"git's own files behind a match", "tok*.md", `"token.md" lies in a .git folder` + inside},
		{"blank", "blank.md", `"blank.md" is empty: write something into it or name another file`},
		{"only a byte order mark", "bom.md", `"bom.md" is empty: write something into it or name another file`},
		{"not UTF-8", "latin.md", `"latin.md" is not UTF-8 text: convert it or name another file`},
		{"too much in all", "[ab].md", `"b.md" makes it more than 9 bytes in all: name fewer or smaller files`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files, err := w.ReadGlobs(strings.Fields(tt.patterns), 9)
			if diff := cmp.Diff(tt.want, text(err)); diff != "" || files != nil {
				t.Errorf("%d files, error (-want +got):\n%s", len(files), diff)
			}
		})
	}
	if _, err := w.ReadGlobs([]string{"a.md", ""}, 9); text(err) != `"" names no file`+below {
		t.Errorf("an empty pattern: got %q", text(err))
	}
	if files, err := w.ReadGlobs([]string{"[ab].md"}, 10); err != nil || len(files) != 2 {
		t.Errorf("just enough: got %d files and %v", len(files), err)
	}
}

func TestReadFileReadsAnyContent(t *testing.T) {
	t.Parallel()
	w, dir := checkout(t, map[string]string{"img/a.png": "\x89PNG\x00\xff", "empty": ""})
	link(t, "../.git", dir, "img", "git")
	link(t, "img/a.png", dir, "link.png")
	tests := []struct{ name, path, want, problem string }{
		{"bytes", "img/a.png", "\x89PNG\x00\xff", ""},
		{"a link inside", "./link.png", "\x89PNG\x00\xff", ""},
		{"nothing", "empty", "", ""},
		{"no path", "", "", `"" is not a path below the workspace: name a file of the checkout, with slashes`},
		{"absolute", "/etc/passwd", "", `"/etc/passwd" is not a path below the workspace: name a file of the checkout, with slashes`},
		{"a backslash", `img\a.png`, "", `"img\\a.png" is not a path below the workspace: name a file of the checkout, with slashes`},
		{"outside", "../x", "", `"../x" leaves the workspace: name a file of the checkout`},
		{"git's own", "img/git/config", "", `"img/git/config" lies in a .git folder: name a file of the checkout`},
		{"missing", "no.png", "", `"no.png" can't be opened: no such file or directory: name a file of the checkout`},
		{"a folder", "img", "", `"img" is a folder: name a file`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := w.ReadFile(tt.path, 6)
			if string(data) != tt.want {
				t.Errorf("got %q, want %q", data, tt.want)
			}
			if diff := cmp.Diff(tt.problem, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := w.ReadFile("img/a.png", 5); text(err) != `"img/a.png" holds more than 5 bytes: name a smaller file` {
		t.Errorf("too large: got %q", text(err))
	}
}

// put creates a file in the workspace and returns the error of any step.
func put(w *actions.Workspace, name, content string) error {
	f, err := w.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func TestCreateWritesBelowTheWorkspace(t *testing.T) {
	t.Parallel()
	w, dir := checkout(t, map[string]string{"old/report.txt": "a text that is longer than the one after it"})
	var group sync.WaitGroup
	for _, name := range []string{"new/a/1.txt", "new/a/2.txt", "new/b/3.txt", "./top.txt", "old/report.txt"} {
		group.Go(func() {
			if err := put(w, name, "content of "+name); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, name := range []string{"new/a/1.txt", "new/a/2.txt", "new/b/3.txt", "./top.txt", "old/report.txt"} {
		if got, want := read(t, filepath.Join(dir, name)), "content of "+name; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestCreateFollowsNothing(t *testing.T) {
	t.Parallel()
	const next = ": choose another path or remove what is there"
	w, dir := checkout(t, map[string]string{"file": "f", "folder/x": "x"})
	outside := write(t, "untouched", filepath.Dir(dir), "outside.txt")
	link(t, filepath.Dir(dir), dir, "out")
	link(t, ".git", dir, "hooks")
	link(t, "../outside.txt", dir, "link.txt")
	link(t, "later.txt", dir, "dangling.txt")
	tests := []struct{ name, path, want string }{
		{"above the workspace", "../outside.txt", `create file: path "../outside.txt" leaves the folder: name a file below the folder`},
		{"a folder link out", "out/outside.txt", `create "out/outside.txt" in the workspace: "out" is a symbolic link` + next},
		{"a folder link to .git", "hooks/pre-commit", `create "hooks/pre-commit" in the workspace: "hooks" is a symbolic link` + next},
		{"a link", "link.txt", `create "link.txt" in the workspace: there is a symbolic link` + next},
		{"a link to nowhere", "dangling.txt", `create "dangling.txt" in the workspace: there is a symbolic link` + next},
		{"a folder", "folder", `create "folder" in the workspace: there is a folder` + next},
		{"a file for a folder", "file/x", `create "file/x" in the workspace: "file" is a file` + next},
		{"git's own", ".git/hooks/pre-commit", `create file: path ".git/hooks/pre-commit" lies in a .git folder: name a file below the folder`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, text(put(w, tt.path, "evil"))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	t.Cleanup(func() {
		if got := read(t, outside); got != "untouched" {
			t.Errorf("the file outside: got %q", got)
		}
		if _, err := os.Stat(filepath.Join(dir, "later.txt")); !os.IsNotExist(err) {
			t.Errorf("the target of the link to nowhere: got %v, want that it does not exist", err)
		}
	})
}

func TestCreateInAWorkspaceThatIsGone(t *testing.T) {
	t.Parallel()
	w, dir := checkout(t, nil)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.txt", "a/b.txt"} {
		want := `create "` + name + `" in the workspace: no such file or directory: choose another path or remove what is there`
		if got := text(put(w, name, "x")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
