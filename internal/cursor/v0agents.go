package cursor

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// agentsPathV0 is where agents are created and listed.
const agentsPathV0 = "/v0/agents"

// agentV0 is an agent as version 0 gives it: with its state, which version 1
// keeps on runs.
type agentV0 struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Source struct {
		Repository string `json:"repository"`
		Ref        string `json:"ref"`
	} `json:"source"`
	Target struct {
		URL                   string `json:"url"`
		BranchName            string `json:"branchName"` // also while nothing has been pushed
		PRURL                 string `json:"prUrl"`
		AutoCreatePR          bool   `json:"autoCreatePr"`
		OpenAsCursorGithubApp bool   `json:"openAsCursorGithubApp"`
		SkipReviewerRequest   bool   `json:"skipReviewerRequest"`
	} `json:"target"`
	Summary   string  `json:"summary"`
	CreatedAt instant `json:"createdAt"`

	served time.Time
}

func (a agentV0) lacks() string { return absent("id", a.ID, "status", a.Status) }

func (a agentV0) identity() string { return a.ID }

// status is the state in the words of version 1. Only the first five are
// documented; the others were seen in clients' code, and a wait for ever would
// be the price of not knowing them.
func (a agentV0) status() RunStatus {
	switch status := RunStatus(strings.ToUpper(a.Status)); status {
	case RunFinished, "COMPLETED":
		return RunFinished
	case RunError, "FAILED":
		return RunError
	case RunCancelled, "CANCELED", "STOPPED":
		return RunCancelled
	default: // RunCreating, RunRunning and RunExpired among them
		return status
	}
}

// agent is the agent in the words of version 1, with its latest run.
func (a agentV0) agent(latestRunID string) Agent {
	status := AgentActive
	if a.status().Terminal() {
		status = AgentIdle
	}
	return Agent{
		ID: a.ID, Name: a.Name, Status: status, URL: a.Target.URL,
		Env:       Environment{Type: "cloud"},
		CreatedAt: a.CreatedAt.Time, LatestRunID: latestRunID,
		Repos:               []Repo{{URL: a.Source.Repository, StartingRef: a.Source.Ref}},
		AutoCreatePR:        a.Target.AutoCreatePR,
		SkipReviewerRequest: a.Target.SkipReviewerRequest,
		Branch:              a.Target.BranchName,
		ServedAt:            a.served,
	}
}

// launchV0 is the body of a launch.
type launchV0 struct {
	Prompt promptV0 `json:"prompt"`
	Model  string   `json:"model,omitempty"`
	Source struct {
		Repository string `json:"repository,omitempty"`
		Ref        string `json:"ref,omitempty"`
		PRURL      string `json:"prUrl,omitempty"` // excludes the others
	} `json:"source"`
	Target struct {
		AutoCreatePR          bool   `json:"autoCreatePr,omitempty"`
		OpenAsCursorGithubApp bool   `json:"openAsCursorGithubApp,omitempty"`
		SkipReviewerRequest   bool   `json:"skipReviewerRequest,omitempty"`
		BranchName            string `json:"branchName,omitempty"`
		AutoBranch            *bool  `json:"autoBranch,omitempty"` // nil: true
	} `json:"target"`
	Webhook *Webhook `json:"webhook,omitempty"`
}

// promptV0 is a prompt whose images have no type.
type promptV0 struct {
	Text   string    `json:"text"`
	Images []imageV0 `json:"images,omitempty"`
}

type imageV0 struct {
	Data      string     `json:"data"`
	Dimension *Dimension `json:"dimension,omitempty"`
}

func newPromptV0(prompt Prompt) promptV0 {
	p := promptV0{Text: prompt.Text}
	for _, image := range prompt.Images {
		p.Images = append(p.Images, imageV0{Data: image.Data, Dimension: image.Dimension})
	}
	return p
}

// newLaunchV0 is the body for a request that asks for nothing that version 0
// lacks.
func newLaunchV0(request CreateAgentRequest) launchV0 {
	body := launchV0{Prompt: newPromptV0(request.Prompt), Webhook: request.Webhook}
	if request.Model != nil {
		body.Model = request.Model.ID
	}
	repo := request.Repos[0]
	if repo.PRURL == "" {
		body.Source.Repository, body.Source.Ref = repo.URL, repo.StartingRef
	} else {
		body.Source.PRURL = repo.PRURL
		if request.WorkOnCurrentBranch {
			body.Target.AutoBranch = new(false)
		}
	}
	body.Target.AutoCreatePR = request.AutoCreatePR
	body.Target.OpenAsCursorGithubApp = request.OpenAsCursorGithubApp
	body.Target.SkipReviewerRequest = request.SkipReviewerRequest
	body.Target.BranchName = request.Branch
	return body
}

func previewV0(request CreateAgentRequest) (path string, body any) {
	return agentsPathV0, newLaunchV0(request)
}

// CreateAgent creates an agent, which starts at once. The API takes no id of
// ours, so that a request whose answer was lost is not sent again: the error is
// Ambiguous, and the list of agents tells, by the branch.
func (v *ClientV0) CreateAgent(ctx context.Context, request CreateAgentRequest) (Created, error) {
	const op = "create agent"
	if err := V0.refuse(op, request.Features()...); err != nil {
		return Created{}, err
	}
	k := post(op, agentsPathV0, newLaunchV0(request))
	k.timeout = launchTimeout
	k.grace = v.wire.createGrace
	k.branchCheck = true
	if request.Webhook != nil && len(request.Webhook.Secret) >= minValue {
		k.secrets = []string{request.Webhook.Secret}
	}
	got, served, err := fetch[agentV0](ctx, v.wire, k)
	if err != nil {
		return Created{}, err
	}
	got.served = served
	return Created{Agent: got.agent(runIDV0(0)), Run: got.run(0)}, nil
}

// GetAgent returns the agent with that id. Its LatestRunID is that of the last
// prompt, and "" when the conversation can't be read.
func (v *ClientV0) GetAgent(ctx context.Context, agentID string) (Agent, error) {
	got, err := v.readAgent(ctx, "get agent", agentID)
	if err != nil {
		return Agent{}, err
	}
	messages, err := v.listen(ctx, agentID)
	if err != nil {
		return got.agent(""), nil
	}
	prompts := promptsIn(messages)
	return got.agent(runIDV0(prompts[len(prompts)-1])), nil
}

func (v *ClientV0) readAgent(ctx context.Context, op, agentID string) (agentV0, error) {
	at, err := path(op, "v0", "agents", agentID)
	if err != nil {
		return agentV0{}, err
	}
	k := get(op, at, nil)
	k.about = agentID
	k.words = wordsV0()
	got, served, err := fetch[agentV0](ctx, v.wire, k)
	got.served = served
	return got, err
}

// agentsV0 is a page of agents.
type agentsV0 struct {
	Agents     *[]agentV0 `json:"agents"`
	NextCursor string     `json:"nextCursor"`
}

func (p agentsV0) lacks() string {
	if p.Agents == nil {
		return "agents"
	}
	return ""
}

func (p agentsV0) entries() []agentV0 { return *p.Agents }
func (p agentsV0) next() string       { return p.NextCursor }

// ListAgents returns the account's agents, newest first, page after page. The
// API does not say which are archived, nor what was asked of them after the
// launch: LatestRunID is "".
func (v *ClientV0) ListAgents(ctx context.Context, options ListAgentsOptions) iter.Seq2[Agent, error] {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if options.Limit > 0 {
		query.Set("limit", strconv.Itoa(options.Limit))
	}
	if options.PRURL != "" {
		query.Set("prUrl", options.PRURL)
	}
	all := pages[agentsV0](ctx, v.wire, get("list agents", agentsPathV0, query), func(a *agentV0, served time.Time) { a.served = served })
	return func(yield func(Agent, error) bool) {
		for got, err := range all {
			if err != nil {
				yield(Agent{}, err)
				return
			}
			if !yield(got.agent(""), nil) {
				return
			}
		}
	}
}

// ArchiveAgent is not there in version 0.
func (v *ClientV0) ArchiveAgent(context.Context, string) error {
	return V0.refuse("archive agent", FeatureArchive)
}

// UnarchiveAgent is not there in version 0.
func (v *ClientV0) UnarchiveAgent(context.Context, string) error {
	return V0.refuse("unarchive agent", FeatureArchive)
}

// DeleteAgent deletes an agent for good; a lost answer is treated as in version
// 1. The API refuses an agent that was deleted as it refuses one that is
// archived, so that a look at the agent tells which it is.
func (v *ClientV0) DeleteAgent(ctx context.Context, agentID string) error {
	const op = "delete agent"
	at, err := path(op, "v0", "agents", agentID)
	if err != nil {
		return err
	}
	err = act(ctx, v.wire, call{op: op, method: http.MethodDelete, path: at, timeout: quickTimeout, safe: true, words: wordsV0()})
	if failed, ok := errors.AsType[*Error](err); ok && failed.Status == http.StatusConflict {
		if _, unread := v.readAgent(ctx, op, agentID); errors.Is(unread, CodeAgentNotFound) {
			failed.Code = CodeAgentNotFound
		}
	}
	return err
}
