package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	textStyle          = '\ufe0e' // variation selectors that choose between an
	emojiStyle         = '\ufe0f' // emoji and its black-and-white form
)

// plain returns text without what can't be seen: control characters, marks that
// reorder or hide text, tags and other default-ignorable characters. Each kind
// of line end becomes '\n', tabs stay, and a byte that is not UTF-8 becomes
// U+FFFD. What a reader sees is then all there is, for people and for
// programs that look for patterns in it.
func plain(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	var last rune // as written
	for i, r := range text {
		switch r {
		case '\r':
			if strings.HasPrefix(text[i:], "\r\n") {
				continue
			}
			r = '\n'
		case '\v', '\f', '\u0085', '\u2028', '\u2029':
			r = '\n'
		case '\n', '\t':
		case zeroWidthJoiner, zeroWidthNonJoiner:
			// Emoji and the words of some scripts need them. Beside ASCII they
			// only keep a pattern from being found.
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			if last < utf8.RuneSelf || next < utf8.RuneSelf || isJoiner(last) || isHidden(next) {
				continue
			}
		case textStyle, emojiStyle:
			// One after a character is its style; rows of them smuggle bytes.
			if last <= ' ' || isStyle(last) || isJoiner(last) {
				continue
			}
		default:
			if unicode.IsControl(r) || isHidden(r) {
				continue
			}
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// isPlain reports whether text is printable ASCII, tabs and '\n', as most is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c > '~' || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// isHidden reports whether r shows nothing itself.
func isHidden(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false // Of class Cf too, and visible.
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

func isJoiner(r rune) bool { return r == zeroWidthJoiner || r == zeroWidthNonJoiner }

func isStyle(r rune) bool { return r == textStyle || r == emojiStyle }

// oneLine is plain text with every run of white space made one space, and none
// around.
func oneLine(text string) string {
	return strings.Join(strings.Fields(plain(text)), " ")
}

// Cut shortens text to at most n characters, the last of them an ellipsis when
// something is missing. Text is cut before it is escaped: an escape that is
// cut in the middle is none.
func Cut(text string, n int) string {
	end := 0 // where n-1 characters end
	count := 0
	for i := range text {
		if count == n-1 {
			end = i
		}
		if count == n {
			return strings.TrimRightFunc(text[:end], unicode.IsSpace) + "…"
		}
		count++
	}
	return text
}

// cutBytes cuts text to at most n bytes: after a line where that keeps half of
// them, else between two characters.
func cutBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	if end := strings.LastIndexByte(text[:n], '\n'); end > n/2 {
		return text[:end]
	}
	return text[:n]
}
