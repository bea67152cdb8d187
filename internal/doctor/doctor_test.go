package doctor_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

const models = `{"items": [{"id": "composer-2.5", "aliases": ["composer"], "parameters": [{"id": "fast", "values": [{"value": "true"}]}, {"id": "free"}]}, {"id": "plain"}]}`

// world is Cursor and GitHub in one: what they answer at which path.
type world map[string]struct {
	status int
	header string // "Name: value"
	body   string
}

func (w world) says(path string, status int, body string, header ...string) {
	answer := w[path]
	answer.status, answer.body = status, body
	if len(header) > 0 {
		answer.header = header[0]
	}
	w[path] = answer
}

// healthy is a visit on a terminal in which all is well.
func healthy(t *testing.T) (*doctor.Config, world) {
	t.Helper()
	w := world{}
	w.says("/v1/models", 200, models)
	w.says("/v1/repositories", 200, `{"items": [{"url": "https://github.com/acme/shop"}]}`)
	w.says("/repos/acme/shop", 200, `{"full_name": "acme/shop"}`)
	w.says("/repos/acme/shop/git/ref/heads/main", 200, `{"ref": "refs/heads/main"}`)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		answer, found := w[r.URL.Path]
		if !found {
			answer.status, answer.body = 404, `{"message": "Not Found"}`
		}
		if name, value, found := strings.Cut(answer.header, ": "); found {
			out.Header().Set(name, value)
		}
		out.WriteHeader(answer.status)
		fmt.Fprint(out, answer.body)
	}))
	t.Cleanup(server.Close)
	return &doctor.Config{
		Key: secret.New("crsr_0123456789abcdef"), APIURL: server.URL, Version: "1.2.3",
		Repository: forge.Repository{Server: "https://github.com", Path: "acme/shop"}, Ref: "main",
		Token: secret.New("gho_0123456789"), GitHubAPI: server.URL, AskCoverage: true,
	}, w
}

// line is a finding on one line, without its page.
func line(f doctor.Finding) string {
	text := fmt.Sprintf("%s %s: %s", f.Name, f.Status, f.Found)
	if f.Fix != "" {
		text += " | " + f.Fix
	}
	return text
}

func TestOnATerminalAllIsLookedAtButTheRunner(t *testing.T) {
	t.Parallel()
	config, _ := healthy(t)
	found := doctor.Examine(t.Context(), *config)
	var got []string
	for _, f := range found {
		f.Found, _, _ = strings.Cut(f.Found, " answers in ")
		got = append(got, line(f))
	}
	want := []string{
		"connection ok: " + config.APIURL,
		"api-key ok: Cursor accepts the key",
		"plan ok: Cursor does not ask for another plan",
		"model ok: none is set, so the account's default counts; it may use 2",
		"clock ok: the clock is right",
		"github-app ok: Cursor's GitHub App covers acme/shop",
		"github-token ok: GitHub accepts the token",
		"repository ok: acme/shop is there",
		"branch ok: main is there",
	}
	if diff := cmp.Diff(want, got); diff != "" || !doctor.Healthy(found) {
		t.Errorf("healthy %t, findings (-want +got):\n%s", doctor.Healthy(found), diff)
	}
}

// failing is a network on which every request fails so.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// silent is a network on which nothing ever comes.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

type prepare = func(*doctor.Config, world)

// account is an answer of Cursor's to the first question.
func account(status int, code string) prepare {
	return func(_ *doctor.Config, w world) {
		w.says("/v1/models", status, fmt.Sprintf(`{"error": {"code": %q, "message": "no"}}`, code))
	}
}

func network(err error) prepare {
	return func(c *doctor.Config, _ world) {
		c.APIURL, c.Network = "https://api.example", failing{err}
	}
}

func model(id string, params ...cursor.ModelParam) prepare {
	return func(c *doctor.Config, _ world) { c.Model = &cursor.ModelRef{ID: id, Params: params} }
}

func github(path string, status int, body string, header ...string) prepare {
	return func(_ *doctor.Config, w world) { w.says(path, status, body, header...) }
}

func key(text string) prepare {
	return func(c *doctor.Config, _ world) { c.Key = secret.New(text) }
}

// TestOnATerminalFixesNameFlagsAndVariables holds the words for people at a
// terminal; internal/cli holds those for workflows.
func TestOnATerminalFixesNameFlagsAndVariables(t *testing.T) {
	t.Parallel()
	const replace = "put a key of a user or a service account into CURSOR_API_KEY"
	const create = "create a key of a user or service account and put it into CURSOR_API_KEY"
	const get = "list models: GET /v1/models: "
	certificate := func(from, to time.Duration) *x509.Certificate {
		return &x509.Certificate{NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to)}
	}
	for _, test := range []struct {
		name    string
		prepare prepare
		want    string // up to a final …
	}{
		{"no key", key(""), "api-key failed: there is no key | " + create},
		{"a variable's name", key("$KEY"), "api-key failed: the key is the name of a variable and not its value | put the key itself into CURSOR_API_KEY"},
		{"another service's", key("AKIA0123456789"), "api-key failed: the key is an AWS key id and no key of Cursor's, so it was not sent | " + create},
		{"a kind that does not work", key("grok_1"), "api-key failed: the key starts with grok_, and Cursor's API for agents does not take keys of that kind | " + create},
		{"a space", key("crsr_ 1"), "api-key failed: the Cursor API key holds a space, a line break or another character that no key has | copy the key again, without anything around it"},
		{"wrong", account(401, ""), "api-key failed: " + get + "401 Unauthorized: no | " + "put a key of a user or a service account, not of a team admin, into CURSOR_API_KEY"},
		{"not supported", account(403, "key_not_supported"), "api-key failed: " + get + "403 key_not_supported: no | " + replace},
		{"service account", account(403, "service_account_required"), "api-key failed: " + get + "403 service_account_required: no | use the key of a service account, which an admin of the team creates"},
		{"team admin", account(403, "team_admin_required"), "api-key failed: " + get + "403 team_admin_required: no | use the key of a user who is an admin of the team: keys of the team itself do not work here"},
		{"plan", account(403, "plan_required"), "plan failed: " + get + "403 plan_required: no | upgrade the plan of the key's account"},
		{"limit", account(429, "usage_limit_exceeded"), "plan failed: " + get + "429 usage_limit_exceeded: no | raise the spend limit of the key's account"},
		{"role", account(403, "role_forbidden"), "plan failed: " + get + "403 role_forbidden: no | use the key of a user whose role may launch cloud agents, or ask a team admin for that role"},
		{"integration", account(403, "integration_not_connected"), "plan failed: " + get + "403 integration_not_connected: no | connect the code host to Cursor"},
		{"forbidden without a reason", account(403, ""), "plan failed: " + get + "403 Forbidden: no | ask an admin of the key's team, or Cursor, to enable cloud agents for the account"},
		{"throttled", account(429, "rate_limit_exceeded"), "connection warning: " + get + "429 rate_limit_exceeded: no (2 attempts) | run this again in a minute, and fewer jobs at once"},
		{"no such API", account(404, ""), "connection failed: " + get + "404 Not Found: no | correct --api-url: what answers there is not Cursor's API"},
		{"proxy", account(407, ""), "connection failed: " + get + "407 Proxy Authentication Required: no | put the proxy's user name and password into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F"},
		{"trouble", account(500, ""), "connection failed: " + get + "500 Internal Server Error: no (2 attempts) | Cursor's API is in trouble: wait, and run this again later"},
		{"a bad address", func(c *doctor.Config, _ world) { c.APIURL = "http://api.example" }, "connection failed: the API URL for api.example is http, which would show the key to the network; use https (http is for loopback hosts only) | correct --api-url"},

		{"refused", network(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), "connection failed: api.example refuses the connection | correct --api-url, or let this machine reach it through the firewall"},
		{"DNS", network(&net.DNSError{Name: "api.example", IsNotFound: true}), "connection failed: DNS knows no address for api.example | correct --api-url, or let this machine ask a DNS server that knows api.example"},
		{"broken DNS", network(&net.DNSError{Name: "api.example", Err: "server misbehaving"}), "connection failed: DNS does not answer for api.example: server misbehaving | check this machine's DNS servers (/etc/resolv.conf), and run this again"},
		{"expired", network(x509.CertificateInvalidError{Cert: certificate(-2*time.Hour, -time.Hour), Reason: x509.Expired}), "connection failed: the certificate of api.example ended on …"},
		{"not yet", network(x509.CertificateInvalidError{Cert: certificate(time.Hour, 2*time.Hour), Reason: x509.Expired}), "connection failed: the certificate of api.example is not valid before …"},
		{"unfit", network(x509.CertificateInvalidError{Cert: certificate(0, 0), Reason: x509.IncompatibleUsage}), "connection failed: the certificate of api.example can't be used: x509: certificate specifies an incompatible key usage | whoever runs that server or a proxy before it must replace the certificate"},
		{"for nobody", network(x509.HostnameError{Certificate: &x509.Certificate{}}), "connection failed: the certificate of api.example is for nobody | something else answers for api.example: check --api-url, DNS and the proxy"},
		{"for others", network(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a", "b", "c"}, IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)}}}), "connection failed: the certificate of api.example is for a, b, c, others | something else answers for api.example: check --api-url, DNS and the proxy"},
		{"for a common name", network(x509.HostnameError{Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "box"}}}), "connection failed: the certificate of api.example is for box | something else answers for api.example: check --api-url, DNS and the proxy"},
		{"unknown authority", network(x509.UnknownAuthorityError{}), "connection failed: nobody whom this machine trusts vouches for the certificate of api.example (issuer: unknown) | if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE"},
		{"known authority", network(x509.UnknownAuthorityError{Cert: &x509.Certificate{Issuer: pkix.Name{CommonName: "Acme"}}}), "connection failed: nobody whom this machine trusts vouches for the certificate of api.example (issuer: CN=Acme) | …"},
		{"nameless authority", network(x509.UnknownAuthorityError{Cert: &x509.Certificate{}}), "connection failed: nobody whom this machine trusts vouches for the certificate of api.example (issuer: unknown) | …"},
		{"no authorities", network(x509.SystemRootsError{}), "connection failed: this machine has no certificates of authorities to trust | install ca-certificates, or put a file of authorities into SSL_CERT_FILE"},
		{"no TLS", network(tls.RecordHeaderError{Msg: "x"}), "connection failed: what answers at api.example does not speak TLS | check the port in --api-url, and whether a captive portal or proxy answers instead"},
		{"old TLS", network(&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}), "connection failed: api.example and this machine agree on no way to encrypt: tls: handshake failure | TLS 1.2 or newer is needed: whoever runs that server or a proxy before it must allow it"},
		{"proxy asks", network(&cursor.ProxyError{Status: 407}), "connection failed: the proxy asks for credentials (407) | put the proxy's user name and password into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F"},
		{"proxy refuses", network(&cursor.ProxyError{Status: 403}), "connection failed: the proxy refuses the connection (403) | let the proxy connect to this address, or put it into NO_PROXY"},
		{"no proxy", network(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}), "connection failed: the proxy can't be reached: proxyconnect tcp: connection refused | correct HTTPS_PROXY, or unset it where no proxy is needed"},
		{"nothing in time", func(c *doctor.Config, _ world) {
			c.Network, c.Patience, c.AskCoverage = silent{}, 50*time.Millisecond, false
		}, "connection failed: no connection to 127.0.0.1 could be made within 50ms | let this machine reach 127.0.0.1 by HTTPS, or name a proxy in HTTPS_PROXY"},
		{"a certificate that talks", network(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{strings.Repeat("a\n", 5000)}}}), "connection failed: the certificate of api.example is for " + strings.Repeat("a ", 300) + "…"},
		{"anything else", network(errors.New("odd")), "connection failed: odd | check this machine's network and firewall, and run this again"},

		{"a late clock", github("/v1/models", 200, models, "Date: Mon, 23 Nov 2099 12:00:00 GMT"), "clock warning: this machine's clock is …"},
		{"an early clock", github("/v1/models", 200, models, "Date: Mon, 23 Nov 2009 12:00:00 GMT"), "clock warning: this machine's clock is …"},
		{"an alias", model("composer", cursor.ModelParam{ID: "fast", Value: "true"}), "model ok: the account may use composer, which is composer-2.5"},
		{"a model", model("composer-2.5", cursor.ModelParam{ID: "free", Value: "x"}), "model ok: the account may use composer-2.5"},
		{"a model without parameters", model("plain", cursor.ModelParam{ID: "x", Value: "y"}), "model ok: the account may use plain"},
		{"a misspelt model", model("composr"), `model failed: "composr" is none of the account's 2 models | did you mean composer? leave --model out for the account's default`},
		{"an unknown model", model("zzz"), `model failed: "zzz" is none of the account's 2 models | set --model to one of the account's, such as composer-2.5, composer, plain, or leave it out`},
		{"no models", func(c *doctor.Config, w world) { w.says("/v1/models", 200, `{"items": []}`); model("zzz")(c, w) }, `model failed: "zzz" is none of the account's 0 models | leave --model out for the account's default`},
		{"a model that version 0 lists", func(c *doctor.Config, w world) {
			c.API = cursor.V0
			w.says("/v0/models", 200, `{"models": ["plain"]}`)
			model("plain")(c, w)
		}, "model ok: the account may use plain"},
		{"a model that version 0 does not list", func(c *doctor.Config, w world) {
			c.API = cursor.V0
			w.says("/v0/models", 200, `{"models": ["plain"]}`)
			model("plane")(c, w)
		}, `model warning: "plane" is none of the 1 models that API v0 lists, which are not all that it takes | did you mean plain? leave --model out for the account's default`},
		{"what version 0 covers", func(c *doctor.Config, w world) {
			c.API = cursor.V0
			w.says("/v0/repositories", 200, `{"repositories": [{"repository": "https://github.com/acme/web"}]}`)
		}, "github-app failed: Cursor's GitHub App does not cover acme/shop; it covers 1 …"},
		{"an unknown parameter", model("composer", cursor.ModelParam{ID: "slow", Value: "true"}), `model failed: the model composer-2.5 has no parameter "slow" | write one of fast, free`},
		{"an unknown value", model("composer", cursor.ModelParam{ID: "fast", Value: "x"}), `model failed: the model composer-2.5 does not take "x" for fast | write one of true`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, test.prepare, test.want)
		})
	}
}

// expect asserts one finding of a visit that prepare has spoilt.
func expect(t *testing.T, prepare prepare, want string) {
	t.Helper()
	config, w := healthy(t)
	prepare(config, w)
	all := doctor.Examine(t.Context(), *config)
	name, _, _ := strings.Cut(want, " ")
	at := slices.IndexFunc(all, func(f doctor.Finding) bool { return f.Name == name })
	if at < 0 {
		t.Fatalf("no finding %s", name)
	}
	got := line(all[at])
	if start, open := strings.CutSuffix(want, "…"); got != want && !(open && strings.HasPrefix(got, start)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if all[at].Status == doctor.Failed && doctor.Healthy(all) {
		t.Error("a visit with a failure is healthy")
	}
	if n := len([]rune(all[at].Found)); n > 700 {
		t.Errorf("the finding has %d characters", n)
	}
	if bad := all[at].Status == doctor.Failed || all[at].Status == doctor.Warning; bad && all[at].Fix == "" {
		t.Error("nothing says what to do")
	}
}

// inStep makes the visit one of a workflow step with these variables.
func inStep(env map[string]string) prepare {
	return func(c *doctor.Config, _ world) {
		c.Step = &doctor.Step{Timeout: time.Hour, Runner: actions.New(func(name string) string { return env[name] }, io.Discard)}
	}
}
