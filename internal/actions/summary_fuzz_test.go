package actions_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"cursor-agent-action/internal/actions"
)

// summaryLines are lines of Markdown without indentation and containers, and
// with comments that are blocks of their own, so that openAtEnd can tell what is
// open by rules of a few lines.
var summaryLines = []string{
	"text", "", "```", "````go", "~~~", "<details>", "</details>", "\n<!-- c", "-->", "<div>", "x <details> y", "\u00e9\U0001F600",
	"# h", "---", "| a |", "\x00\xff", strings.Repeat("long ", 900),
}

// openAtEnd says what is open at the end of a document made of summaryLines.
func openAtEnd(document string) (open string) {
	const text, html, comment = "", "html", "comment"
	state, depth := text, 0
	for line := range strings.SplitSeq(document, "\n") {
		switch {
		case state == comment:
			if strings.Contains(line, "-->") {
				state = text
			}
			continue
		case strings.HasPrefix(state, "```"), strings.HasPrefix(state, "~~~"):
			if strings.HasPrefix(line, state) && strings.Trim(line, state[:1]) == "" {
				state = text
			}
			continue
		case line == "":
			state = text
		case state == text && (strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~")):
			state = line[:strings.LastIndexAny(line, "`~")+1]
		case strings.HasPrefix(line, "<!--") && !strings.Contains(line, "-->"):
			state = comment
		case state == text && (strings.HasPrefix(line, "<d") || strings.HasPrefix(line, "</d")):
			state = html
		}
		if state == text || state == html {
			depth = max(0, depth+strings.Count(line, "<details>")-strings.Count(line, "</details>"))
		}
	}
	if depth > 0 {
		return "details"
	}
	return state
}

// FuzzSummary holds that a summary stays below the runner's limit, is UTF-8,
// and has nothing open where its note stands.
func FuzzSummary(f *testing.F) {
	f.Add(uint16(0), []byte("\x05\x01\x02\x10\x10\x10"), "tail")
	f.Add(uint16(9000), []byte("\x07\x00\x10\x10"), "```\n")
	f.Add(uint16(700), []byte("\x03\x10\x06\x0a\x02\x10\x04\x10"), "\xc3")
	f.Add(uint16(537), []byte("\x04\x00"), " -") // Cut in a line that is blank so far.
	f.Add(uint16(511), []byte("\x01"), strings.Repeat("\u00e9", 999))
	f.Fuzz(func(t *testing.T, room uint16, picks []byte, tail string) {
		var b strings.Builder
		for _, pick := range picks[:min(len(picks), 60)] {
			b.WriteString(summaryLines[int(pick)%len(summaryLines)] + "\n")
		}
		path := write(t, strings.Repeat("x", actions.MaxSummary-int(room))+"\n\n", t.TempDir(), "summary")
		before := len(read(t, path))
		r, _ := start(env{"GITHUB_STEP_SUMMARY": path})
		for _, part := range []string{b.String(), b.String() + tail, tail} {
			if err := r.AddSummary(part); err != nil && room > 1000 {
				t.Error(err)
			}
		}
		got := read(t, path)
		switch added := got[before:]; {
		case len(got) > max(actions.MaxSummary, before) || len(got) > summaryLimit:
			t.Errorf("got %d bytes", len(got))
		case !utf8.ValidString(got):
			t.Error("the summary is not UTF-8")
		case strings.Contains(added, summaryNote) && !strings.HasSuffix(got, "\n\n"+summaryNote):
			t.Errorf("the note does not stand alone at the end of %q", added)
		case strings.HasSuffix(added, summaryNote) && strings.Trim(tail, "abcdefgh ") == "":
			if open := openAtEnd(strings.TrimSuffix(got, summaryNote)); open != "" {
				t.Errorf("%s is open at the end of %q", open, added)
			}
		}
	})
}
