package cursor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxRedirects is how many redirects one attempt follows.
const maxRedirects = 3

// NewTransport is the transport of a Client whose Config names none. It honours
// the standard proxy variables and bounds the making of a connection, but
// neither the wait for an answer nor its length: creating an agent takes more
// than 30 seconds at times and a stream lasts for hours, so that time is
// measured for each attempt.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		// All calls of a process share one HTTP/2 connection. When it dies
		// without a word, pings find out long before every attempt has timed out.
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		// The largest header that a server may send.
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// ProxyError is a proxy's refusal to connect. Asking again does not help.
type ProxyError struct{ Status int }

// Error says what the proxy wants.
func (e *ProxyError) Error() string {
	if e.Status == http.StatusProxyAuthRequired {
		return "the proxy asks for credentials (407); put them into the HTTPS_PROXY variable"
	}
	return fmt.Sprintf("the proxy refuses the connection (%d)", e.Status)
}

// checkProxy runs after a proxy has answered CONNECT.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	switch s := answer.StatusCode; {
	case s < 400, s >= 500, s == http.StatusRequestTimeout, s == http.StatusTooManyRequests:
		return nil // net/http makes an error of what is not 200; that one may be repeated
	default:
		return &ProxyError{s}
	}
}

// followSameOrigin follows a redirect only where the key may go: a GET to the
// same scheme, host and port. Any other redirect becomes the answer, and so an
// error that says where it pointed.
func followSameOrigin(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || !sameOrigin(first, next.URL) {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Referer")
	return nil
}

// sameOrigin reports whether asked may lead to an address.
func sameOrigin(asked *http.Request, to *url.URL) bool {
	return asked.Method == http.MethodGet && to.Scheme == asked.URL.Scheme && origin(to) == origin(asked.URL)
}

// followStorage follows the redirects of a storage host, never to plain http.
// net/http would send the URL just left, which is a credential, as Referer.
func followStorage(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || !isSafe(next.URL) {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Referer")
	return nil
}

// origin is the host and port of u, the port of its scheme when it names none.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// redirectMessage says where an answer pointed that was not followed; the host
// only, because a path or query may hold anything. Where it might have been
// followed, there had been too many before it.
func redirectMessage(answer *http.Response, mayFollow func(*url.URL) bool) string {
	location, err := answer.Location()
	switch {
	case errors.Is(err, http.ErrNoLocation):
		return "a redirect that points nowhere"
	case err != nil || location.Host == "":
		return "a redirect to an address that can't be read"
	case mayFollow(location):
		return fmt.Sprintf("a redirect to %s://%s, which leads on and on", location.Scheme, location.Host)
	}
	return fmt.Sprintf("a redirect to %s://%s, which was not followed", location.Scheme, location.Host)
}
