package cli_test

import (
	"testing"
	"testing/synctest"

	"cursor-agent-action/internal/simulator"
)

// Fault 3: a commit that is not on the default branch is refused without a word.
// Fault 10: a code host that the API does not know fails without a reason.
// Fault 17: "You've reached the limit" comes with nothing running.
func TestARefusalThatSaysNothingNamesWhatIsProbablyMeant(t *testing.T) {
	t.Parallel()
	const sha = "1234567890abcdef1234567890abcdef12345678"
	const said = "400 invalid_argument: [invalid_argument] Error (request {createAgent}); nothing was launched; "
	const limit = "archive old agents at https://cursor.com/agents: they count until then"
	invalid := simulator.Answer{Status: 400, Code: "invalid_argument", Message: "[invalid_argument] Error"}
	elsewhere := []string{"repo", "https://git.acme.example/shop/web", "ref", "main"}
	for _, test := range []struct {
		name   string
		answer simulator.Answer
		inputs []string
		want   string
	}{
		{"a commit", invalid, []string{"ref", sha}, said + "set ref to a branch: Cursor takes a commit only if it is on the default branch or in a pull request of the repository"},
		{"a commit, with another code", simulator.Answer{Status: 400, Code: "validation_error", Message: "Error"}, []string{"ref", sha},
			"400 validation_error: Error (request {createAgent}); nothing was launched; set ref to a branch: Cursor takes a commit only if it is on the default branch or in a pull request of the repository"},
		{"another host", invalid, elsewhere, said + "check that Cursor works with git.acme.example, and that it is connected at https://cursor.com/dashboard/integrations"},
		{"another host, and nothing said", simulator.Answer{Status: 500, Shape: "empty"}, elsewhere,
			"500 Internal Server Error (request {createAgent}, N attempts, may have been carried out); an agent may be at work, though none is to be seen: URL; check that Cursor works with git.acme.example (https://cursor.com/dashboard/integrations), and run the job again, which attaches to the agent unless that ended badly"},
		{"GitHub", invalid, nil, said + "check repo, ref and pull-request, because Cursor does not say which it refuses"},
		{"a limit of agents as 403", simulator.Answer{Status: 403, Code: "feature_limit", Message: "You've reached the limit of cloud agents"}, nil,
			"403 feature_limit: You've reached the limit of cloud agents (request {createAgent}); nothing was launched; " + limit},
		{"a limit of agents as 400", simulator.Answer{Status: 400, Code: "validation_error", Message: "You've reached the limit of cloud agents"}, nil,
			"400 validation_error: You've reached the limit of cloud agents (request {createAgent}); nothing was launched; " + limit},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := diagnosis{
					faults: []simulator.Fault{{Operation: "createAgent", Answer: &test.answer}}, inputs: test.inputs,
					want: "::error::api-error: create agent: POST /v1/agents: " + test.want,
				}
				d.check(t, d.run(t))
			})
		})
	}
}
