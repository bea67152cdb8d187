package actions_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestInfoWritesLinesThatTheRunnerTakesForText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain text stays", "a: b::c [d] #1 ##\tx", "a: b::c [d] #1 ##\tx\n"},
		{"no text is an empty line", "", "\n"},
		{"one line end at the end is not a line", "a\n", "a\n"},
		{"further line ends are lines", "a\n\n", "a\n\n"},
		{"every kind of line end ends a line", "1\n2\r3\r\n4\v5\f6\u00857\u20288\u20299", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"},
		{"a command gets a space", "::set-output name=a::b", ": :set-output name=a::b\n"},
		{"also behind white space", " \t\u00a0\u3000::error::x", " \t\u00a0\u3000: :error::x\n"},
		{"also behind a line end that only the runner trims", "a\u2028::error::x", "a\n: :error::x\n"},
		{"also behind a carriage return", "ok\r::add-path::/tmp", "ok\n: :add-path::/tmp\n"},
		{"three colons", ":::error::x", ": ::error::x\n"},
		{"colons later in the line stay", "std::vector ::x", "std::vector ::x\n"},
		{"one colon stays", ": :: x", ": :: x\n"},
		{"the old form gets a space anywhere", "see ##[set-output name=a]b", "see ## [set-output name=a]b\n"},
		{"more hashes", "####[group]x ##[error]", "#### [group]x ## [error]\n"},
		{"one hash stays", "#[link] # #[x]", "#[link] # #[x]\n"},
		{"a joiner in a mark does not hide it", ":\u200d:error::x #\u200c#\ufe0f[e]", ":" + " \u200d:error::x #\u200c#\ufe0f [e]\n"},
		{"colours are dropped", "\x1b[1;31mred\x1b[0m\u009b32mgreen", "redgreen\n"},
		{"titles and links are dropped", "\x1b]0;title\aa\x1b]8;;http://x\x1b\\b\x1b]2;y\u009cc", "abc\n"},
		{"other sequences are dropped", "\x1b(Ba\x1b7b\x1b c\x1bPq\x1b\\d", "abd\n"},
		{"a sequence without an end hides nothing", "\x1b]0;shown\x1b[12", "0;shown12\n"},
		{"a sequence inside another", "\x1b\x1b[m[31mx\x1b", "[31mx\n"},
		{"a sequence before a wide character", "\x1b\u00e9", "\u00e9\n"},
		{"a command put together by dropping", ":\x1b[m:error::x #\x1b[0m#[e]", ": :error::x ## [e]\n"},
		{"a command put together by hidden characters", "\u200b:\u2060:error::x #\ufeff#\u00ad[e]", ": :error::x ## [e]\n"},
		{"control characters are shown", "a\x00b\bc\x7fd\u0080e", "a\u2400b\u2408c\u2421de\n"},
		{"direction marks are dropped", "a\u202eb\u2066c", "abc\n"},
		{"words and emoji keep their joiners", "\u0646\u200c\u0645 \U0001F469\u200d\U0001F4BB", "\u0646\u200c\u0645 \U0001F469\u200d\U0001F4BB\n"},
		{"signs that show stay", "\u0600\u0661", "\u0600\u0661\n"},
		{"bytes that are not UTF-8", "a\xff\xc3\x28", "a\ufffd\ufffd(\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(nil)
			r.Info(tt.text)
			if diff := cmp.Diff(tt.want, log.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			if got := commands(log.String()); got != nil {
				t.Errorf("the runner reads commands: %q", got)
			}
		})
	}
}

func TestBlockPutsThePrefixBeforeEachLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, prefix, text, want string }{
		{"each line", "| ", "a\r\nb\n\nc", "| a\n| b\n| \n| c\n"},
		{"no text", "| ", "", "| \n"},
		{"a command is harmless behind it", "> ", "::error::x", "> ::error::x\n"},
		{"the old form is not", "> ", "##[error]x", "> ## [error]x\n"},
		{"a prefix of white space", "  ", "::error::x", "  : :error::x\n"},
		{"a mark put together with the prefix", "#", "#[error]x", "## [error]x\n"},
		{"colons put together with the prefix", ":", ":error::x", ": :error::x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(nil)
			r.Block(tt.prefix, tt.text)
			if diff := cmp.Diff(tt.want, log.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALongLineIsCutAndSaysByHowMuch(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	r.Info(strings.Repeat("\u00e9", 4096)) // Just what fits.
	r.Info("x" + strings.Repeat("\u00e9", 4096))
	lines := runnerLines(log.String())
	if got, want := len(lines[0]), 8192; got != want {
		t.Errorf("a line of 8 KiB: got %d bytes, want %d", got, want)
	}
	kept, note, _ := strings.Cut(lines[1], " \u2026 ")
	if want := "x" + strings.Repeat("\u00e9", 4075); kept != want {
		t.Errorf("kept: got %d bytes, want %d", len(kept), len(want))
	}
	if want := "(42 bytes more)"; note != want {
		t.Errorf("note: got %q, want %q", note, want)
	}
}

func TestLinesOfParallelCallsStayWhole(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			for range 20 {
				r.Block(fmt.Sprint(i, " "), "first\nsecond")
				r.Mask(fmt.Sprint("secret-", i))
			}
		})
	}
	group.Wait()
	texts := 0
	lines := runnerLines(log.String())
	for i, line := range lines {
		prefix, isFirst := strings.CutSuffix(line, "first")
		if !isFirst {
			continue
		}
		texts++
		if i+1 == len(lines) || lines[i+1] != prefix+"second" {
			t.Fatalf("line %d, %q, is not followed by its second line", i, line)
		}
	}
	if texts != 400 {
		t.Errorf("got %d blocks, want 400", texts)
	}
}

func TestDebugIsWrittenOnlyWhereDebuggingIsOn(t *testing.T) {
	t.Parallel()
	const shown, plain = "::debug::GET /v1 100%25\n::debug::: :error::x\n", "debug: GET /v1 100%\ndebug: ::error::x\n"
	for _, tt := range []struct{ runner, step, want string }{
		{"1", "", shown}, {"1", "true", shown}, {"1", "false", shown},
		{"", "true", plain}, {"", "TRUE", plain}, {"", "1", plain}, {"0", "true", plain},
		{"", "", ""}, {"0", "0", ""}, {"true", "", ""}, {"", "false", ""}, {"", "yes", ""},
	} {
		r, log := start(env{"RUNNER_DEBUG": tt.runner, "ACTIONS_STEP_DEBUG": tt.step})
		r.Debug("GET /v1 100%\r\n::error::x")
		if diff := cmp.Diff(tt.want, log.String()); diff != "" {
			t.Errorf("RUNNER_DEBUG=%s, ACTIONS_STEP_DEBUG=%s (-want +got):\n%s", tt.runner, tt.step, diff)
		}
	}
}

func TestAnAnnotationIsOneLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain", "it failed: 50% of it", "it failed: 50% of it"},
		{"lines are joined", " a\r\n\n  b\u2028c ", "a b c"},
		{"escapes stay literal", "%0A::error::x %25", "%0A::error::x %25"},
		{"the old form is disarmed", "x ##[error]y", "x ## [error]y"},
		{"long text is cut", strings.Repeat("a", 4097), strings.Repeat("a", 4095) + "\u2026"},
		{"text that just fits is not", strings.Repeat("a", 4096), strings.Repeat("a", 4096)},
		{"wide characters count twice", strings.Repeat("\U0001F600", 2049), strings.Repeat("\U0001F600", 2047) + "\u2026"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(nil)
			r.Notice(tt.text)
			r.Warning(tt.text)
			r.Error(tt.text)
			want := []workflowCommand{{name: "notice", data: tt.want}, {name: "warning", data: tt.want}, {name: "error", data: tt.want}}
			if diff := cmp.Diff(want, commands(log.String()), cmp.AllowUnexported(workflowCommand{})); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
			if got := len(runnerLines(log.String())); got != 3 {
				t.Errorf("got %d lines, want 3", got)
			}
		})
	}
}

func TestABlankAnnotationIsNotWritten(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	r.Error(" \n\u200b\t")
	if log.Len() > 0 {
		t.Errorf("log: got %q, want nothing", log)
	}
}

func TestTheEleventhAnnotationIsAPlainLine(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	for i := range 12 {
		r.Warning(fmt.Sprint("w", i))
	}
	r.Error("e")
	r.Notice("n")
	lines := runnerLines(log.String())
	want := []string{"::warning::w9", "Warning: w10", "Warning: w11", "::error::e", "::notice::n"}
	if diff := cmp.Diff(want, lines[9:]); diff != "" {
		t.Errorf("last lines (-want +got):\n%s", diff)
	}
}

func TestGroupsDoNotNest(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	r.EndGroup()
	r.Group("one\n::error::x")
	r.Info("in one")
	r.Group(strings.Repeat("t", 201))
	r.EndGroup()
	r.EndGroup()
	want := "::group::one ::error::x\nin one\n::endgroup::\n::group::" + strings.Repeat("t", 199) + "\u2026\n::endgroup::\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// FuzzLogLines holds that no text becomes a command, whatever the prefix, that
// annotations are one command each, and that a line which went through once
// stays as it is.
func FuzzLogLines(f *testing.F) {
	for _, seed := range []string{
		"plain", "::error::x", "  ::set-output name=a::b", "a\r::error::x", "a\u2028::error::x", "##[error]x",
		"#\x1b[0m#[error]x", ":\u200b:error::x", "\x1b]0;x\a::error::x", ":\u200d:add-mask::x", "\xff\xfe::x::",
		"\u0085::error::x", "\v::error::x", "%0A::error::x", strings.Repeat("\u00e9", 5000), "##\ufe0f[error]x",
	} {
		f.Add("", seed)
		f.Add("  ", seed)
		f.Add(":", seed)
		f.Add("| #", seed)
	}
	f.Fuzz(func(t *testing.T, prefix, text string) {
		r, log := start(env{"RUNNER_DEBUG": "1"})
		r.Info(text)
		info := log.String()
		r.Block(prefix, text)
		for _, line := range runnerLines(log.String()) {
			for _, form := range []string{line, withoutIgnorables(line)} {
				if c, ok := parseCommand(form); ok {
					t.Errorf("the runner reads %q as command %q", form, c)
				}
			}
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
				t.Errorf("line %q has a control character", line)
			}
			if !utf8.ValidString(line) || len(line) > 8<<10 {
				t.Errorf("a line of %d bytes is too long, or not UTF-8", len(line))
			}
		}

		log.Reset()
		r.Info(info)
		if log.String() != info {
			t.Errorf("a second pass changed %q to %q", info, log)
		}

		for i, annotate := range []func(string){r.Notice, r.Warning, r.Error} {
			kind := []string{"notice", "warning", "error"}[i]
			log.Reset()
			annotate(text)
			lines, found := runnerLines(log.String()), commands(log.String())
			if len(lines) != len(found) || len(found) > 1 {
				t.Fatalf("%s wrote %q", kind, log)
			}
			for _, c := range found {
				if c.name != kind || c.properties != "" || len(utf16.Encode([]rune(c.data))) > 4096 || strings.ContainsAny(c.data, "\r\n") {
					t.Errorf("%s wrote %+v", kind, c)
				}
			}
		}

		log.Reset()
		r.Group(text)
		r.Debug(text)
		r.EndGroup()
		found := commands(log.String())
		if len(found) != len(runnerLines(log.String())) || found[0].name != "group" || found[len(found)-1].name != "endgroup" {
			t.Errorf("group and debug wrote %q", log)
		}
		for _, c := range found[1 : len(found)-1] {
			if c.name != "debug" {
				t.Errorf("debug wrote %+v", c)
			}
		}
	})
}
