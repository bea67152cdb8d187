package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is one request and the way its answer goes.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	key    string            // the API key that was sent
	params map[string]string // the wildcards of the path
	body   []byte
	sent   CreateRequest // what the body says, as far as it can be read; a follow-up's is a part of it

	stale  int           // how many changes its answer is behind
	says   string        // the status that its answer gives a live run; "" for the truth
	record *Request      // guarded by the server's mu
	cut    chan struct{} // closed when the connection is to break
	gone   bool          // cut is closed; guarded by the server's mu
}

// begin remembers the request and returns its exchange; end must follow.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{server: s, w: w, r: r, key: apiKey(r), cut: make(chan struct{})}
	x.record = &Request{
		Method:         r.Method,
		Path:           r.URL.Path,
		Query:          r.URL.RawQuery,
		At:             time.Now(),
		Open:           true,
		UserAgent:      r.UserAgent(),
		IdempotencyKey: r.Header.Get("Idempotency-Key"),
		LastEventID:    r.Header.Get("Last-Event-ID"),
		KeyHash:        keyHash(x.key),
	}
	s.mu.Lock()
	x.record.ID = s.mintUUID("request")
	s.requests.add(x.record)
	s.exchanges[x] = struct{}{}
	s.mu.Unlock()
	header := w.Header()
	header.Set("X-Request-Id", x.record.ID)
	header.Set("Date", s.clock(x.record.At).Format(http.TimeFormat))
	return x
}

func (x *exchange) end() {
	s := x.server
	s.mu.Lock()
	delete(s.exchanges, x)
	x.record.Open = false
	x.record.Duration = time.Since(x.record.At)
	record := *x.record
	s.mu.Unlock()
	if s.config.Log != nil {
		s.config.Log(record)
	}
}

// readBody reads the request's body, of at most limit bytes. What the body says
// is read leniently here, because even a refused request is met by the faults
// of the scenario that its prompt chooses.
func (x *exchange) readBody(limit int64, read func([]byte) CreateRequest) *answer {
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, limit))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return new(plain(http.StatusRequestEntityTooLarge, "Request body is too large"))
	}
	if err != nil {
		return new(plain(http.StatusBadRequest, "Request body could not be read"))
	}
	x.body = data
	x.sent = read(data)
	return nil
}

// readCreate reads what a body of version 1 says, as far as it can be read.
func readCreate(data []byte) (request CreateRequest) {
	_ = json.Unmarshal(data, &request)
	return request
}

// drop breaks the connection: it wakes whoever waits and fails a write that
// hangs on a client who does not read. The caller holds the server's mu.
func (x *exchange) drop() {
	if x.gone {
		return
	}
	x.gone = true
	if x.record.Fault == "" {
		x.record.Fault = "connection dropped"
	}
	close(x.cut)
	_ = http.NewResponseController(x.w).SetWriteDeadline(time.Now())
}

// reset breaks the connection without an answer, on TCP with a RST, as a
// crashed server does.
func (x *exchange) reset() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil { // HTTP/2, or a recorder: abort is the next best
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// resetBy breaks the connection as a rule says, or because the server is about
// to go away.
func (x *exchange) resetBy(f *Fault) {
	switch {
	case f.Reset == "": // The restart that broke it has said so.
	case f.Down > 0:
		x.note("reset %s, down", f.Reset)
		x.server.TakeDown(x.server.scaled(f.Down))
	default:
		x.note("reset %s", f.Reset)
	}
	x.reset()
}

// abort ends an answer that has begun, so that the client sees that it is not
// whole. Unlike a RST it loses nothing of what was written before.
func (x *exchange) abort() {
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// note says in the record what a rule of the scenario did.
func (x *exchange) note(format string, args ...any) {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.record.Fault = fmt.Sprintf(format, args...)
}

// noteStream says in the record that a fault of the stream took effect. The
// caller holds the server's mu.
func (x *exchange) noteStream(action StreamAction) {
	if !slices.Contains(x.record.StreamFaults, action) {
		x.record.StreamFaults = append(x.record.StreamFaults, action)
	}
}

// answer is what a handler wants to be sent. The zero status is 200.
type answer struct {
	status      int
	contentType string
	header      http.Header
	body        []byte

	// stream, when set, writes the body itself, piece by piece, after the
	// header was sent.
	stream func(*exchange)

	// problem is what a refusal says, for a version that shapes it otherwise.
	problem *problem
}

// send writes the answer, its body only up to cut bytes when cut is not nil.
func (x *exchange) send(a answer, cut *int) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	header := x.w.Header()
	maps.Copy(header, a.header)
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	if a.stream == nil {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.server.mu.Lock()
	x.record.Status = a.status
	x.server.mu.Unlock()
	x.w.WriteHeader(a.status)
	switch {
	case a.stream != nil:
		a.stream(x)
	case cut != nil && *cut < len(a.body):
		_, _ = x.w.Write(a.body[:*cut])
		x.abort()
	default:
		_, _ = x.w.Write(a.body)
	}
}

// apiKey is the key of the Authorization header: the Bearer token, or the user
// name of Basic authentication; "" when there is none.
func apiKey(r *http.Request) string {
	if user, _, ok := r.BasicAuth(); ok {
		return user
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
