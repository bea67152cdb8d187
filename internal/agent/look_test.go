package agent_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// unavailable is a stream that never comes.
var unavailable = []simulator.StreamFault{{Do: simulator.StreamUnavailable}}

// outage is a transport whose looks at runs answer 503 for so long.
func outage(length time.Duration) func(http.RoundTripper) http.RoundTripper {
	return func(server http.RoundTripper) http.RoundTripper {
		began := time.Time{}
		return transportFunc(func(request *http.Request) (*http.Response, error) {
			if began.IsZero() {
				began = time.Now()
			}
			if request.Method == http.MethodGet && !isStream(request) && time.Since(began) < length {
				answer := jsonAnswer(request, `{"error":{"code":"upstream_error","message":"later"}}`)
				answer.StatusCode = http.StatusServiceUnavailable
				return answer, nil
			}
			return server.RoundTrip(request)
		})
	}
}

// Fault 25: so many polls and then the end is a wrong budget: twenty minutes of errors are no verdict.
func TestAnOutageOfTheAPIDoesNotEndAFollow(t *testing.T) {
	t.Parallel()
	for _, streams := range [][]simulator.StreamFault{nil, unavailable} {
		t.Run(fmt.Sprintf("%d faults of the stream", len(streams)), func(t *testing.T) {
			t.Parallel()
			set := silent(7*time.Minute, streams)
			set.wire = func(server http.RoundTripper) http.RoundTripper { return outage(20 * time.Minute)(server) }
			bubble(t, set, func(t *testing.T, w *world) {
				run := w.run(t)
				if took := time.Since(w.began); run.Status != cursor.RunFinished || took < 20*time.Minute || took > 22*time.Minute {
					t.Errorf("%s was seen after %s", run.Status, took)
				}
				failed := of[agent.LookFailed](w)
				if n := len(failed); n < 2 || n > 5 {
					t.Fatalf("%d failures of looks were told, want one each five minutes", n)
				}
				want := fmt.Sprintf("get run: GET /v1/agents/%s/runs/%s: 503 upstream_error: later (", run.AgentID, run.ID)
				if got := text(failed[0].Err); len(got) < len(want) || got[:len(want)] != want {
					t.Errorf("told %q, want %q and so on", got, want)
				}
			})
		})
	}
}

// Fault 25: only refusals in a row may end the wait.
func TestARefusalOfLooksIsBelievedAtTheFourthTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status  int
		code    string
		message string
	}{
		{401, "unauthorized", "Invalid User API Key"}, {403, "role_forbidden", "no"}, {404, "run_not_found", "Run not found"},
	} {
		for _, mode := range []struct {
			name    string
			length  time.Duration
			streams []simulator.StreamFault
		}{
			{"while the stream is away", time.Hour, unavailable},
			{"while the stream is silent", time.Hour, nil},
			{"once the stream has told the end", time.Second, nil},
		} {
			refuse := func(n simulator.When) setup {
				return silent(mode.length, mode.streams, answer("getRun", n, test.status, test.code, test.message))
			}
			t.Run(fmt.Sprintf("%d four times %s", test.status, mode.name), func(t *testing.T) {
				t.Parallel()
				bubble(t, refuse(always), func(t *testing.T, w *world) {
					handle := w.launch(t, task(), work())
					run, err := w.agents.Follow(t.Context(), handle)
					looks := w.requests("getRun")
					if len(looks) != 4 || len(of[agent.LookFailed](w)) != 3 {
						t.Fatalf("%d looks, %d told as failed, want 4 and 3", len(looks), len(of[agent.LookFailed](w)))
					}
					want := fmt.Sprintf("get run: GET /v1/agents/%s/runs/%s: %d %s: %s (request %s)",
						handle.AgentID, handle.RunID, test.status, test.code, test.message, looks[3].ID)
					if diff := cmp.Diff(want, text(err)); diff != "" {
						t.Errorf("error (-want +got):\n%s", diff)
					}
					for i, look := range looks[1:] {
						if gap := look.At.Sub(looks[i].At); gap < 10*time.Second || gap > time.Minute {
							t.Errorf("look %d came %s after a refusal, want the poll interval or a little more", i+2, gap)
						}
					}
					if run.ID != handle.RunID || run.AgentID != handle.AgentID || run.Status.Terminal() {
						t.Errorf("run %+v", run)
					}
				})
			})
			t.Run(fmt.Sprintf("%d three times %s", test.status, mode.name), func(t *testing.T) {
				t.Parallel()
				bubble(t, refuse(first(3)), func(t *testing.T, w *world) {
					if run := w.run(t); run.Status != cursor.RunFinished || len(of[agent.LookFailed](w)) != 3 {
						t.Errorf("%s after %d failures", run.Status, len(of[agent.LookFailed](w)))
					}
				})
			})
		}
	}
	t.Run("not in a row", func(t *testing.T) {
		t.Parallel()
		refused := answer("getRun", at(1, 2, 3, 5, 6, 7, 9, 10, 11), 404, "run_not_found", "Run not found")
		bubble(t, silent(time.Hour, unavailable, refused), func(t *testing.T, w *world) {
			if run := w.run(t); run.Status != cursor.RunFinished || len(of[agent.LookFailed](w)) != 9 {
				t.Errorf("%s after %d failures", run.Status, len(of[agent.LookFailed](w)))
			}
		})
	})
}

// Fault 26: a 429 of a look means to wait, and never that the run failed.
func TestAThrottledLookIsNotRepeatedBeforeItsTime(t *testing.T) {
	t.Parallel()
	throttled := simulator.Fault{Operation: "getRun", When: first(2), Answer: &simulator.Answer{
		Status: http.StatusTooManyRequests, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "400",
	}}
	for name, set := range map[string]setup{
		"while the stream is away":         silent(30*time.Minute, unavailable, throttled),
		"once the stream has told the end": silent(time.Second, nil, throttled),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, set, func(t *testing.T, w *world) {
				run := w.run(t)
				looks := w.looks()
				for i := range 2 {
					if gap := looks[i+1] - looks[i]; gap < 400*time.Second || gap > 410*time.Second {
						t.Errorf("look %d came after %s, want 400 s", i+2, gap)
					}
				}
				if failed := of[agent.LookFailed](w); run.Status != cursor.RunFinished || len(failed) != 2 {
					t.Errorf("%s after %d failures", run.Status, len(failed))
				}
			})
		})
	}
}

func TestARateLimitOfDaysDoesNotHoldTheLooks(t *testing.T) {
	t.Parallel()
	throttled := simulator.Fault{Operation: "getRun", When: first(1), Answer: &simulator.Answer{Status: 429, RetryAfter: "864000"}}
	bubble(t, silent(time.Second, nil, throttled), func(t *testing.T, w *world) {
		w.run(t)
		if took := time.Since(w.began); took > 11*time.Minute {
			t.Errorf("it took %s, want ten minutes", took)
		}
	})
}

func TestAHandleWithoutARunIsNotFollowedForEver(t *testing.T) {
	t.Parallel()
	bubble(t, failing(), func(t *testing.T, w *world) {
		_, err := w.agents.Follow(t.Context(), agent.Handle{AgentID: id(work(), task(), 0)})
		if diff := cmp.Diff(`get run: "" is not an id; pass the id that the API gave`, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	})
}
