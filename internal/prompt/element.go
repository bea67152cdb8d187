package prompt

import "fmt"

// index looks up keys, one in the other. What is not there is nothing, so that
// a template can ask; a list's length it can ask too.
func index(v any, keys []any) (any, error) {
	for _, key := range keys {
		if v == nil {
			return nil, nil
		}
		if of, ok := asMap(v); ok {
			name, err := asText(key)
			if err != nil {
				return nil, err
			}
			v = of[name]
			continue
		}
		of, ok := v.([]any)
		if !ok {
			return nil, fmt.Errorf("there is nothing in %s", kindOf(v))
		}
		n, ok := key.(int64)
		if !ok || n < 0 || n >= int64(len(of)) {
			return nil, fmt.Errorf("the list has %d values and none at %v", len(of), shown(key))
		}
		v = of[n]
	}
	return v, nil
}

// shown is a value as errors may tell of it: what is from outside they don't.
func shown(v any) any {
	if isOwn(v) {
		return v
	}
	return kindOf(v)
}

// length is that of a text, in bytes, of a list or of a map.
func length(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return int64(len(v)), nil
	case words:
		return int64(len(v)), nil
	case []any:
		return int64(len(v)), nil
	}
	if of, ok := asMap(v); ok {
		return int64(len(of)), nil
	}
	return nil, fmt.Errorf("a text, a list or a map is needed here, and this is %s", kindOf(v))
}

// slice is the part of a text, in bytes, or of a list that lies between two
// positions.
func slice(v any, bounds []any) (any, error) {
	if kind := kindOf(v); kind != "a text" && kind != "a list" {
		return nil, fmt.Errorf("a text or a list is needed here, and this is %s", kind)
	}
	size, _ := length(v) // Both have one.
	from, to := int64(0), size.(int64)
	for i, bound := range bounds {
		n, ok := bound.(int64)
		if !ok || n < 0 || n > size.(int64) {
			return nil, fmt.Errorf("there is no position %v in %s of %d", shown(bound), kindOf(v), size)
		}
		if i == 0 {
			from = n
		} else {
			to = n
		}
	}
	if from > to {
		return nil, fmt.Errorf("it begins at %d, after its end at %d", from, to)
	}
	switch v := v.(type) {
	case string:
		return v[from:to], nil
	case words:
		return v[from:to], nil
	}
	return v.([]any)[from:to], nil
}
