package forgetest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// discussed is a discussion, or a comment on it, that a node id names.
type discussed struct {
	*Discussion
	comment *Comment // nil: the discussion itself
	parent  *Comment // of a reply
}

// findDiscussed finds what the node id names, if the token sees it, and makes
// its repository x.repo.
func (x *exchange) findDiscussed(id string) (discussed, *gqlError) {
	for _, r := range x.hub.repos {
		for _, d := range r.Discussions {
			if d.Deleted || !x.token.sees(r) {
				continue
			}
			x.repo = r
			if d.NodeID() == id {
				return discussed{Discussion: d}, nil
			}
			for _, c := range d.Comments {
				if DiscussionCommentNodeID(c.ID) == id {
					return discussed{d, c, nil}, nil
				}
				for _, reply := range c.Replies {
					if DiscussionCommentNodeID(reply.ID) == id {
						return discussed{d, reply, c}, nil
					}
				}
			}
		}
	}
	return discussed{}, gqlNotFound("Could not resolve to a node with the global id of '%s'", id)
}

// entity is what was found, as a node.
func (x *exchange) discussedEntity(found discussed) *entity {
	switch {
	case found.comment == nil:
		return x.gqlDiscussion(found.Discussion)
	case found.parent == nil:
		return x.gqlDiscussed(found.Discussion, found.comment, nil)
	}
	return x.gqlDiscussed(found.Discussion, found.comment, x.gqlDiscussed(found.Discussion, found.parent, nil))
}

func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// discusses is a mutation of discussions: it finds what the first of the input's
// fields names, and holds the token against what it takes to write there.
func (x *exchange) discusses(kind string, fields []string, change func(input map[string]any, found discussed) (object, *gqlError)) gqlCall {
	return func(args map[string]any) (any, *gqlError) {
		input, _ := args["input"].(map[string]any)
		for name := range input {
			if name != "clientMutationId" && !slices.Contains(fields, name) {
				return nil, &gqlError{Message: fmt.Sprintf("InputObject '%sInput' doesn't accept argument '%s'", capital(kind), name)}
			}
		}
		id, _ := input[fields[0]].(string)
		found, failed := x.findDiscussed(id)
		if failed == nil {
			failed = x.gqlMayDiscuss(kind)
		}
		var made object
		if failed == nil {
			made, failed = change(input, found)
		}
		if failed != nil {
			return nil, failed
		}
		x.hub.fill()
		made["clientMutationId"] = input["clientMutationId"]
		return &entity{capital(kind) + "Payload", made}, nil
	}
}

// gqlMayDiscuss says why the token may not write into the discussions of x.repo.
// Everybody may who sees them.
func (x *exchange) gqlMayDiscuss(mutation string) *gqlError {
	scopes := x.token.Scopes
	switch {
	case x.token.Kind != Classic && (!x.token.reaches(x.repo) || !x.token.has("discussions=write")):
		return x.gqlForbidden()
	case x.token.Kind == Classic && !slices.Contains(scopes, "repo") && (x.repo.Private || !slices.Contains(scopes, "public_repo")):
		return &gqlError{Type: "INSUFFICIENT_SCOPES", Message: fmt.Sprintf("Your token has not been granted the required scopes to execute this query. The '%s' field requires one of the following scopes: ['public_repo'], but your token has only been granted the: ['%s'] scopes. Please modify your token's scopes at: https://github.com/settings/tokens.", mutation, strings.Join(scopes, "', '"))}
	}
	return nil
}

// gqlBody is the text of a comment that a mutation brings.
func gqlBody(input map[string]any) (string, *gqlError) {
	text, _ := input["body"].(string)
	switch {
	case strings.TrimSpace(text) == "":
		return "", &gqlError{Type: "UNPROCESSABLE", Message: "Body can't be blank"}
	case utf8.RuneCountInString(text) > maxBody:
		return "", &gqlError{Type: "UNPROCESSABLE", Message: "Body is too long (maximum is 65536 characters)"}
	}
	return text, nil
}

// gqlDiscussionMutations are the mutations of discussions.
// https://docs.github.com/graphql/guides/using-the-graphql-api-for-discussions#mutations
func (x *exchange) gqlDiscussionMutations() object {
	return object{
		"addDiscussionComment": x.discusses("addDiscussionComment", []string{"discussionId", "body", "replyToId"}, func(input map[string]any, found discussed) (object, *gqlError) {
			d, to := found.Discussion, &found.Comments
			body, failed := gqlBody(input)
			switch replyTo, _ := input["replyToId"].(string); {
			case found.comment != nil:
				return nil, gqlNotFound("Could not resolve to Discussion node with the global id of '%s'.", input["discussionId"])
			case d.Locked && !x.mayWriteHere():
				return nil, &gqlError{Type: "UNPROCESSABLE", Message: "Unable to create comment because discussion is locked."}
			case failed != nil:
				return nil, failed
			case replyTo != "":
				thread, failed := x.findDiscussed(replyTo)
				if failed != nil {
					return nil, failed
				}
				if thread.comment == nil || thread.parent != nil || thread.Discussion != d {
					return nil, &gqlError{Type: "UNPROCESSABLE", Message: "Parent comment is already in a thread, cannot reply to it"}
				}
				to = &thread.comment.Replies
			}
			made := &Comment{Author: x.login(), Body: body}
			*to = append(*to, made)
			x.hub.fill()
			return object{"comment": x.gqlDiscussed(d, made, nil)}, nil
		}),
		"updateDiscussionComment": x.discusses("updateDiscussionComment", []string{"commentId", "body"}, func(input map[string]any, found discussed) (object, *gqlError) {
			c := found.comment
			body, failed := gqlBody(input)
			switch {
			case c == nil:
				return nil, gqlNotFound("Could not resolve to DiscussionComment node with the global id of '%s'.", input["commentId"])
			case c.Author != x.login() && !x.mayWriteHere():
				return nil, &gqlError{Type: "FORBIDDEN", Message: x.login() + " does not have the correct permissions to execute `UpdateDiscussionComment`"}
			case failed != nil:
				return nil, failed
			}
			c.Body, c.UpdatedAt = body, time.Now().UTC().Truncate(time.Second)
			return object{"comment": x.discussedEntity(found)}, nil
		}),
		"addReaction": x.discusses("addReaction", []string{"subjectId", "content"}, func(input map[string]any, found discussed) (object, *gqlError) {
			to := &found.Discussion.Reactions
			if found.comment != nil {
				to = &found.comment.Reactions
			}
			word, _ := input["content"].(string)
			content, known := map[string]string{"THUMBS_UP": "+1", "THUMBS_DOWN": "-1", "LAUGH": "laugh", "CONFUSED": "confused", "HEART": "heart", "HOORAY": "hooray", "ROCKET": "rocket", "EYES": "eyes"}[word]
			if !known {
				return nil, &gqlError{Message: fmt.Sprintf("Argument 'content' on InputObject 'AddReactionInput' has an invalid value (%v). Expected type 'ReactionContent!'.", input["content"])}
			}
			at := slices.IndexFunc(*to, func(r *Reaction) bool { return r.Author == x.login() && r.Content == content })
			if at < 0 {
				at = len(*to)
				*to = append(*to, &Reaction{Author: x.login(), Content: content})
				x.hub.fill()
			}
			reaction := (*to)[at]
			return object{"reaction": &entity{"Reaction", object{"id": nodeID("REA", reaction.ID), "content": word, "user": x.gqlActor(reaction.Author)}}, "subject": x.discussedEntity(found)}, nil
		}),
	}
}
