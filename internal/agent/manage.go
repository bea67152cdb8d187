package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Standing is an agent with its latest run, as both were when they were looked
// at.
type Standing struct {
	Agent cursor.Agent
	Run   cursor.Run // zero when it has none
	Gone  bool       // the agent was deleted, or is another account's
}

// Live reports whether the agent has a run that may still cost money. A status
// that nobody knows is one.
func (s Standing) Live() bool { return !s.Gone && s.Run.ID != "" && !s.Run.Status.Terminal() }

// Examine looks at the latest run of an agent, and at the agent itself where no
// more than its id is known. That it isn't there is no error: see Standing.Gone.
func (a *Agents) Examine(ctx context.Context, agent cursor.Agent) (Standing, error) {
	s := Standing{Agent: agent}
	var err error
	if agent.Status == "" && agent.CreatedAt.IsZero() {
		var whole cursor.Agent
		if whole, err = a.client.GetAgent(ctx, agent.ID); err == nil {
			s.Agent = whole
		}
	}
	if err == nil {
		s.Run, err = a.latestRun(ctx, s.Agent)
	}
	if errors.Is(err, cursor.CodeAgentArchived) && s.Agent.Status == cursor.AgentIdle {
		// Version 0 tells no runs of an archived agent, but that none is live.
		s.Agent.Status, err = cursor.AgentArchived, nil
	}
	if notFound(err) {
		// A run that is not there may be one of an agent that is.
		if _, whole := a.client.GetAgent(ctx, agent.ID); notFound(whole) {
			return Standing{Agent: s.Agent, Gone: true}, nil
		}
	}
	return s, err
}

// latestRun is the newest run of an agent, the zero Run when it has none. The
// agent names it, and that one call is allowed far more often than the list.
func (a *Agents) latestRun(ctx context.Context, agent cursor.Agent) (cursor.Run, error) {
	if agent.LatestRunID != "" {
		return a.client.GetRun(ctx, agent.ID, agent.LatestRunID)
	}
	runs, err := a.runs(ctx, agent.ID)
	if err != nil || len(runs) == 0 {
		return cursor.Run{}, err
	}
	return runs[len(runs)-1], nil
}

// IsLaunch reports whether the run that was looked at is the one that the agent
// was launched with. A later one is a follow-up, perhaps a person's.
func (a *Agents) IsLaunch(ctx context.Context, s Standing) (bool, error) {
	first, err := a.firstRun(ctx, s.Agent)
	return err == nil && first.ID == s.Run.ID, err
}

// Order is what is to be done with an agent.
type Order string

// The orders.
const (
	OrderCancel  Order = "cancel"  // end its live run
	OrderArchive Order = "archive" // keep it readable, and no longer counted against the plan
	OrderDelete  Order = "delete"  // for good, with its conversation, usage and artifacts
)

// Deed is what was done with an agent.
type Deed string

// The deeds. None says that it was in the asked state already, or came to it by
// itself; Gone that it was deleted by somebody else.
const (
	DeedNone      Deed = "none"
	DeedCancelled Deed = "cancelled"
	DeedArchived  Deed = "archived"
	DeedDeleted   Deed = "deleted"
	DeedGone      Deed = "gone"
)

// ErrLive says that an agent is not archived while it works: it would go on,
// and cost money, where nobody looks.
var ErrLive = errors.New("its run is live, and an archived agent that works is seen by nobody")

// Due returns what order comes to for an agent that stands so: DeedNone or
// DeedGone where nothing is to be done. ErrLive says that it can't be obeyed.
func (s Standing) Due(order Order) (Deed, error) {
	switch {
	case s.Gone:
		return DeedGone, nil
	case order == OrderCancel && s.Live():
		return DeedCancelled, nil
	case order == OrderDelete:
		return DeedDeleted, nil
	case order == OrderArchive && s.Agent.Status != cursor.AgentArchived:
		if s.Live() {
			return DeedNone, ErrLive
		}
		return DeedArchived, nil
	}
	return DeedNone, nil
}

// endPatience is how long a run may take to end that an order wants to be over.
const endPatience = 30 * time.Second

// Obey carries an order out. It returns how the agent stands then and what was
// done, also when not all could be: a delete ends the agent's live run first,
// and is given up when that fails or when before does, which may be nil and is
// the last to see the agent. An agent that is deleted meanwhile is DeedGone.
func (a *Agents) Obey(ctx context.Context, order Order, s Standing, before func(context.Context, Standing) error) (Standing, Deed, error) {
	due, err := s.Due(order)
	if err != nil || due == DeedNone || due == DeedGone {
		return s, due, err
	}
	done := DeedNone
	if due == DeedCancelled {
		return a.cancelRun(ctx, s)
	}
	if s.Live() {
		if s, done, err = a.end(ctx, s); err != nil || done == DeedGone {
			return s, done, err
		}
	}
	if due == DeedArchived {
		err = a.client.ArchiveAgent(ctx, s.Agent.ID)
	} else {
		if before != nil {
			if err := before(ctx, s); err != nil {
				return s, done, err
			}
		}
		err = a.client.DeleteAgent(ctx, s.Agent.ID)
	}
	failed, _ := errors.AsType[*cursor.Error](err)
	switch {
	case notFound(err) && due == DeedDeleted && failed.MaybeDone:
		// Our own attempt whose answer was lost.
	case notFound(err):
		s.Gone = true
		return s, DeedGone, nil
	case err != nil:
		return s, done, err
	}
	if due == DeedArchived {
		s.Agent.Status = cursor.AgentArchived
	}
	return s, due, nil
}

// beginLooks are the waits before the looks at a run that has not begun, which a
// follow-up has time to show in that was just sent.
var beginLooks = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// cancelRun ends the agent's live run. One that does not begin, of an agent at
// rest, was mostly cancelled before: then the deed is DeedNone. It is stopped all
// the same, for the follow-up that takes longer still.
func (a *Agents) cancelRun(ctx context.Context, s Standing) (Standing, Deed, error) {
	for _, wait := range beginLooks {
		if !s.Run.Unbegun {
			break
		}
		if !sleep(ctx, wait) {
			return s, DeedNone, context.Cause(ctx)
		}
		run, err := a.client.GetRun(ctx, s.Agent.ID, s.Run.ID)
		if err != nil {
			return s, DeedNone, err
		}
		s.Run = run
	}
	if !s.Live() {
		return s, DeedNone, nil
	}
	unbegun := s.Run.Unbegun
	s, done, err := a.end(ctx, s)
	if unbegun && done == DeedCancelled {
		done = DeedNone
	}
	return s, done, err
}

// end ends the agent's live run and sees it end.
func (a *Agents) end(ctx context.Context, s Standing) (Standing, Deed, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, endPatience, fmt.Errorf("it had not ended after %s", endPatience))
	defer cancel()
	run, err := a.Cancel(ctx, Handle{AgentID: s.Agent.ID, RunID: s.Run.ID})
	switch {
	case errors.Is(err, ErrGone):
		s.Gone = true
		return s, DeedGone, nil
	case run.Status != "":
		s.Run = run
	}
	if err != nil || run.Status != cursor.RunCancelled {
		return s, DeedNone, err
	}
	return s, DeedCancelled, nil
}
