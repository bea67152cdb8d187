package forge

import (
	"context"
	"fmt"
)

// WorkflowRun is how one run of a workflow stands: its latest attempt.
type WorkflowRun struct {
	// Status is "completed" when it is over. GitHub's other words are for runs
	// that go on or have yet to begin.
	Status string
	// Conclusion is how it ended: "success", "failure", "cancelled",
	// "timed_out" ...; "" until then.
	Conclusion string
}

// Over reports whether nothing of it goes on.
func (w WorkflowRun) Over() bool { return w.Status == "completed" }

// WorkflowRun reads a run of a workflow of the repository at path. Its errors
// are *GitHubError. GitHub says 404 of a run that was deleted, that is another
// repository's, and of what the token may not see; the permission is actions:
// read.
// https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run
func (g *GitHub) WorkflowRun(ctx context.Context, path string, id int64) (WorkflowRun, error) {
	op := fmt.Sprintf("read workflow run %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return WorkflowRun{}, err
	}
	found, answer, err := g.client.Actions.GetWorkflowRunByID(ctx, owner, name, id)
	if err != nil {
		return WorkflowRun{}, gitHubError(op, answer, err)
	}
	// What a mistaken cache says of another run would end an agent of this one.
	if about := found.GetID(); about != 0 && about != id {
		return WorkflowRun{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: fmt.Sprintf("the answer is about workflow run %d", about)}
	}
	if found.GetStatus() == "" {
		return WorkflowRun{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer names no status"}
	}
	return WorkflowRun{Status: found.GetStatus(), Conclusion: found.GetConclusion()}, nil
}
