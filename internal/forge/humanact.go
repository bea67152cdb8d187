package forge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
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
	At   time.Time
	What string // "comment", "review comment", "review" or "commit"
	// Login is whose account it was; "" for a commit of nobody's.
	Login string
	// Pushed is true for a commit in the repository itself. Whoever is said to
	// have made it: to push there takes the permission write.
	Pushed bool
}

// HumanActs is what people did to a pull request at since or later, the newest
// first and each account's newest alone: comments, reviews and the head commit,
// not of bots, not of Cursor's agent, and not of the action under a person's
// token. They may be anybody's. A push to the repository itself stands alone, and
// then nothing more is asked. A commit's time is its own word; it is never later
// than now. Its errors are *GitHubError; the permissions are pull-requests: read
// and contents: read.
func (g *GitHub) HumanActs(ctx context.Context, path string, number int, since time.Time) ([]HumanAct, error) {
	pull, err := g.PullRequest(ctx, path, number)
	if err != nil {
		return nil, err
	}
	head, err := g.headAct(ctx, path, pull)
	if err != nil {
		return nil, err
	}
	newest := map[string]HumanAct{}
	keep := func(act HumanAct) {
		if act.Login != "" && !act.At.Before(since) && act.At.After(newest[act.Login].At) {
			newest[act.Login] = act
		}
	}
	if head.Pushed && !head.At.Before(since) {
		return []HumanAct{head}, nil
	}
	if !head.Pushed {
		keep(head)
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
				return nil, said.asGitHubError(err)
			}
			if act.At.Before(since) {
				break // The others are older.
			}
			keep(act)
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
			return nil, err
		}
		keep(act)
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b HumanAct) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Login, b.Login))
	}), nil
}

// headAct is the head commit of a pull request as an act; the zero HumanAct where
// no person made it. A fork's owner writes any name on a commit, so that a fork's
// counts as of who opened the pull request, which takes a right to the branch.
// https://docs.github.com/rest/pulls/pulls#create-a-pull-request
func (g *GitHub) headAct(ctx context.Context, path string, pull PullRequest) (HumanAct, error) {
	commit, at, err := g.Commit(ctx, path, pull.HeadSHA)
	if err != nil || commit.ByCursor() || strings.HasSuffix(commit.Author.Login, botSuffix) {
		return HumanAct{}, err
	}
	act := HumanAct{At: at, What: "commit", Login: commit.Author.Login, Pushed: !pull.FromFork()}
	if now := time.Now(); at.After(now) {
		act.At = now
	}
	if !act.Pushed {
		if act.Login = pull.Author.Login; pull.Author.Bot || pull.Author.isCursor() {
			return HumanAct{}, nil
		}
	}
	return act, nil
}

// actOf has no login when no person did it.
func actOf(what string, user *github.User, body string, at github.Timestamp) *HumanAct {
	act := HumanAct{At: at.Time, What: what}
	if by := accountOf(user); !by.Bot && !by.isCursor() && !isOurs(body) {
		act.Login = by.Login
	}
	return &act
}
