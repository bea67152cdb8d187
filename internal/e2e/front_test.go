//go:build e2e

package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// front is the server that the action talks to. It can vanish for a while, with
// all connections, and come back at the same address.
type front struct {
	server  *http.Server
	secure  bool   // speaks TLS
	address string // host:port

	mu          sync.Mutex
	listener    net.Listener
	connections map[net.Conn]bool
}

// startFront serves a handler at a host until the test is over: over TLS, HTTP/2
// and all, where there is a certificate.
func startFront(t *testing.T, host string, certificate *tls.Certificate, handler http.Handler) *front {
	t.Helper()
	f := &front{secure: certificate != nil, connections: map[net.Conn]bool{}}
	f.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ConnState: f.note}
	if f.secure {
		f.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	f.address = net.JoinHostPort(host, "0")
	f.listen(t)
	t.Cleanup(func() { _ = f.server.Close() })
	return f
}

// listen begins to take connections, anew after a refusal.
func (f *front) listen(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.listener, f.address = listener, listener.Addr().String()
	f.mu.Unlock()
	go func() {
		if f.secure {
			_ = f.server.ServeTLS(listener, "", "")
		} else {
			_ = f.server.Serve(listener)
		}
	}()
}

func (f *front) url() string {
	if f.secure {
		return "https://" + f.address
	}
	return "http://" + f.address
}

func (f *front) note(conn net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch state {
	case http.StateNew:
		f.connections[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(f.connections, conn)
	}
}

// refuse resets all connections, and every one that is tried until listen.
func (f *front) refuse(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	err := f.listener.Close()
	f.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	f.reset(t)
}

// reset drops all connections without a goodbye: the peer is told by a reset,
// or, where no packet gets to it, by nothing.
func (f *front) reset(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.connections {
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		// One that has ended meanwhile needs no reset.
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Fatalf("reset a connection: %v", err)
		}
		_ = conn.Close()
	}
}

// newCertificate makes a certificate for an address, and its own authority, as
// PEM.
func newCertificate(t *testing.T, host string) (certificate tls.Certificate, authority []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "e2e"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.ParseIP(host)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
