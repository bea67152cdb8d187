package agent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// launchByName launches an agent whose id the API chooses, as it demands with
// environment variables. The mark in the name takes the id's place: it finds
// the agent of an earlier attempt, and one whose answer was lost. Such a
// create is never repeated.
func (a *Agents) launchByName(ctx context.Context, spec Spec, work Work) (Handle, error) {
	generation := 0
	if work.Rerun {
		found, attach, err := a.earlier(ctx, spec, work)
		if err != nil || attach {
			return found, err
		}
		generation = found.Generation
	}
	request := Request(a.key, work, spec, generation)
	planned := Handle{Generation: generation}
	if ctx.Err() != nil {
		return planned, context.Cause(ctx)
	}
	a.observe(Planned{Name: request.Name, Generation: generation})
	created, err := a.client.CreateAgent(ctx, request)
	if err == nil {
		handle := handleOf(created.Agent, created.Run, generation)
		a.observe(Started{handle})
		return handle, nil
	}
	if !MaybeLaunched(err) {
		return planned, err
	}
	for _, wait := range lostLooks {
		if wait > 0 && !sleep(ctx, wait) {
			break
		}
		found, ok, lookErr := a.findByMark(ctx, mark(a.key, work, spec, generation), generation)
		if lookErr != nil {
			break
		}
		if ok {
			a.observe(Started{found})
			return found, nil
		}
	}
	return planned, fmt.Errorf("launch agent: %w (name %q): %w", ErrAmbiguous, request.Name, err)
}

// earlier looks for the agents of earlier attempts. It returns the one to
// attach to, or else the generation to launch.
func (a *Agents) earlier(ctx context.Context, spec Spec, work Work) (_ Handle, attach bool, _ error) {
	for generation := range maxGenerations {
		found, ok, err := a.findByMark(ctx, mark(a.key, work, spec, generation), generation)
		if err != nil || !ok {
			return Handle{Generation: generation}, false, err
		}
		found.Attached = true
		if !endedBadly(found.Status) {
			a.observe(Found{Handle: found})
			a.observe(Started{found})
			return found, true, nil
		}
		a.observe(Found{Handle: found, Passed: true})
	}
	return Handle{}, false, tooManyGenerations()
}

// maxListed bounds the search by name: workflow runs can be re-run for 30 days.
const (
	maxListed    = 1000
	maxListedAge = 35 * 24 * time.Hour
)

// findByMark looks for the newest agent whose name ends with mark.
func (a *Agents) findByMark(ctx context.Context, mark string, generation int) (Handle, bool, error) {
	listed := 0
	for listedAgent, err := range a.client.ListAgents(ctx, cursor.ListAgentsOptions{}) {
		if err != nil {
			return Handle{Generation: generation}, false, err
		}
		if listed++; listed > maxListed || time.Since(listedAgent.CreatedAt) > maxListedAge {
			break
		}
		if !strings.HasSuffix(listedAgent.Name, mark) {
			continue
		}
		run, err := a.firstRun(ctx, listedAgent)
		if err != nil {
			return Handle{Generation: generation}, false, err
		}
		return handleOf(listedAgent, run, generation), true, nil
	}
	return Handle{Generation: generation}, false, nil
}
