package schema

import (
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Invalid says why an answer is not what was asked for, one thing a line. The
// lines are bounded in number and length; words in them may be the agent's.
type Invalid struct{ Lines []string }

func (e *Invalid) Error() string { return strings.Join(e.Lines, "; ") }

// Read gives the value that an answer ends with: the last fenced block of JSON,
// or the answer itself where that is nothing but JSON. It returns the value as
// compact JSON with sorted names, which the expressions of workflows can read,
// and an *Invalid when there is none or the schema does not allow it. Text
// after the block does no harm.
func (s *Schema) Read(answer string) (string, error) {
	text, err := lastJSON(answer)
	if err != nil {
		return "", err
	}
	// The expressions of workflows do not tell upper from lower case.
	value, err := parse([]byte(text), strings.ToUpper)
	if err != nil {
		return "", &Invalid{Lines: []string{cut("the block "+err.Error(), maxLine)}}
	}
	if err := s.hold(value); err != nil {
		if errors.Is(err, errTooLong) {
			return "", &Invalid{Lines: []string{"the block is nested too deep for the forms of the schema: make it flatter"}}
		}
		if problem, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
			return "", &Invalid{Lines: lines(problem)}
		}
		return "", fmt.Errorf("hold the answer against the schema: %w", err)
	}
	compact, err := encode(value)
	if err != nil {
		return "", fmt.Errorf("encode the answer's value: %w", err)
	}
	if len(compact) > MaxValue {
		return "", &Invalid{Lines: []string{fmt.Sprintf("the block has %d bytes, and at most %d are allowed", len(compact), MaxValue)}}
	}
	return compact, nil
}

// lastJSON is the text of the last block that is said or seen to be JSON.
func lastJSON(answer string) (string, error) {
	found, text := false, ""
	for _, block := range blocks(answer) {
		language, _, _ := strings.Cut(strings.TrimSpace(block.info), " ")
		if strings.EqualFold(language, "json") || language == "" && looksJSON(block.text) {
			found, text = true, block.text
		}
	}
	if !found && looksJSON(answer) {
		found, text = true, answer
	}
	if !found {
		return "", &Invalid{Lines: []string{"the answer has no fenced block of JSON"}}
	}
	return text, nil
}

// looksJSON reports whether a text without a language is an object or an array.
func looksJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") || strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]")
}
