package cursor_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestAnEventIsHandedOnAsSoonAsItIsWhole(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"LF":                       {"event: heartbeat\ndata: {}\n\n"},
		"CRLF":                     {"event: heartbeat\r\ndata: {}\r\n\r\n"},
		"CR":                       {"event: heartbeat\rdata: {}\r\r"},
		"LF and then CR":           {"event: heartbeat\ndata: {}\n\r"},
		"a blank line in two":      {"event: heartbeat\ndata: {}\n", "\n"},
		"a CRLF in two":            {"event: heartbeat\r\ndata: {}\r\n\r", "\n"},
		"in bytes":                 strings.Split("event: heartbeat\ndata: {}\n\n", ""),
		"with the next one behind": {"event: heartbeat\ndata: {}\n\nevent: ass"},
	}
	for name, pieces := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					for _, piece := range pieces {
						flush(w, piece)
						select {
						case <-time.After(time.Second):
						case <-r.Context().Done():
							return
						}
					}
					<-r.Context().Done()
				})
				begun := time.Now()
				for event, err := range bubbleClient(t, transport, cursor.Config{}).StreamRun(t.Context(), agentID, runID, "") {
					if diff := cmp.Diff(cursor.Event{Data: cursor.HeartbeatEvent{}}, event); diff != "" || err != nil {
						t.Errorf("error %v, event (-want +got):\n%s", err, diff)
					}
					break
				}
				limit := time.Duration(len(pieces)-1) * time.Second
				between(t, "the event", time.Since(begun), 0, limit)
			})
		})
	}
}

// The decoder alone would look through all that has come of an event with each
// piece of it, for minutes.
//
// Fault 34: a tool's result is one line of some megabytes, far over what line readers take.
func TestAnEventOfTenMegabytesInSmallPiecesCostsLittleMore(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 10<<20)
	body := "id: 1\nevent: assistant\ndata: {\"text\":\"a\"}\n\nid: 2\nevent: assistant\ndata: {\"text\":\"" + big +
		"\"}\n\nid: 3\nevent: assistant\ndata: {\"text\":\"b\"}\n\n"
	want := []cursor.Event{
		{ID: "1", Data: cursor.AssistantEvent{Text: "a"}}, {ID: "2", Data: cursor.AssistantEvent{Text: big}},
		{ID: "3", Data: cursor.AssistantEvent{Text: "b"}},
	}
	takes := func(piece int) time.Duration {
		begun := time.Now()
		c := client(t, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader { return &pieces{strings.NewReader(body), piece} })})
		events, err := collect(c.StreamRun(t.Context(), agentID, runID, ""))
		if err != nil || !cmp.Equal(want, events) {
			t.Fatalf("%d events and %v, want a small, a big and a small event", len(events), err)
		}
		return time.Since(begun)
	}
	whole, small := takes(len(body)), takes(1<<10)
	if small > 40*whole+time.Second {
		t.Errorf("%v in one piece, %v in small ones", whole, small)
	}
}

// pieces is a body that comes in small pieces.
type pieces struct {
	body io.Reader
	size int
}

func (p *pieces) Read(b []byte) (int, error) { return p.body.Read(b[:min(len(b), p.size)]) }

func TestAnEventThatIsTooLargeEndsTheStream(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		tail func() io.Reader
	}{
		{"a line without end", func() io.Reader { return zeros{} }},
		{"lines without end", func() io.Reader { return repeat("data: x\n", 0) }},
		{"comments without end", func() io.Reader { return repeat(": x\n", 0) }},
		{"an event a little too long", func() io.Reader {
			return io.MultiReader(strings.NewReader("data: "), io.LimitReader(zeros{}, 17<<20), strings.NewReader("\n\n"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := client(t, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader {
				return io.MultiReader(strings.NewReader("id: 1\nevent: heartbeat\ndata: {}\n\nevent: assistant\n"), tt.tail())
			})})
			events, err := collect(c.StreamRun(t.Context(), agentID, runID, ""))
			want := "stream run: GET " + streamPath + ": 200 OK: an event of the stream is larger than 16 MiB"
			if diff := cmp.Diff(want, text(err)); diff != "" || len(events) != 1 {
				t.Errorf("%d events, want 1; error (-want +got):\n%s", len(events), diff)
			}
			if !errors.Is(err, cursor.ErrEventTooLarge) || asError(t, err).Class != cursor.Final {
				t.Errorf("got %#v, want a final ErrEventTooLarge", err)
			}
		})
	}
}

// repeat is a body of the same text, times times or without end for 0.
func repeat(text string, times int) io.Reader {
	r := &repeater{text: []byte(text), left: times}
	for len(r.text) < 64<<10 && (times == 0 || times%2 == 0) { // to cost less than what reads it
		r.text, r.left, times = append(r.text, r.text...), r.left/2, times/2
	}
	return r
}

type repeater struct {
	text []byte
	left int
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at = 0
		if r.left--; r.left == 0 {
			return n, io.EOF
		}
	}
	return n, nil
}

func TestMemoryStaysFlatOverAMillionEvents(t *testing.T) {
	const events = 1_000_000
	const one = "id: 1713033006000000-0\nevent: assistant\ndata: {\"text\":\"a piece of what the agent says \\n\"}\n\n"
	c := client(t, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader { return repeat(one, events) })})
	var early, late uint64
	count := 0
	for event, err := range c.StreamRun(t.Context(), agentID, runID, "") {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := event.Data.(cursor.AssistantEvent); !ok {
			t.Fatalf("event %d is %#v", count, event)
		}
		switch count++; count {
		case events / 100:
			early = live()
		case events:
			late = live()
		}
	}
	if count != events {
		t.Fatalf("%d events, want %d", count, events)
	}
	if late > early+1<<20 {
		t.Errorf("%d bytes live after 10,000 events and %d after a million", early, late)
	}
}

// live is what a garbage collection leaves on the heap.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkStreamEvents(b *testing.B) {
	one := []byte("id: 1713033006000000-0\nevent: assistant\ndata: {\"text\":\"a piece of what the agent says \\n\"}\n\n")
	body := bytes.Repeat(one, 10_000)
	c := client(b, "http://127.0.0.1", cursor.Config{Transport: canned(func() io.Reader { return bytes.NewReader(body) })})
	b.ReportAllocs()
	b.SetBytes(int64(len(one)))
	for left := b.N; left > 0; {
		for _, err := range c.StreamRun(b.Context(), agentID, runID, "") {
			if err != nil {
				b.Fatal(err)
			}
			if left--; left == 0 {
				break
			}
		}
	}
}
