package cursor

import (
	"encoding/json"
	"time"
)

// Event is one event of a run's stream.
type Event struct {
	// ID is the last id seen on this stream so far, "" before the first: not
	// every event has one of its own. The stream can be resumed after it.
	ID   string
	Data EventData
}

// EventData is what an event says; one of the types below.
type EventData interface{ event() }

// StatusEvent opens every connection and tells of changes. It is a hint: the
// status of a run is what GetRun says.
type StatusEvent struct {
	RunID  string
	Status RunStatus
}

// AssistantEvent is the next piece of what the agent says.
type AssistantEvent struct{ Text string }

// ThinkingEvent is the next piece of what the agent thinks.
type ThinkingEvent struct{ Text string }

// ToolCallEvent tells of a tool call. The same CallID comes several times while
// Args grows, and once more when the call has ended.
type ToolCallEvent struct {
	CallID string
	Name   string
	Status string          // running or completed
	Args   json.RawMessage // nil when absent
	Result json.RawMessage // nil when absent
	// ArgsTruncated and ResultTruncated are true when the server left out what
	// was too large.
	ArgsTruncated, ResultTruncated bool
}

// HeartbeatEvent says that the connection lives.
type HeartbeatEvent struct{}

// ResultEvent is the end of the run, mostly as GetRun will say.
type ResultEvent struct {
	RunID    string
	Status   RunStatus
	Text     string
	Duration time.Duration
	Git      []GitBranch
}

// StreamErrorEvent is a fault of the stream, which says nothing about the run.
type StreamErrorEvent struct {
	Code    Code
	Message string
}

// DoneEvent is the last event of a stream.
type DoneEvent struct{}

// InteractionUpdateEvent doubles the simplified events, with the same ids. Its
// data is not decoded.
type InteractionUpdateEvent struct{}

// UnknownEvent is of a type that this package does not know; "" when it has
// none.
type UnknownEvent struct{ Type string }

// MalformedEvent is of a known type, with data that is not what that type has.
type MalformedEvent struct{ Type string }

func (StatusEvent) event()            {}
func (AssistantEvent) event()         {}
func (ThinkingEvent) event()          {}
func (ToolCallEvent) event()          {}
func (HeartbeatEvent) event()         {}
func (ResultEvent) event()            {}
func (StreamErrorEvent) event()       {}
func (DoneEvent) event()              {}
func (InteractionUpdateEvent) event() {}
func (UnknownEvent) event()           {}
func (MalformedEvent) event()         {}

// readEvent decodes an event by its type. What can't be decoded is a
// MalformedEvent, never an error: the stream goes on.
func readEvent(kind, data string) EventData {
	var event EventData
	var ok bool
	switch kind {
	case "assistant":
		var e AssistantEvent
		ok = json.Unmarshal([]byte(data), &e) == nil
		event = e
	case "thinking":
		var e ThinkingEvent
		ok = json.Unmarshal([]byte(data), &e) == nil
		event = e
	case "tool_call":
		event, ok = readToolCall(data)
	case "status":
		var e StatusEvent
		ok = json.Unmarshal([]byte(data), &e) == nil && e.Status != ""
		event = e
	case "result":
		event, ok = readResult(data)
	case "error":
		var e StreamErrorEvent
		ok = json.Unmarshal([]byte(data), &e) == nil
		event = e
	case "heartbeat":
		return HeartbeatEvent{}
	case "interaction_update":
		return InteractionUpdateEvent{}
	case "done":
		return DoneEvent{}
	default:
		return UnknownEvent{Type: kind}
	}
	if !ok {
		return MalformedEvent{Type: kind}
	}
	return event
}

func readToolCall(data string) (ToolCallEvent, bool) {
	var wire struct {
		CallID    string          `json:"callId"`
		Name      string          `json:"name"`
		Status    string          `json:"status"`
		Args      json.RawMessage `json:"args"`
		Result    json.RawMessage `json:"result"`
		Truncated struct {
			Args   bool `json:"args"`
			Result bool `json:"result"`
		} `json:"truncated"`
	}
	err := json.Unmarshal([]byte(data), &wire)
	return ToolCallEvent{
		CallID: wire.CallID, Name: wire.Name, Status: wire.Status, Args: wire.Args, Result: wire.Result,
		ArgsTruncated: wire.Truncated.Args, ResultTruncated: wire.Truncated.Result,
	}, err == nil && wire.CallID != ""
}

func readResult(data string) (ResultEvent, bool) {
	var wire struct {
		RunID      string       `json:"runId"`
		Status     RunStatus    `json:"status"`
		Text       string       `json:"text"`
		DurationMs milliseconds `json:"durationMs"`
		Git        gitState     `json:"git"`
	}
	err := json.Unmarshal([]byte(data), &wire)
	return ResultEvent{
		RunID: wire.RunID, Status: wire.Status, Text: wire.Text,
		Duration: wire.DurationMs.Duration, Git: wire.Git.Branches,
	}, err == nil && wire.Status != ""
}
