package forge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

const author = "github-actions[bot]"

// discussing is a client whose token has the permissions, on a hub that keeps
// discussion 3.
func discussing(t *testing.T, permissions map[string]string, faults ...forgetest.Fault) (forge.Conversation, *forge.GitHub, *forgetest.Hub) {
	t.Helper()
	client, double := writer(t, permissions, faults...)
	double.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Discussions = []*forgetest.Discussion{{Number: 3, Title: "Hours", Body: "When?", Author: "ada"}}
	})
	return client.Conversation("acme/shop", forge.SubjectDiscussion, 3), client, double
}

func TestACommentOnADiscussionIsFoundAgainByItsMarkerAndItsAuthor(t *testing.T) {
	t.Parallel()
	talk, _, double := discussing(t, map[string]string{"discussions": "write"})
	marker := forge.MarkerLine("fix-3")
	if none, err := talk.Find(t.Context(), marker, author); !none.IsZero() || err != nil {
		t.Fatalf("found %v, error %v", none, err)
	}
	lookAlike := func(n int) {
		for i := range n {
			double.Discuss("acme/shop", 3, []forgetest.Comment{
				{Author: "mallory", Body: marker + "\n\nMine"},
				{Author: "github-actions", Body: marker + "\n\nA person's login may look like that"},
				{Author: "other[bot]", Body: marker + "\n\nMine"},
				{Author: author, Body: forge.MarkerLine("fix-30") + "\n\nAnother step's"},
				{Author: "ghost", Body: marker},
				{Author: "ada", Body: "What?", Replies: []*forgetest.Comment{{Author: author, Body: marker + "\n\nA reply is none of ours"}}},
			}[i%6])
		}
	}
	lookAlike(300)
	made, err := talk.Create(t.Context(), marker+"\n\nAt work")
	if err != nil {
		t.Fatal(err)
	}
	lookAlike(150)
	found, err := talk.Find(t.Context(), marker, author)
	if diff := cmp.Diff(made, found); diff != "" || err != nil {
		t.Errorf("found (-want +got):\n%s\nerror %v", diff, err)
	}
	ours := double.Discussion("acme/shop", 3).Comments[300]
	if want := (forge.Posted{NodeID: forgetest.DiscussionCommentNodeID(ours.ID), URL: fmt.Sprintf("https://github.com/acme/shop/discussions/3#discussioncomment-%d", ours.ID)}); made != want {
		t.Errorf("it is %+v, want %+v", made, want)
	}
	kept := forge.PostedAt(made.Key())
	if err := talk.Update(t.Context(), kept, marker+"\n\nDone"); err != nil {
		t.Fatal(err)
	}
	if text, err := talk.Text(t.Context(), kept); text != marker+"\n\nDone" || err != nil {
		t.Errorf("it says %q, error %v", text, err)
	}
	for i, comment := range double.Discussion("acme/shop", 3).Comments {
		if ours := i == 300; ours != strings.HasSuffix(comment.Body, "Done") {
			t.Errorf("comment %d of %s says %q", i, comment.Author, comment.Body)
		}
	}
}

func TestAPlaceOfACommentIsKeptInAWord(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]forge.Posted{"": {}, "0": {}, "42": {ID: 42}, "DC_kw": {NodeID: "DC_kw"}} {
		if got := forge.PostedAt(key); got != want || !got.IsZero() && got.Key() != key {
			t.Errorf("%q is %+v with the key %q, want %+v", key, got, got.Key(), want)
		}
	}
}

// An issue's conversation is the one that REST has.
func TestEveryConversationIsServedAlike(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"issues": "write"})
	talk := client.Conversation("acme/shop", forge.SubjectIssue, 7)
	marker := forge.MarkerLine("fix-7")
	made, err := talk.Create(t.Context(), marker+"\n"+forge.MarkerLine("agent-x"))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := talk.Find(t.Context(), marker, author); found != made || err != nil {
		t.Errorf("found %+v, want %+v, error %v", found, made, err)
	}
	if rest, err := talk.LastMark(t.Context(), author, ofAnAgent); rest != "agent-x" || err != nil {
		t.Errorf("the last mark is %q, error %v", rest, err)
	}
	if err := talk.Update(t.Context(), forge.PostedAt(made.Key()), "Done"); err != nil {
		t.Error(err)
	}
	if text, err := talk.Text(t.Context(), made); text != "Done" || err != nil {
		t.Errorf("it says %q, error %v", text, err)
	}
	if n := len(double.Issue("acme/shop", 7).Comments); n != 1 {
		t.Errorf("there are %d comments", n)
	}
}

func TestTheLastMarkOfADiscussionIsThatOfTheCommentWrittenToLast(t *testing.T) {
	t.Parallel()
	talk, _, double := discussing(t, map[string]string{"discussions": "write"})
	if got, err := talk.LastMark(t.Context(), author, ofAnAgent); got != "" || err != nil {
		t.Fatalf("got %q, error %v", got, err)
	}
	now := time.Now()
	say := func(who, agent string, ago time.Duration) {
		double.Discuss("acme/shop", 3, forgetest.Comment{Author: who, Body: forge.MarkerLine("x-3") + "\n" + forge.MarkerLine("agent-"+agent), CreatedAt: now.Add(-time.Hour), UpdatedAt: now.Add(-ago)})
	}
	say(author, "old", 30*time.Minute)
	say(author, "anew", time.Minute)
	say(author, "newer-but-left", 20*time.Minute)
	say("mallory", "forged", 0)
	for range 60 {
		double.Discuss("acme/shop", 3, forgetest.Comment{Author: "ada", Body: "Hm."})
	}
	if got, err := talk.LastMark(t.Context(), author, ofAnAgent); got != "agent-anew" || err != nil {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestWhyADiscussionCantBeWrittenIn(t *testing.T) {
	t.Parallel()
	const read = "read discussion 3 of acme/shop: "
	write := map[string]string{"discussions": "write"}
	graphQLFault := func(status int, body string) forgetest.Fault {
		return forgetest.Fault{Operation: "graphql", Answer: &forgetest.Answer{Status: status, Body: body}}
	}
	for _, test := range []struct {
		name        string
		permissions map[string]string
		faults      []forgetest.Fault
		edit        func(*forgetest.Discussion)
		want        string
		status      int
		limited     bool
	}{
		{"no permission", map[string]string{"issues": "write"}, nil, nil, "comment on discussion 3 of acme/shop: 403 Resource not accessible by integration", 403, false},
		{"locked", write, nil, func(d *forgetest.Discussion) { d.Locked = true }, "comment on discussion 3 of acme/shop: 422 Unable to create comment because discussion is locked.", 422, false},
		{"deleted", write, nil, func(d *forgetest.Discussion) { d.Deleted = true }, read + "404 Could not resolve to a Discussion with the number of 3.", 404, false},
		{"too much asked", write, []forgetest.Fault{graphQLFault(200, `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`)}, nil, read + "429 too many requests", 429, true},
		{"too much asked, in newer words", write, []forgetest.Fault{graphQLFault(200, `{"errors":[{"type":"RATE_LIMIT","code":"graphql_rate_limit","message":"API rate limit already exceeded"}]}`)}, nil, read + "429 too many requests", 429, true},
		{"something went wrong", write, []forgetest.Fault{graphQLFault(200, `{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}`)}, nil, read + "Something went wrong while executing your query.", 0, false},
		{"no discussion without a word", write, []forgetest.Fault{graphQLFault(200, `{"data":{"repository":{"discussion":null}}}`)}, nil, read + "200 the answer names no discussion", 200, false},
		{"nothing", write, []forgetest.Fault{graphQLFault(200, `{"data":null}`)}, nil, read + "200 the answer names no discussion", 200, false},
		{"down", write, []forgetest.Fault{graphQLFault(502, "")}, nil, read + "502 Bad Gateway", 502, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			talk, _, double := discussing(t, test.permissions, test.faults...)
			if test.edit != nil {
				double.Edit("acme/shop", func(r *forgetest.Repository) { test.edit(r.Discussions[0]) })
			}
			made, err := talk.Create(t.Context(), "Hello")
			if said(err) != test.want || !made.IsZero() {
				t.Fatalf("made %+v, error %v\nwant  %s", made, err, test.want)
			}
			if refused := err.(*forge.GitHubError); refused.Status != test.status || refused.Limited != test.limited {
				t.Errorf("status %d, limited %t", refused.Status, refused.Limited)
			}
		})
	}
}

func TestWhatIsGoneFromADiscussionIsNotFound(t *testing.T) {
	t.Parallel()
	talk, client, _ := discussing(t, map[string]string{"discussions": "write"})
	gone := forge.PostedAt("DC_x")
	_, text := talk.Text(t.Context(), gone)
	const unknown = "404 Could not resolve to a node with the global id of 'DC_x'"
	if diff := cmp.Diff([]string{"read our comment on discussion 3 of acme/shop: " + unknown, "update our comment on discussion 3 of acme/shop: " + unknown},
		[]string{said(text), said(talk.Update(t.Context(), gone, "Hello"))}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	other := client.Conversation("acme/shop", forge.SubjectDiscussion, 4)
	_, found := other.Find(t.Context(), "m", author)
	_, mark := other.LastMark(t.Context(), author, ofAnAgent)
	nowhere := client.Conversation("shop", forge.SubjectDiscussion, 4)
	_, made := nowhere.Create(t.Context(), "Hello")
	const unread = "read the comments on discussion 4 of acme/shop: 404 Could not resolve to a Discussion with the number of 4."
	if diff := cmp.Diff([]string{unread, unread, `read discussion 4 of shop: GitHub's repositories are called owner/name`}, []string{said(found), said(mark), said(made)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAClassicTokenLacksAScopeAndNoPermission(t *testing.T) {
	t.Parallel()
	talk, _, double := discussing(t, nil)
	double.SetTokens(forgetest.Token{Value: token, Kind: forgetest.Classic, Login: "ada", Scopes: []string{"read:org"}})
	_, err := talk.Create(t.Context(), "Hello")
	refused, ok := err.(*forge.GitHubError)
	if !ok || refused.Status != http.StatusForbidden || !refused.Classic {
		t.Errorf("error %#v", err)
	}
}

func TestWhoAskedInADiscussionSeesThatItWasHeard(t *testing.T) {
	t.Parallel()
	_, client, double := discussing(t, map[string]string{"discussions": "write"})
	double.Discuss("acme/shop", 3, forgetest.Comment{Author: "ada", Body: "x", Replies: []*forgetest.Comment{{Author: "ada", Body: "@cursor why?"}}})
	d := double.Discussion("acme/shop", 3)
	reply := d.Comments[0].Replies[0]
	at := forge.Repository{Server: "https://github.com", Path: "acme/shop"}
	for _, event := range []forge.Event{
		{Repository: at, Discussion: &forge.Discussion{Number: 3, NodeID: d.NodeID()}},
		{Repository: at, Discussion: &forge.Discussion{Number: 3, NodeID: d.NodeID()}, Comment: &forge.Comment{Kind: forge.CommentDiscussion, NodeID: forgetest.DiscussionCommentNodeID(reply.ID)}},
		{Repository: at, Discussion: &forge.Discussion{Number: 3, NodeID: d.NodeID()}, Comment: &forge.Comment{Kind: forge.CommentDiscussion, NodeID: forgetest.DiscussionCommentNodeID(reply.ID)}},
	} {
		if err := client.Acknowledge(t.Context(), event); err != nil {
			t.Error(err)
		}
	}
	d = double.Discussion("acme/shop", 3)
	for what, reactions := range map[string][]*forgetest.Reaction{"discussion": d.Reactions, "reply": d.Comments[0].Replies[0].Reactions} {
		if len(reactions) != 1 || reactions[0].Content != "eyes" {
			t.Errorf("the %s has %d reactions", what, len(reactions))
		}
	}
	if n := len(d.Comments[0].Reactions); n != 0 {
		t.Errorf("the comment has %d reactions", n)
	}
	err := client.Acknowledge(t.Context(), forge.Event{Repository: at, Discussion: &forge.Discussion{Number: 3, NodeID: "D_x"}})
	if want := "acknowledge discussion 3 of acme/shop: 404 Could not resolve to a node with the global id of 'D_x'"; said(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
