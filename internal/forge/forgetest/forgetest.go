// Package forgetest is a double of GitHub for tests: an in-memory server of the
// part of the REST API, and of the GraphQL API, that the program uses.
//
// A [Hub] keeps repositories with their issues, pull requests, reviews,
// workflow runs and check runs, answers as GitHub's REST description says, and
// refuses what GitHub refuses: tokens without the permission, what a token may
// not see, too many requests, deleted issues, locked conversations, texts that
// are too long. What goes wrong beyond that is decided by its [Fault]s. Tests
// change what it keeps while the program under test runs, and read what it was
// asked.
//
// A Hub is an [http.Handler]. [Hub.Transport] reaches it without a socket, so
// that minutes of waiting pass in no time inside a [testing/synctest] bubble;
// [Hub.Listen] opens a socket for programs that run for themselves.
//
// Only tests import it: it is never linked into the program.
package forgetest

import (
	"net/http"
	"sync"
	"time"
)

// Config describes a hub. The zero value keeps nothing and knows no token.
type Config struct {
	// Repositories are what the hub keeps. They are its own from then on: read
	// them with [Hub.Repository], change them with [Hub.Edit].
	Repositories []*Repository

	// Users are those whose facts matter. Whoever else a repository names, as an
	// author or a collaborator, is a user too; nobody else is.
	Users []User

	// Tokens are those that the hub knows.
	Tokens []Token

	// Prefix is the path before every REST path: "" as GitHub's own host has it,
	// "/api/v3" as GitHub Enterprise Server has it. GraphQL is at /graphql, or
	// beside the prefix at /api/graphql.
	Prefix string

	// ServerURL is the base of web addresses; "" means https://github.com.
	ServerURL string

	// LogsURL is the base of the addresses of logs, which must lead to the hub
	// too; "" means another name of the host that was asked, which resolves on
	// loopback sockets and in process.
	LogsURL string

	// RateLimit is how many requests a token may make per hour, those that are
	// answered 304 not counted; 0 means 5000. Requests without a token get 60.
	RateLimit int

	// LimitStatus is the status of answers to requests beyond RateLimit: 0 means
	// 403. GitHub uses 429 as well.
	LimitStatus int

	// Faults are the rules of what goes wrong; see [Hub.SetFaults].
	Faults []Fault
}

// Hub is one GitHub with its own repositories. Its methods may be called from
// several goroutines at once.
type Hub struct {
	config Config
	routes []route
	pipes  *pipeListener

	mu        sync.Mutex // guards everything below, and every repository
	closed    bool
	closing   chan struct{} // closed by Close
	serving   bool          // the in-process HTTP server was started
	servers   []*http.Server
	tokens    []Token
	users     []User
	repos     []*Repository
	minted    map[string]int64 // ids made so far, by kind
	requests  []*Request       // oldest first
	windows   map[string]*window
	rules     []rule
	conns     map[*watchedConn]struct{}
	downUntil time.Time
}

// New returns a hub that is ready to answer. Call Close when done with it.
func New(config Config) *Hub {
	if config.ServerURL == "" {
		config.ServerURL = "https://github.com"
	}
	if config.RateLimit == 0 {
		config.RateLimit = 5000
	}
	if config.LimitStatus == 0 {
		config.LimitStatus = http.StatusForbidden
	}
	h := &Hub{
		config:  config,
		routes:  routes(),
		closing: make(chan struct{}),
		tokens:  config.Tokens,
		users:   config.Users,
		repos:   config.Repositories,
		minted:  map[string]int64{},
		windows: map[string]*window{},
		conns:   map[*watchedConn]struct{}{},
	}
	h.pipes = newPipeListener(h)
	h.SetFaults(config.Faults...)
	h.fill()
	return h
}

// Close ends every connection and every request that waits. Requests that come
// later are answered 503. It is safe to call it more than once.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.closing)
	}
	servers := h.servers
	h.servers = nil
	h.mu.Unlock()
	for _, server := range servers {
		_ = server.Close()
	}
	_ = h.pipes.Close()
	h.dropConnections()
}

var _ http.Handler = (*Hub)(nil)
