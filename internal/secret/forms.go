package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// minEncoded is the length in characters of the shortest value that has forms.
// What becomes of a shorter one stands in texts that have nothing to do with it.
const minEncoded = 8

// Forms lists the ways in which value shows when a program encodes it, without
// value itself and without repetition:
//
//   - standard and URL-safe base64, with and without padding;
//   - what base64 of a longer text that holds value has of it, wherever in the
//     text value stands, also in both alphabets;
//   - hexadecimal digits in lower and upper case;
//   - percent-encoded as a part of a URL, a space being %20, once with each of
//     !'()* escaped and once with none, as JavaScript's encodeURIComponent does.
//
// A value of fewer than eight characters has none.
func Forms(value string) []string {
	if utf8.RuneCountInString(value) < minEncoded {
		return nil
	}
	var forms []string
	add := func(form string) {
		if form != value && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	for _, padded := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		raw := padded.WithPadding(base64.NoPadding)
		add(padded.EncodeToString([]byte(value)))
		add(raw.EncodeToString([]byte(value)))
		for before := range 3 {
			add(middle(raw, value, before))
		}
	}
	digits := hex.EncodeToString([]byte(value))
	add(digits)
	add(strings.ToUpper(digits))
	escaped := strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	add(escaped)
	// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/encodeURIComponent
	add(strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(escaped))
	return forms
}

// middle is what base64 of a text has of value, when value starts before bytes
// after one of the text's groups of three. A character is six bits, so the one
// at each end may hold bits of a neighbour and is left out then. Eight bytes
// still leave ten characters.
func middle(raw *base64.Encoding, value string, before int) string {
	text := strings.Repeat("\x00", before) + value
	first := (before*8 + 5) / 6
	return raw.EncodeToString([]byte(text))[first : len(text)*8/6]
}
