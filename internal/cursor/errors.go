package cursor

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class says what may be done about a failed call.
type Class int

const (
	// Final: the same call fails again. It was not carried out, unless
	// Error.MaybeDone says that an earlier attempt may have been.
	Final Class = iota
	// Transient: the same call may succeed later, and repeating it does no harm.
	Transient
	// Throttled: the same call may succeed after Error.RetryAfter. It was not
	// carried out.
	Throttled
	// Ambiguous: the call may or may not have been carried out, and repeating it
	// could do its work twice. Only looking at the server's state tells.
	Ambiguous
)

// String returns the class as a word for logs.
func (c Class) String() string {
	switch c {
	case Final:
		return "final"
	case Transient:
		return "transient"
	case Throttled:
		return "throttled"
	case Ambiguous:
		return "ambiguous"
	}
	return "class " + strconv.Itoa(int(c))
}

// Error is a call that failed. Its text is one line of bounded length and holds
// no secret of the call: neither the key nor values of environment variables.
type Error struct {
	Op     string // what was being done, such as "create agent"
	Method string
	Path   string // escaped, without the query and the base URL's prefix; a URL without its query for a download
	Status int    // 0: no answer

	// Code is the API's word for the error, "" when it gave none.
	Code Code
	// Message is the API's sentence, or what became of the connection; one line
	// of at most 500 characters, "" when nothing was said.
	Message string
	// RequestID is the server's name for the exchange, from x-request-id.
	RequestID string
	// HelpURL is a page that the API points to, with http or https, or "".
	HelpURL string
	// Provider is the integration that the error is about, such as "github".
	Provider string

	// RetryAfter is how long the server asked to wait, 0 when it did not.
	RetryAfter time.Duration
	Class      Class
	// Attempts is how often the call was sent.
	Attempts int
	// MaybeDone is true when this attempt or an earlier one of the same call may
	// have been carried out by the server although no answer said so.
	MaybeDone bool
	// Err is what happened below: a transport's error, a context's cause or one
	// of this package's errors; nil when the server refused.
	Err error
}

// Error returns one line, for example
//
//	create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down (request abc, 4 attempts)
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Method != "" {
		b.WriteString(": " + e.Method + " " + e.Path)
	}
	if e.Status != 0 || e.Code != "" {
		b.WriteString(": " + e.verdict())
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	} else if e.Status == 0 && e.Err != nil {
		b.WriteString(": " + oneLine(e.Err.Error(), maxMessage))
	}
	var notes []string
	if e.RequestID != "" {
		notes = append(notes, "request "+e.RequestID)
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.MaybeDone {
		notes = append(notes, "may have been carried out")
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// verdict is the status, with its code or else with HTTP's name for it.
func (e *Error) verdict() string {
	word := cmp.Or(string(e.Code), http.StatusText(e.Status))
	if e.Status == 0 {
		return word
	}
	return strings.TrimSpace(strconv.Itoa(e.Status) + " " + word)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is matches a Code. Some layers of the API answer 401 and 429 without one:
// those match CodeUnauthorized and CodeRateLimitExceeded by their status.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	switch {
	case !ok:
		return false
	case e.Code != "":
		return e.Code == code
	}
	return e.Status == http.StatusUnauthorized && code == CodeUnauthorized ||
		e.Status == http.StatusTooManyRequests && code == CodeRateLimitExceeded
}

// stopped is the end of a call by its context: the cause that was given, and
// context.Canceled or context.DeadlineExceeded for those who look for these.
type stopped struct{ cause, reason error }

func (s *stopped) Error() string   { return s.cause.Error() }
func (s *stopped) Unwrap() []error { return []error{s.cause, s.reason} }
