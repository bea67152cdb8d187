package simulator_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestAnyKeyIsGoodAndNoneIsNot(t *testing.T) {
	t.Parallel()
	basic := func(user string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"))
	}
	tests := []struct {
		name, header string
		status       int
		key          string
	}{
		{"bearer", "Authorization: Bearer " + key, 200, key},
		{"bearer in lower case", "Authorization: bearer " + key, 200, key},
		{"basic", basic(key), 200, key},
		{"none", "Authorization: ", 401, ""},
		{"empty bearer", "Authorization: Bearer  ", 401, ""},
		{"empty basic", basic(""), 401, ""},
		{"another scheme", "Authorization: Token " + key, 401, ""},
		{"scheme alone", "Authorization: " + key, 401, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, simulator.Config{})
			got := c.want(test.status, "GET", "/v1/models", "", test.header)
			if test.status == http.StatusUnauthorized {
				diff(t, "answer", `{"code":"error","message":"Invalid User API Key"}`, got.Body)
			}
			want := ""
			if test.key != "" {
				sum := sha256.Sum256([]byte(test.key))
				want = hex.EncodeToString(sum[:])[:16]
			}
			diff(t, "hash in the record", want, c.server.Requests()[0].KeyHash)
		})
	}
}

func TestTheAccountIsAnsweredAsSpecified(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	diff(t, "me", `{"apiKeyName":"Key of the embedded Cursor API","createdAt":"2026-01-02T03:04:05.000Z","userId":1,`+
		`"userEmail":"developer@example.com","userFirstName":"Alex","userLastName":"Rivera"}`,
		c.want(http.StatusOK, "GET", "/v1/me", "").Body)
	diff(t, "repositories", `{"items":[{"url":"https://github.com/acme/widgets"},{"url":"https://github.com/acme/gadgets"}]}`,
		c.want(http.StatusOK, "GET", "/v1/repositories", "").Body)
	models := decode[struct{ Items []simulator.Model }](t, c.want(http.StatusOK, "GET", "/v1/models", "").Body)
	if len(models.Items) < 3 || models.Items[0].Aliases == nil || models.Items[0].Parameters == nil || models.Items[0].Variants == nil {
		t.Errorf("the catalogue lacks aliases, parameters or variants: %+v", models)
	}
}

func TestCatalogueAndRepositoriesAreThoseOfTheConfig(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{
		Repositories: []string{},
		Models:       []simulator.Model{{ID: "m", DisplayName: "M"}},
	})
	diff(t, "repositories", `{"items":[]}`, c.want(http.StatusOK, "GET", "/v1/repositories", "").Body)
	diff(t, "models", `{"items":[{"id":"m","displayName":"M"}]}`, c.want(http.StatusOK, "GET", "/v1/models", "").Body)
	c.want(http.StatusCreated, "POST", "/v1/agents", with(`"model":{"id":"m"}`))
	c.want(http.StatusBadRequest, "POST", "/v1/agents", with(`"model":{"id":"composer"}`))
	// A named environment has no repository then, so nothing is pushed.
	c.want(http.StatusCreated, "POST", "/v1/agents", `{"prompt":{"text":"x"},"env":{"type":"cloud","name":"Web"}}`)
}

func TestRequestsOverTheLimitWait(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{RateLimit: 3, ServerClockOffset: time.Hour}, func(t *testing.T, c *client) {
		headers := func(r response) string {
			return fmt.Sprint(r.Status, " limit ", r.Header.Get("X-RateLimit-Limit"), " remaining ", r.Header.Get("X-RateLimit-Remaining"),
				" reset ", r.Header.Get("X-RateLimit-Reset"), " retry ", r.Header.Get("Retry-After"))
		}
		const reset = 946684800 + 3600 + 60
		for i, want := range []string{
			fmt.Sprintf("200 limit 3 remaining 2 reset %d retry ", reset),
			fmt.Sprintf("200 limit 3 remaining 1 reset %d retry ", reset),
			fmt.Sprintf("200 limit 3 remaining 0 reset %d retry ", reset),
			fmt.Sprintf("429 limit 3 remaining 0 reset %d retry 60", reset),
		} {
			diff(t, fmt.Sprint("request ", i+1), want, headers(c.do("GET", "/v1/models", "")))
		}
		c.want(http.StatusOK, "GET", "/v1/me", "")                                        // another operation
		c.want(http.StatusOK, "GET", "/v1/models", "", "Authorization: Bearer other_key") // another key
		time.Sleep(59*time.Second + time.Millisecond)
		got := c.want(http.StatusTooManyRequests, "GET", "/v1/models", "")
		diff(t, "rounded up", "1", got.Header.Get("Retry-After"))
		diff(t, "body", `{"error":{"code":"rate_limit_exceeded","message":"Rate limit exceeded: 3 requests per minute"}}`, got.Body)
		time.Sleep(time.Second)
		c.want(http.StatusOK, "GET", "/v1/models", "")
	})
}

func TestRepositoriesHaveTheirOwnLimits(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{RateLimit: 1000}, func(t *testing.T, c *client) {
		for range 30 {
			diff(t, "limit", "1", c.want(http.StatusOK, "GET", "/v1/repositories", "").Header.Get("X-RateLimit-Limit"))
			time.Sleep(time.Minute)
		}
		got := c.want(http.StatusTooManyRequests, "GET", "/v1/repositories", "")
		diff(t, "body", `{"error":{"code":"rate_limit_exceeded","message":"Rate limit exceeded: 30 requests per hour"}}`, got.Body)
		diff(t, "wait", "1800", got.Header.Get("Retry-After"))
	})
	bubble(t, simulator.Config{}, func(t *testing.T, c *client) {
		for range 40 {
			c.want(http.StatusOK, "GET", "/v1/repositories", "")
		}
	})
}

func TestTheServerRemembersItsRequests(t *testing.T) {
	t.Parallel()
	var logged []simulator.Request
	bubble(t, simulator.Config{Scenario: short(), Log: func(r simulator.Request) { logged = append(logged, r) }}, func(t *testing.T, c *client) {
		begun := time.Now()
		got := c.want(http.StatusCreated, "POST", "/v1/agents", body, "User-Agent: me/1", "Idempotency-Key: abc")
		run := c.server.Agents()[0].Runs[0].ID
		if _, err := c.stream(c.runPath(0)); err != nil {
			t.Fatal(err)
		}
		c.want(http.StatusBadRequest, "GET", c.runPath(0)+"/stream?x=%20y", "", "Last-Event-ID: 1-0", "User-Agent: me/1")
		c.want(http.StatusNotFound, "GET", "/nowhere", "", "Authorization: ", "User-Agent: me/1")
		all := c.server.Requests()
		diff(t, "log and memory", all, logged)
		hash := all[0].KeyHash
		for i := range all {
			if len(all[i].ID) != 36 {
				t.Errorf("request %d has the id %q", i, all[i].ID)
			}
			if i > 0 {
				all[i].ID = ""
			}
		}
		end := begun.Add(time.Second)
		diff(t, "requests", []simulator.Request{
			{ID: got.Header.Get("X-Request-Id"), Method: "POST", Path: "/v1/agents", Op: "createAgent", AgentID: agentID, RunID: run,
				Status: 201, At: begun, UserAgent: "me/1", IdempotencyKey: "abc", KeyHash: hash},
			{Method: "GET", Path: "/v1/agents/" + agentID + "/runs/" + run + "/stream", Op: "streamRun", AgentID: agentID, RunID: run,
				Status: 200, At: begun, Duration: time.Second, UserAgent: "Go-http-client/1.1", KeyHash: hash},
			{Method: "GET", Path: "/v1/agents/" + agentID + "/runs/" + run + "/stream", Query: "x=%20y", Op: "streamRun", AgentID: agentID, RunID: run,
				Status: 400, At: end, UserAgent: "me/1", LastEventID: "1-0", KeyHash: hash},
			{Method: "GET", Path: "/nowhere", Status: 404, At: end, UserAgent: "me/1"},
		}, all)
		if strings.Contains(fmt.Sprintf("%+v", all), key) {
			t.Error("the memory holds the key")
		}
	})
}

func TestOpenRequestsAreRememberedToo(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		r := c.server.Requests()[1]
		diff(t, "stream", []any{true, 200, time.Duration(0)}, []any{r.Open, r.Status, r.Duration})
	})
}
