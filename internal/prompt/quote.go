package prompt

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// minShare is the least of a text, in bytes, that is worth a fence.
	minShare = 64
	// roomForCut is what a fence's word takes that its text was cut.
	roomForCut = 96
	// roomForRest is what the words after the last fence take.
	roomForRest = len(reminder) + 96
)

// quote is a part from outside.
type quote struct {
	text string // Empty where nothing of it is shown.
	from Origin
	end  bool // The end of the text counts.
}

// outside adds the parts from outside to text, as far as there is room.
func (s *sheet) outside(text string, parts []Part) string {
	var quotes []quote
	for _, p := range parts {
		if p.Trusted || strings.TrimSpace(p.Text) == "" {
			continue
		}
		cleaned, from := s.clean(p)
		quotes = append(quotes, quote{cleaned, from, p.Tail})
	}
	room := s.MaxBytes - len(text) - roomForRest
	explained := s.marks > 0
	if !explained {
		room -= len(preamble(s.code)) + len("\n\n")
	}
	left := s.fit(quotes, room)
	paragraphs := []string{text}
	if text == "" {
		paragraphs = nil
	}
	fenced := false
	for _, q := range quotes {
		if q.text == "" {
			s.origins = append(s.origins, q.from)
			continue
		}
		if !explained {
			explained = true
			paragraphs = append(paragraphs, s.preamble())
		}
		fenced = true
		paragraphs = append(paragraphs, strings.TrimSuffix(s.block(q.text, q.from, q.end), "\n"))
	}
	if fenced {
		last := reminder
		if left > 0 {
			last += fmt.Sprintf(" There was no room for %d more of them.", left)
		}
		paragraphs = append(paragraphs, last)
	}
	return strings.Join(paragraphs, "\n\n")
}

// fit cuts quotes so that they and their fences take no more than room bytes,
// and returns how many it left out. Each gets the same share, and what short
// ones leave of theirs goes to the long ones: a diff of a megabyte costs
// nobody's comment.
func (s *sheet) fit(quotes []quote, room int) (left int) {
	needed := 0 // At least, with the fences.
	cost := func(q quote) int { return s.overhead(q) + min(len(q.text), minShare) }
	for _, q := range quotes {
		if q.text != "" {
			needed += cost(q)
		}
	}
	for i := len(quotes) - 1; i >= 0 && needed > room; i-- {
		if q := &quotes[i]; q.text != "" {
			needed -= cost(*q)
			q.text, q.from.Used, q.from.Cut = "", 0, true
			left++
		}
	}
	var lengths []int
	for _, q := range quotes {
		if q.text != "" {
			lengths = append(lengths, len(q.text))
			room -= s.overhead(q)
		}
	}
	slices.Sort(lengths)
	share := 0
	for i, length := range lengths {
		if share = room / (len(lengths) - i); length > share {
			break
		}
		room -= length
	}
	for i := range quotes {
		if q := &quotes[i]; q.text != "" {
			q.text = shorten(q.text, share, q.end, &q.from)
		}
	}
	return left
}

// overhead is what the fence of q takes, in bytes.
func (s *sheet) overhead(q quote) int {
	return len(s.opening(q.from, q.end)) + roomForCut + len("\n"+blockEnd) + len(s.code) + len(" ---\n\n")
}
