package forgetest_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

func withFaults(faults ...forgetest.Fault) forgetest.Config {
	config := shop()
	config.Faults = faults
	return config
}

func TestARuleChoosesRequestsByTheirNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		when forgetest.When
		want string // of eight requests, those that are chosen
	}{
		{"all", forgetest.When{}, "xxxxxxxx"},
		{"at", forgetest.When{At: []int{1, 4}}, "x..x...."},
		{"first", forgetest.When{First: 2}, "xx......"},
		{"every", forgetest.When{Every: 3}, "..x..x.."},
		{"skip, first", forgetest.When{Skip: 2, First: 3}, "..xxx..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, withFaults(forgetest.Fault{Operation: "issues/get", When: test.when, Answer: &forgetest.Answer{Status: 500}}))
			var got strings.Builder
			for range 8 {
				c.want(http.StatusOK, "GET", pull9, "") // another operation does not count
				got.WriteString(map[int]string{200: ".", 500: "x"}[c.do("GET", issue7, "").Status])
			}
			diff(t, "chosen", test.want, got.String())
		})
	}
}

func TestARuleIsAboutAnOperationATokenAndAPath(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(
		forgetest.Fault{Token: annToken, Answer: &forgetest.Answer{Status: 500, Message: "token"}},
		forgetest.Fault{Path: "/issues/9", Answer: &forgetest.Answer{Status: 501, Message: "path"}},
		forgetest.Fault{Operation: "graphql", Answer: &forgetest.Answer{Status: 502, Shape: "html"}},
	))
	c.want(http.StatusOK, "GET", issue7, "")
	diff(t, "token", "token", c.want(500, "GET", "/repos/acme/shop/issues/9", "", "Authorization: Bearer "+annToken).message(t))
	diff(t, "path", "path", c.want(501, "GET", "/repos/acme/shop/issues/9", "").message(t))
	diff(t, "graphql", 502, c.ask(`{viewer{login}}`, nil).Status)
	c.hub.SetFaults()
	diff(t, "no rules", 200, c.ask(`{viewer{login}}`, nil).Status)
	var noted []string
	for _, r := range c.hub.Requests() {
		noted = append(noted, r.Op+": "+r.Fault)
	}
	diff(t, "noted", []string{"issues/get: ", "issues/get: answer 500", "issues/get: answer 501", "graphql: answer 502 (html)", "graphql: "}, noted)
}

func TestAnAnswerComesInEveryShape(t *testing.T) {
	t.Parallel()
	const doc = `"documentation_url":"https://docs.github.com/rest/issues/issues#get-an-issue"`
	tests := []struct {
		name   string
		answer forgetest.Answer
		status int
		kind   string
		body   string
		header map[string]string
	}{
		{"an error", forgetest.Answer{Status: 503}, 503, "application/json; charset=utf-8", `{` + doc + `,"message":"Service Unavailable","status":"503"}`, nil},
		{"a page", forgetest.Answer{Status: 502, Shape: "html"}, 502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body>Unicorn!</body></html>\n", nil},
		{"nothing", forgetest.Answer{Status: 500, Shape: "empty"}, 500, "", "", nil},
		{"the hour's limit", forgetest.Answer{Shape: "rate-limit", RetryAfter: 90}, 403, "application/json; charset=utf-8",
			`{"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api","message":"API rate limit exceeded for installation ID 4242.","status":"403"}`,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "946684890", "Retry-After": ""}},
		{"a secondary limit", forgetest.Answer{Shape: "secondary-limit", RetryAfter: 60, Status: 429}, 429, "application/json; charset=utf-8",
			`{"documentation_url":"https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits","message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","status":"429"}`,
			map[string]string{"Retry-After": "60"}},
		{"garbage", forgetest.Answer{Body: `{"id":`}, 200, "application/json; charset=utf-8", `{"id":`, nil},
		{"headers", forgetest.Answer{Status: 403, Message: "no", Headers: map[string]string{"X-GitHub-SSO": "required"}}, 403, "application/json; charset=utf-8",
			`{` + doc + `,"message":"no","status":"403"}`, map[string]string{"X-GitHub-SSO": "required"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, withFaults(forgetest.Fault{Answer: &test.answer}), func(t *testing.T, c *client) {
				c.http.Transport = c.hub.Transport() // these are not as described
				got := c.want(test.status, "GET", issue7, "")
				diff(t, "answer", []string{test.kind, test.body}, []string{got.Header.Get("Content-Type"), got.Body})
				for name, value := range test.header {
					diff(t, name, value, got.Header.Get(name))
				}
			})
		})
	}
}

func TestTheLibraryKnowsASecondaryLimit(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(forgetest.Fault{Answer: &forgetest.Answer{Shape: "secondary-limit", RetryAfter: 30}}))
	_, _, err := c.github(workflowToken).Issues.Get(t.Context(), "acme", "shop", 7)
	if limited, ok := errors.AsType[*github.AbuseRateLimitError](err); !ok || limited.GetRetryAfter() != 30*time.Second {
		t.Errorf("the library says %v", err)
	}
}

func TestALostAnswerIsThatOfARequestThatWasCarriedOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		fault    forgetest.Fault
		comments int
		record   string
		status   int
	}{
		{"reset before", forgetest.Fault{Reset: "before"}, 1, "reset before", 0},
		{"reset after", forgetest.Fault{Reset: "after"}, 2, "reset after", 0},
		{"cut", forgetest.Fault{Cut: new(10)}, 2, "cut after 10 bytes", 201},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.fault.Operation = "issues/create-comment"
			bubble(t, withFaults(test.fault), func(t *testing.T, c *client) {
				got, err := c.try("POST", issue7+"/comments", `{"body":"x"}`)
				if !forgetest.IsReset(err) || test.fault.Cut != nil && len(got.Body) != 10 {
					t.Fatalf("got %v, %v", got, err)
				}
				synctest.Wait()
				record := c.hub.Requests()[0]
				diff(t, "record", []any{test.comments, test.record, test.status}, []any{len(c.hub.Issue("acme/shop", 7).Comments), record.Fault, record.Status})
			})
		})
	}
	c := start(t, withFaults(forgetest.Fault{CarriedOut: true, Answer: &forgetest.Answer{Status: 502, Shape: "html"}}, forgetest.Fault{Cut: new(1 << 20)}))
	c.want(http.StatusBadGateway, "POST", issue7+"/comments", `{"body":"x"}`)
	diff(t, "carried out", 2, len(c.hub.Issue("acme/shop", 7).Comments))
	diff(t, "noted", "carried out, answer 502 (html)", c.hub.Requests()[0].Fault)
}

func TestAnswersAreDelayed(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(forgetest.Fault{Operation: "issues/get", Delay: time.Minute, DelayAnswer: time.Second}), func(t *testing.T, c *client) {
		begun := time.Now()
		go func() {
			time.Sleep(60500 * time.Millisecond) // between the two
			c.hub.CloseIssue("acme/shop", 7)
		}()
		diff(t, "state", "open", decode[struct{ State string }](t, c.want(http.StatusOK, "GET", issue7, "").Body).State)
		diff(t, "time", 61*time.Second, time.Since(begun))
	})
	for _, fault := range []forgetest.Fault{{Delay: time.Hour}, {DelayAnswer: time.Hour}} {
		bubble(t, withFaults(fault), func(t *testing.T, c *client) {
			go func() {
				time.Sleep(time.Minute)
				c.hub.Close()
			}()
			begun := time.Now()
			if _, err := c.try("GET", issue7, ""); !forgetest.IsReset(err) || time.Since(begun) != time.Minute {
				t.Errorf("after %v: %v", time.Since(begun), err)
			}
		})
	}
}

func TestTheAnswerIsAboutSomebodyElse(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(forgetest.Fault{Operation: "repos/get-collaborator-permission-level", User: "ada"}))
	level, _, err := c.github(workflowToken).Repositories.GetPermissionLevel(t.Context(), "acme", "shop", "eve")
	if err != nil || level.GetUser().GetLogin() != "ada" || level.GetPermission() != "admin" {
		t.Errorf("got %v, %v", level, err)
	}
	diff(t, "noted", "user ada", c.hub.Requests()[0].Fault)
}

func TestARedirectLeadsElsewhere(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(forgetest.Fault{When: forgetest.When{At: []int{1}}, Redirect: "https://evil.example"}, forgetest.Fault{Redirect: "/repos/acme/shop"}))
	diff(t, "host", "https://evil.example/repos/acme/shop/issues/7?a=b", c.want(http.StatusTemporaryRedirect, "GET", issue7+"?a=b", "").Header.Get("Location"))
	diff(t, "path", "/repos/acme/shop", c.want(http.StatusTemporaryRedirect, "POST", issue7+"/comments", `{"body":"x"}`).Header.Get("Location"))
	diff(t, "nothing was made", 1, len(c.hub.Issue("acme/shop", 7).Comments))
}

func TestTheHubIsAwayForATime(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(forgetest.Fault{When: forgetest.When{At: []int{2}}, Reset: "before", Down: time.Minute}), func(t *testing.T, c *client) {
		c.want(http.StatusOK, "GET", issue7, "")
		if _, err := c.try("POST", issue7+"/comments", `{"body":"x"}`); !forgetest.IsReset(err) {
			t.Errorf("got %v", err)
		}
		if _, err := c.try("GET", issue7, ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
		c.want(http.StatusOK, "GET", issue7, "")
		c.hub.TakeDown(time.Second)
		if _, err := c.try("GET", issue7, ""); !forgetest.IsReset(err) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		c.want(http.StatusOK, "GET", issue7, "")
		diff(t, "heard", 4, len(c.hub.Requests()))
		diff(t, "noted", "reset before, down", c.hub.Requests()[1].Fault)
	})
}

func TestTheHubListensOnASocket(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Prefix = "/api/v3"
	hub := forgetest.New(config)
	base, err := hub.Listen()
	if err != nil || !strings.HasPrefix(base, "http://127.0.0.1:") || !strings.HasSuffix(base, "/api/v3") {
		t.Fatalf("got %s, %v", base, err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := &client{t, hub, &http.Client{Transport: transport}}
	issue := decode[github.Issue](t, c.want(http.StatusOK, "GET", base+issue7, "").Body)
	diff(t, "address", base+issue7, issue.GetURL())
	hub.SetFaults(forgetest.Fault{Reset: "before"})
	if _, err := c.try("POST", base+issue7+"/comments", `{"body":"x"}`); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
	hub.SetFaults()
	hub.TakeDown(time.Hour)
	if _, err := c.try("POST", base+issue7+"/comments", `{"body":"x"}`); !forgetest.IsReset(err) {
		t.Errorf("got %v", err)
	}
	hub.Close()
	hub.Close()
	if _, err := c.try("GET", base+issue7, ""); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
	if _, err := hub.Listen(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestAClosedHubAnswersNothing(t *testing.T) {
	t.Parallel()
	hub := forgetest.New(withFaults(forgetest.Fault{When: forgetest.When{At: []int{2}}, Reset: "before"}))
	transport := hub.Transport()
	hub.Close()
	for _, transport := range []http.RoundTripper{transport, hub.Transport()} {
		c := &client{t, hub, &http.Client{Transport: transport}}
		if _, err := c.try("GET", issue7, ""); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	serve := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		hub.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", issue7, nil))
		return w
	}
	diff(t, "status", http.StatusServiceUnavailable, serve().Code)
	defer func() {
		if aborted := recover(); aborted != http.ErrAbortHandler {
			t.Errorf("got %v", aborted)
		}
	}()
	serve()
}
