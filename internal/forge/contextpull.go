package forge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// pullsRead is what most of a pull request needs.
const pullsRead = "pull-requests: read"

// aboutPullRequest reads a pull request. After a review or a comment on lines
// the threads come first, for they are what the work is about.
func (c *gathering) aboutPullRequest(ctx context.Context, e Event) {
	pull := *e.PullRequest
	what := fmt.Sprintf("pull request %d", pull.Number)
	comment := c.trigger(e, what)
	pull, there := c.pullRequest(ctx, pull)
	if !there {
		return
	}
	var review int64
	if e.Review != nil {
		review = e.Review.ID
	}
	talk := func() { c.conversation(ctx, what, pull.Number, comment, pullsRead) }
	reviews := func() { c.reviews(ctx, what, pull.Number, review) }
	threads := func() { c.threads(ctx, what, pull.Number, comment, review) }
	order := []func(){talk, reviews, threads}
	if review != 0 || e.Comment != nil && e.Comment.Kind == CommentReview {
		order = []func(){threads, reviews, talk}
	}
	for _, read := range order {
		read()
	}
	c.changes(ctx, what, pull)
}

// pullRequest adds the title, text and state of the pull request, and reports
// whether it may be asked for more; known is what the event tells of it.
func (c *gathering) pullRequest(ctx context.Context, known PullRequest) (pull PullRequest, there bool) {
	what := fmt.Sprintf("pull request %d", known.Number)
	pull = known
	if c.canAsk() {
		now, err := c.hub.PullRequest(ctx, c.path, known.Number)
		if err != nil {
			c.missing(err, pullsRead)
			there = !isGone(err)
		} else {
			now.Title, now.Body = c.asOfEvent(what, known.Title, known.Body, now.Title, now.Body)
			pull, there = now, true
		}
	}
	c.subject(what, pull.Author, pull.URL(), pull.Title, pull.Body)
	c.addCode("state of "+what, loginOf(pull.Author), pull.URL(), stateOf(pull))
	return pull, there
}

// stateOf tells where the pull request comes from and goes to.
func stateOf(pull PullRequest) string {
	state := pull.State
	switch {
	case pull.Merged:
		state = "merged"
	case pull.Draft && state == "open":
		state = "open, draft"
	}
	head := pull.HeadRef
	if head != "" && pull.FromFork() {
		head += " of the fork " + pull.HeadRepository
		if pull.HeadRepository == "" {
			head = pull.HeadRef + " of a fork that is gone"
		}
	}
	commits := ""
	if pull.Commits > 0 {
		commits = strconv.Itoa(pull.Commits)
	}
	return fields("state", state, "base branch", pull.BaseRef, "head branch", head, "head commit", pull.HeadSHA, "commits", commits)
}

// pullsOf finds the open pull requests whose head is the branch of a repository,
// which may be a fork.
// https://docs.github.com/rest/pulls/pulls#list-pull-requests
func (g *GitHub) pullsOf(ctx context.Context, into Repository, head, branch string) ([]PullRequest, error) {
	owner, _, _ := strings.Cut(head, "/")
	pulls := list[PullRequest]{fmt.Sprintf("look for pull requests of the branch %s into %s", branch, into.Path), into.Path,
		func(ctx context.Context, o, n string, page github.ListOptions) ([]PullRequest, *github.Response, error) {
			found, answer, err := g.client.PullRequests.List(ctx, o, n, &github.PullRequestListOptions{Head: owner + ":" + branch, ListOptions: page})
			return each(found, func(pull *github.PullRequest) *PullRequest { return pullRequestOf(into, pull, into.Server) }), answer, err
		}}
	var found []PullRequest
	for pull, err := range pulls.all(ctx, 1) {
		if errors.Is(err, errMorePages) {
			break
		}
		if err != nil {
			return nil, err
		}
		// GitHub ignores a head that it doesn't understand.
		if pull.HeadRef == branch && strings.EqualFold(pull.HeadRepository, head) {
			found = append(found, pull)
		}
	}
	return found, nil
}

// reviews adds what reviews say beside their comments on lines, but not the one
// that was added before.
func (c *gathering) reviews(ctx context.Context, what string, number int, but int64) {
	var quotes []Quote
	var failed error
	for review, err := range c.hub.reviews(c.path, number).all(ctx, c.caps.Pages) {
		if err != nil {
			failed = err
			break
		}
		if review.ID != but && !isOurs(review.Body) {
			quotes = append(quotes, reviewQuote(review, "review", what))
		}
	}
	slices.Reverse(quotes)
	c.addNewest("reviews of "+what, pullsRead, func(yield func(Quote, error) bool) { yieldPage(quotes, failed, yield) })
}

// changes adds the list of changed files, and the diff of those that there is
// room for.
func (c *gathering) changes(ctx context.Context, what string, pull PullRequest) {
	room := c.kind().left
	roomOfList := min(c.caps.Part, room/4)
	var files, diff strings.Builder
	read, listed, undrawn := 0, 0, 0
	for file, err := range c.hub.changedFiles(ctx, c.path, pull.Number, c.caps.Pages) {
		if err != nil {
			if !errors.Is(err, errMorePages) {
				c.missing(err, pullsRead)
			}
			break
		}
		read++
		if line := file.line(); listed == read-1 && files.Len()+len(line) <= roomOfList {
			files.WriteString(line)
			listed++
		}
		if part := file.diff(c.caps.Patch); diff.Len()+len(part) <= room-roomOfList {
			diff.WriteString(part)
		} else {
			undrawn++
		}
	}
	if all := max(read, pull.ChangedFiles); read > 0 && listed < all {
		c.note("%s changes %d files: the context lists the first %d", what, all, listed)
	}
	if unseen := undrawn + max(0, pull.ChangedFiles-read); read > 0 && unseen > 0 {
		c.note("there is no room for the changes of %s of %s", count(unseen, "file", "files"), what)
	}
	c.addCode("changed files of "+what, loginOf(pull.Author), pull.URL()+"/files", files.String())
	c.addUpTo(room-roomOfList, Quote{Source: "diff of " + what, Author: loginOf(pull.Author), URL: pull.URL() + "/files", Text: diff.String(), Code: true})
}
