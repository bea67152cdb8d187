package forgetest

import (
	"net/http"
	"strings"
	"time"
)

// ServeHTTP implements http.Handler.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := h.begin(w, r)
	if strings.HasPrefix(r.URL.Path, logsPath) {
		h.answerBy(x, (*Hub).serveLogs)
		return
	}
	x.w.Header().Set("X-GitHub-Request-Id", x.record.ID)
	x.w.Header().Set("X-GitHub-Media-Type", "github.v3; format=json")
	if problem := x.readBody(); problem != nil {
		x.send(*problem, nil)
		return
	}
	h.answerBy(x, (*Hub).answer)
}

// answerBy answers a request by a handler, with what a fault makes of it.
func (h *Hub) answerBy(x *exchange, handle func(*Hub, *exchange) answer) {
	f := h.faultOf(x)
	if f == nil {
		h.mu.Lock()
		a := handle(h, x)
		h.mu.Unlock()
		x.send(a, nil)
		return
	}
	x.fault = f
	if !h.pause(f.Delay) {
		reset(x.w)
		return
	}
	if f.Reset == resetBefore {
		h.resetBy(x, f)
		return
	}
	var a answer
	h.mu.Lock()
	if f.Answer == nil && f.Redirect == "" || f.CarriedOut {
		a = handle(h, x)
	}
	h.mu.Unlock()
	if !h.pause(f.DelayAnswer) {
		reset(x.w)
		return
	}
	switch {
	case f.Reset == resetAfter:
		h.resetBy(x, f)
		return
	case f.Redirect != "":
		a = x.redirect(f.Redirect)
	case f.Answer != nil:
		a = x.faulty(f.Answer)
	}
	x.send(a, f.Cut)
}

func (h *Hub) resetBy(x *exchange, f *Fault) {
	if f.Down > 0 {
		h.mu.Lock()
		h.downUntil = time.Now().Add(f.Down)
		h.mu.Unlock()
		defer h.dropConnections()
	}
	reset(x.w)
}

// redirect sends the client elsewhere: to another host, with the same path,
// when to ends in none.
func (x *exchange) redirect(to string) answer {
	if strings.Count(to, "/") == 2 { // https://host
		to += x.r.URL.RequestURI()
	}
	a := x.problem(http.StatusTemporaryRedirect, "Temporary Redirect")
	a.body.(object)["url"] = to
	a.set("Location", to)
	return a
}

// answer decides what GitHub says. The caller holds h.mu.
func (h *Hub) answer(x *exchange) answer {
	if h.closed {
		return x.problem(http.StatusServiceUnavailable, "the hub is closed")
	}
	if x.token == nil && x.r.Header.Get("Authorization") != "" {
		return answer{status: http.StatusUnauthorized, body: object{"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}}
	}
	if limited := h.limited(x); limited != nil {
		return *limited
	}
	switch {
	case x.path == graphqlPath:
		return h.graphql(x)
	case x.route == nil:
		return x.notFound()
	}
	if x.params["owner"] != "" {
		if refused := h.enter(x); refused != nil {
			return *refused
		}
	}
	a := x.route.handle(h, x)
	h.fill() // what the request made
	return a
}
