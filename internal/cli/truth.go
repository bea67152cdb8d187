package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

const (
	// truthWait is how long a pull request that Cursor names may be missing at
	// GitHub, and truthEvery how often it is looked for.
	truthWait  = 30 * time.Second
	truthEvery = 5 * time.Second
	// truthPatience bounds all of it: an agent's verdict does not wait longer for
	// a GitHub that does not answer.
	truthPatience = time.Minute
)

// truth is what GitHub says of what the agent pushed. Where it says nothing, the
// Cursor API's word is passed on, and unverified says why.
type truth struct {
	asked      bool   // there is something to verify
	unverified string // why GitHub does not say, "" where it does
	pull       forge.PullRequest
	headSHA    string
	commits    int
	files      int
}

// verify holds what the Cursor API says of the branch and the pull request
// against what GitHub says. Where both differ GitHub is right: a pull request
// that is not there, is closed, or is in another repository than asked is none,
// and one that only GitHub knows of is one.
func (s *step) verify(ctx context.Context, result agent.Result) agent.Result {
	if s.attended || result.Run.Status != cursor.RunFinished || result.Pushed == (agent.Pushed{}) || ctx.Err() != nil {
		return result
	}
	switch result.Outcome {
	case agent.OutcomeSucceeded, agent.OutcomeNoChanges, agent.OutcomePRMissing:
	case agent.OutcomeAPIError: // The API let nobody look for the pull request.
	default:
		return result
	}
	s.truth.asked = true
	ctx, cancel := context.WithTimeout(ctx, truthPatience)
	defer cancel()
	result, err := s.verified(ctx, result)
	if err != nil {
		s.truth.unverified = unverifiedReason(err)
		if !errors.Is(err, errNoToken) { // Whoever takes the token away knows.
			s.runner.Info("What the agent pushed is not verified at GitHub: " + s.truth.unverified)
		}
	}
	return result
}

// errNotGitHubs says that the repository is on another host than the workflow.
var errNotGitHubs = errors.New("the repository is not on this workflow's GitHub")

// unverifiedReason is why GitHub does not tell, with what would make it.
func unverifiedReason(err error) string {
	refused, ok := errors.AsType[*forge.GitHubError](err)
	if ok && (refused.Status == http.StatusForbidden && !refused.Limited || refused.Status == http.StatusNotFound) {
		return oneLine(err) + "; give the job permissions: contents: read and pull-requests: read, or a github-token that may read the repository"
	}
	return oneLine(err)
}

// verified is verify where GitHub answers.
func (s *step) verified(ctx context.Context, result agent.Result) (agent.Result, error) {
	hub, err := s.gitHub()
	if err != nil {
		return result, err
	}
	asked := s.repository
	if address := result.Pushed.PRURL; address != "" {
		pull, err := forge.ParsePullRequest(address, asked)
		switch {
		case err != nil:
			return result, err
		case asked.IsZero():
			asked = pull.Repository
		case !pull.Repository.Same(asked):
			// The repository may have been renamed, and then GitHub knows it by both.
			facts, err := hub.Repository(ctx, asked.Path)
			if err != nil {
				return result, err
			}
			if !strings.EqualFold(facts.Path, pull.Repository.Path) {
				return s.missing(result, fmt.Sprintf("pull request %s is in another repository than %s", address, asked.URL())), nil
			}
			asked = pull.Repository
		}
	}
	if server := s.runner.Context().ServerURL; asked.IsZero() || !strings.EqualFold(asked.Server, strings.TrimSuffix(server, "/")) {
		return result, errNotGitHubs
	}
	number := forge.PullRequestNumber(result.Pushed.PRURL)
	if number == 0 && result.Pushed.Branch != "" {
		if number, err = hub.FindPullRequest(ctx, asked.Path, result.Pushed.Branch); err != nil {
			return result, err
		}
	}
	if number == 0 {
		return s.branchOnly(ctx, hub, asked, result)
	}
	return s.lookAtPullRequest(ctx, hub, asked, number, result)
}

// lookAtPullRequest reads the pull request, and waits for one that is late.
func (s *step) lookAtPullRequest(ctx context.Context, hub *forge.GitHub, at forge.Repository, number int, result agent.Result) (agent.Result, error) {
	began := time.Now()
	for {
		pull, err := hub.PullRequest(ctx, at.Path, number)
		missing, known := errors.AsType[*forge.GitHubError](err)
		switch {
		case err == nil:
			return s.standing(pull, at, result), nil
		case !known || missing.Status != http.StatusNotFound:
			return result, err
		}
		if facts, factsErr := hub.Repository(ctx, at.Path); factsErr != nil || facts.Private && !s.mayReadPullRequests(ctx, hub, at) {
			return result, err // The token may just not see it.
		}
		if time.Since(began) >= truthWait {
			return s.missing(result, fmt.Sprintf("GitHub knows no pull request %d in %s, %s after the agent's end", number, at.Path, spell(truthWait))), nil
		}
		select {
		case <-time.After(truthEvery):
		case <-ctx.Done():
			return result, context.Cause(ctx)
		}
	}
}

// mayReadPullRequests reports whether the token is told of pull requests at all:
// of what it may not see GitHub says that it is not there.
func (s *step) mayReadPullRequests(ctx context.Context, hub *forge.GitHub, at forge.Repository) bool {
	_, err := hub.FindPullRequest(ctx, at.Path, "cursor/a-branch-that-nobody-has")
	return err == nil
}

// standing judges a pull request that is there.
func (s *step) standing(pull forge.PullRequest, at forge.Repository, result agent.Result) agent.Result {
	if pull.State == "closed" && !pull.Merged {
		if result.Pushed.PRURL == "" { // An older one of the same branch.
			return result
		}
		return s.missing(result, fmt.Sprintf("pull request %d of %s was closed without being merged", pull.Number, at.Path))
	}
	s.truth.pull, s.truth.headSHA, s.truth.commits, s.truth.files = pull, pull.HeadSHA, pull.Commits, pull.ChangedFiles
	switch {
	case result.Pushed.PRURL != "":
	case result.Outcome == agent.OutcomePRMissing || result.Outcome == agent.OutcomeAPIError || result.Outcome == agent.OutcomeNoChanges:
		s.runner.Info("GitHub has the pull request that the Cursor API does not name: " + pull.URL())
		result.Pushed.PRURL = pull.URL()
		result.Outcome, result.Unseen = agent.OutcomeSucceeded, nil
	default:
		result.Pushed.PRURL = pull.URL()
	}
	if result.Pushed.Branch == "" {
		result.Pushed.Branch = pull.HeadRef
	}
	return result
}

// branchOnly tells what stands on a branch without a pull request.
func (s *step) branchOnly(ctx context.Context, hub *forge.GitHub, at forge.Repository, result agent.Result) (agent.Result, error) {
	base := s.spec.Ref
	if base == "" || result.Pushed.Branch == "" {
		return result, nil
	}
	difference, err := hub.Compare(ctx, at.Path, base, result.Pushed.Branch)
	if gone, ok := errors.AsType[*forge.GitHubError](err); ok && gone.Status == http.StatusNotFound && result.Pushed.Unproven {
		return result, nil // The API names the branch whether or not it was pushed.
	}
	if err != nil {
		return result, err
	}
	s.truth.headSHA, s.truth.commits, s.truth.files = difference.HeadSHA, difference.Commits, difference.ChangedFiles
	if result.Outcome == agent.OutcomePRMissing {
		result = s.missing(result, fmt.Sprintf("the agent pushed %s to %s, but GitHub has no pull request of it", plural(difference.Commits, "commit"), brevity(result.Pushed.Branch)))
	}
	return result, nil
}

// missing is the verdict on a pull request that is not there. Where none was
// asked for it is only what the log says.
func (s *step) missing(result agent.Result, why string) agent.Result {
	if !s.spec.CreatePR {
		s.runner.Warning(why)
		result.Pushed.PRURL = ""
		return result
	}
	result.Outcome, result.Unseen, result.Pushed.PRURL = agent.OutcomePRMissing, nil, ""
	result.Reason = why
	result.Left = "nothing is left running: " + where(result.Handle)
	result.NextStep = "open one from the branch, or ask the agent to"
	if address := compareURL(s.repository, s.spec.Ref, result.Pushed.Branch); address != "" {
		result.NextStep = "open one at " + address + ", or ask the agent to"
	}
	return result
}

// compareURL is the page on which a pull request of the branch is opened, "" when
// it is not known.
func compareURL(repository forge.Repository, base, branch string) string {
	if repository.IsZero() || branch == "" {
		return ""
	}
	escape := func(name string) string { return strings.ReplaceAll(url.PathEscape(name), "%2F", "/") }
	if base == "" {
		return repository.URL() + "/compare/" + escape(branch) + "?expand=1"
	}
	return repository.URL() + "/compare/" + escape(base) + "..." + escape(branch) + "?expand=1"
}
