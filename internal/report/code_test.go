package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/report"
)

func checkCode(t testing.TB, untrusted string) {
	t.Helper()
	got := report.Code(untrusted)
	if got == "" {
		return
	}
	for _, where := range places[:8] {
		page := render(t, where.before+got+where.after)
		if found := page.harm(regexp.MustCompile(`^<(` + where.tags + `|code|span)>$`)); len(found) > 0 {
			t.Errorf("Code(%q) = %q does in a %s: %q", untrusted, got, where.name, found)
		}
	}
	var inside strings.Builder
	for _, text := range render(t, got).texts {
		if text.code {
			inside.WriteString(text.words)
		} else if strings.TrimSpace(text.words) != "" {
			t.Errorf("Code(%q) = %q shows %q outside of the code", untrusted, got, text.words)
		}
	}
	read := strings.Join(strings.Fields(strings.ReplaceAll(inside.String(), "\u200b", "")), " ")
	if want := render(t, report.Inline(untrusted)).words(); read != want {
		t.Errorf("Code(%q) reads differently than Inline (-want +got):\n%s", untrusted, cmp.Diff(want, read))
	}
}

func TestTextCannotLeaveItsCodeSpan(t *testing.T) {
	t.Parallel()
	for _, untrusted := range hostile {
		checkCode(t, untrusted)
	}
}

func TestCodeMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a name", "cursor/fix-1", "`cursor/fix-1`"},
		{"one line", " a\n\tb ", "`a b`"},
		{"backticks inside", "a`b``c", "```a`b``c```"},
		{"backticks at an end", "`a`", "`` `a` ``"},
		{"a pipe is safe in a table", "a|b@c", "<code>a&#124;b@&#8203;c</code>"},
		{"nothing", "\u200b", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, report.Code(test.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzCode(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, untrusted string) { checkCode(t, untrusted) })
}
