package forge

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/go-github/v62/github"
)

// pageSize is how many items of a list are asked for at once, the most that
// GitHub gives.
// https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
const pageSize = 100

// smaller are the sizes to which a page shrinks whose answer is too long: a
// hundred comments may hold 65,536 characters each. Each divides the one before,
// so that pages of one size begin where pages of the other do.
var smaller = map[int]int{pageSize: 20, 20: 4, 4: 1}

// mostQuestions is how many are asked for a list that has to be read whole:
// thirty pages, each read again as five smaller ones. GitHub keeps at most 2,500
// comments on an issue.
const mostQuestions = 30 * (1 + 5)

// errMorePages ends a list that goes on behind the last page that was wanted.
var errMorePages = errors.New("the list is longer than what is read of it")

// list is one of GitHub's lists that come in pages.
type list[T any] struct {
	op   string // for errors
	path string // of the repository
	ask  func(ctx context.Context, owner, name string, page github.ListOptions) ([]T, *github.Response, error)
}

// all reads the list from its begin, with at most so many questions. Errors are
// *GitHubError, or errMorePages when the list is longer.
func (l list[T]) all(ctx context.Context, questions int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		reader := pageReader[T]{list: l, left: questions}
		for number, more := 1, true; more; number++ {
			page, err := reader.page(ctx, number, pageSize)
			if !yieldPage(page.items, err, yield) {
				return
			}
			more = page.more
		}
	}
}

// whole reads the list for those who can't do with a part of it. Errors are
// *GitHubError; a list that is too long is one.
func (l list[T]) whole(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range l.all(ctx, mostQuestions) {
			if !yield(item, l.asGitHubError(err)) {
				return
			}
		}
	}
}

// asGitHubError is err for those to whom a list that is too long is an error like
// any other.
func (l list[T]) asGitHubError(err error) error {
	if errors.Is(err, errMorePages) {
		return &GitHubError{Op: l.op, Message: err.Error()}
	}
	return err
}

// newest reads a list that GitHub gives in the order of time from its end, the
// newest item first, with at most so many questions. Whoever needs a part only
// stops, and pages before it are never asked for. When items go away meanwhile,
// others may come twice or not at all. Errors are those of all.
func (l list[T]) newest(ctx context.Context, questions int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		reader := pageReader[T]{list: l, left: questions}
		first, err := reader.page(ctx, 1, pageSize)
		number, last := 1, first
		for err == nil && last.more { // once, or again when the list has grown
			number = last.last
			last, err = reader.page(ctx, number, pageSize)
		}
		for err == nil && number > 1 {
			slices.Reverse(last.items)
			if !yieldPage(last.items, nil, yield) {
				return
			}
			if number--; number > 1 {
				last, err = reader.page(ctx, number, pageSize)
			}
		}
		slices.Reverse(first.items)
		if err != nil {
			first.items = nil // There is a gap between what was read and these.
		}
		yieldPage(first.items, err, yield)
	}
}

// yieldPage hands on the items, then the error, and reports whether to go on.
func yieldPage[T any](items []T, err error, yield func(T, error) bool) bool {
	for _, item := range items {
		if !yield(item, nil) {
			return false
		}
	}
	if err != nil {
		var none T
		yield(none, err)
		return false
	}
	return true
}

type page[T any] struct {
	items []T
	more  bool // there is a page behind it
	last  int  // the number of the last page, as far as is known
}

type pageReader[T any] struct {
	list[T]
	left int // questions that may still be asked
}

// page reads one page; one whose answer is too long is put together from smaller
// ones.
func (r *pageReader[T]) page(ctx context.Context, number, size int) (page[T], error) {
	if r.left <= 0 {
		return page[T]{}, errMorePages
	}
	r.left--
	owner, name, err := splitPath(r.op, r.path)
	if err != nil {
		return page[T]{}, err
	}
	items, answer, err := r.ask(ctx, owner, name, github.ListOptions{Page: number, PerPage: size})
	switch {
	case err == nil:
		return page[T]{items, answer.NextPage != 0, max(number, answer.NextPage, answer.LastPage)}, nil
	case size == 1 || !errors.Is(err, errTooLong):
		return page[T]{}, gitHubError(r.op, answer, err)
	}
	whole := page[T]{last: number}
	for i := range size / smaller[size] {
		some, err := r.page(ctx, (number-1)*size/smaller[size]+i+1, smaller[size])
		if err != nil {
			return page[T]{}, err
		}
		whole.items = append(whole.items, some.items...)
		whole.more = some.more
		whole.last = max(number, (some.last*smaller[size]+size-1)/size)
		if !some.more {
			break
		}
	}
	return whole, nil
}
