package forge

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/go-github/v62/github"
)

// Reviews reads the reviews of a pull request, oldest first. Its errors are
// *GitHubError; the permission is pull-requests: read.
func (g *GitHub) Reviews(ctx context.Context, path string, number int) iter.Seq2[Review, error] {
	return g.reviews(path, number).whole(ctx)
}

// reviews is the list of a pull request's reviews, oldest first.
// https://docs.github.com/rest/pulls/reviews#list-reviews-for-a-pull-request
func (g *GitHub) reviews(path string, number int) list[Review] {
	return list[Review]{fmt.Sprintf("read the reviews of pull request %d of %s", number, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]Review, *github.Response, error) {
			found, answer, err := g.client.PullRequests.ListReviews(ctx, owner, name, number, &page)
			return each(found, reviewOf), answer, err
		}}
}
