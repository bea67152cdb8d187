package cli_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

func TestTheCommentIsFoundAmongLookAlikes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		first := newStep(t, lasting(time.Minute)).at(hub).onIssue().with("comment", "result")
		first.run(t.Context())
		ours := ourComments(hub, 7)[0]
		for i := range 300 {
			hub.Comment("acme/shop", 7, forgetest.Comment{
				Author: []string{"mallory", "github-actions", "other[bot]"}[i%3], Body: fmt.Sprintf("%s\n\n%d", ours, i),
			})
		}
		second := stepAgainst(t, first.api).at(hub).onIssue().with("comment", "result", "GITHUB_RUN_ATTEMPT", "2")
		second.run(t.Context())
		if n := len(ourComments(hub, 7)); n != 1 || second.outputs()["comment-url"] != first.outputs()["comment-url"] {
			t.Errorf("there are %d comments; the second attempt wrote to %s", n, second.outputs()["comment-url"])
		}
		changed := 0
		for _, comment := range hub.Issue("acme/shop", 7).Comments {
			if comment.Author != bot && !comment.UpdatedAt.Equal(comment.CreatedAt) {
				changed++
			}
		}
		if changed > 0 {
			t.Errorf("%d comments of others were changed", changed)
		}
	})
}

func TestADeletedCommentComesBackWithTheEndOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(5*time.Minute)).at(hub).onIssue().with("comment", "progress")
		time.AfterFunc(time.Minute, func() {
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[0].Comments = nil })
		})
		during := seenAfter(4*time.Minute, hub, 7)
		status := s.run(t.Context())
		meanwhile := <-during
		if diff := cmp.Diff([]string{"### ✅ The agent finished"}, headings(hub, 7)); diff != "" || status != 0 || meanwhile != "" {
			t.Errorf("exit status %d, %q meanwhile; in the end (-want +got):\n%s", status, meanwhile, diff)
		}
		if warnings := s.warnings(); len(warnings) > 0 {
			t.Errorf("warnings: %q", warnings)
		}
	})
}

func TestTwoWritersOfOneCommentLeaveItWithAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		one := newStep(t, lasting(3*time.Minute)).at(hub).onIssue().with("comment", "progress")
		two := stepAgainst(t, one.api).at(hub).onIssue().with("comment", "progress", "GITHUB_RUN_ID", "2000")
		done := make(chan int)
		go func() { done <- one.run(t.Context()) }()
		time.Sleep(time.Minute)
		if status := two.run(t.Context()); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if status := <-done; status != 0 {
			t.Errorf("exit status %d", status)
		}
		for _, comment := range ourComments(hub, 7) {
			if isUnfinished(comment) || !strings.Contains(comment, two.outputs()["agent-id"]) {
				t.Errorf("in the end it says:\n%s", comment)
			}
		}
		if n := len(ourComments(hub, 7)); n != 1 {
			t.Errorf("there are %d comments", n)
		}
	})
}

// What can't be written is a warning, once, with what to do about it, and changes
// neither the verdict nor when it comes.
func TestWhatCanNotBeWrittenIsAWarningOnce(t *testing.T) {
	t.Parallel()
	without := func(name string) map[string]string {
		permissions := everyWrite()
		delete(permissions, name)
		return permissions
	}
	neither := without("issues")
	delete(neither, "pull_requests")
	for _, test := range []struct {
		name        string
		permissions map[string]string
		prepare     func(*forgetest.Hub)
		inputs      []string
		want        []string
		most        int // requests that are refused
	}{
		{"no permission to comment", neither, nil, []string{"comment", "progress"},
			[]string{"comment: comment on acme/shop#7: 403 Resource not accessible by integration; give the job permissions: issues: write"}, 2},
		{"a locked conversation", everyWrite(), func(hub *forgetest.Hub) { hub.Lock("acme/shop", 7) }, []string{"comment", "progress"},
			[]string{"comment: comment on acme/shop#7: 403 Unable to create comment because issue is locked.; unlock the conversation, or read the summary of the workflow run instead"}, 2},
		{"a token that is not valid", nil, func(hub *forgetest.Hub) { hub.SetTokens() }, []string{"comment", "progress", "required-permission", "none"},
			[]string{"comment: ask whose token it is: 401 Bad credentials; leave github-token at its default, ${{ github.token }}, or set a token that is valid"}, 0},
		{"an issue that is deleted meanwhile", everyWrite(), func(hub *forgetest.Hub) {
			time.AfterFunc(time.Minute, func() { hub.DeleteIssue("acme/shop", 7) })
		}, []string{"comment", "progress", "required-permission", "none"},
			[]string{"comment: comment on acme/shop#7: 410 This issue was deleted; it was deleted, and nothing can be written there"}, 4},
		{"an organisation that wants the token authorised", everyWrite(), func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/create-comment", Answer: &forgetest.Answer{Status: 403, Message: "Resource protected by organization SAML enforcement.",
				Headers: map[string]string{"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=1"}}})
		}, []string{"comment", "progress"},
			[]string{"comment: comment on acme/shop#7: 403 Resource protected by organization SAML enforcement.; authorise the token for the organisation at https://github.com/orgs/acme/sso?authorization_request=1"}, 2},
		{"a classic token without the scope", nil, func(hub *forgetest.Hub) {
			hub.SetTokens(forgetest.Token{Value: githubToken, Kind: forgetest.Classic, Login: "hubot"})
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Collaborators["hubot"] = "read" })
		}, []string{"check", "Agent", "required-permission", "none"},
			[]string{`check: start check run "Agent" at ` + forgetest.SHA("main")[:12] + ` of acme/shop: 403 You must authenticate via a GitHub App.; give the token the scope repo, which it does not have`}, 2},
		{"no permission to check", without("checks"), nil, []string{"check", "Agent"},
			[]string{`check: start check run "Agent" at ` + forgetest.SHA("main")[:12] + ` of acme/shop: 403 Resource not accessible by integration; give the job permissions: checks: write`}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, test.permissions)
				if test.prepare != nil {
					test.prepare(hub)
				}
				s := newStep(t, lasting(10*time.Minute)).at(hub).onIssue().with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				if took := time.Since(began); status != 0 || took > 10*time.Minute+30*time.Second {
					t.Errorf("exit status %d after %s", status, took)
				}
				if diff := cmp.Diff(test.want, s.warnings()); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
				if n := len(writes(hub)); n > test.most {
					t.Errorf("GitHub was asked %d times", n)
				}
			})
		})
	}
}

func TestTheAgentsVerdictDoesNotSufferFromGitHub(t *testing.T) {
	t.Parallel()
	const work = 5 * time.Minute
	limited := &forgetest.Answer{Shape: "secondary-limit", RetryAfter: 60}
	for _, test := range []struct {
		name  string
		upset func(*forgetest.Hub)
		grace time.Duration // how much later the step may end
		open  bool          // the end could not be written
	}{
		{"down for a minute while the agent runs", func(hub *forgetest.Hub) {
			time.AfterFunc(time.Minute, func() { hub.TakeDown(time.Minute) })
		}, 10 * time.Second, false},
		{"down when the work is over", func(hub *forgetest.Hub) {
			time.AfterFunc(work-30*time.Second, func() { hub.TakeDown(time.Hour) })
		}, time.Minute, true},
		{"which limits what is written", func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/update-comment", When: forgetest.When{First: 3}, Answer: limited})
		}, 10 * time.Second, false},
		{"which answers late", func(hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/update-comment", Delay: 5 * time.Minute})
		}, 40 * time.Second, true},
		{"which loses the answer to the first comment", func(hub *forgetest.Hub) {
			hub.SetFaults(
				forgetest.Fault{Operation: "issues/create-comment", When: forgetest.When{First: 1}, Reset: "after"},
				forgetest.Fault{Operation: "checks/create", When: forgetest.When{First: 1}, Reset: "after"})
		}, 10 * time.Second, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				plain := newStep(t, lasting(work))
				began := time.Now()
				plain.run(t.Context())
				usual := time.Since(began)

				hub := newGitHub(t, everyWrite())
				s := newStep(t, lasting(work)).at(hub).onIssue().with("comment", "progress", "check", "Agent")
				test.upset(hub)
				began = time.Now()
				status := s.run(t.Context())
				took := time.Since(began)
				if outcome := s.outputs()["outcome"]; status != 0 || outcome != "succeeded" || took > usual+test.grace {
					t.Errorf("exit status %d, %s, after %s instead of %s\n%s", status, outcome, took, usual, s.logged())
				}
				comments := ourComments(hub, 7)
				if len(comments) != 1 || isUnfinished(comments[0]) != test.open {
					t.Errorf("%d comments:\n%s", len(comments), strings.Join(comments, "\n===\n"))
				}
				if n := len(hub.Repository("acme/shop").CheckRuns); n != 1 {
					t.Errorf("there are %d check runs", n)
				}
				if n := len(s.warnings()); n > 2 {
					t.Errorf("there are %d warnings: %q", n, s.warnings())
				}
			})
		})
	}
}

func TestWhereThereIsNowhereToSayItTheLogSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(time.Minute)).at(hub).with("comment", "progress")
		status := s.run(t.Context())
		want := `comment: the event "push" is about no issue, pull request or discussion of this repository, so there is nowhere to comment`
		if status != 0 || len(writes(hub)) > 0 || strings.Count(s.logged(), want) != 1 {
			t.Errorf("exit status %d, requests %+v\n%s", status, writes(hub), s.logged())
		}
		unborn := newStep(t, lasting(time.Minute)).at(hub).with("check", "Agent", "GITHUB_SHA", "")
		status = unborn.run(t.Context())
		if want = `check: the event "push" names no commit, so there is nothing to check`; status != 0 || !strings.Contains(unborn.logged(), want) {
			t.Errorf("exit status %d\n%s", status, unborn.logged())
		}
		tokenless := newStep(t, lasting(time.Minute)).with("comment", "progress", "pull-request", "9")
		status = tokenless.run(t.Context())
		wants := []string{"comment and check: github-token is empty, so GitHub is not asked; nothing is shown beside the log"}
		if diff := cmp.Diff(wants, tokenless.warnings()); diff != "" || status != 0 {
			t.Errorf("exit status %d, warnings (-want +got):\n%s", status, diff)
		}
	})
}

// markup is what a comment has of Markdown's and HTML's means to reach others.
var markup = regexp.MustCompile(`@[a-z]|(?i)closes? #[0-9]|!\[|<img|<script|</sub>\n\n<|<details open`)

func TestWhatAnAgentSaysReachesNobodyThroughTheComment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := hostile + "closes #1 --> <!-- cursor-agent-action agent-bc-00000000-0000-4000-8000-000000000000 -->\n![x](https://evil.example/x)<details open>"
		hub := newGitHub(t, everyWrite())
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{
			Duration: 2 * time.Minute, Steps: []simulator.Step{{Text: text}, {Tool: text, Result: map[string]any{}}}, Result: text,
		}}).at(hub).onIssue().with("comment", "progress", "check", "Agent", "name", text)
		during := seenAfter(time.Minute, hub, 7)
		s.run(t.Context())
		bodies := append(ourComments(hub, 7), <-during, hub.Repository("acme/shop").CheckRuns[0].Summary)
		for _, body := range bodies {
			for _, found := range markup.FindAllString(body, -1) {
				t.Errorf("%q stands in:\n%s", found, body)
			}
			if n := strings.Count(body, "<!--"); n > 3 {
				t.Errorf("%d hidden lines:\n%s", n, body)
			}
		}
		s.noSecret()
	})
}
