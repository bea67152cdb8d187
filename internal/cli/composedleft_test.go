package cli_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// The cleanup stage has the author's words, and not what the event brought. Where
// version 0 has no place for a mark, the words are what the agent is known by.
func TestTheCleanupStageOfVersion0EndsAnAgentWhosePromptHasWhatTheEventBrought(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := simulator.Config{Scenario: simulator.Scenario{
			Duration: time.Hour, Branch: "auto",
			Faults: []simulator.Fault{{Operation: "createAgentV0", DelayAnswer: time.Minute}},
		}}
		s := newStep(t, config).at(newGitHub(t, everyWrite())).onIssue().with("api-version", "v0", "branch", "nightly/fix", "context", "event")
		left := s.killedAt(5 * time.Second)
		left.cleanup(t.Context(), true)
		agents := s.api.Agents()
		if len(agents) != 1 || len(agents[0].Runs[0].CancelRequestedAt) == 0 {
			t.Errorf("the agent goes on: %+v\n%s", agents, left.logged())
		}
	})
}
