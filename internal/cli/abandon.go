package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// cancelGrace is how long a run may take to end when our time is over or the
// API fails. After a signal the grace of the step counts instead.
const cancelGrace = 30 * time.Second

// interruptUsage is how much of the grace after a signal the usage may take.
const interruptUsage = 500 * time.Millisecond

// interrupted ends what a signal left: the workflow was cancelled, or the step
// ran into its own limit.
func (s *step) interrupted(ctx context.Context, handle agent.Handle, cause error) agent.Result {
	if handle.RunID != "" {
		s.runner.Info("Interrupted: ending the agent's run")
	}
	left := s.stop(ctx, handle, cause)
	result := agent.Unfinished(agent.OutcomeCancelled, s.spec, left.handle, left.run)
	result.Reason, result.Left, result.NextStep = s.errand.words.at().interrupted, left.words(), left.again()
	switch {
	case left.unsure || left.existed && left.handle.RunID == "":
		result.Reason += " " + s.errand.words.during
		result.NextStep = s.errand.words.at().endIt
	case left.mayRun():
		result.Reason += " and the agent's run could not be ended: " + brief(left.err)
		result.NextStep = s.errand.words.at().endIt
	}
	if left.run.Status.Terminal() {
		s.addUsage(ctx, &result, interruptUsage)
	}
	return result
}

// addUsage reads what the run used, for at most patience, after the verdict is
// written down.
func (s *step) addUsage(ctx context.Context, result *agent.Result, patience time.Duration) {
	s.observe(agent.Settled{Result: *result})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.agents.AddUsage(ctx, result)
}

// timedOut ends what is there when the input timeout is over.
func (s *step) timedOut(last context.Context, handle agent.Handle, cause error) agent.Result {
	ctx, cancel := context.WithTimeout(last, cancelGrace)
	defer cancel()
	var left leftover
	if s.leave {
		left = s.look(ctx, handle, cause)
	} else {
		left = s.stop(ctx, handle, cause)
	}
	if status := left.run.Status; status.Terminal() && status != cursor.RunCancelled {
		// It came to its own end before we could say anything: that is its
		// outcome, and paid for. Its pull request has the time that it has
		// after any other end.
		return s.agents.Finish(last, s.spec, left.handle, left.run)
	}
	limit, raise := spell(s.timeout), "raise "+s.errand.words.input("timeout")
	result := agent.Unfinished(agent.OutcomeTimedOut, s.spec, left.handle, left.run)
	result.Reason, result.Left = fmt.Sprintf("the agent had not finished after %s", limit), left.words()
	switch {
	case left.unsure || !left.existed:
		result.Reason = fmt.Sprintf("the time of %s was over %s: %s", limit, s.errand.words.during, brief(cause))
		result.NextStep = raise + ", or " + s.errand.words.at().rerun + " later"
		if errors.Is(cause, agent.ErrBusy) && s.corrected == "" {
			result.NextStep = raise + ", or set " + s.errand.words.setting("on-busy", "cancel")
		}
		if left.unsure {
			result.NextStep = s.errand.words.at().endIt + ", and " + raise
		}
	case errors.Is(left.err, agent.ErrGone):
		result.NextStep = left.again()
	case left.err != nil && left.run.Status == "":
		// Nobody knows what became of the agent, so this is no verdict on it.
		result.Outcome = agent.OutcomeAPIError
		result.Reason = fmt.Sprintf("what became of the agent's run could not be seen when the time of %s was over: %s", limit, brief(left.err))
		result.NextStep = left.again()
		if s.leave && !s.attended {
			result.Reason += "; on-timeout is leave"
		} else if !s.leave {
			result.NextStep = s.errand.words.at().endIt + ", or " + left.again()
		}
	case left.err != nil:
		result.Reason += " and its run could not be ended: " + brief(left.err)
		result.NextStep = s.errand.words.at().endIt
	case s.leave && s.attended:
		result.NextStep = s.errand.words.again // To leave it is what a person gets who asks for nothing.
	case s.leave:
		result.Reason += ", and on-timeout is leave"
		result.NextStep = "follow it there, or " + raise
	default:
		result.NextStep = raise + ", or give the agent a smaller task"
	}
	if left.run.Status.Terminal() {
		s.addUsage(ctx, &result, cancelGrace)
	}
	return result
}

// apiFailed ends what is there when the API fails for good: an agent that
// nobody can follow must not go on.
func (s *step) apiFailed(last context.Context, handle agent.Handle, cause error) agent.Result {
	ctx, cancel := context.WithTimeout(last, cancelGrace)
	defer cancel()
	if errors.Is(cause, agent.ErrAmbiguous) {
		result := agent.Unfinished(agent.OutcomeAPIError, s.spec, handle, cursor.Run{})
		result.Reason = brief(cause) // It says what may be left.
		result.NextStep = "look for it at " + cursor.AgentsPage + " before you " + s.errand.words.at().rerun + ", which may launch a second one"
		return result
	}
	if errors.Is(cause, agent.ErrMaybeSent) {
		result := agent.Unfinished(agent.OutcomeAPIError, s.spec, handle, cursor.Run{})
		result.Reason = brief(cause)
		result.NextStep = "look for it at " + where(handle) + ", and " + s.errand.words.at().sendAnyway
		if s.corrected != "" {
			// A single run after the corrected one is the correction to a re-run.
			result.NextStep = "look for it at " + where(handle) + ", and " + s.errand.words.at().tellAnyway
		}
		return result
	}
	end := s.stop
	if s.attended {
		end = s.look
	}
	left := end(ctx, handle, cause)
	if status := left.run.Status; left.err == nil && status.Terminal() && status != cursor.RunCancelled {
		return s.agents.Finish(last, s.spec, left.handle, left.run)
	}
	result := agent.Unfinished(agent.OutcomeAPIError, s.spec, left.handle, left.run)
	result.Reason, result.Left, result.NextStep = brief(cause), left.words(), s.advice(ctx, cause, left)
	return result
}

// detached leaves the run as it is, as a person asked by a signal.
func (s *step) detached(handle agent.Handle, cause error) agent.Result {
	left := leftover{handle: handle, run: cursor.Run{ID: handle.RunID, AgentID: handle.AgentID, Status: handle.Status}, called: s.errand.words}
	left.existed = handle.RunID != ""
	left.unsure = !left.existed && agent.MaybeLaunched(cause)
	result := agent.Unfinished(agent.OutcomeLaunched, s.spec, handle, left.run)
	result.Reason, result.Left, result.NextStep = s.errand.words.at().interrupted, left.words(), left.again()
	if left.existed {
		result.NextStep = left.called.again
	}
	return result
}
