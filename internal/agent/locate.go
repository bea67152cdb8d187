package agent

import (
	"context"
	"slices"
)

// Locate finds what an interrupted Launch may have left behind: every agent of
// work whose id or mark can be derived and which exists. It serves a process
// that was not told the agent's id. generations bounds the search; agents of
// later generations exist only where those before do.
func (a *Agents) Locate(ctx context.Context, spec Spec, work Work) ([]Handle, error) {
	var found []Handle
	for generation := range maxGenerations {
		var handle Handle
		var ok bool
		var err error
		if len(spec.EnvVars) > 0 {
			handle, ok, err = a.findByMark(ctx, mark(a.key, work, spec, generation), generation)
		} else {
			handle, ok, err = a.locate(ctx, DeriveID(a.key, work, spec, generation), generation)
		}
		if err != nil {
			return found, err
		}
		if !ok {
			return found, nil
		}
		found = append(found, handle)
	}
	return found, nil
}

// locate reads one agent by its id, if there is one.
func (a *Agents) locate(ctx context.Context, id string, generation int) (Handle, bool, error) {
	agent, err := a.client.GetAgent(ctx, id)
	if notFound(err) {
		return Handle{}, false, nil
	}
	if err != nil {
		return Handle{}, false, err
	}
	run, err := a.firstRun(ctx, agent)
	if err != nil {
		return Handle{}, false, err
	}
	return handleOf(agent, run, generation), true, nil
}

// Live returns the handles whose run may still cost money.
func Live(handles []Handle) []Handle {
	return slices.DeleteFunc(slices.Clone(handles), func(handle Handle) bool { return handle.Status.Terminal() })
}
