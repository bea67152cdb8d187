package simulator

import (
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// agent is one durable agent with its runs. It knows nothing of any version of
// the API. The server's mu guards it.
type agent struct {
	id        string
	name      string
	request   CreateRequest
	mode      string
	archived  bool
	deleted   bool
	createdAt time.Time
	updatedAt time.Time
	runs      []*run // oldest first, never empty
	pushes    []push
	artifacts []leftArtifact
}

// push is a branch that the agent pushed, and the pull request opened from it.
type push struct {
	repo     string // host/owner/name
	branch   string
	prURL    string // "" when none is ever opened
	pushedAt time.Time
	openedAt time.Time // when the pull request shows
}

// leftArtifact is a file with the time at which the agent left it.
type leftArtifact struct {
	Artifact
	at time.Time
}

// AgentState is the truth about one agent, for those who judge what a client
// did to it. Times are by our clock, not by the server's.
type AgentState struct {
	ID        string
	Name      string
	Scenario  string // the name of the scenario that its first run plays
	Archived  bool
	Deleted   bool
	CreatedAt time.Time
	Request   CreateRequest
	Runs      []RunState // oldest first

	// Branch and PRURL are the last that were pushed and opened, as they show
	// now.
	Branch string
	PRURL  string
}

// Agents returns all agents that were ever created, oldest first, deleted ones
// included.
func (s *Server) Agents() []AgentState {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	states := make([]AgentState, 0, len(s.agents))
	for _, a := range s.agents {
		state := AgentState{
			ID:        a.id,
			Name:      a.name,
			Scenario:  a.runs[0].scenario.Name,
			Archived:  a.archived,
			Deleted:   a.deleted,
			CreatedAt: a.createdAt,
			Request:   a.request,
		}
		for _, r := range a.runs {
			state.Runs = append(state.Runs, r.state())
		}
		for _, p := range a.git(now) {
			state.Branch, state.PRURL = p.branch, p.prURL
		}
		states = append(states, state)
	}
	return states
}

// agent returns the agent of that id, or nil when there is none or it was
// deleted. The caller holds s.mu, as for all methods below.
func (s *Server) agent(id string) *agent {
	a := s.byID[id]
	if a == nil || a.deleted {
		return nil
	}
	return a
}

// launch makes an agent and its first run. An id that was ever taken stays
// taken.
func (s *Server) launch(request CreateRequest) (*agent, *problem) {
	id := request.AgentID
	if id == "" {
		id = "bc-" + s.mintUUID("agent")
	}
	if s.byID[id] != nil {
		return nil, &problem{http.StatusConflict, "agent_id_conflict",
			"An agent with ID " + id + " already exists"}
	}
	now := time.Now()
	a := &agent{
		id:        id,
		name:      request.Name,
		request:   request,
		mode:      request.Mode,
		createdAt: now,
		updatedAt: now,
	}
	if a.name == "" {
		a.name = firstLine(request.Prompt.Text, 60)
	}
	s.agents = append(s.agents, a)
	s.byID[id] = a
	s.enqueue(a, request.Prompt)
	return a, nil
}

// followUp makes a further run, where none is live.
func (s *Server) followUp(a *agent, request RunRequest) (*run, *problem) {
	if a.archived {
		return nil, &problem{http.StatusConflict, "agent_archived",
			"Agent is archived. Unarchive it before creating a run."}
	}
	if !a.latest().terminal() {
		return nil, &problem{http.StatusConflict, "agent_busy",
			"Agent already has an active run. Wait for it to finish or cancel it."}
	}
	if request.Mode != "" {
		a.mode = request.Mode
	}
	return s.enqueue(a, request.Prompt), nil
}

// archive sets whether the agent is archived; doing so twice changes nothing.
func (a *agent) archive(archived bool) {
	if a.archived != archived {
		a.archived = archived
		a.updatedAt = time.Now()
	}
}

// remove deletes the agent for good; a live run ends.
func (s *Server) remove(a *agent) {
	if r := a.latest(); !r.terminal() {
		s.abandon(r)
	}
	a.deleted = true
	a.updatedAt = time.Now()
}

func (a *agent) latest() *run { return a.runs[len(a.runs)-1] }

// run returns the run of that id, or nil.
func (a *agent) run(id string) *run {
	for _, r := range a.runs {
		if r.id == id {
			return r
		}
	}
	return nil
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
	if a.request.WorkOnCurrentBranch {
		return a.ref()
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
	case a.request.WorkOnCurrentBranch && a.request.Repos != nil && a.request.Repos[0].PRURL != "":
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
