package campaign_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// phase says how far an exchange or a system call has come.
type phase string

const (
	arrived phase = "arrived"     // the request is here, and nothing is done about it yet
	carried phase = "carried out" // and not a byte of the answer was sent
	halfway phase = "half sent"   // the answer's header, and half of its body
	allSent phase = "all sent"    // the last byte too
)

// phases are those of an exchange in their order.
func phases() []phase { return []phase{arrived, carried, halfway, allSent} }

// place is a moment in the life of a real process at which a signal may come:
// the n-th exchange, the n-th event of a kind on a stream, or the n-th system
// call of a kind, which is about to be made.
type place struct {
	what  string // an operation, an operation and an event, or a system call and what it is about
	phase phase  // "" for system calls
	n     int    // from 1
}

func (p place) String() string {
	if p.phase == "" {
		return fmt.Sprintf("system call %s %d", p.what, p.n)
	}
	return fmt.Sprintf("%s %d %s", p.what, p.n, p.phase)
}

// door is the way of one process to the API: a server on a real socket of this
// machine that notes what passes and at which places.
type door struct {
	api     *simulator.Server
	name    string // of the process to the API
	url     string
	process *realProcess
	server  *http.Server

	mu     sync.Mutex
	counts map[place]int
	calls  []*call
}

func openDoor(t *testing.T, api *simulator.Server, name string, process *realProcess) *door {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{api: api, name: name, url: "http://" + listener.Addr().String(), process: process, counts: map[place]int{}}
	d.server = &http.Server{Handler: d}
	go func() { _ = d.server.Serve(listener) }()
	t.Cleanup(func() { _ = d.server.Close() })
	return d
}

// shut waits until all that the process had asked for is carried out.
func (d *door) shut() error {
	ctx, cancel := context.WithTimeout(context.Background(), runnerPatience)
	defer cancel()
	return d.server.Shutdown(ctx)
}

// reached is told of every place.
func (d *door) reached(what string, phase phase) {
	at := place{what: what, phase: phase}
	d.mu.Lock()
	d.counts[at]++
	at.n = d.counts[at]
	d.mu.Unlock()
	d.process.at(at)
}

// ServeHTTP carries out what arrives, whether or not somebody is there still to
// take the answer: a server does not know of its client's death.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{op: operation(r.Method, r.URL.Path), path: r.URL.Path, at: time.Now(), resume: r.Header.Get("Last-Event-ID")}
	if strings.HasPrefix(c.path, "/_storage/") {
		c.op = "readStorage"
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process died while it sent the request
	}
	d.mu.Lock()
	d.calls = append(d.calls, c)
	d.mu.Unlock()
	d.reached(c.op, arrived)
	if c.op != "streamRun" {
		r = r.WithContext(context.WithoutCancel(r.Context()))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("User-Agent", "cursor-agent-action/"+d.name)
	d.api.ServeHTTP(&doorway{ResponseWriter: w, door: d, call: c}, r)
	_ = http.NewResponseController(w).Flush()
	d.mu.Lock()
	c.readAt = time.Now()
	d.mu.Unlock()
	d.reached(c.op, allSent)
}

// doorway is an answer on its way to the process.
type doorway struct {
	http.ResponseWriter
	door *door
	call *call
}

// Unwrap lets the simulator break the connection and set its deadlines.
func (w *doorway) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader comes after the request was carried out.
func (w *doorway) WriteHeader(status int) {
	w.door.mu.Lock()
	w.call.status, w.call.hint = status, retryAfter(w.Header())
	w.door.mu.Unlock()
	w.door.reached(w.call.op, carried)
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a body in two halves. A stream's writes are exchanges of their
// own, named after their last event.
func (w *doorway) Write(body []byte) (int, error) {
	what := w.call.op
	if what == "streamRun" {
		what = lastEvent(body)
		w.door.reached(what, carried)
	}
	if _, err := w.ResponseWriter.Write(body[:len(body)/2]); err != nil {
		return 0, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return 0, err
	}
	w.door.reached(what, halfway)
	if _, err := w.ResponseWriter.Write(body[len(body)/2:]); err != nil {
		return 0, err
	}
	w.door.mu.Lock()
	w.call.body = append(w.call.body, body...)
	if w.call.op == "streamRun" {
		w.call.countEvents()
	}
	w.door.mu.Unlock()
	if what != w.call.op {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		w.door.reached(what, allSent)
	}
	return len(body), nil
}

// lastEvent names the last event of a write, but for those that repeat it in
// another form or only say that nothing comes any more.
func lastEvent(frames []byte) string {
	name := "nothing"
	for line := range strings.Lines(string(frames)) {
		if event, found := strings.CutPrefix(line, "event: "); found && event != "interaction_update\n" && event != "done\n" {
			name = strings.TrimSpace(event)
		}
	}
	return "streamRun " + name
}

// heard are the calls of a process that is gone. What one read that was killed
// is known by what it did afterwards only: by its next request.
func (d *door) heard(p process) []call {
	d.mu.Lock()
	defer d.mu.Unlock()
	var calls []call
	for i, c := range d.calls {
		known := *c
		if p.killed && !c.readAt.IsZero() {
			known.readAt = time.Time{}
			for _, next := range d.calls[i+1:] {
				if next.at.After(c.readAt) {
					known.readAt = next.at
					break
				}
			}
		} else if c.readAt.After(p.ended) {
			known.readAt = time.Time{}
		}
		calls = append(calls, known)
	}
	return calls
}
