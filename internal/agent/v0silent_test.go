package agent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// In version 0 the conversation is the only list of runs: an empty one, as of
// agents that run for long, does not say that a follow-up was not sent.
func TestAFollowUpOfVersion0IsNotSentAgainToAnAgentWhoseConversationIsEmpty(t *testing.T) {
	t.Parallel()
	const maybe = "follow up: the follow-up may have been sent already, and its run can't be told: "
	for _, test := range []struct {
		name  string
		rerun bool
		fault simulator.Fault
		want  string
	}{
		{"by a re-run", true, simulator.Fault{}, maybe + "the agent's conversation is empty"},
		{"after a lost answer", false, simulator.Fault{Operation: "addFollowupV0", Reset: "after"},
			maybe + "create run: POST /v0/agents/AGENT/followup: the connection was closed without an answer (may have been carried out)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := simulator.Scenario{Duration: time.Minute, Result: "Done.", NoConversation: true}
			if test.fault.Operation != "" {
				scenario.Faults = []simulator.Fault{test.fault}
			}
			served(t, scenario, func(t *testing.T, w *world, v0 cursor.API) {
				handle := w.launch(t, task(), work())
				w.follow(t, handle)
				next := followUp(handle.AgentID)
				if test.rerun {
					if _, err := w.agents.FollowUp(t.Context(), next); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour)
					next = again(handle.AgentID)
				}
				_, err := w.agents.FollowUp(t.Context(), next)
				if diff := cmp.Diff(replaced(test.want, "AGENT", handle.AgentID), text(err)); diff != "" || !agent.MaybeLaunched(err) {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if n := len(w.requests("addFollowupV0")); n != 1 {
					t.Errorf("%d follow-ups, want 1", n)
				}
			})
		})
	}
}
