package cursor

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestHint keeps an absurd hint from overflowing; any budget is shorter.
const longestHint = 365 * 24 * time.Hour

// retryAfter returns how long the server asks to wait, 0 when it doesn't: by
// its headers, else by inBody, the seconds that a Connect error names.
//
// A date is measured against the Date header of the same answer where there is
// one, because the server's clock may be an hour away from ours.
func retryAfter(header http.Header, inBody string, now time.Time) time.Duration {
	if wait, ok := scaled(header.Get("Retry-After-Ms"), time.Millisecond); ok {
		return wait
	}
	said := header.Get("Retry-After")
	if wait, ok := scaled(said, time.Second); ok {
		return wait
	}
	if at, err := http.ParseTime(said); err == nil {
		if served := servedAt(header); !served.IsZero() {
			now = served
		}
		return min(max(at.Sub(now), 0), longestHint)
	}
	wait, _ := scaled(inBody, time.Second)
	return wait
}

// scaled reads a decimal number of units.
func scaled(s string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(n) {
		return 0, false
	}
	limit := float64(longestHint / unit)
	return time.Duration(min(max(n, 0), limit) * float64(unit)), true
}

// servedAt returns the server's clock when it answered, zero when it did not say.
func servedAt(header http.Header) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
