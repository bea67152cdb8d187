package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Quote is a text of somebody that an event is about, as it stands at GitHub.
// Nothing in it is to be trusted: neither Text nor the names in Source.
type Quote struct {
	// Source says what it is: "issue 7", "comment by @x on issue 7", "diff of
	// pull request 9", "log of job test (failure)".
	Source string
	Author string // a login; "" where nobody in particular wrote it
	URL    string // its page; "" where it has none
	Text   string // not empty
	Size   int    // of the whole text in bytes, more than Text has where the caps cut it
	Code   bool   // it is code or a log, and no Markdown
	Tail   bool   // where it must be cut, the end is worth more than the begin
}

// ContextCaps bound what is read of an event. The zero value of each field is
// its default.
type ContextCaps struct {
	// Pages is how many answers of at most 100 items are read of each list: 10.
	Pages int
	// Part is the most bytes of one quote that is no diff: 64 KiB.
	Part int
	// Kind is the most bytes of all quotes of one kind: the conversation, the
	// reviews, the threads, the diff, the failures. 128 KiB.
	Kind int
	// Total is the most bytes of all quotes: 384 KiB.
	Total int
	// Patch is the most bytes of one file's changes: 16 KiB.
	Patch int
	// Jobs is how many failed jobs are read: 10.
	Jobs int
}

func (c ContextCaps) orDefaults() ContextCaps {
	for _, field := range []struct {
		value *int
		usual int
	}{{&c.Pages, 10}, {&c.Part, 64 << 10}, {&c.Kind, 128 << 10}, {&c.Total, 384 << 10}, {&c.Patch, 16 << 10}, {&c.Jobs, 10}} {
		if *field.value <= 0 {
			*field.value = field.usual
		}
	}
	return c
}

// Context reads what the event is about: the quotes in the order in which they
// are worth reading, and a line for each thing that is missing, with the reason
// and what would help. What the event itself tells is told where GitHub refuses
// more; on a nil GitHub that is all. No quotes and no notes are those of an
// event that is about nothing; no quotes but notes mean that it is about
// something of which nothing could be read.
//
// It never fails as a whole, and ends soon after ctx does. The permissions that
// it can use are issues, pull-requests, actions and checks: read.
func (g *GitHub) Context(ctx context.Context, event Event, caps ContextCaps) (parts []Quote, notes []string) {
	c := &gathering{hub: g, path: event.Repository.Path, caps: caps.orDefaults()}
	c.left = c.caps.Total
	c.event(ctx, event)
	if c.dropped > 0 {
		c.note("the context is full: %s left out behind its first %d bytes", count(c.dropped, "more part is", "more parts are"), c.caps.Total-c.left)
	}
	return c.parts, c.notes
}

// gathering is a context while it is being read.
type gathering struct {
	hub     *GitHub // nil: nobody is asked
	path    string
	caps    ContextCaps
	left    int // bytes that there is room for
	dropped int // quotes that there was no room for
	parts   []Quote
	notes   []string
}

// note keeps a line, once.
func (c *gathering) note(format string, values ...any) {
	line := strings.Join(strings.Fields(fmt.Sprintf(format, values...)), " ")
	if !slices.Contains(c.notes, line) {
		c.notes = append(c.notes, line)
	}
}

// missing notes what can't be read, why, and what would help; permission is the
// line of a workflow file that allows it.
func (c *gathering) missing(err error, permission string) {
	refused, ok := errors.AsType[*GitHubError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		c.note("the time for reading the context was up: it goes without what was not read until then")
	case isGone(err):
		c.note("%v: it is gone, or the job lacks the permission %s", err, permission)
	case ok && refused.Limited:
		c.note("%v: the context goes without it; run the job again later", err)
	case ok && refused.Status == http.StatusForbidden:
		c.note("%v: give the job the permission %s", err, permission)
	case ok && refused.Status == http.StatusUnauthorized:
		c.note("%v: check that github-token is still valid", err)
	default:
		c.note("%v: the context goes without it; run the job again when GitHub answers", err)
	}
}

// kind is the room for quotes of one kind.
func (c *gathering) kind() *room { return &room{left: min(c.caps.Kind, c.left)} }

// room is what is left for quotes of one kind, in bytes.
type room struct {
	left  int
	taken bool // something stands in it already
}

// take cuts the quote to what one may be, and reports whether there is room for
// it. A first quote that is too long is cut instead of left out.
func (r *room) take(c *gathering, quote *Quote) bool {
	most := c.caps.Part
	if !r.taken {
		most = min(most, r.left)
	}
	quote.cut(most)
	if len(quote.Text) > r.left || quote.Text == "" {
		return false
	}
	r.left -= len(quote.Text)
	r.taken = true
	return true
}

// add keeps a quote that says something, cut to the caps.
func (c *gathering) add(quote Quote) { c.addUpTo(c.caps.Part, quote) }

// addUpTo keeps a quote of at most most bytes.
func (c *gathering) addUpTo(most int, quote Quote) {
	if strings.TrimSpace(quote.Text) == "" {
		return
	}
	// What comes after a quote that was left out is not worth more than it.
	if quote.cut(min(most, c.left)); quote.Text == "" || c.dropped > 0 {
		c.dropped++
		return
	}
	c.left -= len(quote.Text)
	c.parts = append(c.parts, quote)
}

// cut keeps at most most bytes, and learns the size before the first cut.
func (q *Quote) cut(most int) {
	q.Size = max(q.Size, len(q.Text))
	if q.Tail {
		q.Text = fromLine(q.Text, len(q.Text)-most)
		return
	}
	q.Text = cutHead(q.Text, most)
}

// cutHead keeps at most most bytes of whole characters.
func cutHead(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// count puts a number before the fitting words.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
