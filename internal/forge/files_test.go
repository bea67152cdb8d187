package forge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

// changes reads the changed files of pull request 9, which changes these.
func changes(t *testing.T, files []*forgetest.File, caps forge.ContextCaps) (list, diff string, notes []string) {
	t.Helper()
	repository := pull9()
	issue := repository.Issues[0]
	issue.Comments, issue.Pull.Reviews, issue.Pull.Threads, issue.Pull.Files = nil, nil, nil, nil
	for _, file := range files { // A hub fills in what it keeps, and tests run at once.
		issue.Pull.Files = append(issue.Pull.Files, new(*file))
	}
	_, client := doubled(t, repository, readAll)
	parts, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), caps)
	for _, part := range parts {
		switch part.Source {
		case "changed files of pull request 9":
			list = part.Text
		case "diff of pull request 9":
			diff = part.Text
		}
		if part.Source != "pull request 9" && (!part.Code || part.Tail) {
			t.Errorf("%s: code %t, tail %t", part.Source, part.Code, part.Tail)
		}
	}
	return list, diff, notes
}

func TestEachKindOfChangeIsTold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		file       forgetest.File
		list, diff string
	}{
		{"changed", forgetest.File{Name: "a.go", Additions: 2, Deletions: 1, Patch: "@@ -1 +1,2 @@\n-a\n+b\n+c"},
			"modified a.go (+2 -1)\n", "--- a/a.go\n+++ b/a.go\n@@ -1 +1,2 @@\n-a\n+b\n+c\n"},
		{"added", forgetest.File{Name: "a.go", Status: "added", Additions: 1, Patch: "@@ -0,0 +1 @@\n+a\n\\ No newline at end of file"},
			"added a.go (+1 -0)\n", "--- /dev/null\n+++ b/a.go\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"},
		{"removed", forgetest.File{Name: "a.go", Status: "removed", Deletions: 1, Patch: "@@ -1 +0,0 @@\n-a"},
			"removed a.go (+0 -1)\n", "--- a/a.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"},
		{"renamed and changed", forgetest.File{Name: "b.go", PreviousName: "a.go", Status: "renamed", Additions: 1, Patch: "@@ -1 +1,2 @@\n a\n+b"},
			"renamed b.go (+1 -0, was a.go)\n", "--- a/a.go\n+++ b/b.go\n@@ -1 +1,2 @@\n a\n+b\n"},
		{"renamed", forgetest.File{Name: "b.go", PreviousName: "a.go", Status: "renamed"}, "renamed b.go (+0 -0, was a.go)\n", ""},
		{"binary", forgetest.File{Name: "a.png"}, "modified a.png (+0 -0, binary or empty)\n", ""},
		{"too large", forgetest.File{Name: "a.sql", Status: "added", Additions: 90000}, "added a.sql (+90000 -0, too large for GitHub to show)\n", ""},
		{"a name that breaks its line", forgetest.File{Name: "a\nremoved b.go \"\u202e", Additions: 1, Patch: "@@ -0,0 +1 @@\n+a"},
			`modified "a\nremoved b.go \"\u202e" (+1 -0)` + "\n", `--- "a/a\nremoved b.go \"\u202e"` + "\n" + `+++ "b/a\nremoved b.go \"\u202e"` + "\n@@ -0,0 +1 @@\n+a\n"},
		{"a name in letters of its own", forgetest.File{Name: "büro/時間 a.go", Additions: 1, Patch: "@@ -0,0 +1 @@\n+a"},
			"modified büro/時間 a.go (+1 -0)\n", "--- a/büro/時間 a.go\n+++ b/büro/時間 a.go\n@@ -0,0 +1 @@\n+a\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, diff, notes := changes(t, []*forgetest.File{&test.file}, forge.ContextCaps{})
			if diff := cmp.Diff(test.list, list); diff != "" {
				t.Errorf("list (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.diff, diff); diff != "" {
				t.Errorf("diff (-want +got):\n%s", diff)
			}
			if notes != nil {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

func TestALongPatchIsCutBetweenLinesAndSaysByHowMuch(t *testing.T) {
	t.Parallel()
	const head = "--- a/a.go\n+++ b/a.go\n"
	patch := "@@ -0,0 +1,3 @@\n+äöü\n+b\n+c" // 16, 8, 3 and 2 bytes
	for most, want := range map[int]string{
		29: patch + "\n",
		28: "@@ -0,0 +1,3 @@\n+äöü\n+b\n\\ 3 more bytes of this file's diff are left out\n",
		24: "@@ -0,0 +1,3 @@\n+äöü\n\\ 6 more bytes of this file's diff are left out\n",
		18: "@@ -0,0 +1,3 @@\n\\ 14 more bytes of this file's diff are left out\n",
		3:  "@@ \n\\ 26 more bytes of this file's diff are left out\n",
	} {
		_, diff, notes := changes(t, []*forgetest.File{{Name: "a.go", Additions: 3, Patch: patch}}, forge.ContextCaps{Patch: most})
		if diff := cmp.Diff(head+want, diff); diff != "" || notes != nil {
			t.Errorf("%d bytes: notes %q, diff (-want +got):\n%s", most, notes, diff)
		}
	}
}

func TestTheDiffOfManyFilesKeepsItsBounds(t *testing.T) {
	t.Parallel()
	var files []*forgetest.File
	for i := range 300 {
		files = append(files, &forgetest.File{Name: fmt.Sprintf("f%03d.go", i), Additions: 1, Patch: "@@ -0,0 +1 @@\n+a"})
	}
	const line, part = len("modified f000.go (+1 -0)\n"), len("--- a/f000.go\n+++ b/f000.go\n@@ -0,0 +1 @@\n+a\n")
	for _, test := range []struct {
		name          string
		caps          forge.ContextCaps
		listed, drawn int
		notes         []string
	}{
		{"all fit", forge.ContextCaps{}, 300, 300, nil},
		{"two pages", forge.ContextCaps{Pages: 2}, 200, 200, []string{
			"pull request 9 changes 300 files: the context lists the first 200",
			"there is no room for the changes of 100 files of pull request 9"}},
		{"a list of ten", forge.ContextCaps{Part: 10 * line}, 10, 300, []string{"pull request 9 changes 300 files: the context lists the first 10"}},
		{"a byte less", forge.ContextCaps{Part: 10*line - 1}, 9, 300, []string{"pull request 9 changes 300 files: the context lists the first 9"}},
		{"a diff of ten", forge.ContextCaps{Part: line, Kind: line + 10*part}, 1, 10, []string{
			"pull request 9 changes 300 files: the context lists the first 1",
			"there is no room for the changes of 290 files of pull request 9"}},
		{"a byte less of the diff", forge.ContextCaps{Part: line, Kind: line + 10*part - 1}, 1, 9, []string{
			"pull request 9 changes 300 files: the context lists the first 1",
			"there is no room for the changes of 291 files of pull request 9"}},
		{"a list that has a quarter of the room", forge.ContextCaps{Kind: 4 * 6 * line}, 6, 10, []string{
			"pull request 9 changes 300 files: the context lists the first 6",
			"there is no room for the changes of 290 files of pull request 9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, diff, notes := changes(t, files, test.caps)
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if len(list) != test.listed*line || len(diff) != test.drawn*part {
				t.Errorf("the list has %d bytes, the diff %d, want %d and %d", len(list), len(diff), test.listed*line, test.drawn*part)
			}
		})
	}
}

// A file that is too long leaves room for those behind it.
func TestASmallChangeBehindALargeOneIsShown(t *testing.T) {
	t.Parallel()
	_, diff, notes := changes(t, []*forgetest.File{
		{Name: "large.go", Additions: 1, Patch: "@@ -0,0 +1 @@\n+" + strings.Repeat("x", 400)},
		{Name: "small.go", Additions: 1, Patch: "@@ -0,0 +1 @@\n+a"},
	}, forge.ContextCaps{Kind: 400})
	if diff := cmp.Diff("--- a/small.go\n+++ b/small.go\n@@ -0,0 +1 @@\n+a\n", diff); diff != "" {
		t.Errorf("diff (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"there is no room for the changes of 1 file of pull request 9"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// The note tells how many are listed from the first on.
func TestTheListOfFilesHasNoGap(t *testing.T) {
	t.Parallel()
	list, _, notes := changes(t, []*forgetest.File{{Name: "a.go"}, {Name: strings.Repeat("b", 100)}, {Name: "c.go"}}, forge.ContextCaps{Part: 100})
	if diff := cmp.Diff("modified a.go (+0 -0, binary or empty)\n", list); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pull request 9 changes 3 files: the context lists the first 1"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// GitHub lists 3,000 files and knows how many there are.
func TestFilesThatGitHubDoesNotListAreCounted(t *testing.T) {
	t.Parallel()
	client := scripted(t, map[string]http.HandlerFunc{
		"pulls/9":           says(200, `{"number": 9, "base": {"repo": {"full_name": "acme/shop"}}, "head": {"sha": "0123456789abcdef0123456789abcdef01234567"}, "changed_files": 3100, "title": "Open on Sundays", "body": "People ask for it."}`),
		"pulls/9/files":     says(200, `[{"filename": "a.go", "additions": 1, "patch": "@@ -0,0 +1 @@\n+a"}, null]`),
		"issues/9/comments": says(200, `[]`),
		"pulls/9/reviews":   says(200, `[]`),
		"/graphql":          says(200, `{"data": {"repository": {"pullRequest": {"reviewThreads": {"nodes": []}}}}}`),
	})
	parts, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{})
	want := []string{
		"pull request 9 changes 3100 files: the context lists the first 1",
		"there is no room for the changes of 3099 files of pull request 9",
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if got := parts[len(parts)-2].Text; got != "changed a.go (+1 -0)\n" {
		t.Errorf("list %q", got)
	}
}
