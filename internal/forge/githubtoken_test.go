package forge_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

func TestATokenThatIsNoneIsNotSent(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"ghp_a\nb", "ghp_a b", "ghp_a\tb", "ghp_\x00", "ghp_ä", "ghp_\x7f"} {
		_, err := forge.NewGitHub(forge.GitHubConfig{Token: secret.New(token)})
		if !errors.Is(err, forge.ErrToken) || err.Error() != "the token holds a space, a line break or another character that no token has" {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestTheTokenIsNotShownToTheNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://github.acme.example/api/v3": "GITHUB_API_URL is http, which would show the token to the network: use https (http is for loopback hosts only)",
		"http://10.0.0.1:8080":              "GITHUB_API_URL is http, which would show the token to the network: use https (http is for loopback hosts only)",
		"http://localhost:8080":             "",
		"http://[::1]:8080":                 "",
		"https://github.acme.example/api":   "",
	} {
		_, err := forge.NewGitHub(forge.GitHubConfig{APIURL: address, Token: secret.New(token)})
		if (err != nil || want != "") && (err == nil || err.Error() != want) {
			t.Errorf("%s: error %v, want %q", address, err, want)
		}
	}
}

// TestTheTokenStaysOnItsHost: the library sends the token wherever it is
// redirected to.
func TestTheTokenStaysOnItsHost(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/repos/acme/gone":
			http.Redirect(w, r, elsewhere.URL+"/repos/acme/gone", http.StatusMovedPermanently)
		case "/repos/acme/loop":
			http.Redirect(w, r, "/repos/acme/loop", http.StatusMovedPermanently)
		case "/repos/acme/old":
			http.Redirect(w, r, "/repositories/1", http.StatusMovedPermanently)
		default:
			fmt.Fprint(w, `{"full_name": "acme/new"}`)
		}
	}))
	defer server.Close()
	client := newHub(t, server.URL)
	for _, path := range []string{"acme/gone", "acme/loop"} {
		if _, err := client.Repository(t.Context(), path); err == nil || err.Error() != "read repository "+path+": 301 Moved Permanently" {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if facts, err := client.Repository(t.Context(), "acme/old"); err != nil || facts.Path != "acme/new" {
		t.Errorf("a renamed repository: %+v, %v", facts, err)
	}
}
