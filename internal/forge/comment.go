package forge

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// MarkerLine is the hidden first line of a comment of this action's. key tells the
// action's comments on one issue or pull request apart; letters, digits and
// single hyphens of it count, so that it can't end the line.
func MarkerLine(key string) string {
	return Marker + hyphens.ReplaceAllString(notMarker.ReplaceAllString(key, ""), "-") + " -->"
}

var (
	notMarker = regexp.MustCompile(`[^A-Za-z0-9-]+`)
	hyphens   = regexp.MustCompile(`-{2,}`)
)

// Marks are the keys of the hidden lines that a text begins with, as MarkerLine
// writes them.
func Marks(text string) (keys []string) {
	for line := range strings.Lines(text) {
		key, ours := strings.CutPrefix(strings.TrimSpace(line), Marker)
		key, ends := strings.CutSuffix(key, " -->")
		if !ours || !ends {
			break
		}
		keys = append(keys, key)
	}
	return keys
}

// Posted is a comment of this action's.
type Posted struct {
	ID     int64  // 0 for one on a discussion
	NodeID string // of one on a discussion, "" for others
	URL    string // its web address
}

// FindComment looks for the comment of issue or pull request number that begins
// with marker and was written by author, the newest of them. A text that looks
// like ours and is somebody else's is passed over: editing it would fail, or
// would put our words into their mouth. The zero Posted says that there is
// none. Its errors are *GitHubError.
func (g *GitHub) FindComment(ctx context.Context, path string, number int, marker, author string) (Posted, error) {
	var found Posted
	for comment, err := range g.comments(ctx, path, number) {
		if err != nil {
			return Posted{}, err
		}
		if strings.HasPrefix(comment.GetBody(), marker) && sameAccount(comment.GetUser(), author) {
			found = Posted{ID: comment.GetID(), URL: comment.GetHTMLURL()}
		}
	}
	return found, nil
}

// comments reads the comments of an issue or pull request, oldest first. Its
// errors are *GitHubError.
// https://docs.github.com/rest/issues/comments#list-issue-comments
func (g *GitHub) comments(ctx context.Context, path string, number int) iter.Seq2[*github.IssueComment, error] {
	return list[*github.IssueComment]{fmt.Sprintf("read the comments of %s#%d", path, number), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]*github.IssueComment, *github.Response, error) {
			return g.client.Issues.ListComments(ctx, owner, name, number, &github.IssueListCommentsOptions{ListOptions: page})
		}}.whole(ctx)
}

// LastMark looks among the comments of issue or pull request number that author
// wrote for the one that was written to last and has a mark that is wanted, and
// returns that; "" says that there is none. Texts of others are passed over,
// whatever they hold. Its errors are *GitHubError.
func (g *GitHub) LastMark(ctx context.Context, path string, number int, author string, wanted func(mark string) bool) (mark string, _ error) {
	var at time.Time
	for comment, err := range g.comments(ctx, path, number) {
		if err != nil {
			return "", err
		}
		if written := comment.GetUpdatedAt().Time; sameAccount(comment.GetUser(), author) && !written.Before(at) {
			marks := Marks(comment.GetBody())
			if i := slices.IndexFunc(marks, wanted); i >= 0 {
				mark, at = marks[i], written
			}
		}
	}
	return mark, nil
}

// CommentText reads the text of a comment. Its errors are *GitHubError; a 404
// says that somebody deleted it.
// https://docs.github.com/rest/issues/comments#get-an-issue-comment
func (g *GitHub) CommentText(ctx context.Context, path string, id int64) (string, error) {
	op := fmt.Sprintf("read comment %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return "", err
	}
	found, answer, err := g.client.Issues.GetComment(ctx, owner, name, id)
	if err != nil {
		return "", gitHubError(op, answer, err)
	}
	return found.GetBody(), nil
}

// sameAccount reports whether a user is the account that is called login. Apps
// have a suffix in one API of GitHub's and none in the other, where people could
// not have it.
func sameAccount(user *github.User, login string) bool {
	return login != "" && accountOf(user).Bot == strings.HasSuffix(login, botSuffix) &&
		strings.EqualFold(strings.TrimSuffix(user.GetLogin(), botSuffix), strings.TrimSuffix(login, botSuffix))
}

// CreateComment writes a comment. The permission is issues: write, or
// pull-requests: write for a pull request. Its errors are *GitHubError.
// https://docs.github.com/rest/issues/comments#create-an-issue-comment
func (g *GitHub) CreateComment(ctx context.Context, path string, number int, body string) (Posted, error) {
	op := fmt.Sprintf("comment on %s#%d", path, number)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Posted{}, err
	}
	made, answer, err := g.client.Issues.CreateComment(ctx, owner, name, number, &github.IssueComment{Body: &body})
	if err != nil {
		return Posted{}, gitHubError(op, answer, err)
	}
	if made.GetID() == 0 {
		return Posted{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer names no comment"}
	}
	return Posted{ID: made.GetID(), URL: made.GetHTMLURL()}, nil
}

// UpdateComment replaces the text of a comment. Its errors are *GitHubError; a
// 404 says that somebody deleted it.
func (g *GitHub) UpdateComment(ctx context.Context, path string, id int64, body string) error {
	op := fmt.Sprintf("update comment %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	if _, answer, err := g.client.Issues.EditComment(ctx, owner, name, id, &github.IssueComment{Body: &body}); err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}
