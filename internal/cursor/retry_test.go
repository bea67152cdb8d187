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

// between fails the test when got is not within low and high.
func between(t *testing.T, what string, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: %v, want %v to %v", what, got, low, high)
	}
}

func TestAMinuteOfThrottlingIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		server, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			if time.Since(begun) < time.Minute {
				say(w, 429, fault("rate_limit_exceeded", "slow down"))
				return
			}
			say(w, 201, `{"run":`+runJSON+`}`)
		})
		var waits []cursor.Retry
		c := bubbleClient(t, transport, cursor.Config{OnRetry: func(r cursor.Retry) { waits = append(waits, r) }})
		run, err := c.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "p"}})
		if err != nil || run.ID != runID {
			t.Fatalf("got %v, %v; want the run", run, err)
		}
		between(t, "the whole call", time.Since(begun), time.Minute, 90*time.Second)
		low := 2 * time.Second
		for i, w := range waits {
			between(t, "wait", w.Wait, min(low, 24*time.Second), min(low*3/2, 30*time.Second))
			low *= 2
			if w.Attempt != i+1 || !errors.Is(w.Err, cursor.CodeRateLimitExceeded) || w.Err.Attempts != i+1 {
				t.Errorf("wait %d: told of attempt %d and %v", i+1, w.Attempt, w.Err)
			}
		}
		if n := len(server.seen()); n != len(waits)+1 || n > 7 {
			t.Errorf("%d requests and %d waits, want one more request than waits and 7 at most", n, len(waits))
		}
	})
}

func TestFiveMinutesOfFaultsEndTheCallWithTheLastOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, number int) {
			w.Header().Set("X-Request-Id", "last")
			if number == 1 {
				w.Header().Set("X-Request-Id", "first")
			}
			say(w, 503, "")
		})
		var waits []time.Duration
		c := bubbleClient(t, transport, cursor.Config{OnRetry: func(r cursor.Retry) { waits = append(waits, r.Wait) }})
		begun := time.Now()
		_, err := c.GetAgent(t.Context(), agentID)
		between(t, "the whole call", time.Since(begun), 4*time.Minute+30*time.Second, 5*time.Minute)
		e := asError(t, err)
		want := &cursor.Error{
			Op: "get agent", Method: "GET", Path: "/v1/agents/" + agentID, Status: 503,
			RequestID: "last", Class: cursor.Transient, Attempts: len(waits) + 1,
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		between(t, "the first wait", waits[0], 250*time.Millisecond, 750*time.Millisecond)
		between(t, "the second wait", waits[1], 500*time.Millisecond, 1500*time.Millisecond)
		for _, w := range waits {
			between(t, "a wait", w, 0, 30*time.Second)
		}
	})
}

// Fault 9: the time to wait may stand in the body of a 429 only.
func TestTheServersHintIsHonouredInEveryForm(t *testing.T) {
	t.Parallel()
	connect := `{"code":"resource_exhausted","details":[{"debug":{"details":{"additionalInfo":{"retryAfter":"60"}}}}]}`
	tests := []struct {
		name   string
		header map[string]string
		body   string
		status int // 429 unless set
		low    time.Duration
		high   time.Duration // the same as low unless set
	}{
		{name: "seconds", header: map[string]string{"Retry-After": "7"}, low: 7 * time.Second},
		{name: "seconds with a fraction", header: map[string]string{"Retry-After": " 1.25 "}, low: 1250 * time.Millisecond},
		{name: "seconds after a fault", header: map[string]string{"Retry-After": "7"}, status: 503, low: 7 * time.Second},
		{name: "milliseconds", header: map[string]string{"Retry-After-Ms": "2500", "Retry-After": "9"}, low: 2500 * time.Millisecond},
		{name: "a date by our clock", header: map[string]string{"Date": "", "Retry-After": "Sat, 01 Jan 2000 00:00:42 GMT"}, low: 42 * time.Second},
		{name: "a date by a clock an hour ahead", header: map[string]string{"Date": "Sat, 01 Jan 2000 01:00:00 GMT", "Retry-After": "Sat, 01 Jan 2000 01:00:42 GMT"}, low: 42 * time.Second},
		{name: "a date by a clock an hour behind", header: map[string]string{"Date": "Fri, 31 Dec 1999 23:00:00 GMT", "Retry-After": "Fri, 31 Dec 1999 23:00:42 GMT"}, low: 42 * time.Second},
		{name: "a date that has passed", header: map[string]string{"Date": "Sat, 01 Jan 2000 01:00:00 GMT", "Retry-After": "Sat, 01 Jan 2000 00:00:00 GMT"}, low: 2 * time.Second, high: 3 * time.Second},
		{name: "the Connect body", body: connect, low: time.Minute},
		{name: "the header before the Connect body", header: map[string]string{"Retry-After": "7"}, body: connect, low: 7 * time.Second},
		{name: "a negative number", header: map[string]string{"Retry-After": "-7"}, low: 2 * time.Second, high: 3 * time.Second},
		{name: "no number", header: map[string]string{"Retry-After": "NaN"}, low: 2 * time.Second, high: 3 * time.Second},
		{name: "words", header: map[string]string{"Retry-After": "soon"}, low: 2 * time.Second, high: 3 * time.Second},
		{name: "less than the policy's own wait", header: map[string]string{"Retry-After": "0.001"}, low: 250 * time.Millisecond, high: 750 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, number int) {
					if number > 1 {
						say(w, 200, agentJSON)
						return
					}
					for name, value := range tt.header {
						w.Header()[name] = []string{value}
						if value == "" {
							w.Header()[name] = nil
						}
					}
					say(w, max(tt.status, 429), tt.body)
				})
				begun := time.Now()
				if _, err := bubbleClient(t, transport, cursor.Config{}).GetAgent(t.Context(), agentID); err != nil {
					t.Fatal(err)
				}
				between(t, "the wait", time.Since(begun), tt.low, max(tt.low, tt.high))
			})
		})
	}
}

func TestAWaitThatWouldEndPastTheBudgetIsNotBegun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, hint string
		budget     time.Duration
		want       time.Duration // that the call takes
		attempts   int
		hinted     time.Duration
	}{
		{"a hint within the budget", "20", 50 * time.Second, 40 * time.Second, 3, 20 * time.Second},
		{"a hint past the budget", "51", 50 * time.Second, 0, 1, 51 * time.Second},
		{"a hint past any budget", "1e300", 50 * time.Second, 0, 1, 365 * 24 * time.Hour},
		{"a hint past the default budget", "301", 0, 0, 1, 301 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
					w.Header().Set("Retry-After", tt.hint)
					say(w, 429, fault("rate_limit_exceeded", "slow down"))
				})
				begun := time.Now()
				_, err := bubbleClient(t, transport, cursor.Config{Retry: cursor.RetryPolicy{Budget: tt.budget}}).GetAgent(t.Context(), agentID)
				between(t, "the call", time.Since(begun), tt.want, tt.want)
				e := asError(t, err)
				if e.Attempts != tt.attempts || e.RetryAfter != tt.hinted || e.Class != cursor.Throttled {
					t.Errorf("got %d attempts, a hint of %v and class %v; want %d, %v and throttled", e.Attempts, e.RetryAfter, e.Class, tt.attempts, tt.hinted)
				}
			})
		})
	}
}

func TestThePolicyBoundsTheWaits(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 500} {
		synctest.Test(t, func(t *testing.T) {
			_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, status, "") })
			var waits []time.Duration
			c := bubbleClient(t, transport, cursor.Config{
				Retry:   cursor.RetryPolicy{Initial: 10 * time.Second, Max: 4 * time.Second, Budget: 19 * time.Second},
				OnRetry: func(r cursor.Retry) { waits = append(waits, r.Wait) },
			})
			if _, err := c.GetAgent(t.Context(), agentID); err == nil {
				t.Fatal("want an error")
			}
			if len(waits) < 4 || waits[1] > 4*time.Second || waits[2] > 4*time.Second {
				t.Errorf("%d: waits %v, want at least 4 of 4s at most", status, waits)
			}
		})
	}
}

// Fault 2: the check whether a branch exists says no to existing ones at times.
func TestTheFlakingBranchCheckIsAskedThreeTimes(t *testing.T) {
	t.Parallel()
	const said = "Failed to verify existence of branch 'main' in repository o/r. Please ensure the branch name is correct."
	tests := []struct {
		name     string
		call     func(context.Context, *cursor.Client) error
		message  string
		heals    int // the number of the first good answer, 0 for none
		attempts int
		takes    time.Duration
		fails    bool
	}{
		{"and believed then", calls[3].call, said, 0, 3, 6 * time.Second, true},
		{"without an id too", calls[4].call, said, 0, 3, 6 * time.Second, true},
		{"unless it heals", calls[3].call, said, 2, 2, 2 * time.Second, false},
		{"unless it heals late", calls[4].call, said, 3, 3, 6 * time.Second, false},
		{"but no other refusal", calls[3].call, "No: " + said, 0, 1, 0, true},
		{"but no other call", calls[5].call, said, 0, 1, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, number int) {
					if number == tt.heals {
						say(w, 201, `{"agent":`+agentJSON+`,"run":`+runJSON+`}`)
						return
					}
					say(w, 400, fault("validation_error", tt.message))
				})
				begun := time.Now()
				err := tt.call(t.Context(), bubbleClient(t, transport, cursor.Config{}))
				between(t, "the call", time.Since(begun), tt.takes, tt.takes)
				if n := len(server.seen()); n != tt.attempts {
					t.Errorf("%d requests, want %d", n, tt.attempts)
				}
				if !tt.fails {
					if err != nil {
						t.Error(err)
					}
					return
				}
				e := asError(t, err)
				if e.Class != cursor.Final || e.MaybeDone || e.Attempts != tt.attempts || e.Code != cursor.CodeValidationError {
					t.Errorf("got %#v, want a final error of %d attempts", e, tt.attempts)
				}
			})
		})
	}
}

func TestAllAttemptsOfACallHaveOneIdempotencyKey(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
		if number%3 != 0 {
			say(w, 500, "")
			return
		}
		say(w, 201, `{"agent":`+agentJSON+`,"run":`+runJSON+`}`)
	})
	c := client(t, url, cursor.Config{})
	for range 2 {
		if err := calls[3].call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for _, r := range server.seen() {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}
	if len(keys) != 6 || keys[0] != keys[1] || keys[1] != keys[2] || keys[3] != keys[4] || keys[4] != keys[5] || keys[0] == keys[3] {
		t.Errorf("keys %q, want one for each of two calls", keys)
	}
}

func TestEveryAttemptIsToldOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, number int) {
			time.Sleep(time.Second)
			w.Header().Set("X-Request-Id", "r")
			if number == 1 {
				say(w, 503, fault("upstream_error", "m"))
				return
			}
			say(w, 200, agentJSON)
		})
		var told []cursor.Attempt
		c := bubbleClient(t, transport, cursor.Config{OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
		if _, err := c.GetAgent(t.Context(), agentID); err != nil {
			t.Fatal(err)
		}
		if got, want := text(told[0].Err), "get agent: GET /v1/agents/"+agentID+": 503 upstream_error: m (request r)"; got != want {
			t.Errorf("the first attempt: %q, want %q", got, want)
		}
		told[0].Err = nil
		want := cursor.Attempt{Method: "GET", Path: "/v1/agents/" + agentID, Number: 1, Status: 503, Duration: time.Second, RequestID: "r"}
		again := want
		again.Number, again.Status = 2, 200
		if diff := cmp.Diff([]cursor.Attempt{want, again}, told); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}
