package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
)

// planned is a step that launched an agent for issue 7 and left its comment.
func planned(t *testing.T, hub *forgetest.Hub) *workflowStep {
	t.Helper()
	s := newStep(t, lasting(time.Minute)).at(hub).onIssue().with("comment", "result", "GITHUB_JOB", "plan")
	if status := s.run(t.Context()); status != 0 {
		t.Fatalf("exit status %d\n%s", status, s.logged())
	}
	return s
}

func TestTheAgentOfTheNewestCommentIsTheCurrentOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		plan := planned(t, hub)
		for _, forged := range []forgetest.Comment{
			{Author: "mallory", Body: "<!-- cursor-agent-action x-7 -->\n<!-- cursor-agent-action agent-bc-00000000-0000-4000-8000-000000000000 -->\n"},
			// Another workflow's echo of what a stranger wrote.
			{Author: bot, Body: "<!-- cursor-agent-action x-7 -->\n<!-- cursor-agent-action agent-bc-00000000-0000-4000-8000-000000000000 -->\n"},
			{Author: bot, Body: "Somebody said:\n<!-- cursor-agent-action agent-bc-00000000-0000-4000-8000-000000000000 -->\n"},
		} {
			time.Sleep(time.Minute)
			hub.Comment("acme/shop", 7, forged)
		}
		implement := func(pairs ...string) *workflowStep {
			t.Helper()
			time.Sleep(time.Minute)
			s := stepAgainst(t, plan.api).at(hub).onComment(7, "/implement it").with("command", "follow-up", "agent-id", "current",
				"trigger-phrase", "/implement", "comment", "progress", "GITHUB_RUN_ID", "2000").with(pairs...)
			if status := s.run(t.Context()); status != 0 {
				t.Fatalf("exit status %d\n%s", status, s.logged())
			}
			return s
		}
		id := plan.outputs()["agent-id"]
		if got := implement().outputs(); got["agent-id"] != id || got["attached"] != "false" {
			t.Errorf("outputs %v, want the agent %s", got, id)
		}
		if got := implement("GITHUB_RUN_ATTEMPT", "2").outputs(); got["agent-id"] != id || got["attached"] != "true" {
			t.Errorf("the re-run: outputs %v, want the agent %s", got, id)
		}
		// A plan that is drawn up anew is in the comment of the first.
		time.Sleep(time.Minute)
		anew := stepAgainst(t, plan.api).at(hub).onIssue().with("comment", "result", "GITHUB_JOB", "plan", "GITHUB_RUN_ID", "3000")
		anew.run(t.Context())
		if got := implement("GITHUB_RUN_ID", "4000").outputs(); got["agent-id"] != anew.outputs()["agent-id"] || got["agent-id"] == id {
			t.Errorf("after a new plan: outputs %v, want the agent %s", got, anew.outputs()["agent-id"])
		}
		attach := stepAgainst(t, plan.api).at(hub).onComment(7, "look").with("command", "attach", "agent-id", "current", "GITHUB_RUN_ID", "5000")
		delete(attach.env, "INPUT_PROMPT")
		if status := attach.run(t.Context()); status != 0 || attach.outputs()["agent-id"] != anew.outputs()["agent-id"] {
			t.Errorf("the attach: exit status %d, outputs %v\n%s", status, attach.outputs(), attach.logged())
		}
		if n := len(plan.api.Agents()); n != 2 {
			t.Errorf("there are %d agents", n)
		}
	})
}

func TestAFollowUpToTheCurrentAgentIsEndedAfterAKill(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			hub := newGitHub(t, everyWrite())
			plan := planned(t, hub)
			s := stepAgainst(t, plan.api).at(hub).onComment(7, "go").with("command", "follow-up", "agent-id", "current", "comment", "progress", "GITHUB_RUN_ID", "2000")
			killed := s.killedAt(30 * time.Second)
			status := killed.cleanup(t.Context(), state)
			if runs := strings.Join(s.statuses(), " "); status != 0 || runs != "FINISHED CANCELLED" {
				t.Errorf("with state %t: exit status %d, runs %s\n%s", state, status, runs, killed.logged())
			}
		})
	}
}

func TestWhyThereIsNoCurrentAgent(t *testing.T) {
	t.Parallel()
	const agentless = "agent-id is current, but no comment of this action's on issue 7 names an agent: have the step that launches it comment there (comment: result or progress, with the same github-token and api-key), or write the agent's id; no follow-up was sent"
	for _, test := range []struct {
		name string
		step func(*testing.T, *workflowStep, *forgetest.Hub)
		want string
	}{
		{"no comment", func(*testing.T, *workflowStep, *forgetest.Hub) {}, agentless},
		{"a comment that names what is none", func(t *testing.T, _ *workflowStep, hub *forgetest.Hub) {
			hub.Comment("acme/shop", 7, forgetest.Comment{Author: bot, Body: "<!-- cursor-agent-action agent-bc-1 -->\n"})
		}, agentless},
		{"the mark of a comment on a pull request", func(t *testing.T, _ *workflowStep, hub *forgetest.Hub) {
			elsewhere := newStep(t, lasting(time.Minute)).at(hub).onComment(9, "go").with("comment", "result", "INPUT_PROMPT", "Fix it.")
			if status := elsewhere.run(t.Context()); status != 0 {
				t.Errorf("exit status %d\n%s", status, elsewhere.logged())
			}
			hub.Comment("acme/shop", 7, forgetest.Comment{Author: bot, Body: hub.Issue("acme/shop", 9).Comments[0].Body})
		}, agentless},
		{"the comment of a step with another key", func(t *testing.T, _ *workflowStep, hub *forgetest.Hub) {
			other := newStep(t, lasting(time.Minute)).at(hub).onComment(7, "go").with("comment", "result", "INPUT_API-KEY", "crsr_another_key_of_somebody")
			if status := other.run(t.Context()); status != 0 {
				t.Errorf("exit status %d\n%s", status, other.logged())
			}
		}, agentless},
		{"no subject", func(_ *testing.T, s *workflowStep, _ *forgetest.Hub) {
			s.with("GITHUB_EVENT_NAME", "push", "GITHUB_EVENT_PATH", "")
		}, `agent-id: is current, but the event "push" is about no issue, pull request or discussion, whose comments would name the agent: write the agent's id`},
		{"no token", func(_ *testing.T, s *workflowStep, _ *forgetest.Hub) {
			s.with("github-token", "", "required-permission", "none")
		},
			"agent-id: is current, but without github-token nobody can read which agent that is: leave that at its default, ${{ github.token }}, or write the agent's id"},
		{"GitHub does not answer", func(t *testing.T, _ *workflowStep, hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/list-comments", Answer: &forgetest.Answer{Status: 500}})
		}, "agent-id is current, and which agent that is can't be read: read the comments of acme/shop#7: 500 Internal Server Error; run the workflow again later, or write the agent's id; no follow-up was sent"},
		{"the token may not read comments", func(t *testing.T, _ *workflowStep, hub *forgetest.Hub) {
			hub.SetFaults(forgetest.Fault{Operation: "issues/list-comments", Answer: &forgetest.Answer{Status: 403, Message: "Resource not accessible by integration"}})
		}, "agent-id is current, and which agent that is can't be read: read the comments of acme/shop#7: 403 Resource not accessible by integration; give the job permissions: issues: read, and leave github-token at its default, ${{ github.token }}, or write the agent's id; no follow-up was sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				s := newStep(t, lasting(time.Minute)).at(hub).onComment(7, "go").with("command", "follow-up", "agent-id", "current")
				test.step(t, s, hub)
				if status := s.run(t.Context()); status != 2 || !strings.Contains(s.lastLine(), test.want) {
					t.Errorf("exit status %d: %s", status, s.lastLine())
				}
				if n := len(s.api.Agents()); n > 0 {
					t.Errorf("%d agents", n)
				}
			})
		})
	}
}
