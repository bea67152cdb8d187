package simulator

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
)

// push is a branch that the agent pushed, and the pull request opened from it.
type push struct {
	repo     string // host/owner/name
	branch   string
	prURL    string // "" when none is ever opened
	pushedAt time.Time
	openedAt time.Time // when the pull request shows
}

// git is what shows of the agent's pushes at a moment.
func (a *agent) git(at time.Time) []push {
	var shown []push
	for _, p := range a.pushes {
		if p.pushedAt.After(at) {
			continue
		}
		if p.openedAt.After(at) {
			p.prURL = ""
		}
		shown = append(shown, p)
	}
	return shown
}

// repo is the repository the agent works on as host/owner/name, "" for none.
func (a *agent) repo(s *Server) string {
	switch {
	case len(a.request.Repos) > 0:
		return repoPath(a.request.Repos[0].URL)
	case a.request.Env != nil && a.request.Env.Name != "" && len(s.config.Repositories) > 0:
		return repoPath(s.config.Repositories[0])
	}
	return ""
}

// ref is the branch the agent starts from.
func (a *agent) ref() string {
	if len(a.request.Repos) > 0 {
		repo := a.request.Repos[0]
		if number := pullNumber(repo.PRURL); number != "" {
			return "pull/" + number + "/head" // the only name it surely has
		}
		if repo.StartingRef != "" {
			return repo.StartingRef
		}
	}
	return "main"
}

// branch is the branch that the agent pushes to when its scenario says auto.
func (a *agent) branch() string {
	switch {
	case a.request.WorkOnCurrentBranch:
		return a.ref()
	case a.request.Branch != "":
		return a.request.Branch
	}
	return branchName(a.request.Prompt.Text, a.id)
}

// push pushes the branch of the scenario at the end of a run, and opens the
// pull request if one was asked for.
func (s *Server) push(a *agent, scenario *Scenario, at time.Time) {
	repo := a.repo(s)
	if repo == "" || scenario.Branch == "" {
		return
	}
	p := push{repo: repo, branch: scenario.Branch, pushedAt: at, openedAt: at.Add(s.scaled(scenario.PRAfter))}
	if p.branch == "auto" {
		p.branch = a.branch()
	}
	switch {
	case a.request.WorkOnCurrentBranch && len(a.request.Repos) > 0 && a.request.Repos[0].PRURL != "":
		p.prURL = a.request.Repos[0].PRURL
	case a.request.AutoCreatePR && scenario.PullRequest.Open:
		p.prURL = scenario.PullRequest.address(repo, a.id)
	}
	i := slices.IndexFunc(a.pushes, func(old push) bool { return old.branch == p.branch })
	if i < 0 {
		a.pushes = append(a.pushes, p)
		return
	}
	// A branch that exists is pushed to again; a pull request from it stays.
	if a.pushes[i].prURL == "" {
		a.pushes[i].prURL, a.pushes[i].openedAt = p.prURL, p.openedAt
	}
}

// address is the pull request's URL.
func (pr PullRequest) address(repo, agentID string) string {
	if pr.URL != "" {
		return pr.URL
	}
	number := pr.Number
	if number == 0 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(agentID))
		number = 100 + int(h.Sum32()%900)
	}
	return "https://" + repo + "/pull/" + strconv.Itoa(number)
}

// repoPath is a repository's URL without scheme and .git, as runs name it.
func repoPath(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	return strings.TrimSuffix(strings.TrimSuffix(url, "/"), ".git")
}

// pullNumber is the number at the end of a pull request's URL, "" when the URL
// is not one. It knows the paths of the forges that Cursor works with.
func pullNumber(url string) string {
	segments := strings.Split(strings.TrimSuffix(url, "/"), "/")
	if len(segments) < 5 {
		return ""
	}
	number, kind := segments[len(segments)-1], segments[len(segments)-2]
	if n, err := strconv.Atoi(number); err != nil || n < 1 {
		return ""
	}
	if !slices.Contains([]string{"pull", "pulls", "pull-requests", "pullrequest", "merge_requests"}, kind) {
		return ""
	}
	return number
}
