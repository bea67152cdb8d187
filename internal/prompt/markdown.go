package prompt

import (
	"html"
	"regexp"
	"strings"
)

// The parts of Markdown's links: https://spec.commonmark.org/0.31.2/#links.
const (
	destination = `(<[^<>\n]*>|(?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)`
	linkLabel   = `((?:[^\[\]\\]|\\.)+)`
	title       = `(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))`
	// nextLine may stand wherever white space may.
	nextLine = `(?:\n[ \t>]*)?`
	// container is what stands before a block in quotes and lists.
	container = `((?:[ \t]|>|[-*+][ \t]|[0-9]{1,9}[.)][ \t])*)`
)

var (
	titledLink = regexp.MustCompile(`(?s)\]\(\s*` + destination + `\s+` + title + `\s*\)`)
	imageText  = regexp.MustCompile(`(?s)(^|[^#!])!\[((?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])+)\]`)
	definition = regexp.MustCompile(`(?sm)^` + container + `\[` + linkLabel + `\]:[ \t]*` + nextLine + destination +
		`((?:[ \t]+` + nextLine + `|\n[ \t>]*)` + title + `)?[ \t]*$`)
	footnote = regexp.MustCompile(`^` + container + `\[\^[^\]]*\]:`)
	// keptLabel and keptLink make a definition that is more than words in hiding.
	keptLabel = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,20}$`)
	keptLink  = regexp.MustCompile(`^<?https?://`)

	// GitHub draws the code blocks of this language, without the comments in
	// them: https://mermaid.js.org/syntax/flowchart.html#comments.
	diagram        = regexp.MustCompile("(?im)^[ \t>*+\\-0-9.)]*(?:`{3}|~{3})[`~ \t]*mermaid")
	diagramComment = regexp.MustCompile(`(?m)^[ \t>]*%%.*$`)

	// dataURI is an address by RFC 2397.
	dataURI = regexp.MustCompile(`(?i)\bdata:(?:[\w.+-]+/[\w.+-]+)?(?:;[^,\s]{0,200})?,[^\s<>()"'\]]*`)
	// entity is a character's name or number:
	// https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references.
	entity = regexp.MustCompile(`&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?`)
)

// withoutMarkdown takes out what GitHub's Markdown has in its source and not on
// its page, outside of code blocks that show their source.
func withoutMarkdown(text string, removed Removed) string {
	if diagram.MatchString(text) {
		text = diagramComment.ReplaceAllStringFunc(text, func(string) string {
			removed[DiagramComment]++
			return ""
		})
	}
	if !strings.ContainsAny(text, "[&") && !dataURI.MatchString(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	done := 0
	for _, block := range codeBlocks(text) {
		b.WriteString(prose(text[done:block.start], removed))
		b.WriteString(text[block.start:block.end])
		done = block.end
	}
	b.WriteString(prose(text[done:], removed))
	return b.String()
}

// prose is withoutMarkdown for a text without code blocks.
func prose(text string, removed Removed) string {
	text = entity.ReplaceAllStringFunc(text, func(name string) string {
		for _, r := range html.UnescapeString(name) {
			kind, hidden := hiddenRune(r)
			if !hidden {
				return name
			}
			removed[kind]++
		}
		return ""
	})
	text = withoutFootnotes(text, removed)
	text = replace(text, definition, func(group []string) string {
		switch before, label, link := group[1], group[2], group[3]; {
		case !keptLabel.MatchString(label), !keptLink.MatchString(link):
			removed[LinkDefinition]++
			return before
		case group[4] != "":
			removed[LinkTitle]++
			return before + "[" + label + "]: " + link
		}
		return group[0]
	})
	text = replace(text, titledLink, func(group []string) string {
		removed[LinkTitle]++
		return "](" + group[1] + ")"
	})
	text = replace(text, imageText, func(group []string) string {
		removed[ImageText]++
		return group[1] + "![]"
	})
	return dataURI.ReplaceAllStringFunc(text, func(string) string {
		removed[DataURI]++
		return "data:"
	})
}

// replace puts what by makes of each match and its groups in its place.
func replace(text string, pattern *regexp.Regexp, by func(group []string) string) string {
	var b strings.Builder
	done := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		group := make([]string, len(at)/2)
		for i := range group {
			if at[2*i] >= 0 {
				group[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		b.WriteString(text[done:at[0]])
		b.WriteString(by(group))
		done = at[1]
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// withoutFootnotes takes out the texts of footnotes: GitHub shows only those
// that something refers to, and a reference can be made to look like one.
func withoutFootnotes(text string, removed Removed) string {
	if !strings.Contains(text, "[^") {
		return text
	}
	var b strings.Builder
	within, empty := false, false // A footnote, and after an empty line in it.
	for line := range strings.SplitAfterSeq(text, "\n") {
		blank := strings.TrimSpace(line) == ""
		switch {
		case footnote.MatchString(line):
			within, empty = true, false
			removed[LinkDefinition]++
			continue
		case blank:
			empty = true
		case within && (!empty || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")):
			continue
		default:
			within = false
		}
		b.WriteString(line)
	}
	return b.String()
}
