package forge

import (
	"strings"

	"github.com/google/go-github/v62/github"
)

// Issue is one issue as an event or the API tells it.
type Issue struct {
	Number int
	Title  string
	Body   string
	Author Account
	State  string // "open" or "closed"
	Locked bool
	URL    string
}

// Discussion is one discussion as an event tells it.
type Discussion struct {
	Number int
	NodeID string
	Title  string
	Body   string
	Author Account
	State  string // "open", "closed", "locked" ...
	Locked bool
	URL    string
}

// CommentKind says where a comment stands.
type CommentKind string

// The kinds of comments that events are about.
const (
	CommentIssue      CommentKind = "issue"      // the conversation of an issue or pull request
	CommentReview     CommentKind = "review"     // a line or file of a pull request
	CommentDiscussion CommentKind = "discussion" // a discussion
)

// Comment is one comment as an event tells it.
type Comment struct {
	Kind   CommentKind
	ID     int64
	NodeID string
	Body   string
	Author Account
	URL    string
	// Path, Line, ReviewID and InReplyTo are those of a review comment. Line is
	// 0 for a comment on a whole file or on lines that are gone; InReplyTo is
	// the id of the comment that began the thread, 0 when this one did. For a
	// discussion InReplyTo is the comment that this one answers.
	Path      string
	Line      int
	ReviewID  int64
	InReplyTo int64
}

// Review is one review of a pull request.
type Review struct {
	ID int64
	// State is "approved", "changes_requested", "commented", "dismissed" or
	// "pending"; GitHub's answers have it in capitals.
	State    string
	Body     string
	CommitID string // the head that was looked at
	Author   Account
	URL      string
}

func issueOf(issue *github.Issue) *Issue {
	if issue.GetNumber() <= 0 {
		return nil
	}
	return &Issue{
		Number: issue.GetNumber(), Title: issue.GetTitle(), Body: issue.GetBody(), Author: accountOf(issue.GetUser()),
		State: issue.GetState(), Locked: issue.GetLocked(), URL: issue.GetHTMLURL(),
	}
}

// pullRequestOfIssue is the pull request that GitHub tells of as an issue, as
// it does wherever one is commented on. Its branches are not told.
func pullRequestOfIssue(repository Repository, issue *github.Issue) *PullRequest {
	return validPullRequest(PullRequest{
		Repository: repository, Number: issue.GetNumber(), Author: accountOf(issue.GetUser()),
		State: issue.GetState(), Draft: issue.GetDraft(), Locked: issue.GetLocked(), Title: issue.GetTitle(), Body: issue.GetBody(),
	})
}

// pullRequestOf keeps what we use of GitHub's record. The base repository is
// asked of the pull request and, failing that, of the event.
func pullRequestOf(fallback Repository, pull *github.PullRequest, server string) *PullRequest {
	base := repositoryOf(pull.GetBase().GetRepo().GetFullName(), server)
	if pull.GetBase().GetRepo().GetFullName() == "" {
		base = fallback
	}
	return validPullRequest(PullRequest{
		Repository: base, Number: pull.GetNumber(),
		HeadRef: pull.GetHead().GetRef(), HeadRepository: pull.GetHead().GetRepo().GetFullName(), HeadSHA: pull.GetHead().GetSHA(), NodeID: pull.GetNodeID(),
		BaseRef: pull.GetBase().GetRef(), Author: accountOf(pull.GetUser()),
		State: pull.GetState(), Draft: pull.GetDraft(), Merged: pull.GetMerged(), MergedAt: pull.GetMergedAt().Time, Locked: pull.GetLocked(),
		Title: pull.GetTitle(), Body: pull.GetBody(), Commits: pull.GetCommits(), ChangedFiles: pull.GetChangedFiles(),
	})
}

func validPullRequest(pull PullRequest) *PullRequest {
	if pull.Number <= 0 || pull.Repository.IsZero() {
		return nil
	}
	return &pull
}

func discussionOf(discussion *github.Discussion) *Discussion {
	if discussion.GetNumber() <= 0 {
		return nil
	}
	return &Discussion{
		Number: discussion.GetNumber(), NodeID: discussion.GetNodeID(), Title: discussion.GetTitle(), Body: discussion.GetBody(),
		Author: accountOf(discussion.GetUser()), State: discussion.GetState(), Locked: discussion.GetLocked(), URL: discussion.GetHTMLURL(),
	}
}

func issueCommentOf(comment *github.IssueComment) *Comment {
	if comment == nil {
		return nil
	}
	return &Comment{
		Kind: CommentIssue, ID: comment.GetID(), NodeID: comment.GetNodeID(), Body: comment.GetBody(),
		Author: accountOf(comment.GetUser()), URL: comment.GetHTMLURL(),
	}
}

func reviewCommentOf(comment *github.PullRequestComment) *Comment {
	if comment == nil {
		return nil
	}
	return &Comment{
		Kind: CommentReview, ID: comment.GetID(), NodeID: comment.GetNodeID(), Body: comment.GetBody(),
		Author: accountOf(comment.GetUser()), URL: comment.GetHTMLURL(), Path: comment.GetPath(), Line: comment.GetLine(),
		ReviewID: comment.GetPullRequestReviewID(), InReplyTo: comment.GetInReplyTo(),
	}
}

func discussionCommentOf(comment *github.CommentDiscussion) *Comment {
	if comment == nil {
		return nil
	}
	return &Comment{
		Kind: CommentDiscussion, ID: comment.GetID(), NodeID: comment.GetNodeID(), Body: comment.GetBody(),
		Author: accountOf(comment.GetUser()), URL: comment.GetHTMLURL(), InReplyTo: comment.GetParentID(),
	}
}

func reviewOf(review *github.PullRequestReview) *Review {
	if review == nil {
		return nil
	}
	return &Review{
		ID: review.GetID(), State: strings.ToLower(review.GetState()), Body: review.GetBody(), CommitID: review.GetCommitID(),
		Author: accountOf(review.GetUser()), URL: review.GetHTMLURL(),
	}
}
