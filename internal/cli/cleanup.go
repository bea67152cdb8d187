package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/grace"
	"cursor-agent-action/internal/report"
)

// cleanupTime bounds the cleanup stage where GitHub does not keep it waiting. The
// runner gives a cancelled job five minutes in all.
const cleanupTime = time.Minute

// cleanup is the image's post-entrypoint: it runs after the job, whatever
// became of the main stage, and ends a run that is still live though nobody
// wants it to be. It knows the agent by the saved state, where the runner hands
// that over, and by the derived id where it doesn't. With the state it needs no
// input but the connection: the job may have changed the files that the others
// name.
func (p Program) cleanup(ctx context.Context, _ []string) int { return p.cleanUp(ctx, launching()) }

// followUpCleanup is cleanup after a follow-up: it ends the follow-up's run, by
// its id or its mark, and no other of the agent's.
func (p Program) followUpCleanup(ctx context.Context, _ []string) int {
	return p.cleanUp(ctx, followingUp())
}

// attachCleanup is cleanup after an attach: it ends the run that was waited for.
func (p Program) attachCleanup(ctx context.Context, _ []string) int {
	return p.cleanUp(ctx, attaching())
}

func (p Program) cleanUp(ctx context.Context, errand errand) int {
	runner := actions.New(p.Getenv, p.Stdout)
	s := &step{Program: p, runner: runner, began: time.Now(), errand: errand}
	// A signal leaves time for one more cancel.
	ctx, release := grace.Context(ctx, interruptGrace)
	defer release()
	left, most := s.leftBoard(runner), cleanupTime
	if left != nil {
		most -= boardLast
	}
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	status := s.cleanUpAgent(limited, runner)
	if left != nil {
		s.endBoard(ctx, runner, left)
	}
	return status
}

// cleanUpAgent ends what the main stage left of the agent's run, and returns the
// exit status.
func (s *step) cleanUpAgent(ctx context.Context, runner *actions.Runner) int {
	stage := runner.State(stateStage)
	saved := agent.Handle{AgentID: runner.State(stateAgentID), RunID: runner.State(stateRunID)}
	in := runner.Inputs()
	s.remains.handle = saved
	connection, err := readConnection(runner, in)
	if stage == stageSettled || stage == stageStarted && (runner.Context().RunAttempt == 1 || !s.errand.reruns) {
		// The main stage left nothing, or what it left is wanted. On a re-run
		// it may have ended before it came to the agent of an earlier attempt.
		runner.Debug("cleanup: nothing is left to be ended (" + stage + ")")
		s.remains.what = s.errand.words.nothing
		if stage == stageSettled {
			s.remains.what = "no run was left that nobody waits for"
		}
		return exitOK
	}
	s.config.connection = connection
	if mark := runner.State(stateMark); mark != "" {
		s.planned = agent.FollowUpPlanned{Handle: saved, Known: []string{runner.State(stateKnownRun)}, Mark: mark}
	}
	if s.planned.Mark == "" && (saved.AgentID == "" || saved.RunID == "" && runner.Context().RunAttempt > 1) {
		// On a re-run a planned id says where the launch began to look, and not
		// which agent it would have come to.
		full, fullErr := readConfig(runner, in, s.errand)
		if saved.AgentID == "" || fullErr == nil {
			s.config, err, saved = full, fullErr, agent.Handle{}
		}
		if err == nil && (s.dryRun || stage == "" && (!s.wait || s.leave)) {
			runner.Debug("cleanup: agents may outlive this job, as its inputs ask")
			s.remains.what = "an agent may go on, as the inputs ask"
			return exitOK
		}
	}
	if saved.RunID == "" && s.errand.kind == report.Attach && s.runID == "" {
		// The agent's latest run may be another than the one that was waited for.
		runner.Debug("cleanup: nobody knows which run was waited for")
		s.remains.what = "which run it waited for is not known, so that goes on"
		return exitOK
	}
	if err == nil {
		err = s.connect()
	}
	if err != nil {
		return s.blind(err, stage, saved)
	}
	return s.endLeftovers(ctx, saved, stage)
}

// blind ends a cleanup whose inputs can't be read. Mostly the main stage met
// the same, said so and launched nothing.
func (s *step) blind(err error, stage string, saved agent.Handle) int {
	if stage == stagePlanned {
		return s.leftBehind(err, saved)
	}
	s.runner.Debug("cleanup: " + oneLine(err))
	s.remains.what, s.remains.next = "whether an agent was left at work is not known", "look at "+where(saved)
	return exitOK
}

// endLeftovers cancels the saved run, or every live run that the inputs lead
// to.
func (s *step) endLeftovers(ctx context.Context, saved agent.Handle, stage string) int {
	handles := []agent.Handle{saved}
	switch {
	case saved.RunID != "":
	case saved.AgentID != "" && s.planned.Mark == "":
		// Its create may still be on its way.
		found, err := s.await(ctx, saved.AgentID)
		if err != nil {
			return s.leftBehind(fmt.Errorf("look for agent %s: %w", saved.AgentID, err), saved)
		}
		if !found {
			return s.noneFound()
		}
	default:
		found, err := s.locate(ctx, leftoverLooks(stage), stage != stagePlanned)
		if errors.Is(err, agent.ErrMaybeSent) {
			found, err = s.locate(ctx, lateLooks(), false)
		}
		if err != nil && !errors.Is(err, agent.ErrGone) {
			return s.leftBehind(fmt.Errorf("look for %s: %w", s.errand.words.sought, err), saved)
		}
		if len(found) == 0 && err == nil {
			return s.noneFound()
		}
		handles = agent.Live(found)
	}
	if len(handles) == 0 {
		s.runner.Debug("cleanup: no live run is left")
		s.remains.what = "no run was left that nobody waits for"
		return exitOK
	}
	status := exitOK
	for _, handle := range handles {
		run, err := s.agents.Cancel(ctx, handle)
		switch {
		case errors.Is(err, agent.ErrGone):
			s.runner.Debug("cleanup: " + err.Error())
			s.remains.what = cmp.Or(s.remains.what, "the agent was deleted, and its run with it")
		case err != nil:
			status = s.leftBehind(err, handle)
		default:
			s.runner.Notice(fmt.Sprintf("cleanup: the run of agent %s, which nobody waits for any longer, has ended as %s", handle.AgentID, run.Status))
			handle.RunID = cmp.Or(run.ID, handle.RunID)
			if handle.Status = run.Status; status == exitOK {
				s.remains.handle, s.remains.what = handle, "its cleanup stage saw to it that the agent's run ended, as "+string(run.Status)
			}
		}
	}
	return status
}

// noneFound ends a cleanup that did not know what to look for, and says what took
// it so long.
func (s *step) noneFound() int {
	s.remains.what = "no run was left that nobody waits for"
	s.runner.Info(fmt.Sprintf("cleanup: looked for %s for %s and found nothing, so nothing is left to be ended", s.errand.words.sought, spell(time.Since(s.began))))
	return exitOK
}

// await looks for an agent whose create may be on its way, and reports whether
// it is there.
func (s *step) await(ctx context.Context, agentID string) (found bool, _ error) {
	for _, wait := range leftoverLooks(stagePlanned) {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
		_, err := s.client.GetAgent(ctx, agentID)
		failed, ok := errors.AsType[*cursor.Error](err)
		if !ok || failed.Status != http.StatusNotFound {
			return err == nil, err
		}
	}
	return false, nil
}

// leftoverLooks are the waits before each look for an agent that the main
// stage can't have told us of. Where its create may be on its way still, or be
// shown late, there are several.
func leftoverLooks(stage string) []time.Duration {
	if stage == stageStarted {
		return []time.Duration{0}
	}
	return []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}
}

// lateLooks are the waits before further looks for a run that is there and can't
// be told from others yet: a prompt stands in the conversation when its run has
// begun. They leave time for the run's end.
func lateLooks() []time.Duration { return []time.Duration{15 * time.Second, 20 * time.Second} }

// leftBehind reports a run that may go on and cost money.
func (s *step) leftBehind(err error, handle agent.Handle) int {
	next := "end it at " + where(handle)
	if errors.Is(err, context.DeadlineExceeded) {
		next += ", because there is no more time here"
	}
	s.remains = remains{handle, "an agent may still run: " + brief(err), next}
	s.runner.Error(fmt.Sprintf("cleanup: an agent may still run: %s; %s", brief(err), next))
	return exitFailed
}
