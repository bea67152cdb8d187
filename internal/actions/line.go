package actions

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// isIgnorable reports whether comparing strings by a language's rules may skip
// r. The runner looks for its command marks by such a comparison (StartsWith
// and IndexOf of .NET, without an ordinal argument).
func isIgnorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// disarm changes a line that the runner would take for a command, and no
// other. The runner trims white space and looks for "::" at the start, then
// for "##[" anywhere:
// https://github.com/actions/runner/blob/v2.328.0/src/Runner.Common/ActionCommand.cs
func disarm(line string) string {
	if colon, ok := commandStart(line); ok {
		line = line[:colon+1] + " " + line[colon+1:]
	}
	if !strings.Contains(line, "#") || !strings.Contains(line, "[") {
		return line
	}
	var b strings.Builder
	hashes := 0
	for _, r := range line {
		switch {
		case r == '#':
			hashes++
		case r == '[' && hashes >= 2:
			b.WriteByte(' ')
			hashes = 0
		case !isIgnorable(r):
			hashes = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// commandStart returns the index of the first of two colons that line starts
// with, white space and ignorable characters aside.
func commandStart(line string) (int, bool) {
	colon := -1
	for i, r := range line {
		switch {
		case isIgnorable(r):
		case r == ':' && colon >= 0:
			return colon, true
		case r == ':':
			colon = i
		case colon >= 0 || !unicode.IsSpace(r):
			return 0, false
		}
	}
	return 0, false
}

// cutUnits cuts s to at most n UTF-16 units, between two characters, and ends
// it with an ellipsis when something is missing.
func cutUnits(s string, n int) string {
	units, fits := 0, 0
	for i, r := range s {
		size := utf16.RuneLen(r)
		if units+size > n {
			return s[:fits] + "\u2026"
		}
		if units+size < n { // There is room for the ellipsis behind r.
			fits = i + utf8.RuneLen(r)
		}
		units += size
	}
	return s
}
