package plain

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/secret"
)

// minSecret is the length in characters of the shortest secret that is hidden.
// Shorter ones stand in half the words of a log.
const minSecret = 4

// Forms lists the ways in which a secret may appear, without repetition: as it
// is, without white space and quotes around it, each of its lines, and each of
// these URL-escaped, JSON-escaped, as the user of Basic authentication and as
// secret.Forms has it. Of a value of fewer than four characters there is none.
func Forms(value string) []string {
	trimmed := strings.TrimSpace(value)
	bare := trimmed
	if n := len(bare); n >= 2 && strings.ContainsRune("\"'`", rune(bare[0])) && bare[n-1] == bare[0] {
		bare = strings.TrimSpace(bare[1 : n-1])
	}
	var forms []string
	add := func(form string) {
		if utf8.RuneCountInString(form) >= minSecret && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	if utf8.RuneCountInString(bare) < minSecret {
		return nil
	}
	for _, form := range []string{value, trimmed, bare} {
		add(form)
	}
	for line := range Lines(bare) {
		add(strings.TrimSpace(line))
	}
	for _, form := range slices.Clone(forms) {
		if !HasBreak(form) {
			add(Clean(form)) // As a log line shows it.
		}
		add(url.QueryEscape(form))
		add(url.PathEscape(form))
		add(jsonEscape(form, true))
		add(jsonEscape(form, false))
		add(base64.StdEncoding.EncodeToString([]byte(form + ":")))
		for _, encoded := range secret.Forms(form) {
			add(encoded)
		}
	}
	return forms
}

// jsonEscape is the inside of s as a JSON string.
func jsonEscape(s string, html bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(s) // A string always has a JSON form: quoted, and a line end.
	return b.String()[1 : b.Len()-len("\"\n")]
}

// Hide replaces each stretch of text that secrets cover by ***. Secrets that
// overlap or touch are one stretch: replacing them one after the other would
// leave the rest of the second.
func Hide(text string, secrets []string) string {
	type span struct{ start, end int }
	var spans []span
	for _, hidden := range secrets {
		for from := 0; ; {
			i := strings.Index(text[from:], hidden)
			if i < 0 {
				break
			}
			spans = append(spans, span{from + i, from + i + len(hidden)})
			from += i + 1
		}
	}
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		start, end := spans[i].start, spans[i].end
		for i++; i < len(spans) && spans[i].start <= end; i++ {
			end = max(end, spans[i].end)
		}
		b.WriteString(text[done:start])
		b.WriteString("***")
		done = end
	}
	b.WriteString(text[done:])
	return b.String()
}
