package simulator

import (
	"net/http"
	"strings"
	"time"
)

type v0Conversation struct {
	ID       string      `json:"id"`
	Messages []v0Message `json:"messages"`
}

type v0Message struct {
	ID   string `json:"id"`
	Type string `json:"type"` // user_message or assistant_message
	Text string `json:"text"`
}

// v0GetConversation answers what was said, under ids that are others at each
// reading.
func (s *Server) v0GetConversation(x *exchange) answer {
	return s.withPresent(x, func(a *agent) answer {
		at := time.Now().Add(-s.scaled(a.latest().scenario.ConversationLag))
		return reply(http.StatusOK, v0Conversation{a.id, s.conversation(a, at)})
	})
}

// conversation is what was said by a moment: each prompt from the start of its
// run, and each text of the agent as far as it has come. The caller holds s.mu.
func (s *Server) conversation(a *agent, at time.Time) []v0Message {
	messages := []v0Message{}
	say := func(kind, text string) {
		messages = append(messages, v0Message{"msg-" + s.mintUUID("message"), kind, text})
	}
	for _, r := range a.runs {
		if r.status(at) == statusCreating || r.scenario.NoConversation {
			continue
		}
		say("user_message", r.prompt.Text)
		for _, text := range r.said(s.clock(at)) {
			say("assistant_message", text)
		}
	}
	return messages
}

// said are the texts of the run by a moment of the server's clock; a call or a
// thought stands between two of them. A result that was not said yet is the
// last.
func (r *run) said(at time.Time) []string {
	var texts []string
	apart := true
	for _, e := range r.log.events {
		if e.id.ms > at.UnixMilli() {
			break
		}
		switch {
		case e.kind == eventText && apart:
			texts, apart = append(texts, e.text), false
		case e.kind == eventText:
			texts[len(texts)-1] += e.text
		default:
			apart = true
		}
		if e.kind == eventResult && r.result != "" && (len(texts) == 0 || !strings.HasSuffix(strings.TrimSpace(texts[len(texts)-1]), r.result)) {
			texts = append(texts, r.result)
		}
	}
	return texts
}
