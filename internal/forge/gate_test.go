package forge_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/secret"
)

// The heads of the pull requests of gateHub.
var (
	headHere = forgetest.SHA("here")
	headFork = forgetest.SHA("fork")
	headOld  = forgetest.SHA("old")
)

const gateToken = "ghs_gate"

// gateHub is a public acme/shop with everybody who may start something or not,
// and with issues and pull requests of all kinds.
func gateHub(t *testing.T) *forgetest.Hub {
	t.Helper()
	fork := func(number int, reviews ...*forgetest.Review) *forgetest.Issue {
		return &forgetest.Issue{Number: number, Title: "From afar", Author: "mallory", Pull: &forgetest.PullRequest{
			HeadRef: "patch", HeadRepository: "mallory/shop", HeadSHA: headFork, PastHeads: []string{headOld}, Reviews: reviews,
		}}
	}
	approved := func(login string) *forgetest.Review { return &forgetest.Review{Author: login, State: "APPROVED"} }
	agent := forgetest.Person{Name: "Cursor Agent", Email: "cursoragent@cursor.com"}
	hub := forgetest.New(forgetest.Config{
		RateLimit: 1 << 20,
		Repositories: []*forgetest.Repository{{
			Path:          "acme/shop",
			Collaborators: map[string]string{"tri": "triage", "wri": "write", "mai": "maintain", "adm": "admin", "dep": "deployer", "aud": "auditor", "emu_acme": "write", "renovate[bot]": "write"},
			CustomRoles:   map[string]string{"deployer": "write", "auditor": "read"},
			Commits:       []*forgetest.Commit{{SHA: forgetest.SHA("agent"), Author: agent}, {SHA: forgetest.SHA("committed"), Committer: agent, Author: forgetest.Person{Name: "Ann", Email: "ann@example.com"}}},
			Issues: []*forgetest.Issue{
				{Number: 7, Title: "Cart", Author: "eve", Comments: []*forgetest.Comment{{Author: "wri", Body: "Hm."}}},
				{Number: 8, Title: "Gone", Author: "eve", Deleted: true},
				{Number: 9, Title: "Fill", Author: "wri", Pull: &forgetest.PullRequest{HeadRef: "fix", HeadSHA: headHere, PastHeads: []string{headOld}}},
				{Number: 20, Title: "Locked", Author: "eve", Locked: true},
				{Number: 21, Title: "By the agent", Author: "wri", Pull: &forgetest.PullRequest{HeadRef: "cursor/x", HeadSHA: forgetest.SHA("agent")}},
				{Number: 22, Title: "Committed by the agent", Author: "wri", Pull: &forgetest.PullRequest{HeadRef: "cursor/y", HeadSHA: forgetest.SHA("committed")}},
				fork(30), fork(31, approved("wri")), fork(32, approved("eve")), fork(33, approved("tri")), fork(34, approved("adm")),
				fork(35, &forgetest.Review{Author: "wri", State: "APPROVED", CommitID: headOld}),
				fork(36, approved("wri"), &forgetest.Review{Author: "wri", State: "CHANGES_REQUESTED"}),
				fork(37, &forgetest.Review{Author: "wri", State: "CHANGES_REQUESTED"}, approved("wri"), &forgetest.Review{Author: "wri", State: "COMMENTED", Body: "Nice."}),
				fork(38, &forgetest.Review{Author: "wri", State: "DISMISSED"}),
				fork(39, approved("renovate[bot]")), fork(40, approved("mallory")), fork(41, approved("eve"), approved("tri"), approved("dep")),
				{Number: 43, Title: "A member's own fork", Author: "wri", Pull: &forgetest.PullRequest{HeadRef: "patch", HeadRepository: "wri/shop", HeadSHA: headFork, Reviews: []*forgetest.Review{approved("wri")}}},
				{Number: 42, Title: "Fork is gone", Author: "mallory", Pull: &forgetest.PullRequest{HeadRef: "patch", Gone: true, HeadSHA: headFork}},
			},
		}},
		Users:  []forgetest.User{{Login: "eve"}, {Login: "mallory"}},
		Tokens: []forgetest.Token{{Value: gateToken, Permissions: map[string]string{"contents": "read", "issues": "write", "pull_requests": "write"}}},
	})
	t.Cleanup(hub.Close)
	return hub
}

func askHub(t *testing.T, hub *forgetest.Hub) *forge.GitHub {
	t.Helper()
	github, err := forge.NewGitHub(forge.GitHubConfig{Token: secret.New(gateToken), Version: "1.2.3", Transport: hub.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return github
}

// happening is an event as a row of a table writes it down.
type happening struct {
	event, action, sender string
	number                int    // of the issue or pull request; 9 unless said
	head                  string // of the pull request; headHere unless said
	fork                  bool   // the pull request comes from mallory/shop
	label, body           string
	more                  string // of the payload, in place of what is there
}

func (h happening) read() forge.Event {
	person := func(login string) string {
		kind := "User"
		if strings.HasSuffix(login, "[bot]") {
			kind = "Bot"
		}
		return fmt.Sprintf(`{"login": %q, "id": 1, "type": %q}`, login, kind)
	}
	number, head, from := h.number, h.head, "acme/shop"
	if number == 0 {
		number = 9
	}
	if head == "" {
		head = headHere
	}
	if h.fork {
		from = "mallory/shop"
	}
	pull := fmt.Sprintf(`"pull_request": {"number": %d, "state": "open", "user": %s, "head": {"ref": "fix", "sha": %q, "repo": {"full_name": %q}}, "base": {"ref": "main", "repo": {"id": 5, "full_name": "acme/shop"}}}`, number, person("wri"), head, from)
	about := ""
	switch h.event {
	case "pull_request", "pull_request_target":
		about = pull
	case "pull_request_review":
		about = pull + fmt.Sprintf(`, "review": {"id": 99, "state": "commented", "body": %q, "commit_id": %q, "user": %s}`, h.body, head, person(h.sender))
	case "pull_request_review_comment":
		about = pull + fmt.Sprintf(`, "comment": {"id": 4, "body": %q, "user": %s}`, h.body, person(h.sender))
	case "issues":
		about = fmt.Sprintf(`"issue": {"number": %d, "body": %q}`, number, h.body)
	case "issue_comment":
		about = fmt.Sprintf(`"issue": {"number": %d, "pull_request": {"url": "x"}}, "comment": {"id": 4, "body": %q, "user": %s}`, number, h.body, person(h.sender))
		if number < 9 || number == 20 {
			about = strings.Replace(about, `"pull_request": {"url": "x"}`, `"state": "open"`, 1)
		}
	case "discussion":
		about = fmt.Sprintf(`"discussion": {"number": 5, "body": %q}`, h.body)
	case "discussion_comment":
		about = fmt.Sprintf(`"discussion": {"number": 5}, "comment": {"id": 4, "body": %q}`, h.body)
	case "workflow_run":
		about = fmt.Sprintf(`"workflow_run": {"id": 3, "head_sha": %q, "head_repository": {"full_name": %q}, "actor": %s, "triggering_actor": %s, "pull_requests": [{"number": 9, "base": {"repo": {"id": 5}}}]}`, head, from, person(h.sender), person(h.sender))
	case "check_run", "check_suite":
		branch := `"fix"`
		if h.fork {
			branch = "null"
		}
		about = fmt.Sprintf(`"check_run": {"id": 3, "head_sha": %q, "check_suite": {"head_branch": %s}}, "check_suite": {"id": 3, "head_sha": %q, "head_branch": %s}`, head, branch, head, branch)
	case "push":
		about = fmt.Sprintf(`"after": %q, "head_commit": {"id": %q, "author": {"name": "Ann", "email": "ann@example.com"}}`, head, head)
	case "merge_group":
		about = `"merge_group": {"head_sha": "x"}`
	case "schedule":
		about = `"schedule": "17 * * * *"`
	default:
		about = `"x": 1`
	}
	if h.label != "" {
		about += fmt.Sprintf(`, "label": {"name": %q}`, h.label)
	}
	if h.sender != "" {
		about += `, "sender": ` + person(h.sender)
	}
	payload := map[string]json.RawMessage{}
	for _, part := range []string{fmt.Sprintf(`"action": %q, "repository": {"id": 5, "full_name": "acme/shop", "private": false}`, h.action), about, h.more} {
		if err := json.Unmarshal([]byte("{"+part+"}"), &payload); err != nil {
			panic(err)
		}
	}
	whole, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	return forge.ReadEvent(h.event, whole, "")
}

// strangerEvents are those that others than members can cause, each with an
// action that is common.
var strangerEvents = map[string]string{
	"issues": "opened", "issue_comment": "created", "pull_request": "opened", "pull_request_target": "opened", "pull_request_review": "submitted",
	"pull_request_review_comment": "created", "discussion": "created", "discussion_comment": "created", "workflow_run": "completed",
	"check_run": "completed", "check_suite": "completed", "watch": "started", "fork": "", "gollum": "", "an_event_of_next_year": "done",
}

// whatEverybodyMay is the expectation for an event that needs the permission,
// by actor.
var whatEverybodyMay = []struct {
	actor  string
	has    string // "" when GitHub doesn't know
	levels int    // how many of read, triage, write, maintain, admin
}{
	{"eve", "read", 1}, {"aud", "read", 1}, {"tri", "triage", 2}, {"wri", "write", 3}, {"WRI", "write", 3}, {"dep", "write", 3},
	{"emu_acme", "write", 3}, {"mai", "maintain", 4}, {"adm", "admin", 5}, {"acme", "admin", 5},
}

func TestTheGateAsksWhoCausedTheEvent(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	rows := 0
	row := func(name string, gate forge.Gate, h happening, reason forge.SkipReason, text string) {
		rows++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := gate.Decide(t.Context(), askHub(t, hub), h.read(), true)
			if err != nil || got.Launch != (reason == "") || got.Reason != reason || got.Text != text {
				t.Errorf("launch %t, reason %q, error %v: %s\nwant %q: %s", got.Launch, got.Reason, err, got.Text, reason, text)
			}
		})
	}
	for event, action := range strangerEvents {
		gate := forge.Gate{AllowBots: []string{"Dependabot"}}
		if event == "pull_request_target" {
			gate.RequiredPermission = "write"
		}
		number := map[string]int{"issues": 7}[event]
		for _, who := range whatEverybodyMay {
			reason, text := forge.SkipReason(""), ""
			if who.levels < 3 {
				reason, text = "no-permission", who.actor+" has the permission "+who.has+" in acme/shop, and write is needed: let somebody start it who has that, or set required-permission lower"
			}
			row(event+" by "+who.actor, gate, happening{event: event, action: action, sender: who.actor, number: number}, reason, text)
		}
		row(event+" by a bot", gate, happening{event: event, action: action, sender: "renovate[bot]", number: number}, "bot", "renovate[bot] is a bot: name it in allow-bots if it may start agents")
		row(event+" by a bot that is named", gate, happening{event: event, action: action, sender: "dependabot[bot]", number: number}, "", "")
		row(event+" by somebody who is nobody", gate, happening{event: event, action: action, sender: "zoe", number: number}, "permission-unknown",
			"what zoe may do in acme/shop is not known: read the permission of zoe in acme/shop: 404 zoe is not a user: leave github-token at its default, ${{ github.token }}, or let somebody else start it")
		row(event+" by nobody", gate, happening{event: event, action: action, number: number}, "permission-unknown",
			"the event "+event+" does not say who caused it, and the permission write is needed: start the workflow by hand")
	}
	for _, event := range []string{"push", "workflow_dispatch", "repository_dispatch", "merge_group", "schedule"} {
		for _, who := range whatEverybodyMay {
			row(event+" by "+who.actor, forge.Gate{}, happening{event: event, sender: who.actor}, "", "")
			reason, text := forge.SkipReason(""), ""
			if who.levels < 4 {
				reason, text = "no-permission", who.actor+" has the permission "+who.has+" in acme/shop, and maintain is needed: let somebody start it who has that, or set required-permission lower"
			}
			row(event+" by "+who.actor+" where maintain is required", forge.Gate{RequiredPermission: "maintain"}, happening{event: event, sender: who.actor}, reason, text)
		}
		row(event+" by a bot", forge.Gate{}, happening{event: event, sender: "renovate[bot]"}, "bot", "renovate[bot] is a bot: name it in allow-bots if it may start agents")
		row(event+" by somebody who is nobody", forge.Gate{}, happening{event: event, sender: "zoe"}, "", "")
	}
	row("a schedule has no actor", forge.Gate{RequiredPermission: "admin"}, happening{event: "schedule"}, "", "")
	row("a push without an actor where one is required", forge.Gate{RequiredPermission: "read"}, happening{event: "push"}, "permission-unknown", "the event push does not say who caused it, and the permission read is needed: start the workflow by hand")
	for i, required := range []string{"none", "read", "triage", "write", "maintain", "admin"} {
		for _, who := range whatEverybodyMay {
			reason, text := forge.SkipReason(""), ""
			if who.levels < i {
				reason, text = "no-permission", who.actor+" has the permission "+who.has+" in acme/shop, and "+required+" is needed: let somebody start it who has that, or set required-permission lower"
			}
			row("comment by "+who.actor+" where "+required+" is required", forge.Gate{RequiredPermission: required}, happening{event: "issue_comment", action: "created", sender: who.actor, number: 7}, reason, text)
		}
	}
	if rows < 300 {
		t.Errorf("only %d rows", rows)
	}
}
