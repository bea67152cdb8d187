package forgetest_test

import (
	"strings"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

const (
	addComment = `mutation($id: ID!, $body: String!, $to: ID) { addDiscussionComment(input: {discussionId: $id, body: $body, replyToId: $to}) { comment { body author { login __typename } viewerDidAuthor replyTo { body } } } }`
	editIt     = `mutation($id: ID!, $body: String!) { updateDiscussionComment(input: {commentId: $id, body: $body}) { comment { body replyTo { body } } } }`
	react      = `mutation($id: ID!, $content: ReactionContent!) { addReaction(input: {subjectId: $id, content: $content, clientMutationId: "m"}) { clientMutationId reaction { content user { login } } subject { id } } }`
)

// discussing is a hub whose acme/shop has discussion 3 with a comment and a
// reply, and the node ids of the three.
func discussing(t *testing.T, token forgetest.Token) (c *client, ids [3]string) {
	t.Helper()
	config := shop()
	config.Repositories[0].Discussions = []*forgetest.Discussion{{Number: 3, Title: "Ideas", Body: "Any?", Author: "ann", Comments: []*forgetest.Comment{
		{Author: "eve", Body: "One", Replies: []*forgetest.Comment{{Author: "github-actions[bot]", Body: "Two"}}},
	}}}
	c = start(t, config)
	token.Value = workflowToken
	c.hub.SetTokens(token)
	d := c.hub.Discussion("acme/shop", 3)
	return c, [3]string{d.NodeID(), forgetest.DiscussionCommentNodeID(d.Comments[0].ID), forgetest.DiscussionCommentNodeID(d.Comments[0].Replies[0].ID)}
}

func TestDiscussionsAreWrittenInByThoseWhoMay(t *testing.T) {
	t.Parallel()
	workflow := forgetest.Token{Permissions: map[string]string{"discussions": "write"}}
	classic := func(scopes ...string) forgetest.Token {
		return forgetest.Token{Kind: forgetest.Classic, Login: "eve", Scopes: scopes}
	}
	const forbidden = `"type":"FORBIDDEN"`
	for _, test := range []struct {
		name   string
		token  forgetest.Token
		query  string
		id     int // 0: the discussion, 1: the comment, 2: the reply, -1: none of them
		more   map[string]any
		locked bool
		want   string
	}{
		{"a comment", workflow, addComment, 0, map[string]any{"body": "Hi"}, false,
			`{"data":{"addDiscussionComment":{"comment":{"author":{"__typename":"Bot","login":"github-actions"},"body":"Hi","replyTo":null,"viewerDidAuthor":true}}}}`},
		{"a comment of a person", classic("public_repo"), addComment, 0, map[string]any{"body": "Hi"}, false, `"author":{"__typename":"User","login":"eve"}`},
		{"a comment without the permission", forgetest.Token{Permissions: map[string]string{"discussions": "read"}}, addComment, 0, map[string]any{"body": "Hi"}, false, forbidden},
		{"a comment without the scope", classic("read:org"), addComment, 0, map[string]any{"body": "Hi"}, false, `"type":"INSUFFICIENT_SCOPES"`},
		{"a comment without words", workflow, addComment, 0, map[string]any{"body": " "}, false, `"message":"Body can't be blank"`},
		{"a comment of too many words", workflow, addComment, 0, map[string]any{"body": strings.Repeat("é", 65537)}, false, `"message":"Body is too long (maximum is 65536 characters)"`},
		{"a comment on a comment", workflow, addComment, 1, map[string]any{"body": "Hi"}, false, `"type":"NOT_FOUND"`},
		{"a comment on nothing", workflow, addComment, -1, map[string]any{"body": "Hi"}, false, `"message":"Could not resolve to a node with the global id of 'D_x'"`},
		{"a comment on a locked discussion", workflow, addComment, 0, map[string]any{"body": "Hi"}, true, `"message":"Unable to create comment because discussion is locked."`},
		{"a comment of a writer on a locked discussion", forgetest.Token{Kind: forgetest.Classic, Login: "ann", Scopes: []string{"repo"}}, addComment, 0, map[string]any{"body": "Hi"}, true, `"body":"Hi"`},
		{"a reply", workflow, addComment, 0, map[string]any{"body": "Hi", "to": 1}, false, `"body":"Hi"`},
		{"a reply to a reply", workflow, addComment, 0, map[string]any{"body": "Hi", "to": 2}, false, `"message":"Parent comment is already in a thread, cannot reply to it"`},
		{"a reply to nothing", workflow, addComment, 0, map[string]any{"body": "Hi", "to": "DC_x"}, false, `"type":"NOT_FOUND"`},
		{"another text", workflow, editIt, 2, map[string]any{"body": "Three"}, false, `{"data":{"updateDiscussionComment":{"comment":{"body":"Three","replyTo":{"body":"One"}}}}}`},
		{"another text for somebody else's", workflow, editIt, 1, map[string]any{"body": "Three"}, false, "\"message\":\"github-actions[bot] does not have the correct permissions to execute `UpdateDiscussionComment`\""},
		{"another text for a discussion", workflow, editIt, 0, map[string]any{"body": "Three"}, false, `"type":"NOT_FOUND"`},
		{"no text", workflow, editIt, 2, map[string]any{"body": ""}, false, `"type":"UNPROCESSABLE"`},
		{"eyes", workflow, react, 1, map[string]any{"content": "EYES"}, false, `"addReaction":{"clientMutationId":"m","reaction":{"content":"EYES","user":{"login":"github-actions"}},"subject":{"id":"DC_`},
		{"eyes for the discussion", workflow, react, 0, map[string]any{"content": "EYES"}, false, `"subject":{"id":"D_`},
		{"no known sign", workflow, react, 1, map[string]any{"content": "WAVE"}, false, `has an invalid value (WAVE)`},
		{"a field that is none", workflow, `mutation($id: ID!) { addReaction(input: {subjectId: $id, contents: EYES}) { reaction { content } } }`, 1, nil, false, `InputObject 'AddReactionInput' doesn't accept argument 'contents'`},
		{"a node", workflow, `query($id: ID!) { node(id: $id) { ... on DiscussionComment { body } } }`, 2, nil, false, `{"data":{"node":{"body":"Two"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, ids := discussing(t, test.token)
			c.hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Discussions[0].Locked = test.locked })
			variables := map[string]any{"id": "D_x"}
			if test.id >= 0 {
				variables["id"] = ids[test.id]
			}
			for name, value := range test.more {
				if at, ok := value.(int); ok {
					value = ids[at]
				}
				variables[name] = value
			}
			if got := c.ask(test.query, variables); got.Status != 200 || !strings.Contains(got.Body, test.want) {
				t.Errorf("status %d: %s\nwant %s", got.Status, got.Body, test.want)
			}
		})
	}
}

func TestAReactionOfTheSameAccountIsThereOnce(t *testing.T) {
	t.Parallel()
	c, ids := discussing(t, forgetest.Token{Permissions: map[string]string{"discussions": "write"}})
	for _, id := range []string{ids[0], ids[0], ids[2], ids[2]} {
		c.ask(react, map[string]any{"id": id, "content": "EYES"})
	}
	d := c.hub.Discussion("acme/shop", 3)
	diff(t, "reactions", []int{1, 0, 1}, []int{len(d.Reactions), len(d.Comments[0].Reactions), len(d.Comments[0].Replies[0].Reactions)})
	diff(t, "reaction", "eyes", d.Reactions[0].Content)
}

func TestADeletedDiscussionIsNotFound(t *testing.T) {
	t.Parallel()
	c, ids := discussing(t, forgetest.Token{Permissions: map[string]string{"discussions": "write"}})
	c.hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Discussions[0].Deleted = true })
	for want, got := range map[string]string{
		"Could not resolve to a Discussion with the number of 3.":            c.ask(`{repository(owner:"acme",name:"shop"){discussion(number:3){title}}}`, nil).Body,
		"Could not resolve to a node with the global id of '" + ids[1] + "'": c.ask(editIt, map[string]any{"id": ids[1], "body": "x"}).Body,
		"Could not resolve to a node with the global id of '" + ids[0] + "'": c.ask(addComment, map[string]any{"id": ids[0], "body": "x"}).Body,
	} {
		if !strings.Contains(got, `"type":"NOT_FOUND"`) || !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
