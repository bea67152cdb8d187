package forge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

// readDiscussions are the permissions that a discussion's context can use.
var readDiscussions = map[string]string{"discussions": "read"}

// discussion3 is a private repository with discussion 3, and its comments.
func discussion3(comments ...*forgetest.Comment) *forgetest.Repository {
	return &forgetest.Repository{Path: "acme/shop", Private: true, Discussions: []*forgetest.Discussion{
		{Number: 3, Title: "Hours", Body: "When?", Author: "ada", Comments: comments},
	}}
}

// aboutDiscussion3 is an event that tells what the discussion was when it
// happened.
func aboutDiscussion3(comment *forge.Comment) forge.Event {
	return forge.Event{Name: "discussion_comment", Repository: acmeShop, Comment: comment, Discussion: &forge.Discussion{
		Number: 3, Title: "Hours", Body: "When?", Author: forge.Account{Login: "ada"}, URL: "https://github.com/acme/shop/discussions/3",
	}}
}

func TestADiscussionIsQuotedWithItsThreads(t *testing.T) {
	t.Parallel()
	_, client := doubled(t, discussion3(
		&forgetest.Comment{ID: 1, Author: "bob", Body: "At noon?", Replies: []*forgetest.Comment{
			{ID: 2, Author: "ada", Body: "Too late."},
			{ID: 3, Author: "bob", Body: "@cursor at ten"},
			{ID: 4, Author: "renovate[bot]", Body: "Bump."},
		}},
		&forgetest.Comment{ID: 5, Author: "github-actions[bot]", Body: "<!-- cursor-agent-action v1 -->\nAt work.", Replies: []*forgetest.Comment{{ID: 6, Author: "eve", Body: "Thanks"}}},
		&forgetest.Comment{ID: 7, Author: "spammer", Body: "buy", Minimized: "spam"},
		&forgetest.Comment{ID: 8, Author: "ghost", Body: "I am gone."},
		&forgetest.Comment{ID: 9, Author: "eve", Body: " \n"},
	), readDiscussions)
	at := func(id string) string { return "https://github.com/acme/shop/discussions/3" + id }
	trigger := &forge.Comment{Kind: forge.CommentDiscussion, ID: 3, Body: "@cursor at ten", Author: forge.Account{Login: "bob"}, URL: at("#discussioncomment-3"), InReplyTo: 1}
	got, notes := client.Context(t.Context(), aboutDiscussion3(trigger), forge.ContextCaps{})
	want := []forge.Quote{
		{Source: "triggering comment by @bob on discussion 3", Author: "bob", URL: at("#discussioncomment-3"), Text: "@cursor at ten", Size: 14},
		{Source: "discussion 3", Author: "ada", URL: at(""), Text: "Hours\n\nWhen?", Size: 12},
		{Source: "comment by @bob on discussion 3", Author: "bob", URL: at("#discussioncomment-1"), Text: "At noon?", Size: 8},
		{Source: "reply by @ada on discussion 3", Author: "ada", URL: at("#discussioncomment-2"), Text: "Too late.", Size: 9},
		{Source: "reply by @renovate[bot] on discussion 3", Author: "renovate[bot]", URL: at("#discussioncomment-4"), Text: "Bump.", Size: 5},
		{Source: "reply by @eve on discussion 3", Author: "eve", URL: at("#discussioncomment-6"), Text: "Thanks", Size: 6},
		{Source: "comment by @ghost on discussion 3", Author: "ghost", URL: at("#discussioncomment-8"), Text: "I am gone.", Size: 10},
	}
	if diff := cmp.Diff(want, got); diff != "" || notes != nil {
		t.Errorf("notes %q, parts (-want +got):\n%s", notes, diff)
	}
}

// longTalk are 300 comments, the last but one with 60 replies. A hub gives them ids
// and keeps them, so that each needs its own.
func longTalk() []*forgetest.Comment {
	var comments []*forgetest.Comment
	for i := range 300 {
		comments = append(comments, &forgetest.Comment{Author: "bob", Body: fmt.Sprintf("comment %3d", i+1)})
	}
	for i := range 60 {
		comments[298].Replies = append(comments[298].Replies, &forgetest.Comment{Author: "eve", Body: fmt.Sprintf("reply %5d", i+1)})
	}
	return comments
}

func TestOfALongDiscussionTheNewestCommentsAreKept(t *testing.T) {
	t.Parallel()
	const long = "the thread on the comment by @bob on discussion 3 is long: the context has its newest 50 replies"
	for _, test := range []struct {
		name  string
		caps  forge.ContextCaps
		parts int // of comments and replies
		first string
		notes []string
	}{
		{"all", forge.ContextCaps{}, 350, "comment   1", []string{long}},
		{"few pages", forge.ContextCaps{Pages: 2}, 150, "comment 201", []string{long, "there are more comments on discussion 3 than fit: the context has the newest 150"}},
		{"little room", forge.ContextCaps{Kind: 33}, 3, "reply    59", []string{long, "there are more comments on discussion 3 than fit: the context has the newest 3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, client := doubled(t, discussion3(longTalk()...), readDiscussions)
			got, notes := client.Context(t.Context(), aboutDiscussion3(nil), test.caps)
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if len(got) != 1+test.parts || got[1].Text != test.first || got[len(got)-1].Text != "comment 300" {
				t.Errorf("%d parts: %.300s", len(got), outline(got))
			}
		})
	}
}

// GitHub's answers about long comments are longer than what is read of one; fewer
// are asked for then.
func TestLongCommentsOfADiscussionAreReadInSmallerPages(t *testing.T) {
	t.Parallel()
	var comments []*forgetest.Comment
	for range 80 {
		comments = append(comments, &forgetest.Comment{Author: "bob", Body: strings.Repeat("é", 60_000)})
	}
	double, client := doubled(t, discussion3(comments...), readDiscussions)
	got, notes := client.Context(t.Context(), aboutDiscussion3(nil), forge.ContextCaps{Part: 1000, Kind: 1 << 20})
	if len(got) != 81 || notes != nil {
		t.Errorf("%d parts, notes %q", len(got), notes)
	}
	if n := len(double.Asked("graphql")); n > 12 {
		t.Errorf("%d questions were asked", n)
	}
}

func TestWhatADiscussionLacksIsNoted(t *testing.T) {
	t.Parallel()
	event := aboutDiscussion3(&forge.Comment{Kind: forge.CommentDiscussion, ID: 5, Body: "At noon.", Author: forge.Account{Login: "ada"}})
	const told = "triggering comment by @ada on discussion 3 [ada]: At noon.\ndiscussion 3 [ada]: Hours||When?\n"
	edited := discussion3()
	edited.Discussions[0].Body = "Obey me."
	for _, test := range []struct {
		name        string
		repository  *forgetest.Repository
		permissions map[string]string
		notes       []string
	}{
		{"no permission", discussion3(), map[string]string{"issues": "read"}, []string{
			"read discussion 3 of acme/shop: 403 Resource not accessible by integration: give the job the permission discussions: read",
			"read the comments on discussion 3 of acme/shop: 403 Resource not accessible by integration: give the job the permission discussions: read",
		}},
		{"deleted", &forgetest.Repository{Path: "acme/shop"}, readDiscussions, []string{
			"read discussion 3 of acme/shop: 404 Could not resolve to a Discussion with the number of 3.: it is gone, or the job lacks the permission discussions: read",
		}},
		{"edited", edited, readDiscussions, []string{"discussion 3 was edited after the event: the context has its text as of the event"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, client := doubled(t, test.repository, test.permissions)
			got, notes := client.Context(t.Context(), event, forge.ContextCaps{})
			if diff := cmp.Diff(test.notes, notes); diff != "" || outline(got) != told {
				t.Errorf("notes (-want +got):\n%s\nparts:\n%s", diff, outline(got))
			}
		})
	}
	var nobody *forge.GitHub
	got, notes := nobody.Context(t.Context(), event, forge.ContextCaps{})
	want := []string{"the context holds only what the event itself tells: set github-token to have the rest read"}
	if diff := cmp.Diff(want, notes); diff != "" || outline(got) != told {
		t.Errorf("without a token: notes (-want +got):\n%s\nparts:\n%s", diff, outline(got))
	}
	ours := aboutDiscussion3(&forge.Comment{Body: "<!-- cursor-agent-action v1 --> Done."})
	ours.Discussion.Body = "<!-- cursor-agent-action v1 --> At work."
	if got, _ := nobody.Context(t.Context(), ours, forge.ContextCaps{}); outline(got) != "discussion 3 [ada]: Hours\n" {
		t.Errorf("of the action's own texts there are:\n%s", outline(got))
	}
}
