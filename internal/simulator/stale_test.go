package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestAnAnswerIsSomeChangesOld(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stale int
		want  string // status and pull request after each change
		noted string // at the end
	}{
		{0, "CREATING,false RUNNING,false FINISHED,false FINISHED,true", ""},
		{1, "CREATING,false CREATING,false RUNNING,false FINISHED,false", "stale"},
		{2, "CREATING,false CREATING,false CREATING,false RUNNING,false", "stale"},
		{9, "CREATING,false CREATING,false CREATING,false CREATING,false", "stale"},
	} {
		t.Run(fmt.Sprint(test.stale), func(t *testing.T) {
			t.Parallel()
			scenario := short()
			scenario.PRAfter = time.Second
			if test.stale > 0 {
				scenario.Faults = []simulator.Fault{{Operation: "getRun", Stale: test.stale}, {Operation: "listRuns", Stale: test.stale}}
			}
			bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
				run := c.launch()
				var got, listed string
				for i, wait := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second, time.Second} {
					time.Sleep(wait)
					if i > 0 {
						got, listed = got+" ", listed+" "
					}
					got += shown(c.run(run))
					list := decode[map[string][]map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/runs", "").Body)
					listed += shown(list["items"][0])
				}
				diff(t, "GET run", test.want, got)
				diff(t, "the list of runs", test.want, listed)
				requests := c.server.Requests()
				diff(t, "record", test.noted, requests[len(requests)-1].Fault)
				diff(t, "record of the first, when nothing had changed", "", requests[1].Fault)
			})
		})
	}
}

// shown is a run's status and whether it has a pull request.
func shown(run map[string]any) string {
	open := false
	if git, ok := run["git"].(map[string]any); ok {
		open = git["branches"].([]any)[0].(map[string]any)["prUrl"] != nil
	}
	return fmt.Sprintf("%s,%t", run["status"], open)
}

// A rule may choose some of the answers, so that a run seems to go back.
func TestStaleAnswersMayAlternateWithTrueOnes(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(simulator.Fault{Operation: "getRun", When: simulator.When{Every: 2}, Stale: 1}), func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(time.Minute)
		for _, want := range []string{"FINISHED", "RUNNING", "FINISHED", "RUNNING"} {
			diff(t, "status", any(want), c.run(run)["status"])
		}
	})
}

func TestALiveRunMayBeSaidToBeAnything(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(simulator.Fault{Says: "QUEUED"}), func(t *testing.T, c *client) {
		c.http.Transport = c.server.Transport() // No specification knows this.
		run := c.launch()
		diff(t, "a live run", any("QUEUED"), c.run(run)["status"])
		diff(t, "record", "says QUEUED", c.server.Requests()[1].Fault)
		list := decode[map[string][]map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/runs", "").Body)
		diff(t, "in the list", any("QUEUED"), list["items"][0]["status"])
		time.Sleep(time.Minute)
		diff(t, "one that has ended", any("FINISHED"), c.run(run)["status"])
		diff(t, "record of that", "", c.server.Requests()[3].Fault)
	})
}

func TestALaggingAnswerIsNotedWhereItMatters(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Lag = 200 * time.Millisecond
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(150 * time.Millisecond) // it is RUNNING for 50 ms
		c.run(run)
		time.Sleep(time.Minute)
		c.run(run)
		requests := c.server.Requests()
		diff(t, "behind the truth", "stale", requests[1].Fault)
		diff(t, "like the truth", "", requests[2].Fault)
	})
}

// The same seed and the same order of requests give the same faults.
func TestFaultsOfAProbabilityDependOnTheSeedOnly(t *testing.T) {
	t.Parallel()
	story := func(seed uint64) (told string) {
		half := simulator.When{Probability: 0.5}
		config := withFaults(
			simulator.Fault{Operation: "getRun", When: half, Stale: 1},
			simulator.Fault{Operation: "listModels", When: half, Answer: &simulator.Answer{Status: 503, Shape: "empty"}},
			simulator.Fault{When: half, Reset: "before", Down: time.Second},
		)
		config.Scenario.Seed = seed
		bubble(t, config, func(t *testing.T, c *client) {
			for range 24 {
				for _, path := range []string{"/v1/models", "/v1/agents", "/v1/me"} {
					if answer, err := c.try(c.request("GET", path, "")); err == nil {
						told += fmt.Sprint(answer.Status, " ")
					} else {
						told += "x "
						time.Sleep(time.Second)
					}
				}
			}
		})
		return told
	}
	one, again, two := story(1), story(1), story(2)
	diff(t, "the same seed", one, again)
	if one == two {
		t.Errorf("another seed gives the same faults: %s", one)
	}
}
