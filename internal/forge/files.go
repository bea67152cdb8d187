package forge

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/go-github/v62/github"
)

// changedFile is one file that a pull request changes.
type changedFile struct {
	Path     string
	Previous string // its path before a rename, "" else
	Status   string // GitHub's word: added, removed, modified, renamed, copied, changed, unchanged
	Added    int    // lines
	Removed  int
	// Patch are the changed lines and those around them; "" for a binary or empty
	// file, for a rename without changes, and for changes that GitHub finds too
	// large to show.
	Patch string
}

// changedFiles reads the files that a pull request changes, by name; GitHub
// tells of the first 3,000. The permission is pull-requests: read.
// https://docs.github.com/rest/pulls/pulls#list-pull-requests-files
func (g *GitHub) changedFiles(ctx context.Context, path string, number, questions int) iter.Seq2[changedFile, error] {
	return list[changedFile]{fmt.Sprintf("read the changed files of pull request %d of %s", number, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]changedFile, *github.Response, error) {
			found, answer, err := g.client.PullRequests.ListFiles(ctx, owner, name, number, &page)
			return each(found, changedFileOf), answer, err
		}}.all(ctx, questions)
}

func changedFileOf(file *github.CommitFile) *changedFile {
	if file == nil {
		return nil
	}
	return &changedFile{
		Path: file.GetFilename(), Previous: file.GetPreviousFilename(), Status: file.GetStatus(),
		Added: file.GetAdditions(), Removed: file.GetDeletions(), Patch: file.GetPatch(),
	}
}

// line is the file's line in the list of changed files.
func (f changedFile) line() string {
	line := fmt.Sprintf("%s %s (+%d -%d", cmp.Or(f.Status, "changed"), quotePath(f.Path), f.Added, f.Removed)
	if f.Previous != "" {
		line += ", was " + quotePath(f.Previous)
	}
	if f.Patch == "" {
		switch {
		case f.Added+f.Removed > 0:
			line += ", too large for GitHub to show"
		case f.Status != "renamed" && f.Status != "copied":
			line += ", binary or empty"
		}
	}
	return line + ")\n"
}

// diff is the file's part of the diff, of at most most bytes of changes; "" when
// there is nothing to show.
func (f changedFile) diff(most int) string {
	if f.Patch == "" {
		return ""
	}
	before, after := "a/"+f.Path, "b/"+f.Path
	if f.Previous != "" {
		before = "a/" + f.Previous
	}
	switch f.Status {
	case "added":
		before = "/dev/null"
	case "removed":
		after = "/dev/null"
	}
	patch := strings.TrimSuffix(f.Patch, "\n")
	if len(patch) > most {
		kept := cutHead(patch, most)
		if end := strings.LastIndexByte(kept, '\n'); end >= 0 {
			kept = kept[:end]
		}
		patch = kept + fmt.Sprintf("\n\\ %d more bytes of this file's diff are left out", len(patch)-len(kept))
	}
	return fmt.Sprintf("--- %s\n+++ %s\n%s\n", quotePath(before), quotePath(after), patch)
}

// quotePath keeps a path in its line: as git does, it is quoted when it holds
// what is not printed.
func quotePath(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' || r == unicode.ReplacementChar }) {
		return strconv.Quote(path)
	}
	return path
}
