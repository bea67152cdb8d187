package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/google/go-github/v62/github"
)

// shownComment is a comment, and whether somebody has hidden it, which the
// library does not read.
type shownComment struct {
	github.IssueComment
	Minimized json.RawMessage `json:"minimized"`
}

// newestComments reads the conversation of an issue or pull request from its
// end, without comments that were hidden; see list.newest. The permission is
// issues: read, or for a pull request pull-requests: read.
// https://docs.github.com/rest/issues/comments#list-issue-comments
func (g *GitHub) newestComments(ctx context.Context, path string, number, questions int) iter.Seq2[Comment, error] {
	return list[Comment]{fmt.Sprintf("read the comments on %d of %s", number, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]Comment, *github.Response, error) {
			address := fmt.Sprintf("repos/%s/%s/issues/%d/comments?page=%d&per_page=%d", owner, name, number, page.Page, page.PerPage)
			request, err := g.client.NewRequest(http.MethodGet, address, nil)
			if err != nil {
				return nil, nil, err
			}
			var found []*shownComment
			answer, err := g.client.Do(ctx, request, &found)
			return each(found, func(comment *shownComment) *Comment {
				if comment == nil || len(comment.Minimized) > 0 && string(comment.Minimized) != "null" {
					return nil
				}
				return issueCommentOf(&comment.IssueComment)
			}), answer, err
		}}.newest(ctx, questions)
}

// each keeps what we use of GitHub's records, and none of null.
func each[From, To any](found []*From, keep func(*From) *To) []To {
	kept := make([]To, 0, len(found))
	for _, record := range found {
		if to := keep(record); to != nil {
			kept = append(kept, *to)
		}
	}
	return kept
}
