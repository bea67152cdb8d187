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
	counted    bool // commits and files are known
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
	err := whenLetAlone(ctx, func() (err error) {
		result, err = s.verified(ctx, result)
		return err
	})
	if err != nil {
		s.truth.unverified = s.unverifiedReason(err, result.Pushed.PRURL)
		if !errors.Is(err, errNoToken) { // Whoever takes the token away knows.
			s.runner.Info("What the agent pushed is not verified at GitHub: " + s.truth.unverified)
		}
	}
	return result
}

// errNotGitHubs says that the repository is on another host than the workflow.
var errNotGitHubs = errors.New("the repository is not on this workflow's GitHub")

// unverifiedReason is why GitHub does not tell, with what would make it. named is
// the address of the pull request that Cursor names, "" for none.
func (s *step) unverifiedReason(err error, named string) string {
	if !forbidden(err) {
		return oneLine(err)
	}
	at := s.askedRepository()
	if at.IsZero() {
		pull, _ := forge.ParsePullRequest(named, at) // It has been read before.
		at = pull.Repository
	}
	if s.elsewhere(at.Path) {
		return oneLine(err) + "; " + elsewhereAdvice("read", "contents and pull-requests", at.Path)
	}
	return oneLine(err) + "; give the job permissions: contents: read and pull-requests: read, or a github-token that may read the repository"
}

// verified is verify where GitHub answers.
func (s *step) verified(ctx context.Context, result agent.Result) (agent.Result, error) {
	hub, err := s.gitHub()
	if err != nil {
		return result, err
	}
	asked := s.askedRepository()
	var named forge.PullRequest
	if address := result.Pushed.PRURL; address != "" {
		if named, err = forge.ParsePullRequest(address, asked); err != nil {
			return result, err
		}
		if asked.IsZero() {
			asked = named.Repository
		}
	}
	if server := s.runner.Context().ServerURL; asked.IsZero() || !strings.EqualFold(asked.Server, strings.TrimSuffix(server, "/")) {
		return result, errNotGitHubs
	}
	if named.Number != 0 {
		same, err := sameToday(ctx, hub, asked, named.Repository)
		if err != nil {
			return result, err
		}
		if !same {
			return s.missing(result, fmt.Sprintf("pull request %s is in another repository than %s", named.URL(), asked.URL())), nil
		}
		return s.lookAtPullRequest(ctx, hub, named, result)
	}
	if result.Pushed.Branch == "" {
		return result, nil
	}
	why := "GitHub has no pull request of it"
	number, err := hub.FindPullRequest(ctx, asked.Path, result.Pushed.Branch)
	if err == nil && number != 0 {
		var pull forge.PullRequest
		if pull, err = hub.PullRequest(ctx, asked.Path, number); err == nil && (pull.State == "open" || pull.Merged && !pull.MergedAt.Before(result.Run.CreatedAt)) {
			// What was merged before the run began is of an earlier use of the name.
			return s.standing(pull, result), nil
		}
		if why = fmt.Sprintf("its pull request %d was closed without being merged", number); pull.Merged {
			why = fmt.Sprintf("its pull request %d was merged before this run began", number)
		}
	}
	if err != nil {
		return result, err
	}
	return s.branchOnly(ctx, hub, asked, result, why)
}

// askedRepository is where the agent was to work, zero where nobody said.
func (s *step) askedRepository() forge.Repository {
	if !s.repository.IsZero() || s.spec.Repository == "" {
		return s.repository
	}
	asked, _ := forge.ParseRepository(s.spec.Repository, s.runner.Context().ServerURL)
	return asked
}

// sameToday reports whether both are one repository, which GitHub knows by all
// the names that it has had.
func sameToday(ctx context.Context, hub *forge.GitHub, asked, named forge.Repository) (bool, error) {
	if asked.Same(named) {
		return true, nil
	}
	if !strings.EqualFold(asked.Server, named.Server) {
		return false, nil
	}
	first, err := hub.Repository(ctx, asked.Path)
	if err != nil || strings.EqualFold(first.Path, named.Path) {
		return err == nil, err
	}
	second, err := hub.Repository(ctx, named.Path)
	if gone, ok := errors.AsType[*forge.GitHubError](err); ok && gone.Status == http.StatusNotFound {
		return false, nil // Whatever it is, it is not the one that can be seen.
	}
	return err == nil && strings.EqualFold(first.Path, second.Path), err
}

// lookAtPullRequest reads the pull request, and waits for one that is late.
func (s *step) lookAtPullRequest(ctx context.Context, hub *forge.GitHub, named forge.PullRequest, result agent.Result) (agent.Result, error) {
	path, began, told := named.Repository.Path, time.Now(), false
	for {
		pull, err := hub.PullRequest(ctx, path, named.Number)
		absent, known := errors.AsType[*forge.GitHubError](err)
		switch {
		case err == nil && pull.State == "closed" && !pull.Merged:
			return s.missing(result, fmt.Sprintf("pull request %d of %s was closed without being merged", pull.Number, path)), nil
		case err == nil:
			return s.standing(pull, result), nil
		case !known || absent.Status != http.StatusNotFound:
			return result, err
		}
		if told = told || tellsOfPullRequests(ctx, hub, path); !told {
			return result, err // The token may just not see it.
		}
		if time.Since(began) >= truthWait {
			return s.missing(result, fmt.Sprintf("GitHub has no pull request %d in %s, %s after the agent's end", named.Number, path, spell(truthWait))), nil
		}
		select {
		case <-time.After(truthEvery):
		case <-ctx.Done():
			return result, context.Cause(ctx)
		}
	}
}

// tellsOfPullRequests reports whether the token is told of the repository's pull
// requests: of what it may not see GitHub says that it is not there.
func tellsOfPullRequests(ctx context.Context, hub *forge.GitHub, path string) bool {
	_, err := hub.FindPullRequest(ctx, path, "cursor/a-branch-that-nobody-has")
	return err == nil
}

// standing takes over a pull request that is there.
func (s *step) standing(pull forge.PullRequest, result agent.Result) agent.Result {
	s.truth.pull, s.truth.headSHA = pull, pull.HeadSHA
	s.truth.counted, s.truth.commits, s.truth.files = true, pull.Commits, pull.ChangedFiles
	if result.Pushed.PRURL == "" {
		result.Pushed.PRURL = pull.URL()
		if result.Outcome != agent.OutcomeSucceeded {
			s.runner.Info("GitHub has the pull request that the Cursor API does not name: " + pull.URL())
			result.Outcome, result.Unseen = agent.OutcomeSucceeded, nil
		}
	}
	result.Pushed.Unproven = false
	if result.Pushed.Branch == "" {
		result.Pushed.Branch = pull.HeadRef
	}
	return result
}

// branchOnly tells what stands on a branch without a pull request; why says what
// is known of that.
func (s *step) branchOnly(ctx context.Context, hub *forge.GitHub, at forge.Repository, result agent.Result, why string) (agent.Result, error) {
	base, branch := s.spec.Ref, result.Pushed.Branch
	if base == "" {
		facts, err := hub.Repository(ctx, at.Path)
		if err != nil {
			return result, err
		}
		base = facts.DefaultBranch
	}
	difference, err := hub.Compare(ctx, at.Path, base, branch)
	if gone, ok := errors.AsType[*forge.GitHubError](err); ok && gone.Status == http.StatusNotFound && tellsOfPullRequests(ctx, hub, at.Path) {
		if result.Pushed.Unproven { // The API names the branch whether or not it was pushed.
			return s.nothingPushed(result), nil
		}
		return result, fmt.Errorf("GitHub has no branch %s, or no %s to compare it with, in %s", brevity(branch), brevity(base), at.Path)
	}
	if err != nil {
		return result, err
	}
	if result.Pushed.Unproven && base != branch && difference.Commits == 0 {
		return s.nothingPushed(result), nil
	}
	s.truth.headSHA = difference.HeadSHA
	if base != branch { // What is on a branch that it began from nobody can tell.
		s.truth.counted, s.truth.commits, s.truth.files = true, difference.Commits, difference.ChangedFiles
		result.Pushed.Unproven = false
	}
	if result.Outcome == agent.OutcomePRMissing {
		result = s.missing(result, fmt.Sprintf("the agent pushed %s to %s, but %s", plural(difference.Commits, "commit"), brevity(branch), why))
	}
	return result, nil
}

// nothingPushed is the verdict where the branch that the agent was to push to is
// not there, or has nothing of its own.
func (s *step) nothingPushed(result agent.Result) agent.Result {
	setOutputs(s.runner, []output{{"branch", ""}}) // It was handed on before GitHub was asked.
	result.Pushed = agent.Pushed{}
	if result.Outcome == agent.OutcomePRMissing {
		result.Outcome, result.Unseen = agent.OutcomeNoChanges, nil
	}
	return result
}

// missing is the verdict on a pull request that is not there. Where none was
// asked for it is only what the log says.
func (s *step) missing(result agent.Result, why string) agent.Result {
	if result.Pushed.PRURL != "" { // It was handed on before GitHub was asked.
		setOutputs(s.runner, []output{{"pr-url", ""}, {"pr-number", ""}})
	}
	if !s.spec.CreatePR {
		s.runner.Warning(why)
		result.Pushed.PRURL = ""
		return result
	}
	result.Outcome, result.Unseen, result.Pushed.PRURL = agent.OutcomePRMissing, nil, ""
	result.Reason = why
	result.Left = "nothing is left running: " + where(result.Handle)
	result.NextStep = "open one from the branch, or ask the agent to"
	if address := compareURL(s.askedRepository(), s.spec.Ref, result.Pushed.Branch); address != "" {
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
