package cursor_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestTheConversationOfAnAgentIsReadWhereItIs(t *testing.T) {
	t.Parallel()
	const page = "read conversation: GET /v0/agents/" + agentID + "/conversation: 200 OK: "
	for _, test := range []struct {
		name, answer string
		want         []cursor.Message
		err          string
	}{
		{"in order", `{"id":"bc-00000000-0000-0000-0000-000000000001","messages":[{"id":"1","type":"user_message","text":"Do it."},{"id":"2","type":"assistant_message","text":"Done."}]}`,
			[]cursor.Message{{Type: cursor.UserMessage, Text: "Do it."}, {Type: cursor.AssistantMessage, Text: "Done."}}, ""},
		{"empty", `{"id":"bc-00000000-0000-0000-0000-000000000001","messages":[]}`, []cursor.Message{}, ""},
		{"without messages", `{"id":"x"}`, nil, page + "the answer is not what the API documents: it has no messages"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, transport := serveInBubble(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, test.answer) })
				got, err := bubbleClient(t, transport, cursor.Config{Retry: cursor.RetryPolicy{Attempts: 1}}).Conversation(t.Context(), agentID)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.err, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
			})
		})
	}
	if _, err := client(t, "http://127.0.0.1:1", cursor.Config{}).Conversation(t.Context(), ".."); text(err) != `read conversation: ".." is not an id; pass the id that the API gave` {
		t.Errorf("error %v", err)
	}
}
