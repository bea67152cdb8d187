package terminal

import (
	"strings"

	"cursor-agent-action/internal/plain"
)

// Table writes rows, the first of them the heads, in columns that are as wide as
// their widest cell. The last column gives way where a terminal is too narrow;
// elsewhere nothing is cut, because a program may read on.
func (s *Screen) Table(rows [][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clean := make([][]string, len(rows))
	var widths []int
	for i, row := range rows {
		for j, cell := range row {
			cell = s.cell(cell)
			clean[i] = append(clean[i], cell)
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], Width(cell))
		}
	}
	columns := s.columns()
	var b strings.Builder
	for i, row := range clean {
		var line strings.Builder
		for j, cell := range row {
			if j == len(row)-1 {
				line.WriteString(cell)
				break
			}
			line.WriteString(cell + strings.Repeat(" ", widths[j]-Width(cell)+2))
		}
		text := strings.TrimRight(line.String(), " ")
		if columns > 0 {
			text = Fit(text, columns)
		}
		if i == 0 {
			text = s.styled(Bold, text)
		}
		b.WriteString(text + "\n")
	}
	s.write(b.String())
}

// cell is text as one clean line.
func (s *Screen) cell(text string) string {
	var words []string
	for line := range plain.Lines(plain.Hide(text, s.secrets)) {
		words = append(words, strings.Fields(plain.Hide(plain.Clean(line), s.secrets))...)
	}
	return plain.Cut(strings.Join(words, " "))
}
