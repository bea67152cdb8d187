package simulator

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode"
)

// play takes a run through its scenario. Moments are reckoned from the run's
// creation, so that a long story does not drift.
func (s *Server) play(r *run) {
	due := r.createdAt
	wait := func(d time.Duration) bool {
		due = due.Add(s.scaled(d))
		return s.waitUntil(r, due)
	}
	if !wait(r.scenario.CreateDelay) || !s.startRun(r) {
		return
	}
	started := due
	lastText := ""
	for beat := range s.story(r) {
		if !wait(beat.after) {
			return
		}
		if beat.paragraph != "" {
			lastText = beat.paragraph
		}
		if beat.event != nil && !s.happen(r, *beat.event) {
			return
		}
	}
	if end := started.Add(s.scaled(r.scenario.Duration)); end.After(due) && !s.waitUntil(r, end) {
		return
	}
	s.finish(r, lastText)
}

// waitUntil waits for a moment. It reports false when the story is over before:
// the run ended, the server was closed, or the run was cancelled and its end,
// which takes its time, came.
func (s *Server) waitUntil(r *run, due time.Time) bool {
	select {
	case <-r.cancel:
		s.cancelSlowly(r)
		return false
	default:
	}
	rest := time.Until(due)
	if rest <= 0 {
		return true
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.cancel:
		s.cancelSlowly(r)
	case <-r.ended:
	case <-s.closing:
	}
	return false
}

// cancelSlowly ends the run some time after its cancel was accepted.
func (s *Server) cancelSlowly(r *run) {
	if !s.pause(s.scaled(r.scenario.Cancel.After), r.ended) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.terminal() {
		s.abandon(r)
	}
}

// startRun makes the run RUNNING; false when it ended before.
func (s *Server) startRun(r *run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return false
	}
	r.startedAt = time.Now()
	r.agent.updatedAt = r.startedAt
	r.notify()
	return true
}

// happen adds an event to the run; false when the run ended before.
func (s *Server) happen(r *run, e event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return false
	}
	r.log.add(s.clock(time.Now()), e)
	r.notify()
	return true
}

// finish ends the run as its scenario says, and leaves what it leaves.
func (s *Server) finish(r *run, lastText string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.terminal() {
		return
	}
	now := time.Now()
	s.push(r.agent, r.scenario, now)
	r.agent.leave(r.scenario.Artifacts, now)
	status := r.scenario.Status
	if status == "" {
		status = statusFinished
	}
	result := s.words(r).Replace(r.scenario.Result)
	if result == "" {
		result = lastText
	}
	s.end(r, status, result, r.scenario.Usage)
}

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
	words := s.words(r)
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
		}
		for range max(1, step.Repeat) {
			more = more && tell(step.Steps, words, calls, yield)
		}
		if !more {
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

// words replaces the words that stand for the run's own facts.
func (s *Server) words(r *run) *strings.Replacer {
	a := r.agent
	_, repo, _ := strings.Cut(a.repo(s), "/")
	branch := r.scenario.Branch
	if branch == "auto" {
		branch = a.branch()
	}
	return strings.NewReplacer(
		"{agent}", a.id,
		"{prompt}", firstLine(r.prompt.Text, 80),
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

// leave adds files; one of a path that exists takes its place.
func (a *agent) leave(files []Artifact, at time.Time) {
	for _, file := range files {
		left := leftArtifact{file, at}
		if i := a.artifactIndex(file.Path); i >= 0 {
			a.artifacts[i] = left
		} else {
			a.artifacts = append(a.artifacts, left)
		}
	}
}
