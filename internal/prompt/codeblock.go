package prompt

import "strings"

// span is a part of a text, in bytes.
type span struct{ start, end int }

// codeBlocks are the fenced code blocks of a Markdown text that surely are some,
// their fences included. Markup in them is there to be read.
//
// They stand at the left margin, between two fences, and after nothing that
// could make a renderer see something else there: what hides text would
// otherwise only need to stand in what looks like a code block to us alone. So
// from the first fence or element on that leaves a doubt, there are none.
func codeBlocks(text string) []span {
	var blocks []span
	start, fence := 0, "" // The block in which the line is.
	markup := false       // Since the last empty line.
	for i := 0; i < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := strings.TrimRight(text[i:end], " \t\n")
		switch {
		case fence != "":
			if closesFence(line, fence) {
				blocks = append(blocks, span{start, end})
				fence = ""
			}
		case line == "":
			markup = false
		case fenceOf(line) != "":
			if markup {
				return blocks
			}
			start, fence = i, fenceOf(line)
		case fenceOf(strings.TrimLeft(line, " \t>*+-.)0123456789")) != "" || opensVerbatim(line):
			return blocks
		default:
			markup = markup || strings.Contains(line, "<")
		}
		i = end
	}
	return blocks
}

// fenceOf is the row of backticks or tildes with which a line opens a code
// block: https://spec.commonmark.org/0.31.2/#fenced-code-blocks.
func fenceOf(line string) string {
	if !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") {
		return ""
	}
	info := strings.TrimLeft(line, line[:1])
	if line[0] == '`' && strings.Contains(info, "`") {
		return ""
	}
	return line[:len(line)-len(info)]
}

func closesFence(line, fence string) bool {
	row := strings.TrimLeft(line, " ")
	return len(line)-len(row) < 4 && len(row) >= len(fence) && strings.Trim(row, fence[:1]) == ""
}

// opensVerbatim reports whether one of the elements may begin in line in which
// Markdown is not read, for more than the lines up to the next empty one.
func opensVerbatim(line string) bool {
	line = strings.ToLower(line)
	for _, name := range []string{"<pre", "<textarea", "<listing", "<xmp", "<plaintext", "<script", "<style"} {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}
