package agent

import (
	"bytes"
	"strings"
)

// paragraph collects text that comes in pieces until a paragraph is whole: a
// blank line ends one, but for those within a fenced block of code. The zero
// value is empty.
type paragraph struct {
	held  []byte
	line  int    // where the last line begins in held
	cut   bool   // the beginning of the last line was told already
	fence string // that opened the block of code we are in, "" outside
}

// add takes the next piece and says every paragraph that it makes whole, and
// what grows beyond maxParagraph.
func (p *paragraph) add(piece string, say func(string)) {
	for piece != "" {
		line, rest, ended := strings.Cut(piece, "\n")
		p.held = append(p.held, line...)
		if ended {
			p.endLine(say)
		}
		if len(p.held) > maxParagraph {
			p.tell(say)
			p.cut = !ended
		}
		piece = rest
	}
}

// endLine looks at the line that is whole now.
func (p *paragraph) endLine(say func(string)) {
	p.held = bytes.TrimSuffix(p.held, []byte("\r"))
	line := p.held[p.line:]
	if !p.cut {
		p.fence = fenceAfter(p.fence, string(line))
		if p.fence == "" && len(bytes.TrimSpace(line)) == 0 {
			p.held = p.held[:len(p.held)-len(line)]
			p.tell(say)
			return
		}
	}
	p.held, p.cut = append(p.held, '\n'), false
	p.line = len(p.held)
}

// end says what is held back, whole or not.
func (p *paragraph) end(say func(string)) {
	p.tell(say)
	p.cut, p.fence = false, ""
}

func (p *paragraph) tell(say func(string)) {
	if text := strings.Trim(string(p.held), "\r\n"); strings.TrimSpace(text) != "" {
		say(text)
	}
	p.held, p.line = p.held[:0], 0
	if cap(p.held) > 8*maxParagraph {
		p.held = nil
	}
}

// fenceAfter is the fence that is open after a line, when open was before it.
// https://spec.commonmark.org/0.31.2/#fenced-code-blocks
func fenceAfter(open, line string) string {
	indented := strings.TrimLeft(line, " ")
	rest := strings.TrimLeft(indented, "`")
	if rest == indented {
		rest = strings.TrimLeft(indented, "~")
	}
	fence := indented[:len(indented)-len(rest)]
	switch {
	case len(fence) < 3 || len(line)-len(indented) > 3:
		return open
	case open == "" && !(fence[0] == '`' && strings.Contains(rest, "`")):
		return fence
	case open != "" && fence[0] == open[0] && len(fence) >= len(open) && strings.TrimSpace(rest) == "":
		return ""
	}
	return open
}
