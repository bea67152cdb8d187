package agent

import (
	"context"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// launchWithoutID launches an agent whose id the API chooses. The mark in its
// name or branch takes the id's place: it finds the agent of an earlier attempt,
// and one whose answer was lost. Such a create is never repeated.
func (a *Agents) launchWithoutID(ctx context.Context, spec Spec, work Work) (Handle, error) {
	planned := Handle{}
	if ctx.Err() != nil {
		return planned, context.Cause(ctx)
	}
	if work.Rerun {
		found, attach, err := a.earlier(ctx, spec, work)
		if err != nil || attach {
			return found, err
		}
		planned = found
	}
	request := Request(a.client.Version(), a.key, work, spec, planned.Generation)
	if ctx.Err() != nil {
		return planned, context.Cause(ctx)
	}
	a.observe(Planned{Name: request.Name, Branch: request.Branch, Generation: planned.Generation})
	began := time.Now()
	created, err := a.client.CreateAgent(ctx, request)
	if err == nil {
		handle := handleOf(created.Agent, created.Run, planned.Generation)
		a.observe(Started{handle})
		return handle, nil
	}
	if !MaybeLaunched(err) {
		return planned, err
	}
	if found, ok := a.findLost(ctx, spec, work, planned.Generation, began); ok {
		a.observe(Started{found})
		return found, nil
	}
	return planned, fmt.Errorf("launch agent: %w (%s): %w", ErrAmbiguous, traceOf(request), err)
}

// findLost looks for the agent of a create, begun at began, whose answer was
// lost, for as long as the API may be late to list it.
func (a *Agents) findLost(ctx context.Context, spec Spec, work Work, generation int, began time.Time) (Handle, bool) {
	for _, wait := range lostLooks {
		if wait > 0 && !sleep(ctx, wait) {
			return Handle{}, false
		}
		for found, err := range a.marked(ctx, spec, work) {
			if err != nil {
				return Handle{}, false
			}
			if found.generation != generation || !found.sure && !a.isNew(ctx, found.Agent, spec, began) {
				continue
			}
			if run, err := a.firstRun(ctx, found.Agent); err == nil {
				return handleOf(found.Agent, run, generation), true
			}
			break
		}
	}
	return Handle{}, false
}

// earlier looks for the agents of earlier attempts. It returns the one to
// attach to, or else the generation to launch.
func (a *Agents) earlier(ctx context.Context, spec Spec, work Work) (next Handle, attach bool, _ error) {
	found, err := a.allMarked(ctx, spec, work)
	for _, agent := range found {
		var run cursor.Run
		var ours bool
		if run, ours, err = a.runOf(ctx, agent, spec); err != nil {
			break
		}
		if !ours {
			continue
		}
		handle := handleOf(agent.Agent, run, agent.generation)
		handle.Attached = true
		if !endedBadly(run.Status) {
			a.observe(Found{Handle: handle})
			a.observe(Started{handle})
			return handle, true, nil
		}
		a.observe(Found{Handle: handle, Passed: true})
		next.Generation = agent.generation + 1
	}
	switch {
	case err != nil:
		return next, false, fmt.Errorf("launch agent: an earlier attempt may have launched one, but %w: %w", errUnread, err)
	case next.Generation >= maxGenerations:
		return next, false, tooManyGenerations()
	}
	return next, false, nil
}
