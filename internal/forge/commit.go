package forge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// Commit is one commit as an event or the API tells it.
type Commit struct {
	SHA       string
	Message   string
	Author    Signature
	Committer Signature
}

// ByCursor reports whether Cursor's agent made the commit, by its own word.
func (c Commit) ByCursor() bool { return c.Author.isCursor() || c.Committer.isCursor() }

func commitOf(commit *github.HeadCommit) Commit {
	return Commit{SHA: commit.GetID(), Message: commit.GetMessage(), Author: signatureOf(commit.GetAuthor()), Committer: signatureOf(commit.GetCommitter())}
}

// Commit reads one commit, and when it was committed by its own word. Its
// errors are *GitHubError; the permission is contents: read.
// https://docs.github.com/rest/commits/commits#get-a-commit
func (g *GitHub) Commit(ctx context.Context, path, sha string) (Commit, time.Time, error) {
	op := fmt.Sprintf("read commit %s of %s", bound(sha), path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Commit{}, time.Time{}, err
	}
	if !commitName.MatchString(sha) {
		return Commit{}, time.Time{}, &GitHubError{Op: op, Message: "that is not the full name of a commit"}
	}
	// The files of the commit, which come with it, are not wanted.
	found, answer, err := g.client.Repositories.GetCommit(ctx, owner, name, sha, &github.ListOptions{PerPage: 1})
	if err != nil {
		return Commit{}, time.Time{}, gitHubError(op, answer, err)
	}
	if !strings.EqualFold(found.GetSHA(), sha) {
		return Commit{}, time.Time{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer is not what GitHub documents: it is not that commit"}
	}
	commit := Commit{
		SHA: found.GetSHA(), Message: found.GetCommit().GetMessage(),
		Author: signatureOf(found.GetCommit().GetAuthor()), Committer: signatureOf(found.GetCommit().GetCommitter()),
	}
	commit.Author.Login, commit.Committer.Login = found.GetAuthor().GetLogin(), found.GetCommitter().GetLogin()
	return commit, found.GetCommit().GetCommitter().GetDate().Time, nil
}
