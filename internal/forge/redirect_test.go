package forge_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// A redirect that turns a change into a question would let GitHub's answer to the
// question pass for the change, which nobody made.
func TestARedirectedChangeIsMadeOrSaidToBeMissing(t *testing.T) {
	t.Parallel()
	changes := []struct {
		name, method, refusal string
		do                    func(ctx context.Context, hub *forge.GitHub) error
	}{
		{"a comment that is made", "POST", "comment on acme/shop#7", func(ctx context.Context, hub *forge.GitHub) error {
			_, err := hub.CreateComment(ctx, "acme/shop", 7, "Hello.")
			return err
		}},
		{"a comment that is changed", "PATCH", "update comment 5 of acme/shop", func(ctx context.Context, hub *forge.GitHub) error {
			return hub.UpdateComment(ctx, "acme/shop", 5, "Hello.")
		}},
		{"a check run that is made", "POST", `start check run "shop" at aaaaaaaaaaaa of acme/shop`, func(ctx context.Context, hub *forge.GitHub) error {
			_, err := hub.StartCheck(ctx, "acme/shop", forge.CheckStatus{Name: "shop", HeadSHA: strings.Repeat("a", 40)})
			return err
		}},
		{"a check run that ends", "PATCH", "update check run 5 of acme/shop", func(ctx context.Context, hub *forge.GitHub) error {
			return hub.UpdateCheck(ctx, "acme/shop", 5, forge.CheckStatus{Name: "shop", Conclusion: forge.CheckSuccess})
		}},
	}
	for _, change := range changes {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s, %d", change.name, status), func(t *testing.T) {
				t.Parallel()
				var mutex sync.Mutex
				var asked []string
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mutex.Lock()
					asked = append(asked, r.Method)
					mutex.Unlock()
					if strings.HasPrefix(r.URL.Path, "/repos/") {
						w.Header().Set("Location", "/repositories/1"+strings.TrimPrefix(r.URL.Path, "/repos/acme/shop"))
						w.WriteHeader(status)
						return
					}
					fmt.Fprint(w, `{"id": 5, "status": "completed", "body": "Another text."}`)
				}))
				defer server.Close()
				want, wantAsked := "", []string{change.method, change.method}
				if status < 307 {
					want = fmt.Sprintf("%s: %d %s", change.refusal, status, http.StatusText(status))
					wantAsked = wantAsked[:1]
				}
				said := ""
				if err := change.do(t.Context(), newHub(t, server.URL)); err != nil {
					said = err.Error()
				}
				if diff := cmp.Diff(want, said); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(wantAsked, asked); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestNoTokenFollowsARedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			var mutex sync.Mutex
			heard := 0
			stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				mutex.Lock()
				defer mutex.Unlock()
				heard++
				fmt.Fprint(w, `{"id": 5}`)
			}))
			defer stranger.Close()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", stranger.URL+r.URL.Path)
				w.WriteHeader(status)
			}))
			defer server.Close()
			hub := newHub(t, server.URL)
			_, read := hub.CommentText(t.Context(), "acme/shop", 5)
			_, made := hub.CreateComment(t.Context(), "acme/shop", 7, "Hello.")
			changed := hub.UpdateComment(t.Context(), "acme/shop", 5, "Hello.")
			end := fmt.Sprintf(": %d %s", status, http.StatusText(status))
			want := []string{"read comment 5 of acme/shop" + end, "comment on acme/shop#7" + end, "update comment 5 of acme/shop" + end}
			var got []string
			for _, err := range []error{read, made, changed} {
				got = append(got, fmt.Sprint(err))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if heard != 0 {
				t.Errorf("the other host was asked %d times", heard)
			}
		})
	}
}
