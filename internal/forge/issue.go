package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-github/v62/github"
)

// Issue reads an issue or pull request as it is now, without following it into
// another repository. Its errors are *GitHubError: 410 is a deleted issue, 404
// one that the token can't see or that was moved. The permission is issues:
// read.
// https://docs.github.com/rest/issues/issues#get-an-issue
func (g *GitHub) Issue(ctx context.Context, path string, number int) (Issue, error) {
	op := fmt.Sprintf("read issue %d of %s", number, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Issue{}, err
	}
	found, answer, err := g.client.Issues.Get(ctx, owner, name, number)
	if err != nil {
		return Issue{}, gitHubError(op, answer, err)
	}
	issue := issueOf(found)
	if issue == nil || issue.Number != number {
		return Issue{}, &GitHubError{Op: op, Status: http.StatusNotFound, Message: "it was moved to another repository"}
	}
	return *issue, nil
}

// RemoveLabel takes a label off an issue or pull request; one that is not there
// is no error. Its errors are *GitHubError; the permission is issues: write, or
// pull-requests: write for a pull request.
// https://docs.github.com/rest/issues/labels#remove-a-label-from-an-issue
func (g *GitHub) RemoveLabel(ctx context.Context, path string, number int, label string) error {
	op := fmt.Sprintf("take the label %q off number %d of %s", bound(label), number, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	answer, err := g.client.Issues.RemoveLabelForIssue(ctx, owner, name, number, url.PathEscape(label))
	if err != nil {
		refused := gitHubError(op, answer, err)
		if said, ok := errors.AsType[*github.ErrorResponse](err); ok && refused.Status == http.StatusNotFound && said.Message == "Label does not exist" {
			return nil
		}
		return refused
	}
	return nil
}
