package simulator_test

import (
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
	var text strings.Builder
	for _, f := range all {
		if f.Event == event {
			text.WriteString(decode[map[string]string](t, f.Data)["text"])
		}
	}
	return `{"text":"` + text.String() + `"}`
}
