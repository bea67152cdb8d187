package cli_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// Fault 7: a create may take more than 30 seconds, and succeed after the caller's patience.
// Fault 9: a 429 of GitHub's limits comes on a create, with the time to wait inside its body.
func TestACreateThatIsSlowOrThrottledIsOneAgent(t *testing.T) {
	t.Parallel()
	throttled := &simulator.Answer{Status: 429, Shape: "connect", Code: "resource_exhausted", Message: "GitHub rate limited", RetryAfter: "60"}
	for _, test := range []struct {
		name   string
		inputs []string
		fault  simulator.Fault
		takes  time.Duration // until the agent is known, and no more than 10 s more
		asked  int
	}{
		{"answered after 31 seconds", nil, simulator.Fault{DelayAnswer: 31 * time.Second}, 31 * time.Second, 1},
		{"answered after two minutes", nil, simulator.Fault{DelayAnswer: 2 * time.Minute}, 2 * time.Minute, 1},
		{"answered after two minutes, with variables", []string{"env-vars", "TOKEN=abcdefgh"}, simulator.Fault{DelayAnswer: 2 * time.Minute}, 2 * time.Minute, 1},
		{"carried out after two minutes", nil, simulator.Fault{Delay: 2 * time.Minute}, 2 * time.Minute, 1},
		{"carried out, and answered after our patience", nil, simulator.Fault{When: simulator.When{First: 1}, DelayAnswer: time.Hour}, 150 * time.Second, 2},
		{"carried out, and answered after our patience, with variables", []string{"env-vars", "TOKEN=abcdefgh"},
			simulator.Fault{When: simulator.When{First: 1}, DelayAnswer: time.Hour}, 150 * time.Second, 1},
		{"throttled by GitHub", nil, simulator.Fault{When: simulator.When{First: 2}, Answer: throttled}, 2 * time.Minute, 3},
		{"throttled by GitHub, with variables", []string{"env-vars", "TOKEN=abcdefgh"}, simulator.Fault{When: simulator.When{First: 2}, Answer: throttled}, 2 * time.Minute, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "happy")
				test.fault.Operation = "createAgent"
				config.Scenario.Faults = []simulator.Fault{test.fault}
				s := newStep(t, config).with("wait", "false").with(test.inputs...)
				began := time.Now()
				status, asked := s.tapped()
				took := time.Since(began)
				if status != 0 || s.outputs()["outcome"] != "launched" || s.outputs()["attached"] != "false" {
					t.Errorf("exit status %d, outputs %v\n%s", status, s.outputs(), s.logged())
				}
				if took < test.takes || took > test.takes+10*time.Second {
					t.Errorf("it took %s, want %s", took, test.takes)
				}
				if len(asked) != test.asked || len(s.api.Agents()) != 1 {
					t.Fatalf("%d requests made %d agents, want %d and 1", len(asked), len(s.api.Agents()), test.asked)
				}
				for _, again := range asked[1:] {
					if diff := cmp.Diff(asked[0], again); diff != "" {
						t.Errorf("a second request asks for something else (-first +second):\n%s", diff)
					}
				}
				if got := s.api.Agents()[0].ID; s.outputs()["agent-id"] != got {
					t.Errorf("agent-id is %s, and the agent %s", s.outputs()["agent-id"], got)
				}
			})
		})
	}
}
