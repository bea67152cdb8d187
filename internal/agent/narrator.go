package agent

import (
	"encoding/json"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

const (
	// maxParagraph bounds the text that is held back for its end, in bytes.
	maxParagraph = 8 << 10
	// maxOpenCalls bounds the tool calls whose end is awaited: a stream that
	// never ends any must not grow us.
	maxOpenCalls = 256
)

// narrator turns the deltas of a stream into updates that a person can follow:
// whole paragraphs, and tool calls from start to end.
type narrator struct {
	observe  func(Update)
	redact   func(string) string
	text     paragraph
	thinking strings.Builder
	calls    map[string]openCall
	// ended are the calls whose end was told: the stream repeats some.
	ended recent[string]
}

type openCall struct {
	subject string
	began   time.Time
}

func newNarrator(observe func(Update), redact func(string) string) *narrator {
	return &narrator{observe: observe, redact: redact, calls: map[string]openCall{}, ended: newRecent[string](maxOpenCalls)}
}

// tell takes one event of the stream.
func (n *narrator) tell(event cursor.EventData) {
	switch event := event.(type) {
	case cursor.AssistantEvent:
		n.endThought()
		n.text.add(event.Text, n.say)
	case cursor.ThinkingEvent:
		n.text.end(n.say)
		n.think(event.Text)
	case cursor.ToolCallEvent:
		n.end()
		n.tool(event)
	}
}

// end tells what is still held back.
func (n *narrator) end() {
	n.text.end(n.say)
	n.endThought()
}

func (n *narrator) say(text string) { n.observe(Said{Text: text}) }

// think holds a thought back for its end; of a long one it keeps the beginning.
func (n *narrator) think(text string) {
	room := maxParagraph - n.thinking.Len()
	n.thinking.WriteString(text[:min(room, len(text))])
}

func (n *narrator) endThought() {
	text := strings.TrimSpace(strings.ToValidUTF8(n.thinking.String(), ""))
	if text != "" {
		n.observe(Thought{Text: text})
	}
	n.thinking.Reset()
}

// tool pairs the start of a call with its end.
func (n *narrator) tool(event cursor.ToolCallEvent) {
	call, open := n.calls[event.CallID]
	if event.Status == "completed" {
		n.endCall(event, call, open)
		return
	}
	if !open && (len(n.calls) >= maxOpenCalls || n.ended.has(event.CallID)) {
		return
	}
	// Arguments stream in over repeated "running" events: the first that says
	// what the call is about makes it known.
	about := ""
	if call.subject == "" {
		about = subject(event.Args, n.redact)
	}
	if open && about == "" {
		return
	}
	if !open {
		call.began = time.Now()
	}
	call.subject = about
	n.calls[event.CallID] = call
	n.observe(ToolStarted{CallID: event.CallID, Name: event.Name, Subject: about})
}

// endCall tells the end of a call, once, and also where its start was not seen.
func (n *narrator) endCall(event cursor.ToolCallEvent, call openCall, open bool) {
	delete(n.calls, event.CallID)
	if !n.ended.add(event.CallID) {
		return
	}
	if about := subject(event.Args, n.redact); about != "" {
		call.subject = about // The arguments are whole now.
	}
	ended := ToolEnded{CallID: event.CallID, Name: event.Name, Subject: call.subject, Failed: failed(event.Result)}
	if open {
		ended.Duration = time.Since(call.began)
	}
	n.observe(ended)
}

// failed reports whether a tool's result is an error: Cursor's results are
// objects with one key, success or another word.
func failed(result json.RawMessage) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(result, &object) != nil {
		return false
	}
	for _, key := range []string{"error", "failure", "rejected", "timeout"} {
		if value, ok := object[key]; ok && string(value) != "null" && string(value) != "false" {
			return true
		}
	}
	return false
}

// lineEnds are all that Unicode says may end a line.
const lineEnds = "\n\r\v\f\u0085\u2028\u2029"

// firstLine is text up to its first line end, without white space around.
func firstLine(text string) string {
	text = strings.TrimSpace(text)
	if end := strings.IndexAny(text, lineEnds); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSpace(text)
}
