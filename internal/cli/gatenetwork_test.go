package cli_test

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// tunnel is a proxy that leads every host that is asked for by CONNECT to one
// address, and notes the hosts.
func tunnel(t *testing.T, address string) (url string, hosts <-chan string) {
	t.Helper()
	noted := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		there, err := net.Dial("tcp", address)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		noted <- r.Host
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(there, buffered)
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(server.Close)
	return server.URL, noted
}

// TestGitHubIsAskedByTheProcesssProxyAndAuthorities: as for the Cursor API, the
// standard variables count for a whole process only.
func TestGitHubIsAskedByTheProcesssProxyAndAuthorities(t *testing.T) {
	t.Parallel()
	const name = "github.acme.invalid" // no DNS server knows it, so only a proxy leads there
	ca := newAuthority(t)
	authorities := filepath.Join(t.TempDir(), "acme.pem")
	if err := os.WriteFile(authorities, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name           string
		proxy, trusted bool
		log            string
	}{
		{"a proxy and a private authority", true, true, "The prompt holds 1 part from outside"},
		{"a private authority", false, true, "The prompt holds 1 part from outside"},
		{"nobody vouches", true, false, "skipped: what ann may do in acme/shop is not known: read the permission of ann in acme/shop: tls: failed to verify certificate: x509: certificate signed by unknown authority: if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hub := gitHubOf(t)
			address := ca.serve(t, hub.Handler(), -time.Hour, time.Hour, 0, name, "127.0.0.1")
			api := simulator.New(simulator.Config{})
			t.Cleanup(api.Close)
			cursor := httptest.NewServer(api)
			t.Cleanup(cursor.Close)
			proxy, hosts := tunnel(t, strings.TrimPrefix(address, "https://"))

			s := newStep(t, simulator.Config{}).on(happening{event: "issues", action: "opened", sender: "ann", number: 4})
			s.with("github-token", githubToken, "api-url", cursor.URL, "GITHUB_API_URL", address, "GITHUB_SHA", hub.Repository("acme/shop").Branches["main"], "context", "event", "comment", "result", "check", "Agent")
			if test.proxy {
				s.with("GITHUB_API_URL", "https://"+name, "HTTPS_PROXY", proxy)
			}
			if test.trusted {
				s.with("SSL_CERT_FILE", authorities)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			process := exec.CommandContext(ctx, "cursor-agent-action", "action")
			process.Env = []string{"PATH=" + os.Getenv("PATH")}
			for name, value := range s.env {
				process.Env = append(process.Env, name+"="+value)
			}
			out, _ := process.CombinedOutput()
			if status := process.ProcessState.ExitCode(); status != 0 || !strings.Contains(string(out), test.log) {
				t.Errorf("exit status %d, want 0 with %q\n%s", status, test.log, out)
			}
			told := slices.DeleteFunc(strings.Split(string(out), "\n"), func(line string) bool { return strings.HasPrefix(line, "::add-mask::") })
			if strings.Contains(strings.Join(told, "\n"), githubToken) {
				t.Errorf("the token was written:\n%s", out)
			}
			if agents := len(api.Agents()); agents == 1 != test.trusted {
				t.Errorf("there are %d agents", agents)
			}
			shop := hub.Repository("acme/shop")
			if comments := len(hub.Issue("acme/shop", 4).Comments); comments == 1 != test.trusted || len(shop.CheckRuns) == 1 != test.trusted {
				t.Errorf("there are %d comments and %d check runs", comments, len(shop.CheckRuns))
			}
			asked := len(hosts)
			if asked > 0 != test.proxy {
				t.Errorf("the proxy was asked %d times", asked)
			}
			for range asked {
				if host := <-hosts; host != name+":443" {
					t.Errorf("the proxy was asked for %s", host)
				}
			}
		})
	}
}
