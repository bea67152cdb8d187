package actions_test

import (
	"io"
	"testing"

	"cursor-agent-action/internal/actions"
)

func TestASecretInJSONIsHiddenWhereThereIsRoomForStars(t *testing.T) {
	t.Parallel()
	runner := actions.New(func(string) string { return "" }, io.Discard)
	runner.Mask("12345")
	for _, test := range []struct {
		name, text string
		want       bool
	}{
		{"no secret", `{"a": 1234}`, true},
		{"in a text", `{"a": "x12345"}`, true},
		{"as a number", `{"a": 12345}`, false},
		{"in a number", `{"a": 9123450}`, false},
		{"no JSON at all", `{"a": `, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := runner.KeepsJSON(test.text); got != test.want {
				t.Errorf("%s keeps to JSON: %v, want %v", test.text, got, test.want)
			}
		})
	}
}
