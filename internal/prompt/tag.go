package prompt

import (
	"html"
	"strings"
)

// tag is an HTML tag in a text.
type tag struct {
	name       string // Lower case.
	written    string // "<" or "</" and the name as it stands in the text.
	closes     bool
	attributes []attribute
}

// attribute is one of a tag.
type attribute struct {
	name, value string // The name in lower case, the value without quotes.
	written     string // With the white space before it.
}

// maxTagName is the longest name, in bytes, of a tag that is shown. Elements
// have shorter ones, and a name is a place to hide words in.
const maxTagName = 24

// shown is what stays of the tag: its name, and an address where it has one.
// What stays is copied, so it is never longer than the tag was.
func (t tag) shown(removed Removed) string {
	if len(t.name) > maxTagName {
		removed[HiddenElement]++
		return " "
	}
	var b strings.Builder
	b.WriteString(t.written)
	for _, a := range t.attributes {
		if !t.closes && (t.name == "a" && a.name == "href" || t.name == "img" && a.name == "src") && isAddress(a.value) {
			b.WriteString(a.written)
			continue
		}
		if isData(a.value) {
			removed[DataURI]++
		} else {
			removed[HiddenAttribute]++
		}
	}
	b.WriteByte('>')
	return b.String()
}

// isAddress reports whether value leads somewhere, and so is more than text.
func isAddress(value string) bool {
	value = html.UnescapeString(value)
	return (strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "/") || strings.HasPrefix(value, "#")) &&
		!strings.ContainsAny(value, " \t\n<>\"'`") && len(value) <= 2<<10
}

func isData(value string) bool {
	value = strings.TrimSpace(html.UnescapeString(value))
	return len(value) >= len("data:") && strings.EqualFold(value[:len("data:")], "data:")
}

// readTag reads the tag at i and returns where it ends, as the standard has it:
// https://html.spec.whatwg.org/multipage/parsing.html#tag-open-state. The end
// is 0 where there is no tag, and -1 where the text ends before it does. A "<"
// outside of quotes ends the attempt: there a tag of its own may begin.
func (p *page) readTag(i int) (t tag, end int) {
	text, start := p.text, i
	if i++; i < len(text) && text[i] == '/' {
		t.closes = true
		i++
	}
	if i == len(text) || !isLetter(text[i]) {
		return t, 0
	}
	defer func() {
		if end <= 0 {
			p.wasted += i - start
		}
	}()
	i += wordLen(text[i:], "/>")
	t.written = text[start:i]
	t.name = strings.ToLower(strings.TrimLeft(t.written, "</"))
	for i < len(text) {
		before := i
		for i < len(text) && (isSpace(text[i]) || text[i] == '/') {
			i++
		}
		if i == len(text) {
			break
		}
		switch text[i] {
		case '>':
			return t, i + 1
		case '<':
			return t, 0
		}
		name := i
		i++ // A name may begin with "=".
		i += wordLen(text[min(i, len(text)):], "/>=")
		a := attribute{name: strings.ToLower(text[name:i])}
		equals := i
		for equals < len(text) && isSpace(text[equals]) {
			equals++
		}
		if equals < len(text) && text[equals] == '=' {
			value, after, ok := p.readValue(equals + 1)
			i = after
			if !ok {
				return t, -1
			}
			a.value = value
		}
		a.written = text[before:i]
		t.attributes = append(t.attributes, a)
	}
	return t, -1
}

// readValue reads the value of an attribute at i and returns where it ends. It
// is not ok where a quote has no end.
func (p *page) readValue(i int) (value string, end int, ok bool) {
	text := p.text
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	if i == len(text) {
		return "", i, false
	}
	quote := text[i]
	if quote != '"' && quote != '\'' {
		n := wordLen(text[i:], ">")
		return text[i : i+n], i + n, true
	}
	n := strings.IndexByte(text[i+1:], quote)
	if n < 0 {
		return "", len(text), false
	}
	return text[i+1 : i+1+n], i + n + 2, true
}

// wordLen counts the bytes of text up to white space, a "<" or one of ends.
func wordLen(text, ends string) int {
	for i := range len(text) {
		if c := text[i]; c == '<' || isSpace(c) || strings.IndexByte(ends, c) >= 0 {
			return i
		}
	}
	return len(text)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
