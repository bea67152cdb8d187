package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// eventKind is what an event of a run tells.
type eventKind int

const (
	eventText eventKind = iota
	eventThinking
	eventToolCall
	eventResult // the run ended; it is always the last event
)

// event is one thing that happened in a run. How it is written on a stream is
// the business of the API's version.
type event struct {
	id   eventID
	kind eventKind
	text string
	call *toolCall
}

// toolCall is the state of a tool call at one event.
type toolCall struct {
	id        string
	name      string
	completed bool
	args      json.RawMessage // nil while they are not known
	result    json.RawMessage
	truncated bool // the result is too large to be shown
}

// eventID orders the events of a run: the server's clock in milliseconds, and a
// number for events of the same millisecond.
type eventID struct {
	ms  int64
	seq int
}

func (id eventID) String() string { return fmt.Sprintf("%d-%d", id.ms, id.seq) }

func (id eventID) compare(other eventID) int {
	if id.ms != other.ms {
		return int(min(1, max(-1, id.ms-other.ms)))
	}
	return id.seq - other.seq
}

func parseEventID(text string) (eventID, bool) {
	ms, seq, ok := strings.Cut(text, "-")
	m, err := strconv.ParseInt(ms, 10, 64)
	n, err2 := strconv.Atoi(seq)
	id := eventID{m, n}
	return id, ok && err == nil && err2 == nil && id.String() == text
}

// eventLog is all that happened in a run. Events are only ever appended, so a
// slice of it may be read without a lock.
type eventLog struct {
	events []event
}

// add appends an event and gives it the next id, which never goes back, even
// when the clock does.
func (l *eventLog) add(at time.Time, e event) {
	e.id = eventID{ms: at.UnixMilli()}
	if n := len(l.events); n > 0 {
		if last := l.events[n-1].id; e.id.ms <= last.ms {
			e.id = eventID{last.ms, last.seq + 1}
		}
	}
	l.events = append(l.events, e)
}

// after returns how many events there are up to and with the one of that id;
// false when the run has no such event.
func (l *eventLog) after(id string) (int, bool) {
	want, ok := parseEventID(id)
	if !ok {
		return 0, false
	}
	i, found := slices.BinarySearchFunc(l.events, want, func(e event, id eventID) int {
		return e.id.compare(id)
	})
	return i + 1, found
}
