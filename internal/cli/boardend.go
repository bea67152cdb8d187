package cli

import (
	"cmp"
	"encoding/json"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// boardEnd is what the comment and the check run are to say in the end, as the
// main stage keeps it for a cleanup stage: GitHub may be away when the work is
// over, or the step be killed between its verdict and the last update.
type boardEnd struct {
	Outcome  agent.Outcome    `json:"outcome"`
	Fails    bool             `json:"fails,omitempty"` // the outcome turns the step red
	Reason   string           `json:"reason,omitempty"`
	Left     string           `json:"left,omitempty"`
	NextStep string           `json:"nextStep,omitempty"`
	AgentID  string           `json:"agentId,omitempty"`
	AgentURL string           `json:"agentUrl,omitempty"`
	RunID    string           `json:"runId,omitempty"`
	Status   cursor.RunStatus `json:"status,omitempty"`
	Branch   string           `json:"branch,omitempty"`
	PRURL    string           `json:"prUrl,omitempty"`
	Answer   string           `json:"answer,omitempty"`
	Target   target           `json:"target"`
}

// maxKeptAnswer bounds the agent's answer in the state, which is an environment
// variable of the cleanup stage, in bytes.
const maxKeptAnswer = 8 << 10

// keepEnd keeps what the board is to say in the end.
func (s *step) keepEnd(summary report.Summary) {
	if s.board == nil {
		return
	}
	result := summary.Result
	end := boardEnd{
		Outcome: result.Outcome, Fails: s.failOn[result.Outcome],
		Reason: cut(result.Reason, maxField), Left: cut(result.Left, maxField), NextStep: cut(result.NextStep, maxField),
		AgentID: cut(result.AgentID, maxField), AgentURL: cut(result.URL, maxField), RunID: cut(result.RunID, maxField), Status: result.Status,
		Branch: cut(result.Pushed.Branch, maxField), PRURL: cut(result.Pushed.PRURL, maxField), Answer: cut(result.Run.Result, maxKeptAnswer),
		Target: s.target(),
	}
	s.saveState(stateEnd, encode(end))
}

// keptEnd reads what keepEnd wrote.
func keptEnd(state string) (end boardEnd, kept bool) {
	err := json.Unmarshal([]byte(state), &end)
	return end, err == nil && end.Outcome != ""
}

// show fills the notice, and returns how the check run ends.
func (e boardEnd) show(n *report.Notice) forge.Conclusion {
	n.Repository, n.Ref = cmp.Or(e.Target.Repository, n.Repository), e.Target.Ref
	n.PullRequest, n.Model = e.Target.PullRequest, e.Target.Model
	n.Result = agent.Result{
		Handle:  agent.Handle{AgentID: e.AgentID, RunID: e.RunID, URL: e.AgentURL, Status: e.Status},
		Outcome: e.Outcome, Reason: e.Reason, Left: e.Left, NextStep: e.NextStep,
		Run:    cursor.Run{Result: e.Answer},
		Pushed: agent.Pushed{Branch: e.Branch, PRURL: e.PRURL},
	}
	return conclusionOf(e.Outcome, e.Fails)
}
