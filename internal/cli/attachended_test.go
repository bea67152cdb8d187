package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// What the step was told of the run's end stays true when the API goes away.
func TestAnAttachToARunThatHasEndedNeedsNoSecondLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := func(operation string, from int) simulator.Fault {
			return simulator.Fault{Operation: operation, When: simulator.When{Skip: from}, Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "no"}}
		}
		config := conversing(time.Second, away("getRun", 1), away("streamRun", 0))
		s := newStep(t, config).with("command", "attach", "prompt", "", "agent-id", agentA)
		othersOf(t, s.api).agent("a", shop())
		s.run(t.Context())
		want := "::error::api-error: the agent finished, but whether its pull request is there could not be seen: "
		if got := s.outputs(); got["status"] != "FINISHED" || got["result"] != "I did it." || !strings.Contains(s.logged(), want) {
			t.Errorf("outputs %v\n%s", got, s.logged())
		}
	})
}
