package cursor_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestACreateOnItsWayGetsItsGrace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		takes time.Duration // the server, for its answer
		call  func(context.Context, *cursor.Client) error
		ends  time.Duration
		want  string
	}{
		{"and its answer counts", 4 * time.Second, calls[4].call, 4 * time.Second, ""},
		{"which ends", time.Hour, calls[4].call, 5 * time.Second, "create agent: POST /v1/agents: the workflow was cancelled (may have been carried out)"},
		{"also that of a run", 4 * time.Second, calls[5].call, 4 * time.Second, ""},
		{"and no other call", 4 * time.Second, calls[0].call, 3 * time.Second, "get agent: GET /v1/agents/" + agentID + ": the workflow was cancelled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					select {
					case <-time.After(tt.takes):
						say(w, 201, `{"agent":`+agentJSON+`,"run":`+runJSON+`}`)
					case <-r.Context().Done():
					}
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Second, func() { cancel(errStop) })
				begun := time.Now()
				err := tt.call(ctx, bubbleClient(t, transport, cursor.Config{CreateGrace: 2 * time.Second}))
				between(t, "the call", time.Since(begun), tt.ends, tt.ends)
				if diff := cmp.Diff(tt.want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if n := len(server.seen()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}
