package cli

import (
	"context"
	"fmt"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// maxBudget is more tokens than anybody pays for.
const maxBudget = 1_000_000_000_000

// readBudget reads how many tokens the run may use, 0 for any number.
func readBudget(in *actions.Inputs, wait bool) int64 {
	tokens := in.Int("max-tokens", 0, 1, maxBudget)
	if tokens > 0 && !wait {
		in.Problem("max-tokens", "is watched only while the run is waited for: leave it out, or set wait: true")
	}
	return int64(tokens)
}

// overBudget ends a run that used more than it may.
func (s *step) overBudget(last context.Context, handle agent.Handle, over *agent.OverBudget) agent.Result {
	ctx, cancel := context.WithTimeout(last, cancelGrace)
	defer cancel()
	tokens := s.errand.words.input("max-tokens")
	s.runner.Info(fmt.Sprintf("The run used %d tokens, more than %s allows: ending it", over.Used, tokens))
	left := s.stop(ctx, handle, over)
	if status := left.run.Status; status.Terminal() && status != cursor.RunCancelled {
		// It came to its own end before we could say anything, and is paid for.
		return s.agents.Finish(last, s.spec, left.handle, left.run)
	}
	result := agent.Unfinished(agent.OutcomeCancelled, s.spec, left.handle, left.run)
	result.Reason, result.Left = fmt.Sprintf("the run used %d tokens, and %s is %d", over.Used, tokens, over.Limit), left.words()
	result.NextStep = "raise " + tokens + ", or give the agent a smaller task"
	switch {
	case left.mayRun() && left.run.Status == "":
		// Nobody knows what became of it: that is no verdict.
		result.Outcome = agent.OutcomeAPIError
		result.Reason += "; what became of it could not be seen: " + brief(left.err)
		result.NextStep = s.errand.words.at().endIt
	case left.mayRun():
		result.Reason += "; it could not be ended: " + brief(left.err)
		result.NextStep = s.errand.words.at().endIt
	}
	if left.run.Status.Terminal() {
		s.addUsage(ctx, &result, cancelGrace)
	}
	return result
}
