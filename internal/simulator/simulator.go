// Package simulator is the embedded Cursor API: an in-memory server of the
// Cloud Agents API v1, and of the Background Agents API v0 on the same agents.
// It serves the demo, dry runs, people who test their own
// workflows without a key, and the tests of this project.
//
// It keeps agents and runs with the states that the published specification
// names, checks requests as strictly as the specification reads, streams runs
// with resumable event ids, and refuses what the real API refuses. What an
// agent does is decided by a [Scenario]: how long it takes, what it says, which
// tools it calls, how it ends, and what goes wrong on the way.
//
// A [Server] is an [http.Handler]. [Server.Transport] reaches it without a
// socket, so that hours of a run pass in milliseconds inside a
// [testing/synctest] bubble.
package simulator

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

// Config describes a server. The zero value serves the scenario happy to
// everybody who brings any key, without limits.
type Config struct {
	// Scenario decides what agents do. The zero value is the built-in happy.
	Scenario Scenario

	// Newer makes the server answer as newer servers do: agents that have no
	// live run are IDLE, runs carry their error and a request id, repositories
	// are echoed without scheme, usage carries cost, streams hold event types
	// that no specification names, errors of version 0 are a text alone. Without it every answer holds to the
	// published specification to the letter.
	Newer bool

	// Speed divides every duration of the scenario except its retention; 0
	// means 1.
	Speed float64

	// Log, when set, is told after each request, streams included. It may be
	// called from several goroutines at once.
	Log func(Request)

	// PublicURL is the base of artifact download URLs, such as
	// http://127.0.0.1:8787; "" means the host that the request named.
	PublicURL string

	// ServerClockOffset is how far the server's clock is ahead of ours. It
	// shifts the Date header and every timestamp and event id.
	ServerClockOffset time.Duration

	// RateLimit is how many requests a key may make per minute to one
	// operation. Those that have limits of their own keep them then: 1 per
	// minute and 30 per hour for repositories, in both versions together, and
	// 300 per minute and 6000 per hour for artifacts in version 0. 0 means
	// unlimited: the limits of the real service are
	// far from what a test makes in the same time.
	RateLimit int

	// Repositories are the URLs that GET /v1/repositories lists. The first one
	// also stands for the repository of a named environment. nil means two
	// examples.
	Repositories []string

	// Models is the catalogue that GET /v1/models lists and that the models of
	// new agents are checked against. nil means a small catalogue with aliases,
	// parameters and variants.
	Models []Model
}

// Server is one Cursor API with its own agents. Its methods may be called from
// several goroutines at once.
type Server struct {
	config   Config
	scenario *Scenario
	signing  [32]byte // signs artifact URLs

	closing chan struct{} // closed by Close
	players sync.WaitGroup
	pipes   *pipeListener
	routes  []route

	mu        sync.Mutex // guards everything below and every agent and run
	closed    bool
	serving   bool     // the in-process HTTP server was started
	agents    []*agent // oldest first, deleted ones too
	byID      map[string]*agent
	requests  requestLog
	exchanges map[*exchange]struct{}
	hits      map[faultKey]int
	windows   map[windowKey]*window
	minted    map[string]int // ids made so far, by kind
	conns     map[*watchedConn]struct{}
	doors     []*door
	downUntil time.Time     // nobody listens before
	upheaval  chan struct{} // closed and replaced when that changes
}

// New returns a server that is ready to answer. Call Close when done with it.
func New(config Config) *Server {
	if config.Scenario.isZero() {
		config.Scenario, _ = Builtin("happy")
	}
	if config.Speed <= 0 {
		config.Speed = 1
	}
	if config.Repositories == nil {
		config.Repositories = []string{"https://github.com/acme/widgets", "https://github.com/acme/gadgets"}
	}
	if config.Models == nil {
		config.Models = defaultModels()
	}
	s := &Server{
		config:    config,
		scenario:  &config.Scenario,
		closing:   make(chan struct{}),
		routes:    routes(),
		byID:      map[string]*agent{},
		minted:    map[string]int{},
		requests:  requestLog{keep: keepRequests},
		exchanges: map[*exchange]struct{}{},
		hits:      map[faultKey]int{},
		windows:   map[windowKey]*window{},
		conns:     map[*watchedConn]struct{}{},
		upheaval:  make(chan struct{}),
	}
	s.pipes = newPipeListener(s)
	_, _ = rand.Read(s.signing[:]) // never fails: it ends the program instead
	return s
}

// Close ends every run's goroutine, every open stream and every in-process
// connection. Requests that come later are answered with 503. It is safe to
// call it more than once. Behind a socket it goes before the HTTP server's
// Shutdown, which would wait for the streams.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.DropConnections()
	s.pipes.shutdown()
	s.players.Wait()
}

// scaled is a duration of the scenario at this server's speed.
func (s *Server) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.config.Speed)
}

// clock is a moment as the server's own clock shows it.
func (s *Server) clock(t time.Time) time.Time {
	return t.Add(s.config.ServerClockOffset).UTC()
}

// stamp is a moment as the API writes it: RFC 3339 with milliseconds.
func (s *Server) stamp(t time.Time) string {
	return s.clock(t).Format("2006-01-02T15:04:05.000Z")
}

// pause waits for d, or until the server is closed or the exchange is cut;
// it reports whether the whole time passed.
func (s *Server) pause(d time.Duration, cut <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
	case <-cut:
	}
	return false
}

var _ http.Handler = (*Server)(nil)
