package agent

import (
	"context"
	"slices"

	"cursor-agent-action/internal/cursor"
)

// maxMissing is how many generations in a row must be missing before Locate
// takes it that there are no later ones: an agent that somebody deleted leaves
// a gap.
const maxMissing = 2

// Locate finds what an interrupted Launch may have left behind: every agent of
// work whose id or mark can be derived and which exists, the first generation
// first. It serves a process that was not told the agent's id. On an error it
// returns those that it has found so far.
func (a *Agents) Locate(ctx context.Context, spec Spec, work Work) ([]Handle, error) {
	var found []Handle
	if a.findBy(spec) != cursor.ByID {
		agents, err := a.allMarked(ctx, spec, work)
		for _, agent := range agents {
			run, ours, err := a.runOf(ctx, agent, spec)
			if err != nil {
				return found, err
			}
			if !ours {
				continue
			}
			found = append(found, handleOf(agent.Agent, run, agent.generation))
		}
		return found, err
	}
	missing := 0
	for generation := range maxGenerations {
		agent, err := a.client.GetAgent(ctx, DeriveID(a.key, work, spec, generation))
		if notFound(err) {
			if missing++; missing == maxMissing {
				break
			}
			continue
		}
		if err != nil {
			return found, err
		}
		run, err := a.firstRun(ctx, agent)
		if err != nil {
			return found, err
		}
		missing = 0
		found = append(found, handleOf(agent, run, generation))
	}
	return found, nil
}

// Live returns the handles whose run may still cost money.
func Live(handles []Handle) []Handle {
	return slices.DeleteFunc(slices.Clone(handles), func(handle Handle) bool { return handle.Status.Terminal() })
}
