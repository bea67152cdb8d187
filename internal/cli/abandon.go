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
	stopped := s.stop(ctx, handle, cause)
	result := agent.Unfinished(agent.OutcomeCancelled, s.spec, stopped.handle, stopped.run)
	switch {
	case stopped.unsure:
		result.Reason = "the step was interrupted while the agent was being launched, and none is to be seen yet"
		result.NextStep = "the cleanup stage looks again; if the runner ends that too, look at " + where(stopped.handle)
	case !stopped.existed:
		result.Reason = "the step was interrupted before an agent was launched"
		result.NextStep = "nothing is left running; run the job again"
	case stopped.err != nil:
		result.Reason = "the step was interrupted and the agent's run could not be ended: " + oneLine(stopped.err)
		result.NextStep = "the cleanup stage tries again; if it fails too, end it at " + where(stopped.handle)
	case stopped.run.Status == cursor.RunCancelled:
		result.Reason = "the step was interrupted and the agent's run was cancelled"
		result.NextStep = "run the job again to launch a new agent"
	default:
		result.Reason = fmt.Sprintf("the step was interrupted when the agent's run had just ended as %s", stopped.run.Status)
		result.NextStep = "run the job again to take its result"
	}
	if stopped.run.Status.Terminal() {
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
	var stopped stopped
	if s.leave {
		stopped = s.look(ctx, handle, cause)
	} else {
		stopped = s.stop(ctx, handle, cause)
	}
	if !stopped.existed && !stopped.unsure {
		result := agent.Unfinished(agent.OutcomeTimedOut, s.spec, handle, cursor.Run{})
		result.Reason = fmt.Sprintf("no agent could be launched within %s: %s", spell(s.timeout), oneLine(cause))
		result.NextStep = "raise timeout, or run the job again later"
		return result
	}
	if status := stopped.run.Status; status.Terminal() && status != cursor.RunCancelled {
		// It came to its own end before we could say anything: that is its
		// outcome, and paid for. Its pull request has the time that it has
		// after any other end.
		return s.agents.Finish(last, s.spec, stopped.handle, stopped.run)
	}
	if stopped.err != nil && stopped.run.Status == "" {
		// Nobody knows what became of the agent, so this is no verdict on it.
		result := agent.Unfinished(agent.OutcomeAPIError, s.spec, stopped.handle, stopped.run)
		result.Reason = fmt.Sprintf("the API could not be reached when the time of %s was over: %s", spell(s.timeout), oneLine(stopped.err))
		result.NextStep = "the agent may still run: see " + where(stopped.handle) + "; running the job again attaches to it"
		return result
	}
	result := agent.Unfinished(agent.OutcomeTimedOut, s.spec, stopped.handle, stopped.run)
	result.Reason = fmt.Sprintf("the agent had not finished after %s", spell(s.timeout))
	switch {
	case stopped.unsure:
		result.Reason = fmt.Sprintf("the agent was still being launched after %s, and none is to be seen", spell(s.timeout))
		result.NextStep = "look at " + where(stopped.handle) + ", and raise timeout"
	case stopped.err != nil:
		result.Reason += " and its run could not be ended: " + oneLine(stopped.err)
		result.NextStep = "end it at " + where(stopped.handle)
	case s.leave:
		result.Reason += " and goes on, as on-timeout: leave asks"
		result.NextStep = "see " + where(stopped.handle) + ", or raise timeout"
	default:
		result.Reason += " and its run was cancelled"
		result.NextStep = "raise timeout, or give the agent a smaller task"
	}
	if stopped.run.Status.Terminal() {
		s.addUsage(ctx, &result, cancelGrace)
	}
	return result
}

// apiFailed ends what is there when the API fails for good: an agent that
// nobody can follow must not go on.
func (s *step) apiFailed(ctx context.Context, handle agent.Handle, cause error) agent.Result {
	ctx, cancel := context.WithTimeout(ctx, cancelGrace)
	defer cancel()
	result := agent.Unfinished(agent.OutcomeAPIError, s.spec, handle, cursor.Run{})
	result.Reason, result.NextStep = s.explain(ctx, cause)
	if errors.Is(cause, agent.ErrAmbiguous) {
		return result
	}
	stopped := s.stop(ctx, handle, cause)
	if !stopped.existed {
		if stopped.unsure {
			result.NextStep += "; an agent may have been launched all the same: look at " + where(handle)
		}
		return result
	}
	if status := stopped.run.Status; stopped.err == nil && status != cursor.RunCancelled {
		return s.agents.Finish(ctx, s.spec, stopped.handle, stopped.run)
	}
	result.Handle, result.Run = stopped.handle, stopped.run
	if stopped.err != nil {
		result.NextStep += "; the agent may still run: end it at " + where(stopped.handle)
	} else {
		result.NextStep += "; the agent's run was cancelled"
	}
	return result
}

// stopped is what is left after an attempt to end a run.
type stopped struct {
	handle  agent.Handle
	run     cursor.Run
	existed bool  // there was an agent
	unsure  bool  // there was none, but a create that was lost may yet make one
	err     error // why it may still run
}

// look finds out about the handle's run and leaves it as it is. cause is as for
// stop.
func (s *step) look(ctx context.Context, handle agent.Handle, cause error) stopped {
	if handle.RunID == "" {
		if !s.mayExist(cause) {
			return stopped{handle: handle}
		}
		found, err := s.locate(ctx, lostLooks(), false)
		live := agent.Live(found)
		switch {
		case err != nil:
			return stopped{handle: handle, existed: true, err: err}
		case len(live) == 0:
			return stopped{handle: handle, unsure: agent.MaybeLaunched(cause)}
		}
		handle = live[0]
		s.observe(agent.Started{Handle: handle})
	}
	run, err := s.client.GetRun(ctx, handle.AgentID, handle.RunID)
	if err != nil {
		run = cursor.Run{ID: handle.RunID, AgentID: handle.AgentID}
	}
	return stopped{handle: handle, run: run, existed: true, err: err}
}

// lostLooks are the waits before each look for an agent whose create was lost:
// the API shows a new agent late at times, and we have little time.
func lostLooks() []time.Duration {
	return []time.Duration{0, 500 * time.Millisecond, time.Second}
}

// stop ends the handle's run, if there is one. cause is why we stop: it tells
// whether a create whose answer was lost may have left an agent.
func (s *step) stop(ctx context.Context, handle agent.Handle, cause error) stopped {
	handles := []agent.Handle{handle}
	if handle.RunID == "" {
		if !s.mayExist(cause) {
			s.saveState(stateStage, stageSettled)
			return stopped{handle: handle}
		}
		found, err := s.locate(ctx, lostLooks(), false)
		switch handles = agent.Live(found); {
		case err != nil:
			return stopped{handle: handle, existed: true, err: err}
		case len(handles) == 0:
			return stopped{handle: handle, unsure: agent.MaybeLaunched(cause)}
		}
	}
	last := stopped{existed: true}
	for _, handle := range handles {
		run, err := s.agents.Cancel(ctx, handle)
		last.handle, last.run = handle, run
		last.handle.RunID = run.ID
		if run.Status != "" {
			last.handle.Status = run.Status
		}
		last.err = errors.Join(last.err, err)
	}
	return last
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
		if found, err = s.agents.Locate(ctx, s.spec, s.work); err != nil || len(agent.Live(found)) > 0 || anyWillDo && len(found) > 0 {
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
		return agentsPage + "/" + handle.AgentID
	}
	return agentsPage
}

// agentsPage lists the agents of the account that is signed in.
const agentsPage = "https://cursor.com/agents"
