package forge

import (
	"context"
	"fmt"

	"github.com/google/go-github/v62/github"
)

// Acknowledge puts eyes under what triggered the workflow, so that who asked
// sees that it was heard: under the event's comment, else under its issue, pull
// request or discussion. Eyes that are there already count as put. What else
// there is, such as a review, takes none and is left alone. The permission is
// issues: write, pull-requests: write or discussions: write. Its errors are
// *GitHubError.
// https://docs.github.com/rest/reactions/reactions
func (g *GitHub) Acknowledge(ctx context.Context, event Event) error {
	const eyes = "eyes"
	path := event.Repository.Path
	kind, number := event.Subject()
	op := fmt.Sprintf("acknowledge %s %d of %s", kind, number, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	if id := discussed(event); id != "" {
		return g.react(ctx, op, id)
	}
	var answer *github.Response
	switch {
	case event.Comment != nil && event.Comment.Kind == CommentIssue:
		_, answer, err = g.client.Reactions.CreateIssueCommentReaction(ctx, owner, name, event.Comment.ID, eyes)
	case event.Comment != nil && event.Comment.Kind == CommentReview:
		_, answer, err = g.client.Reactions.CreatePullRequestCommentReaction(ctx, owner, name, event.Comment.ID, eyes)
	case event.Comment == nil && event.Review == nil && (kind == SubjectIssue || kind == SubjectPullRequest):
		_, answer, err = g.client.Reactions.CreateIssueReaction(ctx, owner, name, number, eyes)
	}
	if err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}

// discussed is the node id of the event's comment on a discussion, else of its
// discussion, "" for an event about something else.
func discussed(event Event) string {
	switch {
	case event.Comment != nil && event.Comment.Kind == CommentDiscussion:
		return event.Comment.NodeID
	case event.Comment == nil && event.Discussion != nil:
		return event.Discussion.NodeID
	}
	return ""
}
