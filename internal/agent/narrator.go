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
	text     strings.Builder
	thinking strings.Builder
	calls    map[string]openCall
	// ended are the calls whose end was told: the stream repeats some.
	ended recent[string]
}

type openCall struct {
	subject string
	began   time.Time
}

func newNarrator(observe func(Update)) *narrator {
	return &narrator{observe: observe, calls: map[string]openCall{}, ended: newRecent[string](maxOpenCalls)}
}

// tell takes one event of the stream.
func (n *narrator) tell(event cursor.EventData) {
	switch event := event.(type) {
	case cursor.AssistantEvent:
		n.endThought()
		n.text.WriteString(event.Text)
		if strings.Contains(event.Text, "\n") || n.text.Len() > maxParagraph {
			n.paragraphs()
		}
	case cursor.ThinkingEvent:
		n.flush()
		if n.thinking.Len() < maxParagraph {
			n.thinking.WriteString(event.Text)
		}
	case cursor.ToolCallEvent:
		n.flush()
		n.endThought()
		n.tool(event)
	}
}

// end tells what is still held back.
func (n *narrator) end() {
	n.flush()
	n.endThought()
}

// paragraphs tells all complete paragraphs and keeps the rest.
func (n *narrator) paragraphs() {
	text := n.text.String()
	end := strings.LastIndex(text, "\n\n")
	// A fence holds blank lines of its own: an open one is kept together.
	if end >= 0 && strings.Count(text[:end], "```")%2 == 1 {
		end = strings.LastIndex(text[:strings.LastIndex(text[:end], "```")], "\n\n")
	}
	if len(text) > maxParagraph && end < 0 {
		end = len(text)
	}
	if end < 0 {
		return
	}
	n.say(text[:end])
	n.text.Reset()
	n.text.WriteString(strings.TrimLeft(text[end:], "\n"))
}

func (n *narrator) flush() {
	if n.text.Len() == 0 {
		return
	}
	n.say(n.text.String())
	n.text.Reset()
}

func (n *narrator) say(text string) {
	if text = strings.Trim(text, "\r\n"); strings.TrimSpace(text) != "" {
		n.observe(Said{Text: text})
	}
}

func (n *narrator) endThought() {
	if text := strings.TrimSpace(n.thinking.String()); text != "" {
		n.observe(Thought{Text: text})
	}
	n.thinking.Reset()
}

// tool pairs the start of a call with its end. Arguments stream in over
// repeated "running" events, so the first that says what the call is about
// gives its subject.
func (n *narrator) tool(event cursor.ToolCallEvent) {
	call, open := n.calls[event.CallID]
	news := !open
	if about := subject(event.Args); about != "" && call.subject == "" {
		call.subject, news = about, true
	}
	if event.Status != "completed" {
		if !open {
			if len(n.calls) >= maxOpenCalls || n.ended.has(event.CallID) {
				return
			}
			call.began = time.Now()
		}
		if news {
			n.observe(ToolStarted{CallID: event.CallID, Name: event.Name, Subject: call.subject})
		}
		n.calls[event.CallID] = call
		return
	}
	delete(n.calls, event.CallID)
	if !n.ended.add(event.CallID) {
		return
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

// firstLine is text up to its first line end, without white space around.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(text)
}
