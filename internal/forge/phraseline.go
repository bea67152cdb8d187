package forge

import (
	"strconv"
	"strings"
)

// container is a quotation or an item of a list that is open.
type container struct {
	quote  bool
	indent int  // columns that the item's lines stand in by
	empty  bool // the item has nothing but its marker yet
}

// cursor is a line of a comment that is read from the left, by columns: a tab
// goes to the next multiple of four, and may be used up in parts.
type cursor struct {
	line     string
	from     int // where the line stands in the comment
	pos, col int
	tab      int // columns that are left of the tab before pos
}

// rest is what is left of the line, shown what it shows after white space.
func (c cursor) rest() string  { return c.line[c.pos:] }
func (c cursor) shown() string { return strings.TrimLeft(c.rest(), " \t") }
func (c cursor) blank() bool   { return c.shown() == "" }

// indent is how many columns of white space come next.
func (c cursor) indent() int {
	column := c.col + c.tab
	for _, r := range c.rest() {
		switch r {
		case ' ':
			column++
		case '\t':
			column += 4 - column%4
		default:
			return column - c.col
		}
	}
	return column - c.col
}

// skip goes on by columns.
func (c *cursor) skip(columns int) {
	for columns > 0 {
		switch {
		case c.tab > 0:
			used := min(columns, c.tab)
			c.tab, c.col, columns = c.tab-used, c.col+used, columns-used
		case c.pos == len(c.line):
			return
		case c.line[c.pos] == '\t':
			c.pos, c.tab = c.pos+1, 4-c.col%4
		default:
			c.pos, c.col, columns = c.pos+1, c.col+1, columns-1
		}
	}
}

// contained is a container that a line begins, and the line after its marker.
type contained struct {
	container
	rest cursor
}

// container reads the mark of a quotation or an item.
func (c cursor) container(inParagraph bool) (contained, bool) {
	offset, shown := c.indent(), c.shown()
	if strings.HasPrefix(shown, ">") {
		c.skip(offset + 1)
		c.skip(min(c.indent(), 1))
		return contained{container{quote: true}, c}, true
	}
	found := listMarker.FindStringSubmatch(shown)
	if found == nil || thematic.MatchString(shown) {
		return contained{}, false
	}
	marker := len(strings.TrimRight(found[0], " \t"))
	c.skip(offset + marker)
	if inParagraph {
		// Only what is surely meant as a list may begin in a paragraph.
		if start, err := strconv.Atoi(found[1]); c.blank() || err == nil && start != 1 {
			return contained{}, false
		}
	}
	padding := c.indent()
	if padding > 4 || c.blank() {
		padding = min(padding, 1)
	}
	c.skip(padding)
	return contained{container{indent: offset + marker + max(padding, 1), empty: c.blank()}, c}, true
}
