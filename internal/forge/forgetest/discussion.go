package forgetest

import (
	"fmt"
	"time"
)

// Discussion is a discussion, which only GraphQL shows.
type Discussion struct {
	Number   int
	ID       int64
	Title    string
	Body     string
	Author   string
	Closed   bool
	Locked   bool
	Comments []*Comment
}

func (h *Hub) fillDiscussion(d *Discussion, now time.Time) {
	h.putID(&d.ID, "discussion")
	for _, c := range d.Comments {
		h.putID(&c.ID, "comment")
		putTime(&c.CreatedAt, now)
		putTime(&c.UpdatedAt, c.CreatedAt)
	}
}

func (x *exchange) gqlDiscussion(d *Discussion) *entity {
	url := fmt.Sprintf("%s/discussions/%d", x.web(x.repo), d.Number)
	var comments []*entity
	for _, c := range d.Comments {
		comments = append(comments, x.gqlComment("DiscussionComment", c, url+"#discussioncomment-"+itoa(c.ID)))
	}
	return &entity{"Discussion", object{
		"id": nodeID("D", d.ID), "databaseId": d.ID, "number": d.Number, "title": d.Title, "body": d.Body, "url": url, "closed": d.Closed,
		"locked": d.Locked, "author": x.gqlActor(d.Author), "comments": connection("DiscussionCommentConnection", "comments", comments),
	}}
}
