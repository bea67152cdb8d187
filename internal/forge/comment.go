package forge

import (
	"context"
	"fmt"
	"regexp"
	"strings"

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

// Posted is a comment of this action's.
type Posted struct {
	ID  int64
	URL string // its web address
}

// maxCommentPages bounds how many pages of 100 comments are read. GitHub keeps
// at most 2,500 comments on an issue.
const maxCommentPages = 30

// FindComment looks for the comment of issue or pull request number that begins
// with marker and was written by author, the newest of them. A text that looks
// like ours and is somebody else's is passed over: editing it would fail, or
// would put our words into their mouth. The zero Posted says that there is
// none. Its errors are *GitHubError.
func (g *GitHub) FindComment(ctx context.Context, path string, number int, marker, author string) (Posted, error) {
	op := fmt.Sprintf("read the comments of %s#%d", path, number)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Posted{}, err
	}
	var found Posted
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for range maxCommentPages {
		comments, answer, err := g.client.Issues.ListComments(ctx, owner, name, number, options)
		if err != nil {
			return Posted{}, gitHubError(op, answer, err)
		}
		for _, comment := range comments {
			if strings.HasPrefix(comment.GetBody(), marker) && sameAccount(comment.GetUser(), author) {
				found = Posted{ID: comment.GetID(), URL: comment.GetHTMLURL()}
			}
		}
		if options.Page = answer.NextPage; options.Page == 0 {
			break
		}
	}
	return found, nil
}

// sameAccount reports whether a user is the account that is called login. Apps
// have a suffix in one API of GitHub's and none in the other, where people could
// not have it.
func sameAccount(user *github.User, login string) bool {
	const suffix = "[bot]"
	isBot := user.GetType() == "Bot" || strings.HasSuffix(user.GetLogin(), suffix)
	return login != "" && isBot == strings.HasSuffix(login, suffix) &&
		strings.EqualFold(strings.TrimSuffix(user.GetLogin(), suffix), strings.TrimSuffix(login, suffix))
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
