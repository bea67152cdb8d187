package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one operation of the API.
type route struct {
	op     string // the specification's operationId, with V0 after it for version 0
	method string
	path   string // {name} stands for one segment
	handle func(*Server, *exchange) answer
	open   bool // needs no key
	body   bool // must have a JSON body, which holds a prompt
	free   bool // needs no plan

	read  func([]byte) CreateRequest   // nil: readCreate
	shape func(*Server, answer) answer // of a refusal; nil: as it is
}

// routes are the operations of API v1 about agents, runs and the account, those
// of API v0, and the storage host that artifact URLs point to.
func routes() []route {
	v1 := []route{
		{op: "createAgent", method: "POST", path: "/v1/agents", handle: (*Server).v1CreateAgent, body: true},
		{op: "listAgents", method: "GET", path: "/v1/agents", handle: (*Server).v1ListAgents},
		{op: "getAgent", method: "GET", path: "/v1/agents/{id}", handle: (*Server).v1GetAgent},
		{op: "deleteAgent", method: "DELETE", path: "/v1/agents/{id}", handle: (*Server).v1DeleteAgent},
		{op: "archiveAgent", method: "POST", path: "/v1/agents/{id}/archive", handle: (*Server).v1ArchiveAgent},
		{op: "unarchiveAgent", method: "POST", path: "/v1/agents/{id}/unarchive", handle: (*Server).v1UnarchiveAgent},
		{op: "createRun", method: "POST", path: "/v1/agents/{id}/runs", handle: (*Server).v1CreateRun, body: true},
		{op: "listRuns", method: "GET", path: "/v1/agents/{id}/runs", handle: (*Server).v1ListRuns},
		{op: "getRun", method: "GET", path: "/v1/agents/{id}/runs/{runId}", handle: (*Server).v1GetRun},
		{op: "streamRun", method: "GET", path: "/v1/agents/{id}/runs/{runId}/stream", handle: (*Server).v1StreamRun},
		{op: "cancelRun", method: "POST", path: "/v1/agents/{id}/runs/{runId}/cancel", handle: (*Server).v1CancelRun},
		{op: "getAgentUsage", method: "GET", path: "/v1/agents/{id}/usage", handle: (*Server).v1Usage},
		{op: "listArtifacts", method: "GET", path: "/v1/agents/{id}/artifacts", handle: (*Server).v1ListArtifacts},
		{op: "downloadArtifact", method: "GET", path: "/v1/agents/{id}/artifacts/download", handle: (*Server).v1DownloadArtifact},
		{op: "getApiKeyInfo", method: "GET", path: "/v1/me", handle: (*Server).v1Me, free: true},
		{op: "listModels", method: "GET", path: "/v1/models", handle: (*Server).v1Models},
		{op: "listRepositories", method: "GET", path: "/v1/repositories", handle: (*Server).v1Repositories},
		{op: "readStorage", method: "GET", path: storagePath + "{agent}/{file}", handle: (*Server).readStorage, open: true},
	}
	return append(v1, v0Routes()...)
}

// absent are the parts of the API that this server does not have. Saying so is
// kinder than a 404, which would look like a resource that is missing.
var absent = []string{"/v1/environments", "/v1/secrets", "/v1/team", "/v1/sub-tokens", "/v0/private-workers"}

// How large a body may be: one with a prompt holds five images of 15 MB in
// base64 and the text beside them, any other next to nothing.
const (
	maxPromptBody = 128 << 20
	maxOtherBody  = 1 << 20
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	defer x.end()
	if s.isClosed() {
		x.send(plain(http.StatusServiceUnavailable, "the server is closed"), nil)
		return
	}
	at, refusal := x.find()
	if refusal == nil {
		refusal = s.admit(x, at)
	}
	if refusal != nil {
		x.send(at.shaped(s, *refusal), nil)
		return
	}
	s.serve(x, at)
}

// shaped is an answer of the operation in the shape of its version.
func (at route) shaped(s *Server, a answer) answer {
	if at.shape == nil {
		return a
	}
	return at.shape(s, a)
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// find returns the operation that the request names, or the refusal.
func (x *exchange) find() (route, *answer) {
	var allowed []string
	for _, at := range x.server.routes {
		params, ok := matchPath(at.path, x.r.URL.EscapedPath())
		if !ok {
			continue
		}
		if at.method != x.r.Method {
			allowed = append(allowed, at.method)
			continue
		}
		x.params = params
		x.server.mu.Lock()
		x.record.Op, x.record.AgentID, x.record.RunID = at.op, params["id"], params["runId"]
		x.server.mu.Unlock()
		return at, nil
	}
	if len(allowed) > 0 {
		a := plain(http.StatusMethodNotAllowed, "Method Not Allowed: "+x.r.Method)
		slices.Sort(allowed)
		a.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
		return route{}, &a
	}
	for _, prefix := range absent {
		if x.r.URL.Path == prefix || strings.HasPrefix(x.r.URL.Path, prefix+"/") {
			return route{}, new(refuse(http.StatusNotImplemented, "not_implemented",
				"the embedded Cursor API has no %s; use the real one for it", prefix))
		}
	}
	return route{}, new(plain(http.StatusNotFound, "Not Found: "+x.r.Method+" "+x.r.URL.Path))
}

// matchPath compares a path as it was sent with a pattern, segment by segment,
// and returns the segments that stand for the pattern's wildcards.
func matchPath(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params := map[string]string{}
	for i := range want {
		if name, ok := strings.CutPrefix(want[i], "{"); ok {
			segment, err := url.PathUnescape(got[i])
			if err != nil || segment == "" {
				return nil, false
			}
			params[strings.TrimSuffix(name, "}")] = segment
		} else if want[i] != got[i] {
			return nil, false
		}
	}
	return params, true
}

// admit checks the key, the rate and the body's form, and reads the body. It
// returns the refusal, if any.
func (s *Server) admit(x *exchange, at route) *answer {
	if at.open {
		return nil
	}
	if x.key == "" {
		return new(plain(http.StatusUnauthorized, "Invalid User API Key"))
	}
	if refusal := s.limit(x, at.op); refusal != nil {
		return refusal
	}
	if s.scenario.Account.NoPlan && !at.free {
		return new(refuse(http.StatusForbidden, "plan_required",
			"Cloud Agent is not available for free users. Please upgrade to Pro."))
	}
	if at.method != http.MethodPost {
		return nil
	}
	limit := int64(maxOtherBody)
	if at.body {
		limit = maxPromptBody
	}
	read := readCreate
	if at.read != nil {
		read = at.read
	}
	if refusal := x.readBody(limit, read); refusal != nil {
		return refusal
	}
	return checkContentType(x.r.Header.Get("Content-Type"), len(x.body) > 0, at.body)
}

// serve carries out an admitted request, with what the scenario does to it.
func (s *Server) serve(x *exchange, at route) {
	f := s.faultOf(x, at)
	if f == nil {
		x.send(at.shaped(s, at.handle(s, x)), nil)
		return
	}
	if !s.pause(s.scaled(f.Delay), x.cut) || f.Reset == resetBefore {
		x.resetBy(f)
		return
	}
	if f.Answer != nil && !f.CarriedOut {
		x.note("%s", f.Answer)
		x.send(f.Answer.make(), f.Cut)
		return
	}
	x.stale, x.says = f.Stale, f.Says
	a := at.shaped(s, at.handle(s, x))
	if !s.pause(s.scaled(f.DelayAnswer), x.cut) || f.Reset == resetAfter {
		x.resetBy(f)
		return
	}
	switch {
	case f.Answer != nil:
		x.note("carried out, %s", f.Answer)
		a = f.Answer.make()
	case f.Cut != nil:
		x.note("cut after %d bytes", *f.Cut)
	case f.Delay+f.DelayAnswer > 0:
		x.note("delay")
	}
	x.send(a, f.Cut)
}

// checkContentType refuses a body that does not say it is JSON. A request
// without body may come without content type, as the official SDK sends them.
func checkContentType(contentType string, hasBody, needsBody bool) *answer {
	if contentType == "" && !hasBody {
		if needsBody {
			return new(refuse(http.StatusBadRequest, "missing_body", "Request body is required"))
		}
		return nil
	}
	media, _, _ := strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(media), "application/json") {
		return new(plain(http.StatusUnsupportedMediaType,
			fmt.Sprintf("Unsupported Media Type: %s", contentType)))
	}
	if needsBody && !hasBody {
		return new(refuse(http.StatusBadRequest, "missing_body", "Request body is required"))
	}
	return nil
}
