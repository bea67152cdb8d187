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
	Remarks  []remark         `json:"remarks,omitempty"` // that the check run annotates
}

// remark is an annotation in the words of a result.
type remark struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	EndLine int    `json:"end_line"`
	Level   string `json:"severity"`
	Title   string `json:"title,omitempty"`
	Message string `json:"message"`
}

// maxKeptAnswer bounds the agent's answer in the state, which is an environment
// variable of the cleanup stage, in bytes.
const maxKeptAnswer = 8 << 10

// maxKeptRemarks bounds the annotations there, likewise, and maxKeptRemark the
// message of each.
const (
	maxKeptRemarks = 40 << 10
	maxKeptRemark  = 500
)

// remarksOf are the annotations of a result, as many as the state has room for.
func remarksOf(object string) (kept []remark) {
	room := maxKeptRemarks
	for _, a := range annotations(object) {
		one := remark{a.Path, a.From, a.To, a.Level, cut(a.Title, maxKeptRemark), cut(a.Message, maxKeptRemark)}
		if room -= len(encode(one)); room < 0 {
			break
		}
		kept = append(kept, one)
	}
	return kept
}

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
	if s.board.checkName != "" {
		end.Remarks = remarksOf(result.Object)
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
		Pushed: agent.Pushed{Branch: e.Branch, PRURL: e.PRURL}, Object: encode(e.Remarks),
	}
	return conclusionOf(e.Outcome, e.Fails)
}
