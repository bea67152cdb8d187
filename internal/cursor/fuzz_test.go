package cursor_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cursor-agent-action/internal/cursor"
)

// oneBoundedLine fails when text is more than a line of a terminal's log.
func oneBoundedLine(t *testing.T, what, text string, limit int) {
	t.Helper()
	if n := utf8.RuneCountInString(text); n > limit {
		t.Errorf("%s has %d runes, want %d at most", what, n, limit)
	}
	if strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsAny(text, "\u2028\u2029") || !utf8.ValidString(text) {
		t.Errorf("%s is no line of text: %q", what, text)
	}
	if strings.Contains(text, testKey) {
		t.Errorf("%s shows the key: %q", what, text)
	}
}

func FuzzErrorBody(f *testing.F) {
	f.Add(429, []byte(fault("rate_limit_exceeded", "slow down")), "7", "req")
	f.Add(401, []byte(`{"code":"error","message":"Invalid User API Key"}`), "", "")
	f.Add(429, []byte(`{"code":"resource_exhausted","message":"[resource_exhausted] Error","details":[{"debug":{"details":{"title":"t","detail":"d","additionalInfo":{"retryAfter":"60"}}}}]}`), "Sat, 01 Jan 2000 00:00:42 GMT", "")
	f.Add(502, []byte("<html><title>a\nb"+testKey+"</title>"), "1e9999", "\r\n")
	f.Add(400, []byte(`{"error":"Bearer `+testKey+`","message":`), "-1", testKey)
	f.Add(400, []byte(strings.Repeat("\u202e\x00é", 400)), "", strings.Repeat("x", 300))
	f.Fuzz(func(t *testing.T, status int, body []byte, hint, id string) {
		status = 300 + min(max(status, 0), 999)%300
		header := http.Header{"Retry-After": {hint}, "X-Request-Id": {id}}
		c := client(t, "http://127.0.0.1", cursor.Config{Retry: once, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
		})})
		err := calls[2].call(t.Context(), c)
		e := asError(t, err)
		if e.Status != status || e.RetryAfter < 0 || e.RetryAfter > 366*24*time.Hour {
			t.Errorf("got status %d and a hint of %v", e.Status, e.RetryAfter)
		}
		oneBoundedLine(t, "the message", e.Message, 500)
		oneBoundedLine(t, "the code", string(e.Code), 128)
		oneBoundedLine(t, "the provider", e.Provider, 128)
		oneBoundedLine(t, "the request id", e.RequestID, 128)
		oneBoundedLine(t, "the help URL", e.HelpURL, 2000)
		oneBoundedLine(t, "the error", err.Error(), 1100)
	})
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("id: 1\nevent: assistant\ndata: {\"text\":\"a\"}\n\nevent: done\ndata: {}\n\n"))
	f.Add([]byte("event: status\r\ndata: {\"runId\":\"r\",\r\ndata: \"status\":\"RUNNING\"}\r\n\r\n"))
	f.Add([]byte("\ufeffevent: tool_call\rdata: {\"callId\":\"c\",\"args\":[1]}\r\r: comment\n\r\n"))
	f.Add([]byte("event: result\ndata: {\"status\":\"FINISHED\",\"durationMs\":1e999,\"git\":{\"branches\":null}}\n\n\n"))
	f.Add([]byte("id: \x00\nid\nevent\ndata\n\nevent: error\ndata: nope\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		read := func(size int) (events string) {
			c := client(t, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader { return &pieces{bytes.NewReader(body), size} })})
			for event, err := range c.StreamRun(t.Context(), agentID, runID, "") {
				if err != nil {
					t.Fatalf("a body of %d bytes that ends: %v", len(body), err)
				}
				if strings.ContainsAny(event.ID, "\r\n\x00") {
					t.Errorf("id %q can't be sent back", event.ID)
				}
				events += fmt.Sprintf("%#v\n", event)
			}
			return events
		}
		// How the network cuts the stream must not matter.
		whole := read(max(len(body), 1))
		for _, size := range []int{1, 7} {
			if got := read(size); got != whole {
				t.Errorf("in pieces of %d bytes:\n%s\nin one:\n%s", size, got, whole)
			}
		}
	})
}
