// Package plain makes text of others fit for a line that people read: one line
// stays one line, control sequences do nothing, what can't be seen is not there,
// and secrets are stars.
package plain

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the longest log line in bytes, its note included. Longer ones
// make the log's page unusable and tell a reader nothing.
const maxLine = 8 << 10

// Lines yields the lines of text without their ends. A break at the very
// end does not start another line, and empty text is one empty line.
func Lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			i := strings.IndexFunc(text, IsBreak)
			if i < 0 {
				yield(text)
				return
			}
			_, size := utf8.DecodeRuneInString(text[i:])
			if strings.HasPrefix(text[i:], "\r\n") {
				size = 2
			}
			if !yield(text[:i]) {
				return
			}
			if text = text[i+size:]; text == "" {
				return
			}
		}
	}
}

// IsBreak reports whether r ends a line. The runner ends lines at CR and LF
// only; the others are white space to it, and line ends to editors and
// terminals.
func IsBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

func HasBreak(s string) bool { return strings.ContainsFunc(s, IsBreak) }

// Clean drops or shows what is not printable in a line: terminal sequences and
// invisible formatting (direction marks, zero-width spaces, tags) are dropped,
// other control characters than tab are shown as their Unicode pictures, and
// bytes that are not UTF-8 as U+FFFD.
func Clean(line string) string {
	if isPlain(line) {
		return line
	}
	var b strings.Builder
	b.Grow(len(line))
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == '\x1b' || r == '\u009b':
			size = SequenceLen(line[i:])
		case r == '\t':
			b.WriteByte('\t')
		case r < ' ':
			b.WriteRune('\u2400' + r)
		case r == '\x7f':
			b.WriteRune('\u2421')
		case unicode.IsControl(r), IsHidden(r):
			// Nothing shows it, so nothing is lost.
		default:
			b.WriteRune(r) // An invalid byte is decoded as U+FFFD.
		}
		i += size
	}
	return b.String()
}

// isPlain reports whether line is printable ASCII and tabs, as nearly all are.
func isPlain(line string) bool {
	for i := range len(line) {
		if c := line[i]; c != '\t' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// IsHidden reports whether r is formatting that shows nothing itself and can
// make a line look like another one. The joiners stay: words of some scripts
// and many emoji need them.
func IsHidden(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// SequenceLen is the length in bytes of the terminal sequence that s starts
// with (ECMA-48). Of one that does not end within s only the introducer
// counts, so that it hides nothing after it.
func SequenceLen(s string) int {
	if rest, ok := strings.CutPrefix(s, "\u009b"); ok {
		return len(s) - len(rest) + controlLen(rest)
	}
	if len(s) < 2 {
		return 1
	}
	switch c := s[1]; {
	case c == '[':
		return 2 + controlLen(s[2:])
	case strings.IndexByte("]PX^_", c) >= 0:
		return 2 + stringLen(s[2:])
	case c >= ' ' && c <= '~':
		n := 1 + spanLen(s[1:], ' ', '/')
		if n < len(s) && s[n] >= '0' && s[n] <= '~' {
			n++
		}
		return n
	}
	return 1
}

// controlLen is the length of parameters, intermediate and final byte, or 0.
func controlLen(s string) int {
	n := spanLen(s, '0', '?')
	n += spanLen(s[n:], ' ', '/')
	if n < len(s) && s[n] >= '@' && s[n] <= '~' {
		return n + 1
	}
	return 0
}

// stringLen is the length up to and with BEL or ST, or 0.
func stringLen(s string) int {
	length := 0
	for _, end := range []string{"\a", "\x1b\\", "\u009c"} {
		if i := strings.Index(s, end); i >= 0 && (length == 0 || i+len(end) < length) {
			length = i + len(end)
		}
	}
	return length
}

// spanLen counts the leading bytes of s from low to high.
func spanLen(s string, low, high byte) int {
	n := 0
	for n < len(s) && s[n] >= low && s[n] <= high {
		n++
	}
	return n
}

// Cut cuts line to maxLine bytes with a note of what is missing.
func Cut(line string) string {
	if len(line) <= maxLine {
		return line
	}
	const room = 40 // The note with the largest number that fits an int.
	kept := CutBytes(line, maxLine-room)
	return fmt.Sprintf("%s \u2026 (%d bytes more)", kept, len(line)-len(kept))
}

// CutBytes cuts s to at most n bytes, between two characters.
func CutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
