package cursor_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// With a source of its own a client waits for exactly so long each time, which
// is what makes a failure of the fault campaign repeat.
func TestWaitsFollowFromTheSourceOfTheirJitter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		random float64
		status int
		want   []time.Duration // the first waits
	}{
		{0, 503, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}},
		{0.5, 503, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		{0.75, 503, []time.Duration{625 * time.Millisecond, 1250 * time.Millisecond, 2500 * time.Millisecond}},
		{0, 429, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}},
		{0.5, 429, []time.Duration{2500 * time.Millisecond, 5 * time.Second, 10 * time.Second}},
	} {
		t.Run(fmt.Sprint(test.status, " at ", test.random), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, number int) {
					if number > len(test.want) {
						say(w, 200, agentJSON)
						return
					}
					say(w, test.status, "")
				})
				var waits []time.Duration
				c := bubbleClient(t, transport, cursor.Config{
					Random:  func() float64 { return test.random },
					OnRetry: func(r cursor.Retry) { waits = append(waits, r.Wait) },
				})
				if _, err := c.GetAgent(t.Context(), agentID); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, waits); diff != "" {
					t.Errorf("waits (-want +got):\n%s", diff)
				}
			})
		})
	}
}
