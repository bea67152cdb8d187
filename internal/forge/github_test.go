package forge_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

const token = "ghs_0123456789abcdefghij"

// hub is a GitHub that answers one path, and says 404 to all others.
func hub(t *testing.T, path string, status int, header map[string]string, body string) *forge.GitHub {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token || r.UserAgent() != "cursor-agent-action/1.2.3" {
			t.Errorf("headers: %v", r.Header)
		}
		for name, value := range header {
			w.Header().Set(name, value)
		}
		if r.URL.RequestURI() != path {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"message": "not %s"}`, r.URL.RequestURI())
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return newHub(t, server.URL+"/api/v3")
}

func newHub(t *testing.T, address string) *forge.GitHub {
	t.Helper()
	client, err := forge.NewGitHub(forge.GitHubConfig{APIURL: address, Token: secret.New(token), Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestTheFactsOfARepositoryAreRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		want       forge.Facts
	}{
		{"public", `{"full_name": "acme/shop", "default_branch": "main"}`, forge.Facts{Path: "acme/shop", DefaultBranch: "main"}},
		{"private", `{"full_name": "acme/shop", "private": true}`, forge.Facts{Path: "acme/shop", Private: true}},
		{"renamed and archived", `{"full_name": "acme/store", "archived": true, "disabled": true}`, forge.Facts{Path: "acme/store", ReadOnly: "archived"}},
		{"disabled", `{"full_name": "acme/shop", "disabled": true}`, forge.Facts{Path: "acme/shop", ReadOnly: "disabled"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := hub(t, "/api/v3/repos/acme/shop", 200, nil, test.body).Repository(t.Context(), "acme/shop")
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, facts (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestABranchACommitAndAFileAreFound(t *testing.T) {
	t.Parallel()
	const sha = "0123456789abcdef0123456789abcdef01234567"
	if err := hub(t, "/api/v3/repos/acme/shop/git/ref/heads/feature/a%23b", 200, nil, `{"ref": "refs/heads/feature/a#b"}`).FindRef(t.Context(), "acme/shop", "feature/a#b"); err != nil {
		t.Error(err)
	}
	if err := hub(t, "/api/v3/repos/acme/shop/git/commits/"+sha, 200, nil, `{"sha": "x"}`).FindRef(t.Context(), "acme/shop", sha); err != nil {
		t.Error(err)
	}
	body := fmt.Sprintf(`{"type": "file", "encoding": "base64", "content": %q}`, base64.StdEncoding.EncodeToString([]byte("jobs: {}")))
	got, err := hub(t, "/api/v3/repos/acme/shop/contents/.github/workflows/fix.yml?ref=abc", 200, nil, body).File(t.Context(), "acme/shop", ".github/workflows/fix.yml", "abc")
	if string(got) != "jobs: {}" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWhatGitHubRefusesIsToldApart(t *testing.T) {
	t.Parallel()
	const path = "/api/v3/repos/acme/shop"
	for _, test := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		text   string
		want   forge.GitHubError
	}{
		{"not found", 404, nil, `{"message": "Not Found"}`, "read repository acme/shop: 404 Not Found",
			forge.GitHubError{Status: 404, Message: "Not Found"}},
		{"a classic token without scope", 404, map[string]string{"X-OAuth-Scopes": "gist, read:org"}, ``, "read repository acme/shop: 404 Not Found",
			forge.GitHubError{Status: 404, Message: "Not Found", Classic: true, Scopes: "gist, read:org"}},
		{"a classic token with no scope at all", 404, map[string]string{"X-OAuth-Scopes": ""}, ``, "read repository acme/shop: 404 Not Found",
			forge.GitHubError{Status: 404, Message: "Not Found", Classic: true}},
		{"a permission is missing", 403, map[string]string{"X-Accepted-GitHub-Permissions": "contents=read"}, `{"message": "Resource not accessible by integration"}`,
			"read repository acme/shop: 403 Resource not accessible by integration",
			forge.GitHubError{Status: 403, Message: "Resource not accessible by integration", Accepted: "contents=read"}},
		{"single sign-on", 403, map[string]string{"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?x=1"}, `{"message": "Resource protected by organization SAML enforcement."}`,
			"read repository acme/shop: 403 Resource protected by organization SAML enforcement.",
			forge.GitHubError{Status: 403, Message: "Resource protected by organization SAML enforcement.", SSO: "https://github.com/orgs/acme/sso?x=1"}},
		{"single sign-on on a page that is none", 403, map[string]string{"X-GitHub-SSO": "required; url=javascript:alert(1)"}, `{"message": "no"}`,
			"read repository acme/shop: 403 no", forge.GitHubError{Status: 403, Message: "no"}},
		{"single sign-on on a page that everybody reads", 403, map[string]string{"X-GitHub-SSO": "required; url=http://github.com/orgs/acme/sso"}, `{"message": "no"}`,
			"read repository acme/shop: 403 no", forge.GitHubError{Status: 403, Message: "no"}},
		{"bad credentials", 401, nil, `{"message": "Bad credentials"}`, "read repository acme/shop: 401 Bad credentials",
			forge.GitHubError{Status: 401, Message: "Bad credentials"}},
		{"the hour's limit", 403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}, `{"message": "API rate limit exceeded"}`, "read repository acme/shop: 403 too many requests",
			forge.GitHubError{Status: 403, Message: "too many requests", Limited: true, RetryAfter: 24 * time.Hour}},
		{"a secondary limit", 403, map[string]string{"Retry-After": "60"}, `{"message": "x", "documentation_url": "https://docs.github.com/rest#secondary-rate-limits"}`, "read repository acme/shop: 403 too many requests",
			forge.GitHubError{Status: 403, Message: "too many requests", Limited: true, RetryAfter: time.Minute}},
		{"a limit by its status", 429, nil, `slow down`, "read repository acme/shop: 429 too many requests",
			forge.GitHubError{Status: 429, Message: "too many requests", Limited: true}},
		{"trouble", 502, nil, `<html>`, "read repository acme/shop: 502 Bad Gateway",
			forge.GitHubError{Status: 502, Message: "Bad Gateway"}},
		{"a long sentence with line ends", 422, nil, `{"message": "` + strings.Repeat("ä\\n", 400) + `"}`, "read repository acme/shop: 422 " + strings.Repeat("ä ", 100) + "…",
			forge.GitHubError{Status: 422, Message: strings.Repeat("ä ", 100) + "…"}},
		{"no JSON", 200, nil, `<html>`, "read repository acme/shop: 200 the answer is not what GitHub documents: invalid character '<' looking for beginning of value",
			forge.GitHubError{Status: 200, Message: "the answer is not what GitHub documents: invalid character '<' looking for beginning of value"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := hub(t, path, test.status, test.header, test.body).Repository(t.Context(), "acme/shop")
			got, ok := errors.AsType[*forge.GitHubError](err)
			if !ok || err.Error() != test.text {
				t.Fatalf("got error %v\nwant %s", err, test.text)
			}
			test.want.Op = "read repository acme/shop"
			if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreFields(forge.GitHubError{}, "Err"), aboutTheSameTime()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.Err == nil {
				t.Error("what happened below is lost")
			}
		})
	}
}

// aboutTheSameTime compares lengths of time until a moment, of which some passes.
func aboutTheSameTime() cmp.Option {
	return cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= max(a, b)/1000 })
}

// What stands in the name becomes a fix to copy, and an address.
func TestAnAnswerOfNoRepositoryIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `null`, `{"full_name": "shop"}`, `{"full_name": "acme/shop/../../evil"}`, `{"full_name": "https://github.com/acme/shop"}`,
		`{"full_name": "acme/<img src=x>"}`, `{"full_name": "acme/shop\n::error::z"}`, `{"full_name": "acme/shop| --api-url x"}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			facts, err := hub(t, "/api/v3/repos/acme/shop", 200, nil, body).Repository(t.Context(), "acme/shop")
			const want = "read repository acme/shop: 200 the answer is not what GitHub documents: it names no repository"
			if refused, ok := errors.AsType[*forge.GitHubError](err); !ok || err.Error() != want || refused.Status != 200 || facts != (forge.Facts{}) {
				t.Errorf("got %+v and error %v, want %s", facts, err, want)
			}
		})
	}
}

func TestQuestionsThatGitHubNeverHearsHaveAReason(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	client := newHub(t, server.URL)
	server.Close()
	_, err := client.Repository(t.Context(), "acme/shop")
	if refused, ok := errors.AsType[*forge.GitHubError](err); !ok || refused.Status != 0 || !strings.HasPrefix(err.Error(), "read repository acme/shop: dial tcp 127.0.0.1:") {
		t.Errorf("nobody there: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Repository(ended, "acme/shop"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for path, ask := range map[string]func(string) error{
		"group/team/shop": func(p string) error { return client.FindRef(t.Context(), p, "main") },
		"shop":            func(p string) error { _, err := client.Repository(t.Context(), p); return err },
		"/shop":           func(p string) error { _, err := client.File(t.Context(), p, "a", ""); return err },
	} {
		if err := ask(path); err == nil || !strings.HasSuffix(err.Error(), ": GitHub's repositories are called owner/name") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, want string }{
		{"a folder", `[{"type": "file"}]`, "read a of acme/shop: it is a folder"},
		{"too large", `{"type": "file", "encoding": "none", "content": ""}`, "read a of acme/shop: unsupported content encoding: none, this may occur when file size > 1 MB, if that is the case consider using DownloadContents"},
		{"not there", ``, "read a of acme/shop: 404 not /api/v3/repos/acme/shop/contents/a?ref=main"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := "/api/v3/repos/acme/shop/contents/a?ref=main"
			if test.body == "" {
				path = "/nothing"
			}
			if _, err := hub(t, path, 200, nil, test.body).File(t.Context(), "acme/shop", "a", "main"); err == nil || err.Error() != test.want {
				t.Errorf("got error %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"api.github.com", "ftp://api.github.com", "https://", "https://u:p@api.github.com", "://"} {
		_, err := forge.NewGitHub(forge.GitHubConfig{APIURL: address})
		if err == nil || err.Error() != "GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com" {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := forge.NewGitHub(forge.GitHubConfig{}); err != nil {
		t.Error(err)
	}
}

func TestAnAnswerWithoutEndIsCut(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		defer func() { sent <- n }()
		fmt.Fprint(w, `{"full_name": "`)
		for n < 64<<20 {
			wrote, err := w.Write([]byte(strings.Repeat("x", 1<<16)))
			if n += wrote; err != nil {
				return
			}
		}
	}))
	defer server.Close()
	if _, err := newHub(t, server.URL).Repository(t.Context(), "acme/shop"); err == nil || err.Error() != "read repository acme/shop: 200 the answer is not what GitHub documents: it is longer than 4 MiB" {
		t.Errorf("error %v", err)
	}
	if n := <-sent; n >= 64<<20 {
		t.Error("the answer was read to its end")
	}
}
