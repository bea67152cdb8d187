package agent

import (
	"context"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Result is what came of a piece of work, as far as it is known.
type Result struct {
	Handle
	Outcome Outcome
	// Reason says in one line why the outcome is not a success, Left what is
	// left behind, and NextStep what to do; all are "" when it is one. They are
	// the words of whoever runs the agent, who knows what its user can do: this
	// package leaves them empty.
	Reason, Left, NextStep string
	Run                    cursor.Run
	Pushed                 Pushed
	// Awaited is how long a pull request that is missing was waited for. It
	// was not to the end where the run finished and the outcome is
	// OutcomeCancelled.
	Awaited time.Duration
	// Unseen is why it is not known whether the pull request is there, nil
	// where it is. The outcome is OutcomeAPIError then.
	Unseen error
	// Object is the JSON that the answer ends with, where a form of it was asked
	// for and it has that form; "" otherwise. Who asked for it sets it.
	Object string
	// Usage is nil when the API would not say; UsageProblem then says why.
	Usage        *cursor.Usage
	UsageProblem error
}

// Pushed is the branch and pull request that count as the result: those of the
// repository that the agent was asked to work on.
type Pushed struct {
	Branch string
	PRURL  string
	// Unproven is true where the API names the branch also when nothing was
	// pushed to it, and no pull request shows that something was.
	Unproven bool
}

// pushedTo picks the entry of the asked repository; of several, as a stack of
// pull requests gives, the last with a pull request, since it holds the others.
// Where no entry names that repository (it was renamed, or the environment
// brought its own) all count. An address that is not https is none, and neither
// is the pull request that the agent began from, unless it was to push there.
func pushedTo(spec Spec, branches []cursor.GitBranch) Pushed {
	ours := slices.DeleteFunc(slices.Clone(branches), func(branch cursor.GitBranch) bool {
		return !sameRepository(spec.Repository, branch.RepoURL)
	})
	if len(ours) == 0 {
		ours = branches
	}
	var picked Pushed
	for _, branch := range ours {
		begun := spec.PullRequest != "" && normalRepository(branch.PRURL) == normalRepository(spec.PullRequest)
		if !strings.HasPrefix(branch.PRURL, "https://") || begun && !spec.WorkOnCurrentBranch {
			branch.PRURL = ""
		}
		if branch.PRURL != "" || picked.PRURL == "" {
			picked = Pushed{Branch: branch.Branch, PRURL: branch.PRURL, Unproven: branch.Unproven && branch.PRURL == ""}
		}
	}
	return picked
}

// sameRepository compares addresses that the API writes with and without a
// scheme, and users with and without .git.
func sameRepository(a, b string) bool {
	return normalRepository(a) == normalRepository(b)
}

func normalRepository(address string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(withoutScheme(address), "/"), ".git"))
}

func withoutScheme(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		return rest
	}
	return address
}

// prWait is how long a pull request may come after the run that opens it: the
// API reports FINISHED first at times.
const prWait = 30 * time.Second

// awaitPullRequest looks again at a finished run that has no pull request yet
// though one was asked for, for up to 30 s, with growing waits. It returns the
// newest state of the run, and why the last look was not answered, if it was
// not: then nobody knows whether the pull request is there.
func (a *Agents) awaitPullRequest(ctx context.Context, spec Spec, run cursor.Run) (_ cursor.Run, unseen error) {
	deadline := time.Now().Add(prWait)
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(lookPatience)) // for the last look
	defer cancel()
	for wait := time.Second; ; wait = min(2*wait, 8*time.Second) {
		if !missesPullRequest(spec, run) {
			return run, nil
		}
		wait = min(wait, time.Until(deadline))
		if wait <= 0 || !sleep(ctx, wait) {
			return run, unseen
		}
		a.observe(AwaitingPullRequest{Remaining: time.Until(deadline)})
		var newer cursor.Run
		newer, unseen = a.client.GetRun(ctx, run.AgentID, run.ID)
		if unseen == nil && newer.Status.Terminal() {
			newer.AgentID = run.AgentID // It is not always told.
			run = completed(newer, run)
		}
	}
}

// expectsPullRequest reports whether the run is to end with a pull request. One
// that drafts a plan pushes nothing: what was asked for holds for the run that
// carries the plan out.
func (s Spec) expectsPullRequest() bool { return s.CreatePR && s.Mode != "plan" }

// missesPullRequest reports whether the run has finished without the pull
// request that was asked for.
func missesPullRequest(spec Spec, run cursor.Run) bool {
	return run.Status == cursor.RunFinished && spec.expectsPullRequest() && pushedTo(spec, run.Git).PRURL == ""
}

// usageLooks are the waits before each look at the usage: the first at once,
// the others because the API answers zeros until it has counted.
var usageLooks = []time.Duration{0, time.Second, 2 * time.Second}

// usagePatience bounds what the usage may cost in time: it is nice to know.
const usagePatience = 10 * time.Second

// AddUsage reads what the agent has used in its runs into result. What can't be read is told
// in UsageProblem; it never changes the verdict.
func (a *Agents) AddUsage(ctx context.Context, result *Result) {
	if result.AgentID == "" {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, usagePatience, noAnswer(usagePatience))
	defer cancel()
	for _, wait := range usageLooks {
		if wait > 0 && !sleep(ctx, wait) {
			return
		}
		// Of all the agent's runs: those before ours were paid for too.
		usage, err := a.client.Usage(ctx, result.AgentID, "")
		if err != nil {
			if result.Usage == nil {
				result.UsageProblem = err
			}
			return
		}
		result.Usage = new(usage)
		if tokens, _ := result.Tokens(); tokens.TotalTokens > 0 || !result.Run.Status.Terminal() {
			return
		}
	}
}

// Tokens is what the run used, and whether the API says it. The agent's figures
// are the run's only where none are told by the run.
func (r Result) Tokens() (tokens cursor.TokenUsage, known bool) {
	if r.Usage == nil {
		return cursor.TokenUsage{}, false
	}
	switch i := r.usageOfRun(); {
	case i >= 0:
		return r.Usage.Runs[i].Usage, true
	case len(r.Usage.Runs) > 0:
		return cursor.TokenUsage{}, true // Ours is not counted yet.
	}
	return r.Usage.Total, true
}

// CostCents is what the run was charged, in US cents, and whether the API says
// it. The agent's cost is the run's where that is its only run.
func (r Result) CostCents() (cents float64, known bool) {
	if r.Usage == nil {
		return 0, false
	}
	cost := r.Usage.Cost
	switch i := r.usageOfRun(); {
	case i >= 0 && (r.Usage.Runs[i].Cost != nil || len(r.Usage.Runs) > 1):
		cost = r.Usage.Runs[i].Cost
	case i < 0 && len(r.Usage.Runs) > 0:
		cost = nil // It is that of other runs.
	}
	if cost == nil || cost.ChargedCents == nil {
		return 0, false
	}
	return *cost.ChargedCents, true
}

// usageOfRun is the place of our run in the usage, -1 when it isn't there.
func (r Result) usageOfRun() int {
	return slices.IndexFunc(r.Usage.Runs, func(run cursor.RunUsage) bool { return run.ID == r.RunID })
}

// sleep waits and reports whether it could to the end.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
