package cursor_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// roundTrip is a transport that is no http.Transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARequestThatWasNeverSentIsRepeatedWhateverItIs(t *testing.T) {
	t.Parallel()
	_, url := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		say(w, 201, `{"id":"`+agentID+`","agent":`+agentJSON+`,"run":`+runJSON+`}`)
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
		old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		old.StartTLS()
		t.Cleanup(old.Close)
		if err := calls[0].call(t.Context(), client(t, old.URL, cursor.Config{Retry: once})); !strings.Contains(text(err), "protocol version") {
			t.Errorf("got %v, want a refusal of the protocol version", err)
		}
	})
}

func TestAFaultThatNeverHealsIsFinalHoweverItIsWrapped(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{
		x509.UnknownAuthorityError{}, x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"},
		x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}, x509.SystemRootsError{Err: errors.New("none")},
		&tls.CertificateVerificationError{Err: errors.New("bad")}, tls.RecordHeaderError{Msg: "no TLS"}, http.ErrSchemeMismatch,
	} {
		for _, err := range []error{fault, fmt.Errorf("dial: %w", fault)} {
			c := client(t, "https://127.0.0.1", cursor.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })})
			if e := asError(t, calls[5].call(t.Context(), c)); e.Class != cursor.Final || e.MaybeDone || e.Attempts != 1 {
				t.Errorf("%v: got %#v, want a final error of one attempt", err, e)
			}
		}
	}
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
