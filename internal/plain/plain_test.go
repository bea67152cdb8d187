package plain_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/plain"
)

func TestCleanLeavesWhatAReaderSees(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"plain text and tabs", "a\tb ~", "a\tb ~"},
		{"words of other scripts", "größer 日本語 \u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "größer 日本語 \u0646\u0627\u0645\u0647\u200c\u0627\u06cc"},
		{"colours", "\x1b[31mred\x1b[0m", "red"},
		{"a C1 sequence", "\u009b31mred\u009bm", "red"},
		{"a title with BEL", "\x1b]0;owned\aafter", "after"},
		{"a link with ST", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"},
		{"a device string", "\x1bPdata\u009cafter", "after"},
		{"a character set", "\x1b(0qq", "qq"},
		{"a sequence without an end hides nothing", "\x1b]0;words", "0;words"},
		{"an escape at the end", "end\x1b", "end"},
		{"an escape before a control character", "\x1b\bx", "␈x"},
		{"control characters as pictures", "a\bb\x00c\x7f", "a␈b␀c␡"},
		{"direction marks and zero-width spaces", "a\u202eb\u200bc\ufeffd", "abcd"},
		{"bytes that are not UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, plain.Clean(test.line)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesEndWhereAReaderSeesTheirEnd(t *testing.T) {
	t.Parallel()
	got := slices.Collect(plain.Lines("a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h\n\ni\n"))
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f", "g", "h", "", "i"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := slices.Collect(plain.Lines("")); len(got) != 1 {
		t.Errorf("empty text is %q, want one empty line", got)
	}
	for range plain.Lines("one\ntwo") {
		break // The rest is not asked for.
	}
}

func TestALongLineIsCutBetweenCharactersAndSaysByHowMuch(t *testing.T) {
	t.Parallel()
	got := plain.Cut(strings.Repeat("é", 5000))
	if !strings.HasSuffix(got, " … (1848 bytes more)") || !utf8.ValidString(got) || len(got) > 8<<10 {
		t.Errorf("%d bytes, end %q", len(got), got[len(got)-40:])
	}
	if got := plain.Cut("short"); got != "short" {
		t.Errorf("a short line became %q", got)
	}
}

func TestHideCoversEveryFormOfASecret(t *testing.T) {
	t.Parallel()
	forms := plain.Forms(" 'crsr_5ecret/0123' \n")
	for _, text := range []string{"crsr_5ecret/0123", "crsr_5ecret%2F0123", "Y3Jzcl81ZWNyZXQvMDEyMw==", "637273725f3565637265742f30313233"} {
		if got, want := plain.Hide("<"+text+">", forms), "<***>"; got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := plain.Hide("aXbXc", []string{"aX", "Xb"}); got != "***Xc" {
		t.Errorf("overlapping secrets leave %q", got)
	}
	if got := plain.Forms("abc"); got != nil {
		t.Errorf("a secret of three characters has the forms %q, want none", got)
	}
	if got := plain.Hide("nothing here", forms); got != "nothing here" {
		t.Errorf("text without a secret became %q", got)
	}
}

func FuzzCleanLeavesNothingThatActs(f *testing.F) {
	f.Add("\x1b[2J\x1b]0;x\a\u009b1m\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for line := range plain.Lines(text) {
			clean := plain.Clean(line)
			if i := strings.IndexFunc(clean, func(r rune) bool { return unicode.IsControl(r) && r != '\t' || plain.IsHidden(r) }); i >= 0 {
				t.Errorf("%q keeps %q", line, clean[i:])
			}
			if again := plain.Clean(clean); again != clean {
				t.Errorf("%q is not settled: %q, then %q", line, clean, again)
			}
		}
	})
}
