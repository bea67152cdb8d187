package forge_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

const (
	saidNothing = "the %s does not say @cursor as a word of its own, outside code and quotations: say it in a new comment to start an agent"
	ownWords    = "this action wrote the %s, and what it writes starts nothing: write one of your own"
	ownPush     = "Cursor's agent made the newest commit, and its commits start nothing: push a commit of your own, or start the workflow by hand"
	forkNoKey   = "%s comes from a fork, and GitHub gives no secrets to its workflows, so that there is no api-key: this is no fault; a member can start an agent from a comment or, with pull_request_target, by the trigger-label"
)

// anyone asks for no permission, so that a row shows the rule that it is about.
var anyone = forge.Gate{RequiredPermission: "none"}

// reviewOf is a review of wri's that an event is about.
func reviewOf(id int64, state, commit string) string {
	return fmt.Sprintf(`"review": {"id": %d, "state": %q, "commit_id": %q, "user": {"login": "wri", "id": 1}}`, id, state, commit)
}

// thisReview is one that is newer than all others.
func thisReview(state, commit string) string { return reviewOf(1<<53-1, state, commit) }

// listedID is the review that GitHub lists for pull requests 31 and 38.
const listedID = 5000

func TestTheGateHoldsItsRules(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	hub.Edit("acme/shop", func(r *forgetest.Repository) {
		for _, issue := range r.Issues {
			if issue.Number == 31 || issue.Number == 38 {
				issue.Pull.Reviews[0].ID = listedID
			}
		}
	})
	fork, old := headFork[:12], headOld[:12]
	phrase, label := forge.Gate{TriggerPhrase: "@cursor"}, forge.Gate{TriggerLabel: "agent"}
	both := forge.Gate{TriggerPhrase: "@cursor", TriggerLabel: "agent"}
	notApproved := func(number int, level, way string) string {
		return fmt.Sprintf("pull request %d comes from a fork, and nobody with the permission %s has approved its head %s: %s", number, level, fork, way)
	}
	const review, putOn = "approve it in a review, and start the workflow again", `look at it, and put the label "agent" on`
	noPull := " comes from a fork, and the event %s does not say from which pull request, so that nobody can have approved it: start an agent from a comment on the pull request"
	forkHead := func(event, action string, number int) happening {
		return happening{event: event, action: action, sender: "wri", number: number, fork: true, head: headFork}
	}
	with := func(h happening, change func(*happening)) happening { change(&h); return h }
	labelled := func(event, label string) happening {
		h := happening{event: event, action: "labeled", sender: "wri", label: label}
		if event == "issues" {
			h.number = 7
		}
		return h
	}
	comment := func(body string) happening {
		return happening{event: "issue_comment", action: "created", sender: "wri", number: 7, body: body}
	}
	pushBy := func(sender, author string) happening {
		return happening{event: "push", sender: sender, more: `"head_commit": {"id": "x", ` + author + `}`}
	}
	for _, test := range []struct {
		name   string
		gate   forge.Gate
		h      happening
		keyed  bool
		reason forge.SkipReason
		text   string
		want   forge.Decision // Prompt, Label, HeadSHA
	}{
		// What the action and the agent did themselves.
		{"own comment", anyone, comment("<!-- cursor-agent-action x --> @cursor fix"), true, "own-comment", fmt.Sprintf(ownWords, "comment"), forge.Decision{}},
		{"own comment, without a key", anyone, comment("<!-- cursor-agent-action x -->"), false, "own-comment", fmt.Sprintf(ownWords, "comment"), forge.Decision{}},
		{"own review comment", anyone, happening{event: "pull_request_review_comment", action: "created", sender: "wri", body: "a <!-- cursor-agent-action "}, true, "own-comment", fmt.Sprintf(ownWords, "comment"), forge.Decision{}},
		{"own review", anyone, happening{event: "pull_request_review", action: "submitted", sender: "wri", body: "<!-- cursor-agent-action "}, true, "own-comment", fmt.Sprintf(ownWords, "review"), forge.Decision{}},
		{"own issue", anyone, happening{event: "issues", action: "opened", sender: "wri", number: 7, body: "<!-- cursor-agent-action "}, true, "own-comment", fmt.Sprintf(ownWords, "issue"), forge.Decision{}},
		{"own discussion", anyone, happening{event: "discussion", action: "created", sender: "wri", body: "<!-- cursor-agent-action "}, true, "own-comment", fmt.Sprintf(ownWords, "discussion"), forge.Decision{}},
		{"own comment in a discussion", anyone, happening{event: "discussion_comment", action: "created", sender: "wri", body: "<!-- cursor-agent-action "}, true, "own-comment", fmt.Sprintf(ownWords, "comment"), forge.Decision{}},
		{"almost a marker", anyone, comment("<!-- cursor-agent-actions -->"), true, "", "", forge.Decision{}},
		{"push by Cursor's app", anyone, happening{event: "push", sender: "cursor[bot]"}, true, "own-commit", ownPush, forge.Decision{}},
		{"push by Cursor's app that is named", forge.Gate{AllowBots: []string{"cursor[bot]"}}, happening{event: "push", sender: "Cursor[bot]"}, true, "own-commit", ownPush, forge.Decision{}},
		{"push of a commit of the agent's", anyone, pushBy("wri", `"author": {"email": "CursorAgent@cursor.com"}`), true, "own-commit", ownPush, forge.Decision{}},
		{"push of a commit with the agent's name", anyone, pushBy("wri", `"author": {"name": "Cursor Agent"}`), true, "own-commit", ownPush, forge.Decision{}},
		{"push of a commit by the agent's account", anyone, pushBy("wri", `"committer": {"username": "cursor"}`), true, "own-commit", ownPush, forge.Decision{}},
		{"push of a person's commit", anyone, happening{event: "push", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{"synchronize by Cursor's app", anyone, happening{event: "pull_request", action: "synchronize", sender: "cursor"}, true, "own-commit", ownPush, forge.Decision{}},
		{"synchronize with the agent's commit", anyone, happening{event: "pull_request", action: "synchronize", sender: "wri", number: 21, head: forgetest.SHA("agent")}, true, "own-commit", ownPush, forge.Decision{}},
		{"synchronize with what the agent committed", anyone, happening{event: "pull_request", action: "synchronize", sender: "wri", number: 22, head: forgetest.SHA("committed")}, true, "own-commit", ownPush, forge.Decision{}},
		{"synchronize with a person's commit", anyone, happening{event: "pull_request", action: "synchronize", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{
			"synchronize with a commit that is nowhere", anyone, happening{event: "pull_request", action: "synchronize", sender: "wri", head: forgetest.SHA("nowhere")}, true, "subject-unknown",
			"whether Cursor's agent made the newest commit of pull request 9 is not known: read commit " + forgetest.SHA("nowhere") + " of acme/shop: 422 No commit found for SHA: " + forgetest.SHA("nowhere") + ": give the job permissions: contents: read, and leave github-token at its default, ${{ github.token }}", forge.Decision{},
		},
		{"opened by Cursor's app is for the rule of bots", anyone, happening{event: "pull_request", action: "opened", sender: "cursor[bot]"}, true, "bot", "cursor[bot] is a bot: name it in allow-bots if it may start agents", forge.Decision{}},

		// The phrase.
		{"phrase", phrase, comment("@cursor fix"), true, "", "", forge.Decision{Prompt: "fix"}},
		{"no phrase", phrase, comment("fix"), true, "no-trigger-phrase", fmt.Sprintf(saidNothing, "comment"), forge.Decision{}},
		{"phrase in a quotation", phrase, comment("> @cursor fix"), true, "no-trigger-phrase", fmt.Sprintf(saidNothing, "comment"), forge.Decision{}},
		{"phrase in a review comment", phrase, happening{event: "pull_request_review_comment", action: "created", sender: "wri", body: "@cursor this"}, true, "", "", forge.Decision{Prompt: "this", HeadSHA: headHere}},
		{"phrase in a review", phrase, happening{event: "pull_request_review", action: "submitted", sender: "wri", body: "@cursor this"}, true, "", "", forge.Decision{Prompt: "this", HeadSHA: headHere}},
		{"review without the phrase", phrase, happening{event: "pull_request_review", action: "submitted", sender: "wri"}, true, "no-trigger-phrase", fmt.Sprintf(saidNothing, "review"), forge.Decision{}},
		{"phrase in a review that is dismissed", phrase, happening{event: "pull_request_review", action: "dismissed", sender: "wri", body: "@cursor"}, true, "no-trigger-phrase", "the event is dismissed, and only a new text that says @cursor starts an agent: say it in a new comment", forge.Decision{}},
		{"phrase in a new issue", phrase, happening{event: "issues", action: "opened", sender: "wri", number: 7, body: "Broken.\n\n@cursor fix"}, true, "", "", forge.Decision{Prompt: "Broken.\n\nfix"}},
		{"phrase in an issue that is closed", phrase, happening{event: "issues", action: "closed", sender: "wri", number: 7, body: "@cursor fix"}, true, "no-trigger-phrase", "the event is closed, and only a new text that says @cursor starts an agent: say it in a new comment", forge.Decision{}},
		{"phrase in a discussion", phrase, happening{event: "discussion_comment", action: "created", sender: "wri", body: "@cursor why"}, true, "", "", forge.Decision{Prompt: "why"}},
		{"phrase, edited in", phrase, with(comment("@cursor fix"), func(h *happening) { h.action = "edited" }), true, "edited", "the comment was edited, and only a new one starts an agent: say @cursor in a new comment", forge.Decision{}},
		{"phrase, deleted", phrase, with(comment("@cursor fix"), func(h *happening) { h.action = "deleted" }), true, "edited", "the comment was deleted, and only a new one starts an agent: say @cursor in a new comment", forge.Decision{}},
		{"edited, where no phrase is asked for", forge.Gate{}, with(comment("fix"), func(h *happening) { h.action = "edited" }), true, "", "", forge.Decision{}},
		{"phrase by a stranger", phrase, with(comment("@cursor fix"), func(h *happening) { h.sender = "eve" }), true, "no-permission", "eve has the permission read in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower", forge.Decision{}},
		{"no phrase by a stranger", phrase, with(comment("hi"), func(h *happening) { h.sender = "eve" }), true, "no-trigger-phrase", fmt.Sprintf(saidNothing, "comment"), forge.Decision{}},
		{"the phrase does not concern a push", phrase, happening{event: "push", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{"the phrase does not concern a pull request", phrase, happening{event: "pull_request", action: "opened", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{"phrase on a pull request", phrase, with(comment("@cursor fix"), func(h *happening) { h.number = 9 }), true, "", "", forge.Decision{Prompt: "fix", HeadSHA: headHere}},
		{"phrase in a locked conversation", phrase, with(comment("@cursor fix"), func(h *happening) { h.number = 20 }), true, "", "", forge.Decision{Prompt: "fix"}},
		{"phrase on an issue that is gone", phrase, with(comment("@cursor fix"), func(h *happening) { h.number = 8 }), true, "subject-gone", "issue 8 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: issues: read", forge.Decision{}},
		{"phrase on a pull request that is gone", phrase, with(comment("@cursor fix"), func(h *happening) { h.number = 10 }), true, "subject-gone", "pull request 10 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: pull-requests: read", forge.Decision{}},

		// The label.
		{"label on an issue", label, labelled("issues", "agent"), true, "", "", forge.Decision{Label: "agent"}},
		{"label on a pull request, in other letters", label, labelled("pull_request", "Agent"), true, "", "", forge.Decision{Label: "Agent", HeadSHA: headHere}},
		{"label on a target", label, labelled("pull_request_target", "agent"), true, "", "", forge.Decision{Label: "agent", HeadSHA: headHere}},
		{"other label", label, labelled("issues", "bug"), true, "other-label", `the label "bug" was put on, and "agent" starts an agent: put that one on`, forge.Decision{}},
		{"a longer label", label, labelled("pull_request", "agent "), true, "other-label", `the label "agent" was put on, and "agent" starts an agent: put that one on`, forge.Decision{}},
		{"no label", label, happening{event: "pull_request", action: "opened", sender: "wri"}, true, "no-trigger-label", `the event is opened, and putting the label "agent" on starts an agent: put it on`, forge.Decision{}},
		{"taken off", label, happening{event: "issues", action: "unlabeled", sender: "wri", number: 7, label: "agent"}, true, "no-trigger-label", `the event is unlabeled, and putting the label "agent" on starts an agent: put it on`, forge.Decision{}},
		{"label by somebody who may only label", label, with(labelled("pull_request", "agent"), func(h *happening) { h.sender = "tri" }), true, "no-permission", "tri has the permission triage in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower", forge.Decision{}},
		{"label by a bot", label, with(labelled("issues", "agent"), func(h *happening) { h.sender = "renovate[bot]" }), true, "bot", "renovate[bot] is a bot: name it in allow-bots if it may start agents", forge.Decision{}},
		{"label on a head that is not there any more", label, with(labelled("pull_request", "agent"), func(h *happening) { h.head = headOld }), true, "head-moved", "the head of pull request 9 has moved from " + old + " to " + headHere[:12] + " since: look at what is new, and start it again", forge.Decision{Label: "agent", HeadSHA: headOld}},
		{"the label does not concern a comment", label, comment("fix"), true, "", "", forge.Decision{}},
		{"the label does not concern a manual start", label, happening{event: "workflow_dispatch", sender: "wri"}, true, "", "", forge.Decision{}},
		{"label or phrase: label", both, labelled("issues", "agent"), true, "", "", forge.Decision{Label: "agent"}},
		{"label or phrase: phrase", both, happening{event: "issues", action: "opened", sender: "wri", number: 7, body: "@cursor x"}, true, "", "", forge.Decision{Prompt: "x"}},
		{"label or phrase: other label", both, labelled("issues", "bug"), true, "other-label", `the label "bug" was put on, and "agent" starts an agent: put that one on`, forge.Decision{}},
		{"label or phrase: neither", both, happening{event: "issues", action: "opened", sender: "wri", number: 7}, true, "no-trigger-phrase", fmt.Sprintf(saidNothing, "issue"), forge.Decision{}},
		{"label or phrase: pull request", both, happening{event: "pull_request", action: "opened", sender: "wri"}, true, "no-trigger-label", `the event is opened, and putting the label "agent" on starts an agent: put it on`, forge.Decision{}},
		{"label on an issue that is gone", label, with(labelled("issues", "agent"), func(h *happening) { h.number = 8 }), true, "subject-gone", "issue 8 of acme/shop is gone, or the token can't see it: if it is there, give the job permissions: issues: read", forge.Decision{}},

		// Forks.
		{"fork without a key", anyone, forkHead("pull_request", "opened", 30), false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 30"), forge.Decision{}},
		{"fork without a key, by a stranger", forge.Gate{}, with(forkHead("pull_request", "opened", 30), func(h *happening) { h.sender = "mallory" }), false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 30"), forge.Decision{}},
		{"fork's review without a key", anyone, forkHead("pull_request_review", "submitted", 30), false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 30"), forge.Decision{}},
		{"comment on a fork's without a key", anyone, happening{event: "issue_comment", action: "created", sender: "wri", number: 30}, false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 30"), forge.Decision{HeadSHA: headFork}},
		{"the repository's own without a key is for others to say", anyone, happening{event: "pull_request", action: "opened", sender: "wri"}, false, "", "", forge.Decision{HeadSHA: headHere}},
		{"fork without an approval", forge.Gate{}, forkHead("pull_request", "opened", 30), true, "fork-not-approved", notApproved(30, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork without an approval, by a stranger", forge.Gate{}, with(forkHead("pull_request", "opened", 30), func(h *happening) { h.sender = "mallory" }), true, "no-permission", "mallory has the permission read in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower", forge.Decision{}},
		{"fork, where everybody may start", anyone, with(forkHead("pull_request", "opened", 30), func(h *happening) { h.sender = "mallory" }), true, "fork-not-approved", notApproved(30, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved", forge.Gate{}, forkHead("pull_request", "opened", 31), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, approved by a stranger", forge.Gate{}, forkHead("pull_request", "opened", 32), true, "fork-not-approved", notApproved(32, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by a stranger, where everybody may start", anyone, forkHead("pull_request", "opened", 32), true, "fork-not-approved", notApproved(32, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by a stranger, where all may start who read", forge.Gate{RequiredPermission: "read"}, forkHead("pull_request", "opened", 32), true, "fork-not-approved", notApproved(32, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved with triage", forge.Gate{}, forkHead("pull_request", "opened", 33), true, "fork-not-approved", notApproved(33, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved with triage where that is enough", forge.Gate{RequiredPermission: "triage"}, forkHead("pull_request", "opened", 33), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, approved with write where admin is needed", forge.Gate{RequiredPermission: "admin"}, with(forkHead("pull_request", "opened", 31), func(h *happening) { h.sender = "adm" }), true, "fork-not-approved", notApproved(31, "admin", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by an admin", forge.Gate{RequiredPermission: "admin"}, with(forkHead("pull_request", "opened", 34), func(h *happening) { h.sender = "adm" }), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, an older head approved", forge.Gate{}, forkHead("pull_request", "opened", 35), true, "fork-not-approved", notApproved(35, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approval taken back", forge.Gate{}, forkHead("pull_request", "opened", 36), true, "fork-not-approved", notApproved(36, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved in the end", forge.Gate{}, forkHead("pull_request", "opened", 37), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, approval dismissed", forge.Gate{}, forkHead("pull_request", "opened", 38), true, "fork-not-approved", notApproved(38, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by a bot", forge.Gate{AllowBots: []string{"renovate"}}, forkHead("pull_request", "opened", 39), true, "fork-not-approved", notApproved(39, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by its author", forge.Gate{}, forkHead("pull_request", "opened", 40), true, "fork-not-approved", notApproved(40, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by its author, who is a member", forge.Gate{}, forkHead("pull_request", "opened", 43), true, "fork-not-approved", notApproved(43, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, approved by the last of three", forge.Gate{}, forkHead("pull_request", "opened", 41), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork that is gone", forge.Gate{}, happening{event: "issue_comment", action: "created", sender: "wri", number: 42}, true, "fork-not-approved", notApproved(42, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, pushed since", forge.Gate{}, with(forkHead("pull_request", "opened", 31), func(h *happening) { h.head = headOld }), true, "head-moved", "the head of pull request 31 has moved from " + old + " to " + fork + " since: look at what is new, and start it again", forge.Decision{HeadSHA: headOld}},
		{"fork, comment with the phrase", phrase, happening{event: "issue_comment", action: "created", sender: "wri", number: 30, body: "@cursor fix"}, true, "fork-not-approved", notApproved(30, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, comment with the phrase on what is approved", phrase, happening{event: "issue_comment", action: "created", sender: "wri", number: 31, body: "@cursor fix"}, true, "", "", forge.Decision{Prompt: "fix", HeadSHA: headFork}},
		{"fork, comment where a label would do", both, happening{event: "issue_comment", action: "created", sender: "wri", number: 30, body: "@cursor fix"}, true, "fork-not-approved", notApproved(30, "write", putOn), forge.Decision{HeadSHA: headFork}},
		{"fork, labelled", label, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label = "agent" }), true, "", "", forge.Decision{Label: "agent", HeadSHA: headFork}},
		{"fork, labelled without a key", label, with(forkHead("pull_request", "labeled", 30), func(h *happening) { h.label = "agent" }), false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 30"), forge.Decision{}},
		{"fork, labelled before the last push", label, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label, h.head = "agent", headOld }), true, "head-moved", "the head of pull request 30 has moved from " + old + " to " + fork + " since: look at what is new, and start it again", forge.Decision{Label: "agent", HeadSHA: headOld}},
		{"fork, labelled with triage", label, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label, h.sender = "agent", "tri" }), true, "no-permission", "tri has the permission triage in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower", forge.Decision{}},
		{"fork, labelled with triage where everybody may start", forge.Gate{TriggerLabel: "agent", RequiredPermission: "none"}, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label, h.sender = "agent", "tri" }), true, "fork-not-approved", notApproved(30, "write", putOn), forge.Decision{HeadSHA: headFork}},
		{"fork, labelled by a bot that is named", forge.Gate{TriggerLabel: "agent", AllowBots: []string{"renovate[bot]"}}, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label, h.sender = "agent", "renovate[bot]" }), true, "fork-not-approved", notApproved(30, "write", putOn), forge.Decision{HeadSHA: headFork}},
		{"fork, labelled by a bot, approved by a person", forge.Gate{TriggerLabel: "agent", AllowBots: []string{"renovate[bot]"}}, with(forkHead("pull_request_target", "labeled", 31), func(h *happening) { h.label, h.sender = "agent", "renovate[bot]" }), true, "", "", forge.Decision{Label: "agent", HeadSHA: headFork}},
		{"fork, other label", label, with(forkHead("pull_request_target", "labeled", 30), func(h *happening) { h.label = "bug" }), true, "other-label", `the label "bug" was put on, and "agent" starts an agent: put that one on`, forge.Decision{}},
		{"a fork's workflow run", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri", fork: true}, true, "fork-not-approved", "pull request 9" + fmt.Sprintf(noPull, "workflow_run"), forge.Decision{HeadSHA: headHere}},
		{"a fork's workflow run of no pull request", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri", more: `"workflow_run": {"id": 3, "head_sha": "x", "actor": {"login": "wri"}, "triggering_actor": {"login": "adm"}, "pull_requests": []}`, fork: true}, true, "fork-not-approved", "the commit of workflow run 3" + fmt.Sprintf(noPull, "workflow_run"), forge.Decision{HeadSHA: "x"}},
		{"a workflow run that a stranger began", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri", more: `"workflow_run": {"id": 3, "actor": {"login": "eve"}, "triggering_actor": {"login": "wri"}}`}, true, "no-permission", "eve has the permission read in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower", forge.Decision{}},
		{"a workflow run that a bot ran again", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri", more: `"workflow_run": {"id": 3, "actor": {"login": "wri"}, "triggering_actor": {"login": "cursor[bot]"}}`}, true, "bot", "cursor[bot] is a bot: name it in allow-bots if it may start agents", forge.Decision{}},
		{"fork, approved by this very review", forge.Gate{}, with(forkHead("pull_request_review", "submitted", 30), func(h *happening) { h.more = thisReview("APPROVED", headFork) }), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, an older head approved by this very review", forge.Gate{}, with(forkHead("pull_request_review", "submitted", 30), func(h *happening) { h.more = thisReview("approved", headOld) }), true, "fork-not-approved", notApproved(30, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, an approval taken back by this very review", forge.Gate{}, with(forkHead("pull_request_review", "submitted", 31), func(h *happening) { h.more = thisReview("changes_requested", headFork) }), true, "fork-not-approved", notApproved(31, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, an approval dismissed by this event, which the list does not know yet", forge.Gate{}, with(forkHead("pull_request_review", "dismissed", 31), func(h *happening) { h.more = reviewOf(listedID, "dismissed", headFork) }), true, "fork-not-approved", notApproved(31, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, an approval dismissed before a newer one", forge.Gate{}, with(forkHead("pull_request_review", "dismissed", 31), func(h *happening) { h.more = reviewOf(listedID-1, "dismissed", headFork) }), true, "", "", forge.Decision{HeadSHA: headFork}},
		{"fork, approved by this very review, which the list has as dismissed", forge.Gate{}, with(forkHead("pull_request_review", "submitted", 38), func(h *happening) { h.more = reviewOf(listedID, "approved", headFork) }), true, "fork-not-approved", notApproved(38, "write", review), forge.Decision{HeadSHA: headFork}},
		{"fork, an approval edited that the list has as dismissed", forge.Gate{}, with(forkHead("pull_request_review", "edited", 38), func(h *happening) { h.more = reviewOf(listedID, "approved", headFork) }), true, "fork-not-approved", notApproved(38, "write", review), forge.Decision{HeadSHA: headFork}},
		{"a fork's workflow run without a key", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri", fork: true}, false, "fork-without-key", fmt.Sprintf(forkNoKey, "pull request 9"), forge.Decision{}},
		{"a fork's check", forge.Gate{}, happening{event: "check_suite", action: "completed", sender: "wri", fork: true}, true, "fork-not-approved", "the commit of the check" + fmt.Sprintf(noPull, "check_suite"), forge.Decision{HeadSHA: headHere}},
		{"a workflow run", forge.Gate{}, happening{event: "workflow_run", action: "completed", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{"a check", forge.Gate{}, happening{event: "check_run", action: "completed", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},
		{"target of the repository's own", forge.Gate{RequiredPermission: "write"}, happening{event: "pull_request_target", action: "opened", sender: "wri"}, true, "", "", forge.Decision{HeadSHA: headHere}},

		// Names that are none.
		{"a name with a path", forge.Gate{}, with(comment("x"), func(h *happening) { h.sender = "../../orgs/acme" }), true, "permission-unknown", "what ../../orgs/acme may do in acme/shop is not known: no account of GitHub has such a name: let somebody else start it", forge.Decision{}},
		{"a name with a query", forge.Gate{}, with(comment("x"), func(h *happening) { h.sender = "wri?x=" }), true, "permission-unknown", "what wri?x= may do in acme/shop is not known: no account of GitHub has such a name: let somebody else start it", forge.Decision{}},
		{"a name of lines", forge.Gate{}, with(comment("x"), func(h *happening) { h.sender = "wri\n::error::x" }), true, "permission-unknown", "what wri ::error::x may do in acme/shop is not known: no account of GitHub has such a name: let somebody else start it", forge.Decision{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.gate.Decide(t.Context(), askHub(t, hub), test.h.read(), test.keyed)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			want.Launch, want.Reason, want.Text = test.reason == "", test.reason, test.text
			ignore := cmp.FilterPath(func(p cmp.Path) bool {
				name := p.Last().String()
				return slices.Contains([]string{".PullRequest", ".path", ".number", ".Bound"}, name)
			}, cmp.Ignore())
			if diff := cmp.Diff(want, got, ignore); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}
