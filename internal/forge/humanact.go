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
	owner, name, err := splitPath(fmt.Sprintf("read pull request %d of %s", number, path), path)
	if err != nil {
		return HumanAct{}, err
	}
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
	for _, read := range []func(context.Context, *github.ListOptions) ([]HumanAct, *github.Response, error){
		func(ctx context.Context, options *github.ListOptions) (acts []HumanAct, _ *github.Response, _ error) {
			found, answer, err := g.client.Issues.ListComments(ctx, owner, name, number, &github.IssueListCommentsOptions{ListOptions: *options})
			for _, one := range found {
				acts = append(acts, actOf("comment", one.GetUser(), one.GetBody(), one.GetCreatedAt()))
			}
			return acts, answer, err
		},
		func(ctx context.Context, options *github.ListOptions) (acts []HumanAct, _ *github.Response, _ error) {
			found, answer, err := g.client.PullRequests.ListComments(ctx, owner, name, number, &github.PullRequestListCommentsOptions{ListOptions: *options})
			for _, one := range found {
				acts = append(acts, actOf("review comment", one.GetUser(), one.GetBody(), one.GetCreatedAt()))
			}
			return acts, answer, err
		},
		func(ctx context.Context, options *github.ListOptions) (acts []HumanAct, _ *github.Response, _ error) {
			found, answer, err := g.client.PullRequests.ListReviews(ctx, owner, name, number, options)
			for _, one := range found {
				acts = append(acts, actOf("review", one.GetUser(), one.GetBody(), one.GetSubmittedAt()))
			}
			return acts, answer, err
		},
	} {
		act, answer, err := newestAct(ctx, read)
		if err != nil {
			return HumanAct{}, gitHubError(fmt.Sprintf("read what was said about pull request %d of %s", number, path), answer, err)
		}
		keep(act)
	}
	return last, nil
}

// actOf is the zero act when no person did it.
func actOf(what string, user *github.User, body string, at github.Timestamp) HumanAct {
	by := accountOf(user)
	if by.Bot || by.isCursor() || by.IsZero() || isOurs(body) {
		return HumanAct{}
	}
	return HumanAct{at.Time, what, by.Login}
}

// newestAct reads a list from its end, page by page, until a page has an act of
// a person's: GitHub hands these lists out oldest first.
func newestAct(ctx context.Context, read func(context.Context, *github.ListOptions) ([]HumanAct, *github.Response, error)) (newest HumanAct, _ *github.Response, _ error) {
	acts, answer, err := read(ctx, &github.ListOptions{PerPage: 100})
	if err != nil {
		return HumanAct{}, answer, err
	}
	first, last := acts, answer.LastPage
	for page := last; page > 1 && last-page < mostPages; page-- {
		if acts, answer, err = read(ctx, &github.ListOptions{PerPage: 100, Page: page}); err != nil {
			return HumanAct{}, answer, err
		}
		if newest = newestOf(acts); !newest.At.IsZero() {
			return newest, nil, nil
		}
	}
	return newestOf(first), nil, nil
}

func newestOf(acts []HumanAct) (newest HumanAct) {
	for _, act := range acts {
		if act.At.After(newest.At) {
			newest = act
		}
	}
	return newest
}
