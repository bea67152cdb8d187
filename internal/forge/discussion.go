package forge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// REST knows no discussions, so all about them is asked by GraphQL.
// https://docs.github.com/graphql/guides/using-the-graphql-api-for-discussions
const (
	discussionQuery = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    discussion(number: $number) { id number title body url locked author { __typename login } }
  }
}`
	discussionCommentsQuery = `query($owner: String!, $name: String!, $number: Int!, $last: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    discussion(number: $number) {
      comments(last: $last, before: $before) {
        pageInfo { hasPreviousPage startCursor }
        nodes { `
	// Of each comment; replies have none in their turn.
	ownFields   = `id body url updatedAt isMinimized author { __typename login }`
	withReplies = ownFields + ` replies(last: $last) { totalCount nodes { ` + ownFields + ` } }`
	queryEnd    = ` }
      }
    }
  }
}`
	addCommentQuery = `mutation($id: ID!, $body: String!) {
  addDiscussionComment(input: {discussionId: $id, body: $body}) { comment { id url } }
}`
	updateCommentQuery = `mutation($id: ID!, $body: String!) {
  updateDiscussionComment(input: {commentId: $id, body: $body}) { comment { id } }
}`
	commentTextQuery = `query($id: ID!) { node(id: $id) { ... on DiscussionComment { body } } }`
	eyesQuery        = `mutation($id: ID!) { addReaction(input: {subjectId: $id, content: EYES}) { reaction { content } } }`
)

// discussionAnswer answers both queries about a discussion.
type discussionAnswer struct {
	Repository *struct {
		Discussion *struct {
			ID, Title, Body, URL string
			Number               int
			Locked               bool
			Author               discussionAuthor
			Comments             struct {
				PageInfo struct {
					HasPreviousPage bool
					StartCursor     string
				}
				Nodes []discussionNode
			}
		}
	}
}

type discussionAuthor struct {
	Typename string `json:"__typename"`
	Login    string
}

// user is the author as REST tells of one.
func (a discussionAuthor) user() *github.User {
	return &github.User{Login: &a.Login, Type: &a.Typename}
}

// account is the author under REST's name, which for an app ends in [bot].
func (a discussionAuthor) account() Account {
	account := Account{Login: a.Login, Bot: a.Typename == "Bot"}
	if account.Bot && !strings.HasSuffix(account.Login, botSuffix) {
		account.Login += botSuffix
	}
	return account
}

// discussionNode is a comment on a discussion, or a reply to one.
type discussionNode struct {
	ID, Body, URL string
	UpdatedAt     time.Time
	IsMinimized   bool
	Author        discussionAuthor
	Replies       struct {
		TotalCount int
		Nodes      []discussionNode
	}
}

func (n discussionNode) comment() Comment {
	return Comment{Kind: CommentDiscussion, ID: idAtEnd(n.URL), NodeID: n.ID, Body: n.Body, Author: n.Author.account(), URL: n.URL}
}

// askDiscussion asks about a discussion. The permission is discussions: read.
func (g *GitHub) askDiscussion(ctx context.Context, op, query, path string, number int, more map[string]any) (discussionAnswer, error) {
	var answer discussionAnswer
	owner, name, err := splitPath(op, path)
	if err != nil {
		return answer, err
	}
	variables := map[string]any{"owner": owner, "name": name, "number": number}
	maps.Copy(variables, more)
	err = g.graphQL(ctx, op, query, variables, &answer)
	if err == nil && (answer.Repository == nil || answer.Repository.Discussion == nil) {
		err = &GitHubError{Op: op, Status: http.StatusOK, Message: "the answer names no discussion"}
	}
	return answer, err
}

// discussion reads a discussion as it is now. Its errors are *GitHubError, 404
// for one that is gone.
func (g *GitHub) discussion(ctx context.Context, path string, number int) (Discussion, error) {
	answer, err := g.askDiscussion(ctx, fmt.Sprintf("read discussion %d of %s", number, path), discussionQuery, path, number, nil)
	if err != nil {
		return Discussion{}, err
	}
	found := answer.Repository.Discussion
	return Discussion{
		Number: found.Number, NodeID: found.ID, Title: found.Title, Body: found.Body,
		Author: found.Author.account(), Locked: found.Locked, URL: found.URL,
	}, nil
}

// discussionComments reads the comments on a discussion, newest first, each with
// the fields. Errors are *GitHubError, or errMorePages.
func (g *GitHub) discussionComments(ctx context.Context, path string, number int, fields string, questions int) iter.Seq2[discussionNode, error] {
	return func(yield func(discussionNode, error) bool) {
		op := fmt.Sprintf("read the comments on discussion %d of %s", number, path)
		var before any
		for last := 50; ; questions-- {
			if questions <= 0 {
				yield(discussionNode{}, errMorePages)
				return
			}
			answer, err := g.askDiscussion(ctx, op, discussionCommentsQuery+fields+queryEnd, path, number, map[string]any{"last": last, "before": before})
			if errors.Is(err, errTooLong) && last > 2 {
				last /= 5 // 50, 10, 2, and then none is shorter
				continue
			}
			if err != nil {
				yield(discussionNode{}, err)
				return
			}
			comments := answer.Repository.Discussion.Comments
			for i := len(comments.Nodes) - 1; i >= 0; i-- {
				if !yield(comments.Nodes[i], nil) {
					return
				}
			}
			if !comments.PageInfo.HasPreviousPage {
				return
			}
			before = comments.PageInfo.StartCursor
		}
	}
}

// react puts eyes under the discussion or comment of that node id. Eyes that are
// there already count as put.
// https://docs.github.com/graphql/reference/mutations#addreaction
func (g *GitHub) react(ctx context.Context, op, id string) error {
	var said any
	return g.graphQL(ctx, op, eyesQuery, map[string]any{"id": id}, &said)
}
