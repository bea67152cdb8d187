package cursor

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// quickTimeout bounds one attempt of a call that the API answers from what
	// it has at hand.
	quickTimeout = 30 * time.Second
	// launchTimeout bounds one attempt of a call that starts a run: that was
	// seen to take more than 30 seconds and to succeed all the same.
	launchTimeout = 150 * time.Second
)

// call is one logical request. It is sent once or more.
type call struct {
	op      string
	method  string
	path    string // escaped
	query   url.Values
	body    []byte
	timeout time.Duration
	grace   time.Duration // of an attempt on its way when the context ends

	// safe is true when a second attempt can't do the work twice although the
	// first may have been carried out.
	safe bool
	// branchCheck is true when the call is answered by the check of branches.
	branchCheck bool
	// stream is true when events are asked for, after lastEventID unless "".
	stream      bool
	lastEventID string
	// idempotencyKey is the same for all attempts.
	idempotencyKey string
	// about is the id that the answer must have, "" when the server chooses it.
	about string
	// words are the codes of answers without one, by their status.
	words map[int]Code
	// secrets are values within body that a message may not repeat.
	secrets []string
}

// get is a call that reads.
func get(op, path string, query url.Values) call {
	return call{op: op, method: http.MethodGet, path: path, query: query, timeout: quickTimeout, safe: true}
}

// post is a call that changes something; a body of nil is sent as {}, because a
// request without a body or with another content type is refused by parts of
// the API.
func post(op, path string, body any) call {
	k := call{op: op, method: http.MethodPost, path: path, body: []byte("{}"), timeout: quickTimeout}
	k.idempotencyKey = rand.Text()
	if body != nil {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false) // prompts are full of <, > and &
		_ = encoder.Encode(body)     // all bodies are of strings, numbers and booleans: they encode
		k.body = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	return k
}

// path joins segments to an escaped path, and refuses ids that would name
// another resource than the one meant.
func path(op string, segments ...string) (string, error) {
	var b strings.Builder
	for _, s := range segments {
		if s == "" || s == "." || s == ".." {
			return "", fmt.Errorf("%s: %q is not an id; pass the id that the API gave", op, s)
		}
		b.WriteString("/" + url.PathEscape(s))
	}
	return b.String(), nil
}

// request builds one attempt of k.
func (c *Client) request(ctx context.Context, k call) *http.Request {
	target := c.base.JoinPath(k.path)
	target.RawQuery = k.query.Encode()
	r := (&http.Request{Method: k.method, URL: target, Header: http.Header{}}).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	r.Header.Set("User-Agent", c.userAgent)
	r.Header.Set("Accept", "application/json")
	if k.body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = int64(len(k.body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k.body)), nil }
		r.Body, _ = r.GetBody()
	}
	if k.idempotencyKey != "" {
		// Not the canonical spelling, by intent: where a connection breaks,
		// net/http sends a POST a second time, and tells nobody, when it finds a
		// header "Idempotency-Key" (https://go.dev/issue/19943). The API makes
		// no promise about that header, so that could create a second agent, and
		// would hide that the first answer was lost. The wire does not care.
		r.Header["idempotency-key"] = []string{k.idempotencyKey}
	}
	if k.stream {
		r.Header.Set("Accept", "text/event-stream")
		// Compression would hold events back until a block is full.
		r.Header.Set("Accept-Encoding", "identity")
		r.Header.Set("Cache-Control", "no-cache")
		if k.lastEventID != "" {
			r.Header.Set("Last-Event-ID", k.lastEventID)
		}
	}
	return r
}
