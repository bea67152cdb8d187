package prompt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Assemble makes a prompt of parts: the trusted ones first, then the others in
// their order, each in a fence. Parts without a text are left out. Where there
// are more bytes than Options allow, the longest of the others are cut first,
// and what has no room at all is left out from the end on; the trusted ones are
// the task and never cut, so that too much of them is an error.
func Assemble(parts []Part, o Options) (Assembly, error) {
	return assemble(parts, o, func(*sheet) (string, error) { return "", nil })
}

// assemble makes a prompt of what write writes, and of parts after it.
func assemble(parts []Part, o Options, write func(*sheet) (string, error)) (Assembly, error) {
	for range maxDraws {
		s, err := draw(o)
		if err != nil {
			return Assembly{}, err
		}
		text, err := write(s)
		if err != nil {
			return Assembly{}, err
		}
		if text, err = s.task(text, parts); err != nil {
			return Assembly{}, err
		}
		text = s.outside(text, parts)
		if strings.Count(text, s.code) == s.marks {
			sum := sha256.Sum256([]byte(text))
			return Assembly{Text: text, Origins: s.origins, Hash: hex.EncodeToString(sum[:])}, nil
		}
	}
	return Assembly{}, errors.New("fence the prompt's texts from outside: they contain each code that was drawn for their fences, which chance doesn't do; run the job again, on another runner")
}

// task adds the trusted parts to text.
func (s *sheet) task(text string, parts []Part) (string, error) {
	var words []string
	if strings.TrimSpace(text) != "" {
		words = append(words, strings.TrimRight(text, "\n"))
	}
	for _, p := range parts {
		if p.Trusted && strings.TrimSpace(p.Text) != "" {
			words = append(words, strings.ToValidUTF8(p.Text, "\ufffd"))
			from := origin(p)
			from.Used = from.Fetched
			s.origins = append(s.origins, from)
		}
	}
	if s.marks > 0 { // A template has put texts from outside into the task.
		words = slices.Insert(words, 0, s.preamble())
	}
	text = strings.Join(words, "\n\n")
	if len(text) > s.MaxBytes {
		return "", fmt.Errorf("put the prompt together: its own words have %d bytes, and a prompt has at most %d; make them shorter", len(text), s.MaxBytes)
	}
	return text, nil
}

func (s *sheet) preamble() string {
	s.marks++
	return preamble(s.code)
}
