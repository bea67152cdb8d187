package actions

import (
	"cmp"
	"slices"
	"strings"
)

// maxCompared is the longest word in characters that Nearest looks at. No name
// that someone means to write is longer.
const maxCompared = 100

// Nearest returns at most n of allowed that value may be a misspelling of, the
// nearest first. Letter case does not count. A name that value begins or that
// begins value is near too, as "gpt-5" is to "gpt-5-codex".
func Nearest(value string, allowed []string, n int) []string {
	type candidate struct {
		name     string
		distance int
	}
	word := []rune(strings.ToLower(value))
	if len(word) == 0 || len(word) > maxCompared {
		return nil
	}
	limit := 1 + len(word)/4
	var near []candidate
	for _, name := range allowed {
		other := []rune(strings.ToLower(name))
		if len(other) == 0 || len(other) > maxCompared {
			continue
		}
		d := distance(word, other)
		begins := len(word) >= 3 && len(other) >= 3 &&
			(strings.HasPrefix(string(other), string(word)) || strings.HasPrefix(string(word), string(other)))
		if d <= limit || begins {
			near = append(near, candidate{name, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, c := range near[:min(max(n, 0), len(near))] {
		names = append(names, c.name)
	}
	return names
}

// distance counts the characters to insert, drop, change or swap with their
// neighbour until a is b (optimal string alignment).
func distance(a, b []rune) int {
	var before []int // The row before previous.
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(previous[j+1]+1, row[j]+1, previous[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, previous = previous, row
	}
	return previous[len(b)]
}
