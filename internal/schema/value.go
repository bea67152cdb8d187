package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxValue is how many bytes a value may have, as compact JSON: it stands in
// two outputs, and those of a job may have 1 MiB in all.
const MaxValue = 128 << 10

const (
	// maxDepth is how deep a value may be nested. The expressions of workflows
	// read JSON with a reader that stops at 64.
	maxDepth = 50
	// maxNumber is how many characters a number may have, and maxExponent how
	// far its point may be moved: a number of a few bytes can have a million
	// digits. Workflows hold numbers as doubles, which end before that.
	maxNumber   = 400
	maxExponent = 400
)

// parse reads one JSON value: objects as map[string]any, arrays as []any,
// numbers as json.Number, so that they keep every digit. What two readers may
// take for two things is refused: a name that stands twice, half a character,
// bytes that are not UTF-8. Names that alike maps to the same text are one name.
// Its errors go after the name of what was read.
func parse(text []byte, alike func(string) string) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		return nil, fmt.Errorf("is not JSON: %s", syntax(text, err))
	}
	if half := halfCharacter(text); half != "" {
		return nil, fmt.Errorf("holds %s, which is half a character", half)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	p := parser{decoder, alike}
	return p.value(nil)
}

// parser reads values of which it is known that they are JSON.
type parser struct {
	*json.Decoder
	alike func(string) string
}

// syntax says what is wrong and where.
func syntax(text []byte, err error) string {
	broken, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return err.Error()
	}
	before := text[:min(int(broken.Offset), len(text))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("%v (line %d, column %d)", err, line, max(column, 1))
}

// halfCharacter finds a \u escape of valid JSON that is half of a surrogate
// pair without its other half, "" when there is none.
func halfCharacter(text []byte) string {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // to the escaped character; a backslash stands in strings only
		if text[i] != 'u' {
			continue
		}
		switch unit := hexUnit(text[i+1:]); {
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return string(text[i-1 : i+5])
		case unit >= 0xD800 && unit <= 0xDBFF:
			rest := text[i+5:]
			if low := rest[:min(6, len(rest))]; len(low) < 6 || low[0] != '\\' || low[1] != 'u' || hexUnit(low[2:])&0xFC00 != 0xDC00 {
				return string(text[i-1 : i+5])
			}
			i += 6
		}
		i += 4
	}
	return ""
}

// hexUnit reads the four digits after \u, which valid JSON has.
func hexUnit(digits []byte) uint64 {
	unit, err := strconv.ParseUint(string(digits[:4]), 16, 32)
	if err != nil {
		return 0
	}
	return unit
}

func (p parser) value(at []string) (any, error) {
	token, err := p.Token()
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	switch token := token.(type) {
	case json.Number:
		return token, checkNumber(string(token), at)
	case json.Delim:
		if len(at) == maxDepth {
			return nil, fmt.Errorf("is nested deeper than %d levels", maxDepth)
		}
		if token == '{' {
			return p.object(at)
		}
		return p.array(at)
	}
	return token, nil
}

func (p parser) object(at []string) (any, error) {
	object := map[string]any{}
	seen := map[string]string{}
	for p.More() {
		token, err := p.Token()
		if err != nil {
			return nil, fmt.Errorf("is not JSON: %w", err)
		}
		name, _ := token.(string) // the decoder gives names of objects as strings only
		value, err := p.value(append(at, name))
		if err != nil {
			return nil, err
		}
		folded := p.alike(name)
		switch other, again := seen[folded]; {
		case again && other == name:
			return nil, fmt.Errorf("has the name %s twice at %s", quote(name), pointer(at))
		case again:
			return nil, fmt.Errorf("has the names %s and %s at %s, which are one to a workflow", quote(other), quote(name), pointer(at))
		}
		seen[folded] = name
		object[name] = value
	}
	_, err := p.Token()
	return object, err
}

func (p parser) array(at []string) (any, error) {
	array := []any{}
	for p.More() {
		value, err := p.value(append(at, strconv.Itoa(len(array))))
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := p.Token()
	return array, err
}

// checkNumber refuses numbers that cost more than they say, and those that are
// infinite to a workflow.
func checkNumber(number string, at []string) error {
	long := len(number) > maxNumber
	if i := strings.IndexAny(number, "eE"); i >= 0 && !long {
		exponent, err := strconv.Atoi(number[i+1:])
		long = err != nil || exponent > maxExponent || exponent < -maxExponent
	}
	if _, err := strconv.ParseFloat(number, 64); err != nil || long {
		return fmt.Errorf("has the number %s at %s, which is out of range", cut(number, maxWord), pointer(at))
	}
	return nil
}

// encode is a parsed value as JSON: on one line, names sorted, numbers as they
// were written.
func encode(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}
