package report

import "strings"

// MaxProse is the longest Markdown of an agent's answer in a summary, in bytes: a
// step's summary may hold 1 MiB in all, and people don't read as much.
const MaxProse = 200 << 10

// prose returns an agent's text as Markdown that looks the way the agent meant
// it and can do nothing: paragraphs, lists, tables, quotes, bold, italic and
// code stay.
//
// It is written anew rather than filtered. What is recognised as one of these
// is put together from our own marks, and all text between them goes through
// the same escape as Inline, code through Code and Fence. So a text that is
// read wrongly looks wrong, and that is the worst it can do; there is no list
// of dangerous things that could be one too short. What is not among the above
// becomes text: HTML is shown as it stands, headings become bold lines, task
// boxes become ☐ and ☑, images become their description. Links are not kept
// either. Their text stays, with the address beside it as code, because a link
// hides where it leads, and one to an issue or a pull request writes into that
// page.
//
// A text of which more than most bytes would come is cut, with a note.
func prose(untrusted string, most int) string {
	text := plain(untrusted)
	for limit := most; ; limit /= 2 {
		kept := cutBytes(text, limit)
		lines := blocks(strings.Split(kept, "\n"), 0)
		if len(kept) < len(text) {
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, "*The rest of this text was cut.*")
		}
		if out := strings.Join(lines, "\n"); len(out) <= most || limit == 0 {
			return out
		}
	}
}

// sentence is prose for one line of text, such as an error's.
func sentence(untrusted string) string { return spans(oneLine(untrusted), span{}) }

// advice is a sentence in which Cursor's own pages are links.
func advice(untrusted string) string { return spans(oneLine(untrusted), span{links: true}) }

// bold is one line of bold text.
func bold(untrusted string) string {
	return emphasise(sentence(untrusted), 2, '*', 0, 0)
}
