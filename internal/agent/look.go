package agent

import (
	"context"
	"errors"
	"time"

	"cursor-agent-action/internal/cursor"
)

// looked is what one GET run gave.
type looked struct {
	run cursor.Run
	err error
}

// startLook asks for the run's state on a goroutine of its own, because the
// client may wait and retry for minutes while the stream goes on.
func (f *follower) startLook(ctx context.Context) {
	if f.looking {
		return
	}
	f.looking = true
	agentID, runID := f.run.AgentID, f.run.ID
	go func() {
		run, err := f.agents.client.GetRun(ctx, agentID, runID)
		run.AgentID = agentID // It is not always told.
		f.looked <- looked{run, err}
	}()
}

// see takes what a look gave and reports whether the run has ended.
func (f *follower) see(seen looked) (ended bool, _ error) {
	f.looking = false
	now := time.Now()
	if seen.err != nil {
		return false, f.lookFailed(now, seen.err)
	}
	f.failures = 0
	f.pace.looked(now)
	if seen.run.Status.Terminal() {
		return true, nil
	}
	f.changeStatus(seen.run.Status)
	f.run = seen.run
	if f.unheard && !f.stream.isOpen() {
		// The network is back, and the stream with it: no need to sit out a
		// wait that grew while it was away.
		f.unheard = false
		f.connect.Reset(f.agents.jitter(firstReconnect))
	}
	if f.pace.givesUpSettling(now) {
		f.pace.away(now)
		if !f.gone {
			f.connect.Reset(0)
		}
	}
	return false, nil
}

// lookFailed returns err when it is to be believed.
func (f *follower) lookFailed(now time.Time, err error) error {
	rest := f.agents.pollInterval
	failed, ok := errors.AsType[*cursor.Error](err)
	if !ok || failed.Class == cursor.Final {
		if f.failures++; f.failures >= hardFailures {
			return err
		}
	} else {
		// The client has repeated it for minutes.
		rest = max(rest, min(failed.RetryAfter, crossCheck))
	}
	f.pace.refused(now, rest)
	f.agents.observe(LookFailed{Err: err})
	return nil
}
