package simulator

import "time"

// streamFaults are the scenario's faults of one connection to a stream. A rule
// sleeps until it is due; from then on it holds.
type streamFaults struct {
	asleep  []StreamFault // with After at the server's speed
	holding []StreamFault
}

// streamFaults returns the faults of the run's latest connection, the lasting
// ones that are due at once already holding. The caller holds s.mu.
func (s *Server) streamFaults(r *run) streamFaults {
	var faults streamFaults
	for i, f := range r.scenario.Streams {
		if f.chooses(r.connections, r.scenario.Seed, i) {
			f.After = s.scaled(f.After)
			if f.AfterEvents == 0 && f.After == 0 && f.Do.lasts() {
				faults.holding = append(faults.holding, f)
			} else {
				faults.asleep = append(faults.asleep, f)
			}
		}
	}
	return faults
}

// idle reports whether nothing is left to become due.
func (f *streamFaults) idle() bool { return len(f.asleep) == 0 }

// lasts reports whether the fault holds from a moment on, rather than happens
// once.
func (a StreamAction) lasts() bool {
	switch a {
	case StreamDrop, StreamEnd, StreamUnavailable, StreamGarbage, StreamGiant, StreamUnknown:
		return false
	}
	return true
}

// arm wakes the rules that are due after so many events and so long, and
// returns them.
func (f *streamFaults) arm(events int, elapsed time.Duration) []StreamFault {
	var due, asleep []StreamFault
	for _, rule := range f.asleep {
		if rule.AfterEvents <= events && rule.After <= elapsed {
			due = append(due, rule)
		} else {
			asleep = append(asleep, rule)
		}
	}
	f.asleep = asleep
	f.holding = append(f.holding, due...)
	return due
}

// next is when a rule becomes due by time alone; zero when none does.
func (f *streamFaults) next(events int, opened time.Time) time.Time {
	var next time.Time
	for _, rule := range f.asleep {
		due := opened.Add(rule.After)
		if rule.AfterEvents <= events && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next
}

// rule returns the rule of that kind that holds, or nil.
func (f *streamFaults) rule(action StreamAction) *StreamFault {
	for i := range f.holding {
		if f.holding[i].Do == action {
			return &f.holding[i]
		}
	}
	return nil
}

func (f *streamFaults) holds(action StreamAction) bool { return f.rule(action) != nil }
