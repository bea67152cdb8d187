package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// object is a JSON object whose names keep their order, so that the first
// problem of a body is always the same one.
type object struct {
	names  []string
	values map[string]any
}

// maxDepth is how deep a body may be nested. The deepest one that the
// specification allows has six levels.
const maxDepth = 64

var (
	errDepth    = errors.New("nested too deeply")
	errTrailing = errors.New("text after the value")
)

// duplicateError is a name that stands twice in one object.
type duplicateError struct{ name string }

func (e *duplicateError) Error() string { return "duplicate name " + e.name }

// parseJSON reads one JSON value strictly: objects as *object, arrays as []any,
// numbers as json.Number.
func parseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := parseValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return value, nil
}

func parseValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	switch token {
	case json.Delim('{'):
		return parseObject(d, depth)
	case json.Delim('['):
		return parseArray(d, depth)
	}
	return token, nil
}

func parseObject(d *json.Decoder, depth int) (*object, error) {
	o := &object{values: map[string]any{}}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder gives names of objects as strings only
		value, err := parseValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		if _, ok := o.values[name]; ok {
			return nil, &duplicateError{name}
		}
		o.names = append(o.names, name)
		o.values[name] = value
	}
	_, err := d.Token()
	return o, err
}

func parseArray(d *json.Decoder, depth int) ([]any, error) {
	items := []any{}
	for d.More() {
		item, err := parseValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return items, err
}

// readBody parses a request's body as an object, or says what is wrong with it.
func readBody(data []byte) (*object, *problem) {
	value, err := parseJSON(data)
	if duplicate, ok := errors.AsType[*duplicateError](err); ok {
		return nil, &problem{http.StatusBadRequest, "duplicate_json_key",
			"Request body has the key " + duplicate.name + " twice"}
	}
	if err != nil {
		return nil, invalid("Request body is not valid JSON")
	}
	o, ok := value.(*object)
	if !ok {
		return nil, invalid("Request body must be a JSON object")
	}
	return o, nil
}

// checkEmptyBody accepts no body, or any JSON object, where the API reads none.
func checkEmptyBody(data []byte) *problem {
	if len(data) == 0 {
		return nil
	}
	_, p := readBody(data)
	return p
}
