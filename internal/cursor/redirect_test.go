package cursor_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestTheKeyFollowsNoRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	stranger, strangerURL := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, agentJSON) })
	_, port, _ := strings.Cut(strings.TrimPrefix(strangerURL, "http://"), ":")
	tests := []struct {
		name     string
		location string
		status   int
		call     func(context.Context, *cursor.Client) error
		want     string
	}{
		{"another port", strangerURL + "/x?token=1", 302, calls[0].call, "302 Found: a redirect to " + strangerURL + ", which was not followed"},
		{"another name for this host", "http://localhost:" + port + "/x", 307, calls[0].call, "307 Temporary Redirect: a redirect to http://localhost:" + port + ", which was not followed"},
		{"another scheme on the same port", "https://HOST/x", 301, calls[0].call, "301 Moved Permanently: a redirect to https://HOST, which was not followed"},
		{"a POST that would become a GET", "/elsewhere", 302, calls[2].call, "302 Found: a redirect to http://HOST, which was not followed"},
		{"a POST that would stay one", "/elsewhere", 308, calls[5].call, "308 Permanent Redirect: a redirect to http://HOST, which was not followed"},
		{"a DELETE", "/elsewhere", 307, calls[1].call, "307 Temporary Redirect: a redirect to http://HOST, which was not followed"},
		{"a POST to another host", strangerURL, 307, calls[4].call, "307 Temporary Redirect: a redirect to " + strangerURL + ", which was not followed"},
		{"nowhere", "", 302, calls[0].call, "302 Found: a redirect that points nowhere"},
		{"no host", "mailto:a@b", 302, calls[2].call, "302 Found: a redirect to an address that can't be read"},
		{"not modified", "", 304, calls[0].call, "304 Not Modified: a redirect that points nowhere"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
				if number > 1 {
					say(w, 200, agentJSON)
					return
				}
				if tt.location != "" {
					w.Header().Set("Location", strings.ReplaceAll(tt.location, "HOST", r.Host))
				}
				w.WriteHeader(tt.status)
			})
			err := tt.call(t.Context(), client(t, url, cursor.Config{Retry: once}))
			if _, got, _ := strings.Cut(text(err), "/"); !strings.HasSuffix(got, strings.ReplaceAll(tt.want, "HOST", strings.TrimPrefix(url, "http://"))) {
				t.Errorf("error %v, want it to end with %q", err, tt.want)
			}
			if e := asError(t, err); e.Class != cursor.Final || e.Status != tt.status {
				t.Errorf("got %#v, want a final error", e)
			}
			if n := len(server.seen()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
	t.Cleanup(func() {
		if seen := stranger.seen(); len(seen) > 0 {
			t.Errorf("the other host was asked: %v", seen)
		}
	})
}

func TestAReadFollowsThreeRedirectsOnItsOwnHost(t *testing.T) {
	t.Parallel()
	for hops := range 6 {
		server, url := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
			if number <= hops {
				w.Header().Set("Location", "/hop/"+strconv.Itoa(number))
				w.WriteHeader(307)
				return
			}
			say(w, 200, agentJSON)
		})
		err := calls[0].call(t.Context(), client(t, url, cursor.Config{Retry: once}))
		if hops <= 3 && err != nil || hops > 3 && !strings.HasSuffix(text(err), "307 Temporary Redirect: a redirect to "+url+", which leads on and on") {
			t.Errorf("%d redirects: %v", hops, err)
		}
		want := []string{"GET /v1/agents/" + agentID, "GET /hop/1", "GET /hop/2", "GET /hop/3"}[:min(hops+1, 4)]
		if diff := cmp.Diff(want, server.targets()); diff != "" {
			t.Errorf("%d redirects (-want +got):\n%s", hops, diff)
		}
		for _, r := range server.seen() {
			if r.Header.Get("Authorization") != "Bearer "+testKey || r.Header.Get("Referer") != "" {
				t.Errorf("%d redirects: header %v, want the key and no referer", hops, r.Header)
			}
		}
	}
}
