package simulator

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Transport returns a transport whose requests all reach this server, whatever
// host they name, over in-memory connections to a real HTTP server. It needs
// no socket and works inside a testing/synctest bubble, if the server was made
// there. It serves https URLs too, without encryption: nothing leaves the
// process.
func (s *Server) Transport() *http.Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.serving && !s.closed {
		s.serving = true
		web := &http.Server{
			Handler:     s,
			ErrorLog:    log.New(io.Discard, "", 0),
			ConnContext: withScheme,
		}
		s.pipes.web = web
		go func() { _ = web.Serve(s.pipes) }()
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.pipes.dial(ctx, network, "http")
		},
		DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.pipes.dial(ctx, network, "https")
		},
		// One story may hold hundreds of agents; each has a stream open.
		MaxIdleConnsPerHost: 100,
		IdleConnTimeout:     90 * time.Second,
	}
}

// pipeListener is a net.Listener whose connections are dialled in memory.
type pipeListener struct {
	server *Server
	web    *http.Server
	conns  chan net.Conn
	done   chan struct{}
	once   sync.Once
}

func newPipeListener(s *Server) *pipeListener {
	return &pipeListener{server: s, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context, network, scheme string) (net.Conn, error) {
	if l.server.isDown() {
		return nil, refused(network)
	}
	client, server := net.Pipe()
	select {
	case l.conns <- pipeConn{l.server.watch(server), scheme}:
		return client, nil
	case <-l.done:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
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

func (l *pipeListener) shutdown() {
	if l.web != nil {
		_ = l.web.Close()
	}
	_ = l.Close()
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "simulator" }

// pipeConn remembers the scheme that was dialled.
type pipeConn struct {
	net.Conn
	scheme string
}

type schemeKey struct{}

func withScheme(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, schemeKey{}, conn.(pipeConn).scheme)
}

// schemeOf is the scheme of the URL that a request was sent to.
func schemeOf(r *http.Request) string {
	if scheme, ok := r.Context().Value(schemeKey{}).(string); ok {
		return scheme
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}
