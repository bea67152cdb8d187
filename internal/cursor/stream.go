package cursor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/tmaxmax/go-sse"
)

// maxEvent is the longest event of a stream, in bytes. A tool call's result may
// hold whole files.
const maxEvent = 16 << 20

var (
	// ErrStreamIdle is wrapped by the error of a stream that fell silent.
	ErrStreamIdle = errors.New("the stream fell silent")
	// ErrEventTooLarge is wrapped by the error of a stream with an event of more
	// than 16 MiB. Resuming meets the same event again.
	ErrEventTooLarge = errors.New("an event of the stream is larger than 16 MiB")
)

// StreamRun yields the events of a run as they come, over one connection: from
// the run's start, or from the event after lastEventID when that is not "".
//
// The sequence ends after DoneEvent, or without an error when the server closes
// the stream early, as it does in long runs. Otherwise its last element is an
// *Error. Reconnecting is the caller's part, because the caller knows whether
// the run still lives.
func (c *Client) StreamRun(ctx context.Context, agentID, runID, lastEventID string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		const op = "stream run"
		at, err := path(op, "v1", "agents", agentID, "runs", runID, "stream")
		if err != nil {
			yield(Event{}, err)
			return
		}
		if ctx.Err() != nil {
			yield(Event{}, &Error{Op: op, Method: http.MethodGet, Path: at, Err: stopReason(ctx)})
			return
		}
		if strings.ContainsFunc(lastEventID, unicode.IsControl) {
			// No header can hold it, so no answer would be better than this one.
			yield(Event{}, &Error{
				Op: op, Method: http.MethodGet, Path: at, Code: CodeInvalidLastEventID,
				Message: "the id of the last event can't be sent; read the stream from its start",
			})
			return
		}
		k := call{op: op, method: http.MethodGet, path: at, safe: true, stream: true, lastEventID: lastEventID}
		if failure := c.stream(ctx, k, func(e Event) bool { return yield(e, nil) }); failure != nil {
			yield(Event{}, failure)
		}
	}
}

// stream makes the one attempt of k and hands each event to emit, until that
// returns false.
func (c *Client) stream(ctx context.Context, k call, emit func(Event) bool) (failure *Error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(c.idle, func() { cancel(&timeout{after: c.idle, err: ErrStreamIdle}) })
	defer silence.Stop()

	var status int
	var id string
	begun := time.Now()
	defer func() { c.observe(k, 1, begun, status, id, failure) }()

	answer, failure := c.open(k, c.api, c.request(ctx, k))
	if failure != nil {
		failure.Attempts = 1
		return failure
	}
	defer answer.Body.Close()
	status, id = answer.StatusCode, c.requestID(answer)
	if failure = c.notStream(k, answer); failure == nil {
		body := &frames{source: &patient{source: answer.Body, silence: silence, limit: c.idle}}
		failure = c.emitEvents(ctx, k, body, emit)
	}
	if failure != nil {
		failure.Attempts, failure.RequestID = 1, id
	}
	return failure
}

// notStream returns the error of an answer that is no stream of events, such as
// a proxy's page.
func (c *Client) notStream(k call, answer *http.Response) *Error {
	if answer.StatusCode/100 != 2 {
		return c.refused(k, answer)
	}
	said := answer.Header.Get("Content-Type")
	kind, _, _ := mime.ParseMediaType(said)
	if answer.StatusCode == http.StatusOK && kind == "text/event-stream" {
		return nil
	}
	e := k.lost(answer.StatusCode)
	e.Message = fmt.Sprintf("the answer is %q and no stream of events", c.redactor.line(said, maxWord))
	return e
}

// emitEvents reads body to its end.
func (c *Client) emitEvents(ctx context.Context, k call, body io.Reader, emit func(Event) bool) *Error {
	// frames refuses what is too large, up to one read late.
	for got, err := range sse.Read(body, &sse.ReadConfig{MaxEventSize: maxEvent + 2*readSize}) {
		switch {
		case errors.Is(err, ErrEventTooLarge):
			e := k.lost(http.StatusOK)
			e.Class, e.Err, e.Message = Final, ErrEventTooLarge, ErrEventTooLarge.Error()
			return e
		case err != nil:
			return c.broken(ctx, k, http.StatusOK, err)
		}
		data := readEvent(got.Type, got.Data)
		_, done := data.(DoneEvent)
		if !emit(Event{ID: got.LastEventID, Data: data}) || done {
			return nil
		}
	}
	return nil
}

// patient is a body that may be silent for a while: silence, which ends the
// request, runs only while a read waits. What the consumer of the events does
// in between takes as long as it takes.
type patient struct {
	source  io.Reader
	silence *time.Timer
	limit   time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	p.silence.Reset(p.limit)
	defer p.silence.Stop()
	return p.source.Read(b)
}
