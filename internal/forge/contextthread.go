package forge

import (
	"context"
	"errors"
	"fmt"
)

// threads adds the open review threads of a pull request, comment by comment:
// first the one of a comment or those of a review, when those are not 0, also
// when they are resolved.
func (c *gathering) threads(ctx context.Context, what string, number int, comment, review int64) {
	var first, others []reviewThread
	for thread, err := range c.allThreads(ctx, what, number) {
		switch {
		case errors.Is(err, errMorePages):
			c.note("%s has more review threads than are read: the context has those of the first %s", what, count(c.caps.Pages, "page", "pages"))
		case err != nil:
			c.missing(err, pullsRead)
		case thread.isOf(comment, review):
			first = append(first, thread)
		case !thread.Resolved:
			others = append(others, thread)
		}
	}
	room, left := c.kind(), 0
	for _, thread := range append(first, others...) {
		if !c.thread(room, thread, what, comment) {
			left++
		}
	}
	if left > 0 {
		c.note("there is no room for %s of %s", count(left, "review thread", "review threads"), what)
	}
}

// thread adds the comments of a thread but the one that was added before, and
// reports whether there was room for them.
func (c *gathering) thread(room *room, thread reviewThread, what string, but int64) bool {
	state := "open"
	switch {
	case thread.Resolved:
		state = "resolved"
	case thread.Outdated:
		state = "open, outdated"
	}
	on := fmt.Sprintf("%s of %s (%s thread)", thread.where(), what, state)
	for _, comment := range thread.Comments {
		quote := commentQuote(comment, "review comment", on)
		if comment.ID == but && but != 0 || isOurs(comment.Body) || comment.Body == "" {
			continue
		}
		if !room.take(c, &quote) {
			return false
		}
		c.add(quote)
	}
	if thread.More {
		c.note("the thread on %s of %s is long: the context has its first 50 comments", thread.where(), what)
	}
	return true
}

// allThreads reads the threads by GraphQL, and by REST where that is refused.
func (c *gathering) allThreads(ctx context.Context, what string, number int) func(yield func(reviewThread, error) bool) {
	return func(yield func(reviewThread, error) bool) {
		read := 0
		for thread, err := range c.hub.reviewThreads(ctx, c.path, number, c.caps.Pages) {
			if err != nil && read == 0 && !errors.Is(err, errMorePages) && ctx.Err() == nil {
				c.threadsByREST(ctx, what, number, err, yield)
				return
			}
			read++
			if !yield(thread, err) {
				return
			}
		}
	}
}

func (c *gathering) threadsByREST(ctx context.Context, what string, number int, why error, yield func(reviewThread, error) bool) {
	threads, err := c.hub.threadsByREST(ctx, c.path, number, c.caps.Pages)
	if len(threads) > 0 {
		c.note("%v: resolved ones may be among the review threads of %s, because only GraphQL tells which are", why, what)
	}
	yieldPage(threads, err, yield)
}
