//go:build e2e

package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// eyes is what a comment that was heard gets.
const eyes = "reactions/create-for-issue-comment issues/comments/"

func (r *runner) mentionOnPullRequest(t *testing.T) {
	e := r.example(t, "pull", "example")
	const heading = "✅ The agent finished its work on pull request [#7](https://github.com/acme/widgets/pull/7)"
	p := e.play(t, "mention", "pull-request", options{event: "issue_comment", payload: "pull_comment.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "7", "pr-verified": "true"})
	id := e.oneAgent(t, 1)
	e.wasTold(t, "rename the cache", "triggering comment by @octocat on pull request 7", "They were read each time.")
	e.wrote(t, append(progress("7"), eyes+"9007/reactions")...)
	e.comments(t, 7, heading)

	// The second comment finds the agent of the first.
	again := changed(t, "pull_comment.json", map[string]any{"comment.body": "@cursor rename the cache again"})
	p = e.play(t, "mention", "pull-request", options{event: "issue_comment", payload: again})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "7", "pr-verified": "true", "agent-id": id})
	e.oneAgent(t, 2)
	e.wasTold(t, "rename the cache again")
	if diff := cmp.Diff([]string{"POST /v1/agents", "POST /v1/agents/" + id + "/runs"}, e.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}
	e.wrote(t, "issues/update-comment issues/comments/ID", "issues/update-comment issues/comments/ID", eyes+"9007/reactions")
	e.comments(t, 7, heading)
}

func (r *runner) mentionOnIssue(t *testing.T) {
	e := r.example(t, "issue", "example")
	p := e.play(t, "mention", "issue", options{event: "issue_comment", payload: "issue_comment.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true"})
	e.oneAgent(t, 1)
	e.wasTold(t, "keep the widgets in a map", "triggering comment by @octocat on issue 12", "Every second one is gone after a reload.")
	e.wrote(t, append(progress("12"), eyes+"9012/reactions", "pulls/update pulls/21")...)
	e.comments(t, 12, opened)
	if reactions := e.hub.Issue(widgets, 12).Comments[0].Reactions; len(reactions) != 1 || reactions[0].Content != "eyes" {
		t.Errorf("the comment has %d reactions, want eyes", len(reactions))
	}
}

func (r *runner) mentionPassedOver(t *testing.T) {
	e := r.example(t, "passed", "example")
	for _, passed := range []struct {
		values map[string]any
		want   map[string]string
		asked  bool // whether GitHub is
	}{
		{values: map[string]any{"comment.body": "Ask cursor, who knows"}, want: map[string]string{}}, // no runner is started
		{
			values: map[string]any{"comment.body": "Write `@cursor` to start one"},
			want:   map[string]string{"outcome": "skipped", "skip-reason": "no-trigger-phrase"},
		},
		{
			values: map[string]any{"comment.user.login": "mallory", "sender.login": "mallory"},
			want:   map[string]string{"outcome": "skipped", "skip-reason": "no-permission"}, asked: true,
		},
	} {
		before := len(e.hub.Requests())
		p := e.play(t, "mention", "issue", options{event: "issue_comment", payload: changed(t, "issue_comment.json", passed.values)})
		outputs := said(p)
		delete(outputs, "result-json") // it repeats the others
		if diff := cmp.Diff(passed.want, outputs); diff != "" {
			t.Errorf("outputs with %v (-want +got):\n%s", passed.values, diff)
		}
		if asked := len(e.hub.Requests()) > before; asked != passed.asked {
			t.Errorf("GitHub was asked: %t, want %t", asked, passed.asked)
		}
	}
	// The post stage, which this runner tells nothing, looks for what may be left.
	if changes := e.changes(); len(changes) > 0 {
		t.Errorf("the Cursor API was asked for %q", changes)
	}
	e.wrote(t)
}

func (r *runner) planThenImplement(t *testing.T) {
	e := r.example(t, "plan", "example")
	const workflow = "plan-then-implement"
	e.hub.PutLabel(widgets, 12, "plan", "octocat")
	p := e.play(t, workflow, "plan", options{event: "issues", payload: changed(t, "issue_labeled.json", map[string]any{"label.name": "plan"})})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "branch": "", "pr-url": ""})
	id := e.oneAgent(t, 1)
	e.wasTold(t, "Draft a plan for the issue below, as short as it can be. Name the files that change.", "Every second one is gone after a reload.")
	if mode := e.newest(t).Mode; mode != "plan" {
		t.Errorf("the agent was launched in the mode %s, want plan", mode)
	}
	e.wrote(t, "issues/create-comment issues/12/comments", "issues/remove-label issues/12/labels/plan")
	e.comments(t, 12, "✅ The agent finished")

	approval := changed(t, "issue_comment.json", map[string]any{"comment.body": "/implement but leave the parser alone"})
	p = e.play(t, workflow, "implement", options{event: "issue_comment", payload: approval})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "agent-id": id, "pr-number": "21", "pr-verified": "true"})
	e.oneAgent(t, 2)
	e.wasTold(t, "Implement your plan.\n\nbut leave the parser alone")
	if mode := e.newest(t).Mode; mode != "agent" {
		t.Errorf("the agent went on in the mode %s, want agent", mode)
	}
	e.wrote(t, append(progress("12"), eyes+"9012/reactions", "pulls/update pulls/21")...)
	e.comments(t, 12, "✅ The agent finished", "✅ The agent's work is in pull request [#21](https://github.com/acme/widgets/pull/21)")
}
