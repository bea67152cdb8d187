package forge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

// thread is one with a comment of ten bytes.
func thread(n int) *forgetest.Thread {
	return &forgetest.Thread{Path: "a.go", Line: n, Comments: []*forgetest.ReviewComment{{ID: int64(5000 + n), Author: "bob", Body: fmt.Sprintf("thread %03d", n)}}}
}

// REST lists comments by time, whatever thread they are in.
func TestByRESTAThreadsCommentsStandTogether(t *testing.T) {
	t.Parallel()
	client := scripted(t, map[string]http.HandlerFunc{
		"pulls/9": says(200, pullOnly9), "issues/9/comments": says(200, `[]`), "pulls/9/reviews": says(200, `[]`), "pulls/9/files": says(200, `[]`),
		"pulls/9/comments": says(200, `[
			{"id": 1, "path": "a.go", "line": 3, "side": "LEFT", "body": "one"},
			{"id": 2, "path": "b.go", "line": 4, "body": "two"},
			{"id": 3, "path": "a.go", "line": 3, "in_reply_to_id": 1, "body": "three"},
			{"id": 4, "path": "c.go", "line": 5, "in_reply_to_id": 77, "body": "four, whose thread lost its begin"},
			null]`),
	})
	got, _ := client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{})
	const want = `pull request 9 [ghost]: Open on Sundays||People ask for it.
state of pull request 9 [ghost]: head commit: 0123456789abcdef0123456789abcdef01234567|
review comment by @ghost on a.go:3 before the change of pull request 9 (open thread) [ghost]: one
review comment by @ghost on a.go:3 before the change of pull request 9 (open thread) [ghost]: three
review comment by @ghost on b.go:4 of pull request 9 (open thread) [ghost]: two
review comment by @ghost on c.go:5 of pull request 9 (open thread) [ghost]: four, whose thread lost its begin
`
	if diff := cmp.Diff(want, outline(got)); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func TestThreadsOverSeveralPagesAreReadAsFarAsThereIsRoom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		caps      forge.ContextCaps
		want      int // threads
		questions int
		notes     []string
	}{
		{"all", forge.ContextCaps{}, 120, 3, nil},
		{"two pages", forge.ContextCaps{Pages: 2}, 100, 2, []string{"pull request 9 has more review threads than are read: the context has those of the first 2 pages"}},
		{"room for three", forge.ContextCaps{Kind: 30}, 3, 3, []string{"there is no room for 117 review threads of pull request 9"}},
		{"a byte less", forge.ContextCaps{Kind: 29}, 2, 3, []string{"there is no room for 118 review threads of pull request 9"}},
		{"room for all but one", forge.ContextCaps{Kind: 1199}, 119, 3, []string{"there is no room for 1 review thread of pull request 9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			repository := pull9()
			pull := repository.Issues[0].Pull
			repository.Issues[0].Comments, pull.Reviews, pull.Files, pull.Threads = nil, nil, nil, nil
			for i := range 120 {
				pull.Threads = append(pull.Threads, thread(i+1))
			}
			double, client := doubled(t, repository, readAll)
			got, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), test.caps)
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			got = got[2:]
			if len(got) != test.want {
				t.Errorf("%d threads, want %d", len(got), test.want)
			}
			for i, part := range got {
				if part.Text != fmt.Sprintf("thread %03d", i+1) {
					t.Fatalf("thread %d says %q", i+1, part.Text)
				}
			}
			if asked := len(double.Asked("graphql")); asked != test.questions {
				t.Errorf("asked %d times, want %d", asked, test.questions)
			}
		})
	}
}

func TestAShortThreadBehindALongOneIsShown(t *testing.T) {
	t.Parallel()
	repository := pull9()
	pull := repository.Issues[0].Pull
	repository.Issues[0].Comments, pull.Reviews, pull.Files = nil, nil, nil
	pull.Threads = []*forgetest.Thread{thread(1), thread(2), thread(3)}
	pull.Threads[1].Comments[0].Body += "!!"
	_, client := doubled(t, repository, readAll)
	got, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{Kind: 21})
	if diff := cmp.Diff([]string{"thread 001", "thread 003"}, texts(got[2:])); diff != "" {
		t.Errorf("threads (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"there is no room for 1 review thread of pull request 9"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestALongThreadAndALaterPageThatFailsAreTold(t *testing.T) {
	t.Parallel()
	repository := pull9()
	pull := repository.Issues[0].Pull
	pull.Threads = nil
	for i := range 60 {
		pull.Threads = append(pull.Threads, thread(i+1))
	}
	for i := range 60 {
		pull.Threads[0].Comments = append(pull.Threads[0].Comments, &forgetest.ReviewComment{ID: int64(6000 + i), Author: "eve", Body: "more"})
	}
	double, client := doubled(t, repository, readAll)
	double.SetFaults(forgetest.Fault{Operation: "graphql", When: forgetest.When{At: []int{2}}, Answer: &forgetest.Answer{Status: 502, Shape: "html"}})
	got, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{})
	want := []string{
		"read the review threads of pull request 9 of acme/shop: 502 Bad Gateway: the context goes without it; run the job again when GitHub answers",
		"the thread on a.go:1 of pull request 9 is long: the context has its first 50 comments",
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if comments := strings.Count(outline(got), "review comment by "); comments != 50+49 {
		t.Errorf("%d comments", comments)
	}
}

func TestThreadsWhoseAnswerIsTooLongAreReadInSmallerPages(t *testing.T) {
	t.Parallel()
	repository := pull9()
	pull := repository.Issues[0].Pull
	pull.Threads = nil
	for i := range 12 {
		one := thread(i + 1)
		one.Comments[0].Body += strings.Repeat("!", 400_000)
		pull.Threads = append(pull.Threads, one)
	}
	pull.Files = nil
	double, client := doubled(t, repository, readAll)
	got, notes := client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{Part: 10})
	if comments := strings.Count(outline(got), "review comment by "); comments != 12 || notes != nil {
		t.Errorf("%d comments, notes %q", comments, notes)
	}
	if asked := len(double.Asked("graphql")); asked != 3 { // all at once, which is too long, then ten, then two
		t.Errorf("asked %d times", asked)
	}
}

// The double's threads are all about the new side of lines.
func TestAThreadSaysWhichLinesItIsAbout(t *testing.T) {
	t.Parallel()
	answer := func(node object) string {
		node["path"], node["comments"] = "a \x1b\n.go", object{"nodes": []object{{
			"body": "Why?", "url": "https://github.com/acme/shop/pull/9#discussion_r99999999999", "author": nil, "originalCommit": object{"oid": "0a1b2c"}, "pullRequestReview": nil}}}
		return object{"data": object{"repository": object{"pullRequest": object{"reviewThreads": object{"nodes": []object{node}}}}}}.String()
	}
	for _, test := range []struct {
		name string
		node object
		want string
	}{
		{"one line", object{"line": 3, "originalLine": 2}, `"a \x1b\n.go":3`},
		{"lines that are the same", object{"line": 3, "startLine": 3}, `"a \x1b\n.go":3`},
		{"lines", object{"line": 3, "startLine": 1}, `"a \x1b\n.go":1-3`},
		{"a line that was taken away", object{"line": 3, "diffSide": "LEFT"}, `"a \x1b\n.go":3 before the change`},
		{"lines that are gone", object{"isOutdated": true, "line": nil, "originalLine": 7, "originalStartLine": 5}, `"a \x1b\n.go":5-7 at commit 0a1b2c`},
		{"the file", object{"line": nil}, `"a \x1b\n.go"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := scripted(t, map[string]http.HandlerFunc{
				"pulls/9": says(200, pullOnly9), "issues/9/comments": says(200, `[]`), "pulls/9/reviews": says(200, `[]`), "pulls/9/files": says(200, `[]`),
				"/graphql": says(200, answer(test.node)),
			})
			got, notes := client.Context(t.Context(), aboutPull9(forge.Event{Comment: &forge.Comment{Kind: forge.CommentReview, ID: 7}}), forge.ContextCaps{})
			state := "open"
			if test.node["isOutdated"] == true {
				state = "open, outdated"
			}
			want := "review comment by @ghost on " + test.want + " of pull request 9 (" + state + " thread)"
			if len(got) != 3 || got[2].Source != want || got[2].Text != "Why?" {
				t.Errorf("notes %q, parts:\n%swant %s", notes, outline(got), want)
			}
		})
	}
}
