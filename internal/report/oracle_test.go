package report_test

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
)

// rendered is Markdown as a reader's page holds it, by a renderer of CommonMark
// and GitHub's extensions that lets raw HTML pass.
type rendered struct {
	html  string
	tags  []string // as they stand, without closing ones
	texts []text
}

// text is what stands between two tags. GitHub looks for mentions, references
// and emoji in each of these by itself, except in code and links.
type text struct {
	words string
	code  bool // in <code> or <pre>
	link  bool
}

var emailPattern = regexp.MustCompile(`^[a-zA-Z0-9.+_-]+@[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)+`)

var tagPattern = regexp.MustCompile(`<(/?)([a-zA-Z0-9]*)([^>]*)>`)

func render(t testing.TB, markdown string) rendered {
	t.Helper()
	renderer := goldmark.New(
		goldmark.WithExtensions(
			extension.Table, extension.Strikethrough, extension.TaskList, extension.Footnote,
			// The characters that GitHub takes for those of an e-mail address:
			// https://github.github.com/gfm/#extended-email-autolink
			extension.NewLinkify(extension.WithLinkifyEmailRegexp(emailPattern)),
		),
		goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()),
	)
	var page bytes.Buffer
	if err := renderer.Convert([]byte(markdown), &page); err != nil {
		t.Fatal(err)
	}
	return split(page.String())
}

// split takes a page apart. In the text of a page "<" is always an entity, so
// each "<" begins a tag, ours or one that should not be there.
func split(page string) rendered {
	r := rendered{html: page}
	open := map[string]int{}
	add := func(words string) {
		if words = html.UnescapeString(words); words != "" {
			r.texts = append(r.texts, text{words, open["code"]+open["pre"] > 0, open["a"] > 0})
		}
	}
	at := 0
	for _, tag := range tagPattern.FindAllStringSubmatchIndex(page, -1) {
		add(page[at:tag[0]])
		at = tag[1]
		name := strings.ToLower(page[tag[4]:tag[5]])
		if page[tag[2]:tag[3]] == "/" {
			open[name]--
			continue
		}
		open[name]++
		r.tags = append(r.tags, page[tag[0]:tag[1]])
	}
	add(page[at:])
	return r
}

// words is all text that a reader sees, without the zero-width spaces that
// take patterns apart, and with single spaces.
func (r rendered) words() string {
	var b strings.Builder
	for _, text := range r.texts {
		b.WriteString(text.words)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u200b", "")), " ")
}

// harmlessTags are the ones that Prose may come to; none has an attribute but
// those of lists, tables and code.
var harmlessTags = regexp.MustCompile(`^<(p|ul|ol|ol start="\d+"|li|blockquote|strong|em|del|span|br( /)?|hr( /)?|` +
	`pre|code|code class="language-[a-z0-9+]+"|pre lang="[a-z0-9+]+"|table|thead|tbody|tr|(th|td)( (style="text-align:(left|right|center)"|align="(left|right|center)"))?)>$`)

// patterns are what GitHub makes links, images or formulas of in plain text.
var patterns = []struct {
	name string
	*regexp.Regexp
}{
	{"mention", regexp.MustCompile(`@[A-Za-z0-9_]`)},
	{"issue", regexp.MustCompile(`#[0-9]`)},
	{"issue", regexp.MustCompile(`(?i)\bGH-[0-9]`)},
	{"address", regexp.MustCompile(`://`)},
	{"address", regexp.MustCompile(`(?i)www\.`)},
	{"commit", regexp.MustCompile(`[0-9]*[a-fA-F][0-9a-fA-F]{6,}|[0-9a-fA-F]{6,}[a-fA-F][0-9]*`)},
	{"emoji", regexp.MustCompile(`:[a-z0-9_+-]*[a-z_+-][a-z0-9_+-]*:|:[0-9]{3,}:`)},
	{"formula", regexp.MustCompile(`\$.|.\$`)},
}

// harm names what a page does beyond showing text; it is empty for a page that
// does no harm.
func (r rendered) harm(allowed *regexp.Regexp) []string {
	var found []string
	for _, tag := range r.tags {
		if !allowed.MatchString(tag) {
			found = append(found, "tag "+tag)
		}
	}
	for _, text := range r.texts {
		if text.code || text.link {
			continue
		}
		for _, pattern := range patterns {
			if match := pattern.FindString(text.words); match != "" {
				found = append(found, fmt.Sprintf("%s %q", pattern.name, match))
			}
		}
	}
	for _, c := range r.words() {
		if slices.Contains(hidden, c) {
			found = append(found, fmt.Sprintf("hidden %U", c))
		}
	}
	return found
}

// hidden are characters that reorder or hide text.
var hidden = []rune{
	0, '\a', '\b', '\x1b', '\x7f', '\u0085', '\u00ad', '\u061c', '\u180e', '\u200b', '\u200e', '\u200f', '\u2028',
	'\u202a', '\u202d', '\u202e', '\u2060', '\u2066', '\u2069', '\ufeff', '\ufff9', '\U000e0001', '\U000e0041', '\U000e0100',
}

// hostile is what an agent that was talked into it may say.
var hostile = []string{
	"@octocat and @octo-org/team, also x@y and a.b@example.com, @",
	"fixes #1, closes owner/repo#2, resolves GH-3 gh-4, Fixes: #5",
	"see https://evil.example/x?y#z, http://evil.example, ftp://evil.example and www.evil.example",
	"![tracker](https://evil.example/pixel.png) <img src=https://evil.example/x onerror=alert(1)>",
	"[click](https://evil.example) [js](javascript:alert(1)) [ref] [ref][1]\n\n[ref]: https://evil.example\n[1]: https://evil.example",
	"<https://evil.example> <a@evil.example> <script>alert(1)</script><!-- hidden --> <details open>",
	"# Success\n\n## ✅ The agent opened pull request #1\n\nTitle\n=====\nTitle\n---",
	"``` \n@octocat\n```` ` `` @octocat ``` `",
	"```mermaid\ngraph TD; A-->B\n```\n```suggestion\nrm -rf\n```\n~~~geojson\n{}\n~~~",
	"</details></summary></td></table><h1>owned</h1>",
	"| a | b |\n|---|---|\n| @octocat | ![x](https://evil.example) |\n| `|` | <img src=x> |",
	"a | b\n:-: | -\n`x | y` | \\| [l](https://evil.example)",
	"> [!WARNING]\n> @octocat\n>> # deeper\n> - [ ] task",
	"- [ ] one\n- [x] two @octocat\n  - three\n\n    # four\n1) `five`\n999999999. six\n1000000000. seven",
	"[^1] and footnote\n\n[^1]: https://evil.example",
	"$\\href{https://evil.example}{x}$ and $$y$$ costs $5 and $6 `$`",
	"commit 0123456789abcdef0123456789abcdef01234567 abc1234 deadbeef owner/repo@deadbeef1",
	":tada: :+1: :100: :octocat: 12:30:45",
	"&lt;img src=x&gt; &#64;octocat &#x40;octocat &commat;octocat &num;1 &colon;tada&colon; &#8203;&#10;&#10;# x &NewLine;- y",
	"https&colon;//evil.example &lsqb;x&rsqb;(https://evil.example) &#96;x&#96; &nbsp;",
	"\\@octocat \\#1 \\![x](https://evil.example) \\\\[x](https://evil.example) \\<b> \\`<b>`",
	"a@\u200boctocat @\u2060octocat #\u20611 \u202e@octocat\u202c \U000e0001\U000e0041 \ufeff@\u00adoctocat @\u200doctocat",
	"**bold @octocat** *#1* ~~https://evil.example~~ ***x*** __@octocat__ _#1_ **a*b**c*",
	"**unclosed *mixed ~~up** order* here~~ `and` ``code` more`` ```x`",
	"`a`https://evil.example/`<img src=x>``b`<img src=x>`c``d`",
	"`a`<https://evil.example/``<b>```>[x](`<img>`)![`](https://evil.example/`)",
	"text\n-\n\ntext\n===\n\n- \n\n-\n-",
	"- a\n  2. ```\n     <img src=x>\n     ```\n  - b",
	"    indented @octocat\n\ttab <b>\n\n \t x",
	"line one  \nline two\\\nline three<br>four<br/><BR /> five\n<br>\n\n<br>\n<img src=x>",
	"a\r\nb\rc\u2028d\u2029e\vf\fg\u0085h",
	"\xff\xfe invalid \xc3( bytes \x00 \x1b[31mred\x1b[0m",
	"***\n---\n___\n* * *\n- - -\n-- -",
	"==== ++++ +a -b 1. x 1) y 12345678901. z\n+ c\n= d\n: e\n:-:\n|-|\n~~~",
	"#[1](x) GH-[2](x) #` `3 #**<br>**4 012[3abc](x) ht[tp](x)s[://a.b](x) ww[w.a](x).b :[tada](x): #![](x) #[`5`](x) #<br>6 [#](x)7",
	"#\\`6 #&#55; #&ZeroWidthSpace;8 GH&hyphen;9 GH&#45;9 https:&#47;/a.b http&#x3a;//c @[octocat](x) [@](x)octocat",
	"!\n[x](https://evil.example) ! [y](https://evil.example) wow!",
	"1️⃣ ✅ 👨\u200d👩\u200d👧 ⚠️ می\u200cخواهم ﷽",
	"<strong>\n<em>\n</em>\n<span>\n**<br>**     - x",
	"* a\n\n      code in item\n* `b\n  c`\n+ d\n\n\n\n  e\nlazy\n> quoted\nlazy",
	strings.Repeat("[", 50) + strings.Repeat("![", 50) + strings.Repeat("](x)", 50),
	strings.Repeat("> ", 30) + "deep\n" + strings.Repeat("- ", 30) + "deep\n" + strings.Repeat("1. ", 30) + "@octocat",
}
