package schema

import "strings"

// block is a fenced code block.
type block struct {
	info string // what stands behind the opening fence: mostly a language
	text string // its lines, without the indentation of the fence
}

// blocks are the fenced code blocks of a Markdown text in their order, also
// those in lists and quotes, by the rules of
// https://spec.commonmark.org/0.31.2/#fenced-code-blocks. Text that a block does
// not close before its end belongs to the block. Only HTML is not looked at: a
// fence in it counts.
func blocks(markdown string) []block {
	var r fenceReader
	for line := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(markdown)) {
		r.read(strings.TrimSuffix(line, "\n"))
	}
	r.end()
	return r.found
}

// maxNesting bounds how deep lists and quotes are followed: each line is held
// against all that it stands in.
const maxNesting = 100

// fenceReader reads Markdown line by line.
type fenceReader struct {
	found     []block
	within    []container
	fence     *fence // nil outside of a fenced block
	paragraph bool   // the line before was text of a paragraph
}

// container is a quote or the item of a list.
type container struct {
	quote  bool
	indent int  // of an item's content, in columns
	empty  bool // the item has nothing but its marker yet
}

// fence is the beginning of a block that is being read.
type fence struct {
	mark   byte // ` or ~
	length int
	indent int
	info   string
	text   strings.Builder
}

// end closes the open block, if there is one.
func (r *fenceReader) end() {
	if r.fence != nil {
		r.found = append(r.found, block{r.fence.info, r.fence.text.String()})
		r.fence = nil
	}
}

func (r *fenceReader) read(line string) {
	rest := scanner{text: line}
	matched := r.match(&rest)
	if r.fence != nil && matched == len(r.within) {
		r.readFenced(rest)
		return
	}
	r.end() // Its container is over.
	atParagraph := r.paragraph && matched == len(r.within)
	opened := false
	for len(r.within) < maxNesting && rest.indent() < 4 {
		begun, ok := rest.container(atParagraph && !opened)
		if !ok {
			break
		}
		r.within = append(r.within[:matched], begun)
		matched, opened = matched+1, true
	}
	if begun := rest.fence(); begun != nil {
		r.within, r.fence, r.paragraph = r.within[:matched], begun, false
	} else {
		r.readText(rest, matched, opened)
	}
	if !rest.blank() {
		for i := range matched {
			r.within[i].empty = false
		}
	}
}

// match goes past what the line needs to stand in the containers so far, and
// gives how many of them it stands in.
func (r *fenceReader) match(rest *scanner) int {
	for i, c := range r.within {
		switch {
		case c.quote:
			if !rest.quote() {
				return i
			}
		case rest.blank():
			if c.empty {
				return i
			}
		case rest.indent() >= c.indent:
			rest.skip(c.indent)
		default:
			return i
		}
	}
	return len(r.within)
}

// readFenced takes a line within the block.
func (r *fenceReader) readFenced(rest scanner) {
	if rest.closes(r.fence) {
		r.end()
		return
	}
	rest.skip(min(r.fence.indent, rest.indent()))
	r.fence.text.WriteString(rest.remaining() + "\n")
}

// readText takes a line that begins no block, and notes what that means for
// the next one: an item of a list can't interrupt each paragraph.
func (r *fenceReader) readText(rest scanner, matched int, opened bool) {
	begins := !rest.blank() && !rest.breaks() && !rest.heading()
	if r.paragraph && !opened && begins && matched < len(r.within) {
		return // A paragraph goes on, though its containers' marks are left out.
	}
	goesOn := r.paragraph && !opened && matched == len(r.within)
	r.within = r.within[:matched]
	r.paragraph = begins && (goesOn || rest.indent() < 4)
	if goesOn && rest.underlines() {
		r.paragraph = false
	}
}
