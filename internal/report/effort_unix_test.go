//go:build unix

package report_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"cursor-agent-action/internal/report"
)

// effort is the processor time that do takes, which does not grow when the
// machine has other work too.
func effort(t *testing.T, do func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			t.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before := used()
	do()
	return used() - before
}

func TestProseTakesTimeInProportionToItsLength(t *testing.T) {
	// Not parallel: the processor time is that of the whole process.
	for _, part := range manyOf {
		const short, times = 12 << 10, 16
		once := effort(t, func() { report.Prose(strings.Repeat(part, short/len(part))) })
		more := effort(t, func() { report.Prose(strings.Repeat(part, times*short/len(part))) })
		// Twice in proportion, and two seconds for what is too short to be
		// measured. With the square of the length it is far more.
		if limit := 2*times*once + 2*time.Second; more > limit {
			t.Errorf("Prose of many %q takes %v, and %v for %d times as many", part, once, more, times)
		}
	}
}
