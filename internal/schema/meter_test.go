package schema_test

import (
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/schema"
)

// A form that contains itself in two alternatives is tried in all combinations,
// and what is wrong with the innermost is wrong in each.
func TestAnAnswerThatIsNestedDeepTakesNoTime(t *testing.T) {
	t.Parallel()
	const node = `{"type": "object", "properties": {"op": {"const": "OP"}, "args": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}`
	tree, err := schema.Compile([]byte(`{"$defs": {"n": {"anyOf": [` + strings.Replace(node, "OP", "and", 1) + `, ` + strings.Replace(node, "OP", "or", 1) + `, {"type": "string"}]}}, "$ref": "#/$defs/n"}`))
	if err != nil {
		t.Fatal(err)
	}
	const tooDeep = "the block is nested too deep for the forms of the schema: make it flatter"
	for _, test := range []struct {
		name, leaf string
		depth      int
		want       string // of the error; "" for none
	}{
		{"right", `"x"`, 8, ""},
		{"wrong", `1`, 8, "at the top: it is of none of the forms that are allowed here; form 1: "},
		{"right and deep", `"x"`, 24, tooDeep},
		{"wrong and deep", `1`, 24, tooDeep},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := tree.Read(strings.Repeat(`{"op": "or", "args": [`, test.depth) + test.leaf + strings.Repeat("]}", test.depth))
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
