package prompt

import (
	"cmp"
	"fmt"
)

// The comparisons of text/template don't count what they do, and don't compare
// a whole number with another.

// equalsOne reports whether the first value is one of the others.
func (r *run) equalsOne(args []any) (any, error) {
	for _, other := range args[1:] {
		if equal, err := r.equal(args[0], other); equal || err != nil {
			return equal, err
		}
	}
	return false, nil
}

// ordered reports whether the order of a and b is accepted.
func (r *run) ordered(a, b any, accept func(int) bool) (any, error) {
	if kindOf(a) != kindOf(b) {
		return nil, fmt.Errorf("there is no order between %s and %s", kindOf(a), kindOf(b))
	}
	n, err := r.compare(a, b)
	return err == nil && accept(n), err
}

// equal reports whether a and b are the same. Values of two kinds are not.
func (r *run) equal(a, b any) (bool, error) {
	if _, ok := a.(fence); ok {
		return false, errFence
	}
	if _, ok := b.(fence); ok {
		return false, errFence
	}
	if kindOf(a) != kindOf(b) {
		return false, nil
	}
	n, err := r.compare(a, b)
	return n == 0 && err == nil, err
}

// compare compares two values of the same kind.
func (r *run) compare(a, b any) (int, error) {
	switch x := a.(type) {
	case nil:
		return 0, nil
	case bool:
		return cmp.Compare(bit(x), bit(b == true)), nil
	case string, words:
		one, _ := asText(a) // Both are texts.
		other, _ := asText(b)
		if err := r.charge(min(len(one), len(other))); err != nil {
			return 0, err
		}
		return cmp.Compare(one, other), nil
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), nil
		}
		return cmp.Compare(float64(x), b.(float64)), nil
	case float64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, float64(y)), nil
		}
		return cmp.Compare(x, b.(float64)), nil
	}
	return 0, fmt.Errorf("%s can't be compared; compare what is in it", kindOf(a))
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
