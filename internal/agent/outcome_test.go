package agent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

func TestOutcomesAreTheWholeListInItsOrder(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "outcome.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []agent.Outcome
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Outcome" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				declared = append(declared, agent.Outcome(value))
			}
		}
		return true
	})
	if diff := cmp.Diff(declared, agent.Outcomes()); diff != "" || len(declared) == 0 {
		t.Errorf("(-declared +listed):\n%s", diff)
	}
}

func TestEveryOutcomeIsRedOrGreen(t *testing.T) {
	t.Parallel()
	want := map[agent.Outcome]bool{
		"launched": false, "succeeded": false, "no-changes": false, "skipped": false, "dry-run": false,
		"pr-missing": true, "invalid-result": true, "agent-error": true, "cancelled": true, "expired": true,
		"timed-out": true, "api-error": true,
	}
	got := map[agent.Outcome]bool{}
	for _, outcome := range agent.Outcomes() {
		got[outcome] = outcome.FailsByDefault()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("red (-want +got):\n%s", diff)
	}
}

func TestTheOutcomeFollowsFromStatusAndPush(t *testing.T) {
	t.Parallel()
	pushes := []agent.Pushed{{}, {Branch: "b"}, {Branch: "b", PRURL: "p"}, {PRURL: "p"}}
	whatever := func(outcome agent.Outcome) [2][4]agent.Outcome {
		same := [4]agent.Outcome{outcome, outcome, outcome, outcome}
		return [2][4]agent.Outcome{same, same}
	}
	want := map[cursor.RunStatus][2][4]agent.Outcome{ // without and with a pull request asked for, by pushes
		cursor.RunFinished: {
			{agent.OutcomeSucceeded, agent.OutcomeSucceeded, agent.OutcomeSucceeded, agent.OutcomeSucceeded},
			{agent.OutcomeNoChanges, agent.OutcomePRMissing, agent.OutcomeSucceeded, agent.OutcomeSucceeded},
		},
		cursor.RunError:     whatever(agent.OutcomeAgentError),
		cursor.RunCancelled: whatever(agent.OutcomeCancelled),
		cursor.RunExpired:   whatever(agent.OutcomeExpired),
		cursor.RunCreating:  whatever(agent.OutcomeLaunched),
		cursor.RunRunning:   whatever(agent.OutcomeLaunched),
		"QUEUED":            whatever(agent.OutcomeLaunched),
		"":                  whatever(agent.OutcomeLaunched),
	}
	got := map[cursor.RunStatus][2][4]agent.Outcome{}
	for status := range want {
		var outcomes [2][4]agent.Outcome
		for asked := range outcomes {
			for i, pushed := range pushes {
				outcomes[asked][i] = agent.Judge(agent.Spec{CreatePR: asked == 1}, status, pushed)
				plan := agent.Judge(agent.Spec{CreatePR: asked == 1, Mode: "plan"}, status, pushed)
				if plan != agent.Judge(agent.Spec{}, status, pushed) {
					t.Errorf("a plan that is %s and pushed %+v is %s, as if a pull request had been asked for", status, pushed, plan)
				}
			}
		}
		got[status] = outcomes
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
