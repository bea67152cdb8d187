package campaign_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

// happening is what happened at GitHub that a story is about, and what goes
// wrong there.
type happening struct {
	kind    eventKind
	actor   actor
	besides bool     // it does not ask for an agent: another label, or no trigger phrase
	refused []string // permissions that the job does not give to its token
	thread  int      // comments that are there before
	faults  []forgetest.Fault
	outages []outage // of GitHub
	pull    pullFate // of an agent's pull request
}

// eventKind is which event.
type eventKind string

const (
	issueComment eventKind = "a comment on an issue"
	pullComment  eventKind = "a comment on a pull request"
	labelled     eventKind = "a label on a pull request"
	issueOpened  eventKind = "a new issue"
	workflowRan  eventKind = "the end of a workflow run"
	pushed       eventKind = "a push"
)

func eventKinds() []eventKind {
	return []eventKind{issueComment, pullComment, labelled, issueOpened, workflowRan, pushed}
}

// actor is who caused it.
type actor string

const (
	maintainer actor = "octocat" // may write
	reader     actor = "eve"     // may read
	robot      actor = "renovate[bot]"
	ourselves  actor = "github-actions[bot]" // with a text that the action writes
	theAgent   actor = "cursor[bot]"
)

const (
	theIssue, thePull = 5, 9 // at GitHub
	ourMark           = "<!-- cursor-agent-action "
	triggerPhrase     = "@cursor"
	triggerLabel      = "cursor"
)

func (e happening) String() string {
	text := fmt.Sprintf("%s by %s", e.kind, e.actor)
	if e.besides {
		text += ", which asks for no agent"
	}
	if len(e.refused) > 0 {
		text += fmt.Sprintf("; the token has no permission for %v", e.refused)
	}
	if e.thread > 0 {
		text += fmt.Sprintf("; %d comments are there", e.thread)
	}
	if e.pull.kind != "" {
		text += fmt.Sprintf("; the pull request %s", e.pull)
	}
	return text
}

// denied reports whether the event must not launch anything, whatever else
// happens: by the documented rules of the gate, and the truth about who may do
// what.
func (p plan) denied() bool {
	e := p.happens
	if e == nil {
		return false
	}
	comment := e.kind == issueComment || e.kind == pullComment || e.kind == issueOpened
	switch {
	case e.besides && comment && p.inputs["trigger-phrase"] != "", e.besides && e.kind == labelled && p.inputs["trigger-label"] != "":
		return true
	case e.actor == ourselves && comment, e.actor == theAgent && e.kind == pushed:
		return true
	case e.actor == maintainer:
		return false
	case e.actor == reader:
		return e.kind != pushed // Who has pushed may write.
	}
	return !strings.Contains(p.inputs["allow-bots"], string(e.actor))
}

// subject is the issue or pull request that comments of the story are on, 0 for
// none.
func (e happening) subject() int {
	switch e.kind {
	case issueComment, issueOpened:
		return theIssue
	case pullComment, labelled, workflowRan:
		return thePull
	}
	return 0
}

// payload is the event as the runner hands it on, and its name.
func (e happening) payload(t *testing.T) (name string, text []byte) {
	person := func(login actor) map[string]any {
		kind := "User"
		if strings.HasSuffix(string(login), "[bot]") {
			kind = "Bot"
		}
		return map[string]any{"login": string(login), "id": 1, "type": kind}
	}
	body := triggerPhrase + " and look at the clock."
	if e.besides {
		body = "I look at it tomorrow."
	}
	if e.actor == ourselves {
		body = ourMark + "0123456789abcdef-5 -->\n\n" + body
	}
	at := func(ref string) map[string]any {
		return map[string]any{"ref": ref, "sha": forgetest.SHA(ref), "repo": map[string]any{"full_name": "acme/shop"}}
	}
	issue := map[string]any{"number": e.subject(), "title": "The clock", "body": "It is slow.", "user": person(maintainer), "state": "open"}
	comment := map[string]any{"id": 990, "body": body, "user": person(e.actor)}
	told := map[string]any{"repository": map[string]any{"full_name": "acme/shop", "private": false}, "sender": person(e.actor)}
	switch e.kind {
	case pullComment:
		issue["pull_request"] = map[string]any{"url": "https://" + gitHub + "/repos/acme/shop/pulls/9"}
		fallthrough
	case issueComment:
		name, told["action"], told["issue"], told["comment"] = "issue_comment", "created", issue, comment
	case issueOpened:
		issue["body"] = body
		name, told["action"], told["issue"] = "issues", "opened", issue
	case labelled:
		label := triggerLabel
		if e.besides {
			label = "bug"
		}
		name, told["action"], told["number"], told["label"] = "pull_request", "labeled", thePull, map[string]any{"name": label}
		told["pull_request"] = map[string]any{
			"number": thePull, "state": "open", "title": "The clock", "body": "It is right.", "user": person(maintainer), "head": at("clock"), "base": at("main"),
		}
	case workflowRan:
		name, told["action"] = "workflow_run", "completed"
		told["workflow_run"] = map[string]any{
			"id": 4700, "run_attempt": 1, "name": "CI", "event": "push", "conclusion": "failure", "head_branch": "clock", "head_sha": forgetest.SHA("clock"),
			"head_repository": map[string]any{"full_name": "acme/shop"}, "actor": person(e.actor), "triggering_actor": person(e.actor),
			"pull_requests": []any{map[string]any{"number": thePull, "base": map[string]any{"repo": map[string]any{"id": 0}}}},
		}
	case pushed:
		author := map[string]any{"name": "Octo Cat", "email": "octocat@example.com"}
		if e.actor == theAgent {
			author = map[string]any{"name": "Cursor Agent", "email": "cursoragent@cursor.com"}
		}
		name, told["ref"], told["before"], told["after"] = "push", "refs/heads/main", forgetest.SHA("base"), forgetest.SHA("main")
		told["head_commit"] = map[string]any{"id": forgetest.SHA("main"), "message": "The clock", "author": author, "committer": author}
	default:
		panic("nothing happens as " + string(e.kind))
	}
	text, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	return name, text
}
