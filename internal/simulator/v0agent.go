package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// v0Agent is an agent as version 0 gives it, which has no runs: the agent has
// the state of one.
type v0Agent struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Status    string   `json:"status"`
	Source    v0Source `json:"source"`
	Target    v0Target `json:"target"`
	Summary   string   `json:"summary,omitempty"`
	CreatedAt string   `json:"createdAt"`
}

type v0Source struct {
	Repository string `json:"repository,omitempty"`
	Ref        string `json:"ref,omitempty"`
}

type v0Target struct {
	BranchName            string `json:"branchName,omitempty"`
	URL                   string `json:"url"`
	PRURL                 string `json:"prUrl,omitempty"`
	AutoCreatePR          bool   `json:"autoCreatePr"`
	OpenAsCursorGithubApp bool   `json:"openAsCursorGithubApp"`
	SkipReviewerRequest   bool   `json:"skipReviewerRequest"`
}

type v0Agents struct {
	Agents     []v0Agent `json:"agents"`
	NextCursor string    `json:"nextCursor,omitempty"`
}

// v0Agent writes an agent as it was at a moment. The caller holds s.mu, as for
// all of these.
//
// The branch is named from the start, whether or not anything is ever pushed.
func (s *Server) v0Agent(a *agent, at time.Time) v0Agent {
	shown := a.shown(at)
	w := v0Agent{
		ID:        a.id,
		Name:      a.name,
		Status:    shown.status(at),
		Source:    v0Source{Ref: a.ref()},
		Target:    v0Target{URL: "https://cursor.com/agents?id=" + a.id, BranchName: a.branch()},
		CreatedAt: s.stamp(a.createdAt),
	}
	if w.Status == statusCancelled {
		w.Status = cmp.Or(shown.scenario.Cancel.ShownAs, statusFinished)
	}
	if repo := a.repo(s); repo == "" {
		w.Source.Ref, w.Target.BranchName = "", ""
	} else {
		w.Source.Repository = "https://" + repo
	}
	if len(a.request.Repos) > 0 && a.request.Repos[0].PRURL != "" {
		w.Source.Ref, w.Target.PRURL = "", a.request.Repos[0].PRURL
	}
	for _, p := range a.git(at) {
		w.Target.BranchName, w.Target.PRURL = p.branch, cmp.Or(p.prURL, w.Target.PRURL)
	}
	w.Target.AutoCreatePR = a.request.AutoCreatePR
	w.Target.OpenAsCursorGithubApp = a.request.OpenAsCursorGithubApp
	w.Target.SkipReviewerRequest = a.request.SkipReviewerRequest
	for _, r := range slices.Backward(a.runs) {
		if r.ended(at) && r.result != "" {
			w.Summary = r.result
			break
		}
	}
	return w
}

// shown is the run whose state is the agent's: a follow-up that has not begun
// leaves the end of the run before it in place.
func (a *agent) shown(at time.Time) *run {
	for _, r := range slices.Backward(a.runs) {
		if r.status(at) != statusCreating {
			return r
		}
	}
	return a.runs[0]
}

// v0AgentFor is an agent as a rule of the scenario has the request see it. The
// caller holds s.mu.
func (s *Server) v0AgentFor(x *exchange, a *agent) v0Agent {
	at := s.seenAt(x, a.latest())
	shown := s.v0Agent(a, at)
	if x.says != "" && !a.shown(at).ended(at) {
		shown.Status = x.says
		x.record.Fault = "says " + x.says
	}
	return shown
}

func (s *Server) v0CreateAgent(x *exchange) answer {
	if p := s.checkLaunch(x.body); p != nil {
		return p.answer()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, p := s.launch(x.sent)
	if p != nil {
		return p.answer()
	}
	x.record.AgentID, x.record.RunID = a.id, a.latest().id
	return reply(http.StatusCreated, s.v0Agent(a, a.createdAt))
}

// withPresent runs a handler with the agent that the path names, under s.mu,
// where the specification tells an agent that was deleted or archived from one
// that never was.
func (s *Server) withPresent(x *exchange, handle func(*agent) answer) answer {
	s.mu.Lock()
	a := s.byID[x.params["id"]]
	var p *problem
	switch {
	case a == nil: // withAgent says so
	case a.deleted:
		p = &problem{http.StatusConflict, "agent_deleted", "Agent is deleted"}
	case a.archived:
		p = &problem{http.StatusConflict, "agent_archived", "Agent is archived"}
	}
	s.mu.Unlock()
	if p != nil {
		return p.answer()
	}
	return s.withAgent(x, handle)
}

func (s *Server) v0GetAgent(x *exchange) answer {
	return s.withAgent(x, func(a *agent) answer { return reply(http.StatusOK, s.v0AgentFor(x, a)) })
}

func (s *Server) v0DeleteAgent(x *exchange) answer {
	return s.withPresent(x, func(a *agent) answer {
		s.remove(a)
		return reply(http.StatusOK, v1ID{a.id})
	})
}

// v0FollowUp takes a prompt at any time: while a run is live, the new one waits
// for its end.
func (s *Server) v0FollowUp(x *exchange) answer {
	if p := checkFollowUp(x.body); p != nil {
		return p.answer()
	}
	return s.withPresent(x, func(a *agent) answer {
		x.record.RunID = s.enqueue(a, x.sent.Prompt).id
		return reply(http.StatusOK, v1ID{a.id})
	})
}

// v0StopAgent cancels all live runs, and has nothing to do where there are none.
func (s *Server) v0StopAgent(x *exchange) answer {
	if p := checkEmptyBody(x.body); p != nil {
		return p.answer()
	}
	return s.withPresent(x, func(a *agent) answer {
		for r := range a.live() {
			if p := s.requestCancel(r); p != nil {
				return p.answer()
			}
		}
		return reply(http.StatusOK, v1ID{a.id})
	})
}

func (s *Server) v0ListAgents(x *exchange) answer {
	q := query{values: x.r.URL.Query()}
	limit, cursor, prURL := q.limit(), q.text("cursor"), q.url("prUrl")
	if q.problem != nil {
		return q.problem.answer()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	matching := func(a *agent) bool { return !a.deleted && (prURL == "" || a.hasPR(prURL, now)) }
	items, next, p := page(s.agents, (*agent).key, matching, limit, cursor)
	if p != nil {
		return p.answer()
	}
	list := v0Agents{Agents: []v0Agent{}, NextCursor: next}
	for _, a := range items {
		list.Agents = append(list.Agents, s.v0AgentFor(x, a))
	}
	return reply(http.StatusOK, list)
}
