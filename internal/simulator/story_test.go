package simulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// story runs a test against a built-in scenario on fake time.
func story(t *testing.T, name string, test func(*testing.T, *client)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		scenario, ok := simulator.Builtin(name)
		if !ok {
			t.Fatalf("there is no scenario %s", name)
		}
		bubble(t, simulator.Config{Scenario: scenario}, test)
	})
}

// ending is what a user learns of a run's end.
type ending struct {
	Status string
	Branch string
	PRURL  string
	Words  string // of the result, its first line
}

// end streams the run to its end and returns how GET tells it.
func (c *client) end(path string) ending {
	c.t.Helper()
	if _, err := c.stream(path); err != nil {
		c.t.Fatal(err)
	}
	return c.ending(path)
}

func (c *client) ending(path string) ending {
	c.t.Helper()
	got := decode[struct {
		Status, Result string
		Git            struct {
			Branches []struct{ Branch, PrURL string }
		}
	}](c.t, c.want(http.StatusOK, "GET", path, "").Body)
	e := ending{Status: got.Status}
	e.Words, _, _ = strings.Cut(got.Result, "\n")
	if len(got.Git.Branches) > 0 {
		e.Branch, e.PRURL = got.Git.Branches[0].Branch, got.Git.Branches[0].PrURL
	}
	return e
}

const (
	branch = "cursor/fix-the-flaky-test-in-internal-a1b2"
	pull   = "https://github.com/acme/widgets/pull/176"
	onIt   = "The change is on `" + branch + "`."
)

func TestTheBuiltInScenariosTellTheirStories(t *testing.T) {
	t.Parallel()
	story(t, "happy", func(t *testing.T, c *client) {
		begun := time.Now()
		run := c.launch()
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("it took %v, want about four seconds", took)
		}
		diff(t, "events", "status thinking assistant tool_call thinking assistant tool_call assistant status result done", events(all))
		diff(t, "end", ending{"FINISHED", branch, pull, "## The flaky test is fixed"}, c.ending(run))
		usage := c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/usage", "").Body
		if !strings.Contains(usage, tokens(6320, 1450, 7100, 21300)) {
			t.Errorf("usage: %s", usage)
		}
		if report := c.fetch(c.artifactURL("artifacts/test-report.txt")).Body; !strings.Contains(report, "200 runs, 0 failures") {
			t.Errorf("the report says %q", report)
		}
		diff(t, "profile", 2048, len(c.fetch(c.artifactURL("artifacts/cpu.pprof")).Body))
	})
	story(t, "no-changes", func(t *testing.T, c *client) {
		diff(t, "end", ending{Status: "FINISHED", Words: "The test already runs on fake time and passed 200 times in a row. I changed nothing."}, c.end(c.launch()))
	})
	story(t, "question", func(t *testing.T, c *client) {
		diff(t, "end", ending{Status: "FINISHED", Words: "An entry expires when it is **read** after its time, not when the clean-up runs:"}, c.end(c.launch()))
	})
	story(t, "error", func(t *testing.T, c *client) {
		diff(t, "end", ending{Status: "ERROR", Words: "The set-up of the environment failed, so I can't build the project."}, c.end(c.launch()))
	})
	story(t, "expired", func(t *testing.T, c *client) {
		diff(t, "end", ending{Status: "EXPIRED", Words: "I'll run the whole suite, which takes a while."}, c.end(c.launch()))
	})
	story(t, "slow", func(t *testing.T, c *client) {
		run := c.launch()
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		state := c.server.Agents()[0].Runs[0]
		diff(t, "duration", 20*time.Minute, state.EndedAt.Sub(state.StartedAt))
		counts := map[string]int{}
		for _, f := range all {
			counts[f.Event]++
		}
		diff(t, "tool calls", 6*6*3, counts["tool_call"]) // each in three events
		if counts["heartbeat"] < 50 {
			t.Errorf("there are %d heartbeats, want one every 15 s of the silent minutes", counts["heartbeat"])
		}
		diff(t, "end", ending{"FINISHED", branch, pull, "All six packages are done; the suite is green after each of them. " + onIt}, c.ending(run))
	})
	story(t, "late-pr", func(t *testing.T, c *client) {
		run := c.launch()
		want := ending{Status: "FINISHED", Branch: branch, Words: "The README has the missing section now. " + onIt}
		diff(t, "at the end", want, c.end(run))
		time.Sleep(7 * time.Second)
		want.PRURL = pull
		diff(t, "seven seconds later", want, c.ending(run))
	})
	story(t, "pr-never", func(t *testing.T, c *client) {
		run := c.launch()
		c.end(run)
		time.Sleep(time.Hour)
		diff(t, "an hour later", ending{Status: "FINISHED", Branch: branch, Words: "The README has the missing section now. " + onIt}, c.ending(run))
	})
	story(t, "no-usage", func(t *testing.T, c *client) {
		diff(t, "end", ending{"FINISHED", branch, pull, "Fixed. " + onIt}, c.end(c.launch()))
		c.want(http.StatusForbidden, "GET", "/v1/agents/"+agentID+"/usage", "")
	})
}

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
		got := ""
		for range 5 {
			got += map[int]string{200: ".", 429: "x"}[c.do("GET", run, "").Status]
		}
		diff(t, "polls", ".x..x", got)
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

func TestThePromptChoosesAVariant(t *testing.T) {
	t.Parallel()
	scenario, err := simulator.Load(strings.NewReader(`
result: the usual
variants:
  - {match: docs, status: ERROR, result: no docs}
  - {match: cache, use: question}
  - {match: docs and cache, result: never reached}
`))
	if err != nil {
		t.Fatal(err)
	}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		for text, want := range map[string]ending{
			"Fix it":             {Status: "FINISHED", Words: "the usual"},
			"Fix docs and cache": {Status: "ERROR", Words: "no docs"},
			"Fix the cache":      {Status: "FINISHED", Words: "An entry expires when it is **read** after its time, not when the clean-up runs:"},
		} {
			created := c.want(http.StatusCreated, "POST", "/v1/agents", prompt(`{"text":"`+text+`"}`))
			run := decode[map[string]map[string]any](t, created.Body)["run"]
			diff(t, text, want, c.end("/v1/agents/"+run["agentId"].(string)+"/runs/"+run["id"].(string)))
		}
	})
}

func TestAFollowUpPlaysTheScenarioOfItsOwnPrompt(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Variants = []simulator.Scenario{{Match: "fail", Status: "ERROR", Result: "as asked"}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		diff(t, "first", "FINISHED", c.end(c.launch()).Status)
		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"Now fail"}}`)
		diff(t, "second", "ERROR", c.end(c.runPath(1)).Status)
	})
}

func TestWordsAreReplacedWhereverTheAgentSpeaks(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{
		Branch: "b",
		Steps: []simulator.Step{
			{Thinking: "{prompt}"},
			{
				Tool:   "t",
				Args:   map[string]any{"list": []any{"{repo}", 1, true, nil}, "{repo}": "{ref}"},
				Result: "{agent}: {branch} \"quoted\" {unknown} ${{ secrets.X }}",
			},
		},
	}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		all, err := c.stream(c.launch())
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "thought", `{"text":"Fix the flaky test in internal/cache, please."}`, joined(t, all, "thinking"))
		diff(t, "call", `{"callId":"call-1","name":"t","status":"completed","args":{"list":["acme/widgets",1,true,null],"{repo}":"main"},`+
			`"result":"`+agentID+`: b \"quoted\" {unknown} ${{ secrets.X }}"}`, last(t, all, "tool_call").Data)
	})
}

// joined is the text of all events of a name, as one.
func joined(t *testing.T, all []frame, event string) string {
	t.Helper()
	text := ""
	for _, f := range all {
		if f.Event == event {
			text += decode[map[string]string](t, f.Data)["text"]
		}
	}
	return `{"text":"` + text + `"}`
}
