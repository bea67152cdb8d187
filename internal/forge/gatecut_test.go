package forge_test

import (
	"testing"

	"cursor-agent-action/internal/forge"
)

// Where everybody may start something, a payload that can't be read would pass
// by the phrase and by the question whether a fork's head was approved.
func TestAPayloadThatCantBeReadPassesNoGateThatIsOpen(t *testing.T) {
	t.Parallel()
	open := forge.Gate{RequiredPermission: "none", TriggerPhrase: "@cursor", TriggerLabel: "agent"}
	for _, test := range []struct {
		event, payload string
		passes         bool
	}{
		{"issue_comment", `{"action": "created", "comm`, false},
		{"issue_comment", `{"action": "created", "repository": {"full_name": "acme/shop"}, "sender": {"login": "eve"}}`, false},
		{"pull_request", `{"action": "opened", "pull_request": {"number": "seven"}}`, false},
		{"pull_request_review", "\xef\xbb\xbf{}", false},
		{"gollum", "[]", false},
		{"push", `{"ref": `, true},
		{"schedule", "", true},
		{"", "", true},
	} {
		event := forge.ReadEvent(test.event, []byte(test.payload), "")
		got, err := open.Decide(t.Context(), nil, event, true)
		want := forge.SkipUnreadable
		if test.passes {
			want = ""
		}
		if err != nil || got.Launch != test.passes || got.Reason != want {
			t.Errorf("%s, %q: %+v, %v", test.event, test.payload, got, err)
		}
	}
}
