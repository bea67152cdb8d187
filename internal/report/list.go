package report

import (
	"strconv"
	"strings"
)

// maxNumber bounds the number that a list begins with: with more than nine
// digits an item would be no item, and its code no code.
const maxNumber = 999_999

// item is the mark of a list's item.
type item struct {
	mark    byte // '-', '+' or '*', or what stands behind a number: '.' or ')'
	number  int
	content int // the column where the item's text begins
	rest    string
}

func (m item) ordered() bool { return m.mark == '.' || m.mark == ')' }

// interrupts reports whether the item can follow a paragraph without a blank
// line.
func (m item) interrupts() bool { return !isBlank(m.rest) && (!m.ordered() || m.number == 1) }

func listMark(line string) (item, bool) {
	indent := column(line)
	text := strings.TrimLeft(line, " \t")
	if indent >= 4 || text == "" {
		return item{}, false
	}
	digits := leading(text, isDigit)
	if len(digits) > 9 || len(digits) == len(text) {
		return item{}, false
	}
	m := item{mark: text[len(digits)], rest: text[len(digits)+1:]}
	if digits != "" {
		m.number, _ = strconv.Atoi(digits) // Nine digits always fit.
	}
	if (digits == "") == m.ordered() || strings.IndexByte("-+*.)", m.mark) < 0 {
		return item{}, false
	}
	space := column(m.rest)
	if space == 0 && m.rest != "" {
		return item{}, false
	}
	if space == 0 || space > 4 || isBlank(m.rest) {
		space = 1
	}
	m.content = indent + len(digits) + 1 + space
	m.rest = dedent(m.rest, space)
	return m, true
}

// list takes the items of a list. It comes out narrow, without blank lines
// between items.
func (r *blockReader) list(first item) {
	number := min(first.number, maxNumber)
	interrupts := !first.ordered() || number == 1
	var out []string
	for len(r.lines) > 0 {
		m, ok := listMark(r.lines[0])
		if !ok || m.mark != first.mark || isRule(r.lines[0]) {
			break
		}
		r.next()
		lines := blocks(r.itemLines(m), r.depth+1)
		if len(lines) == 0 {
			continue // An empty item under a paragraph would make a heading of it.
		}
		mark := "- "
		if m.ordered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		for i, line := range lines {
			switch {
			case i == 0:
				out = append(out, mark+line)
			case line == "":
				out = append(out, "")
			default:
				out = append(out, strings.Repeat(" ", len(mark))+line)
			}
		}
	}
	r.add(out, interrupts)
}

// itemLines takes the lines that belong to an item whose mark was taken.
func (r *blockReader) itemLines(m item) []string {
	body := []string{taskBox(m.rest)}
	code, inCode := fenceMark(m.rest)
	for len(r.lines) > 0 {
		line := r.lines[0]
		switch {
		case isBlank(line):
			line = ""
		case column(line) >= m.content:
			line = dedent(line, m.content)
		case body[len(body)-1] != "" && !inCode && !r.interrupted():
			// A paragraph may go on without the indentation.
			if _, ok := listMark(line); ok {
				return body
			}
			line = strings.TrimSpace(line)
		default:
			return body
		}
		if f, ok := fenceMark(line); ok && (!inCode || code.closedBy(f)) {
			code, inCode = f, !inCode
		}
		body = append(body, line)
		r.next()
	}
	return body
}

// taskBox writes the box of a task list as a character: GitHub counts real
// ones, and a reader could tick them.
func taskBox(text string) string {
	if len(text) < 4 || text[0] != '[' || text[2] != ']' || text[3] != ' ' {
		return text
	}
	switch text[1] {
	case ' ':
		return "☐" + text[3:]
	case 'x', 'X':
		return "☑" + text[3:]
	}
	return text
}
