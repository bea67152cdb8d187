package cursor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// RetryPolicy bounds the repetition of one call. The zero value of each field
// means its default.
type RetryPolicy struct {
	Initial time.Duration // the first wait after a transient fault, jittered; 500 ms
	Max     time.Duration // the longest wait that the server did not ask for; 30 s
	// Budget bounds the whole call with its waits; 5 minutes. A wait that would
	// end past it is not begun: the last error is returned at once. An attempt
	// that is under way is not cut short by it, because cutting off a create
	// would make its end unknown.
	Budget   time.Duration
	Attempts int // how often the call is sent at most; no limit
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.Initial <= 0 {
		p.Initial = 500 * time.Millisecond
	}
	if p.Max <= 0 {
		p.Max = 30 * time.Second
	}
	if p.Budget <= 0 {
		p.Budget = 5 * time.Minute
	}
	return p
}

const (
	// firstThrottledWait is the shortest wait after an answer that says "too
	// many requests" but not for how long. It doubles from there, as the API's
	// best practices ask for.
	firstThrottledWait = 2 * time.Second
	// firstBranchWait and maxBranchRepeats are for the check whether a branch
	// exists, which says no to existing branches at times and heals in seconds.
	firstBranchWait  = 2 * time.Second
	maxBranchRepeats = 2
)

// branchCheckText opens the message of the flaking check. It comes with 400,
// so that nothing was created.
const branchCheckText = "Failed to verify existence of branch"

// Retry is a wait that is about to begin.
type Retry struct {
	Err     *Error // why the last attempt failed
	Wait    time.Duration
	Lost    time.Duration // how long the last attempt took
	Attempt int           // the number of attempts so far
}

// waits decides how long to wait after which error. It belongs to one call,
// and is the backoff.BackOff that the library asks.
type waits struct {
	policy        RetryPolicy
	random        func() float64
	started       time.Time
	transient     backoff.BackOff // without jitter: that is drawn from random
	throttled     backoff.BackOff // likewise
	branchRepeats int
	last          *Error
}

// The jitter of waits, as the share by which they are shorter or longer. A
// fifth around 5/4 of the first throttled wait never falls below it.
const (
	transientJitter = 0.5
	throttledJitter = 0.2
)

func newWaits(policy RetryPolicy, random func() float64) *waits {
	return &waits{
		policy:    policy,
		random:    random,
		started:   time.Now(),
		transient: doubling(policy.Initial, policy.Max),
		throttled: doubling(firstThrottledWait*5/4, policy.Max),
	}
}

func doubling(initial, most time.Duration) backoff.BackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(initial), backoff.WithMultiplier(2), backoff.WithRandomizationFactor(0),
		backoff.WithMaxInterval(most), backoff.WithMaxElapsedTime(0))
}

// jittered spreads a wait over share of it to both sides, so that many clients
// do not come back at the same moment.
func (w *waits) jittered(wait time.Duration, share float64) time.Duration {
	return time.Duration(float64(wait) * (1 + share*(2*w.random()-1)))
}

// Reset is called by the library before the first attempt; a waits is new then.
func (w *waits) Reset() {}

// NextBackOff returns the wait after w.last: the server's hint, or the policy's
// own wait when that is longer.
func (w *waits) NextBackOff() time.Duration {
	var wait time.Duration
	switch {
	case isBranchCheck(w.last):
		wait = firstBranchWait << w.branchRepeats
		w.branchRepeats++
	case w.last.Class == Throttled && w.last.RetryAfter == 0:
		wait = min(w.jittered(w.throttled.NextBackOff(), throttledJitter), w.policy.Max)
	default:
		wait = min(w.jittered(w.transient.NextBackOff(), transientJitter), w.policy.Max)
	}
	wait = max(wait, w.last.RetryAfter)
	if time.Since(w.started)+wait > w.policy.Budget {
		return backoff.Stop
	}
	return wait
}

// repeats reports whether k is sent again after err.
func (w *waits) repeats(k call, err *Error) bool {
	if k.branchCheck && isBranchCheck(err) {
		return w.branchRepeats < maxBranchRepeats
	}
	return err.Class == Transient || err.Class == Throttled
}

func isBranchCheck(err *Error) bool {
	return err.Status == http.StatusBadRequest && strings.HasPrefix(err.Message, branchCheckText)
}

// repeat makes the attempts of one call. attempt fills in what happened to one
// exchange; repeat fills in what concerns the call as a whole.
func (c *Client) repeat(ctx context.Context, k call, attempt func(ctx context.Context, number int) *Error) error {
	w := newWaits(c.retry, c.random)
	number, maybeDone := 0, false
	var lost time.Duration
	try := func() error {
		if ctx.Err() != nil {
			return backoff.Permanent(stopReason(ctx))
		}
		number++
		began := time.Now()
		err := attempt(ctx, number)
		lost = time.Since(began)
		if err == nil {
			return nil
		}
		maybeDone = maybeDone || err.MaybeDone
		err.Attempts, err.MaybeDone = number, maybeDone
		if interrupted(err) {
			if w.last == nil {
				return backoff.Permanent(err)
			}
			return backoff.Permanent(stopReason(ctx))
		}
		w.last = err
		if !w.repeats(k, err) || number == c.retry.Attempts {
			return backoff.Permanent(err)
		}
		return err
	}
	tell := func(_ error, wait time.Duration) {
		if c.onRetry != nil {
			c.onRetry(Retry{Err: w.last, Wait: wait, Lost: lost, Attempt: number})
		}
	}
	// WithContext must be outermost, else the library sleeps past the end of ctx.
	err := backoff.RetryNotify(try, backoff.WithContext(w, ctx), tell)
	if _, ok := err.(*Error); ok || err == nil {
		return err
	}
	// Only the end of ctx brings another error. The last thing that the server
	// said explains why the call took so long.
	if w.last == nil {
		return &Error{Op: k.op, Method: k.method, Path: k.path, Err: stopReason(ctx)}
	}
	last := *w.last
	last.Attempts, last.MaybeDone = number, maybeDone
	return fmt.Errorf("%w; stopped: %w", &last, stopReason(ctx))
}
