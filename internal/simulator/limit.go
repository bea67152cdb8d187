package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// windowKey names a counter of requests: one for each key, operation and
// length.
type windowKey struct {
	key    string
	op     string
	length time.Duration
}

// window counts requests in a span of time that begins with the first.
type window struct {
	begins time.Time
	count  int
}

// limit counts the request against the limits of its operation, says in the
// answer's headers what is left of the tightest, and returns the refusal when
// there is nothing left.
func (s *Server) limit(x *exchange, op string) *answer {
	if s.config.RateLimit <= 0 {
		return nil
	}
	perMinute, perHour := s.config.RateLimit, 0
	switch op { // https://cursor.com/docs/cloud-agent/api
	case "listRepositories", "listRepositoriesV0":
		perMinute, perHour = 1, 30
		op = "listRepositories" // It is the user's limit, whichever version is asked.
	case "listAgentArtifactsV0", "getAgentArtifactV0":
		perMinute, perHour = 300, 6000
	}
	if perHour > 0 {
		if refusal := s.count(x, op, perHour, time.Hour); refusal != nil {
			return refusal
		}
	}
	return s.count(x, op, perMinute, time.Minute)
}

func (s *Server) count(x *exchange, op string, limit int, length time.Duration) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	key := windowKey{keyHash(x.key), op, length}
	w := s.windows[key]
	if w == nil || now.Sub(w.begins) >= length {
		w = &window{begins: now}
		s.windows[key] = w
	}
	w.count++
	resets := w.begins.Add(length)
	header := x.w.Header()
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-w.count)))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(s.clock(resets).Unix(), 10))
	if w.count <= limit {
		return nil
	}
	// Rounded up: a client that waits so long is let through.
	seconds := (resets.Sub(now) + time.Second - 1) / time.Second
	header.Set("Retry-After", strconv.Itoa(int(seconds)))
	return new(refuse(http.StatusTooManyRequests, "rate_limit_exceeded",
		"Rate limit exceeded: %d requests per %s", limit, map[time.Duration]string{time.Minute: "minute", time.Hour: "hour"}[length]))
}
