package report

import (
	"html"
	"strings"
)

// link takes [text](address) and ![text](address), or else their first byte as
// text.
func (w *spanWriter) link() {
	rest := w.src[w.at:]
	open := len("[")
	image := strings.HasPrefix(rest, "![")
	if image {
		open = len("![")
	}
	var label, target string
	var length int
	if (image || rest[0] == '[') && w.depth < maxEmphasis {
		label, target, length = linkParts(rest[open:])
	}
	if target == "" {
		w.text(rest[:1], 1)
		return
	}
	if image {
		label = strings.TrimSpace("image " + label)
	}
	if label == "" || label == target {
		w.code(target)
	} else {
		w.within(label)
		w.pending = append(w.pending, " ("...)
		w.code(target)
		w.pending = append(w.pending, ')')
	}
	w.at += open + length
}

// linkParts reads what follows a "[": the text, the address, and how long both
// are with the marks between and after them. The address is "" when it is no
// link.
func linkParts(rest string) (label, target string, length int) {
	end := strings.IndexAny(rest[:min(len(rest), maxLinkText)], "[]")
	if end < 0 || !strings.HasPrefix(rest[end:], "](") {
		return "", "", 0
	}
	parens := 0
	for i := end + len("]("); i < min(len(rest), end+longestAddress) && rest[i] != '\n'; i++ {
		switch rest[i] {
		case '(':
			parens++
		case ')':
			if parens--; parens >= 0 {
				continue
			}
			target, _, _ = strings.Cut(strings.TrimSpace(rest[end+len("]("):i]), " ") // A title may follow.
			target = strings.TrimSuffix(strings.TrimPrefix(target, "<"), ">")
			return oneLine(rest[:end]), target, i + 1
		}
	}
	return "", "", 0
}

// tag takes <https://address> and <br>; any other "<" is text.
func (w *spanWriter) tag(rest string) {
	end := strings.IndexAny(rest[1:min(len(rest), longestAddress)], "<> \n")
	inner := ""
	if end >= 0 && rest[1+end] == '>' {
		inner = rest[1 : 1+end]
	}
	if strings.HasPrefix(strings.ToLower(rest[:min(len(rest), len("<br />"))]), "<br />") {
		inner, end = "br", len("br /")
	}
	switch {
	case strings.EqualFold(strings.TrimSuffix(inner, "/"), "br"):
		w.lineBreak(true)
		w.at += end + 2
	case addressLength(inner) > 0:
		w.code(inner)
		w.at += end + 2
	default:
		w.text(rest[:1], 1)
	}
}

// entity takes a character that is written by its name or number.
func (w *spanWriter) entity(rest string) {
	name := leading(rest[1:], func(c byte) bool { return isAlnum(c) || c == '#' })
	if !strings.HasPrefix(rest[1+len(name):], ";") {
		w.text("&", 1)
		return
	}
	written := rest[:len(name)+2]
	text := plain(html.UnescapeString(written))
	if strings.TrimSpace(text) == "" && text != "" {
		text = " "
	}
	w.text(text, len(written))
}

// word takes a word, an address or one other character. What could be the hash
// of a commit becomes code.
func (w *spanWriter) word(rest string) {
	if !isAlnum(rest[0]) {
		w.text(rest[:1], 1)
		return
	}
	word := leading(rest, isAlnum)
	if n := addressLength(rest); n > 0 {
		w.address(rest[:n])
		w.at += n
		return
	}
	if isHash(word) && !w.touches(w.at-1) && !w.touches(w.at+len(word)) {
		w.code(word)
		w.at += len(word)
		return
	}
	w.text(word, len(word))
}

// address writes an address that stands in the text, as code that people can
// copy.
func (w *spanWriter) address(text string) {
	// Renderers disagree about "&" in such a link.
	if address, ok := webAddress(text); ok && w.links && isCursors(text) && !strings.Contains(text, "&") {
		w.flush()
		w.out = append(w.out, "<"+address+">"...)
		return
	}
	w.code(text)
}

// touches reports whether the byte at i makes what is beside it a part of a
// longer name.
func (w *spanWriter) touches(i int) bool {
	if i < 0 || i >= len(w.src) {
		return false
	}
	c := w.src[i]
	return isAlnum(c) || c == '-' || c == '_' || c >= 0x80
}

// isHash reports whether a word could be the hash of a commit: hexadecimal, of
// the right length, and neither a number nor a plain word.
func isHash(word string) bool {
	return len(word) >= 7 && len(word) <= 40 && leading(word, isHex) == word && !isNumber(word) &&
		strings.ContainsAny(word, "0123456789")
}

// addressLength is the length of the web address that text begins with, or 0.
// Punctuation at its end belongs to the sentence around it.
func addressLength(text string) int {
	rest, secure := cutPrefixFold(text, "https://")
	if !secure {
		var ok bool
		if rest, ok = cutPrefixFold(text, "http://"); !ok {
			return 0
		}
	}
	scheme := len(text) - len(rest)
	end := strings.IndexAny(text[:min(len(text), longestAddress)], " \t\n<>\"`|\\")
	if end < 0 {
		if end = len(text); end > longestAddress {
			return 0
		}
	}
	for end > scheme && strings.IndexByte(".,:;!?'*_~])}", text[end-1]) >= 0 {
		if text[end-1] == ')' && strings.Count(text[:end], "(") >= strings.Count(text[:end], ")") {
			break
		}
		end--
	}
	if end == scheme {
		return 0
	}
	return end
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
