package cursor

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"strconv"
	"strings"
	"time"
)

// maxPollGrowth is how far the wait between two readings of a conversation in
// which nothing happens grows, in multiples of the first.
const maxPollGrowth = 6

// StreamRun yields what version 1 would stream, as far as the conversation
// tells: it is read again and again, with Config.PollInterval between, and the
// agent's new words to the run's prompt are AssistantEvents. The sequence ends after DoneEvent when
// the run is over. Where the conversation is refused for good, the error is
// CodeStreamExpired: only GetRun tells then.
func (v *ClientV0) StreamRun(ctx context.Context, agentID, runID, lastEventID string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		const op = "stream run"
		position, err := positionOf(op, runID)
		if err != nil {
			yield(Event{}, err)
			return
		}
		script, ok := resumeTranscript(lastEventID, position)
		if !ok {
			yield(Event{}, &Error{
				Op: op, Code: CodeInvalidLastEventID,
				Message: "the id of the last event is not one of API v0; read the stream from its start",
			})
			return
		}
		var status RunStatus
		for wait := v.poll; ; {
			run, messages, err := v.observeRun(ctx, op, agentID, position)
			if err != nil {
				yield(Event{}, err)
				return
			}
			begin := script.id()
			events := script.read(messages)
			if len(events) > 0 {
				wait = v.poll
			}
			switch over := run.Status.Terminal(); {
			case over:
				end := script.id()
				events = append(events, Event{end, ResultEvent{RunID: run.ID, Status: run.Status, Text: run.Result, Git: run.Git}}, Event{end, DoneEvent{}})
			case run.Status != status:
				status = run.Status
				events = append([]Event{{begin, StatusEvent{RunID: run.ID, Status: status}}}, events...)
			case len(events) == 0:
				events = []Event{{begin, HeartbeatEvent{}}}
			}
			for _, event := range events {
				if _, done := event.Data.(DoneEvent); !yield(event, nil) || done {
					return
				}
			}
			if !rest(ctx, v.jittered(wait)) {
				yield(Event{}, &Error{Op: op, Err: stopReason(ctx)})
				return
			}
			wait = min(wait*3/2, maxPollGrowth*v.poll)
		}
	}
}

// observeRun reads the run, and the conversation in any case.
func (v *ClientV0) observeRun(ctx context.Context, op, agentID string, position int) (Run, []Message, error) {
	run, messages, err := v.look(ctx, op, agentID, position)
	if err != nil || messages != nil || run.Status.Terminal() {
		return run, messages, err
	}
	messages, err = v.Conversation(ctx, agentID)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Class == Final && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", CodeStreamExpired, err)
	}
	return run, messages, err
}

// jittered is 80 % to 120 % of a wait, so that many waiters do not come at the
// same moment.
func (v *ClientV0) jittered(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*v.wire.random()))
}

// rest waits, and reports whether it could to the end.
func rest(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// transcript is how far a conversation has been told: up to some byte of some
// message, of which the text so far is known by its hash. That is all an event's
// id says, so that a stream can be resumed by it.
type transcript struct {
	position int // of the run's prompt; nothing before it is told, nor after the next
	index    int // of the last message told, -1 before the first
	length   int // bytes of it that were told
	hash     uint32
}

// resumeTranscript is the transcript after the event with that id, from the
// start when it is "". It reports whether the id is one of ours.
func resumeTranscript(id string, position int) (transcript, bool) {
	t := transcript{position: position, index: -1}
	if id == "" {
		return t, true
	}
	parts := strings.Split(id, ".")
	if len(parts) != 3 {
		return t, false
	}
	index, err := strconv.Atoi(parts[0])
	length, lengthErr := strconv.Atoi(parts[1])
	hash, hashErr := strconv.ParseUint(parts[2], 16, 32)
	if errors.Join(err, lengthErr, hashErr) != nil || index < 0 || length < 0 {
		return t, false
	}
	t.index, t.length, t.hash = index, length, uint32(hash)
	return t, true
}

// id is the id of the last event.
func (t *transcript) id() string {
	if t.index < 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%x", t.index, t.length, t.hash)
}

// read returns what is new in the conversation. A message that grows is told
// piece by piece, one that was rewritten once more. An older state of the
// conversation, as lagging servers give, has nothing new.
func (t *transcript) read(messages []Message) []Event {
	var events []Event
	own := turnAt(messages, t.position)
	for i := max(t.index, own.from); i < own.from+len(own.messages); i++ {
		said := messages[i].Text
		if messages[i].Type != AssistantMessage || said == "" {
			continue
		}
		told := i == t.index
		piece := said
		switch {
		case told && len(said) <= t.length:
			continue
		case told && hashOf(said[:t.length]) == t.hash:
			piece = said[t.length:]
		case t.index >= 0:
			piece = "\n\n" + said // Each message is a paragraph of its own.
		}
		t.index, t.length, t.hash = i, len(said), hashOf(said)
		events = append(events, Event{t.id(), AssistantEvent{Text: piece}})
	}
	return events
}

func hashOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum32()
}
