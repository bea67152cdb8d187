package forge_test

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	source "github.com/yuin/goldmark/text"

	"cursor-agent-action/internal/forge"
)

func TestThePhraseIsFoundInWhatTheWriterSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, comment, rest string }{
		{"alone", "@cursor", ""},
		{"before the task", "@cursor fix the tests", "fix the tests"},
		{"in the middle", "Hey @cursor please fix", "Hey please fix"},
		{"at the end", "Please fix, @cursor", "Please fix,"},
		{"in capitals", "@CURSOR Fix", "Fix"},
		{"with a colon", "@cursor: fix", "fix"},
		{"with a comma", "@cursor, fix", "fix"},
		{"without a space after the colon", "@cursor:fix", "fix"},
		{"at the end of a sentence", "Fix this @cursor. Thanks", "Fix this . Thanks"},
		{"with a question mark", "Can you, @cursor?", "Can you, ?"},
		{"in brackets", "(@cursor) fix", "() fix"},
		{"bold", "**@cursor** fix", "**** fix"},
		{"in quotation marks", "“@cursor” fix", "“” fix"},
		{"after full-width punctuation", "你好，@cursor。修复", "你好，。修复"},
		{"on the second line", "This is broken.\r\n@cursor fix it", "This is broken.\r\nfix it"},
		{"in a later paragraph", "Broken.\n\n@cursor fix it\n\nThanks", "Broken.\n\nfix it\n\nThanks"},
		{"a heading", "# @cursor fix", "# fix"},
		{"an underlined heading", "@cursor fix\n===\nnow", "fix\n===\nnow"},
		{"an item", "- @cursor fix", "- fix"},
		{"a numbered item", "1. one\n2. @cursor fix", "1. one\n2. fix"},
		{"a later paragraph of an item", "- one\n\n  @cursor fix", "- one\n\n  fix"},
		{"a task", "- [ ] @cursor fix", "- [ ] fix"},
		{"after a quotation", "> it fails\n\n@cursor fix", "> it fails\n\nfix"},
		{"after code", "```\npanic\n```\n@cursor fix", "```\npanic\n```\nfix"},
		{"before code", "@cursor fix\n```\npanic\n```", "fix\n```\npanic\n```"},
		{"beside a code span", "`main` @cursor `x`", "`main` `x`"},
		{"backticks that close nothing", "a ` b @cursor fix", "a ` b fix"},
		{"after a comment", "<!-- hi -->\n@cursor fix", "<!-- hi -->\nfix"},
		{"after a comment in the line", "a <!-- b --> @cursor fix", "a <!-- b --> fix"},
		{"the second one, the first in code", "`@cursor` is a word\n\n@cursor fix", "`@cursor` is a word\n\nfix"},
		{"the second one, the first in a word", "me@cursor.com @cursor fix", "me@cursor.com fix"},
		{"the first one of two", "@cursor ask @cursor", "ask @cursor"},
		{"in details, as a paragraph", "<details>\n<summary>x</summary>\n\n@cursor fix\n\n</details>", "<details>\n<summary>x</summary>\n\nfix\n\n</details>"},
		{"after a link with a title", `[a](https://x.example "t") @cursor fix`, `[a](https://x.example "t") fix`},
		{"after an image", `![a](https://x.example) @cursor fix`, `![a](https://x.example) fix`},
		{"four columns in a paragraph are no code", "a\n    @cursor fix", "a\n    fix"},
		{"after a fence in an item that ended", "- ```\n  a\n\n@cursor fix", "- ```\n  a\n\nfix"},
		{"after closed code of HTML", "<code>a</code> @cursor fix", "<code>a</code> fix"},
		{"after a rule", "***\n@cursor fix", "***\nfix"},
		{"after indented code", "    code\n@cursor fix", "    code\nfix"},
		{"a second item can't begin in a paragraph", "a\n2. @cursor fix `", "a\n2. fix `"},
		{"a quotation in what is no second item", "a\n2. > @cursor fix", "a\n2. > fix"},
		{"an empty item can't begin in a paragraph", "a\n*\n@cursor fix", "a\n*\nfix"},
		{"after an image's bracket that nothing closes", "@cursor see ![a", "see ![a"},
		{"after an address in angle brackets", "[a](</b c)> 'd') @cursor fix", "[a](</b c)> 'd') fix"},
		{"after an address with brackets", "[a](/b(c)d) @cursor fix", "[a](/b(c)d) fix"},
		{"in an item that began blank", "-\n  @cursor fix", "-\n  fix"},
		{"after an item that stayed blank", "-\n\n  @cursor fix", "-\n\n  fix"},
		{"in an item after a tab", "-\t@cursor fix", "-\tfix"},
		{"ellipsis", "@cursor… fix", "… fix"},
		{"after a code block of tildes with backticks in it", "~~~\n```\n~~~\n@cursor fix", "~~~\n```\n~~~\nfix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rest, found := forge.FindPhrase(test.comment, "@cursor")
			if !found || rest != test.rest {
				t.Errorf("%q: found %t, rest %q, want %q", test.comment, found, rest, test.rest)
			}
			if !speaks(test.comment, "@cursor") {
				t.Error("a CommonMark reader doesn't see the phrase: the row is wrong")
			}
		})
	}
}

func TestThePhraseIsNotFoundInWordsCodeQuotationsAndHiddenText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, comment string }{
		{"nothing", ""},
		{"another word", "fix it"},
		{"without its sign", "cursor fix"},
		{"a longer name", "@cursors fix"},
		{"a name with a dash", "@cursor-x fix"},
		{"a name with an underscore", "@cursor_x fix"},
		{"an app", "@cursor[bot] fix"},
		{"a team", "@cursor/team fix"},
		{"a scope", "install @cursor/sdk"},
		{"a domain", "@cursor.com fix"},
		{"a possessive", "@cursor's fault"},
		{"an e-mail address", "write to me@cursor now"},
		{"an e-mail address with a domain", "me@cursor.com"},
		{"an address", "https://example.com/@cursor fix"},
		{"an address in angle brackets", "<https://example.com/ @cursor>\n<https://example.com/?a=@cursor>"},
		{"ssh", "git@cursor:fix"},
		{"twice the sign", "@@cursor fix"},
		{"escaped", `\@cursor fix`},
		{"accents go on", "@cursoré fix"},
		{"a zero-width character before", "\u200b@cursor fix"},
		{"a zero-width character after", "@cursor\u200d fix"},
		{"struck out", "~~@cursor fix~~"},
		{"a code span", "`@cursor fix`"},
		{"a code span of two", "``a ` @cursor fix``"},
		{"a code span over lines", "`a\n@cursor fix`"},
		{"a fence", "```\n@cursor fix\n```"},
		{"a fence without an end", "```\n@cursor fix"},
		{"a fence of tildes", "~~~ sh\n@cursor fix\n~~~"},
		{"a longer fence", "````\n```\n@cursor fix\n````"},
		{"a fence that does not close with words", "```\na\n``` b\n@cursor fix\n```"},
		{"a fence that an indented one does not close", "```\n    ```\n@cursor fix\n```"},
		{"a fence in an item", "- ```\n  @cursor fix\n  ```"},
		{"a fence after an indented one", "    ```\n\n```\n@cursor fix\n```"},
		{"a fence after a fence in a quotation", "> ```\n\n```\n@cursor fix\n```"},
		{"indented code", "    @cursor fix"},
		{"code indented by a tab", "\t@cursor fix"},
		{"indented code after a heading", "# a\n    @cursor fix"},
		{"indented code in an item", "- a\n\n      @cursor fix"},
		{"a quotation", "> @cursor fix"},
		{"a quotation without a space", ">@cursor fix"},
		{"a quotation's next line without its mark", "> it says\n@cursor fix"},
		{"a quotation in a quotation", ">> a\n@cursor fix"},
		{"a quotation in an item", "- > @cursor fix"},
		{"an item in a quotation", "> - a\n@cursor fix"},
		{"a note", "> [!NOTE]\n> @cursor fix"},
		{"a comment of HTML", "<!-- @cursor fix -->"},
		{"a comment over paragraphs", "<!--\n\n@cursor fix\n\n-->"},
		{"a comment in a line", "a <!-- @cursor fix --> b"},
		{"a comment over lines of a paragraph", "a <!--\n@cursor fix --> b"},
		{"an attribute", `a <span title="x @cursor fix">b</span>`},
		{"a block of HTML", "<div>\n@cursor fix\n</div>"},
		{"code in HTML", "a <code> @cursor fix </code>"},
		{"pre over paragraphs", "<pre>\n\n@cursor fix\n</pre>"},
		{"pre in a block over paragraphs", "<div><pre>\n\n@cursor fix\n\n</pre></div>"},
		{"a quotation in HTML", "<blockquote>\n\n@cursor fix\n\n</blockquote>"},
		{"a comment that pretends to close one", "<div><pre>\n<!-- </pre> -->\n\n@cursor fix\n"},
		{"a link's title", `[a](/b "x @cursor fix")`},
		{"a link's title with a bracket", `[a](/b "x) @cursor fix")`},
		{"a link's label", "[a][ @cursor fix ]\n\n[@cursor fix]: /b"},
		{"a link's title after a label that is none", "[a][b](/c 'x @cursor fix')"},
		{"a link's title after words in brackets", "[a][](/c 'x @cursor fix')"},
		{"an image's words", "![a @cursor fix](/b)"},
		{"a definition", "[a]: /b 'x @cursor fix'"},
		{"a footnote", "[^1]: @cursor fix"},
		{"after a heading that is none", "[a]: /b\n===\n@cursor fix"},
		{"a word that goes on behind a star", "@cursor*x fix"},
		{"an image's bracket that nothing closes", "![a @cursor fix"},
		{"indented by a tab in an item", "-\t\t@cursor fix"},
		{"a definition whose title is on the next line", "[a]: /b\n'x @cursor fix'"},
		{"code in HTML that holds another element", "a <code><kbd>x</kbd> @cursor fix</code>"},
		{"indented code in an item that began with blanks", "-    \n      @cursor fix"},
		{"a table with a code span in a cell", "| a | b |\n|---|---|\n| ` c | ` @cursor fix ` d ` |"},
		{"a table, whose cells are read by themselves", "| a | b |\n|---|---|\n| ` | `@cursor` fix ` |"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if rest, found := forge.FindPhrase(test.comment, "@cursor"); found || rest != "" {
				t.Errorf("%q: found, rest %q", test.comment, rest)
			}
		})
	}
}

func TestAPhraseThatCantBeFoundIsRefused(t *testing.T) {
	t.Parallel()
	const markdown = "holds Markdown (one of ` < > [ ] \\, or two spaces), which is not read as written: write one word, for example @cursor"
	for phrase, want := range map[string]string{
		"@cursor": "", "/fix": "", "hey cursor": "", "é": "",
		"":                       "is blank or has white space around it: write one word, for example @cursor",
		" @cursor":               "is blank or has white space around it: write one word, for example @cursor",
		strings.Repeat("x", 101): "is longer than 100 bytes: write one word, for example @cursor",
		"a\nb":                   "holds a character that nobody can see: write one word, for example @cursor",
		"a\u200bb":               "holds a character that nobody can see: write one word, for example @cursor",
		"a\xffb":                 "holds a character that nobody can see: write one word, for example @cursor",
		"`@cursor`":              markdown,
		"<b>":                    markdown,
		"a  b":                   markdown,
	} {
		if got := text(forge.CheckPhrase(phrase)); got != want {
			t.Errorf("%q: got %q, want %q", phrase, got, want)
		}
	}
}

// speaks reports whether a CommonMark parser sees the phrase as text that is
// neither code nor quoted nor hidden.
func speaks(comment, phrase string) bool {
	// A carriage return alone ends a line too; the parser does not know.
	bytes := []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(comment))
	var said strings.Builder
	err := ast.Walk(goldmark.DefaultParser().Parse(source.NewReader(bytes)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Blockquote, *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock, *ast.RawHTML, *ast.AutoLink, *ast.Image:
			said.WriteByte('\x01')
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			said.Write(node.Segment.Value(bytes))
			if node.SoftLineBreak() || node.HardLineBreak() {
				said.WriteByte('\n')
			}
		default:
			if node.Type() == ast.TypeBlock {
				said.WriteByte('\x01')
			}
		}
		return ast.WalkContinue, nil
	})
	return err == nil && strings.Contains(strings.ToLower(said.String()), phrase)
}

func FuzzThePhraseInCodeNeverTriggers(f *testing.F) {
	for _, around := range [][2]string{
		{"```\n", "\n```"}, {"> ", ""}, {"    ", ""}, {"`", "`"}, {"<!-- ", " -->"}, {"- a\n\n      ", ""}, {"> a\n", ""}, {"<pre>\n", "</pre>"},
		{"1. ```\n   ", "\n   ```"}, {"~~~\n```\n", "\n~~~"}, {"`` ` ", " ``"}, {"a <b c='", "'>"}, {"[a](/b '", "')"}, {"- \n\n\t", ""}, {">\t", ""}, {"[a]: /b\n===\n", ""},
		{"<x>\n", ""}, {"a\n<x>\n", ""}, {"<?php\n\n", "\n?>"}, {"-\t\t", "\n"}, {"* a\n  > b\n", ""}, {"\\`", "\\`"}, {"a\n- ", "\n===\n"}, {"", ""},
		{"*\n\t\n\t", ""}, {"*\n\t\n    ```\n  ", ""}, {"* *\n\n\t", ""}, {"[a][a](,(,b '", "')"},
	} {
		f.Add(around[0], around[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const phrase = "@cursor"
		comment := before + phrase + after
		rest, found := forge.FindPhrase(comment, phrase)
		if !found || strings.Count(strings.ToLower(comment), phrase) != 1 {
			return
		}
		if strings.Contains(rest, phrase) || len(rest) > len(comment)-len(phrase) {
			t.Errorf("%q leaves %q", comment, rest)
		}
		if !speaks(comment, phrase) {
			t.Errorf("%q launches", comment)
		}
	})
}
