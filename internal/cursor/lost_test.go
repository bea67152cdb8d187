package cursor_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// roundTrip is a transport that is no http.Transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answered writes an answer for a bare connection.
func answered(status, body string) string {
	return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func TestALostAnswerIsRepeatedOnlyWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name, answer string
		status       int
		message      string
	}{
		{"no answer", "", 0, "the connection was closed without an answer"},
		{"half a header", "HTTP/1.1 200 O", 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF"},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":\"x\"", 200, "the answer broke off: unexpected EOF"},
		{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", 200, "the answer broke off: unexpected EOF"},
		{"JSON without an end", answered("200 OK", `{"id":"x`), 200, ""},
		{"a login page", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 28\r\n\r\n<html><title>Hi</title>x\n   ", 200, `the answer is a web page titled "Hi", not JSON`},
		{"an answer to another question", answered("200 OK", `[]`), 200, ""},
		{"an empty 500", answered("500 Internal Server Error", ""), 500, ""},
	}
	want := map[string]struct {
		verdict
		attempts int
	}{
		"GET":               {verdict{cursor.Transient, false}, 3},
		"DELETE":            {verdict{cursor.Transient, true}, 3},
		"safe POST":         {verdict{cursor.Transient, true}, 3},
		"create with id":    {verdict{cursor.Transient, true}, 3},
		"create without id": {verdict{cursor.Ambiguous, true}, 1},
		"create run":        {verdict{cursor.Ambiguous, true}, 1},
	}
	for _, way := range ways {
		for _, call := range calls {
			t.Run(way.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				stop, cancel := context.WithCancelCause(t.Context())
				url, count := raw(t, func(int, *http.Request) (string, bool) { return way.answer, false })
				c := client(t, url, cursor.Config{
					Retry: cursor.RetryPolicy{Initial: 1, Max: 1},
					OnRetry: func(r cursor.Retry) {
						if r.Attempt == 3 {
							cancel(errStop) // five minutes are not needed to see it
						}
					},
				})
				err := call.call(stop, c)
				e := asError(t, err)
				w := want[call.name]
				if diff := cmp.Diff(w.verdict, verdict{e.Class, e.MaybeDone}); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}
				if count() != w.attempts || e.Attempts != w.attempts || e.Status != way.status {
					t.Errorf("%d requests, %d attempts and status %d; want %d attempts and status %d", count(), e.Attempts, e.Status, w.attempts, way.status)
				}
				if way.message != "" && e.Message != way.message {
					t.Errorf("message %q, want %q", e.Message, way.message)
				}
			})
		}
	}
}

func TestAnAnswerThatIsNotTheOneAskedForSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, want string
		call             func(context.Context, *cursor.Client) error
	}{
		{"an agent without id", `{}`, "it has no id", calls[0].call},
		{"a created agent without id", `{"agent":{},"run":{"id":"r"}}`, "it has no agent.id", calls[4].call},
		{"a created agent without a run", `{"agent":{"id":"a"}}`, "it has no run.id", calls[4].call},
		{"a created run without id", `{"run":{}}`, "it has no run.id", calls[5].call},
		{"a run without id", `{"status":"FINISHED"}`, "it has no id", func(ctx context.Context, c *cursor.Client) error { _, err := c.GetRun(ctx, agentID, runID); return err }},
		{"a list without items", `{"agents":[]}`, "it has no items", func(ctx context.Context, c *cursor.Client) error {
			_, err := collect(c.ListAgents(ctx, cursor.ListAgentsOptions{}))
			return err
		}},
		{"artifacts without items", `{}`, "it has no items", func(ctx context.Context, c *cursor.Client) error { _, err := c.ListArtifacts(ctx, agentID); return err }},
		{"repositories without items", `{}`, "it has no items", func(ctx context.Context, c *cursor.Client) error { _, err := c.Repositories(ctx); return err }},
		{"usage without numbers", `{"runs":[]}`, "it has no totalUsage", func(ctx context.Context, c *cursor.Client) error { _, err := c.Usage(ctx, agentID, ""); return err }},
		{"a download without URL", `{}`, "it has no url", func(ctx context.Context, c *cursor.Client) error {
			_, err := c.ArtifactURL(ctx, agentID, "p")
			return err
		}},
		{"a key without a name", `{}`, "it has no apiKeyName", func(ctx context.Context, c *cursor.Client) error { _, err := c.Me(ctx); return err }},
		{"a cancel answered with a word", `"ok"`, "it is no JSON object", calls[2].call},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, tt.body) })
			e := asError(t, tt.call(t.Context(), client(t, url, cursor.Config{Retry: once})))
			if want := "the answer is not what the API documents: " + tt.want; e.Message != want || e.Status != 200 {
				t.Errorf("message %q and status %d, want %q and 200", e.Message, e.Status, want)
			}
		})
	}
}

func TestALostCreateIsKnownByTheConflictOfTheNextAttempt(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
		if number == 1 {
			panic(http.ErrAbortHandler) // carried out, and the connection breaks
		}
		say(w, 409, fault("agent_id_conflict", "exists"))
	})
	err := calls[3].call(t.Context(), client(t, url, cursor.Config{}))
	want := "create agent: POST /v1/agents: 409 agent_id_conflict: exists (2 attempts, may have been carried out)"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if e := asError(t, err); !e.MaybeDone || e.Class != cursor.Final || !errors.Is(err, cursor.CodeAgentIDConflict) {
		t.Errorf("got %#v, want a final conflict that may be our own", e)
	}
	if n := len(server.seen()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}

	// Without a lost answer the conflict is another's.
	_, url = serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		say(w, 409, fault("agent_id_conflict", "exists"))
	})
	if e := asError(t, calls[3].call(t.Context(), client(t, url, cursor.Config{}))); e.MaybeDone {
		t.Errorf("got %#v, want a conflict that can't be our own", e)
	}
}

// net/http repeats a POST by itself when it has a canonical Idempotency-Key
// header and a kept-alive connection breaks. That must not happen: neither to a
// POST that may not be repeated, nor to one that may, because its first attempt
// would go unnoticed.
func TestNoPOSTIsRepeatedBehindOurBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call func(context.Context, *cursor.Client) error
		want []string
		text string
	}{
		{
			name: "an unsafe one", call: calls[5].call,
			want: []string{"GET /v1/agents/" + agentID, "POST /v1/agents/" + agentID + "/runs"},
			text: "create run: POST /v1/agents/" + agentID + "/runs: the connection was closed without an answer (may have been carried out)",
		},
		{
			name: "a safe one", call: calls[3].call,
			want: []string{"GET /v1/agents/" + agentID, "POST /v1/agents", "POST /v1/agents"},
			text: "create agent: POST /v1/agents: 409 agent_id_conflict: exists (2 attempts, may have been carried out)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			connections := map[string]int{}
			url, _ := raw(t, func(number int, r *http.Request) (string, bool) {
				seen = append(seen, r.Method+" "+r.RequestURI)
				connections[r.Header.Get("Idempotency-Key")]++
				switch number {
				case 1:
					return answered("200 OK", agentJSON), true
				case 2:
					return "", false // read whole, on the connection of the first
				default:
					return answered("409 Conflict", fault("agent_id_conflict", "exists")), false
				}
			})
			c := client(t, url, cursor.Config{})
			if _, err := c.GetAgent(t.Context(), agentID); err != nil {
				t.Fatal(err)
			}
			err := tt.call(t.Context(), c)
			if diff := cmp.Diff(tt.text, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if len(connections) != 2 {
				t.Errorf("idempotency keys %v, want none for the GET and one for the POST", connections)
			}
		})
	}
}

func TestARequestThatWasNeverSentIsRepeatedWhateverItIs(t *testing.T) {
	t.Parallel()
	_, url := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		say(w, 201, `{"id":"x","agent":`+agentJSON+`,"run":`+runJSON+`}`)
	})
	ways := []struct {
		name string
		err  error
	}{
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}},
		{"name not found", &net.DNSError{Err: "no such host", Name: "api.cursor.com", IsNotFound: true}},
	}
	for _, way := range ways {
		for _, call := range calls {
			t.Run(way.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				var dials int
				transport := cursor.NewTransport()
				t.Cleanup(transport.CloseIdleConnections)
				transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					if dials++; dials < 3 {
						return nil, way.err
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				}
				var told []cursor.Class
				c := client(t, url, cursor.Config{Transport: transport, OnRetry: func(r cursor.Retry) {
					told = append(told, r.Err.Class)
					if r.Err.MaybeDone || !errors.Is(r.Err, way.err) || r.Err.Status != 0 {
						t.Errorf("told of %#v", r.Err)
					}
				}})
				if err := call.call(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]cursor.Class{cursor.Transient, cursor.Transient}, told); diff != "" {
					t.Errorf("classes (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestHowFarARequestGotDecidesWhetherItMayBeDone(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := []struct {
		name        string
		reached     int // 0 nothing, 1 wants a connection, 2 has one, 3 has written the header
		interrupted bool
		want        verdict
	}{
		{"no connection", 1, false, verdict{cursor.Transient, false}},
		{"no connection before the end", 1, true, verdict{cursor.Transient, false}},
		{"a connection and no header", 2, false, verdict{cursor.Transient, false}},
		{"a connection, and perhaps a header after the end", 2, true, verdict{cursor.Ambiguous, true}},
		{"a header", 3, false, verdict{cursor.Ambiguous, true}},
		{"a transport that does not tell", 0, false, verdict{cursor.Ambiguous, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			c := client(t, "http://127.0.0.1", cursor.Config{Retry: once, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				hooks := httptrace.ContextClientTrace(r.Context())
				if tt.reached > 0 {
					hooks.GetConn("127.0.0.1:80")
				}
				if tt.reached > 1 {
					hooks.GotConn(httptrace.GotConnInfo{})
				}
				if tt.reached > 2 {
					hooks.WroteHeaders()
				}
				if tt.interrupted {
					cancel(errStop)
				}
				return nil, broken
			})})
			e := asError(t, calls[5].call(ctx, c))
			if diff := cmp.Diff(tt.want, verdict{e.Class, e.MaybeDone}); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if want := map[bool]error{true: errStop, false: broken}[tt.interrupted]; !errors.Is(e, want) {
				t.Errorf("%v does not match %q", e, want)
			}
		})
	}
}

func TestAServerThatNobodyVouchesForIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	quiet := log.New(io.Discard, "", 0)
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, 200, agentJSON) })
	secure := httptest.NewUnstartedServer(answer)
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(answer)
	t.Cleanup(plain.Close)

	trusting := func(name string) *http.Transport {
		transport := cursor.NewTransport()
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(secure.Certificate())
		transport.TLSClientConfig.ServerName = name
		return transport
	}
	expired := trusting("example.com")
	expired.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) }
	tests := []struct {
		name      string
		url       string
		transport *http.Transport
		want      string
	}{
		{"an unknown authority", secure.URL, cursor.NewTransport(), "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"another's name", secure.URL, trusting("api.cursor.com"), "tls: failed to verify certificate: x509: certificate is valid for example.com, *.example.com, not api.cursor.com"},
		{"an old certificate", secure.URL, expired, "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: "},
		{"http instead of https", strings.Replace(plain.URL, "http", "https", 1), cursor.NewTransport(), "http: server gave HTTP response to HTTPS client"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(tt.transport.CloseIdleConnections)
			for _, call := range calls {
				e := asError(t, call.call(t.Context(), client(t, tt.url, cursor.Config{Transport: tt.transport})))
				if e.Class != cursor.Final || e.MaybeDone || e.Attempts != 1 || !strings.HasPrefix(e.Message, tt.want) {
					t.Errorf("%s: got %#v, want a final error of one attempt that says %q", call.name, e, tt.want)
				}
			}
		})
	}
	t.Run("one that is trusted", func(t *testing.T) {
		t.Parallel()
		transport := trusting("example.com")
		t.Cleanup(transport.CloseIdleConnections)
		if err := calls[0].call(t.Context(), client(t, secure.URL, cursor.Config{Transport: transport})); err != nil {
			t.Error(err)
		}
	})
	t.Run("one with an old TLS", func(t *testing.T) {
		t.Parallel()
		old := httptest.NewUnstartedServer(answer)
		old.Config.ErrorLog = quiet
		old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
		old.StartTLS()
		t.Cleanup(old.Close)
		if err := calls[0].call(t.Context(), client(t, old.URL, cursor.Config{Retry: once})); !strings.Contains(text(err), "protocol version") {
			t.Errorf("got %v, want a refusal of the protocol version", err)
		}
	})
}

func TestAProxyThatRefusesIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		want   string
		class  cursor.Class
	}{
		{407, "create run: POST /v1/agents/" + agentID + "/runs: the proxy asks for credentials (407); put them into the HTTPS_PROXY variable", cursor.Final},
		{403, "create run: POST /v1/agents/" + agentID + "/runs: the proxy refuses the connection (403)", cursor.Final},
		{503, "create run: POST /v1/agents/" + agentID + "/runs: Service Unavailable", cursor.Transient},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			proxy, proxyURL := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(tt.status) })
			transport := cursor.NewTransport()
			t.Cleanup(transport.CloseIdleConnections)
			at, err := url.Parse(proxyURL)
			if err != nil {
				t.Fatal(err)
			}
			transport.Proxy = http.ProxyURL(at)
			err = calls[5].call(t.Context(), client(t, "https://api.example.com", cursor.Config{Transport: transport, Retry: once}))
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if e := asError(t, err); e.Class != tt.class || e.MaybeDone {
				t.Errorf("got %#v, want class %v and nothing done", e, tt.class)
			}
			for _, r := range proxy.seen() {
				if r.Method != http.MethodConnect || r.Header.Get("Authorization") != "" {
					t.Errorf("the proxy saw %v", r)
				}
			}
		})
	}
}

func TestAnAnswerWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	endless := func(status int) *cursor.Client {
		return client(t, "http://127.0.0.1", cursor.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(zeros{}), Request: r}, nil
		})})
	}
	want := map[string]verdict{
		"GET":               {cursor.Final, false},
		"DELETE":            {cursor.Final, true},
		"safe POST":         {cursor.Final, true},
		"create with id":    {cursor.Final, true},
		"create without id": {cursor.Ambiguous, true},
		"create run":        {cursor.Ambiguous, true},
	}
	for _, call := range calls {
		e := asError(t, call.call(t.Context(), endless(200)))
		if diff := cmp.Diff(want[call.name], verdict{e.Class, e.MaybeDone}); diff != "" || e.Message != "the answer is longer than 16 MiB" || e.Attempts != 1 {
			t.Errorf("%s: got %#v (-want +got):\n%s", call.name, e, diff)
		}
	}
	if e := asError(t, calls[0].call(t.Context(), endless(404))); e.Message != "an error page of more than 64 KiB" {
		t.Errorf("got %#v, want its body cut off", e)
	}
}

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestACreateOnItsWayGetsItsGrace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		takes time.Duration // the server, for its answer
		call  func(context.Context, *cursor.Client) error
		ends  time.Duration
		want  string
	}{
		{"and its answer counts", 4 * time.Second, calls[4].call, 4 * time.Second, ""},
		{"which ends", time.Hour, calls[4].call, 5 * time.Second, "create agent: POST /v1/agents: the workflow was cancelled (may have been carried out)"},
		{"and no other call", 4 * time.Second, calls[0].call, 3 * time.Second, "get agent: GET /v1/agents/" + agentID + ": the workflow was cancelled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					select {
					case <-time.After(tt.takes):
						say(w, 201, `{"agent":`+agentJSON+`,"run":`+runJSON+`}`)
					case <-r.Context().Done():
					}
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Second, func() { cancel(errStop) })
				begun := time.Now()
				err := tt.call(ctx, bubbleClient(t, transport, cursor.Config{CreateGrace: 2 * time.Second}))
				between(t, "the call", time.Since(begun), tt.ends, tt.ends)
				if diff := cmp.Diff(tt.want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if n := len(server.seen()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}
