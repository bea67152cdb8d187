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
	count   int    // events passed so far
	target  string // while skipping: the last event that was passed
	skipped int    // while skipping: events dropped since
	skip    bool
	seed    maphash.Seed
	seen    recent[uint64]
}

// rememberedEvents bounds the memory for repeated events. Servers repeat a few
// after a resume; whole replays are found by the run's first event instead.
const rememberedEvents = 512

func newReplay() replay {
	return replay{seed: maphash.MakeSeed(), seen: newRecent[uint64](rememberedEvents)}
}

// connected is called before each connection.
func (r *replay) connected() { r.opening = true }

// restart forgets the position, for a server that no longer knows it: the
// stream comes from the top again, and what was passed is dropped.
func (r *replay) restart() {
	r.beginSkip()
	r.lastID = ""
}

func (r *replay) beginSkip() {
	if r.count > 0 {
		r.skip, r.skipped, r.target = true, 0, r.lastID
	}
}

// fresh reports whether the event is new, and moves the position.
func (r *replay) fresh(event cursor.Event) bool {
	switch event.Data.(type) {
	case cursor.InteractionUpdateEvent:
		// It doubles the event that has the same id and may come before it, so
		// it must not move the position past that one.
		return false
	}
	if event.ID != "" {
		if r.opening && r.lastID != "" && event.ID == r.firstID && r.count > 1 && !r.skip {
			// The server ignored where we wanted to resume.
			r.beginSkip()
		}
		if r.firstID == "" {
			r.firstID = event.ID
		}
		r.lastID = event.ID
	}
	r.opening = false
	if r.skip {
		r.skipped++
		if event.ID == r.target || r.skipped >= r.count {
			r.skip = false
		}
		return false
	}
	if event.ID != "" && !r.seen.add(r.fingerprint(event)) {
		return false
	}
	r.count++
	return true
}

// fingerprint tells events apart that share an id, as faulty servers send.
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
		_, _ = hash.WriteString("\x00c" + data.CallID + "\x00" + data.Status)
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
