package actions

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads a length of time, and says what is wrong with it in words
// that go behind the quoted text.
func parseDuration(s string) (d time.Duration, problem string) {
	if strings.HasPrefix(s, "-") {
		return 0, "is negative: write a length of time such as 30m"
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s != "0" && strings.Trim(s, "0123456789.") == "" {
		return 0, fmt.Sprintf("has no unit: write %[1]ss, %[1]sm or %[1]sh", s)
	}
	const unknown = "is not a length of time: write one such as 90s, 30m, 1h30m or 2d"
	rest := s
	if days, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, unknown
		}
		if d, rest = time.Duration(n)*day, after; rest == "" {
			return d, ""
		}
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || more > math.MaxInt64-d {
		return 0, unknown
	}
	return d + more, ""
}

// showDuration is d without the zero units that String writes: 24h, 1h30m, 10s.
func showDuration(d time.Duration) string {
	s := d.String()
	if cut, ok := strings.CutSuffix(s, "m0s"); ok {
		s = cut + "m"
	}
	if cut, ok := strings.CutSuffix(s, "h0m"); ok {
		s = cut + "h"
	}
	return s
}
