package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Conversation is where the action comments: an issue, a pull request or a
// discussion. Its errors are *GitHubError; a 404 of Update and Text says that
// somebody deleted the comment.
//
// Comments on a discussion stand at its top level, whatever comment started the
// workflow: all runs of a step share one comment, their events may come from
// different threads, and a reply can neither change its thread nor be replied to.
type Conversation struct {
	hub    *GitHub
	path   string
	kind   SubjectKind
	number int
}

// Conversation is that of the subject of repository path. It asks nobody.
func (g *GitHub) Conversation(path string, kind SubjectKind, number int) Conversation {
	return Conversation{hub: g, path: path, kind: kind, number: number}
}

// Find looks for the comment that begins with marker and was written by author;
// see FindComment.
func (c Conversation) Find(ctx context.Context, marker, author string) (Posted, error) {
	if c.kind != SubjectDiscussion {
		return c.hub.FindComment(ctx, c.path, c.number, marker, author)
	}
	for comment, err := range c.hub.discussionComments(ctx, c.path, c.number, ownFields, mostQuestions) {
		if errors.Is(err, errMorePages) {
			break
		}
		if err != nil {
			return Posted{}, err
		}
		if strings.HasPrefix(comment.Body, marker) && sameAccount(comment.Author.user(), author) {
			return Posted{NodeID: comment.ID, URL: comment.URL}, nil
		}
	}
	return Posted{}, nil
}

// LastMark looks for the mark that was written last; see GitHub.LastMark.
func (c Conversation) LastMark(ctx context.Context, author string, wanted func(mark string) bool) (mark string, _ error) {
	if c.kind != SubjectDiscussion {
		return c.hub.LastMark(ctx, c.path, c.number, author, wanted)
	}
	var at time.Time
	for comment, err := range c.hub.discussionComments(ctx, c.path, c.number, ownFields, mostQuestions) {
		if errors.Is(err, errMorePages) {
			break
		}
		if err != nil {
			return "", err
		}
		if !sameAccount(comment.Author.user(), author) || !comment.UpdatedAt.After(at) {
			continue
		}
		marks := Marks(comment.Body)
		if i := slices.IndexFunc(marks, wanted); i >= 0 {
			mark, at = marks[i], comment.UpdatedAt
		}
	}
	return mark, nil
}

// Text reads the text of a comment.
func (c Conversation) Text(ctx context.Context, comment Posted) (string, error) {
	if c.kind != SubjectDiscussion {
		return c.hub.CommentText(ctx, c.path, comment.ID)
	}
	op := "read our comment on " + c.where()
	var said struct{ Node *struct{ Body string } }
	if err := c.hub.graphQL(ctx, op, commentTextQuery, map[string]any{"id": comment.NodeID}, &said); err != nil {
		return "", err
	}
	if said.Node == nil {
		return "", &GitHubError{Op: op, Status: http.StatusNotFound, Message: "the answer names no comment"}
	}
	return said.Node.Body, nil
}

// Create writes a comment. The permission for a discussion is discussions:
// write; for the others see CreateComment.
// https://docs.github.com/graphql/reference/mutations#adddiscussioncomment
func (c Conversation) Create(ctx context.Context, body string) (Posted, error) {
	if c.kind != SubjectDiscussion {
		return c.hub.CreateComment(ctx, c.path, c.number, body)
	}
	discussion, err := c.hub.discussion(ctx, c.path, c.number)
	if err != nil {
		return Posted{}, err
	}
	op := "comment on " + c.where()
	var said struct {
		AddDiscussionComment struct{ Comment struct{ ID, URL string } }
	}
	if err := c.hub.graphQL(ctx, op, addCommentQuery, map[string]any{"id": discussion.NodeID, "body": body}, &said); err != nil {
		return Posted{}, err
	}
	made := said.AddDiscussionComment.Comment
	if made.ID == "" {
		return Posted{}, &GitHubError{Op: op, Status: http.StatusOK, Message: "the answer names no comment"}
	}
	return Posted{NodeID: made.ID, URL: made.URL}, nil
}

// Update replaces the text of a comment.
// https://docs.github.com/graphql/reference/mutations#updatediscussioncomment
func (c Conversation) Update(ctx context.Context, comment Posted, body string) error {
	if c.kind != SubjectDiscussion {
		return c.hub.UpdateComment(ctx, c.path, comment.ID, body)
	}
	var said any
	return c.hub.graphQL(ctx, "update our comment on "+c.where(), updateCommentQuery, map[string]any{"id": comment.NodeID, "body": body}, &said)
}

func (c Conversation) where() string { return fmt.Sprintf("discussion %d of %s", c.number, c.path) }

// IsZero reports whether it is no comment.
func (p Posted) IsZero() bool { return p.ID == 0 && p.NodeID == "" }

// Key names the comment for PostedAt, in a word.
func (p Posted) Key() string {
	if p.NodeID != "" {
		return p.NodeID
	}
	return strconv.FormatInt(p.ID, 10)
}

// PostedAt is the comment that Key names, without its address; zero for what is
// no key.
func PostedAt(key string) Posted {
	if id, err := strconv.ParseInt(key, 10, 64); err == nil {
		return Posted{ID: id}
	}
	return Posted{NodeID: key}
}
