package cursor_test

import (
	"net/http"
	"testing"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"

	"github.com/google/go-cmp/cmp"
)

func TestTheKeyGoesOnlyWhereNobodyReadsIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, url, want string }{
		{"the default", "", ""},
		{"https", "https://api.example.com", ""},
		{"https with a port, a prefix and a slash", "https://api.example.com:8443/cursor/", ""},
		{"http on localhost", "http://localhost:8787", ""},
		{"http on LOCALHOST", "http://LOCALHOST:8787", ""},
		{"http on 127.0.0.1", "http://127.0.0.1:8787", ""},
		{"http on the rest of 127/8", "http://127.9.8.7", ""},
		{"http on ::1", "http://[::1]:8787", ""},
		{"http on a mapped loopback address", "http://[::ffff:127.0.0.1]:8787", ""},
		{"http elsewhere", "http://api.example.com:80/x", "the API URL for api.example.com:80 is http, which would show the key to the network; use https (http is for loopback hosts only)"},
		{"http on a host that begins like loopback", "http://127.0.0.1.example.com", "the API URL for 127.0.0.1.example.com is http, which would show the key to the network; use https (http is for loopback hosts only)"},
		{"http on all addresses", "http://0.0.0.0:8787", "the API URL for 0.0.0.0:8787 is http, which would show the key to the network; use https (http is for loopback hosts only)"},
		{"another scheme", "ftp://api.example.com", `the API URL for api.example.com has the scheme "ftp"; use https`},
		{"no scheme", "//api.example.com", `the API URL for api.example.com has the scheme ""; use https`},
		{"no host", "api.example.com", "the API URL names no host; it should look like https://api.cursor.com"},
		{"a port without a host", "https://:443", "the API URL names no host; it should look like https://api.cursor.com"},
		{"no URL", "https://user:hunter2@[bad", "the API URL is not a valid URL; it should look like https://api.cursor.com"},
		{"user info", "https://user:hunter2@api.example.com", "the API URL for api.example.com holds a user name or password; remove it, the key is sent as a header"},
		{"a query", "https://api.example.com/?key=hunter2", "the API URL for api.example.com holds a query or fragment; remove it"},
		{"an empty query", "https://api.example.com/?", "the API URL for api.example.com holds a query or fragment; remove it"},
		{"a fragment", "https://api.example.com/#x", "the API URL for api.example.com holds a query or fragment; remove it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := cursor.New(cursor.Config{BaseURL: tt.url, Key: secret.New(testKey)})
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAKeyThatNoHeaderCanHoldIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	odd := "the Cursor API key holds a space, a line break or another character that no key has; copy it again from https://cursor.com/dashboard/api"
	tests := []struct{ name, key, want string }{
		{"none", "", "the Cursor API key is empty; create one at https://cursor.com/dashboard/api"},
		{"with a line break", "crsr_1\n", odd},
		{"with a space", "crsr_1 2", odd},
		{"not ASCII", "crsr_é", odd},
		{"any other", "k", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := cursor.New(cursor.Config{Key: secret.New(tt.key)})
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// Fault 46: descriptions differ about Basic and Bearer; Bearer is right everywhere.
func TestEveryRequestSaysWhoAsks(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"": "cursor-agent-action/dev", "1.2.3": "cursor-agent-action/1.2.3"} {
		server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			say(w, 200, agentJSON)
		})
		c := client(t, url+"/prefix/", cursor.Config{Version: version})
		if _, err := c.GetAgent(t.Context(), agentID); err != nil {
			t.Fatal(err)
		}
		got := server.seen()[0]
		got.Header.Del("Accept-Encoding")
		wanted := request{
			Method: "GET", Target: "/prefix/v1/agents/" + agentID,
			Header: http.Header{
				"Accept":        {"application/json"},
				"Authorization": {"Bearer " + testKey},
				"User-Agent":    {want},
			},
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	}
}
