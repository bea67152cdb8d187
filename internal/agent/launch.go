package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cursor-agent-action/internal/cursor"
)

// maxGenerations bounds how many agents of one piece of work may have ended
// badly before a launch gives up.
const maxGenerations = 20

// ErrAmbiguous says that an agent may have been launched and could not be
// found: whoever launches again may pay twice.
var ErrAmbiguous = errors.New("an agent may have been launched, but it could not be found")

// ErrExhausted says that too many agents of the same work have ended badly.
var ErrExhausted = errors.New("the agents for this work have ended badly already")

// errUnread says that an agent of an earlier attempt, which exists or may
// exist, could not be read.
var errUnread = errors.New("its state could not be read")

// Launch gives work to an agent, at most once: an agent that exists for the
// same work already is attached to while it lives or when it finished, and
// followed by the next generation when it ended badly. On an error the Handle
// holds what is known all the same, so that the caller can cancel and report.
//
// A cancelled ctx keeps a create that is on its way for the grace of the
// client, so that its answer is not lost, and starts nothing new.
func (a *Agents) Launch(ctx context.Context, spec Spec, work Work) (Handle, error) {
	if err := spec.Validate(); err != nil {
		return Handle{}, err
	}
	if a.findBy(spec) != cursor.ByID {
		return a.launchWithoutID(ctx, spec, work)
	}
	var handle Handle
	for generation := range maxGenerations {
		request := Request(a.client.Version(), a.key, work, spec, generation)
		handle = Handle{AgentID: request.AgentID, Generation: generation}
		if ctx.Err() != nil {
			return handle, context.Cause(ctx)
		}
		a.observe(Planned{AgentID: request.AgentID, Name: request.Name, Generation: generation})
		began := time.Now()
		created, err := a.client.CreateAgent(ctx, request)
		switch {
		case err == nil:
			handle = handleOf(created.Agent, created.Run, generation)
			a.observe(Started{handle})
			return handle, nil
		case isAnother(err):
			return a.lookFor(ctx, handle, err, began)
		case !errors.Is(err, cursor.CodeAgentIDConflict):
			return handle, err
		}
		found, next, err := a.adopt(ctx, handle, MaybeLaunched(err), began)
		if errors.Is(err, errUnread) {
			err = fmt.Errorf("launch agent: %s exists already, but %w", handle.AgentID, err)
		}
		if err != nil || !next {
			return found, err
		}
	}
	return handle, tooManyGenerations()
}

// findBy is how the agent of spec can be found again.
func (a *Agents) findBy(spec Spec) cursor.FindBy {
	return a.client.Version().FindBy(spec.request())
}

// isAnother reports whether a create was answered about an agent of another id
// than the one that was asked for.
func isAnother(err error) bool {
	_, ok := errors.AsType[*cursor.AnotherError](err)
	return ok
}

// lookFor looks for our agent after such an answer. What it names may be
// somebody else's, from a mistaken cache; or else the server takes no ids of
// ours, and makes one more agent each time it is asked.
func (a *Agents) lookFor(ctx context.Context, handle Handle, answer error, began time.Time) (Handle, error) {
	found, next, err := a.adopt(ctx, handle, true, began)
	switch {
	case next, errors.Is(err, ErrAmbiguous):
		return handle, fmt.Errorf("launch agent: %w (id %s): %w", ErrAmbiguous, handle.AgentID, answer)
	case errors.Is(err, errUnread):
		return handle, fmt.Errorf("launch agent: %s may be there, but %w", handle.AgentID, err)
	}
	return found, err
}

// MaybeLaunched reports whether a launch that failed with err may have left an
// agent behind, or a follow-up a run, all the same, of this attempt or of an earlier one.
func MaybeLaunched(err error) bool {
	failed, ok := errors.AsType[*cursor.Error](err)
	return ok && failed.MaybeDone || errors.Is(err, ErrAmbiguous) || errors.Is(err, ErrMaybeSent) || errors.Is(err, errUnread)
}

// notFound reports whether the API has nothing under the id it was asked for.
func notFound(err error) bool {
	failed, ok := errors.AsType[*cursor.Error](err)
	return ok && failed.Status == http.StatusNotFound
}

// tooManyGenerations is the end of a launch that met only agents that ended
// badly.
func tooManyGenerations() error {
	return fmt.Errorf("launch agent: %d of %w", maxGenerations, ErrExhausted)
}

func handleOf(agent cursor.Agent, run cursor.Run, generation int) Handle {
	return Handle{AgentID: agent.ID, RunID: run.ID, URL: agent.URL, Status: run.Status, Generation: generation}
}
