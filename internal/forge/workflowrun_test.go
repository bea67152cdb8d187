package forge_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

func TestAWorkflowRunIsOverOnlyWhenGitHubSaysCompleted(t *testing.T) {
	t.Parallel()
	const path = "/api/v3/repos/acme/shop/actions/runs/30433642"
	for _, test := range []struct {
		name, body string
		want       forge.WorkflowRun
		over       bool
	}{
		{"at work", `{"id": 30433642, "status": "in_progress", "conclusion": null}`, forge.WorkflowRun{Status: "in_progress"}, false},
		{"waiting for a person", `{"status": "waiting"}`, forge.WorkflowRun{Status: "waiting"}, false},
		{"cancelled", `{"status": "completed", "conclusion": "cancelled"}`, forge.WorkflowRun{Status: "completed", Conclusion: "cancelled"}, true},
		{"a word that nobody knows", `{"status": "hibernating", "conclusion": "cancelled"}`, forge.WorkflowRun{Status: "hibernating", Conclusion: "cancelled"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := hub(t, path, 200, nil, test.body).WorkflowRun(t.Context(), "acme/shop", 30433642)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil || got.Over() != test.over {
				t.Errorf("error %v, over %t, workflow run (-want +got):\n%s", err, got.Over(), diff)
			}
		})
	}
}

func TestAWorkflowRunThatCantBeReadIsNotOver(t *testing.T) {
	t.Parallel()
	const path = "/api/v3/repos/acme/shop/actions/runs/7"
	for _, test := range []struct {
		name, repository string
		status           int
		body, want       string
	}{
		{"gone", "acme/shop", 404, `{"message": "Not Found"}`, "read workflow run 7 of acme/shop: 404 Not Found"},
		{"not allowed", "acme/shop", 403, `{"message": "Resource not accessible by integration"}`, "read workflow run 7 of acme/shop: 403 Resource not accessible by integration"},
		{"another run", "acme/shop", 200, `{"id": 8, "status": "completed", "conclusion": "cancelled"}`, "read workflow run 7 of acme/shop: 200 the answer is about workflow run 8"},
		{"nothing said", "acme/shop", 200, `{}`, "read workflow run 7 of acme/shop: 200 the answer names no status"},
		{"no repository of GitHub's", "shop", 200, `{}`, "read workflow run 7 of shop: GitHub's repositories are called owner/name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := hub(t, path, test.status, nil, test.body).WorkflowRun(t.Context(), test.repository, 7)
			refused, ok := errors.AsType[*forge.GitHubError](err)
			if !ok || err.Error() != test.want || got.Over() || test.status != 200 && refused.Status != test.status {
				t.Errorf("got %+v and error %v\nwant %s", got, err, test.want)
			}
		})
	}
}
