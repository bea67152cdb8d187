package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cursor-agent-action/internal/cursor"
)

// ErrNoAgent says that no agent works on a pull request which takes follow-ups.
var ErrNoAgent = errors.New("no agent that is not archived works on it")

// maxAddressees bounds how many agents of a pull request are looked at, of the
// newest.
const maxAddressees = 20

// OnPullRequest lists the agents that work on the pull request of that address
// or have opened it, the newest first, archived ones too, as far as a list has
// them: without their repositories.
func (a *Agents) OnPullRequest(ctx context.Context, address string) ([]cursor.Agent, error) {
	all, err := a.allOnPullRequest(ctx, address)
	return all[:min(len(all), maxAddressees)], err
}

// allOnPullRequest is OnPullRequest of as many agents as are listed at all.
func (a *Agents) allOnPullRequest(ctx context.Context, address string) ([]cursor.Agent, error) {
	var all []cursor.Agent
	timeless := false
	for existing, err := range a.client.ListAgents(ctx, cursor.ListAgentsOptions{PRURL: address}) {
		if err != nil {
			return nil, err
		}
		timeless = timeless || existing.CreatedAt.IsZero()
		if all = append(all, existing); len(all) == maxListed {
			break
		}
	}
	if !timeless {
		slices.SortStableFunc(all, func(a, b cursor.Agent) int { return b.CreatedAt.Compare(a.CreatedAt) })
	}
	return all, nil
}

// Addressee is the agent that a follow-up to those of a pull request goes to:
// the newest that is not archived, but on a re-run the one that an earlier
// attempt sent it to, because somebody may have launched a newer one or
// archived that one since. Without any the error is ErrNoAgent.
func (a *Agents) Addressee(ctx context.Context, address string, f FollowUp) (cursor.Agent, error) {
	all, err := a.OnPullRequest(ctx, address)
	if err != nil {
		return cursor.Agent{}, err
	}
	if f.Work.Rerun {
		sent, err := a.LocateFollowUpAmong(ctx, all, f)
		switch {
		case errors.Is(err, ErrMaybeSent):
			return cursor.Agent{}, fmt.Errorf("follow up: %w", err)
		case err != nil:
			return cursor.Agent{}, fmt.Errorf("follow up: an earlier attempt may have sent it, but %w: %w", errUnread, err)
		case len(sent) > 0:
			return a.client.GetAgent(ctx, sent[0].AgentID)
		}
	}
	for _, listed := range all {
		if listed.Status == cursor.AgentArchived {
			continue
		}
		existing, err := a.client.GetAgent(ctx, listed.ID)
		if !notFound(err) { // It was deleted since.
			return existing, err
		}
	}
	return cursor.Agent{}, fmt.Errorf("look for the agent of %s: %w", address, ErrNoAgent)
}

// LocateFollowUpAmong is LocateFollowUp for several agents, by the follow-up's
// own marks. Doubts about one agent count where no other has it.
func (a *Agents) LocateFollowUpAmong(ctx context.Context, agents []cursor.Agent, f FollowUp) ([]Handle, error) {
	marks := a.Marks(f)
	var doubt error
	for _, existing := range agents {
		found, err := a.LocateFollowUp(ctx, existing.ID, f.Known, marks)
		switch {
		case errors.Is(err, ErrMaybeSent):
			doubt = err
		case notFound(err):
		case err != nil || len(found) > 0:
			return found, err
		}
	}
	return nil, doubt
}
