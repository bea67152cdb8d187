package actions_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// masked lists what the runner was told to hide.
func masked(t *testing.T, log string) []string {
	t.Helper()
	var values []string
	for _, line := range runnerLines(log) {
		c, ok := parseCommand(line)
		if !ok || c.name != "add-mask" {
			t.Errorf("line %q is no mask", line)
		}
		values = append(values, c.data)
	}
	slices.Sort(values)
	return values
}

func TestMaskTellsTheRunnerEachFormOfASecret(t *testing.T) {
	t.Parallel()
	basic := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s + ":")) }
	tests := []struct {
		name, value string
		want        []string
	}{
		{"plain", "key_123", []string{"key_123", basic("key_123")}},
		{"percent", "50%25", []string{"50%25", "50%2525", basic("50%25")}},
		{"white space around it", " key_123\n", []string{"key_123", basic("key_123"), basic(" key_123\n"), "+key_123%0A", "%20key_123%0A", ` key_123\n`}},
		{"quotes around it", `"key_123"`, []string{"key_123", `"key_123"`, basic("key_123"), basic(`"key_123"`), "%22key_123%22", `\"key_123\"`}},
		{"characters that JSON and URLs escape", `a"<b`, []string{`a"<b`, "a%22%3Cb", `a\"\u003cb`, `a\"<b`, basic(`a"<b`)}},
		{"several lines", "first\nabc\r\nlast!", []string{
			"first", "last!", basic("first"), basic("last!"), basic("first\nabc\r\nlast!"), "last%21",
			"first%0Aabc%0D%0Alast%21", "first%0Aabc%0D%0Alast%21", `first\nabc\r\nlast!`,
		}},
		{"control characters", "ab\x01cd", []string{"ab\x01cd", "ab\u2401cd", "ab%01cd", `ab\u0001cd`, basic("ab\x01cd")}},
		{"empty", "", nil},
		{"too short", "abc", nil},
		{"too short without its white space", "  a  ", nil},
		{"too short without its quotes", `'abc'`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(nil)
			r.Mask(tt.value)
			once := log.Len()
			r.Mask(tt.value)
			if log.Len() != once {
				t.Error("the second time wrote more masks")
			}
			slices.Sort(tt.want)
			if diff := cmp.Diff(slices.Compact(tt.want), masked(t, log.String())); diff != "" {
				t.Errorf("masks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMaskedValueIsNeverWrittenAgain(t *testing.T) {
	t.Parallel()
	key := `crsr_"A+b/c d"`
	dir := t.TempDir()
	e := env{
		"RUNNER_DEBUG": "1", "GITHUB_OUTPUT": write(t, "", dir, "out"),
		"GITHUB_STATE": write(t, "", dir, "state"), "GITHUB_STEP_SUMMARY": write(t, "", dir, "summary"),
	}
	r, log := start(e)
	r.Mask(" " + key + "\n")
	log.Reset()

	encoded, _ := json.Marshal(key)
	said := strings.Join([]string{
		key, string(encoded), url.QueryEscape(key), url.PathEscape(key),
		"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(key+":")),
		key[:4] + "\x1b[0m" + key[4:], key[:4] + "\u200b" + key[4:],
	}, "\n")
	r.Info(said)
	r.Block("| ", said)
	r.Debug(said)
	r.Notice(said)
	r.Group(said)
	for err := range map[error]bool{r.SetOutput("o", said): true, r.SaveState("s", said): true, r.AddSummary(said): true} {
		if err != nil {
			t.Error(err)
		}
	}
	plain := strings.Join([]string{said[:strings.LastIndex(said, key[:4]+"\x1b")], ""}, "")
	for name, content := range map[string]string{
		"log": log.String(), "output": read(t, e["GITHUB_OUTPUT"]), "state": read(t, e["GITHUB_STATE"]), "summary": read(t, e["GITHUB_STEP_SUMMARY"]),
	} {
		for form := range strings.Lines(plain) {
			form = strings.Trim(strings.TrimPrefix(form, "Authorization: Basic "), "\"\n")
			if strings.Contains(content, form) {
				t.Errorf("%s holds %q:\n%s", name, form, content)
			}
		}
		if !strings.Contains(content, "Authorization: Basic ***") {
			t.Errorf("%s lacks what is no secret:\n%s", name, content)
		}
	}
	if got, want := runnerLines(log.String())[5], "***"; got != want {
		t.Errorf("a key with a colour in it: got %q, want %q", got, want)
	}
}

func TestASecretOfSeveralLinesIsHiddenWithItsShortLines(t *testing.T) {
	t.Parallel()
	r, log := start(nil)
	r.Mask("begin\nab\nend!")
	log.Reset()
	r.Info("<begin\nab\nend!> ab end! begins")
	if diff := cmp.Diff("<***> ab *** ***s\n", log.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestSecretsThatOverlapLeaveNothing(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"the longer one first", "key_12345", "***"},
		{"overlapping", "xkey_123456y", "x***y"},
		{"touching", "key_123key_123 key_123", "*** ***"},
		{"one of two", "23456", "***"},
		{"none", "key_12 3456", "key_12 3456"},
		{"repeating itself", "aaaaaa", "***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, log := start(nil)
			r.Mask("key_123", "key_12345", "23456", "aaaa")
			log.Reset()
			r.Info(tt.text)
			if diff := cmp.Diff(tt.want+"\n", log.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}
