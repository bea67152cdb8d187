package agent

import (
	"hash/maphash"

	"cursor-agent-action/internal/cursor"
)

// replay tells the events of a stream that are new from those that a server
// sends again: after a resume, after a restart from the top, or twice in a row.
type replay struct {
	// lastID is what the next connection resumes after; "" is the start.
	lastID  string
	firstID string // of the run's first event: a resumed stream must not begin with it
	opening bool   // the next event is the first of its connection

	// passed is how many events were told to be new, the last under passedID.
	// A connection from the top is skipped up to there.
	passed   int
	passedID string
	skipping bool
	skipped  int // events since the top

	seed     maphash.Seed
	seen     recent[uint64]
	previous uint64 // the fingerprint of the event before
	resuming bool   // nothing new has come on this connection yet
}

// rememberedEvents bounds the memory for repeated events. Servers repeat a few
// after a resume; whole replays are skipped instead.
const rememberedEvents = 512

func newReplay() replay {
	return replay{seed: maphash.MakeSeed(), seen: newRecent[uint64](rememberedEvents)}
}

// connected is called before each connection.
func (r *replay) connected() {
	r.opening, r.resuming = true, true
	if r.lastID == "" {
		r.fromTop() // for a restart, and where events have no ids
	}
}

// restart forgets the position, for a server that no longer knows it.
func (r *replay) restart() { r.lastID = "" }

// fromTop notes that the stream comes from its start.
func (r *replay) fromTop() { r.skipping, r.skipped = r.passed > 0, 0 }

// fresh reports whether the event is new, and moves the position.
func (r *replay) fresh(event cursor.Event) bool {
	if !r.counts(event) {
		return false
	}
	sameID := event.ID != "" && event.ID == r.lastID
	if event.ID != "" {
		if r.opening && r.lastID != "" && event.ID == r.firstID {
			r.fromTop() // The server ignored where we wanted to resume.
		}
		if r.firstID == "" {
			r.firstID = event.ID
		}
		r.lastID = event.ID
	}
	r.opening = false
	if r.skipping {
		if !sameID {
			r.skipped++
		}
		there := event.ID != "" && event.ID == r.passedID
		r.skipping = !there && r.skipped < r.passed
		return false
	}
	if event.ID != "" && r.repeats(r.fingerprint(event), sameID) {
		return false
	}
	r.passed++
	r.passedID, r.resuming = event.ID, false
	return true
}

// repeats reports whether an event was told before. Where one id stands for
// several events, as faulty servers send, only a repetition at once is one.
func (r *replay) repeats(print uint64, sameID bool) bool {
	again := print == r.previous
	r.previous = print
	known := !r.seen.add(print)
	if sameID && !r.resuming {
		return again
	}
	return known
}

// counts reports whether the event has a place of its own in the stream.
// Without an id it carries that of the event before (cursor.Event).
func (r *replay) counts(event cursor.Event) bool {
	switch event.Data.(type) {
	case cursor.InteractionUpdateEvent:
		// It doubles the event that has the same id and may come before it, so
		// it must not move the position past that one.
		return false
	case cursor.UnknownEvent, cursor.MalformedEvent:
		return event.ID != "" && event.ID != r.lastID
	case cursor.DoneEvent:
		return event.ID != ""
	}
	return true
}

// fingerprint tells events apart, also those that share an id.
func (r *replay) fingerprint(event cursor.Event) uint64 {
	var hash maphash.Hash
	hash.SetSeed(r.seed)
	_, _ = hash.WriteString(event.ID)
	switch data := event.Data.(type) {
	case cursor.AssistantEvent:
		_, _ = hash.WriteString("\x00a")
		_, _ = hash.WriteString(data.Text)
	case cursor.ThinkingEvent:
		_, _ = hash.WriteString("\x00t")
		_, _ = hash.WriteString(data.Text)
	case cursor.ToolCallEvent:
		_, _ = hash.WriteString("\x00c")
		_, _ = hash.WriteString(data.CallID)
		_, _ = hash.WriteString("\x00")
		_, _ = hash.WriteString(data.Status)
		_, _ = hash.Write(data.Args)
	case cursor.ResultEvent:
		_, _ = hash.WriteString("\x00r")
	case cursor.DoneEvent:
		_, _ = hash.WriteString("\x00d")
	}
	return hash.Sum64()
}

// recent remembers the last n values that it was given.
type recent[T comparable] struct {
	ring []T
	next int
	full bool
	set  map[T]struct{}
}

func newRecent[T comparable](n int) recent[T] {
	return recent[T]{ring: make([]T, n), set: make(map[T]struct{}, n)}
}

// add remembers value and reports whether it was new.
func (r *recent[T]) add(value T) bool {
	if r.has(value) {
		return false
	}
	if r.full {
		delete(r.set, r.ring[r.next])
	}
	r.ring[r.next] = value
	r.set[value] = struct{}{}
	if r.next++; r.next == len(r.ring) {
		r.next, r.full = 0, true
	}
	return true
}

func (r *recent[T]) has(value T) bool {
	_, ok := r.set[value]
	return ok
}
