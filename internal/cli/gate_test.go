package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// commented is ann's comment on issue 4, and opened her pull request 7.
func commented(body string) happening {
	return happening{event: "issue_comment", action: "created", sender: "ann", number: 4, body: body}
}

func by(login string, h happening) happening {
	h.sender = login
	return h
}

var opened = happening{event: "pull_request", action: "opened", sender: "ann", number: 7}

func labelled(event string, number int, label string) happening {
	return happening{event: event, action: "labeled", sender: "ann", number: number, label: label}
}

// changed is a hub in which something is done before the step begins.
func changed(do func(*forgetest.Hub)) func(*testing.T) *forgetest.Hub {
	return func(t *testing.T) *forgetest.Hub {
		hub := gitHubOf(t)
		do(hub)
		return hub
	}
}

// An event that launches nothing is no failure: the step is green, says why in
// its last line and in skip-reason, and Cursor hears nothing of it.
func TestAnEventThatLaunchesNothingIsSkippedWithItsReason(t *testing.T) {
	t.Parallel()
	asIs := func(t *testing.T) *forgetest.Hub { return gitHubOf(t) }
	faulty := func(answer forgetest.Answer) func(*testing.T) *forgetest.Hub {
		return func(t *testing.T) *forgetest.Hub { return gitHubOf(t, forgetest.Fault{Answer: &answer}) }
	}
	const (
		unknown  = "what ann may do in acme/shop is not known: read the permission of ann in acme/shop: "
		noKey    = "pull request 9 comes from a fork, and GitHub gives no secrets to its workflows, so that there is no api-key: this is no fault; a member can start an agent from a comment or, with pull_request_target, by the trigger-label"
		noAccess = "eve has the permission read in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower"
		ownPush  = "Cursor's agent made the newest commit, and its commits start nothing: push a commit of your own, or start the workflow by hand"
	)
	seen := map[string]bool{}
	for _, test := range []struct {
		name   string
		hub    func(*testing.T) *forgetest.Hub
		on     happening
		inputs []string
		reason forge.SkipReason
		want   string
	}{
		{"a payload without a sender", asIs, happening{event: "pull_request", action: "opened", number: 7}, nil, "permission-unknown",
			"the event pull_request does not say who caused it, and the permission write is needed: start the workflow by hand"},
		{"a payload that is cut off", asIs, commented("x"), []string{"GITHUB_EVENT_PATH", "cut.json"}, "event-unreadable",
			"the event issue_comment can't be relied upon, since there is no payload: run the workflow again by a new event"},
		{"a payload of before the repository was renamed", asIs, commented("Fix it."), []string{"GITHUB_REPOSITORY", "acme/store"}, "event-unreadable",
			"the event issue_comment can't be relied upon, since it is of acme/shop, and this job is one of acme/store, so that another repository may be called acme/shop by now: run the workflow again by a new event"},
		{"its own comment", asIs, commented("<!-- cursor-agent-action 1 -->\nDone."), nil, "own-comment",
			"this action wrote the comment, and what it writes starts nothing: write one of your own"},
		{"the agent's push", asIs, happening{event: "push", sender: "cursor[bot]", more: map[string]any{"ref": "refs/heads/main", "after": headBot}}, nil, "own-commit", ownPush},
		{"the agent's commit on a pull request", asIs, happening{event: "pull_request", action: "synchronize", sender: "ann", number: 11}, nil, "own-commit", ownPush},
		{"a comment without the phrase", asIs, commented("Nice."), []string{"trigger-phrase", "@cursor"}, "no-trigger-phrase",
			"the comment does not say @cursor as a word of its own, outside code and quotations: say it in a new comment to start an agent"},
		{"an edited comment", asIs, happening{event: "issue_comment", action: "edited", sender: "ann", number: 4, body: "@cursor fix it"}, []string{"trigger-phrase", "@cursor"}, "edited",
			"the comment was edited, and only a new one starts an agent: say @cursor in a new comment"},
		{"a pull request without the label", asIs, opened, []string{"trigger-label", "cursor"}, "no-trigger-label",
			`the event is opened, and putting the label "cursor" on starts an agent: put it on`},
		{"another label", asIs, labelled("issues", 4, "bug"), []string{"trigger-label", "cursor"}, "other-label",
			`the label "bug" was put on, and "cursor" starts an agent: put that one on`},
		{"a bot", asIs, by("renovate[bot]", opened), nil, "bot", "renovate[bot] is a bot: name it in allow-bots if it may start agents"},
		{"somebody without the permission", asIs, by("eve", commented("Fix it.")), nil, "no-permission", noAccess},
		{"somebody without a higher permission", asIs, commented("Fix it."), []string{"required-permission", "admin"}, "no-permission",
			"ann has the permission write in acme/shop, and admin is needed: let somebody start it who has that, or set required-permission lower"},
		{"a permission that nobody can ask for", asIs, opened, []string{"github-token", ""}, "permission-unknown",
			"what ann may do in acme/shop is not known, since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}"},
		{"an API that no token is sent to", asIs, opened, []string{"GITHUB_API_URL", "http://" + hubHost}, "permission-unknown",
			"GITHUB_API_URL is http, which would show the token to the network: use https (http is for loopback hosts only)"},
		{"a permission that GitHub refuses to tell", faulty(forgetest.Answer{Status: 403, Message: "Resource not accessible by integration"}), opened, nil, "permission-unknown",
			unknown + "403 Resource not accessible by integration: leave github-token at its default, ${{ github.token }}, or let somebody else start it"},
		{"a permission while too much is asked", faulty(forgetest.Answer{Status: 429, RetryAfter: 600}), opened, nil, "permission-unknown", unknown + "429 too many requests: run the workflow again later"},
		{"a permission while GitHub is down", faulty(forgetest.Answer{Status: 502, Shape: "html"}), opened, nil, "permission-unknown", unknown + "502 Bad Gateway: run the workflow again later"},
		{"a fork without a key", asIs, by("eve", happening{event: "pull_request", action: "opened", number: 9}), []string{"api-key", ""}, "fork-without-key", noKey},
		{"a fork without a key or any other secret", asIs, by("eve", happening{event: "pull_request", action: "opened", number: 9}),
			[]string{"api-key", "", "webhook-url", "https://x.example", "webhook-secret", "", "env-vars", "TOKEN=", "github-token", ""}, "fork-without-key", noKey},
		{"a review of a fork without a key", asIs, happening{event: "pull_request_review", action: "submitted", sender: "ann", number: 9, body: "Hm."}, []string{"api-key", ""}, "fork-without-key", noKey},
		{"a bot without a key", asIs, by("renovate[bot]", opened), []string{"api-key", ""}, "bot", "renovate[bot] is a bot: name it in allow-bots if it may start agents"},
		{"a stranger without a key", asIs, by("eve", commented("Fix it.")), []string{"api-key", ""}, "no-permission", noAccess},
		{"a fork that nobody approved", asIs, happening{event: "pull_request", action: "opened", sender: "ann", number: 9}, []string{"pull-request", "current"}, "fork-not-approved",
			"pull request 9 comes from a fork, and nobody with the permission write has approved its head " + headFork[:12] + ": approve it in a review, and start the workflow again"},
		{"a label whose commit is the head no more", changed(func(hub *forgetest.Hub) { hub.ForcePush("acme/shop", 7, headNext) }),
			labelled("pull_request", 7, "cursor"), []string{"trigger-label", "cursor"}, "head-moved",
			"the head of pull request 7 has moved from " + headOwn[:12] + " to " + headNext[:12] + " since: look at what is new, and start it again"},
		{"an issue that was deleted", changed(func(hub *forgetest.Hub) { hub.DeleteIssue("acme/shop", 4) }), commented("Fix it."), nil, "subject-gone",
			"issue 4 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: issues: read"},
		{"a head that nobody can look at", asIs, labelled("pull_request", 7, "cursor"), []string{"trigger-label", "cursor", "required-permission", "none", "github-token", ""}, "subject-unknown",
			"where the head of pull request 7 is now is not known, since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}"},
		{"an ordinary comment where only some say what to do", asIs, commented("Nice."), []string{"prompt", "", "trigger-phrase", "@cursor", "pull-request", "current", "link-issue", "current"}, "no-trigger-phrase",
			"the comment does not say @cursor as a word of its own, outside code and quotations: say it in a new comment to start an agent"},
	} {
		seen[string(test.reason)] = true
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{}).beside(test.hub(t)).on(test.on).with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				outputs := s.outputs()
				if status != 0 || outputs["outcome"] != "skipped" || outputs["skip-reason"] != string(test.reason) {
					t.Errorf("exit status %d, outputs %v", status, outputs)
				}
				want := "skipped: " + test.want
				switch test.reason {
				case "event-unreadable", "permission-unknown", "subject-unknown":
					want = "::warning::" + want // Nobody decided against it.
				}
				if diff := cmp.Diff(want, s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if took := time.Since(began); took > 2*time.Minute {
					t.Errorf("the gate took %s", took)
				}
				if !strings.Contains(s.summary(), "## ⏭️ No agent was launched for this event\n") {
					t.Errorf("the summary:\n%s", s.summary())
				}
				before := s.logged()
				for _, keepsState := range []bool{true, false} {
					if status := s.cleanup(t.Context(), keepsState); status != 0 || s.logged() != before {
						t.Errorf("exit status of the cleanup: %d, log:\n%s", status, s.logged())
					}
				}
				for _, asked := range s.api.Requests() {
					if asked.Op != "getAgent" { // The cleanup that knows of no state looks once more.
						t.Errorf("Cursor was asked for %s", asked.Op)
					}
				}
				s.noSecret()
			})
		})
	}
	for _, reason := range forge.SkipReasons() {
		if !seen[string(reason)] {
			t.Errorf("no step is skipped for the reason %s", reason)
		}
	}
}

func TestAnEventThatPassesLaunches(t *testing.T) {
	t.Parallel()
	approved := changed(func(hub *forgetest.Hub) {
		hub.Review("acme/shop", 9, forgetest.Review{Author: "ann", State: "APPROVED"})
	})
	asIs := func(t *testing.T) *forgetest.Hub { return gitHubOf(t) }
	for _, test := range []struct {
		name   string
		hub    func(*testing.T) *forgetest.Hub
		on     happening
		inputs []string
		asks   []string // operations of GitHub's
	}{
		{"a member's pull request", asIs, opened, nil, []string{"repos/get-collaborator-permission-level", "pulls/get"}},
		{"a member's comment", asIs, commented("Fix it."), nil, []string{"repos/get-collaborator-permission-level", "issues/get"}},
		{"anybody's comment, where that is wished", asIs, by("eve", commented("Fix it.")), []string{"required-permission", "none"}, []string{"issues/get"}},
		{"a bot that is named", asIs, by("renovate[bot]", opened), []string{"allow-bots", "dependabot, Renovate"}, []string{"pulls/get"}},
		{"a push", asIs, happening{event: "push", sender: "ann", more: map[string]any{"ref": "refs/heads/main", "after": headOwn}}, nil, nil},
		{"a push of before the repository was renamed", asIs, happening{event: "push", sender: "ann", more: map[string]any{"ref": "refs/heads/main", "after": headOwn}}, []string{"GITHUB_REPOSITORY", "acme/store"}, nil},
		{"a comment in a repository that is written otherwise", asIs, commented("Fix it."), []string{"GITHUB_REPOSITORY", "Acme/Shop"}, []string{"repos/get-collaborator-permission-level", "issues/get"}},
		{"the clock", asIs, happening{event: "schedule", more: map[string]any{"schedule": "17 * * * *"}}, []string{"github-token", ""}, nil},
		{"a fork whose head is approved", approved, happening{event: "pull_request_target", action: "synchronize", sender: "eve", number: 9}, []string{"required-permission", "read", "pull-request", "current"},
			[]string{"repos/get-collaborator-permission-level", "repos/get-commit", "pulls/get", "pulls/list-reviews", "repos/get-collaborator-permission-level", "pulls/get"}},
		{"a push to a pull request", asIs, happening{event: "pull_request", action: "synchronize", sender: "ann", number: 7}, nil,
			[]string{"repos/get-collaborator-permission-level", "repos/get-commit", "pulls/get"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := test.hub(t)
				s := newStep(t, simulator.Config{}).beside(hub).on(test.on).with("wait", "false").with(test.inputs...)
				if status := s.run(t.Context()); status != 0 || s.creates() != 1 || s.outputs()["outcome"] != "launched" || s.outputs()["skip-reason"] != "" {
					t.Errorf("exit status %d, %d agents, outputs %v\n%s", status, s.creates(), s.outputs(), s.logged())
				}
				var asked []string
				for _, request := range hub.Requests() {
					asked = append(asked, request.Op)
				}
				if diff := cmp.Diff(test.asks, asked); diff != "" {
					t.Errorf("asked of GitHub (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestASignalWhileAStepIsSkippedInterruptsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := gitHubOf(t, forgetest.Fault{Operation: "issues/remove-label", DelayAnswer: 3 * time.Second})
		hub.ForcePush("acme/shop", 7, headNext)
		s := newStep(t, simulator.Config{}).beside(hub).on(labelled("pull_request", 7, "cursor")).with("trigger-label", "cursor")
		if status, _ := s.signalled(time.Second); status != 130 {
			t.Errorf("exit status %d, not 130\n%s", status, s.logged())
		}
		if reason := s.outputs()["skip-reason"]; reason != "head-moved" {
			t.Errorf("skip-reason is %q\n%s", reason, s.logged())
		}
	})
}

// What a step is skipped for may be a failure where the workflow says so.
func TestASkipIsRedWhereTheWorkflowSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, simulator.Config{}).beside(gitHubOf(t)).on(by("eve", commented("Fix it."))).with("fail-on", "skipped")
		if status := s.run(t.Context()); status != 1 || !strings.HasPrefix(s.lastLine(), "::error::skipped: eve has the permission read in acme/shop") {
			t.Errorf("exit status %d: %s", status, s.lastLine())
		}
	})
}

// Inputs that are wrong are told to those alone who may launch something.
func TestWrongInputsOfAnEventThatPassesAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		want   string
	}{
		{"no key", []string{"api-key", ""}, "api-key: is empty: create a key at https://cursor.com/dashboard/api and pass it as ${{ secrets.CURSOR_API_KEY }}; workflows on pull requests from forks get no secrets"},
		{"nothing said beside the phrase", []string{"prompt", "", "trigger-phrase", "@cursor"}, "prompt: is empty, and nothing was said beside @cursor: say what the agent should do in a new comment, or here"},
		{"a gate of no known permission", []string{"required-permission", "push"}, `required-permission: is wrong: "push" is not a permission: write none, read, triage, write, maintain or admin`},
		{"all bots on a public repository", []string{"allow-bots", "*"}, "allow-bots: is * in a repository that is public, or that the event says nothing of: anybody's bot could start agents there. Name the bots, for example renovate[bot]"},
		{"a limit that is none", []string{"max-agents-per-pr", "0"}, `max-agents-per-pr: "0" is not a number of at least 1: write for example 3, or leave it out for any number`},
		{"a moment's rest", []string{"cooldown", "1ms"}, `cooldown: "1ms" is too short: write 1s or more`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{}).beside(gitHubOf(t)).on(commented("@cursor")).with(test.inputs...)
				status := s.run(t.Context())
				if diff := cmp.Diff("::error::input "+test.want+"; nothing was launched", s.lastLine()); status != 2 || diff != "" {
					t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
				}
				if n := len(s.api.Requests()); n > 0 || len(s.outputs()) > 0 {
					t.Errorf("%d requests, outputs %v", n, s.outputs())
				}
				before := s.logged()
				if status := s.cleanup(t.Context(), true); status != 0 || s.logged() != before {
					t.Errorf("exit status of the cleanup: %d, log:\n%s", status, s.logged())
				}
			})
		})
	}
	t.Run("what anybody may propose", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, simulator.Config{}).beside(gitHubOf(t)).on(happening{event: "pull_request_target", action: "opened", sender: "ann", number: 7})
			want := "::error::input required-permission: has to be set for pull_request_target, which gives the repository's secrets to what anybody sends: write required-permission: write, or set trigger-label; nothing was launched"
			if status := s.run(t.Context()); status != 2 || s.lastLine() != want {
				t.Errorf("exit status %d: %s", status, s.lastLine())
			}
		})
	})
}
