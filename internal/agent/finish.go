package agent

import (
	"context"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Finish gives the verdict on a run that has ended: it waits for a pull
// request that is late, judges, and reads the usage. It works on what it can
// get; an error of the API here never changes the verdict.
func (a *Agents) Finish(ctx context.Context, spec Spec, handle Handle, run cursor.Run) Result {
	ended := time.Now()
	run = a.awaitPullRequest(ctx, spec, run)
	handle.Status = run.Status
	result := Result{Handle: handle, Run: run, Pushed: pushedTo(spec.Repository, run.Git)}
	result.Outcome = Judge(spec, run.Status, result.Pushed)
	if waited := time.Since(ended).Round(time.Second); waited < prWait && ctx.Err() != nil && missesPullRequest(spec, run) {
		// It may come yet: what is not there is no verdict.
		result.Outcome = OutcomeCancelled
		result.Reason = "the wait for the agent's pull request was interrupted"
		result.NextStep = "run the job again: that takes the agent's result"
	} else {
		result.Reason, result.NextStep = explain(result, waited)
	}
	a.observe(Settled{result})
	a.AddUsage(ctx, &result)
	return result
}

// Unfinished is the result of a run whose end nobody waits for: it was launched
// only, or our time was over. A run without status is one that could not be
// read: the handle's status stands.
func Unfinished(outcome Outcome, spec Spec, handle Handle, run cursor.Run) Result {
	if run.ID != "" {
		handle.RunID = run.ID
	}
	if run.Status != "" {
		handle.Status = run.Status
	}
	return Result{Handle: handle, Run: run, Pushed: pushedTo(spec.Repository, run.Git), Outcome: outcome}
}

// explain says in one line each why the outcome is what it is, and what to do
// about it. waited is how long a pull request was waited for.
func explain(result Result, waited time.Duration) (reason, next string) {
	page := result.URL
	switch result.Outcome {
	case OutcomeNoChanges:
		return "the agent finished and pushed nothing", "read its answer: it may have found nothing to change"
	case OutcomePRMissing:
		return fmt.Sprintf("the agent pushed the branch %s, but no pull request was there %s after its end", result.Pushed.Branch, waited),
			"open one from the branch, or ask the agent to at " + page
	case OutcomeAgentError:
		return explainFault(result.Run.Error), "read its conversation at " + page + " and run the job again: that launches a new agent"
	case OutcomeCancelled:
		return "the run was cancelled in Cursor, not by this workflow", "run the job again to launch a new agent, or see " + page
	case OutcomeExpired:
		return "Cursor gave the run up before it finished", "run the job again to launch a new agent, and give it a smaller task if that repeats"
	}
	return "", ""
}

// explainFault says why an agent failed, as far as the API does.
func explainFault(fault *cursor.RunFault) string {
	switch {
	case fault == nil || *fault == cursor.RunFault{}:
		return "the agent failed, and Cursor gives no reason"
	case fault.Message == "":
		return fmt.Sprintf("the agent failed (%s), and Cursor gives no other reason", fault.Code)
	case fault.Code == "":
		return "the agent failed: " + firstLine(fault.Message)
	}
	return fmt.Sprintf("the agent failed: %s (%s)", firstLine(fault.Message), fault.Code)
}
