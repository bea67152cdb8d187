package simulator

import (
	"cmp"
	"iter"
	"net/http"
	"slices"
	"time"
)

// agent is one durable agent with its runs. It knows nothing of any version of
// the API. The server's mu guards it.
type agent struct {
	id        string
	name      string
	request   CreateRequest
	mode      string // agent or plan, of the latest run
	archived  bool
	deleted   bool
	createdAt time.Time
	updatedAt time.Time
	runs      []*run // oldest first, never empty
	pushes    []push
	artifacts []leftArtifact
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
	if s.scenario.Account.NoEnvVars {
		request.EnvVars = nil
	}
	now := time.Now()
	a := &agent{
		id:        id,
		name:      request.Name,
		request:   request,
		mode:      cmp.Or(request.Mode, "agent"),
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
func (s *Server) followUp(a *agent, prompt Prompt, mode string) (*run, *problem) {
	if a.archived {
		return nil, &problem{http.StatusConflict, "agent_archived",
			"Agent is archived. Unarchive it before creating a run."}
	}
	if !a.latest().terminal() {
		return nil, &problem{http.StatusConflict, "agent_busy",
			"Agent already has an active run. Wait for it to finish or cancel it."}
	}
	if mode != "" {
		a.mode = mode
	}
	return s.enqueue(a, prompt), nil
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
	for r := range a.live() {
		s.abandon(r)
	}
	a.deleted = true
	a.updatedAt = time.Now()
}

// live yields the runs that are not over: one at most, and those that version 0
// has wait for its end. The last one comes first, so that none of them begins
// while they are being ended.
func (a *agent) live() iter.Seq[*run] {
	return func(yield func(*run) bool) {
		for _, r := range slices.Backward(a.runs) {
			if !r.terminal() && !yield(r) {
				return
			}
		}
	}
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
