package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// longStream is a server of one run whose stream has so many events, made as
// they are read: text, thoughts, tool calls from start to end, and the updates
// that double them.
type longStream struct {
	events int
	each   func(n int) // called before the n-th event; may be nil

	n      int
	chunk  []byte // of buffer, still to be read
	buffer []byte
	ended  atomic.Bool
}

const longAgent, longRun = "bc-1", "run-1"

func (s *longStream) RoundTrip(request *http.Request) (*http.Response, error) {
	if isStream(request) {
		return sse(request, s), nil
	}
	status := "RUNNING"
	if s.ended.Load() {
		status = "FINISHED"
	}
	return jsonAnswer(request, fmt.Sprintf(`{"id":%q,"agentId":%q,"status":%q}`, longRun, longAgent, status)), nil
}

// Read implements io.Reader.
func (s *longStream) Read(p []byte) (int, error) {
	if len(s.chunk) == 0 {
		if s.n > s.events {
			return 0, io.EOF
		}
		s.chunk = s.buffer[:0]
		for len(s.chunk) < 16<<10 && s.n <= s.events {
			s.chunk = s.next(s.chunk)
		}
		s.buffer = s.chunk
	}
	n := copy(p, s.chunk)
	s.chunk = s.chunk[n:]
	return n, nil
}

// next appends one event.
func (s *longStream) next(b []byte) []byte {
	if s.each != nil {
		s.each(s.n)
	}
	b = append(strconv.AppendInt(append(b, "id: "...), int64(1713033006000+s.n), 10), "-0\n"...)
	call := int64(s.n / 10)
	switch {
	case s.n == s.events:
		s.ended.Store(true)
		b = append(b, "event: result\ndata: {\"runId\":\"run-1\",\"status\":\"FINISHED\"}\n\n"...)
	case s.n%10 == 0:
		b = append(b, "event: thinking\ndata: {\"text\":\"Some words in mind. \"}\n\n"...)
	case s.n%10 == 4:
		b = append(b, "event: assistant\ndata: {\"text\":\"The end of a paragraph.\\n\\n\"}\n\n"...)
	case s.n%10 == 7:
		b = strconv.AppendInt(append(b, "event: tool_call\ndata: {\"callId\":\"call-"...), call, 10)
		b = append(b, "\",\"name\":\"read_file\",\"status\":\"running\",\"args\":{\"path\":\"a.go\"}}\n\n"...)
	case s.n%10 == 8:
		b = strconv.AppendInt(append(b, "event: tool_call\ndata: {\"callId\":\"call-"...), call, 10)
		b = append(b, "\",\"name\":\"read_file\",\"status\":\"completed\",\"args\":{\"path\":\"a.go\"},\"result\":{\"success\":{}}}\n\n"...)
	case s.n%10 == 9:
		b = append(b, "event: interaction_update\ndata: {\"type\":\"text-delta\",\"text\":\"Some words of it. \"}\n\n"...)
	default:
		b = append(b, "event: assistant\ndata: {\"text\":\"Some words of it. \"}\n\n"...)
	}
	s.n++
	return b
}

// follow follows the run to its end and returns how many updates were told.
func (s *longStream) follow(t testing.TB) (updates int) {
	client := newClient(t, setup{}, s)
	agents := agent.New(agent.Config{Client: client, Key: secret.New(key), Observe: func(agent.Update) { updates++ }})
	run, err := agents.Follow(t.Context(), agent.Handle{AgentID: longAgent, RunID: longRun, Status: cursor.RunRunning})
	if err != nil || run.Status != cursor.RunFinished {
		t.Fatalf("%s, error %v", run.Status, err)
	}
	return updates
}

// This test measures the heap, so it is not parallel.
func TestAMillionEventsTakeNoMoreMemoryThanAThousand(t *testing.T) {
	const events = 1_000_000
	heap := func() int64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	var early, late int64
	stream := &longStream{events: events, each: func(n int) {
		switch n {
		case 10_000:
			early = heap()
		case events - 10_000:
			late = heap()
		}
	}}
	// Of ten events there are a thought, two paragraphs, a call's start and its end.
	if updates := stream.follow(t); updates < events/10*5 {
		t.Errorf("%d updates were told", updates)
	}
	if grown := late - early; grown > 256<<10 {
		t.Errorf("the heap grew by %d KiB over a million events", grown>>10)
	}
}

// BenchmarkFollow tells what one event of a stream costs, from the bytes of the
// answer to the updates.
func BenchmarkFollow(b *testing.B) {
	b.ReportAllocs()
	stream := &longStream{events: b.N}
	stream.follow(b)
}
