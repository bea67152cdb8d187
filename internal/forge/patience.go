package forge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answerWithin is how long a patient question waits for the answer to begin
// before it is asked again.
const answerWithin = 30 * time.Second

// secondaryWait is what GitHub asks for when a secondary limit names no time.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const secondaryWait = time.Minute

// patient repeats a question as long as that is safe and time is left. A
// request that changes something is repeated when doing it twice does no harm
// (PUT, PATCH, DELETE) or when GitHub surely did not do it.
type patient struct {
	to     http.RoundTripper
	most   time.Duration  // of waiting, for one question
	jitter func() float64 // in [0,1)
}

// RoundTrip implements http.RoundTripper.
func (p patient) RoundTrip(request *http.Request) (*http.Response, error) {
	deadline := time.Now().Add(p.most)
	for backoff := time.Second; ; backoff = min(2*backoff, 30*time.Second) {
		answer, err := p.ask(request)
		wait, again := p.verdict(request, answer, err, backoff)
		if !again || request.Context().Err() != nil || time.Now().Add(wait).After(deadline) || !rewind(request) {
			if err == nil && answer.StatusCode/100 == 2 {
				// The library would refuse the next question by itself once the
				// limit is used up; whether to wait for it is decided here.
				answer.Header.Del("X-RateLimit-Reset")
			}
			return answer, err
		}
		if answer != nil {
			_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
			_ = answer.Body.Close()
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-request.Context().Done():
			timer.Stop()
			return nil, request.Context().Err()
		}
	}
}

// errSilence is a question that no answer began for.
var errSilence = errors.New("no answer within " + answerWithin.String())

// ask sends the request once.
func (p patient) ask(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(answerWithin, func() { cancel(errSilence) })
	answer, err := p.to.RoundTrip(request.WithContext(ctx))
	timer.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), errSilence) {
			err = errSilence
		}
		cancel(nil)
		return nil, err
	}
	answer.Body = &closing{answer.Body, func() { cancel(nil) }}
	return answer, nil
}

// closing does something more when it is closed.
type closing struct {
	io.ReadCloser
	then func()
}

// Close implements io.Closer.
func (c *closing) Close() error {
	defer c.then()
	return c.ReadCloser.Close()
}

// verdict says whether to ask again, and how long to wait before.
func (p patient) verdict(request *http.Request, answer *http.Response, err error, backoff time.Duration) (wait time.Duration, again bool) {
	// Between a half and the whole, so that jobs that failed together do not
	// come back together.
	wait = time.Duration(float64(backoff) * (1 + p.jitter()) / 2)
	once := request.Method == http.MethodPost
	if err != nil {
		return wait, !once || notSent(err)
	}
	switch told, limited := limit(answer); {
	case limited:
		return max(told, wait), true
	case answer.StatusCode >= 500 && answer.StatusCode != http.StatusNotImplemented:
		return max(retryAfter(answer.Header), wait), !once
	}
	return 0, false
}

// notSent reports whether the request surely reached nobody.
func notSent(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// rewind makes the request's body ready to be sent again.
func rewind(request *http.Request) bool {
	if request.Body == nil || request.Body == http.NoBody {
		return true
	}
	if request.GetBody == nil {
		return false
	}
	body, err := request.GetBody()
	request.Body = body
	return err == nil
}

// limit reports whether GitHub refused because too much was asked, and for how
// long it wants to be left alone. What it refuses for that it did not do.
func limit(answer *http.Response) (wait time.Duration, limited bool) {
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != http.StatusForbidden {
		return 0, false
	}
	if wait := retryAfter(answer.Header); wait > 0 {
		return wait, true
	}
	if answer.Header.Get("X-RateLimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return believable(time.Until(time.Unix(at, 0))) + time.Second, true
		}
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		return secondaryWait, true
	}
	return secondaryWait, strings.Contains(string(bytes.ToLower(peek(answer))), "secondary rate limit")
}

// peek reads the beginning of the answer's body and leaves the body whole.
func peek(answer *http.Response) []byte {
	start, err := io.ReadAll(io.LimitReader(answer.Body, 16<<10))
	rest := io.MultiReader(bytes.NewReader(start), answer.Body)
	if err != nil {
		rest = io.MultiReader(bytes.NewReader(start), broken{err})
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{rest, answer.Body}
	return start
}

// broken is the rest of a body that broke off.
type broken struct{ err error }

// Read implements io.Reader.
func (b broken) Read([]byte) (int, error) { return 0, b.err }

// retryAfter reads the header's two forms, seconds and a date; 0 for none.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return believable(time.Duration(seconds) * time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return believable(time.Until(at))
	}
	return 0
}

// longestHint is the longest time for which GitHub is taken to want to be left
// alone; its limits are for an hour. A time near the end of all times has no room
// for a second more: it would turn into one that is over.
const longestHint = 24 * time.Hour

func believable(hint time.Duration) time.Duration { return min(max(hint, 0), longestHint) }
