package prompt_test

import (
	"fmt"
	"regexp"
	"strings"
)

// heard is what a reader who knows the rules takes from a prompt.
type heard struct {
	task   string
	quotes []utterance
}

type utterance struct{ heading, text string }

var announced = regexp.MustCompile(`both marked with the code ([a-z2-7]{24}), was written by`)

// hear reads a prompt back, line by line, by the code that the preamble names.
// The preamble is the first one after the task's own words.
func hear(text, task string) (heard, error) {
	rest, ok := strings.CutPrefix(text, task)
	if !ok {
		return heard{}, fmt.Errorf("the task's words don't come first: %q", text)
	}
	found := announced.FindStringSubmatch(rest)
	if found == nil {
		return heard{task: text}, nil
	}
	code := found[1]
	var h heard
	var own []string
	var current *utterance
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case current == nil && strings.HasPrefix(line, "--- BEGIN OUTSIDE TEXT "+code):
			heading := strings.TrimSuffix(strings.TrimPrefix(line, "--- BEGIN OUTSIDE TEXT "+code), " ---")
			current, lines = &utterance{heading: strings.TrimSpace(heading)}, nil
		case current == nil:
			own = append(own, line)
		case line == "--- END OUTSIDE TEXT "+code+" ---":
			current.text = strings.Join(lines, "\n")
			h.quotes = append(h.quotes, *current)
			current = nil
		default:
			lines = append(lines, line)
		}
	}
	if current != nil {
		return heard{}, fmt.Errorf("a fence doesn't end: %q", text)
	}
	if n := strings.Count(text, code); n != 1+2*len(h.quotes) {
		return heard{}, fmt.Errorf("the code stands there %d times for %d quotes", n, len(h.quotes))
	}
	h.task = strings.Join(own, "\n")
	return h, nil
}
