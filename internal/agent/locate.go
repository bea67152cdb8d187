package agent

import (
	"context"
	"slices"
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
	if len(spec.EnvVars) > 0 {
		agents, err := a.allNamed(ctx, spec, work)
		for _, agent := range agents {
			run, err := a.firstRun(ctx, agent.Agent)
			if err != nil {
				return found, err
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
