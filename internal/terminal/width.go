package terminal

import (
	"strings"
	"unicode"
)

// wide are the blocks whose characters take two columns, as far as they are in
// use: East Asian scripts and emoji (https://www.unicode.org/reports/tr11/).
// Where a terminal has it otherwise, a status line ends some columns early.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x231a, 0x231b, 1}, {0x23e9, 0x23ec, 1}, {0x2614, 0x2615, 1}, {0x26a1, 0x26a1, 1},
		{0x2705, 0x2705, 1}, {0x270a, 0x270b, 1}, {0x2728, 0x2728, 1}, {0x274c, 0x274c, 1}, {0x2795, 0x2797, 1},
		{0x2b50, 0x2b55, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0xa4cf, 1}, {0xa960, 0xa97f, 1}, {0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// width is how many columns a character takes.
func width(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// Width is how many columns a clean line takes, as well as that can be known.
func Width(line string) int {
	columns := 0
	for _, r := range line {
		columns += width(r)
	}
	return columns
}

// Fit cuts a clean line to so many columns, with an ellipsis in place of what is
// missing.
func Fit(line string, columns int) string {
	used, end := 0, 0 // end is where an ellipsis still fits
	for i, r := range line {
		if used+width(r) > columns {
			if columns < 1 {
				return ""
			}
			return strings.TrimRight(line[:end], " ") + "…"
		}
		if used += width(r); used < columns {
			end = i + len(string(r))
		}
	}
	return line
}
