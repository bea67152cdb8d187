package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cursor-agent-action/internal/prompt"
)

// Bounds of the list of a prompt's parts: entries, and characters of a word.
const (
	maxParts = 60
	maxWord  = 80
)

// provenance lists where the prompt came from: each part with who wrote it, how
// much of it the agent was told, what was taken out of it, and the hash that
// tells whether it is the same text later. It is "" where the prompt is the
// author's words alone.
func (s Summary) provenance() string {
	origins := s.Prompt.Origins
	if len(origins) == 0 {
		return ""
	}
	outside := 0
	for _, origin := range origins {
		if !origin.Trusted {
			outside++
		}
	}
	shown := origins[:min(len(origins), maxParts)]
	rows := []string{"| Part | By | Bytes | Removed | SHA-256 |", "|:--|:--|--:|:--|:--|"}
	for _, origin := range shown {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |",
			partName(origin), partAuthor(origin), partSize(origin), partRemoved(origin), Code(short(origin.SHA256, maxWord))))
	}
	table := strings.Join(rows, "\n")
	if more := len(origins) - len(shown); more > 0 {
		table += fmt.Sprintf("\n\nand %d more.", more)
	}
	return fmt.Sprintf("<details>\n<summary><b>What the agent was told</b> (%d of %d parts from outside)</summary>\n\n%s\n\nSHA-256 of the whole prompt: %s\n\n</details>",
		outside, len(origins), table, Code(short(s.Prompt.Hash, maxWord)))
}

// partName says what the part is, with its page where it has one.
func partName(origin prompt.Origin) string {
	if _, ok := webAddress(origin.URL); ok {
		return Link(short(origin.Source, maxWord), origin.URL)
	}
	return Inline(short(origin.Source, maxWord))
}

// partAuthor says who wrote the part.
func partAuthor(origin prompt.Origin) string {
	switch {
	case origin.Author != "":
		return Inline(short(origin.Author, maxWord))
	case origin.Trusted:
		return "this workflow"
	}
	return ""
}

// partSize is how many bytes of the part the agent was told.
func partSize(origin prompt.Origin) string {
	switch {
	case origin.Used == 0:
		return "none of " + number(int64(origin.Fetched))
	case origin.Cut:
		return number(int64(origin.Used)) + " of " + number(int64(origin.Fetched))
	}
	return number(int64(origin.Used))
}

// partRemoved says what was taken out of the part, and what a page shows only
// after a click.
func partRemoved(origin prompt.Origin) string {
	var removed []string
	for _, kind := range slices.Sorted(maps.Keys(origin.Removed)) {
		removed = append(removed, fmt.Sprintf("%d %s", origin.Removed[kind], short(string(kind), maxWord)))
	}
	if origin.Folded > 0 {
		removed = append(removed, fmt.Sprintf("(%d folded)", origin.Folded))
	}
	return Inline(strings.Join(removed, ", "))
}
