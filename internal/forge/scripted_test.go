package forge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"cursor-agent-action/internal/forge"
)

// acmeShop is where the events of these tests happen.
var acmeShop = forge.Repository{Server: "https://github.com", Path: "acme/shop"}

// scripted is a GitHub that answers as told, by the patterns of http.ServeMux
// below /repos/acme/shop, and says 404 to all else.
func scripted(t *testing.T, answers map[string]http.HandlerFunc) *forge.GitHub {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, answer := range answers {
		if pattern != "/graphql" {
			pattern = "GET /repos/acme/shop/" + pattern
		}
		mux.HandleFunc(pattern, answer)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("%s %s came with the authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return newHub(t, server.URL)
}

// says answers with a status and JSON.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// leadsTo answers with 302 to an address.
func leadsTo(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
}

// object is a JSON object.
type object map[string]any

func (o object) String() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(text)
}
