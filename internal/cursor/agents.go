package cursor

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// agentsPathV1 is where agents are created and listed.
const agentsPathV1 = "/v1/agents"

// AgentStatus is an agent's place in its life. It never tells whether work is
// done: that is on the run. Values not listed here pass unchanged.
type AgentStatus string

// The documented states of an agent.
const (
	AgentActive   AgentStatus = "ACTIVE"
	AgentIdle     AgentStatus = "IDLE"
	AgentArchived AgentStatus = "ARCHIVED"
)

// Agent is durable: it keeps a conversation and a workspace, and has runs.
type Agent struct {
	ID                  string      `json:"id"`   // bc- and a UUID
	Name                string      `json:"name"` // "" until the agent is named
	Status              AgentStatus `json:"status"`
	Env                 Environment `json:"env"`
	URL                 string      `json:"url"` // of its web page; "" where the API gives no address that a person should follow
	CreatedAt           time.Time   `json:"createdAt"`
	UpdatedAt           time.Time   `json:"updatedAt"`
	LatestRunID         string      `json:"latestRunId"` // "" when it has no run
	Repos               []Repo      `json:"repos"`       // not in lists
	WorkOnCurrentBranch bool        `json:"workOnCurrentBranch"`
	AutoCreatePR        bool        `json:"autoCreatePR"`
	SkipReviewerRequest bool        `json:"skipReviewerRequest"`
	// Branch is the one that the agent works on, whether or not it has pushed
	// anything; only version 0 says it.
	Branch string `json:"-"`

	// ServedAt is the server's clock when it answered, zero when it did not say.
	// CreatedAt and UpdatedAt are of the same clock, which may differ from ours
	// by an hour.
	ServedAt time.Time `json:"-"`
}

// UnmarshalJSON decodes an agent of the API, with its times leniently.
func (a *Agent) UnmarshalJSON(data []byte) error {
	type plain Agent
	wire := struct {
		*plain
		CreatedAt instant `json:"createdAt"`
		UpdatedAt instant `json:"updatedAt"`
	}{plain: (*plain)(a)}
	err := json.Unmarshal(data, &wire)
	a.CreatedAt, a.UpdatedAt = wire.CreatedAt.Time, wire.UpdatedAt.Time
	// People and later steps follow it: it must be a page, and no script.
	if page, broken := url.Parse(a.URL); broken != nil || page.Hostname() == "" || page.User != nil || !isSafe(page) {
		a.URL = ""
	}
	return err
}

func (a Agent) lacks() string    { return absent("id", a.ID) }
func (a Agent) identity() string { return a.ID }

// Environment is where an agent runs.
type Environment struct {
	Type string `json:"type"` // cloud, pool or machine
	Name string `json:"name,omitempty"`
}

// Repo is a repository that an agent works on.
type Repo struct {
	URL         string `json:"url"` // may come back without its scheme
	StartingRef string `json:"startingRef,omitempty"`
	PRURL       string `json:"prUrl,omitempty"` // makes StartingRef meaningless
}

// CreateAgentRequest describes an agent to create, and the prompt of its first
// run. Zero values are not sent, and mean the API's defaults.
type CreateAgentRequest struct {
	// AgentID is the id that the new agent gets, bc- and a UUID. With it a
	// create is repeated after a lost answer, because the API makes no second
	// agent of the same id; without it never. It excludes EnvVars.
	AgentID             string            `json:"agentId,omitempty"`
	Name                string            `json:"name,omitempty"` // at most 100 characters
	Prompt              Prompt            `json:"prompt"`
	Model               *ModelRef         `json:"model,omitempty"`
	Env                 *Environment      `json:"env,omitempty"`
	Repos               []Repo            `json:"repos,omitempty"` // at most 20
	WorkOnCurrentBranch bool              `json:"workOnCurrentBranch,omitempty"`
	AutoCreatePR        bool              `json:"autoCreatePR,omitempty"`
	SkipReviewerRequest bool              `json:"skipReviewerRequest,omitempty"`
	EnvVars             map[string]string `json:"envVars,omitempty"` // at most 50
	MCPServers          []MCPServer       `json:"mcpServers,omitempty"`
	Mode                string            `json:"mode,omitempty"` // agent or plan

	// What only version 0 can do (see Features).

	Branch                string   `json:"branchName,omitempty"` // that the agent creates and pushes to
	OpenAsCursorGithubApp bool     `json:"openAsCursorGithubApp,omitempty"`
	Webhook               *Webhook `json:"webhook,omitempty"`
}

// Webhook is an address that the API posts to when an agent ends as FINISHED or
// ERROR, and not when it expires or is stopped.
type Webhook struct {
	URL string `json:"url"` // at most 2048 characters
	// Secret signs what is posted: X-Webhook-Signature is sha256= and the
	// hexadecimal HMAC of the body. 32 to 256 characters; "" for none.
	Secret string `json:"secret,omitempty"`
}

// Created is a new agent and its first run.
type Created struct {
	Agent Agent `json:"agent"`
	Run   Run   `json:"run"`
}

func (c Created) lacks() string {
	return absent("agent.id", c.Agent.ID, "run.id", c.Run.ID)
}

func (c Created) identity() string { return c.Agent.ID }

// CreateAgent creates an agent and starts its first run.
//
// When the answer is lost, a request with an AgentID is sent again; the server
// then refuses it with CodeAgentIDConflict, and the error's MaybeDone says that
// the conflict may be with this very call. A request without an AgentID is not
// sent again: the error is Ambiguous. It is that too, with an *AnotherError
// below, where the answer is about an agent of another id than the one that was
// asked for. After the end of ctx nothing is sent any more, and an attempt on its
// way has Config.CreateGrace to be answered.
func (c *Client) CreateAgent(ctx context.Context, request CreateAgentRequest) (Created, error) {
	const op = "create agent"
	if err := V1.refuse(op, request.Features()...); err != nil {
		return Created{}, err
	}
	k := post(op, agentsPathV1, request)
	k.timeout = launchTimeout
	k.grace = c.createGrace
	k.safe = request.AgentID != ""
	k.branchCheck = true
	k.about = request.AgentID
	k.secrets = secretValues(request.EnvVars, request.MCPServers)
	created, served, err := fetch[Created](ctx, c, k)
	created.Agent.ServedAt = served
	return created, err
}

// GetAgent returns the agent with that id. An answer about another one counts as
// lost.
func (c *Client) GetAgent(ctx context.Context, agentID string) (Agent, error) {
	const op = "get agent"
	at, err := path(op, "v1", "agents", agentID)
	if err != nil {
		return Agent{}, err
	}
	k := get(op, at, nil)
	k.about = agentID
	agent, served, err := fetch[Agent](ctx, c, k)
	agent.ServedAt = served
	return agent, err
}

// ListAgentsOptions narrows a list of agents.
type ListAgentsOptions struct {
	PRURL           string // only agents of that pull request; "" means all
	ExcludeArchived bool
	Limit           int // agents in a page, 1 to 100; 0 means 100
}

// ListAgents returns the account's agents, newest first, page after page.
func (c *Client) ListAgents(ctx context.Context, options ListAgentsOptions) iter.Seq2[Agent, error] {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if options.Limit > 0 {
		query.Set("limit", strconv.Itoa(options.Limit))
	}
	if options.PRURL != "" {
		query.Set("prUrl", options.PRURL)
	}
	if options.ExcludeArchived {
		query.Set("includeArchived", "false")
	}
	k := get("list agents", agentsPathV1, query)
	return pages[list[Agent]](ctx, c, k, func(a *Agent, served time.Time) { a.ServedAt = served })
}

// ArchiveAgent archives an agent: it stays readable and takes no new runs. An
// archived agent may be archived again.
func (c *Client) ArchiveAgent(ctx context.Context, agentID string) error {
	return c.changeAgent(ctx, "archive agent", http.MethodPost, agentID, "archive")
}

// UnarchiveAgent makes an archived agent take new runs again.
func (c *Client) UnarchiveAgent(ctx context.Context, agentID string) error {
	return c.changeAgent(ctx, "unarchive agent", http.MethodPost, agentID, "unarchive")
}

// DeleteAgent deletes an agent for good, with its usage and artifacts. When an
// answer was lost, the second attempt may find no agent any more: that is
// CodeAgentNotFound with MaybeDone.
func (c *Client) DeleteAgent(ctx context.Context, agentID string) error {
	return c.changeAgent(ctx, "delete agent", http.MethodDelete, agentID)
}

func (c *Client) changeAgent(ctx context.Context, op, method, agentID string, verb ...string) error {
	at, err := path(op, append([]string{"v1", "agents", agentID}, verb...)...)
	if err != nil {
		return err
	}
	k := call{op: op, method: method, path: at, timeout: quickTimeout}
	if method == http.MethodPost {
		k = post(op, at, nil)
	}
	k.safe = true
	return act(ctx, c, k)
}
