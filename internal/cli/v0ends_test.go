package cli_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestTheCleanupStageEndsARunOfVersion0(t *testing.T) {
	t.Parallel()
	for name, inputs := range kinds {
		for _, state := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					killed := stepV0(t, "slow", nil).with(inputs...).killed(time.Minute)
					if status := killed.cleanup(t.Context(), state); status != 0 {
						t.Errorf("exit status %d\n%s", status, killed.logged())
					}
					want := "::notice::cleanup: the run of agent " + killed.api.Agents()[0].ID + ", which nobody waits for any longer, has ended as CANCELLED"
					if diff := cmp.Diff(want, killed.lastLine()); diff != "" {
						t.Errorf("last line (-want +got):\n%s", diff)
					}
					if diff := cmp.Diff([]string{"CANCELLED"}, killed.statuses()); diff != "" {
						t.Errorf("runs in the end (-want +got):\n%s", diff)
					}
					killed.operations("")
				})
			})
		}
	}
}

func TestTheCleanupStageFindsALaunchOfVersion0WhoseAnswerNeverCame(t *testing.T) {
	t.Parallel()
	for name, inputs := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				killed := stepV0(t, "slow", func(sc *simulator.Scenario) {
					sc.Faults = []simulator.Fault{{Operation: "createAgentV0", DelayAnswer: time.Hour}}
				}).with(inputs...).killed(time.Minute)
				if got := killed.state(); got["stage"] != "planned" || got["agent-id"] != "" {
					t.Fatalf("state %v", got)
				}
				if status := killed.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff([]string{"CANCELLED"}, killed.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAFinishedAgentOfVersion0LeavesNothingToCleanUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", nil)
		s.run(t.Context())
		if status := s.cleanup(t.Context(), false); status != 0 || s.operations("stopAgentV0") != 0 {
			t.Errorf("exit status %d, %d stops\n%s", status, s.operations("stopAgentV0"), s.logged())
		}
	})
}

func TestAnAgentOfVersion0IsStoppedWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, shown string
		end         func(*workflowStep) int
		status      int
		outcome     string
		last        string
	}{
		{"after a signal", "", func(s *workflowStep) int { status, _ := s.signalled(5 * time.Minute); return status }, 130, "cancelled",
			"::error::cancelled: the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"when the time is over", "", func(s *workflowStep) int { return s.with("timeout", "5m").run(s.t.Context()) }, 124, "timed-out",
			"::error::timed-out: the agent had not finished after 5m0s; the agent's run was cancelled: URL; raise timeout, or give the agent a smaller task"},
		{"when the API calls it stopped", "STOPPED", func(s *workflowStep) int { return s.with("timeout", "5m").run(s.t.Context()) }, 124, "timed-out",
			"::error::timed-out: the agent had not finished after 5m0s; the agent's run was cancelled: URL; raise timeout, or give the agent a smaller task"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := stepV0(t, "slow", func(sc *simulator.Scenario) { sc.Cancel.ShownAs = test.shown })
				status := test.end(s)
				url := s.outputs()["agent-url"]
				if got := strings.Replace(s.lastLine(), url, "URL", 1); status != test.status || got != test.last {
					t.Errorf("exit status %d, last line:\n got %s\nwant %s", status, got, test.last)
				}
				if got := s.outputs()["outcome"]; got != test.outcome || !slices.Equal(s.statuses(), []string{"CANCELLED"}) || s.operations("stopAgentV0") != 1 {
					t.Errorf("outcome %s, runs %v, %d stops", got, s.statuses(), s.operations("stopAgentV0"))
				}
			})
		})
	}
}
