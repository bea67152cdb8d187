package agent

import (
	"cmp"
	"context"

	"cursor-agent-action/internal/cursor"
)

// Attach names the run of an agent that is there: the one of that id or, where
// it is "", the agent's latest. It returns the run, too, which may be over
// already. Nothing is changed by it.
func (a *Agents) Attach(ctx context.Context, existing cursor.Agent, runID string) (Handle, cursor.Run, error) {
	handle := Handle{AgentID: existing.ID, URL: existing.URL, Attached: true}
	if runID = cmp.Or(runID, existing.LatestRunID); runID == "" {
		var err error
		if runID, err = a.latestRunID(ctx, existing.ID); err != nil {
			return handle, cursor.Run{}, err
		}
	}
	run, err := a.client.GetRun(ctx, existing.ID, runID)
	if err != nil {
		return handle, cursor.Run{}, err
	}
	handle.RunID, handle.Status = run.ID, run.Status
	a.observe(Started{handle})
	return handle, run, nil
}

// SpecOf is what an agent was asked to do, as far as the agent itself tells:
// enough to judge its runs. What it was told stays unknown.
func SpecOf(existing cursor.Agent) Spec {
	spec := Spec{
		Title: markAtEnd.ReplaceAllString(existing.Name, ""), CreatePR: existing.AutoCreatePR,
		WorkOnCurrentBranch: existing.WorkOnCurrentBranch, SkipReviewerRequest: existing.SkipReviewerRequest,
	}
	if len(existing.Repos) > 0 {
		repo := existing.Repos[0]
		spec.Repository, spec.Ref, spec.PullRequest = "https://"+withoutScheme(repo.URL), repo.StartingRef, repo.PRURL
	} else if existing.Env != (cursor.Environment{}) {
		spec.Environment = &existing.Env
	}
	return spec
}

// WorksOn reports whether the agent works on the repository of that address.
func WorksOn(existing cursor.Agent, repository string) bool {
	for _, repo := range existing.Repos {
		if sameRepository(repo.URL, repository) {
			return true
		}
	}
	return false
}
