package forge

import (
	"regexp"
	"slices"
	"strings"
)

// spokenBlocks are the paragraphs and headings of a comment that stand outside
// quotations, code and HTML. It follows the block structure of CommonMark line
// by line, as its appendix describes; lists are followed because they decide
// what is code, and what a quotation holds.
//
// https://spec.commonmark.org/0.31.2/#phase-1-block-structure
func spokenBlocks(comment string) []spoken {
	var b blocks
	for from := 0; from < len(comment) && !b.lost; {
		line, length := comment[from:], 0
		if end := strings.IndexAny(line, "\r\n"); end >= 0 {
			if length = end + 1; strings.HasPrefix(line[end:], "\r\n") {
				length++
			}
			line = line[:end]
		} else {
			length = len(line)
		}
		b.line(cursor{line: line, from: from})
		from += length
	}
	b.close(0)
	return b.spoken
}

// leafKind is what the lines of the innermost open block are.
type leafKind int

const (
	leafNone leafKind = iota
	leafParagraph
	leafFence
	leafIndented
	leafHTML
)

// blocks is the state between two lines.
type blocks struct {
	open []container
	leaf leafKind
	// fence is what began a leafFence; ends is what ends a leafHTML, nil for a
	// blank line.
	fence string
	ends  *regexp.Regexp
	// text is that of a leafParagraph or leafHTML, lines where it stands.
	text    strings.Builder
	lines   []spokenLine
	quoting quoting
	// lost is true once it is not known how the text goes on.
	lost   bool
	spoken []spoken
}

var (
	fenceOpen  = regexp.MustCompile("^(?:`{3,}[^`]*$|~{3,})")
	atxHeading = regexp.MustCompile(`^#{1,6}(?:[ \t]|$)`)
	setext     = regexp.MustCompile(`^(?:=+|-+)[ \t]*$`)
	thematic   = regexp.MustCompile(`^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$`)
	tableRule  = regexp.MustCompile(`(?m)^[ \t]*[|:-][|: \t-]*$`)
	listMarker = regexp.MustCompile(`^(?:[-+*]|([0-9]{1,9})[.)])(?:[ \t]|$)`)
)

// htmlBlocks are the beginnings of blocks of HTML and what ends them, as the
// specification numbers them; the last can't stand in the middle of a paragraph.
// https://spec.commonmark.org/0.31.2/#html-blocks
var htmlBlocks = []struct{ begins, ends *regexp.Regexp }{
	{regexp.MustCompile(`(?i)^<(?:script|pre|style|textarea)(?:[ \t>]|$)`), regexp.MustCompile(`(?i)</(?:script|pre|style|textarea)>`)},
	{regexp.MustCompile(`^<!--`), regexp.MustCompile(`-->`)},
	{regexp.MustCompile(`^<\?`), regexp.MustCompile(`\?>`)},
	{regexp.MustCompile(`^<![A-Za-z]`), regexp.MustCompile(`>`)},
	{regexp.MustCompile(`^<!\[CDATA\[`), regexp.MustCompile(`\]\]>`)},
	{regexp.MustCompile(`(?i)^</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[ \t]|/?>|$)`), nil},
	{regexp.MustCompile(`^(?:<[A-Za-z][A-Za-z0-9-]*` + htmlAttributes + `[ \t]*/?>|</[A-Za-z][A-Za-z0-9-]*[ \t]*>)[ \t]*$`), nil},
}

// mostContainers is how deep quotations and lists are followed. Nobody writes
// deeper, and each line is read once for every one that is open.
const mostContainers = 32

// line takes in the next line of the comment.
func (b *blocks) line(c cursor) {
	matched := b.match(&c)
	all := matched == len(b.open)
	if all && b.goesOn(c) {
		return
	}
	if b.leaf != leafParagraph || c.blank() {
		b.close(matched)
	}
	// A paragraph takes in a line from outside its quotation or item, unless
	// the line begins something.
	lazy := b.leaf == leafParagraph
	inParagraph := lazy && all
	for !c.blank() {
		if c.indent() >= 4 {
			if !lazy {
				b.begin(matched, leafIndented)
				return
			}
			break
		}
		if b.leafBegins(matched, c, inParagraph) {
			return
		}
		next, found := c.container(inParagraph)
		if !found {
			break
		}
		b.close(matched)
		b.holdsMore()
		c, b.open = next.rest, append(b.open, next.container)
		if len(b.open) > mostContainers {
			b.lost = true
			return
		}
		matched, lazy, inParagraph = len(b.open), false, false
	}
	if c.blank() {
		return
	}
	if b.leaf != leafParagraph {
		b.begin(matched, leafParagraph)
	}
	b.add(c)
}

// match consumes the marks of the open containers that the line goes on with,
// and counts them.
func (b *blocks) match(c *cursor) (matched int) {
	for _, open := range b.open {
		indent := c.indent()
		switch {
		case open.quote && indent < 4 && strings.HasPrefix(c.shown(), ">"):
			c.skip(indent + 1)
			c.skip(min(c.indent(), 1))
		case !open.quote && indent >= open.indent:
			// By the specification an empty line ends an item that has nothing but
			// its marker; GitHub's parser goes on with the item where the line has
			// white space enough. What is code differs from there on.
			b.lost = b.lost || open.empty && c.blank()
			c.skip(open.indent)
		case !open.quote && c.blank() && !open.empty:
		default:
			// Parsers also differ in where an item goes on behind an empty one in it.
			b.lost = b.lost || !open.quote && c.blank() && matched > 0 && !b.open[matched-1].quote
			return matched
		}
		matched++
	}
	return matched
}

// goesOn reports whether the line belongs to the open block whatever it says.
func (b *blocks) goesOn(c cursor) bool {
	switch b.leaf {
	case leafFence:
		end := c.shown()
		if run := runLength(end, b.fence[0]); c.indent() < 4 && run >= len(b.fence) && strings.Trim(end[run:], " \t") == "" {
			b.close(len(b.open))
		}
		return true
	case leafHTML:
		if b.ends == nil && c.blank() {
			return false
		}
		b.add(c)
		if b.ends != nil && b.ends.MatchString(c.rest()) {
			b.close(len(b.open))
		}
		return true
	case leafIndented:
		return c.indent() >= 4 || c.blank()
	}
	return false
}

// leafBegins begins the heading, code, HTML or rule that the line is, if it is
// one.
func (b *blocks) leafBegins(matched int, c cursor, inParagraph bool) bool {
	shown := c.shown()
	switch {
	case atxHeading.MatchString(shown):
		b.begin(matched, leafParagraph)
		b.add(c)
	case fenceOpen.MatchString(shown):
		b.begin(matched, leafFence)
		b.fence = shown[:runLength(shown, shown[0])]
		return true
	case b.beginsHTML(matched, c, inParagraph):
		return true
	case inParagraph && setext.MatchString(shown):
		// A paragraph of nothing but definitions of links is none, and then
		// this is no underline: text goes on where we think that it ends.
		b.lost = b.lost || isDefinition(b.text.String())
	case thematic.MatchString(shown):
		b.close(matched)
		b.holdsMore()
	default:
		return false
	}
	b.close(len(b.open))
	return true
}

func (b *blocks) beginsHTML(matched int, c cursor, inParagraph bool) bool {
	for i, kind := range htmlBlocks {
		if inParagraph && i == len(htmlBlocks)-1 || !kind.begins.MatchString(c.shown()) {
			continue
		}
		b.begin(matched, leafHTML)
		b.ends = kind.ends
		b.goesOn(c)
		return true
	}
	return false
}

// begin begins a leaf in the first containers.
func (b *blocks) begin(containers int, leaf leafKind) {
	b.close(containers)
	b.holdsMore()
	b.leaf = leaf
}

// holdsMore notes that the innermost container is not empty any more.
func (b *blocks) holdsMore() {
	if len(b.open) > 0 {
		b.open[len(b.open)-1].empty = false
	}
}

// add takes what the line shows into the open leaf.
func (b *blocks) add(c cursor) {
	if b.text.Len() > 0 {
		b.text.WriteByte('\n')
	}
	b.lines = append(b.lines, spokenLine{at: b.text.Len(), from: c.from + len(c.line) - len(c.shown())})
	b.text.WriteString(c.shown())
}

// close ends the leaf and all containers but the first ones.
func (b *blocks) close(containers int) {
	switch text := b.text.String(); b.leaf {
	case leafHTML:
		b.quoting.block(text)
	case leafParagraph:
		masked := b.quoting.masked(text)
		quoted := slices.ContainsFunc(b.open, func(c container) bool { return c.quote })
		if !quoted && !isDefinition(text) && !tableRule.MatchString(text) {
			b.spoken = append(b.spoken, spoken{masked, b.lines})
		}
	}
	b.leaf, b.lines = leafNone, nil
	b.text.Reset()
	b.open = b.open[:containers]
}

// isDefinition reports whether a paragraph may begin with definitions of links
// or footnotes, which are not shown where they stand.
func isDefinition(text string) bool {
	return strings.HasPrefix(text, "[") && strings.Contains(text, "]:")
}
