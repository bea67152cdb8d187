package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// anew is the step in the job's next attempt, on the same event.
func (s *workflowStep) anew(hub *forgetest.Hub) *workflowStep {
	next := s.rerun().beside(hub)
	return next.with("GITHUB_EVENT_NAME", s.env["GITHUB_EVENT_NAME"], "GITHUB_EVENT_PATH", s.env["GITHUB_EVENT_PATH"], "GITHUB_REF", s.env["GITHUB_REF"], "github-token", githubToken)
}

// The agent of an earlier attempt is there and paid for: who asked for it, what
// GitHub says by now, and what it was told matter no more.
func TestARerunTakesItsAgentWithoutAskingGitHub(t *testing.T) {
	t.Parallel()
	const attaching = "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice\n"
	for _, test := range []struct {
		name   string
		inputs []string
		taking string
	}{
		{"with its event", []string{"context", "event"}, attaching},
		{"with a template", []string{"template", "true", "prompt", "Triage {{ .event.issue.title }}."}, attaching},
		{"found by its name", []string{"context", "event", "env-vars", "TOKEN=abcdefgh"}, attaching},
		{"with a schema", []string{"context", "event", "result-schema", resultSchema}, attaching},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, config := gitHubOf(t), scenario(t, "happy")
				config.Scenario.Result = rightAnswer
				first := newStep(t, config).beside(hub).on(commented("Please.")).with("on-timeout", "leave", "timeout", "1s").with(test.inputs...)
				first.run(t.Context())
				hub.Comment("acme/shop", 4, forgetest.Comment{Author: "eve", Body: "And that."})
				hub.Edit("acme/shop", func(r *forgetest.Repository) { delete(r.Collaborators, "ann") })
				asked := len(hub.Requests())
				hub.TakeDown(3 * time.Second)
				second := first.anew(hub).with("timeout", "1h", "summary", "true")
				status := second.run(t.Context())
				if outputs := second.outputs(); status != 0 || outputs["attached"] != "true" || outputs["agent-id"] != first.outputs()["agent-id"] || second.creates() != 1 {
					t.Errorf("exit status %d, %d creates, outputs %v\n%s", status, second.creates(), outputs, second.logged())
				}
				if strings.Count(second.logged(), test.taking) != 1 {
					t.Errorf("the log:\n%s", second.logged())
				}
				for _, request := range hub.Requests()[asked:] {
					if request.Op == "repos/get-collaborator-permission-level" || strings.HasPrefix(request.Op, "issues/") {
						t.Errorf("GitHub was asked for %s", request.Op)
					}
				}
			})
		})
	}
}

// A new agent is a new expense, also in a re-run.
func TestARerunWhoseAgentEndedBadlyPassesTheGateAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		revoked bool
		outcome string
		creates int
	}{
		{"with the permission", false, "agent-error", 3}, // The one in between is a conflict of ids.
		{"without it", true, "skipped", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t)
				first := newStep(t, scenario(t, "error")).beside(hub).on(commented("Please.")).with("context", "event")
				if first.run(t.Context()); first.outputs()["outcome"] != "agent-error" {
					t.Fatalf("outputs %v", first.outputs())
				}
				if test.revoked {
					hub.Edit("acme/shop", func(r *forgetest.Repository) { delete(r.Collaborators, "ann") })
				}
				second := first.anew(hub)
				second.run(t.Context())
				if got := second.outputs()["outcome"]; got != test.outcome || second.creates() != test.creates {
					t.Errorf("outcome %q, %d creates\n%s", got, second.creates(), second.logged())
				}
			})
		})
	}
}

// What a follow-up began is taken as what it is, by the task of its agent.
func TestARerunTakesItsFollowUpWithoutAskingGitHub(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, taking string
		inputs       []string
		agents       int
	}{
		{"to an agent", "An earlier attempt sent the follow-up already; attaching to its run, so nothing is paid twice\n", nil, 1},
		{"to one of a pull request, or else a launch", "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice\n",
			[]string{"agent-id", "", "pull-request", "current", "if-none", "launch"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t)
				first := following(t, conversing(5*time.Minute), shop()).beside(hub).on(opened).with("context", "event", "wait", "false").with(test.inputs...)
				if status := first.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, first.logged())
				}
				hub.Edit("acme/shop", func(r *forgetest.Repository) { delete(r.Collaborators, "ann") })
				asked := len(hub.Requests())
				second := first.anew(hub).with("wait", "true", "timeout", "1h")
				status := second.run(t.Context())
				outputs := second.outputs()
				if status != 0 || outputs["outcome"] != "succeeded" || outputs["attached"] != "true" || outputs["run-id"] != first.outputs()["run-id"] {
					t.Errorf("exit status %d, outputs %v\n%s", status, outputs, second.logged())
				}
				if strings.Count(second.logged(), test.taking) != 1 || len(second.api.Agents()) != test.agents {
					t.Errorf("%d agents, log:\n%s", len(second.api.Agents()), second.logged())
				}
				for _, request := range hub.Requests()[asked:] {
					if request.Op == "repos/get-collaborator-permission-level" || request.Op == "pulls/list-files" {
						t.Errorf("GitHub was asked for %s", request.Op)
					}
				}
			})
		})
	}
}

// The cleanup finds the agent by what the workflow's author wrote, whatever else
// it was told.
func TestTheCleanupOfAComposedPromptAsksNoGitHub(t *testing.T) {
	t.Parallel()
	for _, inputs := range [][]string{
		{"context", "event"},
		{"template", "true", "prompt", "Fix {{ .event.issue.title }}."},
		{"context", "event", "trigger-phrase", "@cursor", "prompt", ""},
		{"context", "event", "api-version", "v0"},
		{"context", "event", "env-vars", "TOKEN=abcdefgh"},
	} {
		for _, keepsState := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t)
				asking := commented("Please @cursor, fix it.<!-- x -->")
				s := newStep(t, scenario(t, "slow")).beside(hub).on(asking).with(inputs...).killed(time.Minute).beside(hub).on(asking)
				if len(s.api.Agents()) != 1 {
					t.Fatalf("%v: no agent\n%s", inputs, s.logged())
				}
				asked := len(hub.Requests())
				hub.Comment("acme/shop", 4, forgetest.Comment{Author: "eve", Body: "And that."})
				if status := s.cleanup(t.Context(), keepsState); status != 0 {
					t.Errorf("%v: exit status of the cleanup: %d\n%s", inputs, status, s.logged())
				}
				if diff := cmp.Diff([]string{"CANCELLED"}, s.statuses()); diff != "" {
					t.Errorf("%v: runs (-want +got):\n%s", inputs, diff)
				}
				if got := hub.Requests()[asked:]; len(got) > 0 {
					t.Errorf("%v: GitHub was asked for %v", inputs, got)
				}
			})
		}
	}
}
