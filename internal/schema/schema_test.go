package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/schema"
)

// compile compiles a schema that is in order.
func compile(t *testing.T, text string) *schema.Schema {
	t.Helper()
	compiled, err := schema.Compile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestASchemaIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	const elsewhere = ", and references to other files and addresses are not followed: put that part under $defs and refer to #/$defs/NAME"
	for _, test := range []struct{ name, schema, want string }{
		{"no object", `true`, `the schema is not a JSON object: write one, such as {"type": "object"}`},
		{"no JSON", "{\n \"type\": }", "the schema is not JSON: invalid character '}' looking for beginning of value (line 2, column 10): correct it"},
		{"half of one", `{"type":`, "the schema is not JSON: unexpected end of JSON input (line 1, column 8): correct it"},
		{"two of them", `{} {}`, "the schema is not JSON: invalid character '{' after top-level value (line 1, column 4): correct it"},
		{"no UTF-8", "{\"title\": \"\xff\"}", "the schema is not UTF-8: correct it"},
		{"half a character", `{"title": "\\\uD83D"}`, `the schema holds \uD83D, which is half a character: correct it`},
		{"a name twice", `{"properties": {"a": {}, "a": {}}}`, `the schema has the name "a" twice at /properties: correct it`},
		{"a number that costs a million digits", `{"minimum": 1e999999}`, "the schema has the number 1e999999 at /minimum, which is out of range: correct it"},
		{"nested too deeply", strings.Repeat(`{"not":`, 60) + "true" + strings.Repeat("}", 60), "the schema is nested deeper than 50 levels: correct it"},
		{"too long", `{"title": "` + strings.Repeat("x", 64<<10) + `"}`, "the schema has 65549 bytes, and at most 65536 are allowed: make it shorter"},
		{"wrong keywords", `{"properties": 5, "required": "a"}`, "the schema is not a JSON Schema: at /properties: it must be object, not number; at /required: it must be array, not string: correct it"},
		{"a pattern that is not Go's", `{"pattern": "(?=a)"}`, `the schema is not a JSON Schema: at /pattern: "(?=a)" is not of the format regex: correct it`},
		{"another file", `{"$ref": "other.json#/a"}`, `the schema refers to "other.json"` + elsewhere},
		{"a file of the machine", `{"$ref": "file:///etc/passwd"}`, `the schema refers to "file:///etc/passwd"` + elsewhere},
		{"an address", `{"$ref": "https://example.com/s.json"}`, `the schema refers to "https://example.com/s.json"` + elsewhere},
		{"an unknown dialect", `{"$schema": "https://example.com/dialect"}`, `the schema refers to "https://example.com/dialect"` + elsewhere},
		{"a part that is not there", `{"$ref": "#/$defs/a"}`, `the schema can't be used: json-pointer in "#/$defs/a" not found: correct it`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.Compile([]byte(test.schema))
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestASchemaIsShownAsItWasWrittenOnOneLine(t *testing.T) {
	t.Parallel()
	got := compile(t, "{\n  \"type\": \"object\",\n  \"maximum\": 1.0,\n  \"b\": {}, \"a\": {}\n}\n").String()
	if want := `{"type":"object","maximum":1.0,"b":{},"a":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOlderDialectsAreUnderstood(t *testing.T) {
	t.Parallel()
	draft7 := compile(t, `{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}], "additionalItems": false}`)
	if _, err := draft7.Read(`["a", "b"]`); message(err) != "at the top: last 1 additionalItem(s) not allowed" {
		t.Errorf("error %v", err)
	}
}

// TestWrongValuesAreExplained goes through the keywords.
func TestWrongValuesAreExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, schema, value, want string }{
		{"type", `{"type": ["string", "null"]}`, `1`, "at the top: it must be null or string, not number"},
		{"integer", `{"type": "integer"}`, `1.5`, "at the top: it must be integer, not number"},
		{"required", `{"required": ["b", "a"]}`, `{"c": 1}`, `at the top: it lacks "b", "a"`},
		{"additionalProperties", `{"additionalProperties": false}`, `{"y": 1, "x": 2}`, `at the top: it may not have "x", "y"`},
		{"enum", `{"enum": ["a", 2, null, {"k": []}]}`, `"b"`, `at the top: it must be one of "a", 2, null, {"k":[]}`},
		{"const", `{"const": "<a&b>"}`, `1`, `at the top: it must be "<a&b>"`},
		{"pattern", `{"pattern": "^x\"$"}`, `"a"`, `at the top: "a" does not match the pattern "^x\"$"`},
		{"format", `{"format": "date-time"}`, `"now"`, `at the top: "now" is not of the format date-time`},
		{"minimum", `{"minimum": 0.25}`, `0.2`, "at the top: it must be 0.25 or more"},
		{"maximum", `{"maximum": 12345678901234567890}`, `12345678901234567891`, "at the top: it must be 12345678901234567890 or less"},
		{"exclusiveMinimum", `{"exclusiveMinimum": 1}`, `1`, "at the top: it must be more than 1"},
		{"exclusiveMaximum", `{"exclusiveMaximum": 1}`, `1.0`, "at the top: it must be less than 1"},
		{"multipleOf", `{"multipleOf": 0.01}`, `0.015`, "at the top: it must be a multiple of 0.01"},
		{"minLength", `{"minLength": 2}`, `"ä"`, "at the top: it has 1 characters and must have 2 or more"},
		{"maxLength", `{"maxLength": 1}`, `"ab"`, "at the top: it has 2 characters and must have 1 or fewer"},
		{"minItems", `{"minItems": 1}`, `[]`, "at the top: it has 0 items and must have 1 or more"},
		{"maxItems", `{"maxItems": 1}`, `[1, 2]`, "at the top: it has 2 items and must have 1 or fewer"},
		{"uniqueItems", `{"uniqueItems": true}`, `[1, 2, 1.0]`, "at the top: the items 0 and 2 are the same"},
		{"contains", `{"contains": {"const": 7}}`, `[1, 2]`, "at the top: it has too few items of a form that must be there"},
		{"minProperties", `{"minProperties": 1}`, `{}`, "at the top: it has 0 properties and must have 1 or more"},
		{"maxProperties", `{"maxProperties": 0}`, `{"a": 1}`, "at the top: it has 1 properties and must have 0 or fewer"},
		{"propertyNames", `{"propertyNames": {"maxLength": 1}}`, `{"ab": 1}`, `the name "ab" is not allowed`},
		{"dependentRequired", `{"dependentRequired": {"a": ["b"]}}`, `{"a": 1}`, `at the top: with "a" it must have "b"`},
		{"not", `{"not": {"type": "null"}}`, `null`, "at the top: it is of a form that is not allowed here"},
		{"false", `{"properties": {"a": false}}`, `{"a": 1}`, "at /a: nothing is allowed here"},
		{"if", `{"if": {"type": "string"}, "then": {"minLength": 1}}`, `""`, "at the top: it has 0 characters and must have 1 or more"},
		{"unevaluatedItems", `{"prefixItems": [true], "unevaluatedItems": false}`, `[1, 2]`, "at /1: nothing is allowed here"},
		{"maxContains", `{"contains": {"const": 1}, "maxContains": 1}`, `[1, 1]`, "at the top: max 1 items required to match contains schema, but matched 2 items at 0 1"},
		{"anyOf", `{"anyOf": [{"type": "string"}, {"required": ["a"]}]}`, `{}`, `at the top: it is of none of the forms that are allowed here; form 1: at the top: it must be string, not object; form 2: at the top: it lacks "a"`},
		{"oneOf, none", `{"oneOf": [{"type": "string"}, {"type": "null"}]}`, `1`, "at the top: it is of none of the forms that are allowed here; form 1: at the top: it must be string, not number; form 2: at the top: it must be null, not number"},
		{"oneOf, two", `{"oneOf": [{"type": "string"}, {"minimum": 1}, {"type": "integer"}]}`, `1`, "at the top: it is of the forms 2 and 3 at once, and only one may be"},
		{"$ref", `{"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}`, `1`, "at the top: it must be string, not number"},
		{"several, in order", `{"properties": {"c": {"type": "string"}, "a": {"type": "string"}, "b": {"type": "string"}}}`, `{"a": 1, "b": 2, "c": 3}`, "at /a: it must be string, not number; at /b: it must be string, not number; at /c: it must be string, not number"},
		{"a place with marks", `{"additionalProperties": {"items": {"type": "string"}}}`, `{"a/b~c": ["x", 1]}`, "at /a~1b~0c/1: it must be string, not number"},
		{"hostile words", `{"additionalProperties": false}`, `{"\u001b[2J\n::error::x": 1}`, `at the top: it may not have "\u001b[2J\n::error::x"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := compile(t, test.schema).Read("```json\n" + test.value + "\n```")
			if diff := cmp.Diff(test.want, message(err)); diff != "" || got != "" {
				t.Errorf("value %q, error (-want +got):\n%s", got, diff)
			}
		})
	}
}

func TestWhatIsSaidIsBounded(t *testing.T) {
	t.Parallel()
	var value strings.Builder
	value.WriteString(`{"a": 1`)
	for i := range 200 {
		value.WriteString(`, "` + strings.Repeat("x", i+1000) + `": "y"`)
	}
	value.WriteString("}")
	strict := compile(t, `{"additionalProperties": {"type": "integer"}, "maxProperties": 1}`)
	_, err := strict.Read(value.String())
	text := message(err)
	if lines := strings.Count(text, "; ") + 1; lines != 11 || len(text) > 5000 || !strings.HasSuffix(text, "; and 191 more") {
		t.Errorf("%d lines, %d bytes: %s", lines, len(text), text)
	}
}
