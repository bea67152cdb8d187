package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/report"
)

// places are where one line of text is put, with the tags that we wrote there.
var places = []struct {
	name          string
	before, after string
	tags          string
}{
	{"paragraph", "", "", `p`},
	{"inside words", "so", "so", `p`},
	{"heading", "## ", " ##", `h2`},
	{"item", "- ", "", `ul|li`},
	{"numbered item", "1. ", "", `ol|li`},
	{"quote", "> ", "", `blockquote|p`},
	{"cell", "| a | b |\n|---|---|\n| ", " | d |", `table|thead|tbody|tr|th|td`},
	{"bold", "**a ", " b**", `p|strong`},
	{"beside a link", "[a](https://example.com) ", " [b](https://example.com)", `p|a href="https://example.com"`},
	{"beside code", "`a` ", " `b`", `p|code`},
	{"second line", "first\n", "", `p`},
}

// inlineHarm says what text does in a place beyond standing there.
func inlineHarm(t testing.TB, markdown string, place int) []string {
	t.Helper()
	where := places[place]
	page := render(t, where.before+markdown+where.after)
	found := page.harm(regexp.MustCompile(`^<(` + where.tags + `|span)>$`))
	count := func(of rendered) string { return strings.Join(of.tags, "") }
	without := render(t, where.before+"x"+where.after)
	if bare := strings.ReplaceAll(count(page), "<span>", ""); markdown != "" && bare != count(without) {
		found = append(found, "tags "+bare+" instead of "+count(without))
	}
	return found
}

func checkInline(t testing.TB, untrusted string) {
	t.Helper()
	got := report.Inline(untrusted)
	if strings.ContainsAny(got, "\r\n\t") {
		t.Errorf("Inline(%q) = %q, which is more than one line", untrusted, got)
	}
	for i, place := range places {
		if found := inlineHarm(t, got, i); len(found) > 0 {
			t.Errorf("Inline(%q) = %q does in a %s: %q", untrusted, got, place.name, found)
		}
	}
	// What can't be seen is dropped; all else is read as it was written.
	once := render(t, got).words()
	if again := render(t, report.Inline(once)).words(); again != once {
		t.Errorf("Inline(%q) reads %q, and that reads %q", untrusted, once, again)
	}
}

func TestInlineTextIsNothingButText(t *testing.T) {
	t.Parallel()
	for _, untrusted := range hostile {
		checkInline(t, untrusted)
	}
}

func TestEachCharacterIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	// Every pair of characters, because the one decides what the other means.
	var marks []string
	for c := ' '; c <= '~'; c++ {
		marks = append(marks, string(c))
	}
	marks = append(marks, "é", "→", "1.", "www", "://")
	for _, a := range marks {
		var line strings.Builder
		for _, b := range marks {
			line.WriteString(a + b + " " + b + a + "x ")
		}
		for _, text := range []string{line.String(), a + line.String(), a + a + a, a + " x", a + "x" + a} {
			want := strings.Join(strings.Fields(text), " ")
			if got := render(t, report.Inline(text)).words(); got != want {
				t.Errorf("Inline reads differently than it was written (-want +got):\n%s", cmp.Diff(want, got))
			}
		}
	}
}

func TestInlineMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain words stay as they are", "Fixed snake_case, a-b, 50% (x/y); it's \"ok\" & done.", "Fixed snake_case, a-b, 50% (x/y); it's \"ok\" & done."},
		{"a mention is taken apart behind the at sign", "ping @octo-org/team", "ping @&#8203;octo-org/team"},
		{"an e-mail address is no mention and no link", "a.b@example.com", "a.b@&#8203;example.com"},
		{"issues", "#1 owner/repo#2 GH-3 gh-4", "#&#8203;1 owner/repo#&#8203;2 GH-&#8203;3 gh-&#8203;4"},
		{"words that only look like references", "C# high-5 # x", `C# high-5 \# x`},
		{"addresses", "https://a.b www.c.d", "https:&#8203;//a.b www&#8203;.c.d"},
		{"commits, but not numbers", "0123abcdef 1234567890 facade", "0123ab&#8203;cdef 1234567890 facade"},
		{"a whole commit", "0123456789abcdef0123456789abcdef01234567", "012345&#8203;6789ab&#8203;cdef01&#8203;234567&#8203;89abcd&#8203;ef0123&#8203;4567"},
		{"emoji, but not times", ":tada: 12:30:45", ":&#8203;tada: 12:30:45"},
		{"formulas", "$5", "<span>$</span>5"},
		{"HTML and entities", "<b> &amp; a > b", "&lt;b> &amp;amp; a > b"},
		{"marks of a line's start", "- x", `\- x`},
		{"numbers of a line's start", "12. x", `12\. x`},
		{"an exclamation mark before what may follow", "wow!", `wow\!`},
		{"white space is one space", " a\t\r\n\u00a0\u3000b\u2028c ", "a b c"},
		{"nothing", " \u200b\x00 ", ""},
		{"signs of the same class that can be seen", "\u0600x", "\u0600x"},
		{"bytes that are not UTF-8", "a\xffb", "a\ufffdb"},
		{"what can't be seen is dropped", "a\u202eb\u2066c\u00add\ufeffe\U000e0041f\x1b[1mg", `abcdef\[1mg`},
		{"emoji of several parts stay whole", "👨\u200d👩\u200d👧 ⚠️ 1️⃣", "👨\u200d👩\u200d👧 ⚠️ 1️⃣"},
		{"joiners of scripts stay", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiners beside ASCII are dropped", "@\u200dx \u00e9\u200dx x\u200d\u00e9", "@&#8203;x \u00e9x x\u00e9"},
		{"joiners in a row are dropped", "\u00e9\u200d\u200d\u00e9 \u00e9\u200d\u200e\u00e9", "\u00e9\u200d\u00e9 \u00e9\u00e9"},
		{"styles in a row are dropped", "⚠\ufe0f\ufe0f\ufe0e \ufe0f", "⚠\ufe0f"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, report.Inline(test.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzInline(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, untrusted string) {
		if len(untrusted) < 10_000 {
			checkInline(t, untrusted)
		}
	})
}

func TestTextCannotLeaveItsFence(t *testing.T) {
	t.Parallel()
	for _, untrusted := range hostile {
		got := report.Fence(untrusted, "go")
		page := render(t, "before\n\n"+got+"\n\nafter")
		if diff := cmp.Diff([]string{"<p>", "<pre>", `<code class="language-go">`, "<p>"}, page.tags); diff != "" {
			t.Errorf("Fence(%q): tags (-want +got):\n%s", untrusted, diff)
		}
	}
}

func TestFenceMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, info, want string }{
		{"a language", "a\n\tb\n", "Go", "```go\na\n\tb\n```"},
		{"no language", "a", "", "```\na\n```"},
		{"longer than the text's own", "```\nx\n````", "md", "`````md\n```\nx\n````\n`````"},
		{"a language that is drawn", "graph TD", "mermaid", "```\ngraph TD\n```"},
		{"a language that is applied", "rm", "suggestion", "```\nrm\n```"},
		{"a language with more behind it", "x", "json title=`x`\n@octocat", "```json\nx\n```"},
		{"lines end as lines", "a\r\nb\u2028c\x00\u202e", "text", "```text\na\nb\nc\n```"},
		{"nothing", "", "", "```\n\n```"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, report.Fence(test.text, test.info)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, address, want string }{
		{"https", "#12", "https://github.com/o/r/pull/12", "[#12](https://github.com/o/r/pull/12)"},
		{"text is only text", "a](https://evil.example) <b> @x https://y", "https://a.b", `[a\](https:&#8203;//evil.example) &lt;b> @&#8203;x https:&#8203;//y](https://a.b)`},
		{"without a text it shows where it leads", " ", "https://a.b/c", "[https:&#8203;//a.b/c](https://a.b/c)"},
		{"characters that would end it", "x", "https://a.b/(c)<d>\"'[e]`f`|$g\\h i?j=k&copy=l*_#m", "[x](https://a.b/%28c%29%3Cd%3E%22%27%5Be%5D%60f%60%7C%24g%5Ch%20i?j=k&amp;copy=l%2A_#m)"},
		{"escapes stay as they are", "x", "https://a.b/c%2Fd?e=%20", "[x](https://a.b/c%2Fd?e=%20)"},
		{"letters of other scripts", "x", "https://a.b/é?ü", "[x](https://a.b/%C3%A9?%C3%BC)"},
		{"white space around", "x", " https://a.b ", "[x](https://a.b)"},
		{"http", "x", "http://a.b", "`http://a.b`"},
		{"script", "x", "javascript:alert(1)", "`javascript:alert(1)`"},
		{"no host", "x", "https:///a", "`https:///a`"},
		{"a name and a password", "x", "https://github.com@evil.example/", "`https://github.com@evil.example/`"},
		{"a host that looks like another", "x", "https://gіthub.com/", "`https://gіthub.com/`"},
		{"a line break", "x", "https://a.b/\nc", "`https://a.b/ c`"},
		{"too long", "x", "https://a.b/" + strings.Repeat("c", 2048), "`https://a.b/" + strings.Repeat("c", 2048) + "`"},
		{"nothing", "x", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := report.Link(test.text, test.address)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(got, "[") {
				return
			}
			links := 0
			for _, tag := range render(t, "a! "+got+" b").tags {
				if strings.HasPrefix(tag, `<a href="https://a.b`) || strings.HasPrefix(tag, `<a href="https://github.com/`) {
					links++
				} else if tag != "<p>" && tag != "<span>" {
					t.Errorf("the link makes %s", tag)
				}
			}
			if links != 1 {
				t.Errorf("%q makes %d links, want 1", got, links)
			}
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		n          int
		want       string
	}{
		{"what fits stays", "äöü", 3, "äöü"},
		{"what doesn't is cut with an ellipsis", "äöüß", 3, "äö…"},
		{"no space before the ellipsis", "ab cd", 4, "ab…"},
		{"nothing", "", 3, ""},
		{"one", "ab", 1, "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := report.Cut(test.text, test.n)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := report.Cut(got, test.n); again != got {
				t.Errorf("cut again: got %q, want %q", again, got)
			}
		})
	}
}
