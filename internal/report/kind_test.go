package report_test

import (
	"strings"
	"testing"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/report"
)

func TestASummarySaysWhatTheStepWasToDo(t *testing.T) {
	t.Parallel()
	attached := agent.Result{Handle: agent.Handle{AgentID: "bc-1", RunID: "run-1", Attached: true}, Outcome: agent.OutcomeSucceeded}
	again := agent.Result{Handle: agent.Handle{AgentID: "bc-1", RunID: "run-1", Generation: 1}, Outcome: agent.OutcomeSucceeded}
	there := agent.Result{Handle: agent.Handle{AgentID: "bc-1", RunID: "run-1"}, Outcome: agent.OutcomeSucceeded, Pushed: agent.Pushed{PRURL: "https://github.com/acme/shop/pull/7"}}
	failed := agent.Result{Handle: agent.Handle{AgentID: "bc-1"}, Outcome: agent.OutcomeAPIError}
	midway := agent.Result{Handle: agent.Handle{AgentID: "bc-1", RunID: "run-1"}, Outcome: agent.OutcomeAPIError}
	for _, test := range []struct {
		name   string
		kind   report.Kind
		result agent.Result
		want   string
	}{
		{"a launch that did not begin", report.Launch, agent.Result{}, "## ❌ No agent was launched\n"},
		{"a follow-up that did not begin", report.FollowUp, agent.Result{}, "## ❌ No follow-up was sent\n"},
		{"an attach that did not begin", report.Attach, agent.Result{}, "## ❌ No agent was waited for\n"},
		{"a launch that failed", report.Launch, failed, "## ❌ The Cursor API could not be used\n"},
		{"a follow-up that failed", report.FollowUp, failed, "## ❌ The follow-up could not be sent\n"},
		{"an attach that failed", report.Attach, failed, "## ❌ The agent could not be attached to\n"},
		{"a follow-up that was lost midway", report.FollowUp, midway, "## ❌ The Cursor API could not be used\n"},
		{"a launch that is pretended", report.Launch, agent.Result{Outcome: agent.OutcomeDryRun}, "## 🧪 Dry run: everything is in order, and nothing was launched\n"},
		{"a follow-up that is pretended", report.FollowUp, agent.Result{Outcome: agent.OutcomeDryRun}, "## 🧪 Dry run: everything is in order, and no follow-up was sent\n"},
		{"an attach that is pretended", report.Attach, agent.Result{Outcome: agent.OutcomeDryRun}, "## 🧪 Dry run: everything is in order, and no agent was asked\n"},
		{"a launch of an earlier attempt", report.Launch, attached, "| **Agent** | an earlier attempt's: no new one was launched |"},
		{"a follow-up of an earlier attempt", report.FollowUp, attached, "| **Follow-up** | an earlier attempt's: no new one was sent |"},
		{"an attach", report.Attach, attached, "| **Agent** | attached to: this step did not launch it |"},
		{"a launch that has a pull request in the end", report.Launch, there, "## ✅ The agent opened pull request [#7]("},
		{"a follow-up whose pull request may be older", report.FollowUp, there, "## ✅ The agent's work is in pull request [#7]("},
		{"an attach to work whose pull request may be older", report.Attach, there, "## ✅ The agent's work is in pull request [#7]("},
		{"a second follow-up", report.FollowUp, again, "| **Follow-up** | the 2nd for this work: the ones before ended badly |"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := report.Summary{Kind: test.kind, Result: test.result}.Markdown()
			if !strings.Contains(got+"\n", test.want) {
				t.Errorf("the summary has no %q:\n%s", test.want, got)
			}
		})
	}
}
