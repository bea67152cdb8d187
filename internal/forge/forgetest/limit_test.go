package forgetest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

func TestPagesAreLinkedInAllDirections(t *testing.T) {
	t.Parallel()
	config := shop()
	issue := config.Repositories[0].Issues[0]
	issue.Comments = nil
	for range 250 {
		issue.Comments = append(issue.Comments, &forgetest.Comment{Author: "ann"})
	}
	c := start(t, config)
	link := func(page, size int, rel string) string {
		return fmt.Sprintf(`<https://api.github.com/repositories/100000001/issues/7/comments?page=%d&per_page=%d>; rel="%s"`, page, size, rel)
	}
	for _, test := range []struct {
		name, query string
		items       int
		want        []string
	}{
		{"the first", "per_page=100", 100, []string{link(2, 100, "next"), link(3, 100, "last")}},
		{"the middle", "per_page=100&page=2", 100, []string{link(1, 100, "prev"), link(3, 100, "next"), link(3, 100, "last"), link(1, 100, "first")}},
		{"the last", "page=3&per_page=100", 50, []string{link(2, 100, "prev"), link(1, 100, "first")}},
		{"beyond the last", "page=9&per_page=100", 0, []string{link(3, 100, "prev"), link(1, 100, "first")}},
		{"larger than can be", "per_page=101", 100, []string{link(2, 101, "next"), link(3, 101, "last")}},
		{"sizes that are none", "per_page=x&page=-1", 30, []string{
			`<https://api.github.com/repositories/100000001/issues/7/comments?page=2&per_page=x>; rel="next"`, `<https://api.github.com/repositories/100000001/issues/7/comments?page=9&per_page=x>; rel="last"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plain := *c
			plain.http = &http.Client{Transport: c.hub.Transport()} // the description allows no such sizes
			got := plain.want(http.StatusOK, "GET", issue7+"/comments?"+test.query, "")
			diff(t, "items", test.items, len(decode[[]github.IssueComment](t, got.Body)))
			diff(t, "links", strings.Join(test.want, ", "), got.Header.Get("Link"))
		})
	}
	diff(t, "one page", "", c.want(http.StatusOK, "GET", issue7+"/labels", "").Header.Get("Link"))
	second := c.want(http.StatusOK, "GET", "/repositories/100000001/issues/7/comments?page=3&per_page=100", "")
	diff(t, "by the link", 50, len(decode[[]github.IssueComment](t, second.Body)))
}

func TestWhatDidNotChangeIsNotSentAgain(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	first := c.want(http.StatusOK, "GET", issue7, "")
	tag := first.Header.Get("ETag")
	for _, header := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
		got := c.want(http.StatusNotModified, "GET", issue7, "", "If-None-Match: "+header)
		diff(t, header, []string{"", "4999"}, []string{got.Body, got.Header.Get("X-RateLimit-Remaining")})
	}
	c.want(http.StatusOK, "GET", issue7, "", `If-None-Match: "other"`)
	c.hub.CloseIssue("acme/shop", 7)
	changed := c.want(http.StatusOK, "GET", issue7, "", "If-None-Match: "+tag)
	if changed.Header.Get("ETag") == tag || changed.Header.Get("X-RateLimit-Remaining") != "4997" {
		t.Errorf("got %v", changed.Header)
	}
}

func TestAnHoursRequestsAreCounted(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, http.StatusTooManyRequests} {
		config := shop()
		config.RateLimit, config.LimitStatus = 2, status
		bubble(t, config, func(t *testing.T, c *client) {
			ends := time.Now().Add(time.Hour).Unix()
			for _, remaining := range []string{"1", "0"} {
				got := c.want(http.StatusOK, "GET", issue7, "").Header
				diff(t, "header", []string{"2", remaining, fmt.Sprint(ends), "core"},
					[]string{got.Get("X-RateLimit-Limit"), got.Get("X-RateLimit-Remaining"), got.Get("X-RateLimit-Reset"), got.Get("X-RateLimit-Resource")})
			}
			refused := c.want(max(status, http.StatusForbidden), "POST", issue7+"/comments", `{"body":"x"}`)
			diff(t, "message", "API rate limit exceeded for installation ID 4242.", refused.message(t))
			diff(t, "nothing was made", 1, len(c.hub.Issue("acme/shop", 7).Comments))
			if status == 0 {
				_, _, err := c.github(workflowToken).Issues.Get(t.Context(), "acme", "shop", 7)
				limited, ok := errors.AsType[*github.RateLimitError](err)
				if !ok || limited.Rate.Reset.Unix() != ends {
					t.Errorf("the library says %v", err)
				}
			}
			c.want(http.StatusOK, "GET", issue7, "", "Authorization: Bearer "+annToken) // has its own
			time.Sleep(time.Hour)
			c.want(http.StatusOK, "GET", issue7, "")
		})
	}
}

func TestNobodyHasAFewRequests(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	for range 60 {
		c.want(http.StatusOK, "GET", issue7, "", "Authorization: ")
	}
	if got := c.want(http.StatusForbidden, "GET", issue7, "", "Authorization: ").message(t); !strings.HasPrefix(got, "API rate limit exceeded for 192.0.2.1. (But") {
		t.Errorf("got %s", got)
	}
}

func TestATokenIsExhausted(t *testing.T) {
	t.Parallel()
	config := shop()
	config.RateLimit = 1
	bubble(t, config, func(t *testing.T, c *client) {
		c.hub.Exhaust(annToken, 10*time.Minute)
		got := c.want(http.StatusForbidden, "GET", issue7, "", "Authorization: Bearer "+annToken)
		if message := got.message(t); !strings.HasPrefix(message, "API rate limit exceeded for user ID ") {
			t.Errorf("got %s", message)
		}
		time.Sleep(10 * time.Minute)
		c.want(http.StatusOK, "GET", issue7, "", "Authorization: Bearer "+annToken)
		const viewer = `{viewer{login}}`
		c.ask(viewer, nil)
		limited := c.ask(viewer, nil)
		diff(t, "GraphQL", []any{http.StatusOK, "0"}, []any{limited.Status, limited.Header.Get("X-RateLimit-Remaining")})
		if !strings.HasPrefix(limited.Body, `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit already exceeded for user ID 41898282."}]}`) {
			t.Errorf("got %s", limited.Body)
		}
	})
}
