package simulator

import (
	"net/http"
	"time"
)

// v0Message is a message of the conversation of API v0.
type v0Message struct {
	ID   string `json:"id"`
	Type string `json:"type"` // user_message or assistant_message
	Text string `json:"text"`
}

type v0Conversation struct {
	ID       string      `json:"id"`
	Messages []v0Message `json:"messages"`
}

// v0Conversation answers with what was said to the agent and, at the end of each
// run, by it. As on the real service a prompt shows once its run has begun, and
// the ids of messages are others at each reading.
func (s *Server) v0Conversation(x *exchange) answer {
	return s.withAgent(x, func(a *agent) answer {
		now := time.Now()
		said := v0Conversation{ID: a.id, Messages: []v0Message{}}
		add := func(kind, text string) {
			said.Messages = append(said.Messages, v0Message{"msg_" + s.mintUUID("message"), kind, text})
		}
		for _, r := range a.runs {
			if r.status(now) == statusCreating {
				continue
			}
			add("user_message", r.prompt.Text)
			if r.result != "" {
				add("assistant_message", r.result)
			}
		}
		return reply(http.StatusOK, said)
	})
}
