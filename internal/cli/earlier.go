package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// hasEarlier looks, when a job is run again, for the run that an earlier attempt
// began and that is at work or has finished. The step takes that one and begins
// no other: its event passed the gate before, nothing new is paid for, and what
// the agent was told is done. So neither GitHub nor the prompt is needed. Where
// neither would be, it looks for nothing: the launch does that by itself.
func (s *step) hasEarlier(ctx context.Context) bool {
	if !s.errand.gated || !s.work.Rerun || s.dryRun || s.unready != nil {
		return false
	}
	if s.gate.Free(s.event) && !s.compose.needed() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, min(gatePatience, time.Until(s.deadline())))
	defer cancel()
	var found []agent.Handle
	var err error
	for _, wait := range lostLooks() { // A new run shows late in its agent's conversation.
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false
		}
		if found, err = s.errand.locate(s, ctx); !errors.Is(err, agent.ErrMaybeSent) {
			break // Another error is met again by the launch, which knows what to say of it.
		}
	}
	i := slices.IndexFunc(found, func(h agent.Handle) bool {
		return !h.Status.Terminal() || h.Status == cursor.RunFinished
	})
	if i < 0 {
		return false
	}
	s.earlier = found[i]
	s.earlier.Attached = true
	return true
}

// begin comes to the run: to the one of an earlier attempt, or to a new one.
func (s *step) begin(ctx context.Context) (agent.Handle, error) {
	if s.earlier.RunID != "" {
		return s.errand.take(s, ctx)
	}
	return s.errand.begin(s, ctx)
}

// takeEarlier attaches to the run of an earlier attempt.
func (s *step) takeEarlier(context.Context) (agent.Handle, error) {
	s.observe(agent.Found{Handle: s.earlier})
	s.observe(agent.Started{Handle: s.earlier})
	return s.earlier, nil
}

// takeFollowUp is takeEarlier for a follow-up, or for the launch that took its
// place.
func (s *step) takeFollowUp(ctx context.Context) (agent.Handle, error) {
	if s.launchIfNone {
		launched, err := s.agents.Locate(ctx, s.spec, s.work)
		if err == nil && slices.ContainsFunc(launched, func(h agent.Handle) bool { return h.RunID == s.earlier.RunID }) {
			s.becomeLaunch()
			return s.takeEarlier(ctx)
		}
	}
	existing, err := s.client.GetAgent(ctx, s.earlier.AgentID)
	if err != nil {
		return s.earlier, err
	}
	if err := s.adopt(existing); err != nil {
		return s.earlier, err
	}
	s.spec.Title = "" // The prompt says better what this is about.
	return s.takeEarlier(ctx)
}
