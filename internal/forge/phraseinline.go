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
	rawTag = regexp.MustCompile(`^(?s:` +
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
	declarations := unended{}
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
			if found := autolink.FindString(text[at:]); found != "" {
				length = len(found)
				hide(at, at+length)
			} else if found := rawTag.FindString(text[at:]); found != "" {
				q.tag(found)
				length = len(found)
				hide(at, at+length)
			} else if found := declarations.length(text, at); found > 0 {
				length = found
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

// unended are the ends of comments and declarations that a text has no more of.
// To look for one again at each beginning takes the square of the text's length.
type unended map[string]bool

// length is that of the comment, processing instruction, declaration or CDATA
// section that begins at at; 0 where none does.
// https://spec.commonmark.org/0.31.2/#html-comment
func (u unended) length(text string, at int) int {
	rest := text[at:]
	begin, end := 0, ""
	switch {
	case strings.HasPrefix(rest, "<!-->"):
		return len("<!-->")
	case strings.HasPrefix(rest, "<!--->"):
		return len("<!--->")
	case strings.HasPrefix(rest, "<!--"):
		begin, end = len("<!--"), "-->"
	case strings.HasPrefix(rest, "<?"):
		begin, end = len("<?"), "?>"
	case strings.HasPrefix(rest, "<![CDATA["):
		begin, end = len("<![CDATA["), "]]>"
	case len(rest) > 2 && rest[1] == '!' && isASCIILetter(rest[2]):
		begin, end = len("<!A"), ">"
	default:
		return 0
	}
	n := -1
	if !u[end] {
		n = strings.Index(rest[begin:], end)
	}
	if u[end] = n < 0; n < 0 {
		return 0
	}
	return begin + n + len(end)
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

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
// of one, or the words that stand for an image. The bracket that closes a label
// or an image's words is looked at again, since an address may follow it.
func hideAddresses(text []byte) string {
	shown := string(text)
	for at := 0; at < len(text); {
		length, next := 0, at+1
		switch rest := shown[at:]; {
		case strings.HasPrefix(rest, "]("):
			length = 1 + bracketed(rest[1:], '(', ')')
			next = at + length
		case strings.HasPrefix(rest, "]["), strings.HasPrefix(rest, "!["):
			length = 1 + bracketed(rest[1:], '[', ']')
			next = at + length - 1
		}
		for i := range length {
			text[at+i] = mask
		}
		at = next
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
