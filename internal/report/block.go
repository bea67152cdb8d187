package report

import "strings"

// maxDepth is how deep lists and quotes may stand in each other; what is
// deeper becomes text.
const maxDepth = 6

// blocks returns the Markdown lines of the blocks in lines, with one blank line
// between two blocks.
func blocks(lines []string, depth int) []string {
	r := blockReader{lines: lines, depth: depth}
	for len(r.lines) > 0 {
		r.block()
	}
	return r.out
}

// blockReader takes blocks from the front of lines and adds their Markdown to
// out. A line break is never taken from the text: each line of out begins with
// a mark of ours, with escaped text or inside a fence of ours.
type blockReader struct {
	lines []string
	depth int
	out   []string
	// paragraph is true when out ends with a paragraph.
	paragraph bool
}

func (r *blockReader) next() string {
	line := r.lines[0]
	r.lines = r.lines[1:]
	return line
}

// add appends a block. One that can interrupt a paragraph may follow it without
// a blank line, which keeps the list around both of them narrow.
func (r *blockReader) add(lines []string, interrupts bool) {
	if len(lines) == 0 {
		return
	}
	if len(r.out) > 0 && !(interrupts && r.paragraph && r.depth > 0) {
		r.out = append(r.out, "")
	}
	r.out = append(r.out, lines...)
	r.paragraph = false
}

func (r *blockReader) block() {
	line := r.lines[0]
	if isBlank(line) {
		r.next()
		return
	}
	if column(line) >= 4 {
		r.indentedCode()
		return
	}
	if f, ok := fenceMark(line); ok {
		r.fencedCode(f)
		return
	}
	if title, ok := heading(line); ok {
		r.next()
		if title = bold(title); title != "" {
			r.add([]string{title}, false)
		}
		return
	}
	if isRule(line) {
		r.next()
		r.add([]string{"***"}, false)
		return
	}
	if r.depth < maxDepth {
		if isQuote(line) {
			r.quote()
			return
		}
		if m, ok := listMark(line); ok {
			r.list(m)
			return
		}
	}
	if columns, ok := tableMark(r.lines); ok {
		r.table(columns)
		return
	}
	r.paragraphs()
}

func (r *blockReader) indentedCode() {
	var code []string
	for len(r.lines) > 0 && (isBlank(r.lines[0]) || column(r.lines[0]) >= 4) {
		code = append(code, dedent(r.next(), 4))
	}
	r.code(code, "")
}

func (r *blockReader) fencedCode(open fence) {
	indent := column(r.next())
	var code []string
	for len(r.lines) > 0 {
		line := r.next()
		if f, ok := fenceMark(line); ok && open.closedBy(f) {
			break
		}
		code = append(code, dedent(line, min(indent, column(line))))
	}
	r.code(code, open.info)
}

func (r *blockReader) code(lines []string, info string) {
	text := strings.Join(lines, "\n")
	if strings.TrimSpace(text) != "" {
		r.add(strings.Split(Fence(text, info), "\n"), true)
	}
}

// quote keeps a quote a quote. GitHub's alerts are quotes with a first line
// like [!NOTE], which becomes a bold word.
func (r *blockReader) quote() {
	var inner []string
	for len(r.lines) > 0 && isQuote(r.lines[0]) {
		line := strings.TrimLeft(r.next(), " \t")[1:]
		inner = append(inner, dedent(line, min(1, column(line))))
	}
	if word, ok := strings.CutPrefix(strings.TrimSpace(inner[0]), "[!"); ok && strings.HasSuffix(word, "]") {
		if word = strings.TrimSuffix(word, "]"); word != "" && leading(word, isAlnum) == word {
			inner[0] = "**" + word[:1] + strings.ToLower(word[1:]) + "**"
		}
	}
	var out []string
	for _, line := range blocks(inner, r.depth+1) {
		out = append(out, strings.TrimRight("> "+line, " "))
	}
	r.add(out, false)
}

// paragraphs takes the lines up to the next block. One that is underlined is a
// heading.
func (r *blockReader) paragraphs() {
	var text strings.Builder
	for len(r.lines) > 0 {
		if text.Len() > 0 && r.interrupted() {
			break
		}
		line := r.next()
		if text.Len() > 0 {
			if isUnderline(line) {
				if title := bold(strings.ReplaceAll(text.String()+"\n", "\\\n", "\n")); title != "" {
					r.add([]string{title}, false)
				}
				return
			}
			text.WriteByte('\n')
		}
		text.WriteString(strings.TrimSpace(line))
		if strings.HasSuffix(line, "  ") {
			text.WriteByte('\\') // A hard break, in its other form.
		}
	}
	if out := spans(strings.TrimSuffix(text.String(), `\`), span{}); out != "" {
		r.add(strings.Split(out, "\n"), false)
		r.paragraph = true
	}
}

// interrupted reports whether the next line ends a paragraph.
func (r *blockReader) interrupted() bool {
	line := r.lines[0]
	if isBlank(line) {
		return true
	}
	if column(line) >= 4 || isUnderline(line) {
		return false
	}
	_, isFence := fenceMark(line)
	_, isHeading := heading(line)
	_, isTable := tableMark(r.lines)
	if isFence || isHeading || isTable || isRule(line) {
		return true
	}
	m, isList := listMark(line)
	return r.depth < maxDepth && (isQuote(line) || isList && m.interrupts())
}

// fence is the line before or after a block of code.
type fence struct {
	mark   byte
	length int
	info   string
}

func (f fence) closedBy(other fence) bool {
	return other.mark == f.mark && other.length >= f.length && other.info == ""
}

func fenceMark(line string) (fence, bool) {
	rest := strings.TrimLeft(line, " \t")
	if column(line) >= 4 || rest == "" || rest[0] != '`' && rest[0] != '~' {
		return fence{}, false
	}
	f := fence{mark: rest[0]}
	f.length = len(leading(rest, func(c byte) bool { return c == f.mark }))
	f.info = strings.TrimSpace(rest[f.length:])
	return f, f.length >= 3 && (f.mark == '~' || !strings.Contains(f.info, "`"))
}

// heading returns the text of a line that begins with one to six "#".
func heading(line string) (string, bool) {
	rest := strings.TrimSpace(line)
	text := strings.TrimLeft(rest, "#")
	if level := len(rest) - len(text); level == 0 || level > 6 || column(line) >= 4 || text != "" && text[0] != ' ' && text[0] != '\t' {
		return "", false
	}
	if closed := strings.TrimRight(text, "#"); strings.HasSuffix(closed, " ") {
		text = closed
	}
	return strings.TrimSpace(text), true
}

// isUnderline reports whether a line makes a heading of those above it.
func isUnderline(line string) bool {
	rest := strings.TrimSpace(line)
	return column(line) < 4 && rest != "" && (strings.Trim(rest, "=") == "" || strings.Trim(rest, "-") == "")
}

// isRule reports whether a line is a horizontal rule.
func isRule(line string) bool {
	rest := strings.Join(strings.Fields(line), "")
	return column(line) < 4 && len(rest) >= 3 && strings.IndexByte("-*_", rest[0]) >= 0 && strings.Trim(rest, rest[:1]) == ""
}

func isQuote(line string) bool {
	return column(line) < 4 && strings.HasPrefix(strings.TrimLeft(line, " \t"), ">")
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// column is where the text of a line begins, with tabs to every fourth column.
func column(line string) int {
	at := 0
	for i := range len(line) {
		switch line[i] {
		case ' ':
			at++
		case '\t':
			at += 4 - at%4
		default:
			return at
		}
	}
	return at
}

// dedent takes n columns of white space from the start of a line that begins
// with as many or is blank.
func dedent(line string, n int) string {
	at, i := 0, 0
	for ; at < n && i < len(line); i++ {
		if line[i] == '\t' {
			at += 4 - at%4
		} else {
			at++
		}
	}
	return strings.Repeat(" ", max(0, at-n)) + line[i:]
}
