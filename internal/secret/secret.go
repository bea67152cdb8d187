// Package secret holds text that must not be shown: API keys, tokens and the
// values of environment variables that travel to an agent.
package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
)

// mask is what every way of printing a Text gives.
const mask = "***"

// Text is a string that prints as *** in every format. Only Reveal gives the
// string itself, so a search for that name finds each place where a secret
// leaves the program. The zero value is an empty secret.
type Text struct {
	// A pointer, because fmt calls no method on what stands in an unexported
	// field: it would print a string there, and prints an address instead.
	value *string
}

// New wraps value, unchanged.
func New(value string) Text { return Text{&value} }

// Reveal returns the string itself.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t.Reveal() == "" }

// Sum is the HMAC-SHA-256 of the fields under the secret: what nobody without
// the secret can write. The first field says what for, so that a sum for one
// purpose is none for another.
func (t Text) Sum(fields ...string) [sha256.Size]byte {
	var text []byte
	for _, field := range fields {
		// A length before each field keeps "a"+"bc" apart from "ab"+"c".
		text = binary.BigEndian.AppendUint64(text, uint64(len(field)))
		text = append(text, field...)
	}
	mac := hmac.New(sha256.New, []byte(t.Reveal()))
	mac.Write(text)
	return [sha256.Size]byte(mac.Sum(nil))
}

// String implements fmt.Stringer.
func (Text) String() string { return mask }

// GoString implements fmt.GoStringer.
func (Text) GoString() string { return mask }

// Format implements fmt.Formatter, so that no verb (%x, %q, %d ...) shows the
// string.
func (Text) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(mask)) }

// LogValue implements slog.LogValuer.
func (Text) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText implements encoding.TextMarshaler: JSON and YAML show the mask
// too. What must send the string asks for it by Reveal.
func (Text) MarshalText() ([]byte, error) { return []byte(mask), nil }
