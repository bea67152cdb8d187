package cli_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

const networkPage = "https://cursor.com/docs/enterprise/network-configuration"

// unanswered is a network on which no connection comes about.
type unanswered struct{}

func (unanswered) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, context.Cause(request.Context())
}

// authority signs certificates, and nobody knows it.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// serve answers over TLS under a certificate for names, valid between from and
// to from now on.
func (a *authority) serve(t *testing.T, handler http.Handler, from, to time.Duration, version uint16, names ...string) string {
	t.Helper()
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}}, MaxVersion: version}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// notFoundDNS is a DNS server that knows no name, or with refuses answers none.
func notFoundDNS(t *testing.T, code byte) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(packet)
			if err != nil {
				return
			}
			// The question itself, marked as an answer, with its code and
			// without the additional record that asks for more room.
			answer := append([]byte(nil), packet[:n]...)
			answer[2], answer[3] = 0x81, 0x80|code
			copy(answer[6:12], make([]byte, 6))
			end := 12
			for answer[end] != 0 {
				end += int(answer[end]) + 1
			}
			_, _ = socket.WriteTo(answer[:end+5], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

// over is the program's own transport with one thing changed.
func over(change func(*http.Transport)) http.RoundTripper {
	transport := cursor.NewTransport()
	transport.DisableKeepAlives = true
	change(transport)
	return transport
}

// proxy is a proxy that answers every CONNECT so.
func proxy(t *testing.T, status int) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

var moment = regexp.MustCompile(`20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC`)

func TestEachFaultOfTheNetworkIsToldApart(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	plain := httptest.NewServer(hello)
	t.Cleanup(plain.Close)
	const hour = time.Hour
	const renew = "check this machine's clock, which shows MOMENT; if it is right, whoever runs that server or a proxy before it must renew the certificate"
	for _, test := range []struct {
		name      string
		address   string
		transport http.RoundTripper
		found     string
		fix       string
	}{
		{"an expired certificate", ca.serve(t, hello, -2*hour, -hour, 0, "127.0.0.1"), nil,
			"the certificate of 127.0.0.1 ended on MOMENT", renew},
		{"a certificate of tomorrow", ca.serve(t, hello, 24*hour, 48*hour, 0, "127.0.0.1"), nil,
			"the certificate of 127.0.0.1 is not valid before MOMENT", renew},
		{"a certificate for others", ca.serve(t, hello, -hour, hour, 0, "example.com", "a.example", "10.0.0.1", "b.example"), nil,
			"the certificate of 127.0.0.1 is for example.com, a.example, b.example, others", "something else answers for 127.0.0.1: check api-url, DNS and the proxy"},
		{"a certificate for nobody", ca.serve(t, hello, -hour, hour, 0), nil,
			"the certificate of 127.0.0.1 is for leaf", "something else answers for 127.0.0.1: check api-url, DNS and the proxy"},
		{"a private authority", ca.serve(t, hello, -hour, hour, 0, "127.0.0.1"), nil,
			"nobody whom this machine trusts vouches for the certificate of 127.0.0.1 (issuer: CN=Acme Root)", "if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE"},
		{"a certificate for other uses", ca.serve(t, hello, -hour, hour, 0, "127.0.0.1"), over(func(transport *http.Transport) {
			// An authority that may sign for another place only.
			limited := *ca.cert
			limited.PermittedDNSDomainsCritical = true
			transport.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error {
				return &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Cert: &limited, Reason: x509.IncompatibleUsage}}
			}
			transport.TLSClientConfig.InsecureSkipVerify = true
		}), "the certificate of 127.0.0.1 can't be used: x509: certificate specifies an incompatible key usage", "whoever runs that server or a proxy before it must replace the certificate"},
		{"old TLS", ca.serve(t, hello, -hour, hour, tls.VersionTLS11, "127.0.0.1"), nil,
			"127.0.0.1 and this machine agree on no way to encrypt: tls: protocol version not supported", "TLS 1.2 or newer is needed: whoever runs that server or a proxy before it must allow it"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil,
			"what answers at 127.0.0.1 does not speak TLS", "check the port in api-url, and whether a captive portal or proxy answers instead"},
		{"nobody listens", "https://127.0.0.1:1", nil, // Another test may get a port that was free a moment ago.
			"127.0.0.1 refuses the connection", "correct api-url, or let this machine reach it through the firewall"},
		{"no such name", "https://api.cursor.invalid", over(func(transport *http.Transport) {
			transport.DialContext = (&net.Dialer{Resolver: notFoundDNS(t, 3)}).DialContext
		}), "DNS knows no address for api.cursor.invalid", "correct api-url, or let this machine ask a DNS server that knows api.cursor.invalid"},
		{"DNS that is broken", "https://api.cursor.invalid", over(func(transport *http.Transport) {
			transport.DialContext = (&net.Dialer{Resolver: notFoundDNS(t, 2)}).DialContext
		}), "DNS does not answer for api.cursor.invalid: server misbehaving", "check this machine's DNS servers (/etc/resolv.conf), and run this again"},
		{"a proxy with a lock", "https://api.cursor.invalid", over(func(transport *http.Transport) { transport.Proxy = http.ProxyURL(proxy(t, 407)) }),
			"the proxy asks for credentials (407)", "put the proxy's user name and password into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F"},
		{"a proxy that forbids", "https://api.cursor.invalid", over(func(transport *http.Transport) { transport.Proxy = http.ProxyURL(proxy(t, 403)) }),
			"the proxy refuses the connection (403)", "let the proxy connect to this address, or put it into NO_PROXY"},
		{"a proxy that is not there", "https://api.cursor.invalid", over(func(transport *http.Transport) {
			transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
		}), "the proxy can't be reached: proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused", "correct HTTPS_PROXY, or unset it where no proxy is needed"},
		{"no authorities", "https://api.cursor.invalid", unreachable(x509.SystemRootsError{}),
			"this machine has no certificates of authorities to trust", "install ca-certificates, or put a file of authorities into SSL_CERT_FILE"},
		{"a time-out of the system's", "https://api.cursor.invalid", unreachable(&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}),
			"no connection to api.cursor.invalid could be made within 8s", "let this machine reach api.cursor.invalid by HTTPS, or name a proxy in HTTPS_PROXY"},
		{"something else", "https://api.cursor.invalid", unreachable(&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrPermission}),
			"dial tcp: permission denied", "check this machine's network and firewall, and run this again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := doctorStep(t, simulator.Config{})
			s.with("api-url", test.address)
			program := s.program()
			program.Transport = test.transport
			status := program.Run(t.Context(), []string{"x", "action"})
			_, all := s.findings()
			want := finding{"connection", "failed", test.found, test.fix, networkPage}
			got := all[0]
			got.Found, got.Fix = moment.ReplaceAllString(got.Found, "MOMENT"), moment.ReplaceAllString(got.Fix, "MOMENT")
			if got != want || status != 1 {
				t.Errorf("exit status %d, finding\n%+v\nwant\n%+v", status, got, want)
			}
			for _, f := range all[1:5] {
				if f.Status != "not-checked" {
					t.Errorf("claims to know %+v", f)
				}
			}
			s.noSecret()
		})
	}
}

// TestTheEnvironmentOfARealProcessCounts: the standard variables for proxies
// and authorities are read by a process once, so only a process shows them.
func TestTheEnvironmentOfARealProcessCounts(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	api := simulator.New(simulator.Config{})
	t.Cleanup(api.Close)
	file := filepath.Join(t.TempDir(), "acme.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, address, variable string
		status                  int
		want                    string
	}{
		{"the file of a private authority", ca.serve(t, api, -time.Hour, time.Hour, 0, "127.0.0.1"), "SSL_CERT_FILE=" + file, 0,
			"ok           api-key        Cursor accepts the key\n"},
		{"a proxy with a lock", "https://api.cursor.invalid", "HTTPS_PROXY=" + strings.Replace(proxy(t, 407).String(), "http://", "http://someone:hunter2secret@", 1), 1,
			"failed       connection     the proxy asks for credentials (407)\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			process := exec.CommandContext(t.Context(), "cursor-agent-action", "doctor", "--api-url", test.address)
			process.Env = []string{"PATH=" + os.Getenv("PATH"), "CURSOR_API_KEY=" + key, test.variable}
			out, _ := process.CombinedOutput()
			if status := process.ProcessState.ExitCode(); status != test.status || !strings.Contains(string(out), test.want) {
				t.Errorf("exit status %d, want %d with\n%s\ngot\n%s", status, test.status, test.want, out)
			}
			if strings.Contains(string(out), key) || strings.Contains(string(out), "hunter2") {
				t.Errorf("a secret was written:\n%s", out)
			}
		})
	}
}
