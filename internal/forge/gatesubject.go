package forge

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// comesFromFork reports whether what the event is about lies in another
// repository, as far as the payload tells; known is false for comments, which
// don't say.
func (e Event) comesFromFork() (fork, known bool) {
	switch {
	case e.PullRequest != nil:
		return e.PullRequest.FromFork(), e.PullRequest.HeadSHA != ""
	case e.WorkflowRun != nil:
		return !strings.EqualFold(e.WorkflowRun.HeadRepository, e.Repository.Path), true
	case e.Check != nil:
		// A check names no branch for a commit that a fork pushed.
		// https://docs.github.com/rest/checks/runs#get-a-check-run
		return e.Check.HeadBranch == "", true
	}
	return false, true
}

// about names what the event is about, for a sentence.
func (e Event) about() string {
	switch kind, number := e.Subject(); {
	case kind != SubjectNone:
		return fmt.Sprintf("%s %d", kind, number)
	case e.WorkflowRun != nil:
		return fmt.Sprintf("the commit of workflow run %d", e.WorkflowRun.ID)
	}
	return "the commit of the check"
}

// forkHasKey explains what is no fault: GitHub gives no secrets to workflows
// that a fork's pull request starts.
func (c *gateCase) forkHasKey(context.Context) *skip {
	if fork, known := c.event.comesFromFork(); !fork || !known || c.key {
		return nil
	}
	return c.skipWithoutKey()
}

func (c *gateCase) skipWithoutKey() *skip {
	return skipped(SkipForkWithoutKey, "%s comes from a fork, and GitHub gives no secrets to its workflows, so that there is no api-key: this is no fault; a member can start an agent from a comment or, with pull_request_target, by the trigger-label", c.event.about())
}

// subjectStands asks whether the issue or pull request is still what the event
// said, and whether somebody vouched for a fork's head.
func (c *gateCase) subjectStands(ctx context.Context) *skip {
	c.path = c.event.Repository.Path
	switch {
	case c.event.PullRequest != nil:
		return c.pullStands(ctx)
	case c.event.Issue != nil:
		return c.issueStands(ctx)
	case c.event.WorkflowRun != nil:
		c.HeadSHA = c.event.WorkflowRun.HeadSHA
	case c.event.Check != nil:
		c.HeadSHA = c.event.Check.HeadSHA
	case c.event.Push != nil:
		c.HeadSHA = c.event.Push.After
	}
	if fork, _ := c.event.comesFromFork(); fork {
		return skipped(SkipForkNotApproved, "%s comes from a fork, and the event %s does not say from which pull request, so that nobody can have approved it: start an agent from a comment on the pull request", c.event.about(), c.event.Name)
	}
	if numbers := c.event.PullRequests(); len(numbers) > 0 {
		c.number = numbers[0] // All of them have that head.
	}
	return nil
}

func (c *gateCase) issueStands(ctx context.Context) *skip {
	if c.hub == nil {
		return nil
	}
	number := c.event.Issue.Number
	_, err := c.hub.Issue(ctx, c.event.Repository.Path, number)
	if isGone(err) {
		return skipped(SkipSubjectGone, "issue %d of %s is gone, or the token can't see it: if it is there, give the job permissions: issues: read", number, c.path)
	}
	return nil // the payload told enough
}

func (c *gateCase) pullStands(ctx context.Context) *skip {
	pull := *c.event.PullRequest
	c.path, c.number, c.PullRequest, c.HeadSHA = pull.Repository.Path, pull.Number, &pull, pull.HeadSHA
	fork, known := c.event.comesFromFork()
	if known && !fork && !c.labelled {
		return nil
	}
	if c.hub == nil {
		return skipped(SkipSubjectUnknown, "where the head of pull request %d is now is not known, since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}", pull.Number)
	}
	fresh, err := c.hub.PullRequest(ctx, c.path, pull.Number)
	if err != nil {
		return pullUnread(c.path, pull.Number, err)
	}
	if pull.HeadSHA != "" && !strings.EqualFold(pull.HeadSHA, fresh.HeadSHA) {
		return skipped(SkipHeadMoved, "%s", movedText(pull.Number, pull.HeadSHA, fresh.HeadSHA))
	}
	c.PullRequest, c.HeadSHA, c.Bound = &fresh, fresh.HeadSHA, c.labelled
	switch {
	case !fresh.FromFork():
		return nil
	case !c.key:
		return c.skipWithoutKey()
	}
	c.Bound = true
	return c.vouched(ctx, fresh)
}

// vouched asks whether somebody with enough permission vouched for the head of
// a fork's pull request: by putting the trigger label on while it was the head,
// or by an approving review of it.
func (c *gateCase) vouched(ctx context.Context, pull PullRequest) *skip {
	needed := c.vouching(c.event)
	if c.labelled && !c.event.Sender.Bot {
		if has, _ := c.permission(ctx, c.event.Sender); has >= needed {
			return nil
		}
	}
	approvers, unknown := c.approvers(ctx, pull)
	if unknown != nil {
		return unknown
	}
	for _, one := range approvers {
		has, unread := c.permission(ctx, one)
		if unread == nil && has >= needed {
			return nil
		}
		if unread != nil {
			unknown = unread
		}
	}
	if unknown != nil {
		return unknown
	}
	way := "approve it in a review, and start the workflow again"
	if c.TriggerLabel != "" {
		way = fmt.Sprintf("look at it, and put the label %q on", c.TriggerLabel)
	}
	return skipped(SkipForkNotApproved, "pull request %d comes from a fork, and nobody with the permission %s has approved its head %s: %s", pull.Number, needed, short(pull.HeadSHA), way)
}

// mostApprovers is how many people are asked about for one pull request.
const mostApprovers = 10

// approvers are the people whose last word on the pull request is an approval
// of its head. Its author's is none.
func (c *gateCase) approvers(ctx context.Context, pull PullRequest) ([]Account, *skip) {
	var order []string
	last := map[string]Review{}
	note := func(review Review) {
		switch review.State {
		case "approved", "changes_requested", "dismissed":
			login := strings.ToLower(review.Author.Login)
			if _, seen := last[login]; !seen {
				order = append(order, login)
			}
			last[login] = review
		}
	}
	for review, err := range c.hub.Reviews(ctx, c.path, pull.Number) {
		if err != nil {
			return nil, unread(err, "pull-requests: read", "whether somebody approved the head of pull request %d is not known", pull.Number)
		}
		note(review)
	}
	// The list may be older than the event, or newer where a job is run again: what
	// is dismissed once stays so.
	if review := c.event.Review; review != nil && (c.event.Action == "submitted" || review.State == "dismissed") {
		listed, seen := last[strings.ToLower(review.Author.Login)]
		if !seen || listed.ID < review.ID || listed.ID == review.ID && review.State == "dismissed" {
			note(*review)
		}
	}
	var found []Account
	for _, login := range order {
		review := last[login]
		if review.State == "approved" && strings.EqualFold(review.CommitID, pull.HeadSHA) &&
			!review.Author.Bot && !strings.EqualFold(review.Author.Login, pull.Author.Login) && len(found) < mostApprovers {
			found = append(found, review.Author)
		}
	}
	return found, nil
}

// pullUnread says what it means that a pull request could not be read.
func pullUnread(path string, number int, err error) *skip {
	if isGone(err) {
		return skipped(SkipSubjectGone, "pull request %d of %s is gone, or the token can't see it: if it is there, give the job permissions: pull-requests: read", number, path)
	}
	return unread(err, "pull-requests: read", "where the head of pull request %d is now is not known", number)
}

// unread says what is not known, why, and what to do about it.
func unread(err error, permission, format string, args ...any) *skip {
	next := "run the workflow again"
	if refused, ok := errors.AsType[*GitHubError](err); ok {
		next = refused.Advice(permission)
	}
	return skipped(SkipSubjectUnknown, "%s: %v: %s", fmt.Sprintf(format, args...), err, next)
}

func movedText(number int, from, to string) string {
	return fmt.Sprintf("the head of pull request %d has moved from %s to %s since: look at what is new, and start it again", number, short(from), short(to))
}

// short is a commit's name as people write it.
func short(sha string) string { return bound(sha[:min(len(sha), 12)]) }
