package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// conversation is what was said, and the ids of the messages.
func (c *client) conversation(path string) (said, ids []string) {
	c.t.Helper()
	got := decode[struct {
		ID       string
		Messages []struct{ ID, Type, Text string }
	}](c.t, c.want(http.StatusOK, "GET", path+"/conversation", "").Body)
	if "/v0/agents/"+got.ID != path {
		c.t.Errorf("the conversation of %s is of %s", path, got.ID)
	}
	for _, m := range got.Messages {
		said, ids = append(said, m.Type+": "+m.Text), append(ids, m.ID)
	}
	return said, ids
}

// talk says two things, with a call between them.
func talk() simulator.Scenario {
	return simulator.Scenario{
		CreateDelay: time.Second,
		Steps: []simulator.Step{
			{Text: "I look at {prompt} and its many words first.", Takes: 4 * time.Second},
			{Tool: "read_file", Takes: time.Second},
			{Text: "Done.", Takes: time.Second},
		},
	}
}

func TestAConversationGrowsWithTheRun(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: talk(), ServerClockOffset: time.Hour}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		asked, first := "user_message: Fix the flaky test.", "assistant_message: I look at Fix the flaky test. and its many words first."
		for _, want := range []struct {
			after time.Duration
			said  []string
		}{
			{0, nil},
			{1500 * time.Millisecond, []string{asked}},
			{2 * time.Second, []string{asked, "assistant_message: I look at Fix the flaky test."}},
			{2500 * time.Millisecond, []string{asked, first}},
			{time.Hour, []string{asked, first, "assistant_message: Done."}},
		} {
			time.Sleep(want.after)
			said, _ := c.conversation(path)
			diff(t, "after "+want.after.String(), want.said, said)
		}
		_, ids := c.conversation(path)
		_, others := c.conversation(path)
		for i := range ids {
			if ids[i] == others[i] {
				t.Errorf("message %d keeps the id %s", i, ids[i])
			}
		}
		c.want(http.StatusOK, "POST", path+"/followup", more)
		said, _ := c.conversation(path)
		diff(t, "before the follow-up begins", 3, len(said))
		time.Sleep(time.Hour)
		said, _ = c.conversation(path)
		diff(t, "after the follow-up", []string{"user_message: More.", "assistant_message: I look at More. and its many words first.", "assistant_message: Done."}, said[3:])
	})
}

func TestAResultThatWasNotSaidIsTheLastMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*simulator.Scenario)
		want   []string
	}{
		{"another result", func(s *simulator.Scenario) { s.Result = "All is well." }, []string{"assistant_message: Done.", "assistant_message: All is well."}},
		{"the result that was said", func(s *simulator.Scenario) { s.Result = "Done." }, []string{"assistant_message: Done."}},
		{"two texts in one message", func(s *simulator.Scenario) {
			s.Steps = append(s.Steps, simulator.Step{Text: "Really.", Takes: time.Second})
		}, []string{"assistant_message: Done.Really."}},
		{"a result alone", func(s *simulator.Scenario) { s.Steps, s.Result = nil, "Short." }, []string{"assistant_message: Short."}},
		{"nothing", func(s *simulator.Scenario) { s.Steps = nil }, nil},
	} {
		scenario := talk()
		scenario.Steps = scenario.Steps[1:]
		test.change(&scenario)
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			path, _ := c.launchV0(bodyV0)
			time.Sleep(time.Hour)
			said, _ := c.conversation(path)
			diff(t, test.name, append([]string{"user_message: Fix the flaky test."}, test.want...), said)
		})
	}
}

func TestAConversationMayBeLateOrEmpty(t *testing.T) {
	t.Parallel()
	late := talk()
	late.ConversationLag = time.Minute
	bubble(t, simulator.Config{Scenario: late}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		time.Sleep(time.Minute)
		said, _ := c.conversation(path)
		diff(t, "before", 0, len(said))
		time.Sleep(3500 * time.Millisecond)
		said, _ = c.conversation(path)
		diff(t, "as it was a minute ago", []string{"user_message: Fix the flaky test.", "assistant_message: I look at Fix the flaky test."}, said)
		time.Sleep(time.Minute)
		said, _ = c.conversation(path)
		diff(t, "after", 3, len(said))
	})
	silent := talk()
	silent.NoConversation = true
	bubble(t, simulator.Config{Scenario: silent}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		time.Sleep(time.Hour)
		diff(t, "answer", `{"id":"`+c.server.Agents()[0].ID+`","messages":[]}`, c.want(http.StatusOK, "GET", path+"/conversation", "").Body)
	})
}
