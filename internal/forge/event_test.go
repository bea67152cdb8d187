package forge_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// payload is a pull request event as GitHub sends it, cut to what matters.
func payload(headRepository string) []byte {
	head := `null`
	if headRepository != "" {
		head = fmt.Sprintf(`{"full_name": %q}`, headRepository)
	}
	return fmt.Appendf(nil, `{"action": "opened", "number": 7,
		"repository": {"full_name": "acme/api"},
		"pull_request": {"number": 7,
			"head": {"ref": "fix/cache", "repo": %s},
			"base": {"ref": "main", "repo": {"full_name": "acme/api"}}}}`, head)
}

func TestThePullRequestOfAnEventIsKnown(t *testing.T) {
	t.Parallel()
	here := forge.Repository{Server: "https://github.com", Path: "acme/api"}
	full := &forge.PullRequest{Repository: here, Number: 7, HeadRef: "fix/cache", HeadRepository: "acme/api", BaseRef: "main"}
	comment := `{"repository": {"full_name": "acme/api"}, "issue": {"number": 7 %s}}`
	for _, test := range []struct {
		name, event string
		payload     []byte
		want        *forge.PullRequest
	}{
		{"pull_request", "pull_request", payload("acme/api"), full},
		{"pull_request_target", "pull_request_target", payload("acme/api"), full},
		{"review", "pull_request_review", payload("acme/api"), full},
		{"review comment", "pull_request_review_comment", payload("acme/api"), full},
		{"comment on a pull request", "issue_comment", fmt.Appendf(nil, comment, `, "pull_request": {"url": "x"}`), &forge.PullRequest{Repository: here, Number: 7}},
		{"comment on an issue", "issue_comment", fmt.Appendf(nil, comment, ""), nil},
		{"push", "push", []byte(`{"ref": "refs/heads/main"}`), nil},
		{"an event of next year", "pull_request_dreamt_of", payload("acme/api"), nil},
		{"no payload", "pull_request", nil, nil},
		{"not JSON", "pull_request", []byte(`{"pull_request": `), nil},
		{"a payload of other types", "pull_request", []byte(`{"pull_request": {"number": "seven"}}`), nil},
		{"no number", "pull_request", []byte(`{"repository": {"full_name": "acme/api"}, "pull_request": {}}`), nil},
		{"a repository that is none", "pull_request", []byte(`{"repository": {"full_name": "acme"}, "pull_request": {"number": 7}}`), nil},
		{"base without repository", "pull_request", []byte(`{"repository": {"full_name": "acme/api"}, "pull_request": {"number": 7, "head": {"ref": "x"}}}`), &forge.PullRequest{Repository: here, Number: 7, HeadRef: "x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := forge.ReadEvent(test.event, test.payload, "")
			if diff := cmp.Diff(test.want, got.PullRequest); diff != "" || got.Name != test.event {
				t.Errorf("event %q, pull request (-want +got):\n%s", got.Name, diff)
			}
		})
	}
}

// Fault 4: a fork's branch is not in the repository, and a tag or a merge ref is no start for an agent.
func TestTheDefaultRefIsABranchOrAnErrorThatSaysWhatToSet(t *testing.T) {
	t.Parallel()
	pull := func(head string) forge.Event { return forge.ReadEvent("pull_request", payload(head), "") }
	for _, test := range []struct {
		name          string
		trigger       forge.Trigger
		want, problem string
	}{
		{"push to a branch", forge.Trigger{Ref: "refs/heads/release/2.x", RefType: "branch"}, "release/2.x", ""},
		{"pull request of the same repository", forge.Trigger{Ref: "refs/pull/7/merge", Event: pull("acme/api")}, "fix/cache", ""},
		{"names differ by case only", forge.Trigger{Ref: "refs/pull/7/merge", Event: pull("Acme/API")}, "fix/cache", ""},
		{"comment on a pull request starts on the default branch", forge.Trigger{Ref: "refs/heads/main", Event: forge.Event{PullRequest: &forge.PullRequest{Number: 7}}}, "main", ""},
		{"fork", forge.Trigger{Ref: "refs/pull/7/merge", Event: pull("mallory/api")}, "", "pull request 7 comes from a fork, whose branch does not exist in acme/api: set ref to a branch of acme/api, or pull-request: current"},
		{"fork that is gone", forge.Trigger{Ref: "refs/pull/7/merge", Event: pull("")}, "", "pull request 7 comes from a fork, whose branch does not exist in acme/api: set ref to a branch of acme/api, or pull-request: current"},
		{"tag", forge.Trigger{Ref: "refs/tags/v1.2", RefType: "tag"}, "", `the workflow was started by the tag "v1.2", and an agent starts from a branch: set ref to a branch`},
		{"merge ref without a payload", forge.Trigger{Ref: "refs/pull/7/merge"}, "", `the workflow was started by "refs/pull/7/merge" and its event payload names no head branch: set ref to a branch, or pull-request to the number`},
		{"nothing", forge.Trigger{}, "", "the workflow was not started by a branch: set ref to the branch that the agent should start from"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := forge.DefaultRef(test.trigger)
			if problem := text(err); got != test.want || problem != test.problem {
				t.Errorf("got %q, %s\nwant %q, %s", got, problem, test.want, test.problem)
			}
		})
	}
}
