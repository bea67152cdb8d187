package forge

import (
	"regexp"
	"sort"
	"strings"
)

// spoken is the text of one paragraph or heading. What in it is code, HTML or
// an address is masked, byte by byte, so that offsets stay.
type spoken struct {
	text  string
	lines []spokenLine
}

// spokenLine says where a line of the block stands in the comment.
type spokenLine struct{ at, from int }

// offset is where the byte at of the block stands in the comment.
func (s spoken) offset(at int) int {
	i := sort.Search(len(s.lines), func(i int) bool { return s.lines[i].at > at }) - 1
	return s.lines[i].from + at - s.lines[i].at
}

// mask stands for a byte that is not spoken: no word goes on over it and none
// begins at it.
const mask = '\x00'

// What CommonMark calls raw HTML and autolinks.
// https://spec.commonmark.org/0.31.2/#raw-html
var (
	rawHTML = regexp.MustCompile(`^(?s:` +
		`<!-->|<!--->|<!--.*?-->|` + // a comment
		`<\?.*?\?>|<![A-Za-z].*?>|<!\[CDATA\[.*?\]\]>|` +
		`<[A-Za-z][A-Za-z0-9-]*` + htmlAttributes + `[ \t\n]*/?>|</[A-Za-z][A-Za-z0-9-]*[ \t\n]*>)`)
	autolink    = regexp.MustCompile("^<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\\x00-\\x20<>]*|[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9.-]+)>")
	htmlComment = regexp.MustCompile(`(?s:<!--.*?-->)`)
	tagName     = regexp.MustCompile(`^</?([A-Za-z][A-Za-z0-9-]*)`)
)

// htmlAttributes are those of an opening tag.
const htmlAttributes = `(?:[ \t\n]+[A-Za-z_:][A-Za-z0-9_.:-]*(?:[ \t\n]*=[ \t\n]*(?:[^ \t\n"'=<>` + "`" + `]+|'[^']*'|"[^"]*"))?)*`

// quotingTags are the elements whose text is not the writer's own word, or is
// not shown as text.
var quotingTags = map[string]bool{
	"blockquote": true, "code": true, "del": true, "kbd": true, "pre": true, "q": true, "s": true, "samp": true, "script": true,
	"strike": true, "style": true, "template": true, "textarea": true, "tt": true, "var": true, "xmp": true,
}

// quoting counts the elements that are open. HTML goes on from block to block.
type quoting int

// tag counts one tag; text is anything else that begins with "<".
func (q *quoting) tag(text string) {
	name := tagName.FindStringSubmatch(text)
	switch {
	case name == nil || !quotingTags[strings.ToLower(name[1])]:
	case strings.HasPrefix(text, "</"):
		*q = max(*q-1, 0)
	default:
		*q++
	}
}

// block counts all that looks like a tag in a block of HTML.
func (q *quoting) block(text string) {
	text = htmlComment.ReplaceAllString(text, "")
	for at := range len(text) {
		if text[at] == '<' {
			q.tag(text[at:])
		}
	}
}

// masked is the text of a block with all that is not spoken masked. Code spans,
// tags and autolinks bind first and from the left; addresses of links are
// masked afterwards, since masking too much can't make the phrase appear.
func (q *quoting) masked(text string) string {
	out := []byte(text)
	hide := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = mask
		}
	}
	endless := unclosed(text)
	for at := 0; at < len(text); {
		length := 1
		switch text[at] {
		case '\\':
			if at+1 < len(text) && isASCIIPunct(text[at+1]) {
				length = 2
				hide(at, at+2)
			}
		case '`':
			if length = codeSpan(text[at:]); length > 0 {
				hide(at, at+length)
			} else {
				length = runLength(text[at:], '`')
			}
		case '<':
			if endless(at) {
				break
			}
			if found := autolink.FindString(text[at:]); found != "" {
				length = len(found)
				hide(at, at+length)
			} else if found := rawHTML.FindString(text[at:]); found != "" {
				q.tag(found)
				length = len(found)
				hide(at, at+length)
			}
		}
		if *q > 0 {
			hide(at, at+length)
		}
		at += length
	}
	return hideAddresses(out)
}

// closers end the raw HTML that may hold anything.
var closers = [...]struct{ begins, ends string }{{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}}

// unclosed tells of a "<" whether it begins what nothing behind it ends, without
// looking through the text again for each: a comment may hold thousands.
func unclosed(text string) func(at int) bool {
	var last [len(closers)]int
	for i, kind := range closers {
		last[i] = strings.LastIndex(text, kind.ends)
	}
	return func(at int) bool {
		for i, kind := range closers {
			if strings.HasPrefix(text[at:], kind.begins) {
				return last[i] < at
			}
		}
		return false
	}
}

// codeSpan is the length of the code span that text begins with, 0 when its
// run of backticks is closed nowhere.
func codeSpan(text string) int {
	open := runLength(text, '`')
	for at := open; at < len(text); {
		next := strings.IndexByte(text[at:], '`')
		if next < 0 {
			return 0
		}
		at += next
		run := runLength(text[at:], '`')
		if at += run; run == open {
			return at
		}
	}
	return 0
}

func runLength(text string, c byte) int {
	return len(text) - len(strings.TrimLeft(text, string(c)))
}

// hideAddresses masks what may be the address and title of a link, the label
// of one, or the words that stand for an image.
func hideAddresses(text []byte) string {
	shown := string(text)
	for at := 0; at < len(text); at++ {
		length := 0
		switch rest := shown[at:]; {
		case strings.HasPrefix(rest, "]("):
			length = 1 + bracketed(rest[1:], '(', ')')
		case strings.HasPrefix(rest, "]["):
			length = 1 + bracketed(rest[1:], '[', ']')
		case strings.HasPrefix(rest, "!["):
			length = bracketed(rest[1:], '[', ']') // the "]" is looked at again
		}
		for i := range length {
			text[at+i] = mask
		}
		at += max(length-1, 0)
	}
	return string(text)
}

// bracketed is the length of what text begins with, up to the bracket that
// closes the first one; all of the text when none does. Brackets in quotation
// marks and between < and > don't count.
func bracketed(text string, open, shut byte) int {
	depth, quote := 0, byte(0)
	for at := range len(text) {
		switch c := text[at]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == open:
			depth++
		case c == shut:
			if depth--; depth == 0 {
				return at + 1
			}
		case open == '(' && c == '<' && at == 1:
			quote = '>'
		case open == '(' && (c == '"' || c == '\'') && strings.ContainsRune(" \t\n", rune(text[at-1])):
			quote = c
		}
	}
	return len(text)
}

func isASCIIPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}
