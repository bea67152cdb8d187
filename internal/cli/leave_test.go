package cli_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// With on-timeout: leave a run goes on when the step's time is over. What the
// step gives up for another reason, or never saw, is not left on purpose: the
// cleanup stage still ends it.
func TestOnlyWhatTheTimeLeftBehindOutlivesTheCleanupStage(t *testing.T) {
	t.Parallel()
	refused := func(operation string, first int) simulator.Fault {
		return simulator.Fault{Operation: operation, When: simulator.When{First: first},
			Answer: &simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"}}
	}
	for _, test := range []struct {
		name    string
		faults  []simulator.Fault
		outcome string
		run     string // its status after the cleanup stage
	}{
		{"the time was over", nil, "timed-out", "RUNNING"},
		{"the key was refused for a while, also to end the run", []simulator.Fault{refused("streamRun", 9), refused("getRun", 8), refused("cancelRun", 4)},
			"api-error", "CANCELLED"},
		{"the time was over before the agent was to be seen", []simulator.Fault{
			{Operation: "createAgent", DelayAnswer: time.Hour},
			{Operation: "getAgent", When: simulator.When{First: 6}, Answer: &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "Agent not found"}},
		}, "timed-out", "CANCELLED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "slow")
				config.Scenario.Faults = test.faults
				s := newStep(t, config).with("timeout", "1m", "on-timeout", "leave")
				s.run(t.Context())
				if outcome := s.outputs()["outcome"]; outcome != test.outcome {
					t.Errorf("outcome %s, want %s; last line %s", outcome, test.outcome, s.lastLine())
				}
				if status := s.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status %d of the cleanup stage, last line %s", status, s.lastLine())
				}
				if diff := cmp.Diff([]string{test.run}, s.statuses()); diff != "" {
					t.Errorf("runs after the cleanup stage (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestNoArtifactIsFetchedAfterASignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, scenario(t, "slow")).with("artifacts", "out")
		s.signalled(time.Minute)
		if diff := cmp.Diff([]string{"CANCELLED"}, s.statuses()); diff != "" {
			t.Fatalf("runs in the end (-want +got):\n%s", diff)
		}
		if slices.ContainsFunc(s.api.Requests(), func(r simulator.Request) bool { return r.Op == "listArtifacts" }) {
			t.Error("artifacts were asked for in the seconds that are there to end the run")
		}
	})
}
