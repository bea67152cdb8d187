package agent_test

import (
	"fmt"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// With a source of its own a follow waits for exactly so long each time, which
// is what makes a failure of the fault campaign repeat.
func TestWaitsFollowFromTheSourceOfTheirJitter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		random       float64
		again, looks time.Duration // the second stream and the first look, since the first stream
	}{
		{0, 200 * time.Millisecond, 8 * time.Second},
		{0.5, 250 * time.Millisecond, 10 * time.Second},
		{0.75, 275 * time.Millisecond, 11 * time.Second},
	} {
		t.Run(fmt.Sprint(test.random), func(t *testing.T) {
			t.Parallel()
			set := silent(time.Minute, []simulator.StreamFault{{Do: simulator.StreamUnavailable}})
			set.random = func() float64 { return test.random }
			bubble(t, set, func(t *testing.T, w *world) {
				w.run(t)
				streams := w.requests("streamRun")
				if again := streams[1].At.Sub(streams[0].At); again != test.again {
					t.Errorf("the stream was opened again after %s, want %s", again, test.again)
				}
				if first := w.looks()[0]; first != test.looks {
					t.Errorf("the first look came after %s, want %s", first, test.looks)
				}
			})
		})
	}
}
