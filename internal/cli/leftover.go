package cli

import (
	"context"
	"errors"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// leftover is what is left of the work after an attempt to end its run, or to
// look at it.
type leftover struct {
	handle  agent.Handle
	run     cursor.Run
	existed bool  // there was an agent
	unsure  bool  // there was none, but a create that was lost may yet make one
	err     error // why it is not known to have ended, or to be there
	called  words // what the errand calls its parts
}

// words say what is left behind, for whoever has to look after it.
func (l leftover) words() string {
	at := where(l.handle)
	switch status := l.run.Status; {
	case l.unsure:
		return l.called.mayBe + ", though " + l.called.unseen + ": " + at
	case !l.existed:
		return l.called.nothing
	case errors.Is(l.err, agent.ErrGone):
		return "the agent was deleted, and its run with it"
	case l.err != nil && l.handle.RunID == "":
		return l.called.mayBe + ": " + at
	case l.err != nil:
		return "the agent's run may still go on: " + at
	case status == cursor.RunCancelled:
		return "the agent's run was cancelled: " + at
	case status.Terminal():
		return "the agent's run had just ended as " + string(status) + ": " + at
	}
	return "the agent's run goes on: " + at
}

// mayRun reports whether something may go on that nobody waits for.
func (l leftover) mayRun() bool {
	return l.unsure || l.err != nil && !errors.Is(l.err, agent.ErrGone)
}

// again is the next step of running the job again, with what comes of that.
func (l leftover) again() string {
	switch {
	case l.mayRun():
		return l.called.again
	case !l.existed:
		return l.called.at().rerun
	case l.run.Status == cursor.RunFinished:
		return l.called.same
	}
	return l.called.anew
}

// look finds out about the handle's run and leaves it as it is. cause is as for
// stop.
func (s *step) look(ctx context.Context, handle agent.Handle, cause error) leftover {
	left := s.lookAt(ctx, handle, cause)
	left.called = s.errand.words
	return left
}

func (s *step) lookAt(ctx context.Context, handle agent.Handle, cause error) leftover {
	if handle.RunID == "" {
		if !s.mayExist(cause) {
			return leftover{handle: handle}
		}
		found, err := s.locate(ctx, lostLooks(), false)
		live := agent.Live(found)
		switch {
		case err != nil:
			return leftover{handle: handle, existed: true, err: err}
		case len(live) == 0:
			return leftover{handle: handle, unsure: agent.MaybeLaunched(cause)}
		}
		handle = live[0]
		s.observe(agent.Started{Handle: handle})
	}
	run, err := s.client.GetRun(ctx, handle.AgentID, handle.RunID)
	if err != nil {
		run = cursor.Run{ID: handle.RunID, AgentID: handle.AgentID}
	}
	return leftover{handle: handle, run: run, existed: true, err: err}
}

// lostLooks are the waits before each look for an agent whose create was lost:
// the API shows a new agent late at times, and we have little time.
func lostLooks() []time.Duration {
	return []time.Duration{0, 500 * time.Millisecond, time.Second}
}

// stop ends the handle's run, if there is one. cause is why we stop: it tells
// whether a create whose answer was lost may have left an agent.
func (s *step) stop(ctx context.Context, handle agent.Handle, cause error) leftover {
	left := s.end(ctx, handle, cause)
	left.called = s.errand.words
	return left
}

func (s *step) end(ctx context.Context, handle agent.Handle, cause error) leftover {
	handles := []agent.Handle{handle}
	if handle.RunID == "" {
		if !s.mayExist(cause) {
			s.saveState(stateStage, stageSettled)
			return leftover{handle: handle}
		}
		found, err := s.locate(ctx, lostLooks(), false)
		switch handles = agent.Live(found); {
		case err != nil:
			return leftover{handle: handle, existed: true, err: err}
		case len(handles) == 0:
			return leftover{handle: handle, unsure: agent.MaybeLaunched(cause)}
		}
	}
	left := leftover{existed: true}
	for _, handle := range handles {
		run, err := s.agents.Cancel(ctx, handle)
		if left.err != nil {
			continue // It is the run that goes on that somebody has to look after.
		}
		left.handle, left.run, left.err = handle, run, err
		left.handle.RunID = run.ID
		if run.Status != "" {
			left.handle.Status = run.Status
		}
	}
	return left
}

// mayExist reports whether there may be an agent although the launch that
// failed with cause names no run: its create was lost, or an earlier attempt
// left one that this attempt had not come to.
func (s *step) mayExist(cause error) bool {
	return agent.MaybeLaunched(cause) || s.work.Rerun
}

// errNotLooked says that there was no time for a single look.
var errNotLooked = errors.New("there was no time to look")

// locate looks for the agents of the work, after each of the waits, until it
// finds a live run, or, where that will do, any agent.
func (s *step) locate(ctx context.Context, looks []time.Duration, anyWillDo bool) (found []agent.Handle, err error) {
	err = errNotLooked
	for _, wait := range looks {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return found, err
		}
		if found, err = s.sought(ctx); errors.Is(err, agent.ErrMaybeSent) {
			continue // The agent's conversation may only be late.
		}
		if err != nil || len(agent.Live(found)) > 0 || anyWillDo && len(found) > 0 {
			return found, err
		}
	}
	return found, err
}

// where is the best address there is for an agent.
func where(handle agent.Handle) string {
	if handle.URL != "" {
		return handle.URL
	}
	if handle.AgentID != "" {
		return cursor.AgentsPage + "/" + handle.AgentID
	}
	return cursor.AgentsPage
}
