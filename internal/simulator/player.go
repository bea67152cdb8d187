package simulator

import "time"

// play takes a run through its scenario, when the run before it, if any, is
// over. Moments are reckoned from the run's creation, or from that end, so that
// a long story does not drift.
func (s *Server) play(r, before *run) {
	due := r.createdAt
	if before != nil {
		var closed bool
		if due, closed = s.outlast(before, due); closed {
			return
		}
	}
	wait := func(d time.Duration) bool {
		due = due.Add(s.scaled(d))
		return s.waitUntil(r, due)
	}
	if !wait(r.scenario.CreateDelay) || !s.startRun(r) {
		return
	}
	started := due
	lastText := ""
	for beat := range s.story(r) {
		if !wait(beat.after) {
			return
		}
		if beat.paragraph != "" {
			lastText = beat.paragraph
		}
		if beat.event != nil && !s.happen(r, *beat.event) {
			return
		}
	}
	if end := started.Add(s.scaled(r.scenario.Duration)); end.After(due) && !s.waitUntil(r, end) {
		return
	}
	s.finish(r, lastText)
}

// outlast waits for a run's end, and returns that or the given moment, the later
// of them; closed when the server is.
func (s *Server) outlast(before *run, due time.Time) (_ time.Time, closed bool) {
	select {
	case <-before.over:
	case <-s.closing:
		return due, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before.endedAt.After(due) {
		due = before.endedAt
	}
	return due, false
}

// waitUntil waits for a moment. It reports false when the story is over before:
// the run ended, the server was closed, or the run was cancelled and its end,
// which takes its time, came. It looks for that even when the moment has come,
// because a story may never have anything to wait for.
func (s *Server) waitUntil(r *run, due time.Time) bool {
	select {
	case <-s.closing:
		return false
	case <-r.over:
		return false
	default:
	}
	select {
	case <-r.cancel:
		s.cancelSlowly(r)
		return false
	default:
	}
	rest := time.Until(due)
	if rest <= 0 {
		return true
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.cancel:
		s.cancelSlowly(r)
	case <-r.over:
	case <-s.closing:
	}
	return false
}

// cancelSlowly ends the run some time after its cancel was accepted.
func (s *Server) cancelSlowly(r *run) {
	if !s.pause(s.scaled(r.scenario.Cancel.After), r.over) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.terminal() {
		s.abandon(r)
	}
}

// startRun makes the run RUNNING; false when it ended before.
func (s *Server) startRun(r *run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return false
	}
	r.startedAt = time.Now()
	r.agent.updatedAt = r.startedAt
	r.notify()
	return true
}

// happen adds an event to the run; false when the run ended before.
func (s *Server) happen(r *run, e event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return false
	}
	r.log.add(s.clock(time.Now()), e)
	r.notify()
	return true
}

// finish ends the run as its scenario says, and leaves what it leaves.
func (s *Server) finish(r *run, lastText string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return
	}
	now := time.Now()
	s.push(r.agent, r.scenario, now)
	r.agent.leave(r.scenario.Artifacts, now)
	status := r.scenario.Status
	if status == "" {
		status = statusFinished
	}
	result := s.words(r.agent, r.prompt.Text, r.scenario).Replace(r.scenario.Result)
	if result == "" {
		result = lastText
	}
	s.end(r, status, result, r.scenario.Usage)
}
