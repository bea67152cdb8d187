package forge_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cursor-agent-action/internal/forge"
)

// envelope is a payload with what all of GitHub's have, and more.
func envelope(more string) []byte {
	return fmt.Appendf(nil, `{"action": "created",
		"repository": {"id": 1, "full_name": "acme/api", "private": true, "custom_properties": {"team": ["core", "web"]}},
		"sender": {"login": "octocat", "id": 583231, "type": "User"}, %s}`, more)
}

var (
	shop    = forge.Repository{Server: "https://github.com", Path: "acme/api"}
	octocat = forge.Account{Login: "octocat", ID: 583231}
	robot   = forge.Account{Login: "renovate[bot]", ID: 9, Bot: true}
)

const (
	pullJSON = `{"number": 7, "title": "Cache", "body": "Faster.", "state": "open", "draft": true, "locked": true, "commits": 3, "changed_files": 2,
		"user": {"login": "octocat", "id": 583231, "type": "User"},
		"head": {"ref": "fix/cache", "sha": "aa11", "repo": {"full_name": "mallory/api", "custom_properties": {"team": ["core"]}}},
		"base": {"ref": "main", "repo": {"id": 1, "full_name": "acme/api"}}}`
	robotJSON = `{"login": "renovate[bot]", "id": 9, "type": "Bot"}`
)

// known is the event that the envelope alone makes.
func known(name string, more forge.Event) forge.Event {
	more.Name, more.Repository, more.Private, more.Sender = name, shop, true, octocat
	if more.Action == "" {
		more.Action = "created"
	}
	return more
}

func TestAnEventSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	pull := forge.PullRequest{
		Repository: shop, Number: 7, HeadRef: "fix/cache", HeadRepository: "mallory/api", HeadSHA: "aa11", BaseRef: "main", Author: octocat,
		State: "open", Draft: true, Locked: true, Title: "Cache", Body: "Faster.", Commits: 3, ChangedFiles: 2,
	}
	bare := forge.PullRequest{Repository: shop, Number: 7, Author: robot, State: "open", Title: "Cache", Body: "Faster."}
	issueJSON := `"issue": {"number": 7, "title": "Cache", "body": "Faster.", "state": "open", "html_url": "https://github.com/acme/api/issues/7", "user": ` + robotJSON + `%s}`
	issue := forge.Issue{Number: 7, Title: "Cache", Body: "Faster.", State: "open", Author: robot, URL: "https://github.com/acme/api/issues/7"}
	discussionJSON := `"discussion": {"number": 5, "node_id": "D_1", "title": "Why", "body": "?", "state": "open", "locked": true, "html_url": "u", "user": ` + robotJSON + `}`
	discussion := forge.Discussion{Number: 5, NodeID: "D_1", Title: "Why", Body: "?", State: "open", Locked: true, URL: "u", Author: robot}
	commitJSON := `{"id": "bb22", "message": "Fix", "author": {"name": "Cursor Agent", "email": "cursoragent@cursor.com", "username": "cursoragent"}, "committer": {"name": "GitHub", "email": "noreply@github.com"}}`
	commit := forge.Commit{
		SHA: "bb22", Message: "Fix", Author: forge.Signature{Name: "Cursor Agent", Email: "cursoragent@cursor.com", Login: "cursoragent"},
		Committer: forge.Signature{Name: "GitHub", Email: "noreply@github.com"},
	}
	// The second one is into another repository with the same branch.
	pullsJSON := `"pull_requests": [{"number": 7, "base": {"repo": {"id": 1}}}, {"number": 8, "base": {"repo": {"id": 2}}}]`
	for _, test := range []struct {
		name, event, more string
		want              forge.Event
		kind              forge.SubjectKind
		number            int
	}{
		{"pull request", "pull_request", `"label": {"name": "agent"}, "pull_request": ` + pullJSON, forge.Event{PullRequest: &pull, Label: "agent"}, forge.SubjectPullRequest, 7},
		{"pull request target", "pull_request_target", `"label": {"name": "agent"}, "pull_request": ` + pullJSON, forge.Event{PullRequest: &pull, Label: "agent"}, forge.SubjectPullRequest, 7},
		{
			"review", "pull_request_review", `"review": {"id": 4, "state": "APPROVED", "body": "Good", "commit_id": "aa11", "html_url": "u", "user": ` + robotJSON + `}, "pull_request": ` + pullJSON,
			forge.Event{PullRequest: &pull, Review: &forge.Review{ID: 4, State: "approved", Body: "Good", CommitID: "aa11", URL: "u", Author: robot}}, forge.SubjectPullRequest, 7,
		},
		{
			"review comment", "pull_request_review_comment", `"comment": {"id": 4, "node_id": "n", "body": "Why?", "path": "a.go", "line": 3, "pull_request_review_id": 6, "in_reply_to_id": 2, "html_url": "u", "user": ` + robotJSON + `}, "pull_request": ` + pullJSON,
			forge.Event{PullRequest: &pull, Comment: &forge.Comment{Kind: forge.CommentReview, ID: 4, NodeID: "n", Body: "Why?", Author: robot, URL: "u", Path: "a.go", Line: 3, ReviewID: 6, InReplyTo: 2}}, forge.SubjectPullRequest, 7,
		},
		{"issue", "issues", `"label": {"name": "Agent"}, ` + fmt.Sprintf(issueJSON, ""), forge.Event{Issue: &issue, Label: "Agent"}, forge.SubjectIssue, 7},
		{
			"comment on an issue", "issue_comment", `"comment": {"id": 4, "body": "hi", "html_url": "u", "user": ` + robotJSON + `}, ` + fmt.Sprintf(issueJSON, ""),
			forge.Event{Issue: &issue, Comment: &forge.Comment{Kind: forge.CommentIssue, ID: 4, Body: "hi", Author: robot, URL: "u"}}, forge.SubjectIssue, 7,
		},
		{
			"comment on a pull request", "issue_comment", `"comment": {"id": 4}, ` + fmt.Sprintf(issueJSON, `, "pull_request": {"url": "x"}`),
			forge.Event{PullRequest: &bare, Comment: &forge.Comment{Kind: forge.CommentIssue, ID: 4}}, forge.SubjectPullRequest, 7,
		},
		{"discussion", "discussion", discussionJSON, forge.Event{Discussion: &discussion}, forge.SubjectDiscussion, 5},
		{
			"comment in a discussion", "discussion_comment", `"comment": {"id": 4, "body": "Because.", "parent_id": 3, "html_url": "u", "user": ` + robotJSON + `}, ` + discussionJSON,
			forge.Event{Discussion: &discussion, Comment: &forge.Comment{Kind: forge.CommentDiscussion, ID: 4, Body: "Because.", Author: robot, URL: "u", InReplyTo: 3}}, forge.SubjectDiscussion, 5,
		},
		{
			"workflow run", "workflow_run", `"workflow_run": {"id": 3, "run_attempt": 2, "name": "test", "event": "pull_request", "head_branch": "fix/cache", "head_sha": "aa11", "status": "completed", "conclusion": "failure", "html_url": "u",
				"head_repository": {"full_name": "acme/api"}, "actor": {"login": "octocat", "id": 583231}, "triggering_actor": ` + robotJSON + `, ` + pullsJSON + `}`,
			forge.Event{WorkflowRun: &forge.UpstreamRun{ID: 3, Attempt: 2, Name: "test", Event: "pull_request", HeadBranch: "fix/cache", HeadSHA: "aa11", HeadRepository: "acme/api", Status: "completed", Conclusion: "failure", URL: "u", Actor: octocat, TriggeringActor: robot, PullRequests: []int{7}}},
			forge.SubjectPullRequest, 7,
		},
		{
			"check run", "check_run", `"check_run": {"id": 3, "name": "lint", "head_sha": "aa11", "status": "completed", "conclusion": "failure", "details_url": "u", "app": {"slug": "lint-app"}, "check_suite": {"id": 2, "head_branch": "fix/cache"}, ` + pullsJSON + `}`,
			forge.Event{Check: &forge.Check{Kind: forge.CheckRun, ID: 3, SuiteID: 2, Name: "lint", HeadSHA: "aa11", HeadBranch: "fix/cache", Status: "completed", Conclusion: "failure", App: "lint-app", DetailsURL: "u", PullRequests: []int{7}}},
			forge.SubjectPullRequest, 7,
		},
		{
			"check suite of a fork", "check_suite", `"check_suite": {"id": 3, "head_branch": null, "head_sha": "aa11", "status": "completed", "conclusion": "success", "app": {"slug": "lint-app", "name": "Lint"}, "pull_requests": []}`,
			forge.Event{Check: &forge.Check{Kind: forge.CheckSuite, ID: 3, SuiteID: 3, Name: "Lint", HeadSHA: "aa11", Status: "completed", Conclusion: "success", App: "lint-app"}}, forge.SubjectNone, 0,
		},
		{
			"push", "push", `"ref": "refs/heads/main", "before": "aa11", "after": "bb22", "forced": true, "compare": "u", "pusher": {"name": "octocat", "email": "o@example.com"}, "head_commit": ` + commitJSON + `, "commits": [` + commitJSON + `]`,
			forge.Event{Push: &forge.Push{Ref: "refs/heads/main", Before: "aa11", After: "bb22", Forced: true, CompareURL: "u", Pusher: forge.Signature{Name: "octocat", Email: "o@example.com"}, HeadCommit: &commit, Commits: []forge.Commit{commit}}}, forge.SubjectNone, 0,
		},
		{"branch deleted", "push", `"ref": "refs/heads/main", "deleted": true, "head_commit": null, "commits": []`, forge.Event{Push: &forge.Push{Ref: "refs/heads/main", Deleted: true}}, forge.SubjectNone, 0},
		{"merge group", "merge_group", `"merge_group": {"head_sha": "aa11", "head_ref": "refs/heads/queue", "base_sha": "bb22", "base_ref": "refs/heads/main"}`, forge.Event{MergeGroup: &forge.MergeGroup{HeadSHA: "aa11", HeadRef: "refs/heads/queue", BaseSHA: "bb22", BaseRef: "refs/heads/main"}}, forge.SubjectNone, 0},
		{"manual", "workflow_dispatch", `"inputs": {"task":"fix","custom_properties":"1"}`, forge.Event{Inputs: json.RawMessage(`{"custom_properties":"1","task":"fix"}`)}, forge.SubjectNone, 0},
		{"from outside", "repository_dispatch", `"client_payload": {"id":12345678901}`, forge.Event{ClientPayload: json.RawMessage(`{"id":12345678901}`)}, forge.SubjectNone, 0},
		{"schedule", "schedule", `"schedule": "17 * * * *"`, forge.Event{Schedule: "17 * * * *"}, forge.SubjectNone, 0},
		{"an event that has nothing more for us", "watch", `"starred_at": null`, forge.Event{}, forge.SubjectNone, 0},
		{"an event of next year", "pull_request_dreamt_of", `"pull_request": 7`, forge.Event{}, forge.SubjectNone, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := forge.ReadEvent(test.event, envelope(test.more), "")
			if diff := cmp.Diff(known(test.event, test.want), got, cmpopts.IgnoreFields(forge.Event{}, "Raw")); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			if kind, number := got.Subject(); kind != test.kind || number != test.number {
				t.Errorf("it is about %s %d, want %s %d", kind, number, test.kind, test.number)
			}
			sender, _ := got.Raw["sender"].(map[string]any)
			if sender["id"] != json.Number("583231") {
				t.Errorf("the raw payload has the sender %v", sender)
			}
		})
	}
}

func TestAPayloadThatCantBeReliedUponSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, event, payload, want string }{
		{"none", "push", ``, "there is no payload"},
		{"cut", "issues", `{"issue": {"number": 7, "title": "`, "the payload is cut off"},
		{"not JSON", "issues", `action=opened`, "the payload is not a JSON object"},
		{"null", "issues", `null`, "the payload is not a JSON object"},
		{"a list", "issues", `[{"issue": 7}]`, "the payload is not a JSON object"},
		{"two payloads", "issues", `{"issue": {"number": 7}} {"issue": {"number": 8}}`, "the payload goes on after its end"},
		{"a word for a number", "issues", `{"issue": {"number": "seven"}}`, "the payload is not what GitHub documents: issue.number is a string"},
		{"a time that is none", "issues", `{"issue": {"number": 7, "created_at": "noon"}}`, `the payload is not what GitHub documents: parsing time "\"noon\"" as "\"2006-01-02T15:04:05Z07:00\"": cannot parse "noon\"" as "2006"`},
		{"no pull request", "pull_request", `{}`, "the payload names no pull request"},
		{"a pull request without a number", "pull_request_review", `{"repository": {"full_name": "acme/api"}, "pull_request": {}}`, "the payload names no pull request"},
		{"no review", "pull_request_review", `{"repository": {"full_name": "acme/api"}, "pull_request": {"number": 7}}`, "the payload names no review"},
		{"no review comment", "pull_request_review_comment", `{"repository": {"full_name": "acme/api"}, "pull_request": {"number": 7}}`, "the payload names no comment"},
		{"no issue", "issues", `{}`, "the payload names no issue"},
		{"nothing commented on", "issue_comment", `{"comment": {"id": 1}}`, "the payload names no issue"},
		{"no comment", "issue_comment", `{"issue": {"number": 7}}`, "the payload names no comment"},
		{"no discussion", "discussion", `{}`, "the payload names no discussion"},
		{"no comment in a discussion", "discussion_comment", `{"discussion": {"number": 7}}`, "the payload names no comment"},
		{"no workflow run", "workflow_run", `{}`, "the payload names no workflow run"},
		{"no check run", "check_run", `{}`, "the payload names no check"},
		{"no check suite", "check_suite", `{}`, "the payload names no check"},
		{"no merge group", "merge_group", `{}`, "the payload names no merge group"},
		{"nothing is needed of a push", "push", `{}`, ""},
		{"nothing is needed of what nobody knows", "gollum", `{"pages": 7}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := forge.ReadEvent(test.event, []byte(test.payload), ""); got.Problem != test.want || got.Name != test.event {
				t.Errorf("event %q has the problem %q, want %q", got.Name, got.Problem, test.want)
			}
		})
	}
}

func TestAPayloadOf20MegabytesIsReadAndItsHalfIsNot(t *testing.T) {
	t.Parallel()
	payload := fmt.Appendf(nil, `{"action": "opened", "issue": {"number": 7, "body": %q}, "sender": {"login": "octocat"}}`, strings.Repeat("x ", 10<<20))
	if got := forge.ReadEvent("issues", payload, ""); got.Problem != "" || got.Issue == nil || len(got.Issue.Body) != 20<<20 {
		t.Errorf("problem %q", got.Problem)
	}
	if got := forge.ReadEvent("issues", payload[:len(payload)/2], ""); got.Problem != "the payload is cut off" || got.Issue != nil || !got.Sender.IsZero() {
		t.Errorf("problem %q, sender %v", got.Problem, got.Sender)
	}
}

func TestTheActorsAreThoseWhoCausedTheEvent(t *testing.T) {
	t.Parallel()
	run := func(actor, again string) []byte {
		return envelope(fmt.Sprintf(`"workflow_run": {"id": 3, "actor": {"login": %q}, "triggering_actor": {"login": %q}}`, actor, again))
	}
	for _, test := range []struct {
		name, event string
		payload     []byte
		want        []string
	}{
		{"the sender", "push", envelope(`"ref": "x"`), []string{"octocat"}},
		{"nobody", "schedule", []byte(`{"schedule": "17 * * * *"}`), nil},
		{"both of a workflow run, not its sender", "workflow_run", run("ann", "bob"), []string{"ann", "bob"}},
		{"one of a workflow run", "workflow_run", run("ann", "Ann"), []string{"ann"}},
		{"half of them", "workflow_run", run("ann", ""), nil},
		{"the other half", "workflow_run", run("", "bob"), nil},
		{"no run", "workflow_run", envelope(`"x": 1`), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, actor := range forge.ReadEvent(test.event, test.payload, "").Actors() {
				got = append(got, actor.Login)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAnEventKnowsAllItsPullRequests(t *testing.T) {
	t.Parallel()
	two := []int{7, 11}
	for _, test := range []struct {
		name  string
		event forge.Event
		want  []int
	}{
		{"none", forge.Event{Name: "push", Push: &forge.Push{}}, nil},
		{"a pull request", forge.Event{PullRequest: &forge.PullRequest{Number: 9}}, []int{9}},
		{"an issue", forge.Event{Issue: &forge.Issue{Number: 4}}, nil},
		{"a workflow run of one", forge.Event{WorkflowRun: &forge.UpstreamRun{PullRequests: two[:1]}}, []int{7}},
		{"a workflow run of two", forge.Event{WorkflowRun: &forge.UpstreamRun{PullRequests: two}}, two},
		{"a workflow run of none", forge.Event{WorkflowRun: &forge.UpstreamRun{}}, nil},
		{"a check of two", forge.Event{Check: &forge.Check{PullRequests: two}}, two},
	} {
		if got := test.event.PullRequests(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func FuzzReadEventTakesAnything(f *testing.F) {
	for _, name := range []string{"pull_request", "issues", "issue_comment", "push", "workflow_run", "check_run", "discussion_comment", "workflow_dispatch", "star"} {
		f.Add(name, string(envelope(`"pull_request": `+pullJSON)))
		f.Add(name, `{"issue": {"number": 7}, "comment": {"body": "@cursor"}, "sender": {"login": "a[bot]"}}`)
	}
	f.Add("issues", `{"issue": `)
	f.Fuzz(func(t *testing.T, name, payload string) {
		event := forge.ReadEvent(name, []byte(payload), "")
		kind, number := event.Subject()
		if event.Name != name || (kind == forge.SubjectNone) != (number <= 0) || strings.ContainsAny(event.Problem, "\r\n") {
			t.Errorf("%+v", event)
		}
		for _, actor := range event.Actors() {
			if actor.IsZero() {
				t.Error("an actor without a name")
			}
		}
		if event.Raw == nil && event.Problem == "" {
			t.Error("nothing was read and nothing is said")
		}
	})
}
