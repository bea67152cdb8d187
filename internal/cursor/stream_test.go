package cursor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

const streamPath = "/v1/agents/" + agentID + "/runs/" + runID + "/stream"

func TestAStreamIsAskedForFromTheLastEventOn(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"", "1713033006000-0"} {
		server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			w.Header().Set("X-Request-Id", "r")
			io.WriteString(w, "event: heartbeat\ndata: {}\n\n")
		})
		var told []cursor.Attempt
		c := client(t, url, cursor.Config{OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
		events, err := collect(c.StreamRun(t.Context(), agentID, runID, last))
		if err != nil || len(events) != 1 {
			t.Fatalf("got %v, %v; want one event", events, err)
		}
		want := request{Method: "GET", Target: streamPath, Header: http.Header{
			"Accept":          {"text/event-stream"},
			"Accept-Encoding": {"identity"},
			"Authorization":   {"Bearer " + testKey},
			"Cache-Control":   {"no-cache"},
			"User-Agent":      {"cursor-agent-action/dev"},
		}}
		if last != "" {
			want.Header.Set("Last-Event-Id", last)
		}
		if diff := cmp.Diff([]request{want}, server.seen()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		for i := range told {
			told[i].Duration = 0
		}
		wantTold := []cursor.Attempt{{Method: "GET", Path: streamPath, Number: 1, Status: 200, RequestID: "r"}}
		if diff := cmp.Diff(wantTold, told); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	}
}

func TestAnIDThatNoHeaderCanHoldIsRefusedAsTheAPIWould(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { flush(w, "") })
	_, err := collect(client(t, url, cursor.Config{}).StreamRun(t.Context(), agentID, runID, "1\x01"))
	want := "stream run: GET " + streamPath + ": invalid_last_event_id: the id of the last event can't be sent; read the stream from its start"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if !errors.Is(err, cursor.CodeInvalidLastEventID) || len(server.seen()) > 0 {
		t.Errorf("%v after %d requests, want the API's code after none", err, len(server.seen()))
	}
}

func TestAnAnswerThatIsNoStreamIsAnError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind string
		status     int
		body, want string
		class      cursor.Class
	}{
		{"a page", "text/html", 200, "<html>", `200 OK: the answer is "text/html" and no stream of events`, cursor.Transient},
		{"JSON", "application/json", 200, "{}", `200 OK: the answer is "application/json" and no stream of events`, cursor.Transient},
		{"no type", "", 200, "", `200 OK: the answer is "" and no stream of events`, cursor.Transient},
		{"no content", "text/event-stream", 204, "", `204 No Content: the answer is "text/event-stream" and no stream of events`, cursor.Transient},
		{"expired", "application/json", 410, fault("stream_expired", "Too late."), "410 stream_expired: Too late.", cursor.Final},
		{"unavailable", "application/json", 410, fault("stream_unavailable", "Not now."), "410 stream_unavailable: Not now.", cursor.Transient},
		{"a foreign id", "application/json", 400, fault("invalid_last_event_id", "No."), "400 invalid_last_event_id: No.", cursor.Final},
		{"throttled", "application/json", 429, fault("rate_limit_exceeded", "Slow."), "429 rate_limit_exceeded: Slow.", cursor.Throttled},
		{"down", "application/json", 503, "", "503 Service Unavailable", cursor.Transient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header()["Content-Type"] = []string{tt.kind}
				if tt.kind == "" {
					w.Header()["Content-Type"] = nil
				}
				w.Header().Set("X-Request-Id", "r")
				w.Header().Set("Retry-After", "9")
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			})
			var told []cursor.Attempt
			c := client(t, url, cursor.Config{OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
			events, err := collect(c.StreamRun(t.Context(), agentID, runID, ""))
			want := "stream run: GET " + streamPath + ": " + tt.want + " (request r)"
			if diff := cmp.Diff(want, text(err)); diff != "" || len(events) > 0 {
				t.Errorf("events %v, error (-want +got):\n%s", events, diff)
			}
			if e := asError(t, err); e.Class != tt.class || e.Attempts != 1 || tt.status == 429 && e.RetryAfter != 9*time.Second {
				t.Errorf("got %#v, want class %v", e, tt.class)
			}
			if len(server.seen()) != 1 || len(told) != 1 || told[0].Status != tt.status || told[0].Err != err {
				t.Errorf("%d requests, told of %v; want one of each", len(server.seen()), told)
			}
		})
	}
}

func TestAStreamThatBreaksOffKeepsWhatCame(t *testing.T) {
	t.Parallel()
	const body = "id: 1\nevent: assistant\ndata: {\"text\":\"a\"}\n\nid: 2\nevent: assistant\ndata: {\"te"
	url, _ := raw(t, func(int, *http.Request) (string, bool) {
		return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n" + body, false
	})
	events, err := collect(client(t, url, cursor.Config{}).StreamRun(t.Context(), agentID, runID, ""))
	if diff := cmp.Diff([]cursor.Event{{ID: "1", Data: cursor.AssistantEvent{Text: "a"}}}, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	want := "stream run: GET " + streamPath + ": 200 OK: the answer broke off: unexpected EOF"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if e := asError(t, err); e.Class != cursor.Transient || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %#v, want a transient error", e)
	}

	url, _ = raw(t, func(int, *http.Request) (string, bool) { return "", false })
	_, err = collect(client(t, url, cursor.Config{}).StreamRun(t.Context(), agentID, runID, ""))
	if got, want := text(err), "stream run: GET "+streamPath+": the connection was closed without an answer"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

// flush sends one piece of a stream.
func flush(w http.ResponseWriter, piece string) {
	w.Header().Set("Content-Type", "text/event-stream")
	io.WriteString(w, piece)
	w.(http.Flusher).Flush()
}

// Fault 34: a time-out of the whole exchange kills a stream in the middle of a long run.
func TestASilentStreamEndsAndASlowOneDoesNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		idle   time.Duration // 0 for the default
		answer func(http.ResponseWriter, *http.Request)
		events int
		takes  time.Duration
		want   string
	}{
		{
			name: "silent at once", takes: 90 * time.Second,
			answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			want:   ": nothing came for 1m30s",
		},
		{
			name: "silent after the header", takes: 90 * time.Second,
			answer: func(w http.ResponseWriter, r *http.Request) { flush(w, ""); <-r.Context().Done() },
			want:   ": 200 OK: nothing came for 1m30s",
		},
		{
			name: "silent after an event", idle: 5 * time.Second, events: 1, takes: 8 * time.Second,
			answer: func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(3 * time.Second)
				flush(w, "event: heartbeat\ndata: {}\n\n")
				<-r.Context().Done()
			},
			want: ": 200 OK: nothing came for 5s",
		},
		{
			name: "an hour of heartbeats", events: 60, takes: time.Hour,
			answer: func(w http.ResponseWriter, _ *http.Request) {
				for range 60 {
					flush(w, "event: heartbeat\ndata: {}\n\n")
					time.Sleep(time.Minute)
				}
			},
		},
		{
			name: "an hour of comments", takes: time.Hour,
			answer: func(w http.ResponseWriter, _ *http.Request) {
				for range 60 {
					flush(w, ":\n")
					time.Sleep(time.Minute)
				}
			},
		},
		{
			name: "an event of an hour", events: 1, takes: time.Hour,
			answer: func(w http.ResponseWriter, _ *http.Request) {
				flush(w, "event: heartbeat\ndata: ")
				for range 60 {
					time.Sleep(time.Minute)
					flush(w, "x")
				}
				flush(w, "\n\n")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) { tt.answer(w, r) })
				begun := time.Now()
				events, err := collect(bubbleClient(t, transport, cursor.Config{IdleTimeout: tt.idle}).StreamRun(t.Context(), agentID, runID, ""))
				between(t, "the stream", time.Since(begun), tt.takes, tt.takes)
				want := tt.want
				if want != "" {
					want = "stream run: GET " + streamPath + want
				}
				if diff := cmp.Diff(want, text(err)); diff != "" || len(events) != tt.events {
					t.Errorf("%d events, want %d; error (-want +got):\n%s", len(events), tt.events, diff)
				}
				if tt.want != "" && (!errors.Is(err, cursor.ErrStreamIdle) || asError(t, err).Class != cursor.Transient) {
					t.Errorf("got %#v, want a transient ErrStreamIdle", err)
				}
			})
		})
	}
}

func TestTheReaderOfAStreamMayTakeItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			for range 3 {
				flush(w, "event: heartbeat\ndata: {}\n\n")
			}
		})
		count := 0
		for _, err := range bubbleClient(t, transport, cursor.Config{}).StreamRun(t.Context(), agentID, runID, "") {
			if err != nil {
				t.Fatal(err)
			}
			count++
			time.Sleep(time.Hour)
		}
		if count != 3 {
			t.Errorf("%d events, want 3", count)
		}
	})
}

func TestAStreamEndsWithItsReaderOrItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{}, 2)
		_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			flush(w, "event: heartbeat\ndata: {}\n\n")
			<-r.Context().Done()
			gone <- struct{}{}
		})
		var told []cursor.Attempt
		c := bubbleClient(t, transport, cursor.Config{OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
		for range c.StreamRun(t.Context(), agentID, runID, "") {
			break
		}
		<-gone // the connection is closed

		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errStop) })
		events, err := collect(c.StreamRun(ctx, agentID, runID, ""))
		want := "stream run: GET " + streamPath + ": 200 OK: the workflow was cancelled"
		if diff := cmp.Diff(want, text(err)); diff != "" || len(events) != 1 {
			t.Errorf("%d events, error (-want +got):\n%s", len(events), diff)
		}
		if !errors.Is(err, errStop) || !errors.Is(err, context.Canceled) || errors.Is(err, cursor.ErrStreamIdle) {
			t.Errorf("%v does not match its cause", err)
		}
		<-gone
		if len(told) != 2 || told[0].Err != nil || told[1].Err != err || told[1].Duration != time.Minute {
			t.Errorf("told of %v, want a stream that was left and one that was stopped after a minute", told)
		}
	})
}
