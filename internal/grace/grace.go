// Package grace gives work that must not be cut short a little more time than
// its context has: a signal or a time-out decides that nothing new begins, and
// what is on its way, or ends what was begun, still gets its answer.
package grace

import (
	"context"
	"time"
)

// Context returns a context that ends period after ctx does, with ctx's cause.
// Call the returned function to release it.
func Context(ctx context.Context, period time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(period, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}
