package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"cursor-agent-action/internal/cursor"
)

// proxyAsks is what a proxy with a lock on it needs, and proxyFix says how that
// is written down.
const (
	proxyAsks    = "put the proxy's user name and password into HTTPS_PROXY"
	proxyFix     = proxyAsks + ", as " + proxyAddress
	proxyAddress = "http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F"
)

// networkFinding says why no answer came.
func (c Config) networkFinding(err error, connected bool) Finding {
	host, names := c.host(), c.names()
	f, known := Unreachable(err, host, c.Proxy, names)
	f.Name, f.Status, f.Link = connection, Failed, cursor.NetworkPage
	switch {
	case known:
	case !connected && unreadProxy(c.Proxy, &f):
	case errors.Is(err, errPatience) && connected:
		f.Found = fmt.Sprintf("%s took the request and did not answer within %s", host, c.Patience)
		f.Fix = "run this again later, and look at Cursor's status page"
		f.Link = cursor.StatusPage
	case errors.Is(err, errPatience), timedOut(err):
		f.Found = fmt.Sprintf("no connection to %s could be made within %s", host, c.Patience)
		f.Fix = "let this machine reach " + host + " by HTTPS, or name a proxy in HTTPS_PROXY"
	default:
		f.Found = reason(err)
		f.Fix = "check this machine's network and firewall, and run this again"
	}
	return f
}

// Unreachable says what keeps requests from host, and what to do, and false
// where err does not tell. proxy is the value of HTTPS_PROXY, which is not
// shown.
func Unreachable(err error, host, proxy string, names Names) (f Finding, known bool) {
	outer, _ := errors.AsType[*net.OpError](err)
	switch {
	case outer != nil && outer.Op == "proxyconnect" && unreadProxy(proxy, &f):
	case outer != nil && outer.Op == "proxyconnect":
		f.Found = "the proxy can't be reached: " + reason(err)
		f.Fix = "correct HTTPS_PROXY, or unset it where no proxy is needed"
	case certificateFinding(err, host, names.Input("api-url"), &f):
	case proxyFinding(err, &f):
	case outer != nil && outer.Op == "dial" && unreadProxy(proxy, &f):
	case dnsFinding(err, host, names.Input("api-url"), &f):
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Found = host + " refuses the connection"
		f.Fix = "correct " + names.Input("api-url") + ", or let this machine reach it through the firewall"
	default:
		return f, false
	}
	return f, true
}

// unreadProxy reports whether HTTPS_PROXY is set to what is no address: Go then
// connects without a proxy and says nothing, or takes what stands before the first
// colon for a scheme and finds no host
// (https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config). Its text holds a
// password and is not shown.
func unreadProxy(proxy string, f *Finding) bool {
	asItIs, err := url.Parse(proxy)
	if err == nil && (asItIs.Host != "" || proxy == "") {
		return false
	}
	if _, withScheme := url.Parse("http://" + proxy); withScheme == nil {
		return false
	}
	f.Found = "HTTPS_PROXY is no address, so it is not used"
	if err == nil {
		f.Found = "HTTPS_PROXY is no address, so no proxy can be reached"
	}
	f.Fix = "write HTTPS_PROXY as " + proxyAddress
	return true
}

// reason is what happened to the connection, without what we were doing.
func reason(err error) string {
	if failed, ok := errors.AsType[*cursor.Error](err); ok && failed.Message != "" {
		return failed.Message
	}
	return err.Error()
}

func timedOut(err error) bool {
	late, ok := errors.AsType[net.Error](err)
	return ok && late.Timeout()
}

func proxyFinding(err error, f *Finding) bool {
	refused, ok := errors.AsType[*cursor.ProxyError](err)
	switch {
	case !ok:
		return false
	case refused.Status == http.StatusProxyAuthRequired:
		f.Found = "the proxy asks for credentials (407)"
		f.Fix = proxyFix
	default:
		f.Found = refused.Error()
		f.Fix = "let the proxy connect to this address, or put it into NO_PROXY"
	}
	return true
}

func dnsFinding(err error, host, input string, f *Finding) bool {
	unresolved, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return false
	case unresolved.IsNotFound:
		f.Found = fmt.Sprintf("DNS knows no address for %s", unresolved.Name)
		f.Fix = "correct " + input + ", or let this machine ask a DNS server that knows " + host
	default:
		f.Found = fmt.Sprintf("DNS does not answer for %s: %s", unresolved.Name, unresolved.Err)
		f.Fix = "check this machine's DNS servers (/etc/resolv.conf), and run this again"
	}
	return true
}

// certificateFinding says what is wrong with the TLS of whoever answered.
func certificateFinding(err error, host, input string, f *Finding) bool {
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	wrong, isWrong := errors.AsType[x509.HostnameError](err)
	stranger, isStranger := errors.AsType[x509.UnknownAuthorityError](err)
	_, noRoots := errors.AsType[x509.SystemRootsError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	outer, _ := errors.AsType[*net.OpError](err)
	// https://pkg.go.dev/crypto/tls#AlertError is for QUIC; over TCP the type
	// of an alert is the library's own, and these words announce it.
	isAlert := outer != nil && (outer.Op == "remote error" || outer.Op == "local error")
	const day = "2006-01-02 15:04 MST"
	switch {
	case isInvalid && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		f.Found = fmt.Sprintf("the certificate of %s is not valid before %s", host, invalid.Cert.NotBefore.UTC().Format(day))
		f.Fix = "check this machine's clock, which shows " + time.Now().UTC().Format(day) + "; if it is right, whoever runs that server or a proxy before it must renew the certificate"
	case isInvalid && invalid.Reason == x509.Expired:
		f.Found = fmt.Sprintf("the certificate of %s ended on %s", host, invalid.Cert.NotAfter.UTC().Format(day))
		f.Fix = "check this machine's clock, which shows " + time.Now().UTC().Format(day) + "; if it is right, whoever runs that server or a proxy before it must renew the certificate"
	case isInvalid:
		f.Found = fmt.Sprintf("the certificate of %s can't be used: %v", host, invalid)
		f.Fix = "whoever runs that server or a proxy before it must replace the certificate"
	case isWrong:
		f.Found = fmt.Sprintf("the certificate of %s is for %s", host, namesOf(wrong.Certificate))
		f.Fix = "something else answers for " + host + ": check " + input + ", DNS and the proxy"
	case isStranger:
		f.Found = fmt.Sprintf("nobody whom this machine trusts vouches for the certificate of %s (issuer: %s)", host, issuerOf(stranger.Cert))
		f.Fix = "if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE"
	case noRoots:
		f.Found = "this machine has no certificates of authorities to trust"
		f.Fix = "install ca-certificates, or put a file of authorities into SSL_CERT_FILE"
	case noTLS, errors.Is(err, http.ErrSchemeMismatch):
		f.Found = "what answers at " + host + " does not speak TLS"
		f.Fix = "check the port in " + input + ", and whether a captive portal or proxy answers instead"
	case isAlert:
		f.Found = fmt.Sprintf("%s and this machine agree on no way to encrypt: %v", host, outer.Err)
		f.Fix = "TLS 1.2 or newer is needed: whoever runs that server or a proxy before it must allow it"
	default:
		return false
	}
	return true
}

// namesOf is whom a certificate is for, a few of them.
func namesOf(certificate *x509.Certificate) string {
	var names []string
	if certificate != nil {
		names = append(names, certificate.DNSNames...)
		for _, ip := range certificate.IPAddresses {
			names = append(names, ip.String())
		}
		if len(names) == 0 && certificate.Subject.CommonName != "" {
			names = []string{certificate.Subject.CommonName}
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	if len(names) > 3 {
		names = append(names[:3:3], "others")
	}
	return strings.Join(names, ", ")
}

func issuerOf(certificate *x509.Certificate) string {
	if certificate == nil {
		return "unknown"
	}
	if name := certificate.Issuer.String(); name != "" {
		return name
	}
	return "unknown"
}
