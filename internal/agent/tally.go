package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Tally lists when the runs were begun that the action's agents have on the pull
// request of that address, the newest first: those of agents that it launched
// from repository, "owner/name", with this key, and all their follow-ups. Where
// agents have no names, every agent of the pull request counts. The newest twenty
// of them are asked for their runs, which is a request each; an older one counts as
// the one run that it was launched with, so that no number of agents hides others.
func (a *Agents) Tally(ctx context.Context, address, repository string) ([]time.Time, error) {
	all, err := a.allOnPullRequest(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("count the agents of %s: %w", address, err)
	}
	named := a.client.Version().Lacks(cursor.FeatureName) == ""
	var begun []time.Time
	asked := 0
	for _, existing := range all {
		if _, ours := ReadMark(a.key, repository, existing.Name); named && !ours {
			continue
		}
		if asked == maxAddressees {
			begun = append(begun, existing.CreatedAt)
			continue
		}
		asked++
		runs, err := a.runs(ctx, existing.ID)
		if notFound(err) { // It was deleted since.
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("count the runs of agent %s: %w", existing.ID, err)
		}
		for _, run := range runs {
			begun = append(begun, run.CreatedAt)
		}
	}
	slices.SortFunc(begun, func(a, b time.Time) int { return b.Compare(a) })
	return begun, nil
}
