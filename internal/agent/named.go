package agent

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// launchByName launches an agent whose id the API chooses, as it demands with
// environment variables. The mark in the name takes the id's place: it finds
// the agent of an earlier attempt, and one whose answer was lost. Such a
// create is never repeated.
func (a *Agents) launchByName(ctx context.Context, spec Spec, work Work) (Handle, error) {
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
	request := Request(a.key, work, spec, planned.Generation)
	if ctx.Err() != nil {
		return planned, context.Cause(ctx)
	}
	a.observe(Planned{Name: request.Name, Generation: planned.Generation})
	created, err := a.client.CreateAgent(ctx, request)
	if err == nil {
		handle := handleOf(created.Agent, created.Run, planned.Generation)
		a.observe(Started{handle})
		return handle, nil
	}
	if !MaybeLaunched(err) {
		return planned, err
	}
	if found, ok := a.findLost(ctx, spec, work, planned.Generation); ok {
		a.observe(Started{found})
		return found, nil
	}
	return planned, fmt.Errorf("launch agent: %w (name %q): %w", ErrAmbiguous, request.Name, err)
}

// findLost looks for the agent of a create whose answer was lost, for as long
// as the API may be late to list it.
func (a *Agents) findLost(ctx context.Context, spec Spec, work Work, generation int) (Handle, bool) {
	for _, wait := range lostLooks {
		if wait > 0 && !sleep(ctx, wait) {
			return Handle{}, false
		}
		for found, err := range a.named(ctx, spec, work) {
			if err != nil {
				return Handle{}, false
			}
			if found.generation != generation {
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
	found, err := a.allNamed(ctx, spec, work)
	for _, agent := range found {
		var run cursor.Run
		if run, err = a.firstRun(ctx, agent.Agent); err != nil {
			break
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

// namedAgent is an agent whose name ends with a mark of the work.
type namedAgent struct {
	cursor.Agent
	generation int
}

// allNamed lists the agents of the work, the first generation first.
func (a *Agents) allNamed(ctx context.Context, spec Spec, work Work) ([]namedAgent, error) {
	var all []namedAgent
	for found, err := range a.named(ctx, spec, work) {
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	slices.SortStableFunc(all, func(a, b namedAgent) int { return cmp.Compare(a.generation, b.generation) })
	return all, nil
}

// maxListed bounds the search by name: workflow runs can be re-run for 30 days.
const (
	maxListed    = 1000
	maxListedAge = 35 * 24 * time.Hour
)

// named yields the agents of the work, of all generations, newest first.
func (a *Agents) named(ctx context.Context, spec Spec, work Work) iter.Seq2[namedAgent, error] {
	return func(yield func(namedAgent, error) bool) {
		marks := map[string]int{}
		for generation := range maxGenerations {
			// The attempt before may have been asked to wait, or not to.
			for _, work.Kept = range []bool{false, true} {
				marks[mark(a.key, work, spec, generation)] = generation
			}
		}
		listed := 0
		for agent, err := range a.client.ListAgents(ctx, cursor.ListAgentsOptions{}) {
			if err != nil {
				yield(namedAgent{}, err)
				return
			}
			// An agent without a time says nothing about those after it.
			old := !agent.CreatedAt.IsZero() && time.Since(agent.CreatedAt) > maxListedAge
			if listed++; listed > maxListed || old {
				return
			}
			generation, ours := marks[agent.Name[strings.LastIndexByte(agent.Name, ' ')+1:]]
			if ours && !yield(namedAgent{agent, generation}, nil) {
				return
			}
		}
	}
}
