package agent

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// unreadableLooks are the waits before each look at an agent whose id is taken
// and which can't be read: the API shows a new agent late at times.
var unreadableLooks = []time.Duration{0, time.Second, 4 * time.Second}

// lostLooks take the place of unreadableLooks when our own create may have
// been carried out: then a next generation would be a second agent for the
// same work, so patience is cheaper.
var lostLooks = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second}

// adopt decides about the agent that has our id already. lost says that a
// create of ours, begun at began, may have made it. next asks for the next
// generation.
func (a *Agents) adopt(ctx context.Context, handle Handle, lost bool, began time.Time) (_ Handle, next bool, _ error) {
	looks := unreadableLooks
	if lost {
		looks = lostLooks
	}
	existing, err := a.readAgent(ctx, handle.AgentID, looks)
	switch {
	case notFound(err) && !lost:
		// Deleted, or somebody else's: there is nothing to attach to.
		a.observe(Found{Handle: handle, Passed: true})
		return handle, true, nil
	case notFound(err):
		return handle, false, fmt.Errorf("launch agent: %w (id %s): %w", ErrAmbiguous, handle.AgentID, err)
	}
	ours := lost && bornSince(existing, began) // The agent's age is that of this answer.
	var run cursor.Run
	if err == nil {
		run, err = a.firstRun(ctx, existing)
	}
	if err != nil {
		return handle, false, fmt.Errorf("%w: %w", errUnread, err)
	}
	found := handleOf(existing, run, handle.Generation)
	found.Attached = !ours
	if endedBadly(run.Status) && found.Attached {
		a.observe(Found{Handle: found, Passed: true})
		return found, true, nil
	}
	if found.Attached {
		a.observe(Found{Handle: found})
	}
	a.observe(Started{found})
	return found, false, nil
}

// readAgent looks at an agent until it can be read.
func (a *Agents) readAgent(ctx context.Context, id string, looks []time.Duration) (agent cursor.Agent, err error) {
	for _, wait := range looks {
		if wait > 0 && !sleep(ctx, wait) {
			return agent, context.Cause(ctx)
		}
		if agent, err = a.client.GetAgent(ctx, id); !notFound(err) {
			return agent, err
		}
	}
	return agent, err
}

// firstRun is the run that the create made: the oldest. A later one is
// somebody's follow-up, whose end says nothing about this work.
func (a *Agents) firstRun(ctx context.Context, agent cursor.Agent) (cursor.Run, error) {
	var first cursor.Run
	for run, err := range a.client.ListRuns(ctx, agent.ID) {
		if err != nil {
			return cursor.Run{}, err
		}
		// The order is documented newest first, and was seen otherwise.
		if first.ID == "" || !run.CreatedAt.After(first.CreatedAt) {
			first = run
		}
	}
	if first.ID != "" {
		return first, nil
	}
	// The list lags behind at times; the agent itself knows its run.
	if agent.LatestRunID == "" {
		return cursor.Run{}, fmt.Errorf("agent %s has no run yet: look at %s", agent.ID, cmp.Or(agent.URL, cursor.AgentsPage))
	}
	return a.client.GetRun(ctx, agent.ID, agent.LatestRunID)
}

// clockSlack covers the seconds that the two times are rounded to and the
// server's own delay.
const clockSlack = 5 * time.Second

// bornSince reports whether the agent was made since began. Both ends of its
// age are the server's, so that a wrong clock there does no harm.
func bornSince(agent cursor.Agent, began time.Time) bool {
	if agent.ServedAt.IsZero() || agent.CreatedAt.IsZero() {
		return true
	}
	return agent.ServedAt.Sub(agent.CreatedAt) <= time.Since(began)+clockSlack
}

func endedBadly(status cursor.RunStatus) bool {
	return status.Terminal() && status != cursor.RunFinished
}
