package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestTheConversationShowsPromptsOnceTheirRunsHaveBegun(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		said := func() (said string) {
			answer := c.want(http.StatusOK, "GET", "/v0/agents/"+agentID+"/conversation", "")
			var ids []string
			for _, message := range decode[struct {
				Messages []struct{ ID, Type, Text string }
			}](t, answer.Body).Messages {
				said += message.Type + " " + message.Text + "\n"
				ids = append(ids, message.ID)
			}
			return strings.Join(ids, " ") + "\n" + said
		}
		diff(t, "at once", "\n", said())
		time.Sleep(time.Minute)
		first, second := said(), said()
		_, text, _ := strings.Cut(first, "\n")
		if first == second || !strings.HasSuffix(second, text) {
			t.Errorf("ids are others at each reading, and the rest is the same; got %q and %q", first, second)
		}
		diff(t, "later", 2, strings.Count(text, "_message "))
		c.want(http.StatusNotFound, "GET", "/v0/agents/bc-00000000-0000-0000-0000-0000000000ff/conversation", "")
	})
}
