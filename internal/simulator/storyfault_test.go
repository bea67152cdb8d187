package simulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheBuiltInFaultsTellTheirStories(t *testing.T) {
	t.Parallel()
	fixed := ending{"FINISHED", branch, pull, "Fixed, and all tests pass. " + onIt}
	story(t, "stream-drops", func(t *testing.T, c *client) {
		run := c.launch()
		var lastID []string
		text, connections := "", 0
		for done := false; !done; {
			connections++
			all, err := c.stream(run, lastID...)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
			for _, f := range all {
				if f.ID != "" {
					lastID = []string{"Last-Event-ID: " + f.ID}
				}
				if f.Event == "assistant" {
					text += decode[map[string]string](t, f.Data)["text"]
				}
				done = done || f.Event == "done"
			}
		}
		if connections < 3 {
			t.Errorf("%d connections were enough", connections)
		}
		diff(t, "the text in pieces", c.server.Agents()[0].Runs[0].Result, strings.TrimSpace(text))
	})
	story(t, "stream-garbage", func(t *testing.T, c *client) {
		run := c.launch()
		first, err := c.stream(run)
		diff(t, "first", []any{"status error done", error(nil)}, []any{events(first), err})
		second, err := c.try(c.request("GET", run+"/stream", ""))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the second connection ended with %v", err)
		}
		for _, part := range []string{"this line has no colon", "event: weather_report"} {
			if !strings.Contains(second.Body, part) {
				t.Errorf("the second connection lacks %q", part)
			}
		}
		if len(second.Body) < 10<<20 {
			t.Errorf("the second connection brought %d bytes, want more than 10 MB", len(second.Body))
		}
		third, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		list := ids(third)
		diff(t, "the third says all twice", list[0], list[1])
		diff(t, "and lies", true, strings.Contains(third[0].Data, "ERROR"))
		diff(t, "end", ending{"FINISHED", branch, pull, "Done, and all tests pass. " + onIt}, c.ending(run))
	})
	story(t, "no-stream", func(t *testing.T, c *client) {
		run := c.launch()
		for range 3 {
			all, err := c.stream(run)
			diff(t, "stream", []any{"status error done", error(nil)}, []any{events(all), err})
			time.Sleep(2 * time.Second)
		}
		diff(t, "end", fixed, c.ending(run))
	})
	story(t, "throttled", func(t *testing.T, c *client) {
		first := c.want(http.StatusTooManyRequests, "POST", "/v1/agents", body)
		diff(t, "first create", []string{"1", `{"error":{"code":"rate_limit_exceeded","message":"Rate limit exceeded"}}`},
			[]string{first.Header.Get("Retry-After"), first.Body})
		c.http.Transport = c.server.Transport() // the next answer is not in the specification
		second := c.want(http.StatusTooManyRequests, "POST", "/v1/agents", body)
		if second.Header.Get("Retry-After") != "" || !strings.Contains(second.Body, `"retryAfter":"1"`) {
			t.Errorf("the second create answers %v %s", second.Header, second.Body)
		}
		run := c.launch()
		c.want(http.StatusTooManyRequests, "GET", run+"/stream", "")
		c.end(run) // also the first poll
		var got strings.Builder
		for range 5 {
			got.WriteString(map[int]string{200: ".", 429: "x"}[c.do("GET", run, "").Status])
		}
		diff(t, "polls", ".x..x", got.String())
		diff(t, "end", fixed, c.ending(run))
	})
	story(t, "lost-create", func(t *testing.T, c *client) {
		if _, err := c.try(c.request("POST", "/v1/agents", body)); !broken(err) {
			t.Fatalf("the first create ended with %v", err)
		}
		c.want(http.StatusConflict, "POST", "/v1/agents", body)
		diff(t, "agents", 1, len(c.server.Agents()))
		diff(t, "end", ending{"FINISHED", branch, pull, "Fixed. " + onIt}, c.end(c.runPath(0)))
	})
	story(t, "cancel-refused", func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(time.Second)
		for range 3 {
			diff(t, "cancel", `{"error":{"code":"internal_error","message":"Internal server error"}}`,
				c.want(http.StatusInternalServerError, "POST", run+"/cancel", "").Body)
		}
		time.Sleep(9 * time.Minute)
		diff(t, "nine minutes later", any("RUNNING"), c.run(run)["status"])
		c.want(http.StatusOK, "DELETE", "/v1/agents/"+agentID, "") // the way out
	})
	story(t, "cancel-slow", func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(time.Second)
		c.want(http.StatusOK, "POST", run+"/cancel", "")
		diff(t, "at once", any("RUNNING"), c.run(run)["status"])
		time.Sleep(5 * time.Second)
		diff(t, "five seconds later", any("CANCELLED"), c.run(run)["status"])
	})
	story(t, "lagging", func(t *testing.T, c *client) {
		run := c.launch()
		diff(t, "at the end of the stream", ending{Status: "CREATING"}, c.end(run))
		time.Sleep(4 * time.Second)
		diff(t, "four seconds later", ending{"FINISHED", branch, pull, "Fixed. " + onIt}, c.ending(run))
	})
	const flake = `{"error":{"code":"validation_error","message":"Failed to verify existence of branch 'main' in repository acme/widgets. Please ensure the branch name is correct."}}`
	story(t, "branch-flake", func(t *testing.T, c *client) {
		for range 2 {
			diff(t, "create", flake, c.want(http.StatusBadRequest, "POST", "/v1/agents", body).Body)
		}
		diff(t, "end", ending{"FINISHED", branch, pull, "Fixed. " + onIt}, c.end(c.launch()))
	})
	story(t, "no-access", func(t *testing.T, c *client) {
		for range 5 {
			diff(t, "create", flake, c.want(http.StatusBadRequest, "POST", "/v1/agents", body).Body)
		}
		diff(t, "agents", 0, len(c.server.Agents()))
	})
	story(t, "no-plan", func(t *testing.T, c *client) {
		c.want(http.StatusOK, "GET", "/v1/me", "")
		for _, request := range []string{"GET /v1/models", "GET /v1/agents", "POST /v1/agents"} {
			method, path, _ := strings.Cut(request, " ")
			sent := ""
			if method == "POST" {
				sent = body
			}
			diff(t, request, `{"error":{"code":"plan_required","message":"Cloud Agent is not available for free users. Please upgrade to Pro."}}`,
				c.want(http.StatusForbidden, method, path, sent).Body)
		}
	})
}
