package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// v1List is a page of things. nextCursor is left out at the end, not null.
type v1List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"nextCursor,omitempty"`
}

// page cuts a page out of all things, which are oldest first, newest first. The
// cursor is the key of the last thing on the page before.
func page[T any](all []T, key func(T) string, matching func(T) bool, limit int, cursor string) (items []T, next string, p *problem) {
	end := len(all)
	if cursor != "" {
		end = slices.IndexFunc(all, func(item T) bool { return key(item) == cursor })
		if end < 0 {
			return nil, "", invalid("cursor is not one of this list")
		}
	}
	for _, item := range slices.Backward(all[:end]) {
		if !matching(item) {
			continue
		}
		if len(items) == limit {
			return items, key(items[limit-1]), nil
		}
		items = append(items, item)
	}
	return items, "", nil
}

// query reads the parameters of a URL and keeps the first problem.
type query struct {
	values  url.Values
	problem *problem
}

func (q *query) fail(format string, args ...any) {
	if q.problem == nil {
		q.problem = invalid(format, args...)
	}
}

// text is a parameter that must not be empty when it is there.
func (q *query) text(name string) string {
	if q.values.Has(name) && q.values.Get(name) == "" {
		q.fail("%s must not be empty", name)
	}
	return q.values.Get(name)
}

// limit is the page size.
func (q *query) limit() int {
	if !q.values.Has("limit") {
		return 20
	}
	n, err := strconv.Atoi(q.values.Get("limit"))
	if err != nil || n < 1 || n > 100 {
		q.fail("limit must be a whole number from 1 to 100")
	}
	return n
}

func (q *query) boolean(name string, byDefault bool) bool {
	switch value := q.values.Get(name); {
	case !q.values.Has(name):
		return byDefault
	case value == "true":
		return true
	case value != "false":
		q.fail("%s must be true or false", name)
	}
	return false
}

func (q *query) url(name string) string {
	value := q.values.Get(name)
	if q.values.Has(name) && !isWebURL(value) {
		q.fail("%s must be a URL", name)
	}
	return value
}

// isWebURL reports whether a text is an http or https URL with a host and
// without user name.
func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// invalid is the refusal of a request that is not as the specification says.
func invalid(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "validation_error", fmt.Sprintf(format, args...)}
}
