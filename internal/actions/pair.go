package actions

import (
	"fmt"
	"strings"
)

// Pair is one NAME=value line of an input.
type Pair struct {
	Name  string
	Value string
}

// Pairs returns the NAME=value lines of an input in their order. Blank lines
// and lines that start with "#" are skipped. The name is what comes before the
// first "=", a name as for an environment variable; the value is all that
// comes after it, unchanged. Problems name the line and never show its text:
// it may be a secret, or a piece of one.
func (in *Inputs) Pairs(name string) []Pair {
	in.asked[name] = true
	var pairs []Pair
	lines := make(map[string]int)
	number := 0
	for line := range strings.Lines(in.Raw(name)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		switch {
		case !ok:
			in.Problem(name, fmt.Sprintf(`line %d has no "=": write NAME=value`, number))
		case key == "":
			in.Problem(name, fmt.Sprintf(`line %d has no name before its "=": write NAME=value`, number))
		case !isName(key) || strings.Contains(key, "-"):
			in.Problem(name, fmt.Sprintf(`line %d has a name that is not made of letters, digits and "_": write NAME=value`, number))
		case lines[key] > 0:
			in.Problem(name, fmt.Sprintf("line %d has the same name as line %d: remove one", number, lines[key]))
		default:
			lines[key] = number
			pairs = append(pairs, Pair{Name: key, Value: value})
		}
	}
	return pairs
}
