package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// duration is d as people say it: "850 ms", "12 s", "3 m 12 s", "1 h 0 m 5 s",
// "1 h", "2 d 3 h". It is rounded to the last unit shown, as the log does.
func duration(d time.Duration) string {
	if 0 < d && d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	const day = 24 * time.Hour
	if d = d.Round(time.Second); d >= day {
		d = d.Round(time.Minute)
	}
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		n := d / unit.length
		d -= n * unit.length
		if n > 0 || len(parts) > 0 && d >= time.Second {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// number is n with its thousands apart: "1,234,567".
func number(n int64) string {
	if n < 0 {
		return "-" + group(strconv.FormatInt(n, 10)[1:])
	}
	return group(strconv.FormatInt(n, 10))
}

// group puts a comma between thousands.
func group(digits string) string {
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// money is an amount of US cents in dollars: "$0.42", "$1,234.50", and "less
// than $0.01" for what would be rounded to nothing.
func money(cents float64) string {
	switch {
	case cents < 0:
		return "-" + money(-cents)
	case cents > 0 && cents < 0.5:
		return "less than $0.01"
	}
	whole := strconv.FormatFloat(math.Round(cents), 'f', 0, 64)
	whole = strings.Repeat("0", max(0, 3-len(whole))) + whole
	dollars, rest := whole[:len(whole)-2], whole[len(whole)-2:]
	return "$" + group(dollars) + "." + rest
}

// size is a number of bytes as people say it: "512 B", "1.2 kB", "3.4 MB".
func size(bytes int64) string {
	if bytes < 1000 {
		return strconv.FormatInt(max(bytes, 0), 10) + " B"
	}
	value := float64(bytes)
	unit := ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if value /= 1000; value < 999.95 {
			break
		}
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + unit
}

// ordinal is "1st", "2nd", "3rd", "4th" and so on.
func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return strconv.Itoa(n) + suffix
}
