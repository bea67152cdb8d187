package report

import "strings"

// breaker is a zero-width space. GitHub looks for mentions and references in
// the text of a rendered page, where a backslash or an entity is gone already;
// only a character between finds its way there, and stays when somebody quotes
// the page in an e-mail. It is written as an entity, so that the source shows it.
const breaker = "&#8203;"

// escapes says which of GitHub's patterns are taken apart.
type escapes struct {
	// lineStart: the text begins a line, where more characters mean something.
	lineStart bool
	// linked: the text stands inside a link or <code>, where GitHub looks for
	// no references, but its Markdown still finds addresses.
	linked bool
}

// escape returns the Markdown that renders as exactly text: nothing in it is
// markup, a mention, a reference or an address. The text is plain; lines in it
// stay lines.
func escape(text string, how escapes) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	for i := 0; i < len(text); {
		lineStart := how.lineStart && i == 0 || i > 0 && text[i-1] == '\n'
		switch c := text[i]; c {
		case '\\', '*', '[', ']', '~':
			b.WriteString(`\` + string(c))
		case '`':
			// An entity and no backslash, so that it never touches a code span.
			b.WriteString("&#96;")
		case '|':
			// Cells of tables end at a backslash's pipe in some renderers.
			b.WriteString("&#124;")
		case '<':
			b.WriteString("&lt;")
		case '&':
			b.WriteString(ampersand(text[i+1:]))
		case '$':
			// Between two of them stands a formula. An escape does not help:
			// https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions
			b.WriteString("<span>$</span>")
		case '@':
			b.WriteString("@" + breaker)
		case '_':
			if i == 0 || i+1 == len(text) || !isAlnum(text[i-1]) || !isAlnum(text[i+1]) {
				b.WriteByte('\\')
			}
			b.WriteByte('_')
		case '!':
			// Before a link of ours it would make an image.
			if i+1 == len(text) {
				b.WriteByte('\\')
			}
			b.WriteByte('!')
		case '>':
			if lineStart {
				b.WriteByte('\\')
			}
			b.WriteByte('>')
		case '#':
			b.WriteString(hash(text, i, lineStart, how))
		case ':':
			b.WriteString(colon(text[i:], lineStart, how))
		case '-', '+', '=':
			if lineStart {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
			if c == '-' && !how.linked && isIssuePrefix(text, i) {
				b.WriteString(breaker)
			}
		case '.':
			if i >= 3 && strings.EqualFold(text[i-3:i], "www") {
				b.WriteString(breaker)
			}
			b.WriteByte('.')
		default:
			if !isAlnum(c) {
				b.WriteByte(c)
				break
			}
			word := leading(text[i:], isAlnum)
			b.WriteString(escapeWord(word, how))
			i += len(word)
			if lineStart && len(word) <= 9 && isNumber(word) && i < len(text) && (text[i] == '.' || text[i] == ')') {
				b.WriteString(`\` + text[i:i+1])
				i++
			}
			continue
		}
		i++
	}
	return b.String()
}

// ampersand keeps what follows from being an entity.
func ampersand(rest string) string {
	if rest != "" && (rest[0] == '#' || isAlnum(rest[0])) {
		return "&amp;"
	}
	return "&"
}

// hash takes apart a reference to an issue, and keeps a "#" from beginning or
// closing a heading.
func hash(text string, i int, lineStart bool, how escapes) string {
	switch {
	case how.linked:
	case i+1 < len(text) && isDigit(text[i+1]):
		return "#" + breaker
	case lineStart || i == 0 || text[i-1] == ' ':
		return `\#`
	}
	return "#"
}

// colon takes apart addresses and emoji, and keeps a ":" from beginning a
// table's second row.
func colon(rest string, lineStart bool, how escapes) string {
	switch {
	case strings.HasPrefix(rest, "://"), !how.linked && isEmoji(rest):
		return ":" + breaker
	case lineStart:
		return `\:`
	}
	return ":"
}

// isEmoji reports whether rest starts with a name between colons. The minutes
// of a time of day stand between colons too, and no emoji is called that.
func isEmoji(rest string) bool {
	name := leading(rest[1:], func(c byte) bool { return isAlnum(c) || c == '_' || c == '+' || c == '-' })
	return name != "" && strings.HasPrefix(rest[1+len(name):], ":") && (len(name) > 2 || !isNumber(name))
}

// isIssuePrefix reports whether the "-" at i is that of a reference like GH-12.
func isIssuePrefix(text string, i int) bool {
	return i >= 2 && strings.EqualFold(text[i-2:i], "GH") && (i == 2 || !isAlnum(text[i-3])) &&
		i+1 < len(text) && isDigit(text[i+1])
}

// escapeWord takes apart what could be the hash of a commit. Numbers are left
// alone: a commit whose abbreviation has no letter is rare, numbers are not,
// and the worst is a link to a commit.
func escapeWord(word string, how escapes) string {
	const shortest = 7 // that GitHub links
	if how.linked || len(word) < shortest {
		return word
	}
	var b strings.Builder
	for len(word) > 0 {
		run := leading(word, isHex)
		word = word[len(run):]
		for len(run) >= shortest && !isNumber(run) {
			b.WriteString(run[:shortest-1] + breaker)
			run = run[shortest-1:]
		}
		rest := leading(word, func(c byte) bool { return !isHex(c) })
		b.WriteString(run + rest)
		word = word[len(rest):]
	}
	return b.String()
}

// leading is the longest start of text whose bytes all are of a kind.
func leading(text string, kind func(byte) bool) string {
	for i := range len(text) {
		if !kind(text[i]) {
			return text[:i]
		}
	}
	return text
}

func isNumber(text string) bool { return leading(text, isDigit) == text }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// isPunct reports whether c is one of the characters that a backslash escapes.
func isPunct(c byte) bool { return '!' <= c && c <= '~' && !isAlnum(c) }
