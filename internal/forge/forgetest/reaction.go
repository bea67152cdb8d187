package forgetest

import (
	"slices"
	"strconv"
	"time"
)

// Reaction is somebody's sign below an issue or a comment.
type Reaction struct {
	ID        int64
	Author    string
	Content   string // "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket" or "eyes"
	CreatedAt time.Time
}

var reactionContents = [...]string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

func (h *Hub) fillReactions(reactions []*Reaction, now time.Time) {
	for _, reaction := range reactions {
		h.putID(&reaction.ID, "reaction")
		putTime(&reaction.CreatedAt, now)
	}
}

// reactionsJSON is a reaction-rollup.
func (x *exchange) reactionsJSON(api string, reactions []*Reaction) object {
	made := object{"url": api + "/reactions", "total_count": len(reactions)}
	for _, content := range reactionContents {
		n := 0
		for _, reaction := range reactions {
			if reaction.Content == content {
				n++
			}
		}
		made[content] = n
	}
	return made
}

func (x *exchange) reactionJSON(r *Reaction) object {
	return object{"id": r.ID, "node_id": nodeID("REA", r.ID), "user": x.userJSON(r.Author), "content": r.Content, "created_at": stamp(r.CreatedAt)}
}

// theReactions are those below what the path names: a comment, a review comment
// or an issue.
func (x *exchange) theReactions() (*[]*Reaction, *answer) {
	switch {
	case x.params["comment"] != "":
		_, c, gone := x.theComment()
		if gone != nil {
			return nil, gone
		}
		return &c.Reactions, nil
	case x.params["review_comment"] != "":
		id, _ := strconv.ParseInt(x.params["review_comment"], 10, 64)
		for _, i := range x.repo.Issues {
			if _, c := i.reviewComment(id); c != nil {
				return &c.Reactions, nil
			}
		}
		return nil, new(x.notFound())
	}
	i, gone := x.theIssue()
	if gone != nil {
		return nil, gone
	}
	return &i.Reactions, nil
}

// listReactions answers GET .../reactions.
func (h *Hub) listReactions(x *exchange) answer {
	reactions, gone := x.theReactions()
	if gone != nil {
		return *gone
	}
	content := x.r.URL.Query().Get("content")
	made := []object{}
	for _, reaction := range *reactions {
		if content == "" || content == reaction.Content {
			made = append(made, x.reactionJSON(reaction))
		}
	}
	return x.page(made)
}

// createReaction answers POST .../reactions: 201 for a new one, 200 for one that
// was there.
func (h *Hub) createReaction(x *exchange) answer {
	reactions, gone := x.theReactions()
	if gone != nil {
		return *gone
	}
	sent, _ := x.sent.(map[string]any)
	content, _ := sent["content"].(string)
	if !slices.Contains(reactionContents[:], content) {
		return x.invalid("Validation Failed", fieldError{Resource: "Reaction", Code: "invalid", Field: "content", Value: content})
	}
	for _, reaction := range *reactions {
		if reaction.Author == x.login() && reaction.Content == content {
			return answer{body: x.reactionJSON(reaction)}
		}
	}
	made := &Reaction{ID: h.mint("reaction"), Author: x.login(), Content: content, CreatedAt: time.Now().UTC().Truncate(time.Second)}
	*reactions = append(*reactions, made)
	return answer{status: 201, body: x.reactionJSON(made)}
}
