package simulator

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode"
)

// beat is one moment of a story: an event that comes so long after the last
// one, or only the time itself.
type beat struct {
	after     time.Duration
	event     *event
	paragraph string // the whole text whose last delta this is
}

// story is the scenario's steps as they happen in a run, made as they are
// needed, so that a step may be repeated a million times.
func (s *Server) story(r *run) iter.Seq[beat] {
	words := s.words(r.agent, r.prompt.Text, r.scenario)
	calls := 0
	return func(yield func(beat) bool) {
		tell(r.scenario.Steps, words, &calls, yield)
	}
}

func tell(steps []Step, words *strings.Replacer, calls *int, yield func(beat) bool) bool {
	for _, step := range steps {
		more := true
		switch {
		case step.Text != "":
			more = tellText(eventText, words.Replace(step.Text), step.Takes, yield)
		case step.Thinking != "":
			more = tellText(eventThinking, words.Replace(step.Thinking), step.Takes, yield)
		case step.Tool != "":
			*calls++
			more = tellCall(step, fmt.Sprintf("call-%d", *calls), words, yield)
		case step.Wait > 0:
			more = yield(beat{after: step.Wait})
		case step.Steps != nil:
			more = tellSteps(step, words, calls, yield)
		}
		if !more {
			return false
		}
	}
	return true
}

// tellSteps gives a step's own steps as often as it says. Each time begins with
// an empty beat, so that even nothing, told over and over, can be broken off.
func tellSteps(step Step, words *strings.Replacer, calls *int, yield func(beat) bool) bool {
	for range max(1, step.Repeat) {
		if !yield(beat{}) || !tell(step.Steps, words, calls, yield) {
			return false
		}
	}
	return true
}

// tellText gives a text as deltas of some words each, spread evenly.
func tellText(kind eventKind, text string, takes time.Duration, yield func(beat) bool) bool {
	deltas := splitDeltas(text)
	each := takes / time.Duration(len(deltas))
	for i, delta := range deltas {
		b := beat{after: each, event: &event{kind: kind, text: delta}}
		if i == len(deltas)-1 {
			b.after = takes - each*time.Duration(i) // what division left over
			if kind == eventText {
				b.paragraph = strings.TrimSpace(text)
			}
		}
		if !yield(b) {
			return false
		}
	}
	return true
}

// tellCall gives a tool call as the API streams one: its name at once, its
// arguments when they are written, its result at the end.
func tellCall(step Step, id string, words *strings.Replacer, yield func(beat) bool) bool {
	call := toolCall{id: id, name: step.Tool}
	if !yield(beat{event: &event{kind: eventToolCall, call: new(call)}}) {
		return false
	}
	if step.Args != nil {
		call.args = replaceIn(step.Args, words)
		if !yield(beat{event: &event{kind: eventToolCall, call: new(call)}}) {
			return false
		}
	}
	call.completed = true
	switch {
	case step.Truncated:
		call.truncated = true
	case step.Result != nil:
		call.result = replaceIn(step.Result, words)
	}
	return yield(beat{after: step.Takes, event: &event{kind: eventToolCall, call: &call}})
}

// splitDeltas cuts a text before white space into pieces of about 24 characters,
// as a model gives it bit by bit.
func splitDeltas(text string) []string {
	const size = 24
	var deltas []string
	start := 0
	for i, r := range text {
		if unicode.IsSpace(r) && i-start >= size {
			deltas = append(deltas, text[start:i])
			start = i
		}
	}
	return append(deltas, text[start:])
}

// words replaces the words that stand for an agent's own facts.
func (s *Server) words(a *agent, prompt string, scenario *Scenario) *strings.Replacer {
	_, repo, _ := strings.Cut(a.repo(s), "/")
	branch := scenario.Branch
	if branch == "auto" {
		branch = a.branch()
	}
	return strings.NewReplacer(
		"{agent}", a.id,
		"{prompt}", firstLine(prompt, 80),
		"{repo}", repo,
		"{ref}", a.ref(),
		"{branch}", branch,
	)
}

// replaceIn is a value as JSON, the words in its strings replaced.
func replaceIn(v any, words *strings.Replacer) json.RawMessage {
	return encode(replaceWords(v, words))
}

func replaceWords(v any, words *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return words.Replace(v)
	case []any:
		replaced := make([]any, len(v))
		for i, item := range v {
			replaced[i] = replaceWords(item, words)
		}
		return replaced
	case map[string]any:
		replaced := make(map[string]any, len(v))
		for name, item := range v {
			replaced[name] = replaceWords(item, words)
		}
		return replaced
	}
	return v
}

// length is how long a run of the scenario is RUNNING.
func (sc *Scenario) length() time.Duration {
	return max(sc.Duration, stepsLength(sc.Steps))
}

func stepsLength(steps []Step) time.Duration {
	var sum time.Duration
	for _, step := range steps {
		sum += step.Takes + step.Wait + time.Duration(max(1, step.Repeat))*stepsLength(step.Steps)
	}
	return sum
}

func (sc *Scenario) matches(prompt string) bool { return strings.Contains(prompt, sc.Match) }
