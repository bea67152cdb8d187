package forgetest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// Transport returns a transport whose requests all reach this hub, whatever
// host they name, over in-memory connections to a real HTTP server. It needs no
// socket and works inside a testing/synctest bubble, if the hub was made there.
// It serves https addresses too, without encryption: nothing leaves the
// process.
func (h *Hub) Transport() http.RoundTripper {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.serving && !h.closed {
		h.serving = true
		h.serve(h.pipes)
	}
	dial := func(scheme string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, _ string) (net.Conn, error) {
			return h.pipes.dial(ctx, network, scheme)
		}
	}
	return &http.Transport{
		DialContext:         dial("http"),
		DialTLSContext:      dial("https"),
		MaxIdleConnsPerHost: 10,
		IdleConnTimeout:     90 * time.Second,
	}
}

// Handler is the hub itself, for a server of the caller's own.
func (h *Hub) Handler() http.Handler { return h }

// Listen opens a port of the loopback interface until Close, and returns the
// base address of the REST API there, such as http://127.0.0.1:8787/api/v3.
func (h *Hub) Listen() (string, error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		_ = inner.Close()
		return "", net.ErrClosed
	}
	h.serve(&tcpListener{inner, h})
	return "http://" + inner.Addr().String() + h.config.Prefix, nil
}

// serve answers the connections of a listener until Close. The caller holds
// h.mu.
func (h *Hub) serve(listener net.Listener) {
	web := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0), ConnContext: withScheme}
	h.servers = append(h.servers, web)
	go func() { _ = web.Serve(listener) }()
}

// TakeDown takes the hub away for a while: every connection breaks, and until
// the time is over new ones are refused (in process), or broken at once (behind
// a socket).
func (h *Hub) TakeDown(lasts time.Duration) {
	h.mu.Lock()
	h.downUntil = time.Now().Add(lasts)
	h.mu.Unlock()
	h.dropConnections()
}

func (h *Hub) dropConnections() {
	h.mu.Lock()
	conns := h.conns
	h.conns = map[*watchedConn]struct{}{}
	h.mu.Unlock()
	for conn := range conns {
		conn.reset()
	}
}

// watch has a connection broken by the next outage, or now when there is one.
func (h *Hub) watch(conn net.Conn) *watchedConn {
	watched := &watchedConn{conn, h}
	h.mu.Lock()
	down := h.closed || time.Now().Before(h.downUntil)
	if !down {
		h.conns[watched] = struct{}{}
	}
	h.mu.Unlock()
	if down {
		watched.reset()
	}
	return watched
}

// watchedConn is the hub's end of a connection.
type watchedConn struct {
	net.Conn
	hub *Hub
}

// Close implements net.Conn.
func (c *watchedConn) Close() error {
	c.hub.mu.Lock()
	delete(c.hub.conns, c)
	c.hub.mu.Unlock()
	return c.Conn.Close()
}

// reset breaks the connection, on TCP with a RST, as a crashed server does.
func (c *watchedConn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

// tcpListener has its connections watched.
type tcpListener struct {
	net.Listener
	hub *Hub
}

// Accept implements net.Listener.
func (l *tcpListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.hub.watch(conn), nil
}

// pipeListener is a net.Listener whose connections are dialled in memory.
type pipeListener struct {
	hub   *Hub
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeListener(h *Hub) *pipeListener {
	return &pipeListener{hub: h, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context, network, scheme string) (net.Conn, error) {
	l.hub.mu.Lock()
	down := time.Now().Before(l.hub.downUntil)
	l.hub.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: l.Addr(), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	client, server := net.Pipe()
	select {
	case l.conns <- schemeConn{l.hub.watch(server), scheme}:
		return client, nil
	case <-l.done:
		return nil, &net.OpError{Op: "dial", Net: network, Addr: l.Addr(), Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "hub" }

// schemeConn remembers the scheme that was dialled.
type schemeConn struct {
	*watchedConn
	scheme string
}

type schemeKey struct{}

func withScheme(ctx context.Context, conn net.Conn) context.Context {
	if conn, ok := conn.(schemeConn); ok {
		return context.WithValue(ctx, schemeKey{}, conn.scheme)
	}
	return ctx
}

// schemeOf is the scheme of the address that a request was sent to.
func schemeOf(r *http.Request) string {
	if scheme, ok := r.Context().Value(schemeKey{}).(string); ok {
		return scheme
	}
	return "http"
}

// reset breaks a request's connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // a recorder: to abort is the next best
		panic(http.ErrAbortHandler)
	}
	switch conn := conn.(type) {
	case schemeConn:
		conn.reset()
	case *watchedConn:
		conn.reset()
	default:
		_ = conn.Close()
	}
}

// pause waits for d, or until the hub is closed; it reports whether the whole
// time passed.
func (h *Hub) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.closing:
		return false
	}
}

// IsReset reports whether an error is a connection that broke, or that nobody
// took, as clients of a hub see it.
func IsReset(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, net.ErrClosed)
}
