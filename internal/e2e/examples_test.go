//go:build e2e

package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

// exampleStories are the ready workflows, each with the events that start it.
func (r *runner) exampleStories() []story {
	return []story{
		{"example fix-on-label solves the issue", r.fixOnLabel},
		{"example fix-ci has the agent mend its pull request", r.fixCI},
		{"example fix-ci ends after three times in a row", r.fixCIBounded},
		{"example review-comments has the agent answer", r.reviewComments},
		{"example mention works on the pull request", r.mentionOnPullRequest},
		{"example mention solves the issue", r.mentionOnIssue},
		{"example mention passes over what is not meant for it", r.mentionPassedOver},
		{"example plan-then-implement asks one agent for both", r.planThenImplement},
		{"example nightly opens a pull request", r.nightly},
		{"example fan-out has an agent for each repository", r.fanOut},
		{"example detached launches and attaches later", r.detachedExample},
		{"example cleanup ends what a cancelled workflow run left", r.cleanupExample},
		{"a fork's pull request without secrets is passed over", r.forkWithoutSecrets},
	}
}

func (r *runner) fixOnLabel(t *testing.T) {
	e := r.example(t, "label", "example")
	e.labelled(t)
	comment := e.onlyComment(t, 12)
	t.Log(comment)
	e.wrote(t, "x")
	t.Log(e.hub.Issue(widgets, 12), e.hub.Issue(widgets, 21))
}

// labelled has an agent launched by a label on issue 12.
func (e *example) labelled(t *testing.T) {
	t.Helper()
	e.hub.PutLabel(widgets, 12, "cursor", "octocat")
	p := e.play(t, "fix-on-label", "fix", options{event: "issues", payload: "issue_labeled.json"})
	expect(t, said(p), map[string]string{"outcome": "succeeded", "pr-number": "21", "pr-verified": "true"})
}

var ciFailed = options{event: "workflow_run", payload: "ci_failed.json"}

func (r *runner) fixCI(t *testing.T) {
	e := r.example(t, "ci", "example")
	e.labelled(t)
	e.breakCI()
	p := e.play(t, "fix-ci", "fix", ciFailed)
	t.Log(said(p), e.agents(t), e.changes())
	t.Log(string(e.recorded()[len(e.recorded())-1].Body))
	t.Log(e.hub.ours(21), e.hub.Repository(widgets).CheckRuns[0])
	p = e.play(t, "fix-ci", "fix", ciFailed)
	t.Log(said(p), e.agents(t), e.changes())
	e.wrote(t, "x")
}

// breakCI has GitHub know of the failed run that the event is about.
func (e *example) breakCI() {
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		r.WorkflowRuns = append(r.WorkflowRuns, &forgetest.WorkflowRun{
			ID: 4700, Name: "CI", HeadBranch: "cursor/mend-the-cache", HeadSHA: agentsHead, Actor: "cursor[bot]", Conclusion: "failure", PullRequests: []int{21},
			Jobs: []*forgetest.Job{{Name: "test", Conclusion: "failure", Steps: []forgetest.Step{{Name: "go test", Conclusion: "failure"}}, Log: "--- FAIL: TestReload\ncache_test.go:12: 3 widgets, want 6\n"}},
		})
	})
}

func (r *runner) fixCIBounded(t *testing.T) {
	e := r.example(t, "bound", "example")
	e.instead = map[string]string{}
	e.labelled(t)
	e.breakCI()
	e.instead = map[string]string{"cooldown: 2m": "cooldown: 1s"}
	for range 5 {
		p := e.play(t, "fix-ci", "fix", ciFailed)
		t.Log(said(p), len(e.agents(t)[0].Runs))
	}
	t.Log(e.hub.ours(21))
	e.hub.Comment(widgets, 21, forgetest.Comment{Author: "octocat", Body: "Try once more."})
	p := e.play(t, "fix-ci", "fix", ciFailed)
	t.Log(said(p), len(e.agents(t)[0].Runs))
	e.wrote(t, "x")
}

func (r *runner) reviewComments(t *testing.T) {
	e := r.example(t, "review", "example")
	e.labelled(t)
	e.hub.Review(widgets, 21, forgetest.Review{ID: 8021, Author: "octocat", State: "CHANGES_REQUESTED", Body: "The lock is held for too long."})
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		for _, issue := range r.Issues {
			if issue.Number == 21 {
				issue.Pull.Threads = []*forgetest.Thread{
					{Path: "cache.go", Line: 3, Comments: []*forgetest.ReviewComment{{ReviewID: 8021, Author: "octocat", Body: "Unlock here."}}},
					{Path: "cache.go", Line: 9, Resolved: true, Comments: []*forgetest.ReviewComment{{Author: "octocat", Body: "Long done."}}},
				}
			}
		}
	})
	p := e.play(t, "review-comments", "answer", options{event: "pull_request_review", payload: "review.json"})
	t.Log(said(p), e.agents(t), e.changes())
	t.Log(string(e.recorded()[len(e.recorded())-1].Body))
	t.Log(e.hub.ours(21))
	e.wrote(t, "x")
	approved := changed(t, "review.json", map[string]any{"review.state": "approved"})
	p = e.play(t, "review-comments", "answer", options{event: "pull_request_review", payload: approved})
	t.Log(p.log())
}

func (r *runner) mentionOnPullRequest(t *testing.T) {
	e := r.example(t, "pull", "example")
	p := e.play(t, "mention", "pull-request", options{event: "issue_comment", payload: "pull_comment.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	p = e.play(t, "mention", "pull-request", options{event: "issue_comment", payload: "pull_comment.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(e.hub.ours(7), e.hub.Issue(widgets, 7).Comments[0].Reactions)
	e.wrote(t, "x")
}

func (r *runner) mentionOnIssue(t *testing.T) {
	e := r.example(t, "issue", "example")
	p := e.play(t, "mention", "issue", options{event: "issue_comment", payload: "issue_comment.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(e.hub.ours(12), e.hub.Issue(widgets, 12).Comments[0].Reactions)
	e.wrote(t, "x")
}

func (r *runner) mentionPassedOver(t *testing.T) {
	e := r.example(t, "passed", "example")
	for _, values := range []map[string]any{
		{"comment.body": "Ask cursor"}, {"comment.body": "Write `@cursor`"}, {"sender.login": "mallory"},
	} {
		p := e.play(t, "mention", "issue", options{event: "issue_comment", payload: changed(t, "issue_comment.json", values)})
		t.Log(said(p))
	}
	t.Log(e.changes())
	e.wrote(t)
}

func (r *runner) planThenImplement(t *testing.T) {
	e := r.example(t, "plan", "example")
	e.hub.PutLabel(widgets, 12, "plan", "octocat")
	p := e.play(t, "plan-then-implement", "plan", options{event: "issues", payload: changed(t, "issue_labeled.json", map[string]any{"label.name": "plan"})})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(e.hub.ours(12))
	p = e.play(t, "plan-then-implement", "implement", options{event: "issue_comment", payload: changed(t, "issue_comment.json", map[string]any{"comment.body": "/implement but leave the parser alone"})})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(e.hub.ours(12))
	t.Log(string(e.recorded()[len(e.recorded())-1].Body))
	e.wrote(t, "x")
}

func (r *runner) nightly(t *testing.T) {
	e := r.example(t, "nightly", "example")
	p := e.play(t, "nightly", "tidy", options{event: "schedule", payload: "schedule.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	e.wrote(t, "x")
}

func (r *runner) fanOut(t *testing.T) {
	e := r.example(t, "fan", "example")
	p := e.play(t, "fan-out", "change", options{event: "workflow_dispatch", payload: changed(t, "dispatch.json", map[string]any{"inputs": map[string]any{"prompt": "Update the licence."}})})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(p.log())
	e.wrote(t, "x")
}

func (r *runner) detachedExample(t *testing.T) {
	e := r.example(t, "detached", "example")
	p := e.play(t, "detached", "launch", options{event: "workflow_dispatch", payload: "dispatch.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	id := said(p)["agent-id"]
	p = e.play(t, "detached", "result", options{event: "workflow_dispatch", payload: changed(t, "dispatch.json", map[string]any{"inputs": map[string]any{"agent-id": id}})})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	t.Log(p.log())
	e.wrote(t, "x")
}

func (r *runner) cleanupExample(t *testing.T) {
	e := r.example(t, "cleanup", "endless")
	e.play(t, "detached", "launch", options{event: "workflow_dispatch", payload: "dispatch.json"})
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		r.WorkflowRuns = append(r.WorkflowRuns, &forgetest.WorkflowRun{ID: 4711, Conclusion: "cancelled"}, &forgetest.WorkflowRun{ID: 4712, Status: "in_progress"})
	})
	p := e.play(t, "cleanup", "reap", options{event: "schedule", payload: "schedule.json"})
	t.Log(said(p), e.agents(t), e.changes(), e.prompts(t))
	e.wrote(t)
}

func (r *runner) forkWithoutSecrets(t *testing.T) {
	s := r.stage(t, "fork", "example")
	hub := startGitHub(t, &forgetest.Repository{Path: widgets, Private: true})
	hub.permit(map[string]string{"contents": "read", "pull-requests": "read"})
	p, green := s.run(t, options{event: "pull_request", payload: "fork_pull_request.json", github: hub, keyless: true})
	t.Log(green, p.log())
	t.Log(s.outputs(t))
	if diff := cmp.Diff([]string(nil), hub.written()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string(nil), s.changes()); diff != "" {
		t.Error(diff)
	}
}
