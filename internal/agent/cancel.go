package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// ErrGone says that a run is not there any more: its agent was deleted.
var ErrGone = errors.New("the agent was deleted, and its run with it")

// ErrStillRunning says that a run was to end and was not seen to.
var ErrStillRunning = errors.New("the run's end was not seen")

const (
	// repeatCancel is how long a run may stay live after a cancel that was
	// accepted, before the cancel is sent again.
	repeatCancel = 2 * time.Second
	// cancelPatience bounds one cancel with its repetitions, and lookPatience
	// one look: a server that answers with errors may have ended the run all
	// the same, and one that answers no looks may still take a cancel.
	cancelPatience = 1500 * time.Millisecond
	lookPatience   = 3 * time.Second
	// firstCancelPause and maxCancelPause bound the wait before the cancel is
	// sent again, which doubles: a server that refuses at once is not asked
	// without a break.
	firstCancelPause = 250 * time.Millisecond
	maxCancelPause   = 2 * time.Second
)

// Cancel ends the handle's run and waits until it has ended, for as long as
// ctx allows. The returned run is its newest known state: it may have finished
// first, and then that is what it did. A handle without a run is looked up by
// the agent's id. ErrStillRunning, with the cause of ctx's end, is returned
// when the time was over first, ErrGone when the agent was deleted, and the
// API's error when it refuses several times in a row for good.
func (a *Agents) Cancel(ctx context.Context, handle Handle) (cursor.Run, error) {
	// Only what is read from here on says that the run has ended.
	run := cursor.Run{ID: handle.RunID, AgentID: handle.AgentID}
	if run.ID == "" {
		existing, err := a.client.GetAgent(ctx, handle.AgentID)
		if err != nil {
			return run, err
		}
		if run, err = a.firstRun(ctx, existing); err != nil {
			return run, err
		}
	}
	var why error // the last that kept us from the run's end
	refusals := 0 // in a row, for good, of cancel and look alike
	for pause := firstCancelPause; ; pause = min(2*pause, maxCancelPause) {
		refused := a.cancelOnce(ctx, handle.AgentID, run.ID)
		patience := repeatCancel
		if refused != nil {
			patience = 0
		}
		newer, unseen := a.awaitEnd(ctx, handle.AgentID, run.ID, patience)
		if unseen == nil {
			run = newer
		}
		if run.Status.Terminal() {
			return run, nil
		}
		if !final(refused) || !final(unseen) {
			refusals = 0
		} else if refusals++; refusals == hardFailures {
			if notFound(refused) && notFound(unseen) {
				return run, fmt.Errorf("cancel run %s: %w", run.ID, ErrGone)
			}
			return run, refused
		}
		if ctx.Err() == nil {
			if why = refused; why == nil {
				why = unseen
			}
			if sleep(ctx, pause) {
				continue
			}
		}
		return run, stillRunning(ctx, why)
	}
}

// final reports whether the API refused for good.
func final(err error) bool {
	failed, ok := errors.AsType[*cursor.Error](err)
	return ok && failed.Class == cursor.Final
}

// cancelOnce asks once for the run's end, within cancelPatience.
func (a *Agents) cancelOnce(ctx context.Context, agentID, runID string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, cancelPatience, noAnswer(cancelPatience))
	defer cancel()
	err := a.client.CancelRun(ctx, agentID, runID)
	if errors.Is(err, cursor.CodeRunNotCancellable) {
		return nil // It had ended already.
	}
	return err
}

// awaitEnd looks at the run until it has ended or patience is over.
func (a *Agents) awaitEnd(ctx context.Context, agentID, runID string, patience time.Duration) (cursor.Run, error) {
	for began, wait := time.Now(), 50*time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		run, err := a.lookOnce(ctx, agentID, runID)
		if err != nil || run.Status.Terminal() {
			return run, err
		}
		if time.Since(began) >= patience || !sleep(ctx, wait) {
			return run, nil
		}
	}
}

// lookOnce looks at the run, within lookPatience.
func (a *Agents) lookOnce(ctx context.Context, agentID, runID string) (cursor.Run, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lookPatience, noAnswer(lookPatience))
	defer cancel()
	run, err := a.client.GetRun(ctx, agentID, runID)
	run.AgentID = agentID // It is not always told.
	return run, err
}

// noAnswer is the cause of the end of a call that had so long.
func noAnswer(within time.Duration) error { return fmt.Errorf("no answer within %s", within) }

// stillRunning is the end of a cancel whose time is over. Of why it takes what
// the API said, without the end of the single call.
func stillRunning(ctx context.Context, why error) error {
	if failed, ok := errors.AsType[*cursor.Error](why); ok {
		return fmt.Errorf("%w; %w; stopped: %w", failed, ErrStillRunning, context.Cause(ctx))
	}
	return fmt.Errorf("cancel run: %w; stopped: %w", ErrStillRunning, context.Cause(ctx))
}
