// Package cursor is a client of the Cursor API: agents, their runs, the stream
// of a run's events, usage, artifacts and the account. Client speaks version 1,
// ClientV0 version 0 by the same methods, and API is either.
//
// Every method makes one logical call. The client repeats a call by itself only
// where the server can't carry it out twice (see RetryPolicy and Class), and
// reports what it can't know: Error.MaybeDone says that a call which failed may
// have been carried out all the same.
//
// The API is a public beta whose answers change, so decoding is lenient: unknown
// fields, enum values and events pass, and absent or odd times are zero.
package cursor

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cursor-agent-action/internal/secret"
)

// DefaultBaseURL is where Cursor serves the API.
const DefaultBaseURL = "https://api.cursor.com"

// defaultIdleTimeout is longer than the gaps that were seen between the
// heartbeats of a healthy stream, and short enough that a connection which died
// without a word costs little.
const defaultIdleTimeout = 90 * time.Second

// Config says how to reach the API. Only Key is required.
type Config struct {
	// BaseURL is where the API is served; "" means DefaultBaseURL. It must be
	// https, or http on a loopback host (localhost, 127.0.0.0/8, ::1). A path
	// prefix is kept. It has no user info, query or fragment.
	BaseURL string

	// Key is sent as a Bearer token, and only to the host of BaseURL.
	Key secret.Text

	// Version of the product, for the User-Agent header; "" means "dev".
	Version string

	// Transport carries the requests; nil means a transport of the client's own
	// that honours the standard proxy variables, speaks HTTP/2, wants TLS 1.2 or
	// newer and gives up on a connection that can't be made.
	Transport http.RoundTripper

	// Retry says how long and how often a call is repeated.
	Retry RetryPolicy

	// IdleTimeout is the longest silence of a stream, heartbeats counting as
	// sound; 0 means 90 seconds.
	IdleTimeout time.Duration

	// CreateGrace is how long a CreateAgent or CreateRun on its way goes on when
	// its context ends, so that the answer, and with it the agent, is not lost. Nothing is
	// sent any more then. 0 means that it ends with its context.
	CreateGrace time.Duration

	// Random returns numbers from 0 to below 1, for the jitter of waits; nil
	// means math/rand's. Calls that run at the same time use it at the same time.
	Random func() float64

	// PollInterval is the first wait between two readings of a conversation,
	// which take the place of a stream in version 0; it grows to six times that
	// while nothing happens. 0 means 10 seconds.
	PollInterval time.Duration

	// OnRetry is told before each wait; it may be nil. Calls that run at the
	// same time tell it at the same time.
	OnRetry func(Retry)

	// OnAttempt is told after each attempt, when a stream has ended for
	// instance; it may be nil. Calls that run at the same time tell it at the
	// same time.
	OnAttempt func(Attempt)
}

// Attempt describes one exchange with the server. It holds nothing of the
// headers and bodies but the request's id and what an error says.
type Attempt struct {
	Method   string
	Path     string // escaped, without the query and the base URL's prefix; a host and path for a download
	Number   int    // counts from 1 within the call
	Status   int    // 0 when no answer came
	Duration time.Duration
	// RequestID is the server's name for the exchange, for its support; "" when
	// it gave none.
	RequestID string
	// Err is an *Error, or nil when the attempt brought what was asked for.
	Err error
}

// Client speaks version 1 of one API under one key. It may be used by many goroutines.
type Client struct {
	base        *url.URL
	key         secret.Text
	userAgent   string
	api         *http.Client
	storage     *http.Client
	retry       RetryPolicy
	idle        time.Duration
	createGrace time.Duration
	random      func() float64
	onRetry     func(Retry)
	onAttempt   func(Attempt)
	redactor    redactor
}

// New checks config and returns a client for it. It sends nothing.
func New(config Config) (*Client, error) {
	base, err := parseBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	key := config.Key.Reveal()
	if key == "" {
		return nil, errors.New("the Cursor API key is empty; create one at https://cursor.com/dashboard/api")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the Cursor API key holds a space, a line break or another character that no key has; copy it again from https://cursor.com/dashboard/api")
	}
	transport := config.Transport
	if transport == nil {
		transport = NewTransport()
	}
	idle := config.IdleTimeout
	if idle <= 0 {
		idle = defaultIdleTimeout
	}
	version := config.Version
	if version == "" {
		version = "dev"
	}
	random := config.Random
	if random == nil {
		random = rand.Float64
	}
	return &Client{
		base:        base,
		key:         config.Key,
		userAgent:   "cursor-agent-action/" + version,
		api:         &http.Client{Transport: transport, CheckRedirect: followSameOrigin},
		storage:     &http.Client{Transport: transport, CheckRedirect: followStorage},
		retry:       config.Retry.withDefaults(),
		idle:        idle,
		createGrace: config.CreateGrace,
		random:      random,
		onRetry:     config.OnRetry,
		onAttempt:   config.OnAttempt,
		redactor:    newRedactor(key),
	}, nil
}

// Format implements fmt.Formatter: a client prints as its address, in every
// format, because fmt shows what stands in unexported fields, secrets too.
func (c *Client) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "cursor.Client(%s)", c.base) }
