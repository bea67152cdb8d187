package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// event reads what belongs to the kind of event. Events that are about nothing
// leave nothing.
func (c *gathering) event(ctx context.Context, e Event) {
	switch {
	case e.PullRequest != nil:
		c.aboutPullRequest(ctx, e)
	case e.Issue != nil:
		c.aboutIssue(ctx, e)
	case e.Discussion != nil:
		c.aboutDiscussion(ctx, e)
	case e.WorkflowRun != nil:
		c.aboutWorkflowRun(ctx, e)
	case e.Check != nil:
		c.aboutCheck(ctx, e)
	case e.Push != nil:
		c.aboutPush(*e.Push)
	case e.MergeGroup != nil:
		c.addCode("merge group", "", "", fields("head", e.MergeGroup.HeadRef, "commit", e.MergeGroup.HeadSHA, "base", e.MergeGroup.BaseRef, "base commit", e.MergeGroup.BaseSHA))
	case e.Schedule != "":
		c.addCode("schedule", "", "", e.Schedule)
	case e.Inputs != nil:
		c.addCode("inputs of the workflow", e.Sender.Login, "", indented(e.Inputs))
	case e.ClientPayload != nil:
		c.addCode("client payload of the dispatch "+e.Action, e.Sender.Login, "", indented(e.ClientPayload))
	}
}

// canAsk reports whether there is somebody to ask, and notes it when there is
// nobody.
func (c *gathering) canAsk() bool {
	if c.hub == nil {
		c.note("the context holds only what the event itself tells: set github-token to have the rest read")
	}
	return c.hub != nil
}

// aboutIssue reads the comment that started it, the issue, and its
// conversation.
func (c *gathering) aboutIssue(ctx context.Context, e Event) {
	what := fmt.Sprintf("issue %d", e.Issue.Number)
	trigger := c.trigger(e, what)
	issue, there := *e.Issue, false
	if c.canAsk() {
		now, err := c.hub.Issue(ctx, c.path, issue.Number)
		if err != nil {
			c.missing(err, "issues: read")
			there = !isGone(err)
		} else {
			now.Title, now.Body = c.asOfEvent(what, issue.Title, issue.Body, now.Title, now.Body)
			issue, there = now, true
		}
	}
	c.subject(what, issue.Author, issue.URL, issue.Title, issue.Body)
	if there {
		c.conversation(ctx, what, issue.Number, trigger, "issues: read")
	}
}

// asOfEvent chooses between the text that the event tells and the one that
// stands there now. It is the event's: what was put there later was not seen by
// those who started the workflow.
func (c *gathering) asOfEvent(what, title, body, titleNow, bodyNow string) (string, string) {
	if title == "" {
		return titleNow, bodyNow
	}
	if title != titleNow || body != bodyNow {
		c.note("%s was edited after the event: the context has its text as of the event", what)
	}
	return title, body
}

// subject adds the title and text of what the event is about.
func (c *gathering) subject(what string, author Account, url, title, body string) {
	if isOurs(body) {
		body = "" // An issue that the action opened; its title says enough.
	}
	c.add(Quote{Source: what, Author: loginOf(author), URL: url, Text: joinParagraphs(title, body)})
}

// trigger adds the comment or review that started the workflow, as it was then,
// and returns the comment's id.
func (c *gathering) trigger(e Event, what string) (comment int64) {
	if e.Comment != nil {
		c.comment(*e.Comment, "triggering comment", what)
		comment = e.Comment.ID
	}
	if e.Review != nil && !isOurs(e.Review.Body) {
		c.add(reviewQuote(*e.Review, "triggering review", what))
	}
	return comment
}

// comment adds a comment, unless the action itself wrote it.
func (c *gathering) comment(comment Comment, kind, what string) {
	if !isOurs(comment.Body) {
		c.add(commentQuote(comment, kind, what))
	}
}

func commentQuote(comment Comment, kind, what string) Quote {
	author := loginOf(comment.Author)
	return Quote{Source: fmt.Sprintf("%s by @%s on %s", kind, author, what), Author: author, URL: comment.URL, Text: comment.Body}
}

func reviewQuote(review Review, kind, what string) Quote {
	author := loginOf(review.Author)
	source := fmt.Sprintf("%s by @%s of %s", kind, author, what)
	if review.State != "" {
		source += " (" + strings.ReplaceAll(review.State, "_", " ") + ")"
	}
	return Quote{Source: source, Author: author, URL: review.URL, Text: review.Body}
}

// loginOf is the author's name; GitHub calls those ghost who are gone.
func loginOf(author Account) string {
	if author.IsZero() {
		return "ghost"
	}
	return author.Login
}

// conversation adds the comments that there is room for, the newest if not all,
// in their order; but not the one that was added before.
func (c *gathering) conversation(ctx context.Context, what string, number int, but int64, permission string) {
	seen := map[int64]bool{but: true}
	c.addNewest("comments on "+what, permission, func(yield func(Quote, error) bool) {
		for comment, err := range c.hub.newestComments(ctx, c.path, number, c.caps.Pages) {
			if err == nil && (seen[comment.ID] || isOurs(comment.Body)) {
				continue
			}
			seen[comment.ID] = true
			if !yield(commentQuote(comment, "comment", what), err) {
				return
			}
		}
	})
}

// addNewest adds quotes, which come newest first, in the order of time, as many
// as there is room for.
func (c *gathering) addNewest(what, permission string, quotes iter.Seq2[Quote, error]) {
	room, kept := c.kind(), []Quote(nil)
	for quote, err := range quotes {
		if err != nil && !errors.Is(err, errMorePages) {
			c.missing(err, permission)
			break
		}
		if err == nil && strings.TrimSpace(quote.Text) == "" {
			continue
		}
		if err != nil || !room.take(c, &quote) {
			c.note("there are more %s than fit: the context has the newest %d", what, len(kept))
			break
		}
		kept = append(kept, quote)
	}
	for _, quote := range slices.Backward(kept) {
		c.add(quote)
	}
}

// aboutPush tells of the push and its commits.
func (c *gathering) aboutPush(push Push) {
	what := "push to " + push.Ref
	forced := ""
	if push.Forced {
		forced = "yes"
	}
	c.addCode(what, push.Pusher.Name, push.CompareURL, fields("before", push.Before, "after", push.After, "forced", forced, "changes", push.CompareURL))
	c.addNewest("commits in the "+what, "", func(yield func(Quote, error) bool) {
		for _, commit := range slices.Backward(push.Commits) {
			author := commit.Author.Login
			if author == "" {
				author = commit.Author.Name
			}
			if !yield(Quote{Source: "commit " + commit.SHA + " in the " + what, Author: author, Text: commit.Message}, nil) {
				return
			}
		}
	})
}

// addCode adds a text that is no Markdown.
func (c *gathering) addCode(source, author, url, text string) {
	c.add(Quote{Source: strings.TrimSpace(source), Author: author, URL: url, Text: text, Code: true})
}

// fields writes pairs of names and values, one a line, without those that have
// no value. What stands in a value stays in its line.
func fields(pairs ...string) string {
	var b strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", pair[0], strings.Join(strings.Fields(pair[1]), " "))
		}
	}
	return b.String()
}

// indented is a JSON value for people; "" for one that holds nothing.
func indented(value json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, value, "", "  "); err != nil || b.String() == "{}" || b.String() == "null" {
		return ""
	}
	return b.String()
}
