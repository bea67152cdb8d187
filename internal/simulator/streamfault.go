package simulator

import "time"

// StreamFault is a rule about a run's stream: on which connections, from when
// on, and what goes wrong. All rules that choose a connection apply to it.
type StreamFault struct {
	// When chooses among the connections to one run's stream.
	When `yaml:",inline"`

	// AfterEvents and After say from when on the rule applies: after so many
	// events with an id on this connection, and after so long. Zero for both:
	// from the start.
	AfterEvents int           `yaml:"after-events"`
	After       time.Duration `yaml:"after"`

	// Do is what happens; see the constants.
	Do StreamAction `yaml:"do"`

	// Bytes is the size of a giant event; 0 means 1 MiB.
	Bytes int `yaml:"bytes"`

	// Events is how many events are sent again on resume; 0 means 1.
	Events int `yaml:"events"`

	// Status is what the status event says instead of the truth.
	Status string `yaml:"status"`
}

// StreamAction is what goes wrong with a stream.
type StreamAction string

// What can go wrong with a stream. The first group happens once on a
// connection, the second holds from then on.
const (
	StreamDrop        StreamAction = "drop"        // the connection breaks
	StreamEnd         StreamAction = "end"         // the answer ends cleanly, without result
	StreamUnavailable StreamAction = "unavailable" // an error event stream_unavailable, then done
	StreamGarbage     StreamAction = "garbage"     // frames that are neither JSON nor UTF-8
	StreamGiant       StreamAction = "giant"       // a tool call whose result has Bytes bytes
	StreamUnknown     StreamAction = "unknown"     // an event of a type that no specification names

	StreamMute        StreamAction = "mute"         // nothing is sent any more; the connection stays
	StreamDuplicate   StreamAction = "duplicate"    // each event is sent twice
	StreamRepeatID    StreamAction = "repeat-id"    // each event carries the id of the one before
	StreamReplay      StreamAction = "replay"       // a resumed stream begins Events too early
	StreamNoHeartbeat StreamAction = "no-heartbeat" // silence is silent
	StreamNeverEnds   StreamAction = "never-ends"   // neither result nor done is sent
	StreamLie         StreamAction = "lie"          // status events say Status
)

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
