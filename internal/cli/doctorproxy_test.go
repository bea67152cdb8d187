package cli_test

import (
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// TestAProxyThatIsNoAddressIsNamed: Go takes no notice of such a variable, so
// that DNS or the firewall seem to be at fault.
func TestAProxyThatIsNoAddressIsNamed(t *testing.T) {
	t.Parallel()
	const form = "http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F"
	noDNS := unreachable(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.cursor.com", IsNotFound: true}})
	for _, test := range []struct {
		name, variable, value string
		network               http.RoundTripper
		found, fix            string
	}{
		{"a raw percent sign", "HTTPS_PROXY", "http://user:p%ssw0rd@127.0.0.1:9", noDNS, "HTTPS_PROXY is no address, so it is not used", "write HTTPS_PROXY as " + form},
		{"a raw percent sign and no scheme", "HTTPS_PROXY", "user:p%ssw0rd@127.0.0.1:9", unreachable(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.AddrError{Err: "missing port in address"}}),
			"HTTPS_PROXY is no address, so no proxy can be reached", "write HTTPS_PROXY as " + form},
		{"a proxy that is away", "HTTPS_PROXY", "user:p%25ssw0rd@127.0.0.1:9", unreachable(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}),
			"the proxy can't be reached: proxyconnect tcp: dial tcp: i/o timeout", "correct HTTPS_PROXY, or unset it where no proxy is needed"},
		{"in small letters", "https_proxy", "http://user:p%ssw0rd@127.0.0.1:9", noDNS, "HTTPS_PROXY is no address, so it is not used", "write HTTPS_PROXY as " + form},
		{"and nobody answers", "HTTPS_PROXY", "http://user:p%ssw0rd@127.0.0.1:9", unreachable(&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}), "HTTPS_PROXY is no address, so it is not used", "write HTTPS_PROXY as " + form},
		{"an address", "HTTPS_PROXY", "user:p%25ssw0rd@127.0.0.1:9", noDNS, "DNS knows no address for api.cursor.com", "correct api-url, or let this machine ask a DNS server that knows api.cursor.com"},
		{"what answers all the same", "HTTPS_PROXY", "http://user:p%ssw0rd@127.0.0.1:9", unreachable(x509.SystemRootsError{}), "this machine has no certificates of authorities to trust", "install ca-certificates, or put a file of authorities into SSL_CERT_FILE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := doctorStep(t, simulator.Config{})
			s.env[test.variable] = test.value
			program := s.program()
			program.Transport = test.network
			program.Run(t.Context(), []string{"x", "action"})
			_, all := s.findings()
			if want := (finding{"connection", "failed", test.found, test.fix, networkPage}); all[0] != want {
				t.Errorf("finding\n%+v\nwant\n%+v", all[0], want)
			}
			for _, written := range []string{s.logged(), s.summary(), s.read("GITHUB_OUTPUT")} {
				if strings.Contains(written, "ssw0rd") {
					t.Errorf("the password was written:\n%s", written)
				}
			}
		})
	}
}
