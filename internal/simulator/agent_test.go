package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestANewAgentAndItsFinishedRunAreAnsweredAsSpecified(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		got := c.want(http.StatusCreated, "POST", "/v1/agents", body)
		run := c.server.Agents()[0].Runs[0].ID
		agent := map[string]any{
			"id":                  agentID,
			"name":                "Fix the flaky test in internal/cache, please.",
			"status":              "ACTIVE",
			"env":                 map[string]any{"type": "cloud"},
			"url":                 "https://cursor.com/agents/" + agentID,
			"createdAt":           "2000-01-01T00:00:00.000Z",
			"updatedAt":           "2000-01-01T00:00:00.000Z",
			"latestRunId":         run,
			"repos":               []any{map[string]any{"url": "https://github.com/acme/widgets", "startingRef": "main"}},
			"workOnCurrentBranch": false,
			"autoCreatePR":        true,
			"skipReviewerRequest": false,
		}
		diff(t, "answer", map[string]any{"agent": agent, "run": map[string]any{
			"id":        run,
			"agentId":   agentID,
			"status":    "CREATING",
			"createdAt": "2000-01-01T00:00:00.000Z",
			"updatedAt": "2000-01-01T00:00:00.000Z",
		}}, decode[map[string]any](t, got.Body))
		diff(t, "headers", []string{"Sat, 01 Jan 2000 00:00:00 GMT", "application/json; charset=utf-8"},
			[]string{got.Header.Get("Date"), got.Header.Get("Content-Type")})
		if len(got.Header.Get("X-Request-Id")) != 36 {
			t.Errorf("x-request-id is %q, want a UUID", got.Header.Get("X-Request-Id"))
		}

		time.Sleep(500 * time.Millisecond)
		diff(t, "the run half way", map[string]any{
			"id":        run,
			"agentId":   agentID,
			"status":    "RUNNING",
			"createdAt": "2000-01-01T00:00:00.000Z",
			"updatedAt": "2000-01-01T00:00:00.100Z",
		}, c.run(c.runPath(0)))

		time.Sleep(time.Second)
		diff(t, "the finished run", map[string]any{
			"id":         run,
			"agentId":    agentID,
			"status":     "FINISHED",
			"createdAt":  "2000-01-01T00:00:00.000Z",
			"updatedAt":  "2000-01-01T00:00:01.000Z",
			"durationMs": 1000.0,
			"result":     "Done on cursor/fix-the-flaky-test-in-internal-a1b2.",
			"git": map[string]any{"branches": []any{map[string]any{
				"repoUrl": "github.com/acme/widgets",
				"branch":  "cursor/fix-the-flaky-test-in-internal-a1b2",
				"prUrl":   "https://github.com/acme/widgets/pull/7",
			}}},
		}, c.run(c.runPath(0)))
		agent["updatedAt"] = "2000-01-01T00:00:01.000Z"
		diff(t, "the agent", agent, decode[map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID, "").Body))
	})
}

func TestATakenAgentIDIsAConflictForEver(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Scenario: short()})
	c.launch()
	conflict := `{"error":{"code":"agent_id_conflict","message":"An agent with ID ` + agentID + ` already exists"}}`
	diff(t, "second create", conflict, c.want(http.StatusConflict, "POST", "/v1/agents", body).Body)
	c.want(http.StatusOK, "DELETE", "/v1/agents/"+agentID, "")
	diff(t, "create after the deletion", conflict, c.want(http.StatusConflict, "POST", "/v1/agents", body).Body)
	if n := len(c.server.Agents()); n != 1 {
		t.Errorf("there are %d agents, want 1", n)
	}
}

func TestAnAgentWithoutIDAndNameGetsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, prompt, want string
	}{
		{"first line", "\n  Add a README \nwith set-up instructions", "Add a README"},
		{"long line", strings.Repeat("ä", 61), strings.Repeat("ä", 59) + "…"},
		{"nothing but white space", " \n ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, simulator.Config{Scenario: short()})
			c.want(http.StatusCreated, "POST", "/v1/agents", prompt(`{"text":`+quote(test.prompt)+`}`))
			a := c.server.Agents()[0]
			diff(t, "name", test.want, a.Name)
			if !strings.HasPrefix(a.ID, "bc-") || len(a.ID) != 39 {
				t.Errorf("the minted id is %q", a.ID)
			}
		})
	}
}

func TestArchivingIsReversibleAndIdempotent(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(time.Minute)
		agent := "/v1/agents/" + agentID
		status := func() []any {
			a := decode[map[string]any](t, c.want(http.StatusOK, "GET", agent, "").Body)
			return []any{a["status"], a["updatedAt"]}
		}
		for range 2 {
			// As the official SDK sends it: no body, no content type.
			diff(t, "answer", `{"id":"`+agentID+`"}`, c.want(http.StatusOK, "POST", agent+"/archive", "").Body)
			diff(t, "agent", []any{"ARCHIVED", "2000-01-01T00:01:00.000Z"}, status())
			time.Sleep(time.Second)
		}
		c.want(http.StatusConflict, "POST", agent+"/runs", `{"prompt":{"text":"more"}}`)
		for range 2 {
			diff(t, "answer", `{"id":"`+agentID+`"}`, c.want(http.StatusOK, "POST", agent+"/unarchive", "{}").Body)
			diff(t, "agent", []any{"ACTIVE", "2000-01-01T00:01:02.000Z"}, status())
			time.Sleep(time.Second)
		}
		c.want(http.StatusCreated, "POST", agent+"/runs", `{"prompt":{"text":"more"}}`)
	})
}

func TestDeletingAnAgentEndsItsRunAndHidesIt(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(300 * time.Millisecond)
		diff(t, "answer", `{"id":"`+agentID+`"}`, c.want(http.StatusOK, "DELETE", "/v1/agents/"+agentID, "").Body)
		gone := `{"error":{"code":"agent_not_found","message":"Agent not found: ` + agentID + `"}}`
		for _, path := range []string{"/v1/agents/" + agentID, run, run + "/stream", "/v1/agents/" + agentID + "/usage"} {
			diff(t, path, gone, c.want(http.StatusNotFound, "GET", path, "").Body)
		}
		diff(t, "list", `{"items":[]}`, c.want(http.StatusOK, "GET", "/v1/agents", "").Body)
		a := c.server.Agents()[0]
		diff(t, "truth", []any{true, "CANCELLED"}, []any{a.Deleted, a.Runs[0].Status})
	})
}

func TestTheServerTellsTheTruthAboutAnAgent(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short(), ServerClockOffset: time.Hour}, func(t *testing.T, c *client) {
		begun := time.Now()
		run := c.launch()
		time.Sleep(300 * time.Millisecond)
		c.want(http.StatusOK, "POST", run+"/cancel", "")
		time.Sleep(time.Second)
		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"Go on"},"mode":"plan"}`)
		time.Sleep(2 * time.Second)
		a := c.server.Agents()[0]
		at := func(d time.Duration) time.Time { return begun.Add(d) }
		diff(t, "agent", simulator.AgentState{
			ID:        agentID,
			Name:      "Fix the flaky test in internal/cache, please.",
			Scenario:  "short",
			CreatedAt: begun,
			Request: simulator.CreateRequest{
				AgentID:      agentID,
				Prompt:       simulator.Prompt{Text: "Fix the flaky test in internal/cache, please."},
				Repos:        []simulator.Repo{{URL: "https://github.com/acme/widgets", StartingRef: "main"}},
				AutoCreatePR: true,
			},
			Runs: []simulator.RunState{
				{
					ID:                a.Runs[0].ID,
					Status:            "CANCELLED",
					Prompt:            simulator.Prompt{Text: "Fix the flaky test in internal/cache, please."},
					Mode:              "agent",
					CreatedAt:         begun,
					StartedAt:         at(100 * time.Millisecond),
					EndedAt:           at(300 * time.Millisecond),
					CancelRequestedAt: []time.Time{at(300 * time.Millisecond)},
				},
				{
					ID:        a.Runs[1].ID,
					Status:    "FINISHED",
					Prompt:    simulator.Prompt{Text: "Go on"},
					Mode:      "plan",
					Result:    "Done on cursor/fix-the-flaky-test-in-internal-a1b2.",
					CreatedAt: at(1300 * time.Millisecond),
					StartedAt: at(1400 * time.Millisecond),
					EndedAt:   at(2300 * time.Millisecond),
				},
			},
			Branch: "cursor/fix-the-flaky-test-in-internal-a1b2",
			PRURL:  "https://github.com/acme/widgets/pull/7",
		}, a)
	})
}

func TestNewerServersAnswerMore(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Status = "ERROR"
	scenario.Error = &simulator.RunError{Code: "setup_failed", Message: "no disk"}
	scenario.Cost = &simulator.Cost{Raw: 1.5, Charged: 0.5}
	bubble(t, simulator.Config{Scenario: scenario, Newer: true}, func(t *testing.T, c *client) {
		c.http.Transport = c.server.Transport() // newer answers are not in the specification
		run := c.launch()
		agent := func() map[string]any {
			return decode[map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID, "").Body)
		}
		diff(t, "status while the run is live", any("ACTIVE"), agent()["status"])
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "an event that no specification names", `{"agentId":"`+agentID+`"}`, last(t, all, "agent_update").Data)
		diff(t, "status after it", any("IDLE"), agent()["status"])
		diff(t, "repository", any("github.com/acme/widgets"), agent()["repos"].([]any)[0].(map[string]any)["url"])
		got := c.run(run)
		diff(t, "error", any(map[string]any{"code": "setup_failed", "message": "no disk"}), got["error"])
		if id, _ := got["requestId"].(string); len(id) != 36 {
			t.Errorf("requestId is %v, want a UUID", got["requestId"])
		}
		usage := decode[map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/usage", "").Body)
		cost := any(map[string]any{"rawCostCents": 1.5, "chargedCents": 0.5})
		diff(t, "cost", []any{cost, cost}, []any{usage["cost"], usage["runs"].([]any)[0].(map[string]any)["cost"]})
		c.want(http.StatusCreated, "POST", "/v1/agents", with(`"openAsCursorGithubApp":true,"runEnvVars":{}`))
	})
}

func TestTheServersClockMayBeWrong(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short(), ServerClockOffset: -time.Hour}, func(t *testing.T, c *client) {
		got := c.want(http.StatusCreated, "POST", "/v1/agents", body)
		diff(t, "Date", "Fri, 31 Dec 1999 23:00:00 GMT", got.Header.Get("Date"))
		diff(t, "createdAt", any("1999-12-31T23:00:00.000Z"),
			decode[map[string]map[string]any](t, got.Body)["agent"]["createdAt"])
		all, err := c.stream(c.runPath(0))
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "event id", "946681201000-1", last(t, all, "result").ID)
	})
}

func TestAgentsWithoutRepositoryPushNothing(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Account.NoRepo = true
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		got := c.want(http.StatusCreated, "POST", "/v1/agents", `{"prompt":{"text":"x"},"autoCreatePR":true}`)
		diff(t, "repos", []any{}, decode[map[string]map[string]any](t, got.Body)["agent"]["repos"].([]any))
		time.Sleep(2 * time.Second)
		if git, ok := c.run(c.runPath(0))["git"]; ok {
			t.Errorf("the run has git: %v", git)
		}
	})
}

// quote is a text as a JSON string.
func quote(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }
