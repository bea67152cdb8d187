package campaign_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"cursor-agent-action/internal/simulator"
)

// wire is the network as one process sees it. It can be cut, for a while or
// for ever, and it notes what was sent and what the process was told.
type wire struct {
	transport *http.Transport
	reached   func(momentKind, int) // told of each moment at which a blow may strike
	hub       hub                   // GitHub, where the process asks it of workflow runs alone
	shop      http.RoundTripper     // GitHub, where the story happens on an event of it
	key       string                // sent in place of the process' own; "" sends that

	mu     sync.Mutex
	dead   bool          // for ever
	gone   syscall.Errno // for now: why connections can't be made, 0 when they can
	mute   chan struct{} // for now: connections hang until it is closed
	conns  []net.Conn
	calls  []*call
	asked  []*call // of GitHub, where there is a shop
	counts map[momentKind]int
	turned int // connections that were refused because nobody listened
}

// call is one request of a process, and what it was told. A call that has no
// answer has the status 0.
type call struct {
	op     string
	path   string
	at     time.Time
	status int
	hint   time.Duration // of Retry-After
	readAt time.Time     // when the body was read to its end; zero when it was not
	body   []byte        // as far as it was read; of streams only the line that is being read
	resume string        // the Last-Event-ID that was sent
	events int           // lines with an id that were read of a stream
	sent   []byte        // the body of a request to the shop's GitHub
}

// whole reports whether the process got the whole answer.
func (c *call) whole() bool { return !c.readAt.IsZero() }

// told reports whether the process got the whole answer, and it was good news,
// and not somebody else's.
func (c *call) told() bool {
	return c.whole() && c.status/100 == 2 && !c.someoneElses()
}

func newWire(api *simulator.Server, reached func(momentKind, int)) *wire {
	w := &wire{transport: api.Transport(), reached: reached, counts: map[momentKind]int{}}
	w.tap(w.transport)
	return w
}

// tap has the connections of a transport go through the wire.
func (w *wire) tap(transport *http.Transport) {
	dial, dialTLS := transport.DialContext, transport.DialTLSContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return w.dial(ctx, network, address, dial)
	}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return w.dial(ctx, network, address, dialTLS)
	}
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (w *wire) dial(ctx context.Context, network, address string, next dialer) (net.Conn, error) {
	for {
		w.mu.Lock()
		dead, gone, mute := w.dead, w.gone, w.mute
		w.mu.Unlock()
		if dead || gone != 0 {
			return nil, w.unreachable(network)
		}
		if mute == nil {
			break
		}
		select {
		case <-mute:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	conn, err := next(ctx, network, address)
	w.mu.Lock()
	cut := w.dead || w.gone != 0
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		w.turned++
	case err == nil && !cut:
		w.conns = append(w.conns, conn)
	}
	w.mu.Unlock()
	if err == nil && cut {
		_ = conn.Close()
		return nil, w.unreachable(network)
	}
	return conn, err
}

// unreachable is the error of a connection that can't be made.
func (w *wire) unreachable(network string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	errno := w.gone
	switch {
	case errno == syscall.ECONNREFUSED:
		w.turned++
	case errno == 0:
		errno = syscall.ENETUNREACH
	}
	return &net.OpError{Op: "dial", Net: network, Err: errno}
}

// sever breaks every connection and changes what becomes of new ones.
func (w *wire) sever(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	for _, conn := range w.conns {
		_ = conn.Close()
	}
	w.conns = nil
}

// kill cuts the process off for ever.
func (w *wire) kill() {
	w.sever(func() {
		w.dead = true
		if w.mute != nil {
			close(w.mute)
			w.mute = nil
		}
	})
}

// away takes the network away for a while.
func (w *wire) away(kind blowKind, lasts time.Duration) {
	w.sever(func() {
		switch {
		case kind == refused:
			w.gone = syscall.ECONNREFUSED
		case kind == netGone:
			w.gone = syscall.ENETUNREACH
		case w.mute == nil && !w.dead:
			w.mute = make(chan struct{})
		}
	})
	time.AfterFunc(lasts, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.gone = 0
		if w.mute != nil {
			close(w.mute)
			w.mute = nil
		}
	})
}

// sent are the calls so far, to the Cursor API and to GitHub, and how many
// connections were refused.
func (w *wire) sent() (calls, asked []call, turned int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		calls = append(calls, *c)
	}
	for _, c := range w.asked {
		asked = append(asked, *c)
	}
	return calls, asked, w.turned
}

func (w *wire) count(kind momentKind) {
	w.mu.Lock()
	w.counts[kind]++
	n := w.counts[kind]
	w.mu.Unlock()
	w.reached(kind, n)
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	c := &call{op: operation(r.Method, r.URL.Path), path: r.URL.Path, at: time.Now(), resume: r.Header.Get("Last-Event-ID")}
	list := &w.calls
	if w.shop != nil && r.URL.Host == gitHub {
		list, c.op = &w.asked, r.Method
		if r.GetBody != nil {
			body, _ := r.GetBody() // It is in memory.
			c.sent, _ = io.ReadAll(body)
		}
	}
	w.count(atRequest)
	w.mu.Lock()
	dead := w.dead
	if !dead {
		*list = append(*list, c)
	}
	w.mu.Unlock()
	if dead { // nobody runs any more who could send it
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errors.New("the process is dead")
	}
	if w.key != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+w.key)
	}
	answer, err := w.next(r)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	c.status, c.hint = answer.StatusCode, retryAfter(answer.Header)
	w.mu.Unlock()
	w.count(atAnswer)
	answer.Body = &heard{ReadCloser: answer.Body, wire: w, call: c}
	return answer, nil
}

// next hands a request to the server that it goes to.
func (w *wire) next(r *http.Request) (*http.Response, error) {
	switch {
	case r.URL.Host != gitHub:
		return w.transport.RoundTrip(r)
	case w.shop != nil:
		return w.shop.RoundTrip(r)
	}
	if err := w.reaches(r); err != nil {
		return nil, err
	}
	return w.hub.answer(r)
}

// heard is a body that notes what was read of it.
type heard struct {
	io.ReadCloser
	wire *wire
	call *call
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.wire.mu.Lock()
	h.call.body = append(h.call.body, p[:n]...)
	if h.call.op == "streamRun" {
		h.call.countEvents()
	}
	ended := errors.Is(err, io.EOF) && !h.call.whole()
	if ended {
		h.call.readAt = time.Now()
		if h.call.hint == 0 {
			h.call.hint = retryAfterInside(h.call.body)
		}
	}
	h.wire.mu.Unlock()
	if ended {
		h.wire.count(atRead)
	}
	return n, err
}

// countEvents counts the ids among the lines of a stream that were read to
// their ends.
func (c *call) countEvents() {
	for {
		line, rest, ended := bytes.Cut(c.body, []byte("\n"))
		if !ended {
			return
		}
		if bytes.HasPrefix(line, []byte("id: ")) {
			c.events++
		}
		c.body = rest
	}
}
