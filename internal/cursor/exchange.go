package cursor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	// maxAnswer is the longest JSON answer that is read.
	maxAnswer = 16 << 20
	// maxValues is how many values a JSON answer may hold: a list of "{}" takes a
	// hundred times its own length in memory.
	maxValues = 250_000
	// maxErrorBody is how much of an error's body is read.
	maxErrorBody = 64 << 10
	// maxWord is the longest code, request id or provider, in runes.
	maxWord = 128
	// maxHelpURL is the longest help URL, in runes.
	maxHelpURL = 2000
)

// ErrNoAnswer is below the Error of a call that the server has kept waiting for
// too long: it may still be at work on it.
var ErrNoAnswer = errors.New("no answer in time")

// timeout ends an attempt that took too long. It is no
// context.DeadlineExceeded: that would be the caller's own deadline.
type timeout struct {
	after time.Duration
	err   error // what it is known by outside of the package; may be nil
}

func (t *timeout) Error() string { return "nothing came for " + t.after.String() }
func (t *timeout) Unwrap() error { return t.err }

// trail follows how far a request got. Its hooks run on other goroutines, even
// after the request has failed.
type trail struct {
	asked, connected, wrote atomic.Bool
}

func (t *trail) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { t.asked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { t.connected.Store(true) },
		WroteHeaders: func() { t.wrote.Store(true) },
	})
}

// unsent reports whether the server can't have seen the whole request. A
// transport that does not tell (asked is false) gets no such trust, and a
// request that was interrupted may still be being written.
func (t *trail) unsent(interrupted bool) bool {
	return t.asked.Load() && (!t.connected.Load() || !interrupted && !t.wrote.Load())
}

// open sends one attempt of k and returns the answer, whatever its status, with
// its body unread.
func (c *Client) open(k call, client *http.Client, request *http.Request) (*http.Response, *Error) {
	var t trail
	ctx := request.Context()
	answer, err := client.Do(request.WithContext(t.follow(ctx)))
	if err == nil {
		return answer, nil
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // the outer text repeats the URL
	}
	failure := c.broken(ctx, k, 0, err)
	switch cut := ctx.Err() != nil; {
	case !cut && neverHeals(err):
		failure.Class, failure.MaybeDone = Final, false
	case t.unsent(cut):
		failure.Class, failure.MaybeDone = Transient, false
	}
	return nil, failure
}

// broken is the error of an attempt whose answer did not come, or not whole.
func (c *Client) broken(ctx context.Context, k call, status int, err error) *Error {
	e := k.lost(status)
	cause := context.Cause(ctx)
	switch slow, ok := errors.AsType[*timeout](cause); {
	case ok:
		e.Err, e.Message = slow, slow.Error()
	case cause != nil:
		e.Err, e.Message = stopReason(ctx), c.line(k, cause.Error())
	case status != 0:
		e.Err, e.Message = err, "the answer broke off: "+c.line(k, err.Error())
	case errors.Is(err, io.EOF):
		e.Err, e.Message = err, "the connection was closed without an answer"
	default:
		e.Err, e.Message = err, c.line(k, err.Error())
	}
	return e
}

// neverHeals reports whether a connection fails for a reason that a second
// attempt meets again: nobody can vouch for the server, or it or the proxy
// speaks another language. The request has not been sent then.
func neverHeals(err error) bool {
	return isA[*tls.CertificateVerificationError](err) ||
		isA[x509.UnknownAuthorityError](err) || isA[x509.HostnameError](err) ||
		isA[x509.CertificateInvalidError](err) || isA[x509.SystemRootsError](err) ||
		isA[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch) ||
		isA[*ProxyError](err)
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// stopReason is what ended ctx.
func stopReason(ctx context.Context) error {
	return &stopped{cause: context.Cause(ctx), reason: ctx.Err()}
}

// interrupted reports whether the caller's context ended the attempt.
func interrupted(err *Error) bool { return isA[*stopped](err) }

// lost is the error of an attempt after which only the server knows whether k
// was carried out.
func (k call) lost(status int) *Error {
	e := &Error{Op: k.op, Method: k.method, Path: k.path, Status: status, Class: Transient}
	if k.method != http.MethodGet {
		e.MaybeDone = true
		if !k.safe {
			e.Class = Ambiguous
		}
	}
	return e
}

// refused is the error of an answer that is none of the 2xx. It reads the body,
// within bounds.
func (c *Client) refused(k call, answer *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody+1)) // a part says more than nothing
	f := fault{message: fmt.Sprintf("an error page of more than %d KiB", maxErrorBody>>10)}
	if len(body) <= maxErrorBody { // the end of what was cut could be half a secret
		f = readFault(body)
	}
	if answer.StatusCode/100 == 3 {
		f = fault{message: redirectMessage(answer, func(to *url.URL) bool { return sameOrigin(answer.Request, to) })}
	}
	e := k.verdict(answer.StatusCode, Code(c.redactor.line(f.code, maxWord)))
	e.Message = c.line(k, f.message)
	e.RequestID = c.requestID(answer)
	e.Provider = c.redactor.line(f.provider, maxWord)
	e.RetryAfter = retryAfter(answer.Header, f.retryAfter, time.Now())
	if u, err := url.Parse(f.helpURL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		e.HelpURL = c.redactor.line(f.helpURL, maxHelpURL)
	}
	return e
}

// verdict classifies an answer: its code decides, then its status.
func (k call) verdict(status int, code Code) *Error {
	if code == "" {
		code = k.words[status]
	}
	e := &Error{Op: k.op, Method: k.method, Path: k.path, Status: status, Code: code}
	switch code {
	case CodeUsageLimitExceeded, CodeNotImplemented,
		CodeUnauthorized, CodeAPIKeyNotFound,
		CodePlanRequired, CodeRoleForbidden, CodeFeatureUnavailable, CodeServiceAccountRequired,
		CodeIntegrationNotConnected, CodeTeamAdminRequired, CodeKeyNotSupported, CodeRepositoryAccess,
		CodeValidationError, CodeMissingBody, CodeInvalidModel, CodeInvalidBranchName,
		CodeRepositoryRequired, CodePRResolutionFailed, CodeInvalidLastEventID, CodeDuplicateJSONKey,
		CodeAgentNotFound, CodeRunNotFound, CodeArtifactNotFound, CodeEnvironmentNotFound, CodeBuildNotFound,
		CodeAgentBusy, CodeAgentArchived, CodeAgentIDConflict, CodeRunNotCancellable,
		CodeEnvironmentNameConflict, CodeStreamExpired:
		return e
	case CodeRateLimitExceeded:
		e.Class = Throttled
		return e
	case CodeStreamUnavailable:
		e.Class = Transient
		return e
	case CodeClientCancelled, CodeUpstreamError, CodeInternalError:
		status = http.StatusInternalServerError
	}
	switch {
	case status == http.StatusTooManyRequests:
		e.Class = Throttled
	case status == http.StatusNotImplemented:
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		lost := k.lost(status)
		e.Class, e.MaybeDone = lost.Class, lost.MaybeDone
	}
	return e
}

// line prepares text from outside for a message about k.
func (c *Client) line(k call, text string) string {
	r := c.redactor
	if len(k.secrets) > 0 {
		r = r.with(k.secrets)
	}
	return r.line(text, maxMessage)
}

func (c *Client) requestID(answer *http.Response) string {
	return c.redactor.line(answer.Header.Get("X-Request-Id"), maxWord)
}
