package schema_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"cursor-agent-action/internal/schema"
)

// fences are the fenced blocks as goldmark, a CommonMark parser, has them.
func fences(markdown string) []schema.Fence {
	// It knows LF only, and a line end at the end of each line.
	source := []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(markdown))
	if len(source) > 0 && source[len(source)-1] != '\n' {
		source = append(source, '\n')
	}
	var found []schema.Fence
	document := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		block, ok := node.(*ast.FencedCodeBlock)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		var content strings.Builder
		for i := range block.Lines().Len() {
			line := block.Lines().At(i)
			content.Write(line.Value(source))
		}
		info := ""
		if block.Info != nil {
			info = string(block.Info.Segment.Value(source))
		}
		found = append(found, schema.Fence{Info: info, Text: content.String()})
		return ast.WalkContinue, nil
	})
	return found
}

func TestFencesAreThoseOfCommonMark(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, markdown string
		want           []schema.Fence
	}{
		{"nothing", "", nil},
		{"text only", "Done.\nAll `x` well.\n", nil},
		{"backticks", "```json\n{}\n```\n", []schema.Fence{{"json", "{}\n"}}},
		{"tildes", "~~~ json \n{}\n~~~\n", []schema.Fence{{"json", "{}\n"}}},
		{"tildes with backticks behind", "~~~ a`b\nx\n~~~", []schema.Fence{{"a`b", "x\n"}}},
		{"backticks with backticks behind", "``` a`b\nx\n", nil},
		{"CRLF", "```json\r\n{}\r\n```\r\nEnd", []schema.Fence{{"json", "{}\n"}}},
		{"CR", "```json\r{}\r```\rEnd", []schema.Fence{{"json", "{}\n"}}},
		{"two marks are no fence", "``\nx\n``", nil},
		{"a longer end", "```\nx\n`````  \ny", []schema.Fence{{"", "x\n"}}},
		{"a shorter end", "````\nx\n```\ny\n````", []schema.Fence{{"", "x\n```\ny\n"}}},
		{"an end of the other kind", "```\nx\n~~~\n```", []schema.Fence{{"", "x\n~~~\n"}}},
		{"an end with text behind", "```\nx\n``` y\n```", []schema.Fence{{"", "x\n``` y\n"}}},
		{"no end", "```\nx\n\ny", []schema.Fence{{"", "x\n\ny\n"}}},
		{"indented by three", "   ```\n    x\n  y\n   ```", []schema.Fence{{"", " x\ny\n"}}},
		{"indented by four", "    ```\n    x\n    ```", nil},
		{"an end that is indented by four", "```\nx\n    ```\n```", []schema.Fence{{"", "x\n    ```\n"}}},
		{"right after a paragraph", "Here:\n```\nx\n```\nmore", []schema.Fence{{"", "x\n"}}},
		{"in an item", "1. Result:\n\n   ```json\n   {}\n   ```\n", []schema.Fence{{"json", "{}\n"}}},
		{"in an item that is wider", "10. Result:\n    ```json\n    {\n      \"a\": 1\n    }\n    ```\n", []schema.Fence{{"json", "{\n  \"a\": 1\n}\n"}}},
		{"behind the mark of an item", "- ```json\n  {}\n  ```\n", []schema.Fence{{"json", "{}\n"}}},
		{"in an item that ends before", "- ```json\n  {}\nend\n", []schema.Fence{{"json", "{}\n"}}},
		{"in nested items", "- a\n  - b\n\n    ```\n    x\n    ```\n", []schema.Fence{{"", "x\n"}}},
		{"in a quote", "> ```\n> x\n> ```\n", []schema.Fence{{"", "x\n"}}},
		{"in a quote that ends before", "> ```\n> x\ny\n", []schema.Fence{{"", "x\n"}}},
		{"a lazy line and a fence", "> a\nb\n```\nx\n```", []schema.Fence{{"", "x\n"}}},
		{"behind a number that can't interrupt a paragraph", "text\n2. ```\n   x\n", nil},
		{"behind one that can", "text\n1. ```\n   x\n", []schema.Fence{{"", "x\n"}}},
		{"behind a number that is too long", "1234567890. ```\n", nil},
		{"a tab", "-\t```\n\tx\n\t```\n", []schema.Fence{{"", "x\n"}}},
		{"a thematic break is no item", "* * *\n```\nx\n```", []schema.Fence{{"", "x\n"}}},
		{"an empty item and a blank line", "-\n\n  ```\n  x\n  ```", []schema.Fence{{"", "x\n"}}},
		{"after a heading", "# a\n2. ```\n   x\n", []schema.Fence{{"", "x\n"}}},
		{"after an underlined heading", "a\n===\n2. ```\n   x\n", []schema.Fence{{"", "x\n"}}},
		{"two", "```a\nx\n```\n~~~b\ny\n~~~", []schema.Fence{{"a", "x\n"}, {"b", "y\n"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, fences(test.markdown)); diff != "" {
				t.Errorf("the oracle (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, schema.Fences(test.markdown)); diff != "" {
				t.Errorf("blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// emptyItem is an item that begins with nothing.
var emptyItem = regexp.MustCompile(`(?m)([-*]|[12][.)])[ >]*$`)

// FuzzFences makes Markdown of what matters to fences and holds the reader
// against the oracle.
func FuzzFences(f *testing.F) {
	parts := []string{"\n", "\n", "```", "~~~", "````", " ", "  ", "    ", "> ", ">", "- ", "* ", "1. ", "2) ", "text", "{}", "json", "#", "# ", "===", "---", "\n\n"}
	for _, seed := range []string{"", "abc", "\x02\x10\x00\x0f\x00\x02", "\x0b\x02\x01\x05\x0f\x01\x05\x02"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		var markdown strings.Builder
		for _, choice := range choices[:min(len(choices), 60)] {
			markdown.WriteString(parts[int(choice)%len(parts)])
		}
		if emptyItem.MatchString(markdown.String()) {
			return // goldmark takes an empty item within an item for the end of both.
		}
		if diff := cmp.Diff(unindented(fences(markdown.String())), unindented(schema.Fences(markdown.String()))); diff != "" {
			t.Errorf("%q (-goldmark +ours):\n%s", markdown.String(), diff)
		}
	})
}

// unindented empties lines of white space alone, on which goldmark leaves the
// fence's indentation.
func unindented(fences []schema.Fence) []schema.Fence {
	for i, fence := range fences {
		lines := strings.Split(fence.Text, "\n")
		for j, line := range lines {
			if strings.TrimSpace(line) == "" {
				lines[j] = ""
			}
		}
		fences[i].Text = strings.Join(lines, "\n")
	}
	return fences
}

func TestDeepNestingTakesNoTime(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("- ", 20_000) + "```\n" + strings.Repeat("\n", 20_000) + strings.Repeat("> ", 20_000)
	if got := schema.Fences(deep); got != nil {
		t.Errorf("got %d blocks, want none", len(got))
	}
}
