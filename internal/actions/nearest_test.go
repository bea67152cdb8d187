package actions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

func TestNearestFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	models := []string{"gpt-5", "gpt-5-codex", "claude-4.5-sonnet", "composer-2.5", "gemini-3-pro", "go"}
	tests := []struct {
		name, value string
		n           int
		want        []string
	}{
		{"a letter too few", "claude-4.5-sonet", 3, []string{"claude-4.5-sonnet"}},
		{"letter case", "GPT-5", 1, []string{"gpt-5"}},
		{"the beginning of others", "gpt", 3, []string{"gpt-5", "gpt-5-codex"}},
		{"what another begins", "composer-2.5-fast", 3, []string{"composer-2.5"}},
		{"the nearest first", "gpt-5-code", 2, []string{"gpt-5-codex", "gpt-5"}},
		{"neighbours swapped", "gmeini-3-pro", 1, []string{"gemini-3-pro"}},
		{"neighbours of two swapped", "og", 1, []string{"go"}},
		{"nothing near", "llama", 3, nil},
		{"nothing asked for", "gpt-5", 0, nil},
		{"fewer than nothing", "gpt-5", -1, nil},
		{"nothing written", "", 3, nil},
		{"far too long", strings.Repeat("gpt-5", 30), 3, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, actions.Nearest(tt.value, models, tt.n)); diff != "" {
				t.Errorf("nearest (-want +got):\n%s", diff)
			}
		})
	}
	if got := actions.Nearest("a", []string{"", strings.Repeat("a", 200), "b"}, 5); !cmp.Equal(got, []string{"b"}) {
		t.Errorf("odd names: got %q, want only b", got)
	}
}
