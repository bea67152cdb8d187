package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// span says where inline text stands.
type span struct {
	cell  bool // of a table, where a line break is <br>
	links bool // addresses of Cursor's own pages are links
	depth int  // of emphasis and link text around it
}

const (
	// maxEmphasis is how deep emphasis and links may stand in each other.
	maxEmphasis = 4
	// maxLinkText and longestAddress bound how far a "[" looks for its end.
	maxLinkText = 1000
)

// spans returns the Markdown of inline text: code, bold, italic and struck
// through text stay, links and addresses become text and code, and everything
// else is escaped. It may span lines, and never holds an empty one.
func spans(text string, where span) string {
	w := spanWriter{src: text, span: where}
	for w.at < len(w.src) {
		w.step()
	}
	w.flush()
	if w.broken == len(w.out) {
		w.out = w.out[:w.unbroken]
	}
	return string(w.out)
}

// spanWriter reads src and writes out. What is text is collected in pending
// until something else is written, so that a pattern is found however its parts
// were written.
type spanWriter struct {
	span
	src     string
	at      int
	pending []byte
	out     []byte
	// unbroken and broken are the lengths of out before and after the last line
	// break in it.
	unbroken, broken int
	// missing holds the marks for which no end is to come any more.
	missing map[string]bool
}

func (w *spanWriter) step() {
	rest := w.src[w.at:]
	switch c := rest[0]; c {
	case '\\':
		switch {
		case strings.HasPrefix(rest, "\\\n"):
			w.lineBreak(true)
			w.at += 2
		case len(rest) > 1 && isPunct(rest[1]):
			w.text(rest[1:2], 2)
		default:
			w.text(rest[:1], 1)
		}
	case '\n':
		w.lineBreak(false)
		w.at++
	case '`':
		ticks := leading(rest, func(c byte) bool { return c == '`' })
		end := w.codeEnd(w.at+len(ticks), ticks)
		if end < 0 {
			w.text(ticks, len(ticks))
			return
		}
		w.code(w.src[w.at+len(ticks) : end])
		w.at = end + len(ticks)
	case '*', '_', '~':
		w.emphasis(leading(rest, func(b byte) bool { return b == c }))
	case '!', '[':
		w.link()
	case '<':
		w.tag(rest)
	case '&':
		w.entity(rest)
	default:
		w.word(rest)
	}
}

// text takes n bytes from the source, which stand for text.
func (w *spanWriter) text(text string, n int) {
	w.pending = append(w.pending, text...)
	w.at += n
}

// flush writes the pending text.
func (w *spanWriter) flush() {
	text := string(w.pending)
	lineStart := len(w.out) == 0 || w.out[len(w.out)-1] == '\n'
	if lineStart {
		text = strings.TrimLeft(text, " \t") // Four spaces would make code of it.
	}
	w.out = append(w.out, escape(text, escapes{lineStart: lineStart})...)
	w.pending = w.pending[:0]
}

// lineBreak ends a line, unless it is empty.
func (w *spanWriter) lineBreak(hard bool) {
	if w.pending = []byte(strings.TrimRightFunc(string(w.pending), unicode.IsSpace)); w.cell {
		w.flush()
		w.out = append(w.out, "<br>"...)
		return
	}
	w.flush()
	if len(w.out) == w.broken {
		return
	}
	w.unbroken = len(w.out)
	if hard {
		w.out = append(w.out, '\\')
	}
	w.out = append(w.out, '\n')
	w.broken = len(w.out)
}

// within takes all of text in the place of a part of the source. What it comes
// to touches what is beside it, so it must not be written apart.
func (w *spanWriter) within(text string) {
	src, at, missing := w.src, w.at, w.missing
	w.src, w.at, w.missing = text, 0, nil
	w.depth++
	for w.at < len(w.src) {
		w.step()
	}
	w.depth--
	w.src, w.at, w.missing = src, at, missing
}

func (w *spanWriter) code(text string) {
	code := Code(text)
	if code == "" {
		return
	}
	w.flush()
	if code[0] == '`' && len(w.out) > 0 && w.out[len(w.out)-1] == '`' {
		w.out = append(w.out, breaker...) // Two spans that touch are none.
	}
	w.out = append(w.out, code...)
}

// codeEnd is the index of the run of backticks that ends a code span, or -1.
func (w *spanWriter) codeEnd(from int, ticks string) int {
	if w.missing[ticks] {
		return -1
	}
	for i := from; i < len(w.src); {
		if w.src[i] != '`' {
			i++
			continue
		}
		run := leading(w.src[i:], func(c byte) bool { return c == '`' })
		if len(run) == len(ticks) {
			return i
		}
		i += len(run)
	}
	w.miss(ticks)
	return -1
}

// miss keeps marks without an end from being looked for again and again.
func (w *spanWriter) miss(marks string) {
	if w.missing == nil {
		w.missing = map[string]bool{}
	}
	w.missing[marks] = true
}

// emphasis takes emphasised text with the marks around it, or else the marks as
// text.
func (w *spanWriter) emphasis(marks string) {
	from := w.at + len(marks)
	end := w.emphasisEnd(from, marks)
	if end < 0 {
		w.text(marks, len(marks))
		return
	}
	within := w.span
	within.depth++
	inner := spans(w.src[from:end], within)
	w.at = end + len(marks)
	if inner == "" {
		return
	}
	w.flush()
	var before, after byte
	if len(w.out) > 0 {
		before = w.out[len(w.out)-1]
	}
	if w.at < len(w.src) {
		after = w.src[w.at]
	}
	w.out = append(w.out, emphasise(inner, len(marks), marks[0], before, after)...)
}

// emphasisEnd is the index of the marks that end emphasised text, or -1.
func (w *spanWriter) emphasisEnd(from int, marks string) int {
	mark := marks[0]
	switch {
	case w.missing[marks], w.depth >= maxEmphasis,
		len(marks) > 3, mark == '~' && len(marks) != 2,
		from == len(w.src), isSpace(w.src[from]),
		mark == '_' && w.at > 0 && isAlnum(w.src[w.at-1]):
		return -1
	}
	for i := from; i < len(w.src); {
		switch w.src[i] {
		case '\\':
			i += 2
		case '`':
			ticks := leading(w.src[i:], func(c byte) bool { return c == '`' })
			i += len(ticks)
			if end := w.codeEnd(i, ticks); end >= 0 {
				i = end + len(ticks)
			}
		case mark:
			run := leading(w.src[i:], func(c byte) bool { return c == mark })
			next := i + len(run)
			// Three may end what stands in each other: **a *b***.
			ends := len(run) == len(marks) || len(run) == 3 && len(marks) < 3
			if ends && i > from && !isSpace(w.src[i-1]) &&
				!(mark == '_' && next < len(w.src) && isAlnum(w.src[next])) {
				return next - len(marks)
			}
			i = next
		default:
			i++
		}
	}
	w.miss(marks)
	return -1
}

// emphasise puts marks around Markdown, n of them: 1 is italic, 2 bold, 3 both.
// Marks make nothing where the characters beside them are of the wrong kind;
// there, tags take their place. before and after are the bytes beside them, 0
// for none.
func emphasise(inner string, n int, mark, before, after byte) string {
	if inner == "" {
		return ""
	}
	if mark == '_' {
		mark = '*'
	}
	first, _ := utf8.DecodeRuneInString(inner)
	last, _ := utf8.DecodeLastRuneInString(inner)
	opens := before != mark && (isWordRune(first) || isGap(before) && isMarkPunct(first, mark))
	closes := after != mark && (isWordRune(last) || isGap(after) && isMarkPunct(last, mark))
	if opens && closes {
		marks := strings.Repeat(string(mark), n)
		return marks + inner + marks
	}
	switch {
	case mark == '~':
		return "<del>" + inner + "</del>"
	case n == 1:
		return "<em>" + inner + "</em>"
	case n == 2:
		return "<strong>" + inner + "</strong>"
	}
	return "<em><strong>" + inner + "</strong></em>"
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isMarkPunct reports whether r is ASCII punctuation that can stand beside marks.
func isMarkPunct(r rune, mark byte) bool {
	return r < utf8.RuneSelf && isPunct(byte(r)) && r != rune(mark)
}

// isGap reports whether c, beside marks, lets them open or close at any text.
// After marks it is a byte of the source, so none that is written in another
// way counts.
func isGap(c byte) bool { return c == 0 || isSpace(c) || strings.IndexByte(`.,:;?)(/-"'`, c) >= 0 }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
