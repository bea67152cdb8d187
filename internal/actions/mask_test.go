package actions_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/secret"
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

// Fault 44: a key stands in logs without its quotes, and in its Basic form.
func TestMaskTellsTheRunnerEachFormOfASecret(t *testing.T) {
	t.Parallel()
	basic := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s + ":")) }
	// What Forms gives is held to vectors by the tests of its package.
	encoded := func(value string, others ...string) []string { return append(secret.Forms(value), others...) }
	tests := []struct {
		name, value string
		want        []string
	}{
		{"plain", "key_123", []string{"key_123", basic("key_123")}},
		{"percent", "50%25", []string{"50%25", "50%2525", basic("50%25")}},
		{"eight characters", "key_1234", []string{
			"key_1234", basic("key_1234"), "a2V5XzEyMzQ=", "a2V5XzEyMzQ", "a2V5XzEyMz", "tleV8xMjM0", "rZXlfMTIzN", "6b65795f31323334", "6B65795F31323334",
		}},
		{"white space around it", " key_123\n", encoded(" key_123\n", "key_123", basic("key_123"), basic(" key_123\n"), "+key_123%0A", "%20key_123%0A", ` key_123\n`)},
		{"quotes around it", `"key_123"`, encoded(`"key_123"`, "key_123", `"key_123"`, basic("key_123"), basic(`"key_123"`), "%22key_123%22", `\"key_123\"`)},
		{"characters that JSON and URLs escape", `a"<b`, []string{`a"<b`, "a%22%3Cb", `a\"\u003cb`, `a\"<b`, basic(`a"<b`)}},
		{"several lines", "first\nabc\r\nlast!", encoded("first\nabc\r\nlast!",
			"first", "last!", basic("first"), basic("last!"), basic("first\nabc\r\nlast!"), "last%21",
			"first%0Aabc%0D%0Alast%21", "first%0Aabc%0D%0Alast%21", `first\nabc\r\nlast!`,
		)},
		{"a long line among others", "a\nkey_1234", append(encoded("a\nkey_1234", secret.Forms("key_1234")...),
			"key_1234", basic("key_1234"), basic("a\nkey_1234"), "a%0Akey_1234", `a\nkey_1234`)},
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

func TestASecretIsHiddenHoweverItIsEncoded(t *testing.T) {
	t.Parallel()
	const key = "crsr_?>~ü 9" // Its base64 differs between the two alphabets.
	pair := func(encoding *base64.Encoding, user string) string {
		return encoding.EncodeToString([]byte(user + ":" + key + "\n"))
	}
	tests := []struct{ name, said, want string }{
		{"base64", "<Y3Jzcl8/Pn7DvCA5>", "<***>"},
		{"base64 of URLs", "<Y3Jzcl8_Pn7DvCA5>", "<***>"},
		{"base64 behind three bytes", "<" + pair(base64.StdEncoding, "me") + ">", "<bWU6***Cg==>"},
		{"base64 behind four bytes", "<" + pair(base64.StdEncoding, "you") + ">", "<eW91Om***Qo=>"},
		{"base64 behind five bytes", "<" + pair(base64.RawURLEncoding, "them") + ">", "<dGhlbTp***kK>"},
		{"lower hexadecimal", "<637273725f3f3e7ec3bc2039>", "<***>"},
		{"upper hexadecimal", "<637273725F3F3E7EC3BC2039>", "<***>"},
		{"a part of a URL", "<crsr_%3F%3E~%C3%BC%209>", "<***>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := env{
				"GITHUB_OUTPUT": write(t, "", dir, "output"), "GITHUB_STATE": write(t, "", dir, "state"),
				"GITHUB_STEP_SUMMARY": write(t, "", dir, "summary"),
			}
			r, log := start(e)
			r.Mask(key)
			log.Reset()
			r.Info(tt.said)
			for _, err := range []error{r.SetOutput("o", tt.said), r.SaveState("s", tt.said), r.AddSummary(tt.said)} {
				if err != nil {
					t.Error(err)
				}
			}
			outputs, outputErr := fileValues(read(t, e["GITHUB_OUTPUT"]))
			state, stateErr := fileValues(read(t, e["GITHUB_STATE"]))
			if outputErr != nil || stateErr != nil {
				t.Error(outputErr, stateErr)
			}
			got := []string{log.String(), outputs["o"], state["s"], read(t, e["GITHUB_STEP_SUMMARY"])}
			if diff := cmp.Diff([]string{tt.want + "\n", tt.want, tt.want, tt.want + "\n"}, got); diff != "" {
				t.Errorf("log, output, state and summary (-want +got):\n%s", diff)
			}
		})
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
