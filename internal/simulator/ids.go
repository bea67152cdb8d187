package simulator

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
)

// uuidOf is a UUID that follows from words alone, so that the same story gives
// the same ids each time it is told.
func uuidOf(words ...string) string {
	b := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// mintUUID returns the server's next UUID of a kind. The caller holds s.mu.
func (s *Server) mintUUID(kind string) string {
	s.minted[kind]++
	return uuidOf(kind, fmt.Sprint(s.minted[kind]))
}

// isAgentID reports whether id is bc- and a UUID in hexadecimal digits of
// either case.
func isAgentID(id string) bool {
	digits, ok := strings.CutPrefix(id, "bc-")
	if !ok || len(digits) != 36 {
		return false
	}
	for i, c := range []byte(digits) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// firstLine is the first line of a prompt that says something, at most limit
// runes long.
func firstLine(text string, limit int) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			runes := []rune(line)
			if len(runes) > limit {
				return strings.TrimSpace(string(runes[:limit-1])) + "…"
			}
			return line
		}
	}
	return ""
}

// branchName is a name as Cursor gives one: the first words of the prompt and
// the end of the agent's id.
func branchName(prompt, agentID string) string {
	var words []string
	length := 0
	for word := range strings.FieldsFuncSeq(strings.ToLower(prompt), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if length += len(word); len(words) == 6 || length > 40 {
			break
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		words = []string{"agent"}
	}
	return fmt.Sprintf("cursor/%s-%s", strings.Join(words, "-"), agentID[len(agentID)-4:])
}
