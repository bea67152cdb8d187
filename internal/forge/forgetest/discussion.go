package forgetest

import (
	"fmt"
	"slices"
	"time"
)

// Discussion is a discussion, which only GraphQL shows.
type Discussion struct {
	Number    int
	ID        int64
	Title     string
	Body      string
	Author    string
	Closed    bool
	Locked    bool
	Deleted   bool // it can't be found any more
	Comments  []*Comment
	Reactions []*Reaction
}

// NodeID is the discussion's id in GraphQL and in events.
func (d *Discussion) NodeID() string { return nodeID("D", d.ID) }

// DiscussionCommentNodeID is the id in GraphQL and in events of the comment on a
// discussion, or of the reply to one, that has the id.
func DiscussionCommentNodeID(id int64) string { return nodeID("DC", id) }

// Discussion returns a copy of a discussion. It panics when there is none.
func (h *Hub) Discussion(path string, number int) *Discussion {
	d := h.Repository(path).discussion(number)
	if d == nil {
		panic(fmt.Sprintf("forgetest: %s has no discussion %d", path, number))
	}
	return d
}

// Discuss adds a comment to a discussion and returns its id.
func (h *Hub) Discuss(path string, number int, comment Comment) int64 {
	added := &comment
	h.Edit(path, func(r *Repository) {
		d := r.discussion(number)
		d.Comments = append(d.Comments, added)
	})
	return added.ID
}

func (r *Repository) discussion(number int) *Discussion {
	at := slices.IndexFunc(r.Discussions, func(d *Discussion) bool { return d.Number == number && !d.Deleted })
	if at < 0 {
		return nil
	}
	return r.Discussions[at]
}

func (h *Hub) fillDiscussion(d *Discussion, now time.Time) {
	h.putID(&d.ID, "discussion")
	h.fillReactions(d.Reactions, now)
	h.fillDiscussed(d.Comments, now)
}

func (h *Hub) fillDiscussed(comments []*Comment, now time.Time) {
	for _, c := range comments {
		h.putID(&c.ID, "comment")
		putTime(&c.CreatedAt, now)
		putTime(&c.UpdatedAt, c.CreatedAt)
		h.fillReactions(c.Reactions, now)
		h.fillDiscussed(c.Replies, now)
	}
}

func (x *exchange) gqlDiscussion(d *Discussion) *entity {
	var comments []*entity
	for _, c := range d.Comments {
		comments = append(comments, x.gqlDiscussed(d, c, nil))
	}
	return &entity{"Discussion", object{
		"id": d.NodeID(), "databaseId": d.ID, "number": d.Number, "title": d.Title, "body": d.Body, "url": x.discussionURL(d), "closed": d.Closed,
		"locked": d.Locked, "author": x.gqlActor(d.Author), "comments": connection("DiscussionCommentConnection", "comments", comments),
	}}
}

func (x *exchange) discussionURL(d *Discussion) string {
	return fmt.Sprintf("%s/discussions/%d", x.web(x.repo), d.Number)
}

// gqlDiscussed is a comment on a discussion, or a reply to parent.
func (x *exchange) gqlDiscussed(d *Discussion, c *Comment, parent *entity) *entity {
	made := x.gqlComment("DiscussionComment", c, x.discussionURL(d)+"#discussioncomment-"+itoa(c.ID))
	var replies []*entity
	for _, reply := range c.Replies {
		replies = append(replies, x.gqlDiscussed(d, reply, made))
	}
	delete(made.fields, "fullDatabaseId")
	made.fields["id"], made.fields["replyTo"], made.fields["viewerDidAuthor"] = DiscussionCommentNodeID(c.ID), parent, c.Author == x.login()
	made.fields["replies"] = connection("DiscussionCommentConnection", "replies", replies)
	return made
}
