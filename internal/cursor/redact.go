package cursor

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cursor-agent-action/internal/secret"
)

const (
	// maxMessage is the longest message of an error, in runes.
	maxMessage = 500
	// mask stands where a secret stood.
	mask = "***"
	// longSecret is the length from which a secret is masked inside of words
	// too. A shorter one, as people give to a test server, would make holes in
	// every sentence.
	longSecret = 8
	// minValue is the length below which the value of a variable or header is
	// not masked: "1" or "on" tells nothing and stands everywhere.
	minValue = 4
)

// authorization is the echo of a header, whatever its token.
var authorization = regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;]+|\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{20,}`)

// redactor takes secrets out of text that came from outside.
type redactor struct {
	secrets []secret.Text // longest first, so that no part of a longer one is left
}

// newRedactor knows key in each form in which servers and proxies echo it.
func newRedactor(key string) redactor {
	quoted, _ := json.Marshal(key) // a string always encodes
	return redactor{}.with([]string{key}).knowing([]string{
		base64.StdEncoding.EncodeToString([]byte(key + ":")),
		base64.RawStdEncoding.EncodeToString([]byte(key + ":")),
		base64.StdEncoding.EncodeToString([]byte(key)),
		base64.RawStdEncoding.EncodeToString([]byte(key)),
		url.QueryEscape(key),
		url.PathEscape(key),
		string(quoted[1 : len(quoted)-1]),
	})
}

// with returns a redactor that knows values too, as they are and encoded.
func (r redactor) with(values []string) redactor {
	all := slices.Clone(values)
	for _, v := range values {
		all = append(all, secret.Forms(v)...)
	}
	return r.knowing(all)
}

// knowing returns a redactor that knows texts too, only as they are.
func (r redactor) knowing(texts []string) redactor {
	all := slices.Clone(r.secrets)
	for _, text := range texts {
		all = append(all, secret.New(text))
	}
	slices.SortFunc(all, func(a, b secret.Text) int {
		return cmp.Or(cmp.Compare(len(b.Reveal()), len(a.Reveal())), strings.Compare(a.Reveal(), b.Reveal()))
	})
	return redactor{slices.Compact(all)}
}

// line returns s without secrets, on one line, in at most limit runes.
func (r redactor) line(s string, limit int) string {
	for _, hidden := range r.secrets {
		s = replaceSecret(s, hidden.Reveal())
	}
	return oneLine(authorization.ReplaceAllString(s, "${1}${2}"+mask), limit)
}

// replaceSecret masks hidden in s, a short one only where it is a whole word.
func replaceSecret(s, hidden string) string {
	if len(hidden) >= longSecret || !strings.Contains(s, hidden) {
		return strings.ReplaceAll(s, hidden, mask)
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, hidden)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if isWord(last) || isWord(next) {
			b.WriteString(hidden)
		} else {
			b.WriteString(mask)
		}
		s = after
	}
}

func isWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// oneLine puts s on one line: what is no text becomes a space, spaces are
// drawn together, and the end is cut so that limit runes remain.
func oneLine(s string, limit int) string {
	var b strings.Builder
	runes, gap := 0, false
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) ||
			r == '\u2028' || r == '\u2029' {
			gap = runes > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			runes, gap = runes+1, false
		}
		b.WriteRune(r)
		if runes++; runes > limit {
			break
		}
	}
	if runes <= limit {
		return b.String()
	}
	kept := []rune(b.String())[:limit-1]
	return strings.TrimRight(string(kept), " ") + "…"
}
