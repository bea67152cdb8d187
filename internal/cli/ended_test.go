package cli_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// Fault 36: a cancel is answered before the run has ended.
// Fault 37: a cancel answers 500, and the run goes on.
// Fault 38: a cancel of a run that has ended is refused, which is fine.
// Fault 39: a stop that went to no endpoint, or failed, was only logged, and the agent went on to be paid for.
func TestARunIsEndedOrSaidToGoOn(t *testing.T) {
	t.Parallel()
	broken := &simulator.Answer{Status: 500, Code: "internal_error", Message: "provider error"}
	const ended, goesOn = "the agent's run was cancelled", "its run could not be ended"
	for _, test := range []struct {
		name    string
		faults  []simulator.Fault
		cancel  simulator.Cancel
		run     string
		says    string
		cancels int // at least
	}{
		{"a cancel that works", nil, simulator.Cancel{}, "CANCELLED", ended, 1},
		{"a run that ends 6 s after its cancel was answered", nil, simulator.Cancel{After: 6 * time.Second}, "CANCELLED", ended, 1},
		{"a cancel that fails three times", []simulator.Fault{{Operation: "cancelRun", When: simulator.When{First: 3}, Answer: broken}}, simulator.Cancel{}, "CANCELLED", ended, 4},
		{"a cancel that is carried out and answered with 500", []simulator.Fault{{Operation: "cancelRun", CarriedOut: true, Answer: broken}}, simulator.Cancel{}, "CANCELLED", ended, 1},
		{"a cancel that is carried out, and then refused as done", []simulator.Fault{
			{Operation: "cancelRun", When: simulator.When{First: 1}, Reset: "after"}, {Operation: "getRun", When: simulator.When{First: 2}, Answer: broken},
		}, simulator.Cancel{}, "CANCELLED", ended, 2},
		{"a cancel that always fails", []simulator.Fault{{Operation: "cancelRun", Answer: broken}}, simulator.Cancel{}, "RUNNING", goesOn, 3},
		{"a cancel that there is no endpoint for", []simulator.Fault{{Operation: "cancelRun", Answer: &simulator.Answer{Status: 404, Shape: "empty"}}}, simulator.Cancel{}, "RUNNING", goesOn, 3},
		{"a cancel that is ignored", nil, simulator.Cancel{Ignored: true}, "RUNNING", goesOn, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "slow")
				config.Scenario.Faults, config.Scenario.Cancel = test.faults, test.cancel
				s := newStep(t, config).with("timeout", "5m")
				status := s.run(t.Context())
				if status != 124 || s.outputs()["outcome"] != "timed-out" {
					t.Errorf("exit status %d, outcome %q", status, s.outputs()["outcome"])
				}
				// At this moment, and not some time after it.
				if diff := cmp.Diff([]string{test.run}, s.statuses()); diff != "" {
					t.Errorf("runs when the step has ended (-want +got):\n%s", diff)
				}
				last := s.lastLine()
				if !strings.Contains(last, test.says) || test.says == goesOn && !strings.Contains(last, s.outputs()["agent-url"]) {
					t.Errorf("the last line has no %q with the agent's page:\n%s", test.says, last)
				}
				cancels := 0
				for _, request := range s.api.Requests() {
					if request.Op == "cancelRun" && request.Method == http.MethodPost {
						cancels++
					}
				}
				if cancels < test.cancels {
					t.Errorf("%d cancels, want %d at least", cancels, test.cancels)
				}
			})
		})
	}
}

// Fault 41: GitHub ends the job while it waits, and the run goes on at the user's cost.
func TestAJobThatIsEndedWhileItWaitsEndsTheRun(t *testing.T) {
	t.Parallel()
	t.Run("by a signal", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, scenario(t, "slow"))
			status, took := s.signalled(10 * time.Minute)
			if status != 130 || took > 5*time.Second {
				t.Errorf("exit status %d, %s after the signal; want 130 within 5s", status, took)
			}
			if diff := cmp.Diff([]string{"CANCELLED"}, s.statuses()); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
			if outputs := s.outputs(); outputs["agent-id"] != s.api.Agents()[0].ID || outputs["outcome"] != "cancelled" {
				t.Errorf("outputs %v", outputs)
			}
		})
	})
	for name, keepsState := range map[string]bool{"by a kill": true, "by a kill, and the runner hands no state on": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, scenario(t, "slow"))
				left := s.killed(10 * time.Minute)
				agent := s.api.Agents()[0]
				if outputs := left.outputs(); outputs["agent-id"] != agent.ID || outputs["agent-url"] == "" || outputs["run-id"] != agent.Runs[0].ID {
					t.Errorf("outputs of the killed step: %v", outputs)
				}
				if status := left.cleanup(t.Context(), keepsState); status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, left.logged())
				}
				if diff := cmp.Diff([]string{"CANCELLED"}, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Fault 35: the arguments and results of tools hold whole files, and secrets at times.
func TestWhatToolsReadAndWriteIsNotShown(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"full", "tools", "quiet"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				type object = map[string]any
				const file = "DATABASE_URL=postgres://app:hunter2@db/app\npackage main\n"
				s := newStep(t, simulator.Config{Scenario: simulator.Scenario{Branch: "auto", Steps: []simulator.Step{
					{Tool: "edit_file", Args: object{"path": "app/.env", "content": file, "old_string": "hunter2"}, Result: object{"success": object{"afterFullFileContent": file}}, Takes: time.Second},
					{Tool: "mcp_call", Args: object{"toolName": "query", "arguments": object{"token": "hunter2"}}, Result: object{"error": "refused for hunter2"}, Takes: time.Second},
					{Tool: "run_terminal_cmd", Args: object{"command": "make\nexport PASSWORD=hunter2"}, Result: object{"success": object{"stdout": file}}, Takes: time.Second},
				}}}).with("log", level, "RUNNER_DEBUG", "1", "ACTIONS_STEP_DEBUG", "true")
				if status := s.run(t.Context()); status != 0 {
					t.Errorf("exit status %d\n%s", status, s.logged())
				}
				for name, text := range map[string]string{"log": s.log.String(), "summary": s.summary(), "outputs": s.read("GITHUB_OUTPUT"), "state": s.read("GITHUB_STATE")} {
					if strings.Contains(text, "hunter2") || strings.Contains(text, "package main") {
						t.Errorf("the %s shows what a tool read or wrote:\n%s", name, text)
					}
				}
				if shown := strings.Contains(s.logged(), "edit_file app/.env"); shown == (level == "quiet") {
					t.Errorf("the log names the call: %v\n%s", shown, s.logged())
				}
			})
		})
	}
}
