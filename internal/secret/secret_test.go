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

func TestOnlyRevealGivesTheSecret(t *testing.T) {
	t.Parallel()
	if got := secret.New("a b\n").Reveal(); got != "a b\n" {
		t.Errorf("Reveal: got %q, want the string unchanged", got)
	}
	if !(secret.Text{}).IsZero() || secret.New("x").IsZero() {
		t.Error("IsZero must be true for the empty secret only")
	}
}
