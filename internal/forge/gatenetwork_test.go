package forge_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/secret"
)

// patientHub asks again for up to two minutes, always after the longest wait.
func patientHub(t *testing.T, hub *forgetest.Hub, patience time.Duration) *forge.GitHub {
	t.Helper()
	github, err := forge.NewGitHub(forge.GitHubConfig{
		Token: secret.New(gateToken), Transport: hub.Transport(), Patience: patience, Jitter: func() float64 { return 1 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return github
}

func TestThePermissionIsRefusedWhereGitHubDoesNotSayIt(t *testing.T) {
	t.Parallel()
	const unknown = "what wri may do in acme/shop is not known: read the permission of wri in acme/shop: "
	const again, grant = ": run the workflow again later", ": leave github-token at its default, ${{ github.token }}, or let somebody else start it"
	const look = ": run the workflow again, and look whether GITHUB_API_URL is the address of GitHub's API"
	first := func(n int) forgetest.When { return forgetest.When{First: n} }
	body := func(text string) []forgetest.Fault {
		return []forgetest.Fault{{Answer: &forgetest.Answer{Body: text}}}
	}
	for _, test := range []struct {
		name   string
		faults []forgetest.Fault
		asked  int
		took   time.Duration
		text   string // "" where it is known after all
	}{
		{"it answers", nil, 1, 0, ""},
		{"slow", []forgetest.Fault{{Delay: 25 * time.Second}}, 1, 25 * time.Second, ""},
		{"silent at first", []forgetest.Fault{{When: first(1), Delay: time.Hour}}, 2, 31 * time.Second, ""},
		{"silent", []forgetest.Fault{{Delay: time.Hour}}, 4, 127 * time.Second, unknown + "no answer within 30s" + again},
		{"500, then it answers", []forgetest.Fault{{When: first(3), Answer: &forgetest.Answer{Status: 500}}}, 4, 7 * time.Second, ""},
		{"a gateway's page for long", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 502, Shape: "html"}}}, 8, 91 * time.Second, unknown + "502 Bad Gateway" + again},
		{"not implemented", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 501}}}, 1, 0, unknown + "501 Not Implemented" + again},
		{"403", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 403, Message: "Must have push access to view collaborator permission."}}}, 1, 0, unknown + "403 Must have push access to view collaborator permission." + grant},
		{"404", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 404}}}, 1, 0, unknown + "404 Not Found" + grant},
		{"401", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 401, Message: "Bad credentials"}}}, 1, 0, unknown + "401 Bad credentials: leave github-token at its default, ${{ github.token }}, or set a token that is valid"},
		{"429 with a time", []forgetest.Fault{{When: first(2), Answer: &forgetest.Answer{Status: 429, RetryAfter: 40}}}, 3, 80 * time.Second, ""},
		{"429 without a time", []forgetest.Fault{{When: first(1), Answer: &forgetest.Answer{Status: 429}}}, 2, 60 * time.Second, ""},
		{"429 for longer than we wait", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 429, RetryAfter: 600}}}, 1, 0, unknown + "429 too many requests" + again},
		{"secondary limit", []forgetest.Fault{{When: first(1), Answer: &forgetest.Answer{Shape: "secondary-limit"}}}, 2, 60 * time.Second, ""},
		{"429 until the end of all times", []forgetest.Fault{{Answer: &forgetest.Answer{Status: 429, Headers: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}}}}, 1, 0, unknown + "429 too many requests" + again},
		{"secondary limit with a time", []forgetest.Fault{{When: first(1), Answer: &forgetest.Answer{Shape: "secondary-limit", RetryAfter: 5}}}, 2, 5 * time.Second, ""},
		{"the hour's limit, nearly over", []forgetest.Fault{{When: first(1), Answer: &forgetest.Answer{Shape: "rate-limit", RetryAfter: 30}}}, 2, 31 * time.Second, ""},
		{"the hour's limit", []forgetest.Fault{{Answer: &forgetest.Answer{Shape: "rate-limit", RetryAfter: 1800}}}, 1, 0, unknown + "403 too many requests" + again},
		{"connections break", []forgetest.Fault{{When: first(2), Reset: "before"}}, 3, 3 * time.Second, ""},
		{"GitHub is down for a minute", []forgetest.Fault{{When: first(1), Reset: "before", Down: time.Minute}}, 2, 61 * time.Second, ""},
		{"about somebody else", []forgetest.Fault{{User: "adm"}}, 1, 0, unknown + `200 the answer is about "adm"` + look},
		{"about nobody", body(`{"permission": "admin"}`), 1, 0, unknown + `200 the answer is about ""` + look},
		{"nothing about permissions", body(`{"user": {"login": "wri"}}`), 1, 0, unknown + "200 the answer is not what GitHub documents: it names no permission" + look},
		{"no JSON", body(`<html>`), 1, 0, unknown + "200 the answer is not what GitHub documents: invalid character '<' looking for beginning of value" + look},
		{"only the permission of old", body(`{"permission": "write", "user": {"login": "wri"}}`), 1, 0, ""},
		{"a role that GitHub has", body(`{"permission": "write", "role_name": "maintain", "user": {"login": "WRI"}}`), 1, 0, ""},
		{"a role that an organisation made", body(`{"permission": "write", "role_name": "deployer", "user": {"login": "wri"}}`), 1, 0, ""},
		{"a made role with less", body(`{"permission": "read", "role_name": "writer", "user": {"login": "wri"}}`), 1, 0, "wri has the permission read in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower"},
		{"a role that is told to be none", body(`{"permission": "admin", "user": {"login": "wri", "permissions": {"push": false}}}`), 1, 0, "wri has the permission none in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gateHub(t)
				for i := range test.faults {
					test.faults[i].Operation = "repos/get-collaborator-permission-level"
				}
				hub.SetFaults(test.faults...)
				start := time.Now()
				got, err := forge.Gate{}.Decide(t.Context(), patientHub(t, hub, 2*time.Minute), happening{event: "issue_comment", action: "created", sender: "wri", number: 7}.read(), true)
				if err != nil || got.Launch != (test.text == "") || got.Text != test.text {
					t.Errorf("launch %t, error %v: %s\nwant: %s", got.Launch, err, got.Text, test.text)
				}
				if asked, took := len(hub.Asked("repos/get-collaborator-permission-level")), time.Since(start); asked != test.asked || took.Round(time.Second) != test.took {
					t.Errorf("asked %d times in %s, want %d in %s", asked, took, test.asked, test.took)
				}
				hub.Close()
			})
		})
	}
}

func TestTheGateDoesNotWaitLongerThanItMay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := gateHub(t)
		hub.SetFaults(forgetest.Fault{Answer: &forgetest.Answer{Status: 429, RetryAfter: 50}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		got, err := forge.Gate{}.Decide(ctx, patientHub(t, hub, time.Hour), happening{event: "push", sender: "wri"}.read(), true)
		if !got.Launch || err != nil {
			t.Errorf("a push asks nothing: %+v, %v", got, err)
		}
		got, err = forge.Gate{}.Decide(ctx, patientHub(t, hub, time.Hour), happening{event: "issue_comment", action: "created", sender: "wri", number: 7}.read(), true)
		if want := "what wri may do in acme/shop is not known: read the permission of wri in acme/shop: context deadline exceeded: run the workflow again later"; err != nil || got.Reason != forge.SkipPermissionUnknown || got.Text != want {
			t.Errorf("%q, error %v: %s\nwant %s", got.Reason, err, got.Text, want)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
		hub.Close()
	})
}

func TestWithoutATokenNothingIsBelievedThatWouldHaveToBeAsked(t *testing.T) {
	t.Parallel()
	const set = "since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}"
	for _, test := range []struct {
		name   string
		gate   forge.Gate
		h      happening
		reason forge.SkipReason
		text   string
	}{
		{"who may", forge.Gate{}, happening{event: "issues", action: "opened", sender: "wri", number: 7}, "permission-unknown", "what wri may do in acme/shop is not known, " + set},
		{"nothing to ask about an issue", anyone, happening{event: "issues", action: "opened", sender: "wri", number: 7}, "", ""},
		{"nothing to ask about the repository's own", anyone, happening{event: "pull_request", action: "opened", sender: "wri"}, "", ""},
		{"whether the agent's commit", anyone, happening{event: "pull_request", action: "synchronize", sender: "wri"}, "subject-unknown", "whether Cursor's agent made the newest commit of pull request 9 is not known, " + set},
		{"nothing to ask about a push", forge.Gate{}, happening{event: "push", sender: "wri"}, "", ""},
		{"whether a fork", anyone, happening{event: "issue_comment", action: "created", sender: "wri", number: 30}, "subject-unknown", "where the head of pull request 30 is now is not known, " + set},
		{"whether the label's head", forge.Gate{RequiredPermission: "none", TriggerLabel: "agent"}, happening{event: "pull_request", action: "labeled", label: "agent", sender: "wri"}, "subject-unknown", "where the head of pull request 9 is now is not known, " + set},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.gate.Decide(t.Context(), nil, test.h.read(), true)
			if err != nil || got.Launch != (test.reason == "") || got.Reason != test.reason || got.Text != test.text {
				t.Errorf("launch %t, %q, error %v: %s\nwant %q: %s", got.Launch, got.Reason, err, got.Text, test.reason, test.text)
			}
		})
	}
}

func TestWhatCantBeReadOfAPullRequestIsNotBelieved(t *testing.T) {
	t.Parallel()
	label := forge.Gate{TriggerLabel: "agent"}
	approve := happening{event: "pull_request", action: "opened", sender: "wri", number: 31, fork: true, head: headFork}
	for _, test := range []struct {
		name, op string
		gate     forge.Gate
		h        happening
		answer   forgetest.Answer
		reason   forge.SkipReason
		text     string
	}{
		{"the pull request", "pulls/get", label, happening{event: "pull_request", action: "labeled", label: "agent", sender: "wri"}, forgetest.Answer{Status: 403, Message: "Resource not accessible by integration"}, "subject-unknown",
			"where the head of pull request 9 is now is not known: read pull request 9 of acme/shop: 403 Resource not accessible by integration: give the job permissions: pull-requests: read, and leave github-token at its default, ${{ github.token }}"},
		{"another pull request", "pulls/get", label, happening{event: "pull_request", action: "labeled", label: "agent", sender: "wri"}, forgetest.Answer{Body: `{"number": 8, "head": {"sha": "` + headHere + `"}, "base": {"repo": {"full_name": "acme/shop"}}}`}, "subject-unknown",
			"where the head of pull request 9 is now is not known: read pull request 9 of acme/shop: 200 the answer is not what GitHub documents: it is not that pull request, with a head: run the workflow again, and look whether GITHUB_API_URL is the address of GitHub's API"},
		{"the reviews", "pulls/list-reviews", forge.Gate{}, approve, forgetest.Answer{Status: 503}, "subject-unknown",
			"whether somebody approved the head of pull request 31 is not known: read the reviews of pull request 31 of acme/shop: 503 Service Unavailable: run the workflow again later"},
		{"another commit", "repos/get-commit", forge.Gate{}, happening{event: "pull_request", action: "synchronize", sender: "wri"}, forgetest.Answer{Body: `{"sha": "` + headOld + `"}`}, "subject-unknown",
			"whether Cursor's agent made the newest commit of pull request 9 is not known: read commit " + headHere + " of acme/shop: 200 the answer is not what GitHub documents: it is not that commit: run the workflow again, and look whether GITHUB_API_URL is the address of GitHub's API"},
		{"the issue, which was readable in the payload", "issues/get", forge.Gate{}, happening{event: "issues", action: "opened", sender: "wri", number: 7}, forgetest.Answer{Status: 500}, "", ""},
		{"an issue that was moved", "issues/get", forge.Gate{}, happening{event: "issues", action: "opened", sender: "wri", number: 7}, forgetest.Answer{Body: `{"number": 70}`}, "subject-gone",
			"issue 7 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: issues: read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hub := gateHub(t)
			hub.SetFaults(forgetest.Fault{Operation: test.op, Answer: &test.answer})
			got, err := test.gate.Decide(t.Context(), askHub(t, hub), test.h.read(), true)
			if err != nil || got.Reason != test.reason || got.Text != test.text {
				t.Errorf("%q, error %v: %s\nwant %q: %s", got.Reason, err, got.Text, test.reason, test.text)
			}
		})
	}
	t.Run("the permission of the one who approved", func(t *testing.T) {
		t.Parallel()
		hub := gateHub(t)
		hub.SetFaults(forgetest.Fault{Operation: "repos/get-collaborator-permission-level", When: forgetest.When{Skip: 1}, Answer: &forgetest.Answer{Status: 500}})
		approve.sender = "adm"
		got, err := forge.Gate{}.Decide(t.Context(), askHub(t, hub), approve.read(), true)
		if want := "what wri may do in acme/shop is not known: read the permission of wri in acme/shop: 500 Internal Server Error: run the workflow again later"; err != nil || got.Reason != "permission-unknown" || got.Text != want {
			t.Errorf("%q, error %v: %s", got.Reason, err, got.Text)
		}
	})
}

func TestAnEventThatCantBeReadStartsNothingForStrangers(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	for _, test := range []struct {
		event, payload, required string
		text                     string
	}{
		{"issue_comment", `{"comment": `, "", "the event issue_comment can't be relied upon, since the payload is cut off: run the workflow again by a new event"},
		{"pull_request", ``, "", "the event pull_request can't be relied upon, since there is no payload: run the workflow again by a new event"},
		{"workflow_run", `[]`, "", "the event workflow_run can't be relied upon, since the payload is not a JSON object: run the workflow again by a new event"},
		{"an_event_of_next_year", `}`, "", "the event an_event_of_next_year can't be relied upon, since the payload is not a JSON object: run the workflow again by a new event"},
		{"issues", `{"issue": {"number": 7}, "sender": {"login": "wri"}}`, "", "the event issues names no repository: run the workflow again by a new event"},
		{"push", `{`, "read", "the event push can't be relied upon, since the payload is cut off: run the workflow again by a new event"},
		{"push", `{`, "", ""},
		{"schedule", ``, "", ""},
		{"workflow_dispatch", `x`, "", ""},
		{"issue_comment", `{"comment": `, "none", "the event issue_comment can't be relied upon, since the payload is cut off: run the workflow again by a new event"},
		{"", ``, "none", ""},
	} {
		got, err := forge.Gate{RequiredPermission: test.required}.Decide(t.Context(), askHub(t, hub), forge.ReadEvent(test.event, []byte(test.payload), ""), true)
		if err != nil || got.Launch != (test.text == "") || got.Text != test.text || got.Launch == (got.Reason == forge.SkipUnreadable) {
			t.Errorf("%s %q: launch %t, %q, error %v: %s", test.event, test.payload, got.Launch, got.Reason, err, got.Text)
		}
	}
}

func TestAHeadThatMovesBetweenGateAndLaunchStopsIt(t *testing.T) {
	t.Parallel()
	moved := "the head of pull request %d has moved from %s to %s since: look at what is new, and start it again"
	next := forgetest.SHA("next")
	ofTwo := fmt.Sprintf(`"workflow_run": {"id": 3, "head_sha": %q, "head_repository": {"full_name": "acme/shop"}, "actor": {"login": "wri"}, "triggering_actor": {"login": "wri"},
		"pull_requests": [{"number": 9, "base": {"repo": {"id": 5}}}, {"number": 22, "base": {"repo": {"id": 5}}}]}`, headHere)
	for _, test := range []struct {
		name    string
		h       happening
		gate    forge.Gate
		between func(*forgetest.Hub)
		reason  forge.SkipReason
		text    string
	}{
		{"nothing happens", happening{event: "pull_request", action: "opened", sender: "wri"}, forge.Gate{}, func(*forgetest.Hub) {}, "", ""},
		{"force-pushed", happening{event: "pull_request", action: "opened", sender: "wri"}, forge.Gate{}, func(h *forgetest.Hub) { h.ForcePush("acme/shop", 9, next) }, "head-moved", fmt.Sprintf(moved, 9, headHere[:12], next[:12])},
		{"force-pushed after a comment", happening{event: "issue_comment", action: "created", sender: "wri"}, forge.Gate{}, func(h *forgetest.Hub) { h.ForcePush("acme/shop", 9, next) }, "head-moved", fmt.Sprintf(moved, 9, headHere[:12], next[:12])},
		{"force-pushed after a workflow run", happening{event: "workflow_run", action: "completed", sender: "wri"}, forge.Gate{}, func(h *forgetest.Hub) { h.ForcePush("acme/shop", 9, next) }, "head-moved", fmt.Sprintf(moved, 9, headHere[:12], next[:12])},
		{"force-pushed after a workflow run on two pull requests", happening{event: "workflow_run", action: "completed", sender: "wri", more: ofTwo}, forge.Gate{}, func(h *forgetest.Hub) { h.ForcePush("acme/shop", 9, next) }, "head-moved", fmt.Sprintf(moved, 9, headHere[:12], next[:12])},
		{"a fork's, approved, pushed to", happening{event: "pull_request", action: "opened", sender: "wri", number: 31, fork: true, head: headFork}, forge.Gate{}, func(h *forgetest.Hub) { h.ForcePush("acme/shop", 31, next) }, "head-moved", fmt.Sprintf(moved, 31, headFork[:12], next[:12])},
		{"deleted", happening{event: "pull_request", action: "opened", sender: "wri"}, forge.Gate{}, func(h *forgetest.Hub) { h.DeleteIssue("acme/shop", 9) }, "subject-gone", "pull request 9 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: pull-requests: read"},
		{"GitHub is away", happening{event: "pull_request", action: "opened", sender: "wri"}, forge.Gate{}, func(h *forgetest.Hub) { h.SetFaults(forgetest.Fault{Answer: &forgetest.Answer{Status: 502}}) }, "", ""},
		{"GitHub is away, and a label was for one head", happening{event: "pull_request", action: "labeled", label: "agent", sender: "wri"}, forge.Gate{TriggerLabel: "agent"}, func(h *forgetest.Hub) { h.SetFaults(forgetest.Fault{Answer: &forgetest.Answer{Status: 502}}) }, "subject-unknown", "where the head of pull request 9 is now is not known: read pull request 9 of acme/shop: 502 Bad Gateway: run the workflow again later"},
		{"an issue has no head", happening{event: "issues", action: "opened", sender: "wri", number: 7}, forge.Gate{}, func(h *forgetest.Hub) { h.SetFaults(forgetest.Fault{Answer: &forgetest.Answer{Status: 502}}) }, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hub := gateHub(t)
			github := askHub(t, hub)
			decision, err := test.gate.Decide(t.Context(), github, test.h.read(), true)
			if err != nil || !decision.Launch {
				t.Fatalf("decision %+v, error %v", decision, err)
			}
			test.between(hub)
			got := decision.Recheck(t.Context(), github)
			if got.Launch != (test.reason == "") || got.Reason != test.reason || got.Text != test.text {
				t.Errorf("launch %t, %q: %s\nwant %q: %s", got.Launch, got.Reason, got.Text, test.reason, test.text)
			}
			if again := decision.Recheck(t.Context(), nil); !again.Launch {
				t.Error("without a token there is nothing to ask")
			}
		})
	}
}
