package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"cursor-agent-action/internal/simulator"
)

// What the account lacks is told as that, with its remedy, and never as a
// verdict on the work or on the branch.
//
// Fault 1: a branch that can't be verified mostly means that Cursor's GitHub App is not there.
// Fault 13: a model that another catalogue has is unknown here.
// Fault 16: a free plan is refused with 403.
// Fault 17: agents that ended count until they are archived, so that a limit is reached with nothing running.
func TestARefusalOfTheAccountIsNotBlamedOnTheWork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer simulator.Answer
		remedy []string
		not    string
		inputs []string
	}{
		{"a repository without the GitHub App", simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to verify existence of branch 'main' in repository acme/shop. Please ensure the branch name is correct."},
			[]string{"missing access, not a missing branch", "GitHub App for acme/shop", "https://cursor.com/dashboard/integrations"}, "a branch that exists", nil},
		{"a default branch that can't be seen", simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to determine repository default branch"},
			[]string{"GitHub App for acme/shop"}, "a branch that exists", nil},
		{"the same as plain text", simulator.Answer{Status: 400, Shape: "text", Message: "Failed to determine repository default branch"},
			[]string{"GitHub App for acme/shop"}, "a branch that exists", nil},
		{"a free plan", simulator.Answer{Status: 403, Code: "plan_required", Message: "Cloud Agent is not available for free users. Please upgrade to Pro."},
			[]string{"upgrade the plan", "https://cursor.com/dashboard"}, "api-key", nil},
		{"a 403 that says nothing", simulator.Answer{Status: 403, Shape: "empty"},
			[]string{"plan and role", "https://cursor.com/dashboard"}, "correct the input", nil},
		{"too many agents that were never archived", simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "You've reached the limit of cloud agents", RetryAfter: "900"},
			[]string{"archive old agents", "https://cursor.com/agents"}, "run fewer jobs", nil},
		{"a model of another catalogue", simulator.Answer{Status: 400, Code: "validation_error", Message: "Model 'composer-2' does not match a known variant"},
			[]string{"composer-2.5", "leave model out"}, "correct the input", []string{"model", "composer-2"}},
		{"the same in other words", simulator.Answer{Status: 400, Code: "invalid_model", Message: "Unknown model"},
			[]string{"composer-2.5", "leave model out"}, "correct the input", []string{"model", "composer-2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, refusing(test.answer)).with(test.inputs...)
				status := s.run(t.Context())
				last := s.lastLine()
				for _, want := range append(test.remedy, test.answer.Message) {
					if !strings.Contains(last, want) {
						t.Errorf("the last line has no %q:\n%s", want, last)
					}
				}
				if strings.Contains(last, test.not) {
					t.Errorf("the last line sends the reader astray with %q:\n%s", test.not, last)
				}
				if status != 1 || s.outputs()["outcome"] != "api-error" || len(s.api.Agents()) != 0 {
					t.Errorf("exit status %d, outcome %q, %d agents; want 1, api-error and none", status, s.outputs()["outcome"], len(s.api.Agents()))
				}
			})
		})
	}
}

// Fault 44: a key that was pasted with quotes or line ends is told to be invalid.
func TestTheKeyIsTakenOutOfWhatWasPasted(t *testing.T) {
	t.Parallel()
	for _, pasted := range []string{key + "\n", "  " + key + "\t\r\n", `"` + key + `"`, "'" + key + "'\n", "\"" + key + "\n\""} {
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, scenario(t, "happy")).with("api-key", pasted)
			wire := &tap{server: s.api.Transport()}
			program := s.program()
			program.Transport = wire
			if status := program.Run(t.Context(), []string{"x", "action"}); status != 0 {
				t.Errorf("%q: exit status %d\n%s", pasted, status, s.logged())
			}
			if len(wire.keys) < 3 {
				t.Errorf("%q: only %d requests", pasted, len(wire.keys))
			}
			for _, sent := range wire.keys {
				if sent != "Bearer "+key {
					t.Errorf("%q was sent as %q", pasted, sent)
				}
			}
			s.noSecret()
		})
	}
}
