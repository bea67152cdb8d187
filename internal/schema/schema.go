// Package schema holds an agent's answer against a JSON Schema: it finds the
// JSON in the answer, reads it strictly, and says what is wrong with it in
// lines that a person and the agent understand.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// MaxSchema is how many bytes a schema may have: it becomes part of a prompt.
const MaxSchema = 64 << 10

// base is the address that references in a schema without an $id are relative
// to. Nothing can be there (RFC 2606), and nothing is ever loaded.
const base = "https://result-schema.invalid/"

// Schema is a JSON Schema that values are held against. It does not change, and
// serves many goroutines at once.
type Schema struct {
	text     string
	document any
}

// Compile reads a JSON Schema: of draft 2020-12, unless its $schema names an
// older one. It is an object, stands alone, and refers to parts of itself only:
// files and addresses are refused and never opened. The keyword format is
// checked. Patterns are Go's, in which nothing takes exponential time.
func Compile(text []byte) (*Schema, error) {
	if len(text) > MaxSchema {
		return nil, fmt.Errorf("the schema has %d bytes, and at most %d are allowed: make it shorter", len(text), MaxSchema)
	}
	document, err := parse(text, strings.Clone)
	if err != nil {
		return nil, fmt.Errorf("the schema %w: correct it", err)
	}
	if _, ok := document.(map[string]any); !ok {
		return nil, errors.New(`the schema is not a JSON object: write one, such as {"type": "object"}`)
	}
	if _, err := compile(document, &meter{}); err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, fmt.Errorf("the schema can't be used: %w", err)
	}
	return &Schema{text: compact.String(), document: document}, nil
}

// compile makes of a schema what values are held against, counted by m.
func compile(document any, m *meter) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseLoader(nothing{})
	m.attach(compiler)
	if err := compiler.AddResource(base, document); err != nil {
		return nil, fmt.Errorf("the schema can't be used: %w", err)
	}
	compiled, err := compiler.Compile(base)
	if err != nil {
		return nil, uncompiled(err)
	}
	return compiled, nil
}

// String is the schema as it was written, as JSON on one line.
func (s *Schema) String() string { return s.text }

// nothing loads no schema from anywhere.
type nothing struct{}

var errElsewhere = errors.New("references to other files and addresses are not followed")

func (nothing) Load(string) (any, error) { return nil, errElsewhere }

// uncompiled says why a schema is none.
func uncompiled(err error) error {
	if elsewhere, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
		return fmt.Errorf("the schema refers to %q, and %w: put that part under $defs and refer to #/$defs/NAME",
			cut(strings.TrimPrefix(elsewhere.URL, base), maxWord), errElsewhere)
	}
	if invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		if problem, ok := errors.AsType[*jsonschema.ValidationError](invalid.Err); ok {
			return fmt.Errorf("the schema is not a JSON Schema: %s: correct it", strings.Join(lines(problem), "; "))
		}
	}
	return fmt.Errorf("the schema can't be used: %s: correct it", cut(strings.ReplaceAll(err.Error(), base, ""), maxLine))
}
