package schema

import "strings"

// scanner goes through one line of Markdown, by columns: a tab reaches to the
// next multiple of four.
type scanner struct {
	text   string // from here on
	column int
	spaces int // columns that are left of a tab
}

// indent is how many columns of white space come next.
func (s scanner) indent() int {
	column := s.column + s.spaces
	for i := 0; i < len(s.text); i++ {
		switch s.text[i] {
		case ' ':
			column++
		case '\t':
			column += 4 - column%4
		default:
			return column - s.column
		}
	}
	return column - s.column
}

// skip goes past so many columns of white space, which must be there.
func (s *scanner) skip(columns int) {
	for ; columns > 0; columns-- {
		if s.spaces == 0 {
			if s.text[0] == '\t' {
				s.spaces = 4 - s.column%4
			} else {
				s.spaces = 1
			}
			s.text = s.text[1:]
		}
		s.spaces--
		s.column++
	}
}

// remaining is the rest of the line, with spaces for the part of a tab.
func (s scanner) remaining() string { return strings.Repeat(" ", s.spaces) + s.text }

// bare is the rest without white space in front.
func (s scanner) bare() string { return strings.TrimLeft(s.text, " \t") }

func (s scanner) blank() bool { return s.bare() == "" }

// advance goes past white space and n more bytes.
func (s *scanner) advance(n int) {
	s.skip(s.indent())
	s.text, s.column = s.text[n:], s.column+n
}

// quote goes past the mark of a quote, if it comes next.
func (s *scanner) quote() bool {
	if s.indent() > 3 || !strings.HasPrefix(s.bare(), ">") {
		return false
	}
	s.advance(1)
	s.skip(min(1, s.indent()))
	return true
}

// container goes past the mark of a quote or of a list's item, if one begins
// here. After the text of a paragraph, only some items do.
func (s *scanner) container(afterParagraph bool) (container, bool) {
	if s.quote() {
		return container{quote: true}, true
	}
	mark := s.bullet()
	if mark == "" || s.breaks() {
		return container{}, false
	}
	before := s.indent()
	after := *s
	after.advance(len(mark))
	space := after.indent()
	if afterParagraph && (after.blank() || len(mark) > 1 && mark[:len(mark)-1] != "1") {
		return container{}, false
	}
	if after.blank() || space > 4 {
		space = 1 // The rest belongs to what is in the item.
	}
	after.skip(min(space, after.indent()))
	*s = after
	return container{indent: before + len(mark) + space, empty: after.blank()}, true
}

// bullet is the mark of a list's item that comes next, "" when none does.
func (s scanner) bullet() string {
	text := s.bare()
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 9 || digits == len(text) {
		return ""
	}
	marks := "-+*"
	if digits > 0 {
		marks = ".)"
	}
	if strings.IndexByte(marks, text[digits]) < 0 {
		return ""
	}
	if rest := text[digits+1:]; rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return ""
	}
	return text[:digits+1]
}

// fence is the block that begins here, nil when none does.
func (s scanner) fence() *fence {
	text := s.bare()
	if s.indent() > 3 || text == "" || text[0] != '`' && text[0] != '~' {
		return nil
	}
	length := len(text) - len(strings.TrimLeft(text, text[:1]))
	info := strings.Trim(text[length:], " \t")
	if length < 3 || text[0] == '`' && strings.Contains(info, "`") {
		return nil
	}
	return &fence{mark: text[0], length: length, indent: s.indent(), info: info}
}

// closes reports whether the line ends the block.
func (s scanner) closes(open *fence) bool {
	text := s.bare()
	length := len(text) - len(strings.TrimLeft(text, string(open.mark)))
	return s.indent() < 4 && length >= open.length && strings.Trim(text[length:], " \t") == ""
}

// breaks reports whether the line is a thematic break: three or more of one
// mark and nothing else.
func (s scanner) breaks() bool {
	marks := strings.NewReplacer(" ", "", "\t", "").Replace(s.text)
	return s.indent() < 4 && len(marks) >= 3 && strings.IndexByte("-_*", marks[0]) >= 0 && strings.Trim(marks, marks[:1]) == ""
}

// heading reports whether the line is a heading by its # marks.
func (s scanner) heading() bool {
	text := s.bare()
	rest := strings.TrimLeft(text, "#")
	level := len(text) - len(rest)
	return s.indent() < 4 && level >= 1 && level <= 6 && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// underlines reports whether the line makes a heading of the paragraph before.
func (s scanner) underlines() bool {
	text := strings.TrimRight(s.bare(), " \t")
	return s.indent() < 4 && text != "" && (strings.Trim(text, "=") == "" || strings.Trim(text, "-") == "")
}
