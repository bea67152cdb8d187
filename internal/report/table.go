package report

import "strings"

// maxColumns bounds a table: a renderer fills missing cells of each row.
const maxColumns = 40

// tableMark reports whether lines begin with a table, and returns the marks
// that align its columns.
func tableMark(lines []string) ([]string, bool) {
	if len(lines) < 2 || !strings.Contains(lines[0], "|") || column(lines[0]) >= 4 || column(lines[1]) >= 4 {
		return nil, false
	}
	marks := cells(lines[1])
	if len(marks) == 0 || len(marks) > maxColumns {
		return nil, false
	}
	for i, mark := range marks {
		bare := strings.TrimSuffix(strings.TrimPrefix(mark, ":"), ":")
		if bare == "" || strings.Trim(bare, "-") != "" {
			return nil, false
		}
		left, right := strings.HasPrefix(mark, ":"), strings.HasSuffix(mark, ":")
		switch {
		case left && right:
			marks[i] = ":-:"
		case right:
			marks[i] = "--:"
		default:
			marks[i] = ":--"
		}
	}
	return marks, len(cells(lines[0])) == len(marks)
}

// table takes a table up to the first blank line or other block.
func (r *blockReader) table(marks []string) {
	out := []string{row(cells(r.next()), len(marks)), "| " + strings.Join(marks, " | ") + " |"}
	r.next()
	for len(r.lines) > 0 && !r.interrupted() {
		out = append(out, row(cells(r.next()), len(marks)))
	}
	r.add(out, false)
}

// row writes at most n cells; a renderer adds those that are missing.
func row(texts []string, n int) string {
	if len(texts) == 0 {
		return "| |" // A lone pipe would end the table.
	}
	var b strings.Builder
	for _, text := range texts[:min(n, len(texts))] {
		b.WriteString("| " + spans(text, span{cell: true}) + " ")
	}
	return b.String() + "|"
}

// cells splits a row at its pipes, except at those behind a backslash.
func cells(line string) []string {
	line = strings.TrimPrefix(strings.TrimSpace(line), "|")
	var texts []string
	var text strings.Builder
	end := func() {
		texts = append(texts, strings.TrimSpace(text.String()))
		text.Reset()
	}
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '|':
			end()
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			text.WriteByte('|')
			i++
		default:
			text.WriteByte(line[i])
		}
	}
	if strings.TrimSpace(text.String()) != "" {
		end()
	}
	return texts
}
