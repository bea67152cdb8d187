package cursor_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"
)

func TestACallIsSentNoMoreOftenThanItsPolicyAllows(t *testing.T) {
	t.Parallel()
	for _, allowed := range []int{1, 2, 3} {
		synctest.Test(t, func(t *testing.T) {
			server, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				say(w, 503, fault("upstream_error", "down"))
			})
			begun := time.Now()
			c := bubbleClient(t, transport, cursor.Config{Retry: cursor.RetryPolicy{Attempts: allowed}})
			_, err := c.Models(t.Context())
			if n := len(server.seen()); n != allowed || err == nil {
				t.Errorf("%d requests, error %v; want %d and an error", n, err, allowed)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("the call took %s: it waited after its last attempt", took)
			}
		})
	}
}
