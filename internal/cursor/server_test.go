package cursor_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

const (
	testKey = "crsr_0123456789abcdef0123456789abcdef"
	agentID = "bc-00000000-0000-0000-0000-000000000001"
	runID   = "run-00000000-0000-0000-0000-000000000001"
)

// request is what a server saw.
type request struct {
	Method, Target, Body string
	Header               http.Header
}

// recorder is a server that notes what it is asked.
type recorder struct {
	mu       sync.Mutex
	requests []request
	answer   func(w http.ResponseWriter, r *http.Request, number int)
}

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, request{r.Method, r.RequestURI, string(body), r.Header})
	number := len(s.requests)
	s.mu.Unlock()
	s.answer(w, r, number)
}

func (s *recorder) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.requests...)
}

// targets are the methods and URLs of what was asked.
func (s *recorder) targets() []string {
	var all []string
	for _, r := range s.seen() {
		all = append(all, r.Method+" "+r.Target)
	}
	return all
}

// serve answers on loopback. number counts the requests from 1.
func serve(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, number int)) (*recorder, string) {
	t.Helper()
	s := &recorder{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// serveInBubble answers inside of a synctest bubble, over pipes, and returns
// the transport that reaches it.
func serveInBubble(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, number int)) (*recorder, *http.Transport) {
	t.Helper()
	s := &recorder{answer: answer}
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s}
	go server.Serve(listener)
	transport := &http.Transport{DialContext: listener.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return s, transport
}

// pipeListener is a network of its own.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// client returns a client of the server at url, with waits that are too short
// to notice where config does not say otherwise.
func client(t testing.TB, url string, config cursor.Config) *cursor.Client {
	t.Helper()
	config.BaseURL = url
	if config.Key.IsZero() {
		config.Key = secret.New(testKey)
	}
	if config.Retry == (cursor.RetryPolicy{}) {
		config.Retry = cursor.RetryPolicy{Initial: 1, Max: 1}
	}
	if config.Transport == nil {
		transport := cursor.NewTransport()
		t.Cleanup(transport.CloseIdleConnections)
		config.Transport = transport
	}
	c, err := cursor.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bubbleClient has the default waits.
func bubbleClient(t testing.TB, transport http.RoundTripper, config cursor.Config) *cursor.Client {
	t.Helper()
	config.Transport = transport
	config.Key = secret.New(testKey)
	config.BaseURL = "http://127.0.0.1"
	c, err := cursor.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// say answers with a status and a JSON body.
func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// fault builds the documented error body.
func fault(code, message string) string {
	return `{"error":{"code":"` + code + `","message":"` + message + `"}}`
}

// asError is err as the client's own error; the test ends when it is none.
func asError(t testing.TB, err error) *cursor.Error {
	t.Helper()
	e, ok := errors.AsType[*cursor.Error](err)
	if !ok {
		t.Fatalf("got error %v (%T), want a *cursor.Error in it", err, err)
	}
	return e
}

// text is the text of err, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// raw serves whole HTTP requests over bare connections: talk gets each of them
// in order and returns the bytes of the answer, and whether the connection is
// kept. It returns the URL and how many requests have come.
func raw(t testing.TB, talk func(number int, r *http.Request) (answer string, keep bool)) (url string, count func() int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var number int
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for {
					r, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					body, _ := io.ReadAll(r.Body)
					r.Body = io.NopCloser(strings.NewReader(string(body)))
					mu.Lock()
					number++
					n := number
					mu.Unlock()
					answer, keep := talk(n, r)
					if !keep { // or the client may send the next request here
						answer = strings.Replace(answer, "\r\n", "\r\nConnection: close\r\n", 1)
					}
					io.WriteString(conn, answer)
					if !keep {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return "http://" + listener.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return number
	}
}

// collect drains a sequence, up to its first error.
func collect[T any](seq func(func(T, error) bool)) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}
