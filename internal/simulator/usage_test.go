package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// tokens are the five figures of a usage.
func tokens(values ...int) string {
	sum := values[0] + values[1] + values[2] + values[3]
	return fmt.Sprintf(`{"inputTokens":%d,"outputTokens":%d,"cacheWriteTokens":%d,"cacheReadTokens":%d,"totalTokens":%d}`,
		values[0], values[1], values[2], values[3], sum)
}

func TestUsageGrowsWithTheRunAndAddsUp(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		runs := func() []simulator.RunState { return c.server.Agents()[0].Runs }
		usage := func(query string) string {
			return c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/usage"+query, "").Body
		}
		uuid := func(i int) string {
			list := decode[struct{ Runs []struct{ UsageUUID string } }](t, usage(""))
			return list.Runs[i].UsageUUID
		}
		none, whole := tokens(0, 0, 0, 0), tokens(1000, 100, 10, 1)
		first := runs()[0].ID
		diff(t, "while CREATING", `{"totalUsage":`+none+`,"runs":[{"id":"`+first+`","usage":`+none+`}]}`, usage(""))

		time.Sleep(100*time.Millisecond + 450*time.Millisecond) // half of the 0.9 s that it is RUNNING
		half := tokens(500, 50, 5, 0)
		diff(t, "half way", `{"totalUsage":`+half+`,"runs":[{"id":"`+first+`","usageUuid":"`+uuid(0)+`","usage":`+half+`}]}`, usage(""))

		time.Sleep(time.Second)
		diff(t, "at the end", `{"totalUsage":`+whole+`,"runs":[{"id":"`+first+`","usageUuid":"`+uuid(0)+`","usage":`+whole+`}]}`, usage(""))

		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"more"}}`)
		time.Sleep(550 * time.Millisecond)
		c.want(http.StatusOK, "POST", c.runPath(1)+"/cancel", "")
		time.Sleep(time.Hour)
		second := runs()[1].ID
		item := `{"id":"` + second + `","usageUuid":"` + uuid(1) + `","usage":` + half + `}`
		diff(t, "with a cancelled run", `{"totalUsage":`+tokens(1500, 150, 15, 1)+`,"runs":[{"id":"`+first+`","usageUuid":"`+uuid(0)+
			`","usage":`+whole+`},`+item+`]}`, usage(""))
		diff(t, "of one run", `{"totalUsage":`+half+`,"runs":[`+item+`]}`, usage("?runId="+second))
	})
}

func TestUsageMayBeSwitchedOff(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Account.NoUsage = true
	c := start(t, simulator.Config{Scenario: scenario})
	c.launch()
	diff(t, "answer", `{"error":{"code":"feature_unavailable","message":"Usage is not enabled for this account."}}`,
		c.want(http.StatusForbidden, "GET", "/v1/agents/"+agentID+"/usage", "").Body)
}

func TestARunOfNoTimeHasUsedEverything(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: simulator.Scenario{Usage: simulator.Usage{Input: 5}}}, func(t *testing.T, c *client) {
		if _, err := c.stream(c.launch()); err != nil {
			t.Fatal(err)
		}
		total := decode[struct{ TotalUsage struct{ TotalTokens int } }](t,
			c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/usage", "").Body)
		diff(t, "tokens", 5, total.TotalUsage.TotalTokens)
	})
}
