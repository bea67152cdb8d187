package actions

import (
	"strings"

	"cursor-agent-action/internal/plain"
)

// cutMarkdown cuts text, which comes after before, so that it, what closes the
// blocks open there, and note as a paragraph of its own take at most limit
// bytes. A limit that does not even hold the note leaves the note alone.
func cutMarkdown(before, text string, limit int, note string) string {
	for keep := max(limit-summaryReserve, 0); ; keep /= 2 {
		cut := cutBlocks(before, text, keep) + note
		if keep == 0 || len(cut) <= limit {
			return cut
		}
	}
}

// How much text a cut may cost to fall between two blocks, or two lines.
const (
	blockSlack = 16 << 10
	lineSlack  = 4 << 10
)

// cutBlocks returns at most keep bytes of the start of text, and what closes
// the blocks that are open there.
func cutBlocks(before, text string, keep int) string {
	kept := plain.CutBytes(text, keep)
	if settled := outlineOf(before, kept).settled; settled > 0 && settled >= len(kept)-blockSlack {
		return kept[:settled]
	}
	if i := strings.LastIndexByte(kept, '\n'); i >= 0 && i >= len(kept)-lineSlack {
		kept = kept[:i+1]
	} else if i := strings.LastIndexByte(kept, '<'); i >= len(kept)-lineSlack && i > strings.LastIndexByte(kept, '>') {
		kept = kept[:i] // Half a tag would take in what comes after it.
	}
	if kept != "" && !strings.HasSuffix(kept, "\n") {
		kept += "\n"
	}
	return kept + outlineOf(before, kept).closers()
}

// leaf is the kind of block, other than a container, that the last line is in.
type leaf int

const (
	noLeaf leaf = iota
	paragraph
	fence
	html
)

// outline follows the block structure of Markdown line by line, as far as it
// takes to know what is open at the end: https://spec.commonmark.org/0.31.2/#blocks-and-inlines
// The zero value is the start of a document.
type outline struct {
	// containers holds, outermost first, 0 for a block quote and the width of
	// the indentation for a list item.
	containers []int
	leaf       leaf
	marker     string // The fence.
	until      string // What ends an HTML block, "" for a blank line.
	comment    bool   // Whether an HTML comment is open, whatever block it began in.
	pre        int    // Open <pre> elements.
	details    int    // Open <details> elements.
	settled    int    // Bytes of the text up to the last blank line with nothing open.
}

// outlineOf is the outline of text after before, which is empty or ends a line.
func outlineOf(before, text string) *outline {
	o := new(outline)
	for line := range strings.Lines(before) {
		o.line(expandTabs(strings.TrimSuffix(line, "\n")))
	}
	size := 0
	for line := range strings.Lines(text) {
		o.line(expandTabs(strings.TrimSuffix(line, "\n")))
		size += len(line)
		if isBlank(line) && strings.HasSuffix(line, "\n") && o.leaf == noLeaf && len(o.containers) == 0 && !o.comment && o.pre == 0 && o.details == 0 {
			o.settled = size
		}
	}
	return o
}

// closers is the lines that end all open blocks, and a blank one. Blocks in a
// container end with the container, and that ends at an unindented line after a
// blank one.
func (o *outline) closers() string {
	var b strings.Builder
	if len(o.containers) == 0 {
		switch {
		case o.leaf == fence:
			b.WriteString(o.marker + "\n")
		case o.leaf == html && o.until != "":
			b.WriteString(o.until + "\n")
			o.raw(o.until)
		}
	}
	b.WriteString("\n")
	if o.comment {
		b.WriteString("<!-- -->\n\n")
	}
	if o.pre+o.details > 0 {
		b.WriteString(strings.Repeat("</pre>\n\n", o.pre))
		b.WriteString(strings.Repeat("</details>\n\n", o.details))
	}
	return b.String()
}

// line takes in the next line, without its end and with its tabs expanded.
func (o *outline) line(text string) {
	rest, matched := o.match(text)
	if matched < len(o.containers) && o.leaf != paragraph {
		o.enter(matched, noLeaf)
	}
	switch {
	case matched == len(o.containers) && o.leaf == fence:
		if isFenceEnd(rest, o.marker) {
			o.leaf = noLeaf
		}
	case matched == len(o.containers) && o.leaf == html:
		o.htmlLine(rest)
	default:
		o.start(rest, matched)
	}
}

// match strips the marks of the open containers from line, and returns the
// rest and how many of them the line continues.
func (o *outline) match(line string) (rest string, matched int) {
	for i, width := range o.containers {
		quoted, isQuote := cutQuote(line)
		switch {
		case width == 0 && isQuote:
			line = quoted
		case width > 0 && isBlank(line):
		case width > 0 && indentOf(line) >= width:
			line = line[width:]
		default:
			return line, i
		}
	}
	return line, len(o.containers)
}

// start looks for the blocks that begin in rest, within the first matched of
// the open containers.
func (o *outline) start(rest string, matched int) {
	for {
		indent := indentOf(rest)
		inParagraph := o.leaf == paragraph
		if isBlank(rest) {
			o.enter(matched, noLeaf)
			return
		}
		if quoted, ok := cutQuote(rest); ok {
			o.enter(matched, noLeaf)
			o.containers = append(o.containers, 0)
			rest, matched = quoted, len(o.containers)
			continue
		}
		switch trimmed := rest[indent:]; {
		case indent > 3 && inParagraph: // It goes on.
			o.inline(rest)
			return
		case indent > 3, isRule(trimmed), inParagraph && matched == len(o.containers) && isUnderline(trimmed):
			o.enter(matched, noLeaf)
			return
		case fenceMarker(trimmed) != "":
			o.enter(matched, fence)
			o.marker = fenceMarker(trimmed)
			return
		case isHTML(trimmed, inParagraph):
			o.enter(matched, html)
			o.until = htmlEnd(trimmed)
			o.htmlLine(rest)
			return
		case isHeading(trimmed):
			o.enter(matched, noLeaf)
			o.inline(rest)
			return
		}
		width, ok := itemWidth(rest, inParagraph && matched == len(o.containers))
		if !ok {
			if inParagraph && matched < len(o.containers) {
				o.inline(rest) // A paragraph goes on without the marks of its containers.
				return
			}
			o.enter(matched, paragraph)
			o.inline(rest)
			return
		}
		o.enter(matched, noLeaf)
		o.containers = append(o.containers, width)
		rest, matched = rest[min(width, len(rest)):], len(o.containers)
	}
}

// enter closes all but the first matched containers and sets the leaf.
func (o *outline) enter(matched int, kind leaf) {
	o.containers = o.containers[:matched]
	o.leaf = kind
}

// htmlLine takes in a line of an HTML block and ends the block where it ends.
func (o *outline) htmlLine(line string) {
	if isHTMLEnd(line, o.until) {
		o.leaf = noLeaf
	}
	o.raw(line)
}

// raw counts what HTML opens and closes.
func (o *outline) raw(line string) {
	line = strings.ToLower(line)
	for line != "" {
		if o.comment {
			_, after, ok := strings.Cut(line, "-->")
			if !ok {
				return
			}
			o.comment, line = false, after
		}
		before, after, ok := strings.Cut(line, "<!--")
		o.tags(before)
		o.comment, line = ok, after
	}
}

// inline counts the tags in a line of text. A comment in it ends with it.
func (o *outline) inline(line string) {
	if !o.comment && strings.Contains(line, "<") {
		o.tags(strings.ToLower(line))
	}
}

func (o *outline) tags(s string) {
	o.pre = max(0, o.pre+strings.Count(s, "<pre")-strings.Count(s, "</pre"))
	o.details = max(0, o.details+strings.Count(s, "<details")-strings.Count(s, "</details"))
}
