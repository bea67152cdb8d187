package simulator_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// On TCP a reset is a RST, which a client tells from a clean end.
func TestAResetOnTCPIsAReset(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Faults = []simulator.Fault{{Operation: "createAgent", Reset: "after"}}
	s := simulator.New(simulator.Config{Scenario: scenario})
	web := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); web.Close() })
	conn, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	if _, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a connection reset", err)
	}
	diff(t, "agents", 1, len(s.Agents()))
}

// A server of HTTP/2 and a recorder can't hand out their connection.
func TestAResetWithoutConnectionAbortsTheHandler(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Faults = []simulator.Fault{{Reset: "before"}}
	s := simulator.New(simulator.Config{Scenario: scenario})
	defer s.Close()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/models", nil)
	r.SetBasicAuth("k", "")
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("the handler ended with %v, want http.ErrAbortHandler", got)
		}
		diff(t, "record", "reset before", s.Requests()[0].Fault)
	}()
	s.ServeHTTP(httptest.NewRecorder(), r)
}
