package cursor

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"time"
)

const (
	// pageSize is the largest page that the API gives.
	pageSize = 100
	// maxPages ends a list whose pages never end.
	maxPages = 1000
)

// list is the answer of the calls that return several things.
type list[T any] struct {
	Items *[]T `json:"items"`
	// NextCursor is absent, null or "" at the end.
	NextCursor string `json:"nextCursor"`
}

func (l list[T]) lacks() string {
	if l.Items == nil {
		return "items"
	}
	return ""
}

func (l list[T]) entries() []T { return *l.Items }
func (l list[T]) next() string { return l.NextCursor }

// page is the answer of a call that returns several things, page after page.
type page[T any] interface {
	answer
	entries() []T
	// next is the cursor of the page after this one, "" at the end.
	next() string
}

// absent returns the name of the first empty value, "" when there is none.
func absent(namesAndValues ...string) string {
	for i := 0; i < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			return namesAndValues[i]
		}
	}
	return ""
}

// pages yields the items of all pages of k. each, which may be nil, completes
// an item with the server's clock. The first error is the last thing yielded.
func pages[P page[T], T any](ctx context.Context, c *Client, k call, each func(*T, time.Time)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		here := k
		seen := map[string]bool{}
		for {
			got, served, err := fetch[P](ctx, c, here)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range got.entries() {
				if each != nil {
					each(&item, served)
				}
				if !yield(item, nil) {
					return
				}
			}
			next := got.next()
			switch {
			case next == "":
				return
			case seen[next]:
				yield(none, k.endless("the API gave the same page cursor twice"))
				return
			case len(seen)+1 == maxPages:
				yield(none, k.endless(fmt.Sprintf("the list has more than %d pages", maxPages)))
				return
			}
			seen[next] = true
			here.query = url.Values{}
			maps.Copy(here.query, k.query)
			here.query.Set("cursor", next)
		}
	}
}

// endless is the error of a list that would never end.
func (k call) endless(why string) *Error {
	return &Error{Op: k.op, Method: k.method, Path: k.path, Message: why, Class: Final, Attempts: 1}
}
