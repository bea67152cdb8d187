package cursor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// shown is an event as a test writes it, without its id.
func shown(event cursor.Event) string {
	switch data := event.Data.(type) {
	case cursor.StatusEvent:
		return "status " + data.RunID + " " + string(data.Status)
	case cursor.AssistantEvent:
		return "says " + data.Text
	case cursor.ResultEvent:
		return fmt.Sprintf("result %s %s %s %d", data.RunID, data.Status, data.Text, len(data.Git))
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", event.Data), "cursor.")
}

// script is what becomes of an agent, from one reading of its state to the next.
func script(states ...state) *double {
	readings := 0
	return &double{on: func(s *state, target string, _ int) {
		if target == "GET " {
			*s = states[min(readings, len(states)-1)]
			readings++
		}
	}}
}

func running(messages ...message) state { return state{status: "RUNNING", messages: messages} }

func ended(messages ...message) state {
	return state{status: "FINISHED", branch: "b", messages: messages}
}

// streamedV0 is what a stream of version 0 gave, with the times at which it did.
type streamedV0 struct {
	events []string
	ids    []string
	after  []time.Duration
	err    error
}

// stream reads a whole stream on fake time.
func streamV0(t *testing.T, d *double, runID, lastID string, random float64) (got streamedV0, server *recorder) {
	t.Helper()
	server, transport := serveInBubble(t, d.answer)
	c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport, Random: func() float64 { return random }})
	began := time.Now()
	for event, err := range c.StreamRun(t.Context(), agentID, runID, lastID) {
		if err != nil {
			got.err = err
			continue
		}
		got.events = append(got.events, shown(event))
		got.ids = append(got.ids, event.ID)
		got.after = append(got.after, time.Since(began))
	}
	return got, server
}

// Fault 28: the ids of messages are others at each reading, and the conversation is empty at first.
func TestNewMessagesOfTheConversationAreEvents(t *testing.T) {
	t.Parallel()
	const done = "DoneEvent"
	tests := []struct {
		name, run string
		states    []state
		want      []string
	}{
		{
			name: "message after message",
			states: []state{
				{status: "CREATING"}, running(said("p", "One.")...), running(asked("p"), answers("One."), answers("Two.")),
				ended(asked("p"), answers("One."), answers("Two."), answers("Three.")),
			},
			want: []string{"status v0-0 CREATING", "status v0-0 RUNNING", "says One.", "says \n\nTwo.", "says \n\nThree.", "result v0-0 FINISHED Three. 1", done},
		},
		{
			name: "a message that grows",
			states: []state{
				running(said("p", "On")...), running(said("p", "One.")...), running(said("p", "One.")...), ended(said("p", "One. Done.")...),
			},
			want: []string{"status v0-0 RUNNING", "says On", "says e.", "HeartbeatEvent", "says  Done.", "result v0-0 FINISHED One. Done. 1", done},
		},
		{
			name:   "a message that was rewritten",
			states: []state{running(said("p", "Hm.")...), running(said("p", "Better so.")...), ended(said("p", "Better so.")...)},
			want:   []string{"status v0-0 RUNNING", "says Hm.", "says \n\nBetter so.", "result v0-0 FINISHED Better so. 1", done},
		},
		{
			name: "an older state of the conversation",
			states: []state{
				running(asked("p"), answers("One."), answers("Two, long.")), running(said("p", "On")...), running(), running(asked("p"), answers("One."), answers("Two")),
				ended(asked("p"), answers("One."), answers("Two, long.")),
			},
			want: []string{"status v0-0 RUNNING", "says One.", "says \n\nTwo, long.", "HeartbeatEvent", "HeartbeatEvent", "HeartbeatEvent", "result v0-0 FINISHED Two, long. 1", done},
		},
		{
			name:   "an agent whose conversation stays empty",
			states: []state{running(), {status: "ERROR", summary: "Broke."}},
			want:   []string{"status v0-0 RUNNING", "result v0-0 ERROR Broke. 0", done},
		},
		{
			name: "others' prompts, the words to them and empty messages are not told",
			states: []state{
				running(asked("p"), answers(""), answers("One."), asked("and more"), answers("")), ended(asked("p"), answers(""), answers("One."), asked("and more"), answers("Two.")),
			},
			want: []string{"status v0-0 RUNNING", "says One.", "result v0-0 FINISHED One. 1", done},
		},
		{
			name: "a run before the latest", run: "v0-2",
			states: []state{ended(said("p", "One.", "more", "Two.", "again", "Three.")...)},
			want:   []string{"says Two.", "result v0-2 FINISHED Two. 1", done},
		},
		{
			name:   "a run before the latest that said nothing",
			states: []state{{status: "FINISHED", summary: "Added.", messages: []message{asked("p"), asked("more"), answers("Two.")}}},
			want:   []string{"result v0-0 FINISHED  0", done},
		},
		{
			name: "an answer to the prompt before, late", run: "v0-1",
			states: []state{
				ended(said("p")...), running(said("p", "One.")...), running(said("p", "One.", "more")...), ended(said("p", "One.", "more", "Two.")...),
			},
			want: []string{"status v0-1 CREATING", "status v0-1 RUNNING", "HeartbeatEvent", "says Two.", "result v0-1 FINISHED Two. 1", done},
		},
		{
			name:   "a conversation whose beginning is missing",
			states: []state{ended(answers("One."), answers("Two."))},
			want:   []string{"says One.", "says \n\nTwo.", "result v0-0 FINISHED Two. 1", done},
		},
		{
			name: "a follow-up begins with its own prompt", run: "v0-2",
			states: []state{
				ended(said("p", "One.")...), ended(said("p", "One.", "more")...), running(said("p", "One.", "more", "Two.")...), ended(said("p", "One.", "more", "Two.")...),
			},
			want: []string{"status v0-2 CREATING", "HeartbeatEvent", "status v0-2 RUNNING", "says Two.", "result v0-2 FINISHED Two. 1", done},
		},
		{
			name:   "a run that is over already",
			states: []state{ended(said("p", "One.")...)},
			want:   []string{"says One.", "result v0-0 FINISHED One. 1", done},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				run := tt.run
				if run == "" {
					run = "v0-0"
				}
				got, _ := streamV0(t, script(tt.states...), run, "", 0.5)
				if diff := cmp.Diff(tt.want, got.events); diff != "" || got.err != nil {
					t.Errorf("error %v, events (-want +got):\n%s", got.err, diff)
				}
			})
		})
	}
}

func TestAStreamOfVersion0IsResumedAfterEachOfItsEvents(t *testing.T) {
	t.Parallel()
	whole := []message{asked("p"), answers("One."), answers("Two, and more."), answers("Three.")}
	states := []state{
		running(asked("p"), answers("One.")), running(asked("p"), answers("One."), answers("Two")), running(whole[:3]...), ended(whole...),
	}
	synctest.Test(t, func(t *testing.T) {
		first, _ := streamV0(t, script(states...), "v0-0", "", 0.5)
		words := func(events []string) (all string) {
			for _, event := range events {
				if text, ok := strings.CutPrefix(event, "says "); ok {
					all += text
				}
			}
			return all
		}
		all := words(first.events)
		if want := "One.\n\nTwo, and more.\n\nThree."; all != want {
			t.Fatalf("it said %q, want %q", all, want)
		}
		for i, id := range first.ids {
			rest, _ := streamV0(t, script(states[len(states)-1]), "v0-0", id, 0.5)
			if got := words(first.events[:i+1]) + words(rest.events); got != all {
				t.Errorf("resumed after %q (%s) the words are %q, want %q", first.events[i], id, got, all)
			}
		}
	})
}

func TestReadingsOfAConversationGrowApartWhileNothingHappens(t *testing.T) {
	t.Parallel()
	quiet := running(said("p", "One.")...)
	states := []state{quiet, quiet, quiet, quiet, quiet, quiet, quiet, quiet, running(said("p", "One. Two.")...), ended(said("p", "One. Two.")...)}
	synctest.Test(t, func(t *testing.T) {
		got, server := streamV0(t, script(states...), "v0-0", "", 0.5)
		var want []time.Duration
		at := time.Duration(0)
		// The first reading has two events, the last two.
		for _, wait := range []time.Duration{0, 0, 10, 15, 22500, 33750, 50625, 60, 60, 60, 10, 0} {
			if wait > 1000 {
				at += wait * time.Millisecond
			} else {
				at += wait * time.Second
			}
			want = append(want, at)
		}
		if diff := cmp.Diff(want, got.after); diff != "" {
			t.Errorf("%v at (-want +got):\n%s", got.events, diff)
		}
		if n := len(server.seen()); n != 2*len(states) {
			t.Errorf("%d requests, want two for each of %d readings", n, len(states))
		}
		for random, want := range map[float64]time.Duration{0: 8 * time.Second, 0.999999: 11999 * time.Millisecond} {
			got, _ := streamV0(t, script(quiet, ended()), "v0-0", "", random)
			between(t, "jittered", got.after[2], want, want+time.Millisecond)
		}
	})
}

func TestAStreamOfVersion0EndsWithWhatItCanNotRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		refuse map[string]int
		lastID string
		want   string
		is     error
	}{
		{"the conversation is refused", map[string]int{"GET /conversation": 403}, "",
			"stream_expired: read conversation: GET " + at("/conversation") + ": 403 Forbidden: no", cursor.CodeStreamExpired},
		{"the agent is gone", map[string]int{"GET ": 404}, "", "stream run: GET " + at("") + ": 404 agent_not_found: no", cursor.CodeAgentNotFound},
		{"the id is of version 1", nil, "1713033006000-0", "stream run: invalid_last_event_id: the id of the last event is not one of API v0; read the stream from its start", cursor.CodeInvalidLastEventID},
		{"the id is not ours", nil, "1.-2.ff", "stream run: invalid_last_event_id: the id of the last event is not one of API v0; read the stream from its start", cursor.CodeInvalidLastEventID},
		{"nor this", nil, "1.2.zz", "stream run: invalid_last_event_id: the id of the last event is not one of API v0; read the stream from its start", cursor.CodeInvalidLastEventID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, url := begin(t, state{status: "RUNNING", refuse: tt.refuse})
			events, err := collect(clientV0(t, url, cursor.Config{}).StreamRun(t.Context(), agentID, "v0-0", tt.lastID))
			if diff := cmp.Diff(tt.want, text(err)); diff != "" || !errors.Is(err, tt.is) || len(events) != 0 {
				t.Errorf("%d events, error (-want +got):\n%s", len(events), diff)
			}
		})
	}
}

// A fault that heals is not the end of the stream for good.
func TestAConversationThatIsAwayForAWhileIsAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &double{state: running(said("p", "One.")...)}
		_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, number int) {
			if number > 3 {
				say(w, 503, "")
				return
			}
			d.answer(w, r, number)
		})
		c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport, Retry: cursor.RetryPolicy{Budget: time.Minute}})
		events, err := collect(c.StreamRun(t.Context(), agentID, "v0-0", ""))
		if errors.Is(err, cursor.CodeStreamExpired) || asError(t, err).Class != cursor.Transient || len(events) != 2 {
			t.Errorf("%d events, error %v; want two and a transient one", len(events), err)
		}
	})
}

func TestAStreamOfVersion0EndsWithItsContextOrItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, script(running(said("p", "One.")...)).answer)
		c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport, PollInterval: time.Second})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { cancel(errStop) })
		began := time.Now()
		events, err := collect(c.StreamRun(ctx, agentID, "v0-0", ""))
		if diff := cmp.Diff("stream run: "+errStop.Error(), text(err)); diff != "" || !errors.Is(err, errStop) || len(events) != 3 {
			t.Errorf("%d events, error (-want +got):\n%s", len(events), diff)
		}
		for range c.StreamRun(t.Context(), agentID, "v0-0", "") {
			break
		}
		between(t, "both", time.Since(began), 2*time.Second, 2*time.Second)
	})
}
