package cursor_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

var errStop = errors.New("the workflow was cancelled")

func TestCancellingAWaitTellsWhyAndWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "60")
			say(w, 429, fault("rate_limit_exceeded", "slow down"))
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(90*time.Second, func() { cancel(errStop) })
		begun := time.Now()
		_, err := bubbleClient(t, transport, cursor.Config{}).GetAgent(ctx, agentID)
		between(t, "the call", time.Since(begun), 90*time.Second, 90*time.Second)
		want := "get agent: GET /v1/agents/" + agentID + ": 429 rate_limit_exceeded: slow down (2 attempts); stopped: the workflow was cancelled"
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		for _, target := range []error{errStop, context.Canceled, cursor.CodeRateLimitExceeded} {
			if !errors.Is(err, target) {
				t.Errorf("the error does not match %q", target)
			}
		}
	})
}

func TestCancellingAnAttemptTellsWhetherItMayBeDone(t *testing.T) {
	t.Parallel()
	want := map[string]verdict{
		"GET":               {cursor.Transient, false},
		"DELETE":            {cursor.Transient, true},
		"safe POST":         {cursor.Transient, true},
		"create with id":    {cursor.Transient, true},
		"create without id": {cursor.Ambiguous, true},
		"create run":        {cursor.Ambiguous, true},
	}
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Second, func() { cancel(errStop) })
				begun := time.Now()
				err := call.call(ctx, bubbleClient(t, transport, cursor.Config{}))
				between(t, "the call", time.Since(begun), 3*time.Second, 3*time.Second)
				e := asError(t, err)
				if diff := cmp.Diff(want[call.name], verdict{e.Class, e.MaybeDone}); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}
				if e.Message != "the workflow was cancelled" || e.Status != 0 || e.Attempts != 1 {
					t.Errorf("got %#v, want the cause as message of the first attempt", e)
				}
				if !errors.Is(err, errStop) || !errors.Is(err, context.Canceled) {
					t.Errorf("%v does not match its cause and context.Canceled", err)
				}
			})
		})
	}
}

func TestCancellingALaterAttemptKeepsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, number int) {
			if number > 1 {
				<-r.Context().Done()
			}
			w.Header().Set("Retry-After", "5")
			say(w, 429, fault("rate_limit_exceeded", "slow down"))
		})
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		err := calls[5].call(ctx, bubbleClient(t, transport, cursor.Config{}))
		want := "create run: POST /v1/agents/" + agentID + "/runs: 429 rate_limit_exceeded: slow down (2 attempts, may have been carried out); stopped: context deadline exceeded"
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cursor.CodeRateLimitExceeded) {
			t.Errorf("%v does not match the deadline and the last error", err)
		}
	})
}

func TestAContextThatIsOverSendsNothing(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, agentJSON) })
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	c := client(t, url, cursor.Config{})
	streamed := func(ctx context.Context, c *cursor.Client) error {
		_, err := collect(c.StreamRun(ctx, agentID, runID, ""))
		return err
	}
	tests := []struct {
		call func(context.Context, *cursor.Client) error
		want string
	}{
		{calls[0].call, "get agent: GET /v1/agents/" + agentID + ": the workflow was cancelled"},
		{calls[4].call, "create agent: POST /v1/agents: the workflow was cancelled"},
		{streamed, "stream run: GET /v1/agents/" + agentID + "/runs/" + runID + "/stream: the workflow was cancelled"},
	}
	for _, tt := range tests {
		err := tt.call(ctx, c)
		if diff := cmp.Diff(tt.want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if e := asError(t, err); e.MaybeDone || e.Attempts != 0 || !errors.Is(err, errStop) {
			t.Errorf("got %#v, want nothing done and the cause in it", e)
		}
	}
	if n := len(server.seen()); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

// Fault 7: half a minute is too short for a create, and no time at all is too long.
func TestAnAttemptHasItsOwnTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		call  func(context.Context, *cursor.Client) error
		first time.Duration // of the first attempt
		want  string
	}{
		{"reading", calls[0].call, 30 * time.Second, "nothing came for 30s"},
		{"cancelling", calls[2].call, 30 * time.Second, "nothing came for 30s"},
		{"creating an agent", calls[3].call, 150 * time.Second, "nothing came for 2m30s"},
		{"creating an agent without an id", calls[4].call, 150 * time.Second, "nothing came for 2m30s"},
		{"creating a run", calls[5].call, 150 * time.Second, "nothing came for 2m30s"},
		{"listing repositories", func(ctx context.Context, c *cursor.Client) error { _, err := c.Repositories(ctx); return err }, 150 * time.Second, "nothing came for 2m30s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, number int) {
					if number%2 == 0 { // a body may hang as well as a header
						w.WriteHeader(200)
						w.(http.Flusher).Flush()
					}
					<-r.Context().Done()
				})
				var attempts []cursor.Attempt
				c := bubbleClient(t, transport, cursor.Config{OnAttempt: func(a cursor.Attempt) { attempts = append(attempts, a) }})
				err := tt.call(t.Context(), c)
				e := asError(t, err)
				if e.Message != tt.want || errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cursor.ErrNoAnswer) {
					t.Errorf("got %v, want ErrNoAnswer with a message of %q that is not the caller's deadline", err, tt.want)
				}
				for _, a := range attempts {
					between(t, "attempt", a.Duration, tt.first, tt.first)
				}
				if len(attempts) != e.Attempts {
					t.Errorf("told of %d attempts, the error of %d", len(attempts), e.Attempts)
				}
			})
		})
	}
}
