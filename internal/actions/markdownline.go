package actions

import (
	"slices"
	"strings"
)

// isBlank reports whether line holds nothing but white space.
func isBlank(line string) bool { return strings.Trim(line, " \t\n") == "" }

// indentOf counts the spaces that line starts with.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// expandTabs replaces tabs by spaces up to the next multiple of four columns,
// which is what they mean to the structure of Markdown.
func expandTabs(line string) string {
	for {
		before, after, ok := strings.Cut(line, "\t")
		if !ok {
			return line
		}
		line = before + strings.Repeat(" ", 4-len(before)%4) + after
	}
}

// cutQuote strips the mark of a block quote.
func cutQuote(line string) (rest string, ok bool) {
	indent := indentOf(line)
	if indent > 3 {
		return line, false
	}
	rest, ok = strings.CutPrefix(line[indent:], ">")
	if !ok {
		return line, false
	}
	return strings.TrimPrefix(rest, " "), true
}

// itemWidth is the width of the mark that starts a list item in line, which is
// not blank, up to its content. Within a paragraph only some items may start.
func itemWidth(line string, inParagraph bool) (width int, ok bool) {
	indent := indentOf(line)
	mark := 1
	if s := line[indent:]; strings.IndexByte("-+*", s[0]) < 0 {
		digits := spanLen(s, '0', '9')
		if digits == 0 || digits > 9 || digits == len(s) || s[digits] != '.' && s[digits] != ')' {
			return 0, false
		}
		if inParagraph && s[:digits] != "1" {
			return 0, false
		}
		mark = digits + 1
	}
	rest := line[indent+mark:]
	switch spaces := indentOf(rest); {
	case isBlank(rest):
		return indent + mark + 1, !inParagraph
	case spaces == 0:
		return 0, false
	case spaces > 4: // Indented code.
		return indent + mark + 1, true
	default:
		return indent + mark + spaces, true
	}
}

// isRule reports whether s, without indentation, is a thematic break.
func isRule(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	return len(s) >= 3 && strings.IndexByte("-*_", s[0]) >= 0 && strings.Trim(s, s[:1]) == ""
}

// isUnderline reports whether s, without indentation, makes the paragraph above
// it a heading.
func isUnderline(s string) bool {
	s = strings.TrimRight(s, " ")
	return strings.Trim(s, "=") == "" || strings.Trim(s, "-") == ""
}

// isHeading reports whether s, without indentation, is a heading.
func isHeading(s string) bool {
	level := spanLen(s, '#', '#')
	return level >= 1 && level <= 6 && (len(s) == level || s[level] == ' ')
}

// fenceMarker is the fence that s, without indentation, opens, or "".
func fenceMarker(s string) string {
	for _, mark := range []byte("`~") {
		n := spanLen(s, mark, mark)
		if n >= 3 && (mark == '~' || !strings.Contains(s[n:], "`")) {
			return s[:n]
		}
	}
	return ""
}

// isFenceEnd reports whether line closes the fence that marker opened.
func isFenceEnd(line, marker string) bool {
	s := strings.TrimRight(line[indentOf(line):], " ")
	return indentOf(line) <= 3 && len(s) >= len(marker) && strings.Trim(s, marker[:1]) == ""
}

// htmlEnd is what ends the HTML block that s starts, in lower case, or "" for
// a blank line.
func htmlEnd(s string) string {
	s = strings.ToLower(s)
	switch name := tagName(s); {
	case strings.HasPrefix(s, "<!--"):
		return "-->"
	case strings.HasPrefix(s, "<?"):
		return "?>"
	case strings.HasPrefix(s, "<![cdata["):
		return "]]>"
	case len(s) > 2 && strings.HasPrefix(s, "<!") && s[2] >= 'a' && s[2] <= 'z':
		return ">"
	case isVerbatim(name):
		return "</" + name + ">"
	}
	return ""
}

// isHTMLEnd reports whether line ends an HTML block that lasts until end. The
// end tag of any verbatim element does for all of them.
func isHTMLEnd(line, end string) bool {
	line = strings.ToLower(line)
	switch {
	case end == "":
		return isBlank(line)
	case strings.HasPrefix(end, "</"):
		return slices.ContainsFunc(verbatimTags(), func(name string) bool {
			return strings.Contains(line, "</"+name+">")
		})
	}
	return strings.Contains(line, end)
}

func isVerbatim(name string) bool { return slices.Contains(verbatimTags(), name) }

// verbatimTags are the elements whose content no Markdown is read in.
func verbatimTags() []string { return []string{"pre", "script", "style", "textarea"} }

// isHTML reports whether s, without indentation, starts an HTML block.
func isHTML(s string, inParagraph bool) bool {
	if !strings.HasPrefix(s, "<") {
		return false
	}
	if htmlEnd(s) != "" {
		return true
	}
	s = strings.ToLower(s)
	name := tagName(strings.Replace(s, "</", "<", 1))
	if slices.Contains(blockTags(), name) {
		return true
	}
	// Any other tag, if it is alone on its line.
	return !inParagraph && name != "" && !isVerbatim(name) &&
		strings.IndexByte(s, '>') == len(strings.TrimRight(s, " "))-1
}

// tagName is the name of the tag that s, in lower case, starts with, or "".
func tagName(s string) string {
	s, ok := strings.CutPrefix(s, "<")
	if !ok || s == "" || s[0] < 'a' || s[0] > 'z' {
		return ""
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	switch {
	case end < 0:
		return s
	case strings.ContainsRune(" />", rune(s[end])):
		return s[:end]
	}
	return ""
}

// blockTags are the tags that start an HTML block wherever they start a line.
func blockTags() []string {
	return strings.Fields(`address article aside base basefont blockquote body caption center col colgroup dd
		details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6
		head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param
		search section summary table tbody td tfoot th thead title tr track ul`)
}

// spanLen counts the leading bytes of s from low to high.
func spanLen(s string, low, high byte) int {
	n := 0
	for n < len(s) && s[n] >= low && s[n] <= high {
		n++
	}
	return n
}
