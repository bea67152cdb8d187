package agent

import "cursor-agent-action/internal/cursor"

// Narrate gives what turns the events of a stream into updates: tell takes one
// event, end tells what is held back.
func Narrate(observe func(Update)) (tell func(cursor.EventData), end func()) {
	narrator := newNarrator(observe, func(text string) string { return text })
	return narrator.tell, narrator.end
}
