package simulator

import (
	"bytes"
	"encoding/json"
)

type v1Status struct {
	RunID  string `json:"runId"`
	Status string `json:"status"`
}

type v1Text struct {
	Text string `json:"text"`
}

// v1Call is RunStreamToolCallData of the specification.
type v1Call struct {
	CallID    string          `json:"callId"`
	Name      string          `json:"name"`
	Status    string          `json:"status"`
	Args      json.RawMessage `json:"args,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Truncated *v1Truncated    `json:"truncated,omitempty"`
}

type v1Truncated struct {
	Result bool `json:"result,omitempty"`
}

type v1Result struct {
	RunID      string `json:"runId"`
	Status     string `json:"status"`
	Text       string `json:"text,omitempty"`
	DurationMs int64  `json:"durationMs"`
	Git        *v1Git `json:"git,omitempty"`
}

// v1Update is the update that the official SDK reads from interaction_update.
type v1Update struct {
	Type        string        `json:"type"`
	Text        string        `json:"text,omitempty"`
	CallID      string        `json:"callId,omitempty"`
	ToolCall    *v1UpdateCall `json:"toolCall,omitempty"`
	ModelCallID string        `json:"modelCallId,omitempty"`
}

type v1UpdateCall struct {
	Type   string          `json:"type"`
	Args   json.RawMessage `json:"args,omitempty"`
	Result *v1UpdateResult `json:"result,omitempty"`
}

type v1UpdateResult struct {
	Status string          `json:"status"`
	Value  json.RawMessage `json:"value,omitempty"`
}

// event writes an event of the run: the simplified one, and the update of the
// SDK that shares its id.
func (c *v1Connection) event(e event) {
	id := e.id.String()
	if c.faults.holds(StreamRepeatID) && c.lastID != "" {
		id = c.lastID
		c.happened(StreamRepeatID)
	}
	c.lastID = id
	var name string
	var data any
	var twin v1Update
	switch e.kind {
	case eventText:
		name, data, twin = "assistant", v1Text{e.text}, v1Update{Type: "text-delta", Text: e.text}
	case eventThinking:
		name, data, twin = "thinking", v1Text{e.text}, v1Update{Type: "thinking-delta", Text: e.text}
	case eventToolCall:
		name, data, twin = "tool_call", e.call.v1(), e.call.v1Update()
	case eventResult:
		name, data, twin = "result", c.result(), v1Update{Type: "turn-ended"}
	}
	c.frame(id, name, encode(data))
	c.frame(id, "interaction_update", encode(twin))
}

// frame appends one event to the buffer, which is sent when it is large.
func (c *v1Connection) frame(id, event string, data []byte) {
	b := c.buffer
	if id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	b = append(append(append(b, "event: "...), event...), '\n')
	b = append(append(append(b, "data: "...), data...), "\n\n"...)
	c.buffer = b
	if len(b) >= 32<<10 {
		c.flush()
	}
}

// result tells the run's end, with the pushes as they showed at that moment.
func (c *v1Connection) result() v1Result {
	r := c.run
	c.x.server.mu.Lock()
	defer c.x.server.mu.Unlock()
	return v1Result{r.id, r.endStatus, r.result, r.duration().Milliseconds(), v1GitOf(r.agent, r.endedAt)}
}

func (t *toolCall) v1() v1Call {
	call := v1Call{CallID: t.id, Name: t.name, Status: "running", Args: t.args}
	if t.completed {
		call.Status, call.Result = "completed", t.result
	}
	if t.truncated {
		call.Truncated = &v1Truncated{Result: true}
	}
	return call
}

func (t *toolCall) v1Update() v1Update {
	update := v1Update{
		Type:        "tool-call-started",
		CallID:      t.id,
		ToolCall:    &v1UpdateCall{Type: t.name, Args: t.args},
		ModelCallID: "model-" + t.id,
	}
	switch {
	case t.completed:
		update.Type = "tool-call-completed"
		update.ToolCall.Result = &v1UpdateResult{Status: "success", Value: t.result}
	case t.args == nil:
		update.Type = "partial-tool-call"
	}
	return update
}

// garbage is what no client may choke on: a line without colon, data that is
// no JSON, bytes that are no UTF-8, an event without data, a comment.
const garbage = "this line has no colon\n\n" +
	"event: assistant\ndata: {\"text\": \"cut in the mid\n\n" +
	"event: tool_call\ndata: \xff\xfe\x00\n\n" +
	"event: thinking\n\n" +
	": a comment\n\n"

// giant is the data of a tool call whose result has so many bytes.
func giant(size int) []byte {
	if size == 0 {
		size = 1 << 20
	}
	content := append(append([]byte{'"'}, bytes.Repeat([]byte("x"), size)...), '"')
	return encode(v1Call{CallID: "call-giant", Name: "read_file", Status: "completed", Result: content})
}
