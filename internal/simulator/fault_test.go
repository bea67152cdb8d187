package simulator_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// broken is what a client sees when the in-memory connection breaks.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe)
}

func withFaults(faults ...simulator.Fault) simulator.Config {
	scenario := short()
	scenario.Faults = faults
	return simulator.Config{Scenario: scenario}
}

func TestARuleChoosesRequestsByTheirNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		when simulator.When
		want string // of twelve requests, those that are chosen
	}{
		{"all", simulator.When{}, "xxxxxxxxxxxx"},
		{"at", simulator.When{At: []int{1, 4}}, "x..x........"},
		{"first", simulator.When{First: 2}, "xx.........."},
		{"every", simulator.When{Every: 3}, "..x..x..x..x"},
		{"skip", simulator.When{Skip: 10}, "..........xx"},
		{"skip, first", simulator.When{Skip: 2, First: 3}, "..xxx......."},
		{"skip, every", simulator.When{Skip: 1, Every: 4}, "....x...x..."},
		{"first of every", simulator.When{First: 6, Every: 2}, ".x.x.x......"},
		{"never", simulator.When{At: []int{13}}, "............"},
		{"surely", simulator.When{Probability: 1}, "xxxxxxxxxxxx"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, withFaults(simulator.Fault{
				Operation: "listModels", When: test.when, Answer: &simulator.Answer{Status: 500, Code: "internal_error", Message: "m"},
			}))
			var got strings.Builder
			for range 12 {
				c.want(http.StatusOK, "GET", "/v1/agents", "") // another operation does not count
				switch status := c.do("GET", "/v1/models", "").Status; status {
				case http.StatusOK:
					got.WriteString(".")
				case http.StatusInternalServerError:
					got.WriteString("x")
				default:
					t.Fatalf("status %d", status)
				}
			}
			diff(t, "chosen", test.want, got.String())
		})
	}
}

func TestOfSeveralRulesTheFirstThatChoosesApplies(t *testing.T) {
	t.Parallel()
	answer := func(message string) *simulator.Answer {
		return &simulator.Answer{Status: 500, Code: "internal_error", Message: message}
	}
	c := start(t, withFaults(
		simulator.Fault{Operation: "listModels", When: simulator.When{At: []int{1}}, Answer: answer("one")},
		simulator.Fault{Operation: "listModels", When: simulator.When{At: []int{1, 2}}, Answer: answer("two")},
		simulator.Fault{Key: "other", Answer: answer("of a key")},
	))
	for _, want := range []string{"one", "two"} {
		diff(t, "answer", `{"error":{"code":"internal_error","message":"`+want+`"}}`, c.do("GET", "/v1/models", "").Body)
	}
	c.want(http.StatusOK, "GET", "/v1/models", "")
	diff(t, "another key", `{"error":{"code":"internal_error","message":"of a key"}}`,
		c.do("GET", "/v1/models", "", "Authorization: Bearer other").Body)
}

func TestAnAnswerComesInEveryShapeTheServiceHas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		answer      simulator.Answer
		contentType string
		body        string
	}{
		{"as specified", simulator.Answer{Status: 429, Code: "c", Message: "a <b> & \"c\""}, "application/json; charset=utf-8",
			`{"error":{"code":"c","message":"a <b> & \"c\""}}`},
		{"flat", simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"}, "application/json; charset=utf-8",
			`{"code":"error","message":"Invalid User API Key"}`},
		{"connect", simulator.Answer{Status: 429, Shape: "connect", Code: "resource_exhausted", Message: "GitHub rate limited", RetryAfter: "60"}, "application/json; charset=utf-8",
			`{"code":"resource_exhausted","details":[{"debug":{"details":{"additionalInfo":{"operation":"getScopedInstallationAccessKey","retryAfter":"60"},"isRetryable":true,"title":"GitHub rate limited"},"error":"ERROR_RATE_LIMITED"}}],"message":"[resource_exhausted] Error"}`},
		{"text", simulator.Answer{Status: 400, Shape: "text", Message: "Failed to determine repository default branch"}, "application/json; charset=utf-8",
			`{"error":"Failed to determine repository default branch"}`},
		{"html", simulator.Answer{Status: 502, Shape: "html", Message: "<nginx>"}, "text/html",
			"<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center>&lt;nginx&gt;</body>\n</html>\n"},
		{"empty", simulator.Answer{Status: 500, Shape: "empty"}, "", ""},
		{"invalid JSON", simulator.Answer{Status: 200, Body: `{"items":[`}, "application/json; charset=utf-8", `{"items":[`},
		{"own content type", simulator.Answer{Status: 200, Body: "hi", Headers: map[string]string{"content-type": "text/plain"}}, "text/plain", "hi"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, withFaults(simulator.Fault{Answer: &test.answer}))
			c.http.Transport = c.server.Transport() // these answers are not those of the specification
			got := c.want(test.answer.Status, "GET", "/v1/models", "")
			diff(t, "body", test.body, got.Body)
			diff(t, "content type", test.contentType, got.Header.Get("Content-Type"))
		})
	}
}

func TestAnAnswerBringsItsHeaders(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(simulator.Fault{Answer: &simulator.Answer{
		Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "2",
		Headers: map[string]string{"X-RateLimit-Limit": "20"},
	}}))
	got := c.want(http.StatusTooManyRequests, "GET", "/v1/models", "")
	diff(t, "headers", []string{"2", "20"}, []string{got.Header.Get("Retry-After"), got.Header.Get("X-RateLimit-Limit")})
}

func TestALostAnswerIsTheAnswerToARequestThatWasCarriedOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  simulator.Fault
		agents int
		record string
		status int
	}{
		{"reset before", simulator.Fault{Reset: "before"}, 0, "reset before", 0},
		{"reset after", simulator.Fault{Reset: "after"}, 1, "reset after", 0},
		{"cut in the middle", simulator.Fault{Cut: new(20)}, 1, "cut after 20 bytes", 201},
		{"cut before the first byte", simulator.Fault{Cut: new(0)}, 1, "cut after 0 bytes", 201},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.fault.Operation = "createAgent"
			bubble(t, withFaults(test.fault), func(t *testing.T, c *client) {
				got, err := c.try(c.request("POST", "/v1/agents", body))
				if !broken(err) {
					t.Fatalf("got %v and %v, want a broken connection", got, err)
				}
				diff(t, "agents", test.agents, len(c.server.Agents()))
				synctest.Wait()
				record := c.server.Requests()[0]
				diff(t, "record", []any{test.record, test.status, false}, []any{record.Fault, record.Status, record.Open})
				if test.fault.Cut != nil && len(got.Body) != *test.fault.Cut {
					t.Errorf("%d bytes came, want %d", len(got.Body), *test.fault.Cut)
				}
			})
		})
	}
}

func TestACutLongerThanTheAnswerCutsNothing(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(simulator.Fault{Cut: new(1 << 20)}))
	c.want(http.StatusCreated, "POST", "/v1/agents", body)
}

func TestAnErrorMayBeAnsweredToARequestThatWasCarriedOut(t *testing.T) {
	t.Parallel()
	c := start(t, withFaults(simulator.Fault{
		Operation: "createAgent", CarriedOut: true, Answer: &simulator.Answer{Status: 502, Shape: "html"},
	}))
	c.want(http.StatusBadGateway, "POST", "/v1/agents", body)
	diff(t, "agents", 1, len(c.server.Agents()))
	diff(t, "record", "carried out, answer 502 (html)", c.server.Requests()[0].Fault)
}

func TestDelaysPassAtTheServersSpeed(t *testing.T) {
	t.Parallel()
	config := withFaults(
		simulator.Fault{Operation: "createAgent", Delay: 20 * time.Second},
		simulator.Fault{Operation: "getRun", DelayAnswer: time.Second},
	)
	config.Speed = 2
	bubble(t, config, func(t *testing.T, c *client) {
		begun := time.Now()
		run := c.launch()
		diff(t, "create", 10*time.Second, time.Since(begun))
		diff(t, "created after the delay", begun.Add(10*time.Second), c.server.Agents()[0].CreatedAt)
		begun = time.Now()
		// The answer is as old as its delay.
		diff(t, "run", any("CREATING"), c.run(run)["status"])
		diff(t, "read", 500*time.Millisecond, time.Since(begun))
		diff(t, "record", []any{"delay", 500 * time.Millisecond}, []any{c.server.Requests()[1].Fault, c.server.Requests()[1].Duration})
	})
}

func TestADelayedRequestIsCarriedOutThoughItsClientLeft(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(simulator.Fault{Operation: "createAgent", Delay: time.Minute}), func(t *testing.T, c *client) {
		c.http.Timeout = 30 * time.Second
		if _, err := c.try(c.request("POST", "/v1/agents", body)); err == nil {
			t.Fatal("the client waited for an answer that comes after its time-out")
		}
		diff(t, "agents at the time-out", 0, len(c.server.Agents()))
		time.Sleep(time.Minute)
		diff(t, "agents later", 1, len(c.server.Agents()))
	})
}

func TestARestartResetsDelayedRequests(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{{Delay: time.Minute}, {DelayAnswer: time.Minute}} {
		bubble(t, withFaults(fault), func(t *testing.T, c *client) {
			go func() {
				time.Sleep(time.Second)
				c.server.DropConnections()
				c.server.DropConnections() // twice in a row is no harm
			}()
			begun := time.Now()
			if _, err := c.try(c.request("GET", "/v1/models", "")); !broken(err) {
				t.Fatalf("got %v, want a broken connection", err)
			}
			diff(t, "time", time.Second, time.Since(begun))
		})
	}
}

func TestARuleMayCountEachAgentForItself(t *testing.T) {
	t.Parallel()
	for _, perAgent := range []bool{false, true} {
		c := start(t, withFaults(simulator.Fault{
			Operation: "getAgent", When: simulator.When{First: 1}, PerAgent: perAgent,
			Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "not yet: {agent}"},
		}))
		var got strings.Builder
		for i := range 2 {
			id := fmt.Sprintf("bc-00000000-0000-0000-0000-00000000000%d", i)
			c.want(http.StatusCreated, "POST", "/v1/agents", strings.Replace(body, agentID, id, 1))
			for range 2 {
				answer := c.do("GET", "/v1/agents/"+id, "")
				got.WriteString(fmt.Sprint(answer.Status, " "))
				if answer.Status == http.StatusNotFound {
					diff(t, "answer", `{"error":{"code":"agent_not_found","message":"not yet: `+id+`"}}`, answer.Body)
				}
			}
		}
		want := map[bool]string{false: "404 200 200 200 ", true: "404 200 404 200 "}[perAgent]
		diff(t, fmt.Sprintf("answers, per agent %v", perAgent), want, got.String())
	}
}

func TestFaultsAreThoseOfTheScenarioThatTheAgentPlays(t *testing.T) {
	t.Parallel()
	fault := func(operation string) []simulator.Fault {
		return []simulator.Fault{{Operation: operation, Answer: &simulator.Answer{Status: 500, Code: "internal_error", Message: operation}}}
	}
	scenario := short()
	scenario.Faults = fault("listModels")
	other := short()
	other.Name, other.Match, other.Faults = "other", "second", append(append(append(fault("getRun"), fault("getAgent")...), fault("listModels")...), fault("createRun")...)
	bad := short()
	bad.Match, bad.Faults = "third", fault("createAgent")
	scenario.Variants = []simulator.Scenario{other, bad}
	c := start(t, simulator.Config{Scenario: scenario})
	for i, text := range []string{"the first", "the second"} {
		c.want(http.StatusCreated, "POST", "/v1/agents", prompt(`{"text":"`+text+`"}`))
		a := c.server.Agents()[i]
		status := []int{http.StatusOK, http.StatusInternalServerError}[i]
		c.want(status, "GET", "/v1/agents/"+a.ID, "")
		c.want(status, "GET", "/v1/agents/"+a.ID+"/runs/"+a.Runs[0].ID, "")
	}
	diff(t, "scenarios", []string{"short", "other"}, []string{c.server.Agents()[0].Scenario, c.server.Agents()[1].Scenario})
	c.want(http.StatusInternalServerError, "POST", "/v1/agents", prompt(`{"text":"the third"}`))
	c.want(http.StatusInternalServerError, "GET", "/v1/models", "")
	first := "/v1/agents/" + c.server.Agents()[0].ID
	c.want(http.StatusInternalServerError, "POST", first+"/runs", `{"prompt":{"text":"like the second"}}`)
	diff(t, "agents", 2, len(c.server.Agents()))
}

func TestAMessageNamesWhatTheRequestBrought(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Faults = []simulator.Fault{{Operation: "createAgent", Answer: &simulator.Answer{
		Status: 400, Code: "validation_error", Message: "{agent} {repo} {ref} {branch} {prompt}",
	}}}
	c := start(t, simulator.Config{Scenario: scenario})
	for _, test := range []struct{ body, want string }{
		{body, agentID + " acme/widgets main cursor/fix-the-flaky-test-in-internal-a1b2 Fix the flaky test in internal/cache, please."},
		{`{"agentId":"x","prompt":"broken"}`, "bc-00000000-0000-0000-0000-000000000000  main cursor/agent-0000 "},
	} {
		diff(t, "answer", `{"error":{"code":"validation_error","message":"`+test.want+`"}}`, c.do("POST", "/v1/agents", test.body).Body)
	}
}
