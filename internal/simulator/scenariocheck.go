package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// maxArtifact is how many bytes an artifact of a file has at most. They are made
// in memory, once for each download.
const maxArtifact = 64 << 20

// check reports every value that the scenario cannot have.
func (sc *Scenario) check() error {
	return errors.Join(sc.problems("")...)
}

func (sc *Scenario) problems(path string) []error {
	var found []error
	fail := func(place, format string, args ...any) {
		found = append(found, fmt.Errorf("%s: "+format, append([]any{join(path, place)}, args...)...))
	}
	if !slices.Contains([]string{"", statusFinished, statusError, statusCancelled, statusExpired}, sc.Status) {
		fail("status", "%q is no state that a run ends in; take FINISHED, ERROR, CANCELLED or EXPIRED", sc.Status)
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{
		{"create-delay", sc.CreateDelay},
		{"duration", sc.Duration},
		{"pr-after", sc.PRAfter},
		{"heartbeat", sc.Heartbeat},
		{"retention", sc.Retention},
		{"lag", sc.Lag},
		{"conversation-lag", sc.ConversationLag},
		{"cancel.after", sc.Cancel.After},
	} {
		if d.value < 0 {
			fail(d.field, "it is negative")
		}
	}
	if path == "" && sc.Match != "" {
		fail("match", "only variants have it")
	}
	if path == "" && sc.Use != "" {
		fail("use", "only variants have it")
	}
	for i := range sc.Variants {
		if path != "" {
			fail("variants", "a variant has no variants of its own")
			break
		}
		v := &sc.Variants[i]
		found = append(found, v.problems(fmt.Sprintf("variants[%d]", i))...)
	}
	found = append(found, stepProblems(join(path, "steps"), sc.Steps)...)
	_, tooLong := moments(join(path, "steps"), sc.Steps)
	found = append(found, tooLong...)
	for i, file := range sc.Artifacts {
		if file.Path == "" {
			fail(fmt.Sprintf("artifacts[%d].path", i), "it is missing")
		}
		if file.Size < 0 {
			fail(fmt.Sprintf("artifacts[%d].size", i), "it is negative")
		}
		if file.Size > maxArtifact {
			fail(fmt.Sprintf("artifacts[%d].size", i), "it is more than %d bytes, 64 MiB; take a smaller file", maxArtifact)
		}
	}
	for i, fault := range sc.Faults {
		found = append(found, fault.problems(join(path, fmt.Sprintf("faults[%d]", i)))...)
	}
	for i, fault := range sc.Streams {
		found = append(found, fault.problems(join(path, fmt.Sprintf("streams[%d]", i)))...)
	}
	return found
}

func stepProblems(path string, steps []Step) []error {
	var found []error
	for i, step := range steps {
		place := fmt.Sprintf("%s[%d]", path, i)
		kinds := 0
		for _, set := range []bool{step.Text != "", step.Thinking != "", step.Tool != "", step.Wait != 0, step.Steps != nil} {
			if set {
				kinds++
			}
		}
		if kinds != 1 {
			found = append(found, fmt.Errorf("%s: a step has exactly one of text, thinking, tool, wait and steps", place))
		}
		if step.Takes < 0 || step.Wait < 0 {
			found = append(found, fmt.Errorf("%s: takes and wait are not negative", place))
		}
		if step.Tool == "" && (step.Args != nil || step.Result != nil || step.Truncated) {
			found = append(found, fmt.Errorf("%s: only a tool has args, result and truncated", place))
		}
		if step.Repeat < 0 || step.Repeat > 0 && step.Steps == nil {
			found = append(found, fmt.Errorf("%s.repeat: it is a positive number beside steps", place))
		}
		for name, value := range map[string]any{"args": step.Args, "result": step.Result} {
			if _, err := json.Marshal(value); err != nil {
				found = append(found, fmt.Errorf("%s.%s: it cannot be written as JSON: keys must be texts, numbers finite", place, name))
			}
		}
		found = append(found, stepProblems(place+".steps", step.Steps)...)
	}
	return found
}

// maxMoments is how many moments a story has at most. What a run said is kept
// until the server ends, so one without bound would fill the memory.
const maxMoments = 1_000_000

// moments counts the beats that the steps come to, about: the words that are
// replaced in them may make a text longer. What comes to too many is reported
// where it does, and not counted any more.
func moments(path string, steps []Step) (int, []error) {
	var found []error
	tooLong := func(place string) {
		found = append(found, fmt.Errorf("%s: the story comes to more than %d moments; repeat less, and let the steps take more time instead", place, maxMoments))
	}
	sum := 0
	for i, step := range steps {
		place := fmt.Sprintf("%s[%d]", path, i)
		inner, problems := moments(place+".steps", step.Steps)
		found = append(found, problems...)
		count, times := 0, max(1, step.Repeat)
		switch {
		case step.Text != "":
			count = len(splitDeltas(step.Text))
		case step.Thinking != "":
			count = len(splitDeltas(step.Thinking))
		case step.Tool != "":
			count = 3 // its name, its arguments, its result
		case step.Steps == nil:
			count = 1
		case times > maxMoments/(1+inner): // asked so, because the product may overflow
			tooLong(place + ".repeat")
		default:
			count = times * (1 + inner)
		}
		sum += count
	}
	if sum > maxMoments {
		tooLong(path)
		sum = 0
	}
	return sum, found
}

func (f *Fault) problems(path string) []error {
	var found []error
	operations := []string{""}
	for _, at := range routes() {
		operations = append(operations, at.op)
	}
	if !slices.Contains(operations, f.Operation) {
		found = append(found, fmt.Errorf("%s.operation: %q is no operation; take one of %v", path, f.Operation, operations[1:]))
	}
	if !slices.Contains([]string{"", resetBefore, resetAfter}, f.Reset) {
		found = append(found, fmt.Errorf("%s.reset: take before or after", path))
	}
	if f.Delay == 0 && f.DelayAnswer == 0 && f.Reset == "" && f.Answer == nil && f.Cut == nil && f.Stale == 0 && f.Says == "" {
		found = append(found, fmt.Errorf("%s: nothing goes wrong; set delay, delay-answer, reset, answer, stale, says or cut", path))
	}
	if f.Delay < 0 || f.DelayAnswer < 0 || f.Down < 0 || f.Stale < 0 {
		found = append(found, fmt.Errorf("%s: delay, delay-answer, down and stale are not negative", path))
	}
	if f.Down > 0 && f.Reset == "" {
		found = append(found, fmt.Errorf("%s.down: it stands beside reset, which says when the server goes away", path))
	}
	if f.Cut != nil && *f.Cut < 0 {
		found = append(found, fmt.Errorf("%s.cut: it is negative", path))
	}
	if a := f.Answer; a != nil {
		if a.Status < 200 || a.Status > 599 {
			found = append(found, fmt.Errorf("%s.answer.status: take a number from 200 to 599", path))
		}
		if !slices.Contains([]string{"", "flat", "connect", "text", "html", "empty"}, a.Shape) {
			found = append(found, fmt.Errorf("%s.answer.shape: take flat, connect, text, html or empty, or leave it out", path))
		}
	}
	return append(found, f.When.problems(path)...)
}

func (f *StreamFault) problems(path string) []error {
	var found []error
	actions := []StreamAction{
		StreamDrop, StreamEnd, StreamUnavailable, StreamGarbage, StreamGiant, StreamUnknown,
		StreamMute, StreamDuplicate, StreamRepeatID, StreamReplay, StreamNoHeartbeat, StreamNeverEnds, StreamLie,
	}
	if !slices.Contains(actions, f.Do) {
		found = append(found, fmt.Errorf("%s.do: take one of %v", path, actions))
	}
	if f.Do == StreamLie && f.Status == "" {
		found = append(found, fmt.Errorf("%s.status: it is missing", path))
	}
	if f.Bytes < 0 || f.Events < 0 || f.AfterEvents < 0 || f.After < 0 {
		found = append(found, fmt.Errorf("%s: bytes, events, after-events and after are not negative", path))
	}
	return append(found, f.When.problems(path)...)
}

func (w When) problems(path string) []error {
	if w.Skip < 0 || w.First < 0 || w.Every < 0 || w.Probability < 0 || w.Probability > 1 ||
		slices.ContainsFunc(w.At, func(n int) bool { return n < 1 }) {
		return []error{fmt.Errorf("%s: at, skip, first and every are positive numbers, probability is from 0 to 1", path)}
	}
	return nil
}

// isZero reports whether nothing at all is set.
func (sc Scenario) isZero() bool { return reflect.ValueOf(sc).IsZero() }
