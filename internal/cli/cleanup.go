package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// cleanupTime bounds the cleanup stage. The runner gives a cancelled job five
// minutes in all.
const cleanupTime = time.Minute

// cleanup is the image's post-entrypoint: it runs after the job, whatever
// became of the main stage, and ends a run that is still live though nobody
// wants it to be. It knows the agent by the saved state, where the runner hands
// that over, and by the derived id where it doesn't.
func (p Program) cleanup(ctx context.Context, _ []string) int {
	runner := actions.New(p.Getenv, p.Stdout)
	stage := runner.State(stateStage)
	if stage == stageStarted || stage == stageSettled {
		// The main stage left nothing, or what it left is wanted.
		maskSecrets(runner, runner.Inputs())
		runner.Debug("cleanup: nothing is left to be ended (" + stage + ")")
		return exitOK
	}
	s, err := p.newStep(runner)
	if err != nil {
		// The main stage met the same and said so.
		runner.Debug("cleanup: " + oneLine(err))
		return exitOK
	}
	if s.dryRun || stage == "" && (!s.wait || s.leave) {
		runner.Debug("cleanup: agents may outlive this job, as its inputs ask")
		return exitOK
	}
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	return s.endLeftovers(ctx, agent.Handle{AgentID: runner.State(stateAgentID), RunID: runner.State(stateRunID)}, stage)
}

// endLeftovers cancels the saved run, or every live run that the inputs lead
// to.
func (s *step) endLeftovers(ctx context.Context, saved agent.Handle, stage string) int {
	handles := []agent.Handle{saved}
	if saved.RunID == "" {
		found, err := s.locate(ctx, leftoverLooks(stage))
		if err != nil {
			return s.leftBehind(fmt.Errorf("look for agents: %w", err), saved)
		}
		handles = agent.Live(found)
	}
	if len(handles) == 0 {
		s.runner.Debug("cleanup: no live run is left")
		return exitOK
	}
	status := exitOK
	for _, handle := range handles {
		run, err := s.agents.Cancel(ctx, handle)
		switch {
		case err != nil:
			status = s.leftBehind(err, handle)
		case stage != "" || run.Status == cursor.RunCancelled:
			s.runner.Notice(fmt.Sprintf("cleanup: the run of agent %s, which nobody waits for any longer, has ended as %s", handle.AgentID, run.Status))
		}
	}
	return status
}

// leftoverLooks are the waits before each look for an agent that the main
// stage can't have told us of. Where its create may be on its way still, there
// are several.
func leftoverLooks(stage string) []time.Duration {
	if stage != stagePlanned {
		return []time.Duration{0}
	}
	return []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}
}

// leftBehind reports a run that may go on and cost money.
func (s *step) leftBehind(err error, handle agent.Handle) int {
	next := "end it at " + where(handle)
	if errors.Is(err, context.DeadlineExceeded) {
		next += ", because there is no more time here"
	}
	s.runner.Error(fmt.Sprintf("cleanup: an agent may still run: %s; %s", oneLine(err), next))
	return exitFailed
}
