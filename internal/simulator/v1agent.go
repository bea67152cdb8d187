package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// v1Summary is AgentSummary of the specification.
type v1Summary struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	Status      string `json:"status"`
	Env         Env    `json:"env"`
	URL         string `json:"url"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
	LatestRunID string `json:"latestRunId,omitempty"`
}

// v1Agent is Agent of the specification.
type v1Agent struct {
	v1Summary
	Repos               []Repo     `json:"repos"`
	WorkOnCurrentBranch bool       `json:"workOnCurrentBranch"`
	AutoCreatePR        bool       `json:"autoCreatePR"`
	SkipReviewerRequest bool       `json:"skipReviewerRequest"`
	CustomSubagents     []Subagent `json:"customSubagents,omitempty"`
}

type v1Created struct {
	Agent v1Agent `json:"agent"`
	Run   v1Run   `json:"run"`
}

type v1ID struct {
	ID string `json:"id"`
}

// v1Summary writes an agent. The caller holds s.mu, as for all of these.
func (s *Server) v1Summary(a *agent) v1Summary {
	summary := v1Summary{
		ID:          a.id,
		Name:        a.name,
		Status:      "ACTIVE",
		Env:         Env{Type: "cloud"},
		URL:         "https://cursor.com/agents/" + a.id,
		CreatedAt:   s.stamp(a.createdAt),
		UpdatedAt:   s.stamp(a.updatedAt),
		LatestRunID: a.latest().id,
	}
	switch {
	case a.archived:
		summary.Status = "ARCHIVED"
	case s.config.Newer && a.latest().terminal():
		summary.Status = "IDLE"
	}
	if a.request.Env != nil {
		summary.Env = *a.request.Env
	}
	return summary
}

func (s *Server) v1Agent(a *agent) v1Agent {
	repos := slices.Clone(a.request.Repos)
	if repos == nil {
		repos = []Repo{}
	}
	if s.config.Newer {
		for i := range repos {
			repos[i].URL = repoPath(repos[i].URL)
		}
	}
	return v1Agent{
		v1Summary:           s.v1Summary(a),
		Repos:               repos,
		WorkOnCurrentBranch: a.request.WorkOnCurrentBranch,
		AutoCreatePR:        a.request.AutoCreatePR,
		SkipReviewerRequest: a.request.SkipReviewerRequest,
		CustomSubagents:     a.request.CustomSubagents,
	}
}

func (s *Server) v1CreateAgent(x *exchange) answer {
	if p := s.checkCreate(x.body); p != nil {
		return p.answer()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, p := s.launch(x.sent)
	if p != nil {
		return p.answer()
	}
	x.record.AgentID, x.record.RunID = a.id, a.latest().id
	return reply(http.StatusCreated, v1Created{s.v1Agent(a), s.v1Run(a.latest(), a.createdAt)})
}

// withAgent runs a handler with the agent that the path names, under s.mu.
func (s *Server) withAgent(x *exchange, handle func(*agent) answer) answer {
	id := x.params["id"]
	if !isAgentID(id) {
		return refuse(http.StatusBadRequest, "validation_error", "%s", badAgentID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.agent(id)
	if a == nil {
		return refuse(http.StatusNotFound, "agent_not_found", "Agent not found: %s", id)
	}
	return handle(a)
}

const badAgentID = "Agent ID must be in the format bc-<uuid>, such as bc-00000000-0000-0000-0000-000000000001"

func (s *Server) v1GetAgent(x *exchange) answer {
	return s.withAgent(x, func(a *agent) answer { return reply(http.StatusOK, s.v1Agent(a)) })
}

func (s *Server) v1DeleteAgent(x *exchange) answer {
	return s.withAgent(x, func(a *agent) answer {
		s.remove(a)
		return reply(http.StatusOK, v1ID{a.id})
	})
}

func (s *Server) v1ArchiveAgent(x *exchange) answer   { return s.v1Archive(x, true) }
func (s *Server) v1UnarchiveAgent(x *exchange) answer { return s.v1Archive(x, false) }

func (s *Server) v1Archive(x *exchange, archived bool) answer {
	if p := checkEmptyBody(x.body); p != nil {
		return p.answer()
	}
	return s.withAgent(x, func(a *agent) answer {
		a.archive(archived)
		return reply(http.StatusOK, v1ID{a.id})
	})
}

func (s *Server) v1ListAgents(x *exchange) answer {
	q := query{values: x.r.URL.Query()}
	limit, cursor := q.limit(), q.text("cursor")
	prURL, includeArchived := q.url("prUrl"), q.boolean("includeArchived", true)
	if q.problem != nil {
		return q.problem.answer()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	// Deleted agents keep their place, so that a cursor stays good.
	matching := func(a *agent) bool {
		return !a.deleted && (includeArchived || !a.archived) && (prURL == "" || a.hasPR(prURL, now))
	}
	items, next, p := page(s.agents, (*agent).key, matching, limit, cursor)
	if p != nil {
		return p.answer()
	}
	list := v1List[v1Summary]{Items: []v1Summary{}, NextCursor: next}
	for _, a := range items {
		list.Items = append(list.Items, s.v1Summary(a))
	}
	return reply(http.StatusOK, list)
}

func (a *agent) key() string { return a.id }

// hasPR reports whether the agent works on that pull request or opened it.
func (a *agent) hasPR(url string, at time.Time) bool {
	same := func(other string) bool {
		return strings.EqualFold(strings.TrimSuffix(other, "/"), strings.TrimSuffix(url, "/"))
	}
	return slices.ContainsFunc(a.request.Repos, func(r Repo) bool { return same(r.PRURL) }) ||
		slices.ContainsFunc(a.git(at), func(p push) bool { return same(p.prURL) })
}
