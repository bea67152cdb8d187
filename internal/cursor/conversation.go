package cursor

import "context"

// MessageType says who wrote a message.
type MessageType string

// The documented types of messages.
const (
	UserMessage      MessageType = "user_message"
	AssistantMessage MessageType = "assistant_message"
)

// Message is one message of an agent's conversation. The API's ids of messages
// change from one reading to the next, so that only place and text count.
type Message struct {
	Type MessageType `json:"type"`
	Text string      `json:"text"`
}

// conversation is the answer that holds them.
type conversation struct {
	ID       string     `json:"id"`
	Messages *[]Message `json:"messages"`
}

func (c conversation) lacks() string {
	if c.Messages == nil {
		return "messages"
	}
	return ""
}

func (c conversation) identity() string { return c.ID }

// Conversation returns what was said to the agent and by it, the oldest first.
// It is empty right after the agent was created, and stays empty for agents
// that run for very long.
//
// Version 1 has no such call; that of version 0 serves its agents too.
func (c *Client) Conversation(ctx context.Context, agentID string) ([]Message, error) {
	const op = "read conversation"
	at, err := path(op, "v0", "agents", agentID, "conversation")
	if err != nil {
		return nil, err
	}
	k := get(op, at, nil)
	k.about = agentID
	k.words = wordsV0()
	got, _, err := fetch[conversation](ctx, c, k)
	if err != nil {
		return nil, err
	}
	return *got.Messages, nil
}

// Conversation implements API.
func (v *ClientV0) Conversation(ctx context.Context, agentID string) ([]Message, error) {
	return v.wire.Conversation(ctx, agentID)
}
