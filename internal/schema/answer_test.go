package schema_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/schema"
)

func TestTheLastBlockOfJSONIsRead(t *testing.T) {
	t.Parallel()
	const none = "the answer has no fenced block of JSON"
	for _, test := range []struct{ name, answer, want, problem string }{
		{"the only one", "Done.\n\n```json\n{\"a\": 1}\n```\n", `{"a":1}`, ""},
		{"the last of two", "```json\n{\"a\": 1}\n```\nor\n```json\n{\"a\": 2}\n```", `{"a":2}`, ""},
		{"not the code after it", "```json\n{\"a\": 1}\n```\nRun:\n```sh\nls\n```\nBye.", `{"a":1}`, ""},
		{"not an unnamed one after it that is no JSON", "```json\n{\"a\": 1}\n```\n```\nls\n```", `{"a":1}`, ""},
		{"one without a name", "```\n[1]\n```", `[1]`, ""},
		{"one in capitals with more behind", "```JSON title=\"x\"\n1\n```", `1`, ""},
		{"tildes", "~~~json\n{}\n~~~", `{}`, ""},
		{"a fence in a string", "````json\n{\"a\": \"```json\\n{}\\n```\"}\n````", "{\"a\":\"```json\\n{}\\n```\"}", ""},
		{"in an item of a list, with CRLF", "1. Result:\r\n\r\n   ```json\r\n   {\r\n     \"a\": 1\r\n   }\r\n   ```\r\n", `{"a":1}`, ""},
		{"one that is not closed", "```json\n{\"a\": 1}", `{"a":1}`, ""},
		{"nothing but JSON", " {\"a\": 1}\n", `{"a":1}`, ""},
		{"none", "Done.", "", none},
		{"an empty answer", "", "", none},
		{"a single word", "true", "", none},
		{"JSON in a sentence", `The result is {"a": 1}.`, "", none},
		{"a block of another language only", "```yaml\na: 1\n```", "", none},
		{"half a block", "```json\n{\"a\": \n```", "", "the block is not JSON: unexpected end of JSON input (line 2, column 1)"},
		{"comments", "```json\n{\n  // x\n}\n```", "", "the block is not JSON: invalid character '/' looking for beginning of object key string (line 2, column 3)"},
		{"an empty block", "```json\n```", "", "the block is not JSON: unexpected end of JSON input (line 1, column 1)"},
		{"a name twice", `{"a": {"b": 1, "b": 2}}`, "", `the block has the name "b" twice at /a`},
		{"a name twice to a workflow", `{"Id": 1, "id": 2}`, "", `the block has the names "Id" and "id" at the top, which are one to a workflow`},
		{"half a character", `{"a": "\ud83d"}`, "", `the block holds \ud83d, which is half a character`},
		{"the wrong half", `{"a": "\udc00x"}`, "", `the block holds \udc00, which is half a character`},
		{"half a character and another", `{"a": "\ud83d\u0041"}`, "", `the block holds \ud83d, which is half a character`},
		{"a whole one", `{"a": "\ud83d\ude00 \\ud83d"}`, `{"a":"😀 \\ud83d"}`, ""},
		{"no UTF-8", "{\"a\": \"\xff\"}", "", "the block is not UTF-8"},
		{"exact numbers", `[12345678901234567890.10, 1E+2, -0]`, `[12345678901234567890.10,1E+2,-0]`, ""},
		{"a number without end", `[1e400]`, "", "the block has the number 1e400 at /0, which is out of range"},
		{"a number of many digits", `{"n": 0.` + strings.Repeat("1", 400) + `}`, "", "the block has the number 0." + strings.Repeat("1", 78) + "… at /n, which is out of range"},
		{"a number near nothing", `[1e-999999999]`, "", "the block has the number 1e-999999999 at /0, which is out of range"},
		{"sorted names", `{"b": 1, "a": {"d": "<&>", "c": []}}`, `{"a":{"c":[],"d":"<&>"},"b":1}`, ""},
		{"deep", strings.Repeat("[", 50) + strings.Repeat("]", 50) + " ", strings.Repeat("[", 50) + strings.Repeat("]", 50), ""},
		{"deeper", strings.Repeat("[", 51) + strings.Repeat("]", 51), "", "the block is nested deeper than 50 levels"},
		{"endlessly deep", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "", "the block is not JSON: invalid character '[' exceeded max depth (line 1, column 10001)"},
		{"the longest", `["` + strings.Repeat("x", schema.MaxValue-4) + `"]`, `["` + strings.Repeat("x", schema.MaxValue-4) + `"]`, ""},
		{"too long", `["` + strings.Repeat("x", schema.MaxValue-3) + `"]`, "", "the block has 131073 bytes, and at most 131072 are allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := compile(t, "{}").Read(test.answer)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.problem, message(err)); diff != "" {
				t.Errorf("problem (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzRead holds that whatever is read is one line of JSON that says the same
// when it is read once more, and that nothing breaks.
func FuzzRead(f *testing.F) {
	f.Add(`{"type": "object"}`, "```json\n{\"a\": \"\\ud83d\\ude00\", \"b\": [1e3, -0.10]}\n```")
	f.Add(`{"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"items": {"$ref": "#"}}}}`, "[[1, \"\u2028\"], {}]")
	f.Add(`{"$ref": "#"}`, `{"a": null}`)
	f.Add(`{"pattern": "^a+$", "uniqueItems": true, "multipleOf": 0.1}`, `[1, 1.0, "aaa"]`)
	f.Fuzz(func(t *testing.T, text, answer string) {
		for _, source := range []string{text, "{}"} {
			s, err := schema.Compile([]byte(source))
			if err != nil {
				continue
			}
			value, err := s.Read(answer)
			if err != nil {
				if text := err.Error(); len(text) > 50_000 || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00\x1b") {
					t.Errorf("error %q", text)
				}
				continue
			}
			if !json.Valid([]byte(value)) || !utf8.ValidString(value) || strings.ContainsAny(value, "\r\n\x00") {
				t.Errorf("%q is not one line of JSON", value)
			}
			if again, err := s.Read("```json\n" + value + "\n```"); err != nil || again != value {
				t.Errorf("%q is read as %q once more, error %v", value, again, err)
			}
		}
	})
}
