package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"cursor-agent-action/internal/secret"
)

func TestASecretPrintsAsStarsInEveryFormat(t *testing.T) {
	t.Parallel()
	key := secret.New("crsr_0123456789abcdef")
	held := struct {
		Key  secret.Text
		Keys []secret.Text
		held secret.Text
	}{key, []secret.Text{key}, key}

	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		fmt.Fprintf(&out, verb+"\n", key)
		fmt.Fprintf(&out, verb+"\n", held)
		fmt.Fprintf(&out, verb+"\n", &held)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("m", "key", key, "held", held)
	out.Write(logged.Bytes())
	encoded, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)

	for _, form := range []string{"crsr_", "637273725f", "637273725F", "0123456789abcdef"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows as %q in:\n%s", form, out.String())
		}
	}
	if want := `{"Key":"***","Keys":["***"]}`; string(encoded) != want {
		t.Errorf("JSON: got %s, want %s", encoded, want)
	}
}

func TestEachWayToAskForATextGivesStars(t *testing.T) {
	t.Parallel()
	key := secret.New("crsr_0123456789abcdef")
	marshalled, err := key.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"String": key.String(), "GoString": key.GoString(), "MarshalText": string(marshalled),
		"LogValue": key.LogValue().String(), "the empty secret": secret.Text{}.String(),
	} {
		if got != "***" {
			t.Errorf("%s: got %q, want ***", name, got)
		}
	}
}

func TestASumIsOfEachFieldAndOfTheSecret(t *testing.T) {
	t.Parallel()
	// As: printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\2bc' | openssl dgst -sha256 -hmac key
	if got, want := fmt.Sprintf("%x", secret.New("key").Sum("a", "bc")), "ba41d3aaace0b4bb31fb49a559ae1df182e1fd8add9b6b3b5603e6cb342dce22"; got != want {
		t.Errorf("the sum is %s, want %s", got, want)
	}
	sums := map[[32]byte]bool{}
	for _, sum := range [][32]byte{
		secret.New("key").Sum("a", "bc"), secret.New("key").Sum("ab", "c"), secret.New("key").Sum("abc"), secret.New("key").Sum("a", "bc", ""),
		secret.New("kez").Sum("a", "bc"), secret.Text{}.Sum("a", "bc"),
	} {
		sums[sum] = true
	}
	if len(sums) != 6 {
		t.Errorf("%d sums of 6 differ", len(sums))
	}
}

func TestOnlyRevealGivesTheSecret(t *testing.T) {
	t.Parallel()
	if got := secret.New("a b\n").Reveal(); got != "a b\n" {
		t.Errorf("Reveal: got %q, want the string unchanged", got)
	}
	if !(secret.Text{}).IsZero() || secret.New("x").IsZero() {
		t.Error("IsZero must be true for the empty secret only")
	}
}
