package simulator

import (
	"net/http"
	"time"
)

// v1Run is Run of the specification, and what newer servers add.
type v1Run struct {
	ID         string `json:"id"`
	AgentID    string `json:"agentId"`
	Status     string `json:"status"`
	CreatedAt  string `json:"createdAt"`
	UpdatedAt  string `json:"updatedAt"`
	DurationMs *int64 `json:"durationMs,omitempty"`
	Result     string `json:"result,omitempty"`
	Git        *v1Git `json:"git,omitempty"`

	Error     *RunError `json:"error,omitempty"`
	RequestID string    `json:"requestId,omitempty"`
}

type v1Git struct {
	Branches []v1Branch `json:"branches"`
}

type v1Branch struct {
	RepoURL string `json:"repoUrl"`
	Branch  string `json:"branch,omitempty"`
	PRURL   string `json:"prUrl,omitempty"`
}

// v1Run writes a run as it was at a moment. The caller holds s.mu.
func (s *Server) v1Run(r *run, at time.Time) v1Run {
	w := v1Run{
		ID:        r.id,
		AgentID:   r.agent.id,
		Status:    r.status(at),
		CreatedAt: s.stamp(r.createdAt),
		UpdatedAt: s.stamp(r.createdAt),
		Git:       v1GitOf(r.agent, at),
	}
	switch w.Status {
	case statusCreating:
	case statusRunning:
		w.UpdatedAt = s.stamp(r.startedAt)
	default:
		w.UpdatedAt = s.stamp(r.endedAt)
		w.DurationMs = new(r.duration().Milliseconds())
		w.Result = r.result
		if s.config.Newer && w.Status == statusError {
			w.Error = r.scenario.Error
		}
	}
	if s.config.Newer {
		w.RequestID = uuidOf("run request", r.id)
	}
	return w
}

// duration is the wall-clock time of a run that ended.
func (r *run) duration() time.Duration { return r.endedAt.Sub(r.createdAt) }

// v1GitOf is the agent's pushes, nil before the first.
func v1GitOf(a *agent, at time.Time) *v1Git {
	pushes := a.git(at)
	if len(pushes) == 0 {
		return nil
	}
	var git v1Git
	for _, p := range pushes {
		git.Branches = append(git.Branches, v1Branch{p.repo, p.branch, p.prURL})
	}
	return &git
}

// withRun runs a handler with the run that the path names, under s.mu.
func (s *Server) withRun(x *exchange, handle func(*run) answer) answer {
	return s.withAgent(x, func(a *agent) answer {
		r := a.run(x.params["runId"])
		if r == nil {
			return refuse(http.StatusNotFound, "run_not_found", "Run not found: %s", x.params["runId"])
		}
		return handle(r)
	})
}

func (s *Server) v1CreateRun(x *exchange) answer {
	if p := checkRun(x.body); p != nil {
		return p.answer()
	}
	return s.withAgent(x, func(a *agent) answer {
		r, p := s.followUp(a, x.sent.Prompt, x.sent.Mode)
		if p != nil {
			return p.answer()
		}
		x.record.RunID = r.id
		return reply(http.StatusCreated, map[string]v1Run{"run": s.v1Run(r, r.createdAt)})
	})
}

func (s *Server) v1GetRun(x *exchange) answer {
	return s.withRun(x, func(r *run) answer {
		return reply(http.StatusOK, s.v1RunFor(x, r))
	})
}

// v1RunFor is a run as a rule of the scenario has the request see it. The caller
// holds s.mu.
func (s *Server) v1RunFor(x *exchange, r *run) v1Run {
	shown := s.v1Run(r, s.seenAt(x, r))
	if live := shown.Status == statusCreating || shown.Status == statusRunning; live && x.says != "" {
		shown.Status = x.says
		x.record.Fault = "says " + x.says
	}
	return shown
}

// seenAt is the moment that an answer about a run shows. The caller holds s.mu.
func (s *Server) seenAt(x *exchange, r *run) time.Time {
	now := time.Now()
	changes := r.changes(now)
	seen := now.Add(-s.scaled(r.scenario.Lag))
	if x.stale > 0 {
		if old := changes[max(0, len(changes)-1-x.stale)]; old.Before(seen) {
			seen = old
		}
	}
	if changes[len(changes)-1].After(seen) {
		x.record.Fault = "stale"
	}
	return seen
}

// changes are the moments at which the run changed, up to now, oldest first.
func (r *run) changes(now time.Time) []time.Time {
	all := []time.Time{r.createdAt}
	add := func(at time.Time) {
		if !at.IsZero() && !at.After(now) && at.After(all[len(all)-1]) {
			all = append(all, at)
		}
	}
	add(r.startedAt)
	add(r.endedAt)
	for _, p := range r.agent.pushes {
		add(p.openedAt)
	}
	return all
}

func (s *Server) v1ListRuns(x *exchange) answer {
	q := query{values: x.r.URL.Query()}
	limit, cursor := q.limit(), q.text("cursor")
	if q.problem != nil {
		return q.problem.answer()
	}
	return s.withAgent(x, func(a *agent) answer {
		all := func(*run) bool { return true }
		items, next, p := page(a.runs, (*run).key, all, limit, cursor)
		if p != nil {
			return p.answer()
		}
		list := v1List[v1Run]{Items: []v1Run{}, NextCursor: next}
		for _, r := range items {
			list.Items = append(list.Items, s.v1RunFor(x, r))
		}
		return reply(http.StatusOK, list)
	})
}

func (r *run) key() string { return r.id }

func (s *Server) v1CancelRun(x *exchange) answer {
	if p := checkEmptyBody(x.body); p != nil {
		return p.answer()
	}
	return s.withRun(x, func(r *run) answer {
		if p := s.requestCancel(r); p != nil {
			return p.answer()
		}
		return reply(http.StatusOK, v1ID{r.id})
	})
}
