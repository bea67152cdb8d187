package terminal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/terminal"
)

// env is an environment of one variable.
func env(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

func columns(n int) func() int { return func() int { return n } }

func TestColourIsForTerminalsOfThoseWhoWantIt(t *testing.T) {
	t.Parallel()
	const coloured, plain = "\x1b[32mdone\x1b[0m\nwords\n", "done\nwords\n"
	tests := []struct {
		name   string
		config terminal.Config
		want   string
	}{
		{"a terminal", terminal.Config{Columns: columns(80), Getenv: env("TERM", "xterm")}, coloured},
		{"a terminal without variables", terminal.Config{Columns: columns(80)}, coloured},
		{"no terminal", terminal.Config{Columns: columns(0)}, plain},
		{"nobody says", terminal.Config{}, plain},
		{"NO_COLOR", terminal.Config{Columns: columns(80), Getenv: env("NO_COLOR", "1")}, plain},
		{"a dumb terminal", terminal.Config{Columns: columns(80), Getenv: env("TERM", "dumb")}, plain},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			test.config.Out = &out
			screen := terminal.New(test.config)
			screen.Print(terminal.Good, "done")
			screen.Print(terminal.Text, "words")
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHostileTextDoesNothingOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	screen := terminal.New(terminal.Config{Out: &out, Columns: columns(40), Getenv: env("NO_COLOR", "1")})
	screen.Hide("5ecret-key-0123", "")
	screen.Block(terminal.Text, "| ", "a\x1b[2Jb\x1b]0;title\ac\r\x1b[1Ad\u202ee\nkey 5ecret-key-0123, NWVjcmV0LWtleS0wMTIz")
	screen.Block(terminal.Text, "| ", "5ecret-\x1b[0mkey-0123")
	screen.Table([][]string{{"id", "na\nme"}, {"\x1b[31mx", "5ecret-key-0123\tand\u200b more"}})
	want := "| abc\n| de\n| key ***, ***\n| ***\nid  na me\nx   *** and more\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONIsWholeAndDoesNothingOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	screen := terminal.New(terminal.Config{Out: &out})
	screen.Hide("5ecret-key-0123")
	value := map[string]string{"a": "<b> & \u009b2J\x1b\x7f\u202e\U000e0041 é", "key": "5ecret-key-0123"}
	if err := screen.JSON(value); err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"a\": \"<b> & \\u009b2J\\u001b\\u007f\\u202e\\udb40\\udc41 é\",\n  \"key\": \"***\"\n}\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	value["key"] = "***"
	if diff := cmp.Diff(value, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if err := screen.JSON(func() {}); err == nil || err.Error() != "write JSON: json: unsupported type: func()" {
		t.Errorf("error %v", err)
	}
}

// display is what a terminal of one line shows, with what scrolled away above:
// it knows the two sequences that a status line takes.
type display struct {
	mu       sync.Mutex
	scrolled []string
	line     string
}

func (d *display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := strings.ReplaceAll(string(p), "\r\x1b[K", "\x00")
	for _, r := range text {
		switch r {
		case '\x00':
			d.line = ""
		case '\n':
			d.scrolled, d.line = append(d.scrolled, d.line), ""
		default:
			d.line += string(r)
		}
	}
	return len(p), nil
}

func (d *display) screen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append(append([]string(nil), d.scrolled...), d.line)
}

func TestTheStatusLineStaysBelowAndGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shown := &display{}
		screen := terminal.New(terminal.Config{Out: shown, Columns: columns(20), Getenv: env("NO_COLOR", "1")})
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(want, shown.screen()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		began := time.Now()
		screen.Print(terminal.Text, "first")
		screen.ShowStatus(func() string { return time.Since(began).Round(time.Second).String() + " in\x1b[2J\nsrc/a/long/path.go" })
		expect("first", "0s in src/a/long/p…")
		time.Sleep(2 * time.Second)
		expect("first", "2s in src/a/long/p…")
		screen.Print(terminal.Text, "second")
		expect("first", "second", "2s in src/a/long/p…")
		screen.ShowStatus(func() string { return "" })
		expect("first", "second", "")
		screen.ShowStatus(func() string { return "third" })
		screen.HideStatus()
		screen.HideStatus()
		time.Sleep(time.Minute)
		expect("first", "second", "")
	})
}

func TestWithoutATerminalThereIsNoStatusLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	screen := terminal.New(terminal.Config{Out: &out})
	screen.ShowStatus(func() string { return "never" })
	screen.Print(terminal.Text, "line")
	screen.HideStatus()
	if got := out.String(); got != "line\n" {
		t.Errorf("output %q", got)
	}
}

// broken can't be written to.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAScreenThatNobodyReadsSaysSoOnce(t *testing.T) {
	t.Parallel()
	screen := terminal.New(terminal.Config{Out: broken{}})
	if err := screen.Err(); err != nil {
		t.Errorf("error %v before anything was written", err)
	}
	screen.Print(terminal.Text, "one")
	screen.Print(terminal.Text, "two")
	if err := screen.Err(); err == nil || err.Error() != "write: broken pipe" {
		t.Errorf("error %v", err)
	}
	if err := screen.JSON(1); err == nil || err.Error() != "write: broken pipe" {
		t.Errorf("error of JSON %v", err)
	}
}

func TestFilesAndBuffersAreNoTerminals(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, out := range []io.Writer{file, &bytes.Buffer{}} {
		if width := terminal.Columns(out)(); width != 0 {
			t.Errorf("%T has %d columns", out, width)
		}
	}
}

func TestATableFitsATerminalAndIsWholeElsewhere(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"model", "name"}, {"日本", "a model of many words"}, {"x", ""}}
	for _, test := range []struct {
		columns int
		want    string
	}{
		{0, "model  name\n日本   a model of many words\nx\n"},
		{16, "model  name\n日本   a model…\nx\n"},
	} {
		var out bytes.Buffer
		screen := terminal.New(terminal.Config{Out: &out, Columns: columns(test.columns), Getenv: env("NO_COLOR", "1")})
		screen.Table(rows)
		if diff := cmp.Diff(test.want, out.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", test.columns, diff)
		}
	}
	var out bytes.Buffer
	terminal.New(terminal.Config{Out: &out, Columns: columns(80)}).Table(rows[:1])
	if want := "\x1b[1mmodel  name\x1b[0m\n"; out.String() != want {
		t.Errorf("heads %q, want %q", out.String(), want)
	}
}

func TestFitKeepsALineWithinItsColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line    string
		columns int
		want    string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"},
		{"a b c", 4, "a b…"}, {"ab  cd", 4, "ab…"}, {"é\u0301x", 2, "é\u0301x"}, {"x", 0, ""}, {"", 0, ""}, {"👍👍", 3, "👍…"},
	}
	for _, test := range tests {
		if got := terminal.Fit(test.line, test.columns); got != test.want {
			t.Errorf("Fit(%q, %d) is %q, want %q", test.line, test.columns, got, test.want)
		}
	}
}

func FuzzAScreenObeysNobodyButUs(f *testing.F) {
	f.Add("\x1b[31m\u009b2J", "\x1b]0;x\a", 7)
	f.Fuzz(func(t *testing.T, line, status string, wide int) {
		var out bytes.Buffer
		screen := terminal.New(terminal.Config{Out: &out, Columns: columns(wide % 200), Getenv: env("NO_COLOR", "1")})
		screen.ShowStatus(func() string { return status })
		screen.Print(terminal.Bad, line)
		screen.Table([][]string{{line, status}})
		screen.HideStatus()
		rest := strings.ReplaceAll(out.String(), "\r\x1b[K", "")
		if i := strings.IndexFunc(rest, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }); i >= 0 {
			t.Errorf("%q gets through", rest[i:])
		}
	})
}
