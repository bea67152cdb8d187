package cli_test

import (
	"strings"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// Each of these writes something, and the first thing that is written is what
// the runner must hide: a line that comes before is public for good.
func TestSecretsAreMaskedBeforeAnythingElseIsWritten(t *testing.T) {
	t.Parallel()
	const variable = "npm_0123456789abcdef"
	for _, test := range []struct {
		name  string
		stage func(*workflowStep) int
		with  []string
		shown string // in the log all the same, with the secrets hidden
	}{
		{"a run", main, nil, "Launching an agent"},
		{"a refusal that quotes the key", main, []string{"model", "a model " + key}, `input model: "a model ***" is not a model`},
		{"a refusal that quotes a variable", main, []string{"model", "a model " + variable}, `input model: "a model ***" is not a model`},
		{"a warning about the files", main, []string{"GITHUB_STATE", ""}, "::warning::GITHUB_STATE is not set"},
		{"a dry run", main, []string{"dry-run", "true"}, "dry-run"},
		{"the cleanup stage", cleaning, []string{"STATE_stage", "planned", "api-url", "https://" + key + "@example.com"}, "::error::cleanup: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, simulator.Config{}).with("wait", "false", "env-vars", "NPM_TOKEN="+variable).with(test.with...)
			test.stage(s)
			unmasked := false
			masked := map[string]bool{}
			for line := range strings.Lines(s.log.String()) {
				value, isMask := strings.CutPrefix(strings.TrimSpace(line), "::add-mask::")
				if isMask && unmasked {
					t.Errorf("%q comes after other lines", line)
				}
				masked[value] = isMask
				unmasked = unmasked || !isMask
			}
			if !masked[key] || !masked[variable] {
				t.Errorf("key masked: %t, variable masked: %t", masked[key], masked[variable])
			}
			if log := s.logged(); strings.Contains(log, key) || strings.Contains(log, variable) || !strings.Contains(log, test.shown) {
				t.Errorf("the log should say %q and no secret:\n%s", test.shown, log)
			}
		})
	}
}

func main(s *workflowStep) int { return s.run(s.t.Context()) }

func cleaning(s *workflowStep) int { return s.cleanup(s.t.Context(), false) }
