package cursor

import (
	"slices"
	"strings"
	"time"
)

// runKey names a run.
type runKey struct{ agentID, runID string }

// witness is what this client has seen of a run and the API does not tell.
type witness struct {
	live    bool     // it was seen to live
	stopped bool     // it was seen to live, and was asked to stop
	before  *agentV0 // the agent as it was before this follow-up; nil when not known
	// rests is since when the agent has been seen at rest with this follow-up
	// unanswered; zero when it was not.
	rests time.Time
}

func (v *ClientV0) witness(key runKey) witness {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen[key]
}

func (v *ClientV0) remember(key runKey, change func(*witness)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := v.seen[key]
	change(&w)
	v.seen[key] = w
}

// turn is what was said to a run's prompt: the messages between it and the next
// prompt, of which the first is the from-th of the conversation.
type turn struct {
	messages []Message
	from     int
	listed   bool // the prompt is there
	latest   bool // no other prompt comes after it
}

// turnAt is the turn of the run at position. What comes before the prompt there
// may be an answer to the prompt before, listed late.
func turnAt(messages []Message, position int) turn {
	next := func(from int) int {
		for i := from; i < len(messages); i++ {
			if messages[i].Type == UserMessage {
				return i
			}
		}
		return len(messages)
	}
	prompt := next(position)
	if position == 0 && prompt > 0 {
		prompt = -1 // The beginning of a long conversation may be missing.
	}
	from := min(prompt+1, len(messages))
	to := next(from)
	return turn{messages: messages[from:to], from: from, listed: prompt < len(messages), latest: to == len(messages)}
}

// answered reports whether the agent has said anything to the prompt.
func (t turn) answered() bool {
	return slices.ContainsFunc(t.messages, func(m Message) bool { return m.Type == AssistantMessage })
}

// lastWords is the last that the agent said, without the white space around it.
func (t turn) lastWords() string {
	for _, m := range slices.Backward(t.messages) {
		if said := strings.TrimSpace(m.Text); m.Type == AssistantMessage && said != "" {
			return said
		}
	}
	return ""
}

// hasBegun reports whether the follow-up with that turn has done anything, so
// that an end of the agent is its end and not that of the run before: it was
// seen to live, the agent has changed, or its prompt was answered.
func (w witness) hasBegun(agent agentV0, t turn) bool {
	if w.live || t.answered() {
		return true
	}
	before := w.before
	if before == nil {
		return false
	}
	// A summary that comes late is that of the run before.
	resumed := before.Summary != "" && agent.Summary != "" && agent.Summary != before.Summary
	return resumed || agent.status() != before.status()
}

// unansweredPatience is how long an agent must have rested with a prompt that it
// has not answered before the prompt's run counts as over: a follow-up takes
// seconds to show in its agent.
const unansweredPatience = 5 * time.Minute

// judge gives the run at position of an agent at rest. known is false when
// nothing says that the run has begun.
func (v *ClientV0) judge(agent agentV0, messages []Message, position int) (run Run, known bool) {
	run = agent.run(position)
	key := runKey{agent.ID, run.ID}
	t := turnAt(messages, position)
	if !t.latest {
		run.Result = "" // The agent's summary is of its latest run.
	}
	switch w := v.witness(key); {
	case w.stopped:
		// What an agent says of itself after a stop is documented nowhere.
		run.Status = RunCancelled
	case position == 0, w.hasBegun(agent, t):
	case t.listed && (!t.latest || v.restsFor(key) >= unansweredPatience):
		// It was stopped before the agent said a word, or ended without one: that
		// the agent has FINISHED is said of the run before.
		run.Result = ""
		if run.Status == RunFinished {
			run.Status = RunCancelled
			run.Error = &RunFault{Code: CodeUnanswered, Message: "the agent is at rest and has not answered the prompt"}
		}
		return run, true
	default:
		run.Status, run.Result, run.Unbegun = RunCreating, "", true
		return run, false
	}
	if said := t.lastWords(); said != "" {
		run.Result = said
	}
	return run, true
}

// restsFor is for how long the agent has been seen at rest with the run's prompt
// unanswered, and notes that it is.
func (v *ClientV0) restsFor(key runKey) time.Duration {
	now := time.Now()
	v.remember(key, func(w *witness) {
		if w.rests.IsZero() {
			w.rests = now
		}
	})
	return now.Sub(v.witness(key).rests)
}
