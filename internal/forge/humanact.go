package forge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// Marker begins the hidden comment that everything which the action writes on
// GitHub holds: what is marked never starts anything.
const Marker = "<!-- cursor-agent-action "

// isOurs reports whether the action wrote the text, or somebody who copied it.
func isOurs(text string) bool { return strings.Contains(text, Marker) }

// HumanAct is something that a person did to a pull request.
type HumanAct struct {
	At   time.Time // zero when nobody did anything
	What string    // "comment", "review comment", "review" or "commit"
	By   string    // a login, or a commit author's name
}

// LastHumanAct is the newest comment, review or head commit of a pull request
// that a person made: not a bot, not Cursor's agent, and not the action under a
// person's token. A commit's time is its own word; it is never later than now.
// Its errors are *GitHubError; the permissions are pull-requests: read and
// contents: read.
func (g *GitHub) LastHumanAct(ctx context.Context, path string, number int) (HumanAct, error) {
	pull, err := g.PullRequest(ctx, path, number)
	if err != nil {
		return HumanAct{}, err
	}
	commit, at, err := g.Commit(ctx, path, pull.HeadSHA)
	if err != nil {
		return HumanAct{}, err
	}
	var last HumanAct
	keep := func(act HumanAct) {
		if act.At.After(last.At) {
			last = act
		}
	}
	if pushed := (Account{Login: commit.Author.Login, Bot: strings.HasSuffix(commit.Author.Login, botSuffix)}); !commit.ByCursor() && !pushed.Bot {
		by := commit.Author.Login
		if by == "" {
			by = commit.Author.Name
		}
		if now := time.Now(); at.After(now) {
			at = now
		}
		keep(HumanAct{at, "commit", by})
	}
	op := fmt.Sprintf("read what was said about pull request %d of %s", number, path)
	comments := list[HumanAct]{op, path, func(ctx context.Context, owner, name string, page github.ListOptions) ([]HumanAct, *github.Response, error) {
		found, answer, err := g.client.Issues.ListComments(ctx, owner, name, number, &github.IssueListCommentsOptions{ListOptions: page})
		return each(found, func(one *github.IssueComment) *HumanAct {
			return actOf("comment", one.GetUser(), one.GetBody(), one.GetCreatedAt())
		}), answer, err
	}}
	remarks := list[HumanAct]{op, path, func(ctx context.Context, owner, name string, page github.ListOptions) ([]HumanAct, *github.Response, error) {
		found, answer, err := g.client.PullRequests.ListComments(ctx, owner, name, number, &github.PullRequestListCommentsOptions{ListOptions: page})
		return each(found, func(one *github.PullRequestComment) *HumanAct {
			return actOf("review comment", one.GetUser(), one.GetBody(), one.GetCreatedAt())
		}), answer, err
	}}
	for _, said := range []list[HumanAct]{comments, remarks} {
		for act, err := range said.newest(ctx, mostQuestions) {
			if err != nil {
				return HumanAct{}, said.asGitHubError(err)
			}
			keep(act)
			break // The others are older.
		}
	}
	reviews := list[HumanAct]{op, path, func(ctx context.Context, owner, name string, page github.ListOptions) ([]HumanAct, *github.Response, error) {
		found, answer, err := g.client.PullRequests.ListReviews(ctx, owner, name, number, &page)
		return each(found, func(one *github.PullRequestReview) *HumanAct {
			return actOf("review", one.GetUser(), one.GetBody(), one.GetSubmittedAt())
		}), answer, err
	}}
	// One that was begun earlier may have been submitted later.
	for act, err := range reviews.whole(ctx) {
		if err != nil {
			return HumanAct{}, err
		}
		keep(act)
	}
	return last, nil
}

// actOf is nil when no person did it.
func actOf(what string, user *github.User, body string, at github.Timestamp) *HumanAct {
	by := accountOf(user)
	if by.Bot || by.isCursor() || by.IsZero() || isOurs(body) {
		return nil
	}
	return &HumanAct{at.Time, what, by.Login}
}
