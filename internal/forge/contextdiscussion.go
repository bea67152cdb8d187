package forge

import (
	"context"
	"fmt"
	"slices"
)

const discussionsRead = "discussions: read"

// aboutDiscussion reads the comment that started it, the discussion, and its
// comments with their replies.
func (c *gathering) aboutDiscussion(ctx context.Context, e Event) {
	what := fmt.Sprintf("discussion %d", e.Discussion.Number)
	trigger := c.trigger(e, what)
	discussion, there := *e.Discussion, false
	if c.canAsk() {
		now, err := c.hub.discussion(ctx, c.path, discussion.Number)
		if err != nil {
			c.missing(err, discussionsRead)
			there = !isGone(err)
		} else {
			now.Title, now.Body = c.asOfEvent(what, discussion.Title, discussion.Body, now.Title, now.Body)
			discussion, there = now, true
		}
	}
	c.subject(what, discussion.Author, discussion.URL, discussion.Title, discussion.Body)
	if there {
		c.discussed(ctx, what, discussion.Number, trigger)
	}
}

// discussed adds the comments on a discussion that there is room for, the newest
// if not all, each before its replies; but not the one that was added before.
func (c *gathering) discussed(ctx context.Context, what string, number int, but int64) {
	c.addNewest("comments on "+what, discussionsRead, func(yield func(Quote, error) bool) {
		tell := func(node discussionNode, kind string) bool {
			comment := node.comment()
			if node.IsMinimized || but != 0 && comment.ID == but || isOurs(comment.Body) {
				return true
			}
			return yield(commentQuote(comment, kind, what), nil)
		}
		for node, err := range c.hub.discussionComments(ctx, c.path, number, withReplies, c.caps.Pages) {
			if err != nil {
				yield(Quote{}, err)
				return
			}
			replies := node.Replies.Nodes
			if len(replies) < node.Replies.TotalCount {
				c.note("the thread on the comment by @%s on %s is long: the context has its newest %d replies", loginOf(node.Author.account()), what, len(replies))
			}
			for _, reply := range slices.Backward(replies) {
				if !tell(reply, "reply") {
					return
				}
			}
			if !tell(node, "comment") {
				return
			}
		}
	})
}
