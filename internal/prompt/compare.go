package prompt

import (
	"cmp"
	"fmt"
	"reflect"
	"text/template"
)

// comparisons are eq and the like. The ones of text/template don't count what
// they do, and don't compare a whole number with another.
func (r *run) comparisons() template.FuncMap {
	order := func(accept func(int) bool) func(a, b any) (bool, error) {
		return func(a, b any) (bool, error) {
			if kindOf(a) != kindOf(b) {
				return false, fmt.Errorf("there is no order between %s and %s", kindOf(a), kindOf(b))
			}
			n, err := r.compare(a, b)
			return err == nil && accept(n), err
		}
	}
	return template.FuncMap{
		"eq": func(a any, others ...any) (bool, error) {
			for _, b := range others {
				if equal, err := r.equal(a, b); equal || err != nil {
					return equal, err
				}
			}
			return false, nil
		},
		"ne": func(a, b any) (bool, error) {
			equal, err := r.equal(a, b)
			return !equal && err == nil, err
		},
		"lt": order(func(n int) bool { return n < 0 }),
		"le": order(func(n int) bool { return n <= 0 }),
		"gt": order(func(n int) bool { return n > 0 }),
		"ge": order(func(n int) bool { return n >= 0 }),
	}
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
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch kindOf(a) {
	case "nothing":
		return 0, nil
	case "a truth value":
		if x.Bool() == y.Bool() {
			return 0, nil
		}
		if y.Bool() {
			return -1, nil
		}
		return 1, nil
	case "a text":
		if err := r.charge(min(x.Len(), y.Len())); err != nil {
			return 0, err
		}
		return cmp.Compare(x.String(), y.String()), nil
	case "a number":
		if x.CanInt() && y.CanInt() {
			return cmp.Compare(x.Int(), y.Int()), nil
		}
		return cmp.Compare(float(x), float(y)), nil
	}
	return 0, fmt.Errorf("%s can't be compared; compare what is in it", kindOf(a))
}

// float is a number as a float64.
func float(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}
