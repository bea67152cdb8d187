package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestOnlyOneRunOfAnAgentIsLive(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		first := c.launch()
		runs := "/v1/agents/" + agentID + "/runs"
		busy := `{"error":{"code":"agent_busy","message":"Agent already has an active run. Wait for it to finish or cancel it."}}`
		for range 2 { // while CREATING, then while RUNNING
			diff(t, "while live", busy, c.want(http.StatusConflict, "POST", runs, `{"prompt":{"text":"more"}}`).Body)
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(time.Second)
		got := c.want(http.StatusCreated, "POST", runs, `{"prompt":{"text":"more"}}`)
		second := c.server.Agents()[0].Runs[1].ID
		diff(t, "answer", `{"run":{"id":"`+second+`","agentId":"`+agentID+`","status":"CREATING","createdAt":"2000-01-01T00:00:02.000Z",`+
			`"updatedAt":"2000-01-01T00:00:02.000Z","git":{"branches":[{"repoUrl":"github.com/acme/widgets",`+
			`"branch":"cursor/fix-the-flaky-test-in-internal-a1b2","prUrl":"https://github.com/acme/widgets/pull/7"}]}}}`, got.Body)
		diff(t, "first run", any("FINISHED"), c.run(first)["status"])
		agent := decode[map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID, "").Body)
		diff(t, "latest run", any(second), agent["latestRunId"])
	})
}

func TestTheModeStaysUntilAFollowUpChangesIt(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.want(http.StatusCreated, "POST", "/v1/agents", with(`"agentId":"`+agentID+`","mode":"plan"`))
		for _, fields := range []string{``, `,"mode":"agent"`, ``} {
			time.Sleep(2 * time.Second)
			c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"more"}`+fields+`}`)
		}
		var modes []string
		for _, r := range c.server.Agents()[0].Runs {
			modes = append(modes, r.Mode)
		}
		diff(t, "modes", []string{"plan", "plan", "agent", "agent"}, modes)
	})
}

// The contract promises nothing for the header, so a client that relies on it
// pays twice; here it would see that.
func TestAnIdempotencyKeyIsRememberedButPromisesNothing(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Scenario: short()})
	for range 2 {
		c.want(http.StatusCreated, "POST", "/v1/agents", with(`"mode":"agent"`), "Idempotency-Key: once")
	}
	diff(t, "agents", 2, len(c.server.Agents()))
	diff(t, "header", "once", c.server.Requests()[1].IdempotencyKey)
}

func TestACancelledRunEnds(t *testing.T) {
	t.Parallel()
	for _, when := range []time.Duration{0, 50 * time.Millisecond, 500 * time.Millisecond} {
		bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
			run := c.launch()
			id := c.server.Agents()[0].Runs[0].ID
			time.Sleep(when)
			// As the official SDK sends it: no body, no content type.
			diff(t, "answer", `{"id":"`+id+`"}`, c.want(http.StatusOK, "POST", run+"/cancel", "").Body)
			stamp := time.Now().Format("2006-01-02T15:04:05.000Z")
			want := map[string]any{
				"id": id, "agentId": agentID, "status": "CANCELLED",
				"createdAt": "2000-01-01T00:00:00.000Z", "updatedAt": stamp,
				"durationMs": float64(when.Milliseconds()),
			}
			diff(t, "run", want, c.run(run))
			diff(t, "second cancel", `{"error":{"code":"run_not_cancellable","message":"Run is already CANCELLED and cannot be cancelled"}}`,
				c.want(http.StatusConflict, "POST", run+"/cancel", "{}").Body)
			time.Sleep(time.Minute)
			diff(t, "run a minute later", want, c.run(run))
			all, err := c.stream(run)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "result", fmt.Sprintf(`{"runId":"%s","status":"CANCELLED","durationMs":%d}`, id, when.Milliseconds()),
				last(t, all, "result").Data)
			c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"go on"}}`)
		})
	}
}

func TestALiveStreamSeesTheCancel(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		go func() {
			time.Sleep(500 * time.Millisecond)
			c.want(http.StatusOK, "POST", run+"/cancel", "")
		}()
		begun := time.Now()
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "events", "status thinking tool_call status result done", events(all))
		diff(t, "time", 500*time.Millisecond, time.Since(begun))
	})
}

func TestACancelThatTakesItsTime(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Duration = time.Hour
	scenario.Cancel.After = 4 * time.Second
	for _, when := range []time.Duration{50 * time.Millisecond, 150 * time.Millisecond, time.Minute} {
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			run := c.launch()
			time.Sleep(when)
			before := c.run(run)["status"]
			for range 2 {
				c.want(http.StatusOK, "POST", run+"/cancel", "")
			}
			c.want(http.StatusConflict, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"more"}}`)
			time.Sleep(3999 * time.Millisecond)
			diff(t, "just before", before, c.run(run)["status"])
			time.Sleep(2 * time.Millisecond)
			diff(t, "after", any("CANCELLED"), c.run(run)["status"])
			diff(t, "requests", 2, len(c.server.Agents()[0].Runs[0].CancelRequestedAt))
		})
	}
}

func TestASlowCancelThatIsOvertaken(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Cancel.After = time.Hour
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(500 * time.Millisecond)
		c.want(http.StatusOK, "POST", run+"/cancel", "")
		time.Sleep(time.Second)
		c.want(http.StatusOK, "DELETE", "/v1/agents/"+agentID, "")
		time.Sleep(2 * time.Hour)
		state := c.server.Agents()[0].Runs[0]
		diff(t, "ended", 1500*time.Millisecond, state.EndedAt.Sub(state.CreatedAt))
	})
}

func TestACancelThatIsIgnored(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Cancel.Ignored = true
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(500 * time.Millisecond)
		c.want(http.StatusOK, "POST", run+"/cancel", "")
		time.Sleep(time.Minute)
		diff(t, "status", any("FINISHED"), c.run(run)["status"])
		diff(t, "cancels", 1, len(c.server.Agents()[0].Runs[0].CancelRequestedAt))
	})
}

// However cancel and end race, one of them wins and both agree afterwards.
func TestCancelAndEndAgree(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Scenario: simulator.Scenario{Duration: time.Millisecond, Result: "x"}})
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			id := fmt.Sprintf("bc-00000000-0000-0000-0000-0000000000%02d", i)
			created := c.do("POST", "/v1/agents", strings.Replace(body, agentID, id, 1))
			run := "/v1/agents/" + id + "/runs/" + decode[map[string]map[string]any](t, created.Body)["run"]["id"].(string)
			status := c.do("POST", run+"/cancel", "").Status
			for deadline := time.Now().Add(10 * time.Second); ; {
				all, err := c.stream(run)
				if err != nil || time.Now().After(deadline) {
					t.Errorf("the stream ended with %v", err)
					return
				}
				if strings.HasSuffix(events(all), "done") {
					break
				}
			}
			want := map[int]string{http.StatusOK: "CANCELLED", http.StatusConflict: "FINISHED"}[status]
			if got := decode[map[string]any](t, c.do("GET", run, "").Body)["status"]; got != want {
				t.Errorf("cancel answered %d and the run is %v", status, got)
			}
		})
	}
	group.Wait()
}

func TestGetLagsBehindTheStream(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Lag = 3 * time.Second
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		if f := last(t, all, "result"); !strings.Contains(f.Data, "FINISHED") {
			t.Fatalf("the stream says %s", f.Data)
		}
		for _, step := range []struct {
			wait time.Duration
			want string
		}{{0, "CREATING"}, {2200 * time.Millisecond, "RUNNING"}, {900 * time.Millisecond, "FINISHED"}} {
			time.Sleep(step.wait)
			got := c.run(run)
			diff(t, "status", any(step.want), got["status"])
			if _, ok := got["git"]; ok != (step.want == "FINISHED") {
				t.Errorf("%s: git is there: %v", step.want, ok)
			}
			list := decode[map[string][]map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/runs", "").Body)
			diff(t, "status in the list", any(step.want), list["items"][0]["status"])
		}
	})
}

func TestARunMayEndInEveryWay(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"FINISHED", "ERROR", "CANCELLED", "EXPIRED"} {
		scenario := short()
		scenario.Status = status
		scenario.Error = &simulator.RunError{Message: "shown by newer servers only"}
		scenario.Result = "The end of {agent}."
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			all, err := c.stream(c.launch())
			if err != nil {
				t.Fatal(err)
			}
			got := c.run(c.runPath(0))
			diff(t, "run", []any{status, "The end of " + agentID + ".", 1000.0, nil},
				[]any{got["status"], got["result"], got["durationMs"], got["error"]})
			if f := last(t, all, "result"); !strings.Contains(f.Data, `"status":"`+status+`"`) {
				t.Errorf("the stream says %s", f.Data)
			}
		})
	}
}

func TestARunWithoutWordsHasNoResult(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: simulator.Scenario{Name: "silent", Duration: time.Second}}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(2 * time.Second)
		if result, ok := c.run(run)["result"]; ok {
			t.Errorf("the result is %q; an empty one is left out", result)
		}
	})
}

func TestUnknownRunsAreNotFound(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Scenario: short()})
	c.launch()
	agent := "/v1/agents/" + agentID
	want := `{"error":{"code":"run_not_found","message":"Run not found: run-x"}}`
	for _, request := range []string{"GET /runs/run-x", "GET /runs/run-x/stream", "POST /runs/run-x/cancel", "GET /usage?runId=run-x"} {
		method, path, _ := strings.Cut(request, " ")
		diff(t, request, want, c.want(http.StatusNotFound, method, agent+path, "").Body)
	}
}

func TestAStepTakesItsTimeToTheNanosecond(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{Steps: []simulator.Step{
		{Text: strings.Repeat("several deltas of a text ", 7), Takes: 100_000_007},
		{Thinking: strings.Repeat("several deltas of a thought ", 3), Takes: 1_000_000_007},
	}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		if _, err := c.stream(c.launch()); err != nil {
			t.Fatal(err)
		}
		state := c.server.Agents()[0].Runs[0]
		diff(t, "time", time.Duration(1_100_000_014), state.EndedAt.Sub(state.StartedAt))
	})
}

func TestSpeedDividesTheScenariosTime(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short(), Speed: 10}, func(t *testing.T, c *client) {
		run := c.launch()
		if _, err := c.stream(run); err != nil {
			t.Fatal(err)
		}
		diff(t, "duration", any(100.0), c.run(run)["durationMs"])
	})
}
