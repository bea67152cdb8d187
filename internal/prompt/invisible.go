package prompt

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cursor-agent-action/internal/plain"
)

// maxSequence is the longest terminal sequence, in bytes, that is taken as one.
// Looking for the end of each without a bound would take the square of a
// text's length.
const maxSequence = 1 << 10

// visible returns text without what nobody sees in it: valid UTF-8 in which
// lines end at "\n" and whose only other control character is tab.
//
// Joiners and variation selectors go too, though emoji are put together with
// them and some scripts spell with them: a run of them spells any hidden text,
// and a family of emoji that falls into persons tells an agent no less.
func visible(text string, removed Removed) string {
	if isVisible(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		kind, hidden := hiddenRune(r)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteByte('?') // U+FFFD is longer than the byte.
			removed[InvalidUTF8]++
		case r == '\x1b' || r == '\u009b':
			line, _, _ := strings.Cut(text[i:min(len(text), i+maxSequence)], "\n")
			size = plain.SequenceLen(line)
			removed[TerminalSequence]++
		case r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
			// The line feed ends the line.
		case r != '\t' && r != '\n' && plain.IsBreak(r):
			b.WriteByte('\n')
		case hidden:
			removed[kind]++
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// isVisible reports whether text is printable ASCII, tabs and line feeds, as
// nearly all is.
func isVisible(text string) bool {
	for i := range len(text) {
		if c := text[i]; c != '\t' && c != '\n' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// blanks are characters that Unicode calls no default ignorables, and that have
// no width or no picture all the same: a number's joiner, a Khitan filler, a note
// without a head and the place of an object. A run of two kinds of them spells
// any hidden text.
const blanks = "\U0001107F\U00016FE4\U0001D159\uFFFC"

// hiddenRune tells whether r shows nothing, and what kind of nothing it is.
// Unicode calls these default ignorable; variation selectors are among them.
func hiddenRune(r rune) (kind Kind, hidden bool) {
	switch {
	case r == '\n' || r == '\t':
		return "", false
	case unicode.IsControl(r):
		return Control, true
	case r < 0x80:
		return "", false
	case r == 0xAD:
		return SoftHyphen, true
	case r >= 0xE0000 && r <= 0xE007F:
		return TagCharacter, true
	case unicode.Is(unicode.Variation_Selector, r):
		return VariationSelector, true
	case unicode.Is(unicode.Bidi_Control, r):
		return Bidi, true
	case r >= 0x200B && r <= 0x200D || r == 0x2060 || r == 0xFEFF || r == 0x180E:
		return ZeroWidth, true
	case unicode.Is(unicode.Co, r):
		return PrivateUse, true
	case strings.ContainsRune(blanks, r), plain.IsHidden(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return Invisible, true
	}
	return "", false
}
