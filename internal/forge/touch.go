package forge

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// AddLabels puts labels on an issue or a pull request. Labels that are there
// stay; those that the repository does not have are made. The permission is
// issues: write, or pull-requests: write for a pull request. Its errors are
// *GitHubError.
// https://docs.github.com/rest/issues/labels#add-labels-to-an-issue
func (g *GitHub) AddLabels(ctx context.Context, path string, number int, labels []string) error {
	op := fmt.Sprintf("label %s#%d", path, number)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	if _, answer, err := g.client.Issues.AddLabelsToIssue(ctx, owner, name, number, labels); err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}

// RequestReviewers asks people, and teams as "org/team", to review a pull
// request. People who have reviewed it already are left in peace: asking again
// would take their review for outdated. The permission is pull-requests: write.
// Its errors are *GitHubError; a 422 names nobody, so that it tells at least
// whom was asked for.
// https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request
func (g *GitHub) RequestReviewers(ctx context.Context, path string, number int, reviewers []string) error {
	op := fmt.Sprintf("ask %s to review %s#%d", strings.Join(reviewers, ", "), path, number)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	reviewed := map[string]bool{}
	for review, err := range g.Reviews(ctx, path, number) {
		if err != nil {
			return err
		}
		reviewed[strings.ToLower(review.Author.Login)] = true
	}
	var request github.ReviewersRequest
	for _, reviewer := range reviewers {
		person := strings.TrimPrefix(reviewer, "@")
		_, team, isTeam := strings.Cut(person, "/")
		switch {
		case isTeam:
			request.TeamReviewers = append(request.TeamReviewers, team)
		case !reviewed[strings.ToLower(person)]:
			request.Reviewers = append(request.Reviewers, person)
		}
	}
	if len(request.Reviewers)+len(request.TeamReviewers) == 0 {
		return nil
	}
	if _, answer, err := g.client.PullRequests.RequestReviewers(ctx, owner, name, number, request); err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}

// MarkReady takes a pull request out of draft; one that is ready stays so. Only
// GitHub's GraphQL API can do that, to the pull request's node id. Its errors
// are *GitHubError.
// https://docs.github.com/graphql/reference/mutations#markpullrequestreadyforreview
func (g *GitHub) MarkReady(ctx context.Context, nodeID string) error {
	const mutation = `mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }`
	return g.graphQL(ctx, "mark the pull request ready for review", mutation, map[string]any{"id": nodeID}, &struct{}{})
}

// LinkIssue makes the pull request close an issue of the repository at issues
// when it is merged, by a line at the end of its text, once. The permission is
// pull-requests: write. Its errors are *GitHubError.
// https://docs.github.com/issues/tracking-your-work-with-issues/linking-a-pull-request-to-an-issue
func (g *GitHub) LinkIssue(ctx context.Context, path string, number int, issues string, issue int) error {
	op := fmt.Sprintf("link %s#%d to issue %d", path, number, issue)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	found, answer, err := g.client.PullRequests.Get(ctx, owner, name, number)
	if err != nil {
		return gitHubError(op, answer, err)
	}
	line := fmt.Sprintf("Closes #%d", issue)
	if !strings.EqualFold(issues, path) {
		line = fmt.Sprintf("Closes %s#%d", issues, issue)
	}
	for existing := range strings.Lines(found.GetBody()) {
		if strings.EqualFold(strings.TrimSpace(existing), line) {
			return nil
		}
	}
	body := strings.TrimLeft(strings.TrimRight(found.GetBody(), "\r\n ")+"\n\n"+line+"\n", "\n")
	if _, answer, err := g.client.PullRequests.Edit(ctx, owner, name, number, &github.PullRequest{Body: &body}); err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}

// FindPullRequest looks for the pull request from branch of the repository at
// path into it, the newest one that is open, else the newest. 0 says that there
// is none. The permission is pull-requests: read. Its errors are *GitHubError.
func (g *GitHub) FindPullRequest(ctx context.Context, path, branch string) (number int, _ error) {
	op := fmt.Sprintf("look for the pull request of branch %s of %s", branch, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return 0, err
	}
	found, answer, err := g.client.PullRequests.List(ctx, owner, name, &github.PullRequestListOptions{
		State: "all", Head: owner + ":" + branch, Sort: "created", Direction: "desc", ListOptions: github.ListOptions{PerPage: 100},
	})
	if err != nil {
		return 0, gitHubError(op, answer, err)
	}
	for _, pull := range found {
		switch {
		case pull.GetHead().GetRef() != branch:
			// A server that does not know the filter lists all.
		case pull.GetState() == "open":
			return pull.GetNumber(), nil
		case number == 0:
			number = pull.GetNumber()
		}
	}
	return number, nil
}

// Difference is what a branch has that its base has not.
type Difference struct {
	HeadSHA      string
	Commits      int
	ChangedFiles int // at most 300, as GitHub lists no more
}

// Compare tells what branch has that base has not, in one repository. The
// permission is contents: read. Its errors are *GitHubError, a 404 where one of
// both is not there.
// https://docs.github.com/rest/commits/commits#compare-two-commits
func (g *GitHub) Compare(ctx context.Context, path, base, branch string) (Difference, error) {
	op := fmt.Sprintf("compare %s with %s in %s", branch, base, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Difference{}, err
	}
	found, answer, err := g.client.Repositories.CompareCommits(ctx, owner, name, base, branch, &github.ListOptions{PerPage: 1})
	if err != nil {
		return Difference{}, gitHubError(op, answer, err)
	}
	// A page has its own commits only, so that the newest is not among them.
	head, answer, err := g.client.Git.GetRef(ctx, owner, name, "heads/"+branch)
	if err != nil {
		return Difference{}, gitHubError(op, answer, err)
	}
	return Difference{HeadSHA: head.GetObject().GetSHA(), Commits: found.GetTotalCommits(), ChangedFiles: len(found.Files)}, nil
}
