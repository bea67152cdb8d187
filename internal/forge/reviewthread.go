package forge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// reviewThread is a conversation about lines of a pull request.
type reviewThread struct {
	Path string
	// First and Last are the lines, the same for one line, and 0 for a comment
	// on the whole file. Those of an outdated thread are lines of Commit.
	First, Last int
	OldSide     bool // the lines are those before the change
	Resolved    bool
	Outdated    bool // the lines are no longer what was talked about
	Commit      string
	Comments    []Comment
	More        bool // it has more comments than are here
}

// where says what the thread is about, in words for people.
func (t reviewThread) where() string {
	where := quotePath(t.Path)
	switch {
	case t.Last > 0 && t.First > 0 && t.First < t.Last:
		where += fmt.Sprintf(":%d-%d", t.First, t.Last)
	case t.Last > 0:
		where += fmt.Sprintf(":%d", t.Last)
	}
	if t.Outdated && t.Commit != "" {
		where += " at commit " + t.Commit
	}
	if t.OldSide {
		where += " before the change"
	}
	return where
}

// isOf reports whether the comment, or one of the review, stands in it.
func (t reviewThread) isOf(comment, review int64) bool {
	for _, here := range t.Comments {
		if comment != 0 && here.ID == comment || review != 0 && here.ReviewID == review {
			return true
		}
	}
	return false
}

// threadsQuery asks for what REST lacks: whether a thread is resolved, and
// whether a comment was hidden.
// https://docs.github.com/graphql/reference/objects#pullrequestreviewthread
const threadsQuery = `query($owner: String!, $name: String!, $number: Int!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: $first, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          isResolved isOutdated path line startLine originalLine originalStartLine diffSide
          comments(first: 50) {
            pageInfo { hasNextPage }
            nodes {
              body url isMinimized
              author { __typename login }
              originalCommit { oid }
              pullRequestReview { url }
            }
          }
        }
      }
    }
  }
}`

type threadsAnswer struct {
	Repository *struct {
		PullRequest *struct {
			ReviewThreads struct {
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
				Nodes []threadNode
			}
		}
	}
}

type threadNode struct {
	IsResolved, IsOutdated bool
	Path                   string
	Line, StartLine        int
	OriginalLine           int
	OriginalStartLine      int
	DiffSide               string
	Comments               struct {
		PageInfo struct{ HasNextPage bool }
		Nodes    []struct {
			Body, URL   string
			IsMinimized bool
			Author      struct {
				Typename string `json:"__typename"`
				Login    string
			}
			OriginalCommit    struct{ OID string }
			PullRequestReview struct{ URL string }
		}
	}
}

// reviewThreads reads the threads of a pull request, oldest first, resolved ones
// too. Errors are *GitHubError, or errMorePages. The permission is
// pull-requests: read.
func (g *GitHub) reviewThreads(ctx context.Context, path string, number, questions int) iter.Seq2[reviewThread, error] {
	return func(yield func(reviewThread, error) bool) {
		op := fmt.Sprintf("read the review threads of pull request %d of %s", number, path)
		owner, name, err := splitPath(op, path)
		var after any
		for first := 50; err == nil; questions-- {
			if questions <= 0 {
				err = errMorePages
				break
			}
			var answer threadsAnswer
			err = g.graphQL(ctx, op, threadsQuery, map[string]any{"owner": owner, "name": name, "number": number, "first": first, "after": after}, &answer)
			switch {
			case errors.Is(err, errTooLong) && first > 1:
				first, err = first/5, nil // 50, 10, 2, and then none is shorter
				continue
			case err != nil:
			case answer.Repository == nil || answer.Repository.PullRequest == nil:
				err = &GitHubError{Op: op, Message: "the answer is not what GitHub documents: it names no pull request"}
			}
			if err != nil {
				break
			}
			threads := answer.Repository.PullRequest.ReviewThreads
			for _, node := range threads.Nodes {
				if !yield(node.thread(), nil) {
					return
				}
			}
			if !threads.PageInfo.HasNextPage {
				return
			}
			after = threads.PageInfo.EndCursor
		}
		yield(reviewThread{}, err)
	}
}

func (n threadNode) thread() reviewThread {
	thread := reviewThread{
		Path: n.Path, First: n.StartLine, Last: n.Line, OldSide: n.DiffSide == "LEFT",
		Resolved: n.IsResolved, Outdated: n.IsOutdated || n.Line == 0 && n.OriginalLine != 0, More: n.Comments.PageInfo.HasNextPage,
	}
	if thread.Outdated {
		thread.First, thread.Last = n.OriginalStartLine, n.OriginalLine
	}
	for i, comment := range n.Comments.Nodes {
		if i == 0 {
			thread.Commit = comment.OriginalCommit.OID
		}
		if comment.IsMinimized {
			continue
		}
		author := Account{Login: comment.Author.Login, Bot: comment.Author.Typename == "Bot"}
		if author.Bot && !strings.HasSuffix(author.Login, botSuffix) {
			author.Login += botSuffix // REST's name for the same account
		}
		thread.Comments = append(thread.Comments, Comment{
			Kind: CommentReview, ID: idAtEnd(comment.URL), Body: comment.Body, Author: author, URL: comment.URL,
			Path: n.Path, Line: n.Line, ReviewID: idAtEnd(comment.PullRequestReview.URL),
		})
	}
	return thread
}

// idAtEnd is the id that REST has for what stands at the address, such as
// .../pull/7#discussion_r991. GraphQL's own numbers are on their way out: one
// has too few bits, and the other is not known to every server.
func idAtEnd(address string) int64 {
	digits := strings.TrimLeftFunc(address[strings.LastIndexByte(address, '#')+1:], func(r rune) bool { return r < '0' || r > '9' })
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// threadsByREST reads the same where GraphQL is refused. REST does not tell
// which threads are resolved and which comments were hidden. The permission is
// pull-requests: read.
// https://docs.github.com/rest/pulls/comments#list-review-comments-on-a-pull-request
func (g *GitHub) threadsByREST(ctx context.Context, path string, number, questions int) ([]reviewThread, error) {
	comments := list[*github.PullRequestComment]{fmt.Sprintf("read the review comments on pull request %d of %s", number, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]*github.PullRequestComment, *github.Response, error) {
			return g.client.PullRequests.ListComments(ctx, owner, name, number, &github.PullRequestListCommentsOptions{ListOptions: page})
		}}
	var threads []reviewThread
	begun := map[int64]int{} // threads by the id of their first comment
	for found, err := range comments.all(ctx, questions) {
		if err != nil {
			return threads, err
		}
		comment := reviewCommentOf(found)
		if comment == nil {
			continue
		}
		at, known := begun[found.GetInReplyTo()]
		if found.GetInReplyTo() == 0 || !known {
			at = len(threads)
			begun[found.GetID()] = at
			threads = append(threads, begunBy(found))
		}
		threads[at].Comments = append(threads[at].Comments, *comment)
	}
	return threads, nil
}

// begunBy is the thread that a comment begins, still without comments.
func begunBy(comment *github.PullRequestComment) reviewThread {
	thread := reviewThread{Path: comment.GetPath(), OldSide: comment.GetSide() == "LEFT", Commit: comment.GetOriginalCommitID()}
	switch {
	case comment.GetSubjectType() == "file":
	case comment.Line == nil:
		thread.Outdated, thread.First, thread.Last = true, comment.GetOriginalStartLine(), comment.GetOriginalLine()
	default:
		thread.First, thread.Last = comment.GetStartLine(), comment.GetLine()
	}
	return thread
}
