package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/report"
)

func checkProse(t testing.TB, untrusted string) {
	t.Helper()
	got := report.Prose(untrusted)
	if len(got) > report.MaxProse {
		t.Errorf("Prose gives %d bytes, more than %d", len(got), report.MaxProse)
	}
	// Between our own blocks, as in a summary.
	page := render(t, "<details>\n\n"+got+"\n\n</details>\n\n# ours")
	last := len(page.tags) - 1
	if page.tags[0] != "<details>" || page.tags[last] != `<h1>` || !strings.HasSuffix(page.html, "</details>\n<h1>ours</h1>\n") {
		t.Errorf("Prose(%q) = %q leaves its place:\n%s", untrusted, got, page.html)
	}
	page.tags = page.tags[1:last]
	if found := page.harm(harmlessTags); len(found) > 0 {
		t.Errorf("Prose(%q) = %q does: %q", untrusted, got, found)
	}
}

func TestProseDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, untrusted := range hostile {
		checkProse(t, untrusted)
		checkProse(t, "> "+strings.ReplaceAll(untrusted, "\n", "\n> "))
		checkProse(t, "- item\n\n  "+strings.ReplaceAll(untrusted, "\n", "\n  "))
	}
	// Each beside each: what one opens, no other may close.
	for i, a := range hostile {
		for j, b := range hostile {
			if (i+j)%2 == 0 {
				checkProse(t, a+"\n"+b)
			} else {
				checkProse(t, strings.ReplaceAll(a, "\n", " ")+strings.ReplaceAll(b, "\n", " "))
			}
		}
	}
}

func FuzzProse(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, untrusted string) {
		if len(untrusted) < 10_000 {
			checkProse(t, untrusted)
		}
	})
}

// What an agent writes when nobody wants any harm.
const usual = `I fixed the flaky test. The cache was read
while another goroutine wrote it.

Changes:

- **cache.go**: a lock around *both* maps
  - also for ` + "`Get` and `Set`" + `
  - and for __Delete__
- **cache_test.go**: runs 100 times with ` + "``-race``" + `
    1. with the lock
    2. and, to see it fail, ~~without~~ not

10. ten
11. eleven

    ` + "```" + `go
    m.mu.Lock()
	// indented by a tab
    ` + "```" + `

| File | Lines | Test |
|:-----|------:|:----:|
| ` + "`cache.go`" + ` | +12 −3 | **yes** |
| cache_test.go | +40 | a \| b |

~~~diff
- old
+ new
~~~

> A quote of
> two lines, and *more*.

---

Hard break:  
next line, and a backslash\
ends this one. 2 * 3 * 4 = 24, a_b_c, x < y && y > z, "quotes" — and ünïcode.
`

func TestUsualProseReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	source, page := render(t, usual), render(t, report.Prose(usual))
	if diff := cmp.Diff(source.words(), page.words()); diff != "" {
		t.Errorf("the words (-want +got):\n%s", diff)
	}
	// Lists come out narrow, so paragraphs are not compared.
	without := func(tags []string) []string {
		var kept []string
		for _, tag := range tags {
			if tag != "<p>" {
				kept = append(kept, tag)
			}
		}
		return kept
	}
	if diff := cmp.Diff(without(source.tags), without(page.tags)); diff != "" {
		t.Errorf("the tags (-want +got):\n%s", diff)
	}
}

func TestProseMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", " \n\t\n\u200b", ""},
		{"paragraphs keep their lines", " a\n  b\n\n\nc\n", "a\nb\n\nc"},
		{"hard breaks stay, but not at the end", "a  \nb\\\nc  \n\nd", "a\\\nb\\\nc\n\nd"},
		{"a line break as a tag", "a<br>b<BR />c<br/>", "a\\\nb\\\nc"},
		{"a line break alone is none", "<br>\n<br />\n\na", "a"},
		{"headings become bold", "# One\n## Two ##\n###\n####### x\n#y", "**One**\n\n**Two**\n\n\\####### x\n\\#y"},
		{"underlined headings become bold", "One\ntwo  \n===\nThree\n-", "**One two**\n\n**Three**"},
		{"bold in a heading", "# **One** two", "<strong>**One** two</strong>"},
		{"a rule", "a\n\n* * *\nb\n***", "a\n\n***\n\nb\n\n***"},
		{"bold and italic", "**a** *b* __c__ _d_ ***e*** ~~f~~", "**a** *b* **c** *d* ***e*** ~~f~~"},
		{"bold beside punctuation", "(**a.**), **`b`**: **\"c\"**", "(**a.**), **`b`**: **\"c\"**"},
		{"where marks would make nothing tags do", "a**`b`**c x*(y)*z a~~`b`~~c ***`d`***e", "a<strong>`b`</strong>c x<em>(y)</em>z a<del>`b`</del>c <em><strong>`d`</strong></em>e"},
		{"emphasis in emphasis", "**a *b* c** *a **b*** **c *d***", "**a *b* c** <em>a **b**</em> <strong>c *d*</strong>"},
		{"marks that are none", "2 * 3 * 4 ** 5 snake_case_x _a ~b~ ****c**** **`**` **", `2 \* 3 \* 4 \*\* 5 snake_case_x \_a \~b\~ \*\*\*\*c\*\*\*\* \*\*` + "`**`" + ` \*\*`},
		{"empty emphasis", "a **<br>** b", "a  b"},
		{"what comes to nothing leaves no indentation", "**<br>**     a", "a"},
		{"escapes are read", `\*a\* \\ \q \` + "`b`", `\*a\* \\ \\q &#96;b&#96;`},
		{"entities are read", "&lt;b&gt; &amp;&nbsp;&copy; &x; & &#35;1 a&#8203;&#x202e;b&#10;c", "&lt;b> & © &amp;x; & #&#8203;1 ab c"},
		{"code keeps its text", "`a*b*` ``a`b`` `x\ny`", "`a*b*` ``a`b`` `x y`"},
		{"code that isn't closed", "`a ``b", "&#96;a &#96;&#96;b"},
		{"code beside code", "`a``b` <https://a.b>`c`", "```a``b``` `https://a.b`&#8203;`c`"},
		{"links show where they lead", "[the **docs**](https://a.b/c \"title\") [https://a.b](https://a.b) [](<x.go>) [f](g(h))", "the **docs** (`https://a.b/c`) `https://a.b` `x.go` f (`g(h)`)"},
		{"brackets that are no link", "[a] [a](b [a](\n) [a[b](c) []() ![", `\[a\] \[a\](b \[a\](` + "\n" + `) \[a` + "b (`c`)" + ` \[\]() !\[`},
		{"images become their description", "![a chart](https://a.b/c.png) ![](d.png)", "image a chart (`https://a.b/c.png`) image (`d.png`)"},
		{"addresses become code", "See https://a.b/c_(d). HTTP://e.f, (http://g.h) https:// and <https://i.j>!", "See `https://a.b/c_(d)`. `HTTP://e.f`, (`http://g.h`) https:&#8203;// and `https://i.j`\\!"},
		{"commits become code", "abc1234, 1234567 defaced bc-0123abcd-4 0123abcdé", "`abc1234`, 1234567 deface&#8203;d bc-0123ab&#8203;cd-4 0123ab&#8203;cdé"},
		{"mentions and issues", "@octocat fixed #1", "@&#8203;octocat fixed #&#8203;1"},
		{"HTML is shown", "<details>\n<img src=x>\n<!-- x -->", "&lt;details>\n&lt;img src=x>\n&lt;!-- x -->"},
		{"lists", "* a\n* b\n\n  c\n+ d", "- a\n- b\n\n  c\n\n- d"},
		{"lists in lists", "1. a\n   - b\n     1) c\n     2. d\n2. e\n - f", "1. a\n   - b\n     1. c\n\n     2. d\n2. e\n\n- f"},
		{"a list's number has no more than nine digits", "999999999. a\n1. b\n1234567890. c", "999999. a\n1000000. b\n         1234567890. c"},
		{"a list without blank lines around", "a\n- b\n2. c\nd", "a\n\n- b\n\n2. c\n   d"},
		{"a list that can't follow at once keeps its distance", "- a\n\n  2. ```\n     <b>\n     ```", "- a\n\n  2. ```\n     <b>\n     ```"},
		{"a list that can follow at once does", "- a\n\n  1. b\n- c\n\n  - d", "- a\n  1. b\n- c\n  - d"},
		{"a paragraph goes on less indented", "100.  a\n     b\n    c", "100. a\n     b\n     c"},
		{"a paragraph goes on unindented", "- a\nb\n\nc", "- a\n  b\n\nc"},
		{"items without text are left out", "- \n-\n\n- a\n1.\n\nb", "- a\n\nb"},
		{"items may begin on the next line", "-\n  a\n- ```\n  b\n  ```\n- - c", "- a\n- ```\n  b\n  ```\n- - c"},
		{"code in a list ends with its item", "- ```\n  a\nb", "- ```\n  a\n  ```\n\nb"},
		{"code in an item stays narrow", "- a\n\n  ```sh\n  b\n\n    c\n  ```", "- a\n  ```sh\n  b\n\n    c\n  ```"},
		{"task boxes become signs", "- [ ] a\n- [x] b\n- [X] c\n- [y] d", "- ☐ a\n- ☑ b\n- ☑ c\n- \\[y\\] d"},
		{"things that are no item", "-a\n1.b\n12\n*", "\\-a\n1\\.b\n12\n\\*"},
		{"indented code", "    a\n\n\tb\nc", "```\na\n\nb\n```\n\nc"},
		{"an item with indented code", "-     a\n- b", "- ```\n  a\n  ```\n- b"},
		{"fences keep only what is coloured", "~~~ go x\n```\n~~~\n```mermaid\nx\n````\n", "````go\n```\n````\n\n```\nx\n```"},
		{"a fence that isn't closed", "```\na\n\nb", "```\na\n\nb\n```"},
		{"a fence with its indentation", "  ```\n    a\n b\n  ```", "```\n  a\nb\n```"},
		{"an empty fence", "```\n\n```\na", "a"},
		{"no fence", "``` a`b\nc\n``", "&#96;&#96;&#96; a&#96;b\nc\n&#96;&#96;"},
		{"quotes", "> a\n>b\n>\n> - c\nd\n>", "> a\n> b\n> - c\n\nd"},
		{"alerts become quotes", "> [!WARNING]\n> a\n\n> [!x y]", "> **Warning**\n> a\n\n> \\[!x y\\]"},
		{"tables", "a|b\n-|:-:\n`x`\\|y|z|more\n\nc", "| a | b |\n| :-- | :-: |\n| `x`&#124;y | z |\n\nc"},
		{"tables with gaps", "x\n| a | |\n|--:|---|\n|\n| |b\n# c", "x\n\n| a |  |\n| --: | :-- |\n| |\n|  | b |\n\n**c**"},
		{"a line break in a cell", "|a|\n|-|\n|b<br>c|", "| a |\n| :-- |\n| b<br>c |"},
		{"things that are no table", "a|b\n-\n\na|b\n-|\n\na|b\n-|x\n\n|\n|", "**a&#124;b**\n\na&#124;b\n\\-&#124;\n\na&#124;b\n\\-&#124;x\n\n&#124;\n&#124;"},
		{"more columns than a table may have", strings.Repeat("|a", 41) + "\n" + strings.Repeat("|-", 41), strings.Repeat("&#124;a", 41) + "\n" + strings.Repeat("&#124;-", 41)},
		{"deeper than lists may stand", strings.Repeat("> ", 7) + "a", strings.Repeat("> ", 6) + `\> a`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, report.Prose(test.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// manyOf are texts that grow when they are escaped, or that make a careless
// reader look for the same thing again and again.
var manyOf = []string{
	"$", "@a ", "`", "*", "**a ", "_a_", "[", "![", "[](", "[a](b) ", "]", "> ", "- ", "1. ", "|", "a|b\n-|-\n", "\n", "\\",
	"&", "&amp;", "<", "<br>", "~~~\n", "```\n", "    a\n", "#", "# a\n", "https://a.b/) ", "https://", "abc1234 ", "- a\n  ", "`a``b```",
	"*a **b ", "(", ")", ":a:", "\t", "\xff", "é", "\u200d", "a\n-\n", "- - - - a\n", "> - 1. $\n", "* [ ] @\n",
}

func TestProseIsBoundedInLength(t *testing.T) {
	t.Parallel()
	for _, part := range manyOf {
		text := strings.Repeat(part, report.MaxProse*5/4/len(part))
		got := report.Prose(text)
		if len(got) > report.MaxProse {
			t.Errorf("Prose of many %q has %d bytes, more than %d", part, len(got), report.MaxProse)
		}
		if strings.TrimSpace(part) != "" && part != "\u200d" && !strings.HasSuffix(got, "*The rest of this text was cut.*") {
			t.Errorf("Prose of many %q does not say that it was cut: it ends with %q", part, got[max(0, len(got)-60):])
		}
	}
}

func TestProseIsCutBetweenLines(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("word ", 20)
	got := report.Prose(strings.Repeat(line+"\n", 5000))
	want := strings.Repeat(strings.TrimSpace(line)+"\n", 2027) + "\n*The rest of this text was cut.*"
	if diff := cmp.Diff(strings.Count(want, "\n"), strings.Count(got, "\n")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got != want {
		t.Errorf("the lines are not the first ones: the text ends with %q", got[len(got)-100:])
	}
}
