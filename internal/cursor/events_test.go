package cursor_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// canned is a transport whose every answer is a stream with that body.
func canned(body func() io.Reader) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 200, Request: r, Body: io.NopCloser(body()),
			Header: http.Header{"Content-Type": {"text/event-stream"}},
		}, nil
	})
}

// streamed reads the events of a body, and the text of the error at its end.
func streamed(t testing.TB, body string) ([]cursor.Event, string) {
	t.Helper()
	c := client(t, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader { return strings.NewReader(body) })})
	events, err := collect(c.StreamRun(t.Context(), agentID, runID, ""))
	return events, text(err)
}

func TestEveryEventIsUnderstood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind, data string
		want             cursor.EventData
	}{
		{"status", "status", `{"runId":"r","status":"RUNNING"}`, cursor.StatusEvent{RunID: "r", Status: cursor.RunRunning}},
		{"a new status", "status", `{"runId":"r","status":"QUEUED","new":1}`, cursor.StatusEvent{RunID: "r", Status: "QUEUED"}},
		{"assistant", "assistant", `{"text":"a\nb <c>"}`, cursor.AssistantEvent{Text: "a\nb <c>"}},
		{"thinking", "thinking", `{"text":"hm"}`, cursor.ThinkingEvent{Text: "hm"}},
		{"a tool call that runs", "tool_call", `{"callId":"c","name":"read_file","status":"running","args":{"path":"a"}}`, cursor.ToolCallEvent{CallID: "c", Name: "read_file", Status: "running", Args: json.RawMessage(`{"path":"a"}`)}},
		{
			"a tool call that has ended", "tool_call", `{"callId":"c","name":"mcp","status":"completed","result":[1, 2],"truncated":{"args":true}}`,
			cursor.ToolCallEvent{CallID: "c", Name: "mcp", Status: "completed", Result: json.RawMessage(`[1, 2]`), ArgsTruncated: true},
		},
		{"a tool call cut short", "tool_call", `{"callId":"c","truncated":{"result":true}}`, cursor.ToolCallEvent{CallID: "c", ResultTruncated: true}},
		{"heartbeat", "heartbeat", `{}`, cursor.HeartbeatEvent{}},
		{"heartbeat with anything", "heartbeat", `now`, cursor.HeartbeatEvent{}},
		{
			"result", "result", `{"runId":"r","status":"FINISHED","text":"ok","durationMs":1500,"git":{"branches":[{"repoUrl":"github.com/o/r","branch":"b","prUrl":"p"}]}}`,
			cursor.ResultEvent{RunID: "r", Status: cursor.RunFinished, Text: "ok", Duration: 1500 * time.Millisecond, Git: []cursor.GitBranch{{RepoURL: "github.com/o/r", Branch: "b", PRURL: "p"}}},
		},
		{"a short result", "result", `{"status":"ERROR","git":null}`, cursor.ResultEvent{Status: cursor.RunError}},
		{"error", "error", `{"code":"stream_unavailable","message":"Run stream is no longer available"}`, cursor.StreamErrorEvent{Code: cursor.CodeStreamUnavailable, Message: "Run stream is no longer available"}},
		{"interaction update", "interaction_update", `{"type":"text-delta"`, cursor.InteractionUpdateEvent{}},
		{"one that is not known", "step", `{"a":1}`, cursor.UnknownEvent{Type: "step"}},
		{"one without a type", "", `{"a":1}`, cursor.UnknownEvent{}},
		{"status without a status", "status", `{"runId":"r"}`, cursor.MalformedEvent{Type: "status"}},
		{"status that is no object", "status", `"RUNNING"`, cursor.MalformedEvent{Type: "status"}},
		{"text that is no text", "assistant", `{"text":7}`, cursor.MalformedEvent{Type: "assistant"}},
		{"half an object", "thinking", `{"text":"h`, cursor.MalformedEvent{Type: "thinking"}},
		{"a tool call without an id", "tool_call", `{"name":"x"}`, cursor.MalformedEvent{Type: "tool_call"}},
		{"a tool call that is garbage", "tool_call", `%%%`, cursor.MalformedEvent{Type: "tool_call"}},
		{"a result without a status", "result", `{}`, cursor.MalformedEvent{Type: "result"}},
		{"a result that is no object", "result", `[]`, cursor.MalformedEvent{Type: "result"}},
		{"an error that is no object", "error", `oops`, cursor.MalformedEvent{Type: "error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			head := "event: " + tt.kind + "\n"
			if tt.kind == "" {
				head = ""
			}
			got, err := streamed(t, head+"id: 7\ndata: "+tt.data+"\n\nevent: done\ndata: \n\n")
			want := []cursor.Event{{ID: "7", Data: tt.want}, {ID: "7", Data: cursor.DoneEvent{}}}
			if diff := cmp.Diff(want, got); diff != "" || err != "" {
				t.Errorf("error %q, events (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Fault 33: a status event has no id, and must not take away that of the event before.
func TestAStreamIsReadAsEventSourceReadsIt(t *testing.T) {
	t.Parallel()
	say := func(id, text string) cursor.Event {
		return cursor.Event{ID: id, Data: cursor.AssistantEvent{Text: text}}
	}
	tests := []struct {
		name, body string
		want       []cursor.Event
	}{
		{"nothing", "", nil},
		{"a comment", ": hello\n\n", nil},
		{"CRLF", "event: assistant\r\nid: 1\r\ndata: {\"text\":\"a\"}\r\n\r\nevent: assistant\r\ndata: {\"text\":\"b\"}\r\n\r\n", []cursor.Event{say("1", "a"), say("1", "b")}},
		{"CR", "event: assistant\rdata: {\"text\":\"a\"}\r\revent: assistant\rdata: {\"text\":\"b\"}\r\r", []cursor.Event{say("", "a"), say("", "b")}},
		{"LF and then CRLF", "event: assistant\ndata: {\"text\":\"a\"}\n\r\nevent: assistant\ndata: {\"text\":\"b\"}\n\n", []cursor.Event{say("", "a"), say("", "b")}},
		{"a byte order mark", "\ufeffevent: assistant\ndata: {\"text\":\"a\"}\n\n", []cursor.Event{say("", "a")}},
		{"data on several lines", "event: assistant\ndata: {\"text\":\ndata: \"a\"}\n\n", []cursor.Event{say("", "a")}},
		{"many blank lines", "\n\n\nevent: assistant\ndata: {\"text\":\"a\"}\n\n\n\n", []cursor.Event{say("", "a")}},
		{
			"ids that stay, change, repeat and are reset",
			"event: assistant\ndata: {\"text\":\"a\"}\n\nid: 1-0\nevent: assistant\ndata: {\"text\":\"b\"}\n\nevent: heartbeat\ndata: {}\n\n" +
				"id: 1-0\nevent: assistant\ndata: {\"text\":\"c\"}\n\nid: 2-0\nevent: assistant\ndata: {\"text\":\"d\"}\n\nid\nevent: assistant\ndata: {\"text\":\"e\"}\n\n",
			[]cursor.Event{say("", "a"), say("1-0", "b"), {ID: "1-0", Data: cursor.HeartbeatEvent{}}, say("1-0", "c"), say("2-0", "d"), say("", "e")},
		},
		{"an event without an end", "event: assistant\ndata: {\"text\":\"a\"}\n\nevent: assistant\ndata: {\"text\":\"b\"}\n", []cursor.Event{say("", "a")}},
		{"what comes after done", "event: done\ndata: {}\n\nevent: assistant\ndata: {\"text\":\"a\"}\n\n", []cursor.Event{{Data: cursor.DoneEvent{}}}},
		{"garbage", "HTTP/1.1 500\nnot: an event\n\x00\xff\n\nretry: 5\n\nevent: assistant\ndata: {\"text\":\"a\"}\n\n", []cursor.Event{say("", "a")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := streamed(t, tt.body)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != "" {
				t.Errorf("error %q, events (-want +got):\n%s", err, diff)
			}
		})
	}
}

// closing counts how often a body was closed.
type closing struct {
	io.Reader
	closed *int
}

func (c closing) Close() error { *c.closed++; return nil }

func TestABodyIsClosedHoweverItsStreamEnds(t *testing.T) {
	t.Parallel()
	const event = "event: heartbeat\ndata: {}\n\n"
	tests := []struct {
		name, body, kind string
		status           int
	}{
		{"by its reader", event, "text/event-stream", 200},
		{"by done", "event: done\ndata: {}\n\n" + event, "text/event-stream", 200},
		{"by its end", "", "text/event-stream", 200},
		{"before it began", event, "text/html", 200},
		{"by a refusal", event, "text/html", 404},
	}
	for _, tt := range tests {
		var closed int
		c := client(t, "http://127.0.0.1", cursor.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: tt.status, Header: http.Header{"Content-Type": {tt.kind}}, Request: r,
				Body: closing{strings.NewReader(tt.body), &closed},
			}, nil
		})})
		for range c.StreamRun(t.Context(), agentID, runID, "") {
			break
		}
		if closed != 1 {
			t.Errorf("%s: closed %d times, want once", tt.name, closed)
		}
	}
}
