package schema

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxSteps is how many parts of a value one validation holds against parts of a
// schema. A form that contains itself in several alternatives is tried in all
// combinations: a few hundred bytes of an agent's, nested twenty deep, would keep
// a processor busy for hours and fill the memory with what is wrong.
const maxSteps = 500_000

// errTooLong ends a validation.
var errTooLong = errors.New("the value takes too many steps")

// meter counts the steps of one validation. The library has no other way to be
// stopped.
type meter struct{ steps int }

// attach has every part of a schema counted, as if it had a keyword of ours.
func (m *meter) attach(compiler *jsonschema.Compiler) {
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{
		URL: base + "steps",
		Compile: func(*jsonschema.CompilerContext, map[string]any) (jsonschema.SchemaExt, error) {
			return m, nil
		},
	})
	compiler.AssertVocabs()
}

// Validate takes a step. It panics with errTooLong after the last.
func (m *meter) Validate(*jsonschema.ValidatorContext, any) {
	if m.steps++; m.steps > maxSteps {
		panic(errTooLong)
	}
}

// hold holds a value against the schema. The error is errTooLong where that
// takes too many steps.
func (s *Schema) hold(value any) (err error) {
	compiled, err := compile(s.document, &meter{})
	if err != nil {
		return err
	}
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case errTooLong:
			err = errTooLong
		default:
			panic(cause)
		}
	}()
	return compiled.Validate(value)
}
