package cli_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// endless is the body of an answer that never goes on.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

// The last look at the head, right before the launch, ends as the gate does: in
// two minutes, and within the step's own time.
func TestAHeadThatIsNeverToldDoesNotHoldUpTheStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, timeout string
		on            happening
		inputs        []string
		most          time.Duration
		reason        string
		launched      int
	}{
		{"where nobody vouched for it", "30m", opened, nil, 3 * time.Minute, "", 1},
		{"where somebody did", "30m", labelled("pull_request", 7, "cursor"), []string{"trigger-label", "cursor"}, 3 * time.Minute, "subject-unknown", 0},
		{"with little time", "20s", labelled("pull_request", 7, "cursor"), []string{"trigger-label", "cursor"}, 30 * time.Second, "subject-unknown", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t)
				s := newStep(t, simulator.Config{}).beside(hub).on(test.on).with("context", "event", "wait", "false", "timeout", test.timeout).with(test.inputs...)
				inner, composed := s.wire, false
				s.wire = func(api http.RoundTripper) http.RoundTripper {
					to := inner(api)
					return transport(func(request *http.Request) (*http.Response, error) {
						answer, err := to.RoundTrip(request)
						switch {
						case strings.HasSuffix(request.URL.Path, "/pulls/7/files"):
							composed = true
						case err == nil && composed && strings.HasSuffix(request.URL.Path, "/pulls/7"):
							_ = answer.Body.Close()
							answer.Body = io.NopCloser(endless{request.Context()})
						}
						return answer, err
					})
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				s.run(ctx)
				if took := time.Since(began); took > test.most || s.outputs()["skip-reason"] != test.reason || s.creates() != test.launched {
					t.Errorf("after %s: skip-reason %q, %d agents\n%s", took, s.outputs()["skip-reason"], s.creates(), s.logged())
				}
			})
		})
	}
}
