package agent

import (
	"context"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Finish gives the verdict on a run that has ended: it waits for a pull
// request that is late, judges, and reads the usage. A pull request that nobody
// could look for is OutcomeAPIError; no other error of the API here changes the
// verdict.
func (a *Agents) Finish(ctx context.Context, spec Spec, handle Handle, run cursor.Run) Result {
	ended := time.Now()
	run, unseen := a.awaitPullRequest(ctx, spec, run)
	handle.Status = run.Status
	result := Result{Handle: handle, Run: run, Pushed: pushedTo(spec, run.Git)}
	result.Outcome = Judge(spec, run.Status, result.Pushed)
	if missesPullRequest(spec, run) {
		result.Awaited = time.Since(ended).Round(time.Second)
		// It may come yet, or be there unseen: that is no verdict.
		switch {
		case result.Awaited < prWait && ctx.Err() != nil:
			result.Outcome = OutcomeCancelled
		case unseen != nil:
			result.Outcome, result.Unseen = OutcomeAPIError, unseen
		}
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
	return Result{Handle: handle, Run: run, Pushed: pushedTo(spec, run.Git), Outcome: outcome}
}
