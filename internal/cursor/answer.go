package cursor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cursor-agent-action/internal/grace"
)

// answer is a JSON body that is known to be what was asked for by a field that
// it must have. A proxy's {} is none.
type answer interface {
	// lacks names that field when it is missing or empty, and is "" otherwise.
	lacks() string
}

// identified is an answer about one thing, which says by its id about which; ""
// where it does not say.
type identified interface {
	identity() string
}

// AnotherError says that an answer is about something else than what was asked
// for: it is the Err of an *Error.
type AnotherError struct{ ID string }

// Error says about what.
func (e *AnotherError) Error() string { return "it is about " + e.ID }

// fetch makes the call k and returns its answer, and the server's clock when it
// gave it (zero when it did not say).
func fetch[T answer](ctx context.Context, c *Client, k call) (T, time.Time, error) {
	var out T
	var served time.Time
	err := c.send(ctx, k, func(header http.Header, body []byte) error {
		var decoded T // so that nothing is left of an attempt that failed
		if err := json.Unmarshal(body, &decoded); err != nil {
			return err
		}
		if field := decoded.lacks(); field != "" {
			return errors.New("it has no " + field)
		}
		// What a mistaken cache says of somebody else's run is no answer: the run
		// that was asked for may go on.
		if about, ok := any(decoded).(identified); ok && k.about != "" && about.identity() != "" && about.identity() != k.about {
			return &AnotherError{about.identity()}
		}
		out, served = decoded, servedAt(header)
		return nil
	})
	return out, served, err
}

// act makes the call k, whose answer says no more than that it was done: an
// object, or nothing.
func act(ctx context.Context, c *Client, k call) error {
	return c.send(ctx, k, func(_ http.Header, body []byte) error {
		if len(bytes.TrimSpace(body)) > 0 && object(body) == nil {
			return errors.New("it is no JSON object")
		}
		return nil
	})
}

// send makes the attempts of k and hands the body of the first success to
// decode. A body that decode refuses counts as a lost answer.
func (c *Client) send(ctx context.Context, k call, decode func(http.Header, []byte) error) error {
	return c.repeat(ctx, k, func(ctx context.Context, number int) *Error {
		begun := time.Now()
		status, id, err := c.exchange(ctx, k, decode)
		c.observe(k, number, begun, status, id, err)
		return err
	})
}

// exchange makes one attempt of k.
func (c *Client) exchange(ctx context.Context, k call, decode func(http.Header, []byte) error) (status int, id string, failure *Error) {
	if k.grace > 0 {
		var release context.CancelFunc
		ctx, release = grace.Context(ctx, k.grace)
		defer release()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, k.timeout, &timeout{after: k.timeout, err: ErrNoAnswer})
	defer cancel()
	answer, failure := c.open(k, c.api, c.request(ctx, k))
	if failure != nil {
		return 0, "", failure
	}
	defer answer.Body.Close()
	status, id = answer.StatusCode, c.requestID(answer)
	if status/100 != 2 {
		return status, id, c.refused(k, answer)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		failure = c.broken(ctx, k, status, err)
	case len(body) > maxAnswer:
		failure = k.lost(status)
		failure.Message = fmt.Sprintf("the answer is longer than %d MiB", maxAnswer>>20)
		if failure.Class == Transient { // the next one would be as long
			failure.Class = Final
		}
	case tooMany(body):
		failure = k.lost(status)
		failure.Message = fmt.Sprintf("the answer holds more than %d values", maxValues)
		if failure.Class == Transient {
			failure.Class = Final
		}
	default:
		if err = decode(answer.Header, body); err == nil {
			return status, id, nil
		}
		failure = k.lost(status)
		failure.Err = err
		failure.Message = "the answer is not what the API documents: " + c.line(k, err.Error())
		if isA[*AnotherError](err) && k.method != http.MethodGet {
			failure.Class = Ambiguous // A server that takes no ids of ours would do it each time.
		}
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			failure.Message = "the answer is " + c.line(k, readText(bytes.TrimSpace(body)).message) + ", not JSON"
		}
	}
	failure.RequestID = id
	return status, id, failure
}

// tooMany reports whether a JSON text holds more than maxValues values, by the
// commas outside of its strings.
func tooMany(body []byte) bool {
	if len(body) <= maxValues {
		return false
	}
	count, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			count++
		}
	}
	return count >= maxValues
}

// observe tells Config.OnAttempt about an attempt that is over.
func (c *Client) observe(k call, number int, begun time.Time, status int, id string, failure *Error) {
	if c.onAttempt == nil {
		return
	}
	a := Attempt{Method: k.method, Path: k.path, Number: number, Status: status, Duration: time.Since(begun), RequestID: id}
	if failure != nil {
		failure.Attempts = number
		a.Err = failure
	}
	c.onAttempt(a)
}
