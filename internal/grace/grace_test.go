package grace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/grace"
)

func TestTheContextEndsALittleLaterWithTheSameCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("signal")
		ctx, stop := context.WithCancelCause(t.Context())
		longer, release := grace.Context(ctx, 2*time.Second)
		defer release()

		time.Sleep(time.Hour)
		if longer.Err() != nil {
			t.Fatal("it ended before its parent")
		}
		stop(cause)
		time.Sleep(2*time.Second - time.Nanosecond)
		if longer.Err() != nil {
			t.Error("it ended before the grace was over")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := context.Cause(longer); got != cause {
			t.Errorf("cause after the grace: got %v, want %v", got, cause)
		}
	})
}

func TestReleasingEndsItAtOnceAndLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		before, releaseBefore := grace.Context(ctx, time.Hour)
		releaseBefore()
		after, releaseAfter := grace.Context(ctx, time.Hour)
		stop()
		synctest.Wait()
		releaseAfter()
		if before.Err() == nil || after.Err() == nil {
			t.Errorf("released contexts go on: %v, %v", before.Err(), after.Err())
		}
		// The bubble fails the test if a timer or goroutine of theirs were left.
	})
}

func TestValuesOfTheParentAreKept(t *testing.T) {
	t.Parallel()
	type key struct{}
	longer, release := grace.Context(context.WithValue(t.Context(), key{}, "v"), time.Second)
	defer release()
	if longer.Value(key{}) != "v" {
		t.Error("the parent's values are gone")
	}
}
