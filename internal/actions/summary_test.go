package actions_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

const summaryNote = "*This summary was cut: a step's summary may hold 1 MiB.*\n"

// summarise adds parts to a summary that already holds before, and returns
// what the runner finds.
func summarise(t testing.TB, before string, parts ...string) string {
	t.Helper()
	path := write(t, before, t.TempDir(), "summary")
	r, _ := start(env{"GITHUB_STEP_SUMMARY": path})
	r.Mask("key_123")
	for _, part := range parts {
		if err := r.AddSummary(part); err != nil {
			t.Fatal(err)
		}
	}
	return read(t, path)
}

func TestSummaryPartsAreBlocksOfTheirOwn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, before string
		parts        []string
		want         string
	}{
		{"one", "", []string{"# Title"}, "# Title\n"},
		{"two", "", []string{"a\n", "b"}, "a\n\n\nb\n"},
		{"after others", "x\n", []string{"a"}, "x\n\na\n"},
		{"after others who left their line open", "x", []string{"a"}, "x\n\na\n"},
		{"line ends, secrets and odd bytes", "", []string{"a\r\nb\rkey_123\x00\xff"}, "a\nb\n***\ufffd\ufffd\n"},
		{"what is open stays open where nothing is cut", "", []string{"```\na"}, "```\na\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, summarise(t, tt.before, tt.parts...)); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASummaryThatIsTooLongIsCutAndClosed(t *testing.T) {
	t.Parallel()
	block := strings.Repeat("a line of text that fills the summary\n", 40) + "\n"
	many := strings.Repeat(block, actions.MaxSummary/len(block)+1)
	inFence := strings.Repeat("x", 5000) + "\n"
	tests := []struct{ name, start, filler, end string }{
		{"between blocks", "", block, "summary\n\n"},
		{"in a line without end", "", "\U0001F600", "\U0001F600\n\n"},
		{"in a line without end, one byte on", "x", "\U0001F600", "\U0001F600\n\n"},
		{"in half a tag", "", "<b title='" + strings.Repeat("y", 3000) + "'>", "y'>\n\n"},
		{"in a fence", "````go\n", "```\n" + inFence, "x\n```\n````\n\n"},
		{"in a fence of tildes", "~~~\n", inFence, "x\n~~~\n\n"},
		{"in a fence in a list", "- a\n\n  ```\n", "  " + inFence, "x\n\n"},
		{"in a fence in a quote", "> ```\n", "> " + inFence, "x\n\n"},
		{"in folded text", "<details><summary>s</summary>\n\n", block, "summary\n\n</details>\n\n"},
		{"in folded text in folded text", "<details>\n<details>\n\n```\n", inFence, "x\n```\n\n</details>\n\n</details>\n\n"},
		{"in a comment", "<!--\n", block, "summary\n-->\n\n"},
		{"in a comment in an element", "<div><!--\n\n", block, "summary\n\n<!-- -->\n\n"},
		{"in verbatim text", "<pre>\n", block, "summary\n</pre>\n\n"},
		{"in verbatim text in an element", "<div><pre>\n\n", block, "summary\n\n</pre>\n\n"},
		{"in an instruction", "<?php\n", block, "summary\n?>\n\n"},
		{"in raw data", "<![CDATA[\n", block, "summary\n]]>\n\n"},
		{"after all was closed", "```\n<details>\n```\n<details></details>\n<!-- x -->\n\n", block, "summary\n\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			filler := strings.Repeat(tt.filler, len(many)/len(tt.filler)+1)
			got := summarise(t, "before\n", tt.start+filler, "dropped")
			if len(got) > actions.MaxSummary || len(got) < actions.MaxSummary-20<<10 {
				t.Errorf("got %d bytes, want nearly %d", len(got), actions.MaxSummary)
			}
			if !utf8.ValidString(got) {
				t.Error("the cut goes through a character")
			}
			kept, isCut := strings.CutSuffix(got, summaryNote)
			if !isCut {
				t.Fatalf("there is no note at the end: %q", got[len(got)-200:])
			}
			if !strings.HasSuffix(kept, tt.end) {
				t.Errorf("it ends with %q, want %q before the note", kept[len(kept)-100:], tt.end)
			}
			if !strings.HasPrefix(got, "before\n\n"+tt.start) {
				t.Errorf("it starts with %q", got[:100])
			}
		})
	}
}

// TestACutFollowsTheStructureOfMarkdown cuts after each document: what is in it
// tells what must be closed there.
func TestACutFollowsTheStructureOfMarkdown(t *testing.T) {
	t.Parallel()
	const nothing, fence, details = "\n", "```\n\n", "\n</details>\n\n"
	tests := []struct{ name, document, end string }{
		{"nothing", "text\n", nothing},
		{"a fence", "```\ncode\n", fence},
		{"a fence in a paragraph", "text\n   ```sh\n", fence},
		{"a fence that another kind does not close", "```\n~~~\n", fence},
		{"a fence that a word follows", "```\n``` x\n", fence},
		{"a fence that deep indentation does not close", "```\n    ```\n", fence},
		{"a closed fence", "```\n  ````  \n", nothing},
		{"code between backticks", "``` x ``` y\n", nothing},
		{"two backticks", "``\n", nothing},
		{"an indented fence is code", "    ```\n", nothing},
		{"so is one behind a tab", "\t```\n", nothing},
		{"an indented line goes on with a paragraph", "text\n    <details>\n", details},
		{"a list closes its own fence", "- a\n  ```\n", nothing},
		{"a line beside the list ends the list", "- a\n  ```\nb\n```\n", fence},
		{"a fence in a list item of its own", "1. ```\n   code\n2) ~~~\n", nothing},
		{"a wide mark", "100. a\n\n     ```\n     ```\n```\n", fence},
		{"too many digits", "1234567890. a\n             ```\n", nothing},
		{"no space behind the mark", "-a\n  ```\n", fence},
		{"no mark behind digits", "12\n  ```\n", fence},
		{"code in a list item", "-      a\n  ```\n", nothing},
		{"an empty item", "-\n  ```\n", nothing},
		{"an empty item in a paragraph", "a\n*\n  ```\n", fence},
		{"a number other than one in a paragraph", "a\n2. b\n   ```\n", fence},
		{"blank lines in a list", "- a\n\n\n  ```\n", nothing},
		{"a tab behind the mark", "-\ta\n\n    ```\n", nothing},
		{"a quote closes its own fence", "> ```\n", nothing},
		{"a line beside the quote ends it", "> ```\ntext\n```\n", fence},
		{"a quote that was closed and a fence", "> ```\n```\n", fence},
		{"a paragraph goes on beside its quote", "> a\nb\n> ```\n", nothing},
		{"a list in a quote", "> - a\n>   ```\n", nothing},
		{"an indented quote is code", "    > a\n```\n", fence},
		{"a rule is no list", "* * *\n  ```\n", fence},
		{"a heading and its rule", "# h\n-\n  ```\n", nothing},
		{"an underline ends a paragraph", "a\n-\n<x-y>\n```\n", nothing},
		{"seven hashes are text", "####### a\n<x-y>\n```\n", fence},
		{"an element takes in what follows", "<div>\n```\n", nothing},
		{"up to a blank line", "<details>\n\n```\n", "```\n\n</details>\n\n"},
		{"an element within text does not", "a <div>\n```\n", fence},
		{"nor an unknown one", "<x-y> b\n```\n", fence},
		{"nor what looks like one", "<1>\n<div+>\n```\n", fence},
		{"nor the end of verbatim text", "</pre>\n```\n", fence},
		{"an unknown one alone on its line does", "<x-y>\n```\n", nothing},
		{"but not in a paragraph", "a\n<x-y>\n```\n", fence},
		{"an unfinished tag", "<details\n", details},
		{"an element that ends its line", "<hr\n```\n", nothing},
		{"a declaration", "<!DOCTYPE\n```\n", ">\n\n"},
		{"no declaration", "<!1\n```\n", fence},
		{"any verbatim end", "<script>\n</style>\n```\n", fence},
		{"folded text in a fence is code", "```\n<details>\n```\n", nothing},
		{"folded text in a comment is hidden", "<!--\n<details>\n-->\n", nothing},
		{"folded text behind a comment", "<!-- <details> --> <details>\n\n", details},
		{"folded text in a list", "- <details>\n", details},
		{"a fence in a comment", "<!--\n```\n-->\n```\n", fence},
		{"text in a comment that an element began", "<div><!--\n\na <details> -->\n", "\n<!-- -->\n\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Room for the document and for what is kept free behind it.
			before := strings.Repeat("x", actions.MaxSummary-len(tt.document)-515) + "\n"
			got := summarise(t, before, tt.document+strings.Repeat("z", 600))
			if diff := cmp.Diff("\n"+tt.document+tt.end+summaryNote, got[len(before):]); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACutClosesWhatEarlierPartsLeftOpen(t *testing.T) {
	t.Parallel()
	part := strings.Repeat("x", actions.MaxSummary)
	got := summarise(t, "<details>\r\n\r\n", "a\n\n~~~", part)
	if want := "x\n~~~\n\n</details>\n\n" + summaryNote; !strings.HasSuffix(got, want) {
		t.Errorf("it ends with %q, want %q", got[len(got)-100:], want)
	}
}

func TestAnyNumberOfOpenElementsIsClosedWithinTheLimit(t *testing.T) {
	t.Parallel()
	got := summarise(t, "", strings.Repeat("<details>\n", actions.MaxSummary/8))
	if len(got) > actions.MaxSummary || !strings.HasSuffix(got, summaryNote) {
		t.Errorf("got %d bytes that end with %q", len(got), got[len(got)-100:])
	}
	if open, closed := strings.Count(got, "<details>"), strings.Count(got, "</details>"); open != closed || open == 0 {
		t.Errorf("%d elements are opened and %d closed", open, closed)
	}
}

func TestPartsThatJustFitAreWhole(t *testing.T) {
	t.Parallel()
	half := strings.Repeat("x", actions.MaxSummary/2-300)
	got := summarise(t, "", half, half, strings.Repeat("y", 10000), "z")
	if want := half + "\n\n" + half + "\n\n\n"; !strings.HasPrefix(got, want[:len(want)-1]) || !strings.HasSuffix(got, summaryNote) || len(got) > actions.MaxSummary {
		t.Errorf("got %d bytes that end with %q", len(got), got[len(got)-200:])
	}
	if strings.Contains(got, "z") {
		t.Error("text was added behind the note")
	}
}

func TestASummaryThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	const next = ": check that the runner's file is mounted into the container and that its disk is neither full nor read-only"
	dir := t.TempDir()
	full := write(t, strings.Repeat("x", actions.MaxSummary-100), dir, "full")
	for path, want := range map[string]string{
		"":   "write summary: GITHUB_STEP_SUMMARY is not set, so the workflow run will show no summary: run this as a step of a workflow, or set GITHUB_STEP_SUMMARY to the path of a file",
		dir:  "write summary: GITHUB_STEP_SUMMARY " + dir + " is not writable: is a directory, so the workflow run will show no summary" + next,
		full: "write summary: GITHUB_STEP_SUMMARY already holds 1047452 bytes, of 1047552 that it may: let the step write less of its own",
	} {
		r, _ := start(env{"GITHUB_STEP_SUMMARY": path})
		if diff := cmp.Diff(want, text(r.AddSummary("x"))); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
	if info, err := os.Stat(full); err != nil || info.Size() != actions.MaxSummary-100 {
		t.Errorf("the full file changed: %v, %v", info.Size(), err)
	}
	r, _ := start(env{"GITHUB_STEP_SUMMARY": filepath.Join(dir, "new")})
	if err := r.AddSummary("made"); err != nil || read(t, filepath.Join(dir, "new")) != "made\n" {
		t.Errorf("a file that was not there: %v", err)
	}
}
