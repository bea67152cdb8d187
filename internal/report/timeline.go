package report

import (
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// A chart of more bars than about forty is a wall. What happened in the
// middle becomes one bar.
const (
	keepFirst = 14
	keepLast  = 13
	maxOpen   = 8 // tool calls at once whose end is awaited
)

// Timeline collects what happens to a piece of work with the time by our
// clock, for a chart of it. It holds a bounded number of tool calls however
// many there are. It is not safe for use by several goroutines at once.
type Timeline struct {
	first, last time.Time // of all updates
	started     time.Time // when the run was known
	working     time.Time // when the agent was first seen at work
	ended       time.Time // when the run's end was known
	awaited     time.Time // when its pull request was last looked for

	open   []toolCall // in the order of their start
	early  []toolCall // the first that ended
	late   []toolCall // the last that ended, without those in early
	merged toolCall   // those between
	count  int        // of merged
}

// toolCall is one call of a tool by the agent.
type toolCall struct {
	id, label string
	from, to  time.Time
	failed    bool
}

// NewTimeline returns a Timeline that begins with the first update.
func NewTimeline() *Timeline { return &Timeline{} }

// Observe takes one update, at the time that it is now.
func (t *Timeline) Observe(update agent.Update) {
	now := time.Now()
	if t.first.IsZero() {
		t.first = now
	}
	t.last = now
	switch update := update.(type) {
	case agent.Started:
		once(&t.started, now)
		t.status(update.Status, now)
	case agent.StatusChanged:
		t.status(update.Status, now)
	case agent.Said, agent.Thought:
		once(&t.working, now)
	case agent.ToolStarted:
		once(&t.working, now)
		t.begin(toolCall{id: update.CallID, label: toolLabel(update.Name, update.Subject), from: now})
	case agent.ToolEnded:
		once(&t.working, now)
		t.end(toolCall{
			id: update.CallID, label: toolLabel(update.Name, update.Subject),
			from: now.Add(-max(update.Duration, 0)), to: now, failed: update.Failed,
		})
	case agent.AwaitingPullRequest:
		t.awaited = now
	}
}

// once sets a time that is not known yet.
func once(at *time.Time, now time.Time) {
	if at.IsZero() {
		*at = now
	}
}

func (t *Timeline) status(status cursor.RunStatus, now time.Time) {
	switch {
	case status == cursor.RunRunning:
		once(&t.working, now)
	case status.Terminal():
		once(&t.ended, now)
	}
}

// begin notes a tool call. It may come again with a better label.
func (t *Timeline) begin(call toolCall) {
	for i := range t.open {
		if t.open[i].id == call.id {
			t.open[i].label = call.label
			return
		}
	}
	if len(t.open) == maxOpen { // The end of the oldest will not come.
		t.open = append(t.open[:0], t.open[1:]...)
	}
	t.open = append(t.open, call)
}

func (t *Timeline) end(call toolCall) {
	for i := range t.open {
		if t.open[i].id == call.id {
			t.open = append(t.open[:i], t.open[i+1:]...)
			break
		}
	}
	switch {
	case len(t.early) < keepFirst:
		t.early = append(t.early, call)
		return
	case len(t.late) == keepLast:
		t.merge(t.late[0])
		t.late = append(t.late[:0], t.late[1:]...)
	}
	t.late = append(t.late, call)
}

func (t *Timeline) merge(call toolCall) {
	if t.count++; t.count == 1 {
		t.merged = call
		return
	}
	if call.from.Before(t.merged.from) {
		t.merged.from = call.from
	}
	if call.to.After(t.merged.to) {
		t.merged.to = call.to
	}
	t.merged.failed = t.merged.failed || call.failed
}
