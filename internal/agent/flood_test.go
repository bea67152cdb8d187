package agent_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/simulator"
)

// Each change is written to the log and to the output status.
func TestAStreamThatChangesTheStatusWithEachEventIsToldSomeOfThem(t *testing.T) {
	t.Parallel()
	var flood bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&flood, "event: status\ndata: {\"status\":\"S%d\"}\n\n", i%2)
	}
	set := story(simulator.Scenario{})
	set.wire = func(server http.RoundTripper) http.RoundTripper {
		return transportFunc(func(request *http.Request) (*http.Response, error) {
			if isStream(request) {
				return sse(request, bytes.NewReader(flood.Bytes())), nil
			}
			return server.RoundTrip(request)
		})
	}
	bubble(t, set, func(t *testing.T, w *world) {
		if run := w.run(t); run.Status != "FINISHED" {
			t.Errorf("the run ended as %s", run.Status)
		}
		if n := len(of[agent.StatusChanged](w)); n < 100 || n > 110 {
			t.Errorf("%d changes were told, want 100 and those that looks saw", n)
		}
	})
}
