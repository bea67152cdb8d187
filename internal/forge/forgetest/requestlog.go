package forgetest

import (
	"net/http"
	"strings"
	"time"
)

// Request is what the hub remembers of one request.
type Request struct {
	ID     string // the answer's X-GitHub-Request-Id
	Op     string // the REST description's operationId, such as issues/create-comment; "graphql"; "logs"; "" for a path that does not exist
	Method string
	Host   string
	Path   string // as it was sent, escaped, with the hub's prefix
	Query  string // without "?"
	Token  string // what the Authorization header brought
	Body   string
	Range  string // the header
	At     time.Time
	Status int    // 0 while there is none, and for ever when the connection was reset
	Fault  string // what a rule did to it; "" for nothing
}

// Requests returns all requests, in the order in which they came.
func (h *Hub) Requests() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Request, 0, len(h.requests))
	for _, r := range h.requests {
		all = append(all, *r)
	}
	return all
}

// Asked returns the requests of one operation, such as issues/create-comment.
func (h *Hub) Asked(op string) []Request {
	var asked []Request
	for _, r := range h.Requests() {
		if r.Op == op {
			asked = append(asked, r)
		}
	}
	return asked
}

// Operations of no operationId.
const (
	opGraphQL = "graphql"
	opLogs    = "logs"
)

// graphqlPath is where an exchange's path leads to GraphQL.
const graphqlPath = "/graphql"

// begin remembers a request.
func (h *Hub) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{hub: h, w: w, r: r, base: schemeOf(r) + "://" + r.Host + h.config.Prefix}
	path := r.URL.EscapedPath()
	rest, below := strings.CutPrefix(path, h.config.Prefix)
	switch {
	case below && h.config.Prefix == "" || strings.HasPrefix(rest, "/") && below:
		x.path = rest
	case path == strings.TrimSuffix(h.config.Prefix, "/v3")+graphqlPath:
		x.path = graphqlPath
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	value, token := h.tokenOf(r)
	x.token = token
	h.match(x)
	h.minted["request"]++
	x.record = &Request{
		ID: "FEED:" + itoa(h.minted["request"]), Op: x.op(), Method: r.Method, Host: r.Host, Path: path, Query: r.URL.RawQuery,
		Token: value, Range: r.Header.Get("Range"), At: time.Now(),
	}
	h.requests = append(h.requests, x.record)
	return x
}

// op names what is asked for.
func (x *exchange) op() string {
	switch {
	case strings.HasPrefix(x.r.URL.Path, logsPath):
		return opLogs
	case x.path == graphqlPath:
		return opGraphQL
	case x.route != nil:
		return x.route.op
	}
	return ""
}
