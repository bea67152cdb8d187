package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Request is what the server remembers of one request. It holds no key and no
// body.
type Request struct {
	ID     string // the answer's x-request-id
	Method string
	Path   string
	Query  string // as it was sent, without "?"

	// Op is the specification's operationId, such as createAgent, with V0 after
	// it for one of version 0, such as createAgentV0; readStorage for a download;
	// "" for a path or method that does not exist.
	Op string

	// AgentID and RunID are those in the path; where an agent or a run was made,
	// those.
	AgentID string
	RunID   string

	// Status is the answer's; 0 while there is none, and for ever when the
	// connection was reset instead.
	Status   int
	At       time.Time     // when it arrived, by our clock
	Duration time.Duration // until the answer was written; 0 while Open
	Open     bool          // it is still being answered

	// Fault is what a rule of the scenario did to it, such as "reset after",
	// "answer 429 rate_limit_exceeded" or "stale", or "connection dropped" when
	// the server went away; "" for nothing.
	Fault string

	// StreamFaults are the faults of a stream that took effect on this
	// connection, each once, in the order in which they did.
	StreamFaults []StreamAction

	UserAgent      string
	IdempotencyKey string
	LastEventID    string

	// KeyHash tells keys apart without telling them: the first 16 hex digits of
	// the SHA-256 of the Authorization header's key. "" means that no key was
	// sent; in a readStorage request it must be "".
	KeyHash string
}

// keepRequests is how many requests are remembered: the last 100,000 take some
// 30 MB, more than any test or demo makes.
const keepRequests = 100_000

// requestLog remembers the last requests, in the order in which they arrived.
type requestLog struct {
	keep int // how many
	ring []*Request
	next int // where the next one goes once the ring is full
}

func (l *requestLog) add(r *Request) {
	if len(l.ring) < l.keep {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % l.keep
}

// all are copies of the requests, oldest first.
func (l *requestLog) all() []Request {
	all := make([]Request, 0, len(l.ring))
	for i := range l.ring {
		all = append(all, *l.ring[(l.next+i)%len(l.ring)])
	}
	return all
}

// Requests returns the requests that the server remembers (the last 100,000),
// oldest first, those that are still open included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests.all()
}

func keyHash(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}
