package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// newForum is a GitHub with discussion 3 of acme/shop, where octocat asks for an
// agent in a reply, and whose token has the permissions.
func newForum(t *testing.T, permissions map[string]string) *forgetest.Hub {
	t.Helper()
	hub := newGitHub(t, permissions)
	hub.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Discussions = []*forgetest.Discussion{{Number: 3, Title: "Is it slow?", Body: "Since Monday.", Author: "mallory", Comments: []*forgetest.Comment{
			{ID: 1, Author: "mallory", Body: "The cart too.", Replies: []*forgetest.Comment{{ID: 2, Author: "octocat", Body: "@cursor find out why"}}},
		}}}
	})
	return hub
}

func discusses() map[string]string { return map[string]string{"discussions": "write"} }

// onDiscussion is the event that discussion 3 was begun.
func (s *workflowStep) onDiscussion() *workflowStep {
	return s.event("discussion", map[string]any{"action": "created", "discussion": discussionPayload()})
}

// onReply is the event of octocat's reply in discussion 3.
func (s *workflowStep) onReply() *workflowStep {
	return s.event("discussion_comment", map[string]any{"action": "created", "discussion": discussionPayload(), "comment": map[string]any{
		"id": 2, "node_id": forgetest.DiscussionCommentNodeID(2), "parent_id": 1, "body": "@cursor find out why",
		"html_url": "https://github.com/acme/shop/discussions/3#discussioncomment-2", "user": map[string]any{"login": "octocat"},
	}})
}

func discussionPayload() map[string]any {
	return map[string]any{
		"number": 3, "node_id": (&forgetest.Discussion{ID: 1_400_000_001}).NodeID(), "title": "Is it slow?", "body": "Since Monday.",
		"html_url": "https://github.com/acme/shop/discussions/3", "user": map[string]any{"login": "mallory"},
	}
}

// ourDiscussed are the texts of the action's comments on discussion 3.
func ourDiscussed(hub *forgetest.Hub) []string {
	var texts []string
	for _, comment := range hub.Discussion("acme/shop", 3).Comments {
		if comment.Author == bot && strings.HasPrefix(comment.Body, "<!-- cursor-agent-action ") {
			texts = append(texts, comment.Body)
		}
	}
	return texts
}

// endsOnce reports whether discussion 3 has one comment of the action's, which
// has its end under the heading.
func endsOnce(hub *forgetest.Hub, title string) bool {
	texts := ourDiscussed(hub)
	return len(texts) == 1 && !isUnfinished(texts[0]) && heading(texts[0]) == title
}

func TestAMentionInADiscussionIsAnsweredThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		s := newStep(t, lasting(3*time.Minute)).at(hub).onReply().with("trigger-phrase", "@cursor", "context", "event", "comment", "progress", "INPUT_PROMPT", "")
		seen := make(chan string, 1)
		time.AfterFunc(time.Minute, func() { seen <- strings.Join(ourDiscussed(hub), "\n===\n") })
		text := s.launched()
		if !strings.HasPrefix(text, "find out why\n") {
			t.Errorf("the request does not come first:\n%s", text)
		}
		for _, want := range []string{` source="triggering comment by @octocat on discussion 3"`, ` source="discussion 3" author="mallory"`, "Since Monday.", ` source="comment by @mallory on discussion 3"`, "The cart too."} {
			if strings.Count(text, want) != 1 || strings.Contains(unfenced(text), want) {
				t.Errorf("the agent is told %q %d times:\n%s", want, strings.Count(text, want), text)
			}
		}
		if want := "on discussion 3](https://github.com/acme/shop/discussions/3#discussioncomment-1) | mallory | 13 |"; !strings.Contains(s.summary(), want) {
			t.Errorf("the summary has no %q:\n%s", want, s.summary())
		}
		if during := <-seen; !isUnfinished(during) || heading(during) != "### ⏳ The agent is at work" {
			t.Errorf("meanwhile there is:\n%s", during)
		}
		if !endsOnce(hub, "### ✅ The agent finished") {
			t.Errorf("in the end there is:\n%s", strings.Join(ourDiscussed(hub), "\n===\n"))
		}
		d := hub.Discussion("acme/shop", 3)
		if eyes := d.Comments[0].Replies[0].Reactions; len(eyes) != 1 || eyes[0].Content != "eyes" || len(d.Reactions) > 0 {
			t.Errorf("%d signs below the reply, %d below the discussion", len(eyes), len(d.Reactions))
		}
		if got, want := s.outputs()["comment-url"], fmt.Sprintf("https://github.com/acme/shop/discussions/3#discussioncomment-%d", d.Comments[1].ID); got != want {
			t.Errorf("comment-url is %q, want %q", got, want)
		}
		if warnings := s.warnings(); len(warnings) > 0 {
			t.Errorf("warnings: %q", warnings)
		}
		s.noSecret()
	})
}

func TestANewDiscussionGetsEyesAndTheResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Discussions[0].ID = 1_400_000_001 })
		s := newStep(t, lasting(time.Minute)).at(hub).onDiscussion().with("comment", "result")
		if status := s.run(t.Context()); status != 0 || !endsOnce(hub, "### ✅ The agent finished") {
			t.Errorf("exit status %d, comments %q\n%s", status, ourDiscussed(hub), s.logged())
		}
		if eyes := hub.Discussion("acme/shop", 3).Reactions; len(eyes) != 1 || eyes[0].Content != "eyes" {
			t.Errorf("%d signs below the discussion", len(eyes))
		}
	})
}

func TestTheCommentOnADiscussionIsFoundAmongLookAlikes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		first := newStep(t, lasting(time.Minute)).at(hub).onReply().with("comment", "result")
		first.run(t.Context())
		ours := ourDiscussed(hub)[0]
		for i := range 300 {
			hub.Discuss("acme/shop", 3, forgetest.Comment{Author: []string{"mallory", "github-actions", "other[bot]"}[i%3], Body: fmt.Sprintf("%s\n\n%d", ours, i)})
		}
		second := stepAgainst(t, first.api).at(hub).onReply().with("comment", "result", "GITHUB_RUN_ATTEMPT", "2")
		second.run(t.Context())
		if n := len(ourDiscussed(hub)); n != 1 || second.outputs()["comment-url"] != first.outputs()["comment-url"] {
			t.Errorf("there are %d comments; the second attempt wrote to %s", n, second.outputs()["comment-url"])
		}
		for _, comment := range hub.Discussion("acme/shop", 3).Comments {
			if comment.Author != bot && !comment.UpdatedAt.Equal(comment.CreatedAt) {
				t.Errorf("comment %d of %s was changed", comment.ID, comment.Author)
			}
		}
	})
}

func TestTheCommentOnADiscussionHasItsEndAfterAKill(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			hub := newForum(t, discusses())
			killed := newStep(t, lasting(time.Hour)).at(hub).onReply().with("comment", "progress").killedAt(time.Minute)
			killed.cleanup(t.Context(), state)
			if !endsOnce(hub, "### ❌ This step ended without a verdict on the agent's work") || len(killed.warnings()) > 0 {
				t.Errorf("with state %t:\n%s\n%s", state, strings.Join(ourDiscussed(hub), "\n===\n"), killed.logged())
			}
		})
	}
}

func TestTheAgentOfADiscussionIsItsCurrentOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		plan := newStep(t, lasting(time.Minute)).at(hub).onDiscussion().with("comment", "result", "GITHUB_JOB", "plan")
		plan.run(t.Context())
		hub.Discuss("acme/shop", 3, forgetest.Comment{Author: "mallory", Body: "<!-- cursor-agent-action x-3 -->\n<!-- cursor-agent-action agent-bc-00000000-0000-4000-8000-000000000000 -->\n"})
		time.Sleep(time.Minute)
		s := stepAgainst(t, plan.api).at(hub).onReply().with("command", "follow-up", "agent-id", "current", "GITHUB_RUN_ID", "2000")
		if status := s.run(t.Context()); status != 0 || s.outputs()["agent-id"] != plan.outputs()["agent-id"] {
			t.Errorf("exit status %d, outputs %v\n%s", status, s.outputs(), s.logged())
		}
	})
}

func TestADeletedCommentOfADiscussionComesBackWithTheEndOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		s := newStep(t, lasting(5*time.Minute)).at(hub).onReply().with("comment", "progress")
		time.AfterFunc(time.Minute, func() {
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Discussions[0].Comments = r.Discussions[0].Comments[:1] })
		})
		seen := make(chan int, 1)
		time.AfterFunc(4*time.Minute, func() { seen <- len(ourDiscussed(hub)) })
		status := s.run(t.Context())
		if n := <-seen; status != 0 || n != 0 || !endsOnce(hub, "### ✅ The agent finished") || len(s.warnings()) > 0 {
			t.Errorf("exit status %d, %d comments meanwhile, in the end %q\n%s", status, n, ourDiscussed(hub), s.logged())
		}
	})
}

// An answer that is lost may have been a comment that was made.
func TestAnAnswerThatIsLostMakesNoSecondCommentOnADiscussion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newForum(t, discusses())
		s := newStep(t, lasting(3*time.Minute)).at(hub).onReply().with("comment", "progress")
		wire, lost := s.wire, 0
		s.wire = func(api http.RoundTripper) http.RoundTripper {
			to := wire(api)
			return transport(func(request *http.Request) (*http.Response, error) {
				if request.Body == nil {
					return to.RoundTrip(request)
				}
				body, err := io.ReadAll(request.Body)
				if err != nil {
					return nil, err
				}
				request.Body = io.NopCloser(bytes.NewReader(body))
				answer, err := to.RoundTrip(request)
				if err == nil && lost == 0 && bytes.Contains(body, []byte("addDiscussionComment")) {
					lost++
					_ = answer.Body.Close()
					return nil, errors.New("connection reset by peer")
				}
				return answer, err
			})
		}
		status := s.run(t.Context())
		if status != 0 || lost != 1 || !endsOnce(hub, "### ✅ The agent finished") || len(s.warnings()) != 1 {
			t.Errorf("exit status %d, %d answers lost, comments %q\n%s", status, lost, ourDiscussed(hub), s.logged())
		}
	})
}

func TestWhatCanNotBeWrittenInADiscussionIsAWarningOnce(t *testing.T) {
	t.Parallel()
	always := func(body string) func(*forgetest.Hub) {
		return func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "graphql", Answer: &forgetest.Answer{Status: 200, Body: body}})
		}
	}
	edited := func(change func(*forgetest.Discussion)) func(*forgetest.Hub) {
		return func(hub *forgetest.Hub) {
			hub.Edit("acme/shop", func(r *forgetest.Repository) { change(r.Discussions[0]) })
		}
	}
	for _, test := range []struct {
		name        string
		permissions map[string]string
		prepare     func(*forgetest.Hub)
		want        string
	}{
		{"no permission", map[string]string{"issues": "write"}, nil,
			"comment: comment on discussion 3 of acme/shop: 403 Resource not accessible by integration; give the job permissions: discussions: write"},
		{"a locked discussion", discusses(), edited(func(d *forgetest.Discussion) { d.Locked = true }),
			"comment: comment on discussion 3 of acme/shop: 422 Unable to create comment because discussion is locked.; unlock the conversation, or read the summary of the workflow run instead"},
		{"a deleted discussion", discusses(), edited(func(d *forgetest.Discussion) { d.Deleted = true }),
			"comment: read the comments on discussion 3 of acme/shop: 404 Could not resolve to a Discussion with the number of 3.; look whether the discussion is still there, and give the job permissions: discussions: write"},
		{"too much was asked", discusses(), always(`{"errors":[{"type":"RATE_LIMIT","code":"graphql_rate_limit","message":"API rate limit already exceeded for user ID 1."}]}`),
			"comment: ask whose token it is: 429 too many requests; the agent's work does not suffer"},
		{"something goes wrong at GitHub", discusses(), always(`{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}`),
			"comment: ask whose token it is: Something went wrong while executing your query.; the agent's work does not suffer"},
		{"somebody else answers", discusses(), always(`<html>Sign in</html>`),
			"comment: ask whose token it is: 200 the answer is not what GitHub documents: invalid character '<' looking for beginning of value; look whether GITHUB_API_URL is the address of GitHub's API"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newForum(t, test.permissions)
				if test.prepare != nil {
					test.prepare(hub)
				}
				s := newStep(t, lasting(3*time.Minute)).at(hub).onReply().with("comment", "progress")
				if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" {
					t.Errorf("exit status %d, outputs %v", status, s.outputs())
				}
				if diff := cmp.Diff([]string{test.want}, s.warnings()); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
			})
		})
	}
}
