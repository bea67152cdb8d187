package cursor

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// RunStatus is where a run stands. Values not listed here pass unchanged.
type RunStatus string

// The documented states of a run.
const (
	RunCreating  RunStatus = "CREATING"
	RunRunning   RunStatus = "RUNNING"
	RunFinished  RunStatus = "FINISHED"
	RunError     RunStatus = "ERROR"
	RunCancelled RunStatus = "CANCELLED"
	RunExpired   RunStatus = "EXPIRED"
)

// Terminal reports whether a run in this state is over. A state that is not
// known is not terminal, because the API has states that it does not document.
func (s RunStatus) Terminal() bool {
	switch s {
	case RunFinished, RunError, RunCancelled, RunExpired:
		return true
	}
	return false
}

// Run is the execution of one prompt.
type Run struct {
	ID        string
	AgentID   string
	Status    RunStatus
	CreatedAt time.Time
	UpdatedAt time.Time
	Duration  time.Duration // wall-clock time; 0 until the run is over
	Result    string        // the agent's last words; "" until the run is over
	// Git is what the agent has pushed in all its runs, the same on each of them.
	Git   []GitBranch
	Error *RunFault // why the run failed; nil even then at times
	// Unbegun is true in version 0 of a run that is RunCreating because nothing
	// says that it has begun, while its agent is at rest.
	Unbegun bool
	// RequestID is what Cursor's support knows the run by; "" when not told.
	RequestID string
	// Presumed is true where no list shows the run, which the agent must have all
	// the same, in version 0 with an empty conversation: there may be later ones.
	Presumed bool
}

// GitBranch is a branch that an agent pushed.
type GitBranch struct {
	RepoURL string `json:"repoUrl"` // without a scheme: github.com/owner/name
	Branch  string `json:"branch"`  // "" when not known
	PRURL   string `json:"prUrl"`   // "" when no pull request was opened
	// Unproven is true in version 0, which names the branch also when nothing was
	// pushed, and the pull request that the agent was pointed at as one of its own.
	Unproven bool `json:"-"`
}

// gitState is how branches come over the wire.
type gitState struct {
	Branches []GitBranch `json:"branches"`
}

// UnmarshalJSON decodes a run of the API.
func (r *Run) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID         string          `json:"id"`
		AgentID    string          `json:"agentId"`
		Status     RunStatus       `json:"status"`
		CreatedAt  instant         `json:"createdAt"`
		UpdatedAt  instant         `json:"updatedAt"`
		DurationMs milliseconds    `json:"durationMs"`
		Result     string          `json:"result"`
		Git        gitState        `json:"git"`
		Error      *RunFault       `json:"error"`
		RequestID  json.RawMessage `json:"requestId"` // in no specification
	}
	err := json.Unmarshal(data, &wire)
	*r = Run{
		ID: wire.ID, AgentID: wire.AgentID, Status: wire.Status,
		CreatedAt: wire.CreatedAt.Time, UpdatedAt: wire.UpdatedAt.Time,
		Duration: wire.DurationMs.Duration, Result: wire.Result,
		Git: wire.Git.Branches, Error: wire.Error, RequestID: firstText(wire.RequestID),
	}
	return err
}

func (r Run) lacks() string    { return absent("id", r.ID) }
func (r Run) identity() string { return r.ID }

// RunFault says why a run failed, in the API's words. Both may be "".
type RunFault struct {
	Code    Code
	Message string
}

// UnmarshalJSON decodes a fault: the documentation mentions one and the
// specification doesn't, so an object and a string are both taken.
func (f *RunFault) UnmarshalJSON(data []byte) error {
	fields := object(data)
	*f = RunFault{Code: Code(firstText(fields["code"])), Message: firstText(fields["message"])}
	if fields == nil {
		f.Message = firstText(data)
	}
	return nil
}

// CreateRunRequest is a follow-up for an agent that has no live run. Zero
// values are not sent: the conversation keeps its servers and mode.
type CreateRunRequest struct {
	Prompt     Prompt      `json:"prompt"`
	MCPServers []MCPServer `json:"mcpServers,omitempty"` // replace those of the agent, for this run
	Mode       string      `json:"mode,omitempty"`       // agent or plan
}

// createdRun is the answer to it.
type createdRun struct {
	Run Run `json:"run"`
}

func (c createdRun) lacks() string    { return absent("run.id", c.Run.ID) }
func (c createdRun) identity() string { return c.Run.AgentID }

// CreateRun starts a run on an agent. CodeAgentBusy says that another run is
// live. After a lost answer, or one about a run of another agent, it is not sent
// again: the error is Ambiguous, and the agent's runs tell. An attempt on its way at the end of ctx has
// Config.CreateGrace to be answered, as that of CreateAgent.
func (c *Client) CreateRun(ctx context.Context, agentID string, request CreateRunRequest) (Run, error) {
	const op = "create run"
	at, err := path(op, "v1", "agents", agentID, "runs")
	if err != nil {
		return Run{}, err
	}
	k := post(op, at, request)
	k.timeout = launchTimeout
	k.grace = c.createGrace
	k.about = agentID
	k.secrets = secretValues(nil, request.MCPServers)
	created, _, err := fetch[createdRun](ctx, c, k)
	return created.Run, err
}

// ListRuns returns the runs of an agent, page after page, in the API's order:
// newest first by its documentation, which not every server keeps.
func (c *Client) ListRuns(ctx context.Context, agentID string) iter.Seq2[Run, error] {
	const op = "list runs"
	at, err := path(op, "v1", "agents", agentID, "runs")
	if err != nil {
		return func(yield func(Run, error) bool) { yield(Run{}, err) }
	}
	return pages[list[Run], Run](ctx, c, get(op, at, url.Values{"limit": {strconv.Itoa(pageSize)}}), nil)
}

// GetRun returns a run. Its status is the only one to settle on. An answer about
// another run counts as lost.
func (c *Client) GetRun(ctx context.Context, agentID, runID string) (Run, error) {
	const op = "get run"
	at, err := path(op, "v1", "agents", agentID, "runs", runID)
	if err != nil {
		return Run{}, err
	}
	k := get(op, at, nil)
	k.about = runID
	run, _, err := fetch[Run](ctx, c, k)
	return run, err
}

// CancelRun asks the API to cancel a run. The run may go on for a while after
// that; CodeRunNotCancellable says that it is over already, or never began.
func (c *Client) CancelRun(ctx context.Context, agentID, runID string) error {
	const op = "cancel run"
	at, err := path(op, "v1", "agents", agentID, "runs", runID, "cancel")
	if err != nil {
		return err
	}
	k := post(op, at, nil)
	k.safe = true
	return act(ctx, c, k)
}
