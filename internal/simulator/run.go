package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The states of a run.
const (
	statusCreating  = "CREATING"
	statusRunning   = "RUNNING"
	statusFinished  = "FINISHED"
	statusError     = "ERROR"
	statusCancelled = "CANCELLED"
	statusExpired   = "EXPIRED"
)

// run is one prompt's execution. The server's mu guards it, but for what is
// never changed.
type run struct {
	id        string
	agent     *agent
	scenario  *Scenario
	prompt    Prompt
	mode      string
	createdAt time.Time

	startedAt   time.Time // zero while CREATING
	endedAt     time.Time // zero while live
	endStatus   string
	result      string
	usage       Usage // what it consumed, once it ended
	cancelAsked []time.Time
	connections int // to its stream, so far

	log     eventLog
	changed chan struct{} // closed and replaced at each change
	over    chan struct{} // closed at the end
	cancel  chan struct{} // closed when a cancel was accepted that takes its time
}

// RunState is the truth about one run. Times are by our clock; zero means not
// yet.
type RunState struct {
	ID        string
	Status    string
	Prompt    Prompt
	Mode      string // agent or plan; a follow-up that names none keeps the agent's
	Result    string
	CreatedAt time.Time
	StartedAt time.Time // CREATING became RUNNING
	EndedAt   time.Time

	// CancelRequestedAt are the cancel requests that were carried out, whatever
	// came of them.
	CancelRequestedAt []time.Time
}

func (r *run) state() RunState {
	now := time.Now()
	return RunState{
		ID:                r.id,
		Status:            r.status(now),
		Prompt:            r.prompt,
		Mode:              r.mode,
		Result:            r.result,
		CreatedAt:         r.createdAt,
		StartedAt:         r.startedAt,
		EndedAt:           r.endedAt,
		CancelRequestedAt: slices.Clone(r.cancelAsked),
	}
}

// status is the run's state as it was at a moment.
func (r *run) status(at time.Time) string {
	switch {
	case r.ended(at):
		return r.endStatus
	case !r.startedAt.IsZero() && !r.startedAt.After(at):
		return statusRunning
	}
	return statusCreating
}

func (r *run) terminal() bool { return !r.endedAt.IsZero() }

// ended reports whether the run was over at a moment.
func (r *run) ended(at time.Time) bool { return r.terminal() && !r.endedAt.After(at) }

// notify wakes everybody who waits for a change.
func (r *run) notify() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// enqueue makes a run of the agent and starts its player. The caller holds s.mu.
func (s *Server) enqueue(a *agent, prompt Prompt) *run {
	r := &run{
		id:        "run-" + uuidOf("run", a.id, strconv.Itoa(len(a.runs))),
		agent:     a,
		scenario:  s.scenarioFor(prompt.Text),
		prompt:    prompt,
		mode:      a.mode,
		createdAt: time.Now(),
		changed:   make(chan struct{}),
		over:      make(chan struct{}),
		cancel:    make(chan struct{}),
	}
	var before *run
	if len(a.runs) > 0 {
		before = a.latest()
	}
	a.runs = append(a.runs, r)
	a.updatedAt = r.createdAt
	if !s.closed {
		s.players.Go(func() { s.play(r, before) })
	}
	return r
}

// end takes a live run to a terminal state, with what it consumed. The caller
// holds s.mu.
func (s *Server) end(r *run, status, result string, used Usage) {
	now := time.Now()
	r.endedAt, r.endStatus, r.result, r.usage = now, status, result, used
	r.agent.updatedAt = now
	r.log.add(s.clock(now), event{kind: eventResult})
	close(r.over)
	r.notify()
}

// abandon ends a live run as cancelled. The caller holds s.mu.
func (s *Server) abandon(r *run) {
	s.end(r, statusCancelled, "", r.consumed(s, time.Now()))
}

// requestCancel carries out a cancel request. The caller holds s.mu.
func (s *Server) requestCancel(r *run) *problem {
	if r.terminal() {
		return &problem{http.StatusConflict, "run_not_cancellable",
			"Run is already " + r.endStatus + " and cannot be cancelled"}
	}
	r.cancelAsked = append(r.cancelAsked, time.Now())
	switch c := r.scenario.Cancel; {
	case c.Ignored:
	case c.After <= 0:
		s.abandon(r)
	default:
		select {
		case <-r.cancel: // asked for before
		default:
			close(r.cancel)
		}
	}
	return nil
}

// consumed is what the run has used up by a moment: its share of the scenario's
// usage grows with time and is whole at the end. The caller holds s.mu.
func (r *run) consumed(s *Server, at time.Time) Usage {
	if r.terminal() {
		return r.usage
	}
	if r.startedAt.IsZero() {
		return Usage{}
	}
	whole := max(1, s.scaled(r.scenario.length()))
	share := min(1, float64(at.Sub(r.startedAt))/float64(whole))
	part := func(n int64) int64 { return int64(float64(n) * share) }
	u := r.scenario.Usage
	return Usage{part(u.Input), part(u.Output), part(u.CacheWrite), part(u.CacheRead)}
}

// scenarioFor is the scenario of a run with that prompt: the first variant that
// matches, else the server's own.
func (s *Server) scenarioFor(prompt string) *Scenario {
	for i := range s.scenario.Variants {
		if v := &s.scenario.Variants[i]; v.matches(prompt) {
			return v
		}
	}
	return s.scenario
}
