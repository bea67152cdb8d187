package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// ErrStillRunning says that a run was told to end and has not.
var ErrStillRunning = errors.New("the run was told to end and is still running")

const (
	// repeatCancel is how long a run may stay live after a cancel, before the
	// cancel is sent again.
	repeatCancel = 2 * time.Second
	// cancelPatience bounds one cancel with its retries.
	cancelPatience = 1500 * time.Millisecond
	// cancelPause keeps a server that refuses at once from being asked
	// without a break.
	cancelPause = 250 * time.Millisecond
)

// Cancel ends the handle's run and waits until it has ended, for as long as
// ctx allows. The returned run is its newest known state: it may have finished
// first, and then that is what it did. A handle without a run is looked up by
// the agent's id. ErrStillRunning is returned when the time was over first.
func (a *Agents) Cancel(ctx context.Context, handle Handle) (cursor.Run, error) {
	run := cursor.Run{ID: handle.RunID, AgentID: handle.AgentID, Status: handle.Status}
	if run.ID == "" {
		existing, err := a.client.GetAgent(ctx, handle.AgentID)
		if err != nil {
			return run, err
		}
		if run, err = a.firstRun(ctx, existing); err != nil {
			return run, err
		}
	}
	for {
		refused := a.cancelOnce(ctx, run)
		newer, err := a.awaitEnd(ctx, run)
		if err == nil {
			run = newer
		}
		if run.Status.Terminal() {
			return run, nil
		}
		if !sleep(ctx, cancelPause) {
			return run, fmt.Errorf("cancel run %s: %w: %w", run.ID, ErrStillRunning, errors.Join(refused, err))
		}
	}
}

// cancelOnce asks once for the run's end, within cancelPatience: a server that
// answers with errors may have ended the run all the same, so we look between.
func (a *Agents) cancelOnce(ctx context.Context, run cursor.Run) error {
	ctx, cancel := context.WithTimeout(ctx, cancelPatience)
	defer cancel()
	err := a.client.CancelRun(ctx, run.AgentID, run.ID)
	if errors.Is(err, cursor.CodeRunNotCancellable) {
		return nil // It had ended already.
	}
	return err
}

// awaitEnd looks at the run until it has ended or repeatCancel is over.
func (a *Agents) awaitEnd(ctx context.Context, run cursor.Run) (cursor.Run, error) {
	for began, wait := time.Now(), 50*time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		newer, err := a.client.GetRun(ctx, run.AgentID, run.ID)
		if err != nil {
			return run, err
		}
		run = newer
		if run.Status.Terminal() || time.Since(began) > repeatCancel || !sleep(ctx, wait) {
			return run, nil
		}
	}
}
