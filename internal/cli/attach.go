package cli

import (
	"context"
	"errors"
	"net/http"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

// attaching is the errand of the command attach: it waits for a run that an
// earlier step, job or workflow has begun, and then answers for it as if it had
// begun it itself.
func attaching() errand {
	return errand{
		read:     readAttach,
		announce: (*step).announceAttach,
		begin:    (*step).attachTo,
		locate:   (*step).locateAttached,
		advise:   addressAdvice,
		kind:     report.Attach,
		words: words{
			nothing:   "nothing was changed",
			pretended: "nothing will be asked",
			during:    "while the agent was being looked for",
			mayBe:     "the agent may be at work",
			unseen:    "it is not to be seen",
			sought:    "the agent's run",
			again:     "run the job again, which attaches to the agent",
			anew:      "send the agent a follow-up, or launch a new one",
			same:      "run the job again, which takes the agent's result",
			better:    "or send the agent a follow-up that says more",
		},
	}
}

// readAttach reads whom to wait for.
func readAttach(runner *actions.Runner, in *actions.Inputs, c *config) {
	readAddressee(in, c)
	if !in.Set("agent-id") {
		in.Problem("agent-id", "is empty: name the agent to wait for, as the output agent-id of the step that launched it does")
	}
	c.runID = in.Text("run-id")
	if in.Set("repo") {
		readRepository(in, runner.Context(), c)
	}
	c.spec.CreatePR = in.Bool("create-pr", false)
	refuseInputs(in, "attach", "sends nothing", append([]string{"prompt", "prompt-file", "images", "mcp-servers", "pull-request"}, onlyLaunches()...)...)
	refuseGate(in, "attach")
	if !c.wait {
		in.Problem("wait", "is false, and waiting is all that command: attach does: leave it out")
	}
}

func (s *step) announceAttach() string {
	if s.runID != "" {
		return "Attaching to agent " + s.agentID + ", run " + s.runID
	}
	return "Attaching to agent " + s.agentID
}

// attachTo finds the run to wait for.
func (s *step) attachTo(ctx context.Context) (agent.Handle, error) {
	existing, err := s.client.GetAgent(ctx, s.agentID)
	if err != nil {
		return agent.Handle{AgentID: s.agentID}, err
	}
	if err := s.adopt(existing); err != nil {
		return agent.Handle{AgentID: existing.ID, URL: existing.URL}, err
	}
	handle, run, err := s.agents.Attach(ctx, existing, s.runID)
	s.attached = run
	return handle, err
}

// locateAttached is the run that the inputs name. Which one was the latest when
// the step looked, nobody knows later.
func (s *step) locateAttached(ctx context.Context) ([]agent.Handle, error) {
	if s.runID == "" {
		return nil, nil
	}
	if err := s.findCurrent(ctx); err != nil {
		return nil, err
	}
	run, err := s.client.GetRun(ctx, s.agentID, s.runID)
	if failed, ok := errors.AsType[*cursor.Error](err); ok && failed.Status == http.StatusNotFound {
		return nil, agent.ErrGone
	}
	if err != nil {
		return nil, err
	}
	return []agent.Handle{{AgentID: s.agentID, RunID: run.ID, Status: run.Status}}, nil
}
