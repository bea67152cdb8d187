package forge

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Trigger is what the runner says of the ref that started the workflow, in the
// words of its variables.
type Trigger struct {
	Ref     string // GITHUB_REF: refs/heads/main, refs/tags/v1, refs/pull/7/merge
	RefType string // GITHUB_REF_TYPE: branch or tag
	Event   Event
}

// DefaultRef is the branch that an agent starts from when nobody says: the head
// branch of the pull request, else the branch that triggered the workflow. It
// is never a commit: the API knows a commit only when it is on the default
// branch or in a pull request of the same repository. A tag, a fork's head and
// a workflow without a branch are errors that say what to set.
func DefaultRef(t Trigger) (string, error) {
	if pull := t.Event.PullRequest; pull != nil && pull.HeadRef != "" {
		if pull.FromFork() {
			return "", fmt.Errorf("pull request %d comes from a fork, whose branch does not exist in %s: set ref to a branch of %s, or pull-request: current", pull.Number, pull.Repository.Path, pull.Repository.Path)
		}
		return ParseRef(pull.HeadRef)
	}
	switch {
	case strings.HasPrefix(t.Ref, "refs/heads/"):
		return ParseRef(t.Ref)
	case strings.HasPrefix(t.Ref, "refs/tags/"), t.RefType == "tag":
		return "", fmt.Errorf("the workflow was started by the tag %q, and an agent starts from a branch: set ref to a branch", strings.TrimPrefix(t.Ref, "refs/tags/"))
	case strings.HasPrefix(t.Ref, "refs/pull/"):
		return "", fmt.Errorf("the workflow was started by %q and its event payload names no head branch: set ref to a branch, or pull-request to the number", t.Ref)
	}
	return "", errors.New("the workflow was not started by a branch: set ref to the branch that the agent should start from")
}

// ParseRef reads the name of a branch; refs/heads/ is dropped. A full commit
// name passes too, since the API takes one that is on the default branch or in
// a pull request of the repository. Names that git itself refuses are refused
// here, before anything is paid for
// (https://git-scm.com/docs/git-check-ref-format).
func ParseRef(text string) (string, error) {
	name := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(name, "refs/heads/"):
		name = strings.TrimPrefix(name, "refs/heads/")
	case strings.HasPrefix(name, "refs/tags/"):
		return "", fmt.Errorf("%q is a tag, and an agent starts from a branch: set a branch", text)
	case strings.HasPrefix(name, "refs/"), name == "HEAD", name == "@":
		return "", fmt.Errorf("%q is not a branch: write its name, for example main", text)
	}
	if name == "" || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "/") ||
		strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, ".lock") ||
		strings.Contains(name, "..") || strings.Contains(name, "//") || strings.Contains(name, "@{") ||
		strings.Contains(name, "/.") || strings.HasPrefix(name, ".") || strings.Contains(name, ".lock/") ||
		strings.ContainsAny(name, " ~^:?*[\\") || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fmt.Errorf("%q is not a branch name that git allows: write for example main or feature/login", text)
	}
	return name, nil
}
