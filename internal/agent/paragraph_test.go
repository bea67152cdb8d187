package agent_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// paragraphs are those of a text that arrives in these pieces.
func paragraphs(pieces ...string) []string {
	var said []string
	tell, end := agent.Narrate(func(update agent.Update) { said = append(said, update.(agent.Said).Text) })
	for _, piece := range pieces {
		tell(cursor.AssistantEvent{Text: piece})
	}
	end()
	return said
}

// cutAnywhere cuts a text into pieces as the seed has it, also within runes.
func cutAnywhere(text string, seed uint64) []string {
	random := rand.New(rand.NewPCG(seed, 0))
	var pieces []string
	for text != "" {
		n := 1 + random.IntN(min(len(text), 1+random.IntN(40)))
		pieces = append(pieces, text[:n])
		text = text[n:]
	}
	return pieces
}

func TestATextIsToldInParagraphsHoweverItArrives(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"blank", " \n\n\t\n", nil},
		{"one", "One line", []string{"One line"}},
		{"lines", "One\ntwo\n", []string{"One\ntwo"}},
		{"two", "One\n\ntwo", []string{"One", "two"}},
		{"many blank lines", "\n\nOne\n \n\n\t\ntwo\n\n", []string{"One", "two"}},
		{"DOS", "One\r\ntwo\r\n\r\nthree\r\n", []string{"One\ntwo", "three"}},
		{"indented", "- One\n\n  two\n", []string{"- One", "  two"}},
		{"code", "See:\n\n```go\na\n\nb\n```\n\nDone", []string{"See:", "```go\na\n\nb\n```", "Done"}},
		{"code within a paragraph", "See:\n```\na\n\nb\n```\nDone\n\nNext", []string{"See:\n```\na\n\nb\n```\nDone", "Next"}},
		{"tildes around ticks", "~~~\n```\n\n```\n~~~\n\nNext", []string{"~~~\n```\n\n```\n~~~", "Next"}},
		{"a longer fence", "````\n```\n\n```\n````\n\nNext", []string{"````\n```\n\n```\n````", "Next"}},
		{"a fence that never ends", "```\na\n\nb", []string{"```\na\n\nb"}},
		{"ticks on one line", "Run ```x```\n\n```y``` too\n\nNext", []string{"Run ```x```", "```y``` too", "Next"}},
		{"code by indent", "    ```\n\nNext", []string{"    ```", "Next"}},
		{"a fence with words does not close", "```\na\n``` b\n\nc\n```\n\nNext", []string{"```\na\n``` b\n\nc\n```", "Next"}},
		{"Unicode", "Grüße 🐛\n\n日本語", []string{"Grüße 🐛", "日本語"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, paragraphs(test.text)); diff != "" {
				t.Errorf("at once (-want +got):\n%s", diff)
			}
			for seed := range uint64(50) {
				pieces := cutAnywhere(test.text, seed)
				if diff := cmp.Diff(test.want, paragraphs(pieces...)); diff != "" {
					t.Fatalf("as %q (-want +got):\n%s", pieces, diff)
				}
			}
		})
	}
}

// lines are the lines of a text that are not blank.
func lines(text string) []string {
	var kept []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) != "" {
			kept = append(kept, strings.Trim(line, "\r"))
		}
	}
	return kept
}

func FuzzParagraphsAreTheWholeText(f *testing.F) {
	f.Add("One\n\n```\na\n\nb\n```\n\ntwo", uint64(1))
	f.Add("\r\n\r\n~~~~\r\n\r\nx", uint64(2))
	f.Add(strings.Repeat("long line without an end ", 700), uint64(3))
	f.Add(strings.Repeat("```\n\n", 4000), uint64(4))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		said := paragraphs(cutAnywhere(text, seed)...)
		const longest = 8<<10 + 40
		for _, paragraph := range said {
			if len(paragraph) > longest || strings.TrimSpace(paragraph) == "" || strings.Trim(paragraph, "\r\n") != paragraph {
				t.Fatalf("this is no paragraph: %q", paragraph)
			}
		}
		joined := strings.Join(said, "\n\n")
		if len(text) > 8<<10 { // What is too long is cut, also within a line.
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if squeeze(joined) != squeeze(text) {
				t.Fatalf("%q was told as %q", text, joined)
			}
			return
		}
		if diff := cmp.Diff(lines(text), lines(joined)); diff != "" {
			t.Fatalf("lines of %q (-want +got):\n%s", text, diff)
		}
		if diff := cmp.Diff(paragraphs(text), said); diff != "" {
			t.Fatalf("%q depends on its pieces (-whole +cut):\n%s", text, diff)
		}
	})
}

func TestTextWithoutAnEndIsToldInPieces(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]string{
		"one line":       "no end in sight ",
		"code":           "```\n\nno end\n\n",
		"lines of code":  "    x := 1\n",
		"a huge delta":   strings.Repeat("x", 100<<10) + "\n",
		"Unicode pieces": "日本語",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held, told, longest, cut := 0, 0, 0, false
			tell, end := agent.Narrate(func(update agent.Update) {
				text := update.(agent.Said).Text
				longest, told = max(longest, len(text)), told+len(text)
				cut = cut || !utf8.ValidString(text)
			})
			for range 1 << 20 / len(piece) {
				tell(cursor.AssistantEvent{Text: piece})
				held += len(piece)
				if missing := held - told; missing > held/2+16<<10 {
					t.Fatalf("of %d bytes %d are held back", held, missing)
				}
			}
			end()
			if longest > 8<<10+len(piece) || cut {
				t.Errorf("a piece of %d bytes was told, cut within a character: %v", longest, cut)
			}
		})
	}
}

func TestAfterCodeThatIsTooLongParagraphsAreToldAgain(t *testing.T) {
	t.Parallel()
	code := "```\n" + strings.Repeat("x := 1\n\n", 3000) + "```\n\n"
	said := paragraphs(code, "One\n\n", "two\n\n")
	if n := len(said); n < 3 || said[n-2] != "One" || said[n-1] != "two" {
		t.Errorf("after the code it told %q", said[max(0, len(said)-2):])
	}
}
