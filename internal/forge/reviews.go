package forge

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/go-github/v62/github"
)

// mostPages is how far long lists are followed, at a hundred entries a page.
const mostPages = 30

// Reviews reads the reviews of a pull request, oldest first. Its errors are
// *GitHubError; the permission is pull-requests: read.
// https://docs.github.com/rest/pulls/reviews#list-reviews-for-a-pull-request
func (g *GitHub) Reviews(ctx context.Context, path string, number int) iter.Seq2[Review, error] {
	return func(yield func(Review, error) bool) {
		op := fmt.Sprintf("read the reviews of pull request %d of %s", number, path)
		owner, name, err := splitPath(op, path)
		if err != nil {
			yield(Review{}, err)
			return
		}
		options := github.ListOptions{PerPage: 100}
		for range mostPages {
			found, answer, err := g.client.PullRequests.ListReviews(ctx, owner, name, number, &options)
			if err != nil {
				yield(Review{}, gitHubError(op, answer, err))
				return
			}
			for _, review := range found {
				if review != nil && !yield(*reviewOf(review), nil) {
					return
				}
			}
			if options.Page = answer.NextPage; options.Page == 0 {
				return
			}
		}
		yield(Review{}, &GitHubError{Op: op, Message: fmt.Sprintf("there are more than %d", mostPages*100)})
	}
}
