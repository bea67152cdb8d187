//go:build e2e

package e2e_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// gate holds the requests of one kind, so that a fault can strike while one is
// on its way.
type gate struct {
	kind    kind
	answers bool // requests are carried out, and their answers held

	reached chan struct{} // closed when one is held
	opened  chan struct{} // closed when all may pass

	mu      sync.Mutex
	waiting int
	lost    bool // those that are held when it opens are lost
}

// kind tells requests apart.
type kind struct{ method, suffix string }

var (
	creates = kind{http.MethodPost, "/v1/agents"}
	streams = kind{http.MethodGet, "/stream"}
	cancels = kind{http.MethodPost, "/cancel"}
)

func (k kind) matches(r *http.Request) bool {
	return r.Method == k.method && strings.HasSuffix(r.URL.Path, k.suffix)
}

// holdRequests keeps requests from being carried out until the gate is opened.
func (a *cursorAPI) holdRequests(t *testing.T, k kind) *gate { return a.hold(t, k, false) }

// holdAnswers lets requests be carried out, and keeps their answers.
func (a *cursorAPI) holdAnswers(t *testing.T, k kind) *gate { return a.hold(t, k, true) }

func (a *cursorAPI) hold(t *testing.T, k kind, answers bool) *gate {
	g := &gate{kind: k, answers: answers, reached: make(chan struct{}), opened: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gates = append(a.gates, g)
	t.Cleanup(g.lose) // so that the server can end
	return g
}

// open lets everything pass from now on.
func (g *gate) open() { g.end(false) }

// lose loses what is held, and lets everything pass from now on.
func (g *gate) lose() { g.end(true) }

func (g *gate) end(lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
	default:
		g.lost = lost
		close(g.opened)
	}
}

// pass waits until the gate is open, and reports whether what waited may go on.
func (g *gate) pass() bool {
	g.mu.Lock()
	select {
	case <-g.opened:
		g.mu.Unlock()
		return true
	default:
	}
	if g.waiting++; g.waiting == 1 {
		close(g.reached)
	}
	g.mu.Unlock()
	<-g.opened
	return !g.lost
}

// await waits until the gate holds something.
func (g *gate) await(t *testing.T, p *process) {
	t.Helper()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case <-g.reached:
	case <-p.ended:
		t.Fatalf("%s ended before the action made a %s of %s", p.cmd.Path, g.kind.method, g.kind.suffix)
	case <-timer.C:
		t.Fatalf("the action made no %s of %s within a minute", g.kind.method, g.kind.suffix)
	}
}

// passes takes a request, or the answer to one, through the gates.
func (a *cursorAPI) passes(r *http.Request, answered bool) bool {
	a.mu.Lock()
	gates := a.gates
	a.mu.Unlock()
	for _, g := range gates {
		if g.answers == answered && g.kind.matches(r) && !g.pass() {
			return false
		}
	}
	return true
}
