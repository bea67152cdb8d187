package agent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// Fault 33: the status event that opens each connection has no id, and must not take away the place to resume from.
func TestAConnectionThatBringsNoMoreThanItsStatusKeepsThePlace(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(100,
		simulator.StreamFault{When: at(1), AfterEvents: 6, Do: simulator.StreamDrop},
		simulator.StreamFault{When: at(2, 3), Do: simulator.StreamEnd},
	)
	bubble(t, set, func(t *testing.T, w *world) {
		w.run(t)
		ids := w.lastIDs()
		if len(ids) != 4 || ids[0] != "" || ids[1] == "" {
			t.Fatalf("Last-Event-ID of the connections: %q, want four, all but the first with one", ids)
		}
		for i, id := range ids[2:] {
			if id != ids[1] {
				t.Errorf("connection %d resumes after %q, want %q as the one before", i+3, id, ids[1])
			}
		}
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
	})
}
