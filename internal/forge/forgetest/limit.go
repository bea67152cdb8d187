package forgetest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// window counts the requests of a token, or of everybody without one, within an
// hour.
type window struct {
	ends time.Time
	used int
}

// The limit of those who bring no token, per hour.
const anonymousLimit = 60

// limitOf is the window that a request counts in, and its name and limit. The
// caller holds h.mu.
func (h *Hub) limitOf(x *exchange) (w *window, resource string, limit int) {
	resource, limit = "core", h.config.RateLimit
	if x.path == graphqlPath {
		resource = "graphql"
	}
	value := ""
	if x.token != nil {
		value = x.token.Value
	} else {
		limit = min(limit, anonymousLimit)
	}
	key := resource + " " + value
	w = h.windows[key]
	if w == nil || !time.Now().Before(w.ends) {
		w = &window{ends: time.Now().Add(time.Hour)}
		h.windows[key] = w
	}
	return w, resource, limit
}

// Exhaust uses up a token's requests of this hour, until the reset that is so
// far away.
func (h *Hub) Exhaust(token string, reset time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.windows["core "+token] = &window{ends: time.Now().Add(reset), used: h.config.RateLimit}
}

// limited is the answer to a request beyond the limit, or nil.
func (h *Hub) limited(x *exchange) *answer {
	w, _, limit := h.limitOf(x)
	if w.used < limit {
		return nil
	}
	if x.path == graphqlPath {
		return &answer{body: object{"errors": []*gqlError{{Type: "RATE_LIMITED", Message: "API rate limit already exceeded for user ID " + itoa(h.user(x.login()).ID) + "."}}}}
	}
	return new(x.primaryLimit(h.config.LimitStatus))
}

func (x *exchange) primaryLimit(status int) answer {
	whom := "installation ID 4242"
	switch {
	case x.token == nil:
		whom = "192.0.2.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)"
	case x.token.Kind != Installation:
		whom = "user ID " + itoa(x.hub.user(x.login()).ID)
	}
	return answer{status: status, body: object{
		"message":           "API rate limit exceeded for " + strings.TrimSuffix(whom, ".") + ".",
		"documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api", "status": strconv.Itoa(status),
	}}
}

// secondaryLimit is the answer to requests that come too fast, or that make too
// much.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
func (x *exchange) secondaryLimit(status int) answer {
	return answer{status: status, body: object{
		"message":           "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		"documentation_url": "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
		"status":            strconv.Itoa(status),
	}}
}

// count counts a request, unless it was answered from the client's own copy,
// and says in the header where its window stands.
func (h *Hub) count(x *exchange, free bool) {
	if x.op() == opLogs {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	w, resource, limit := h.limitOf(x)
	if !free && w.used < limit {
		w.used++
	}
	limitHeaders(x.w.Header(), limit, w.used, w.ends, resource)
	x.scopeHeaders(x.w.Header())
}

func limitHeaders(header http.Header, limit, used int, ends time.Time, resource string) {
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	header.Set("X-RateLimit-Used", strconv.Itoa(used))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(limit-used))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(ends.Unix(), 10))
	header.Set("X-RateLimit-Resource", resource)
}
