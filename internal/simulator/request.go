package simulator

// CreateRequest is what an agent was created from, with the names of API v1,
// whichever version it was created by.
type CreateRequest struct {
	AgentID             string            `json:"agentId"`
	Name                string            `json:"name"`
	Prompt              Prompt            `json:"prompt"`
	Model               *ModelRef         `json:"model"`
	Env                 *Env              `json:"env"`
	Repos               []Repo            `json:"repos"`
	WorkOnCurrentBranch bool              `json:"workOnCurrentBranch"`
	AutoCreatePR        bool              `json:"autoCreatePR"`
	SkipReviewerRequest bool              `json:"skipReviewerRequest"`
	EnvVars             map[string]string `json:"envVars"`
	MCPServers          []MCPServer       `json:"mcpServers"`
	CustomSubagents     []Subagent        `json:"customSubagents"`
	Mode                string            `json:"mode"` // agent, plan or ""
	Metadata            map[string]string `json:"metadata"`

	// OpenAsCursorGithubApp is a field of version 0, and of newer servers of
	// version 1.
	OpenAsCursorGithubApp bool `json:"openAsCursorGithubApp"`

	// Branch, of version 0 alone, is the one that the agent is to create; ""
	// leaves its name to the server.
	Branch string `json:"-"`

	// Webhook, of version 0 alone, is whom the client wants to be told of the
	// agent's end. Nobody is: this server makes no requests of its own.
	Webhook *Webhook `json:"-"`
}

// Webhook is an address, and the secret that signs what is posted to it.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// Prompt is what an agent is told.
type Prompt struct {
	Text   string  `json:"text"`
	Images []Image `json:"images,omitempty"`
}

// Image is a picture in a prompt: its bytes in base64 with their type, or a URL.
type Image struct {
	Data      string     `json:"data,omitempty"`
	URL       string     `json:"url,omitempty"`
	MIMEType  string     `json:"mimeType,omitempty"`
	Dimension *Dimension `json:"dimension,omitempty"`
}

// Dimension is an image's size in pixels.
type Dimension struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// ModelRef names a model of the catalogue with its parameters.
type ModelRef struct {
	ID     string       `json:"id"`
	Params []ModelParam `json:"params,omitempty"`
}

// ModelParam is one parameter of a model.
type ModelParam struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Env is where an agent runs.
type Env struct {
	Type string `json:"type"` // cloud, pool or machine
	Name string `json:"name,omitempty"`
}

// Repo is a repository that an agent works on.
type Repo struct {
	URL         string `json:"url"`
	StartingRef string `json:"startingRef,omitempty"`
	PRURL       string `json:"prUrl,omitempty"`
}

// MCPServer is a tool server that an agent may use, started by command or
// reached by URL.
type MCPServer struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Auth    *MCPAuth          `json:"auth"`
}

// MCPAuth is the OAuth client of a remote tool server.
type MCPAuth struct {
	ClientID     string   `json:"CLIENT_ID"`
	ClientSecret string   `json:"CLIENT_SECRET"`
	Scopes       []string `json:"scopes"`
}

// Subagent is a helper that the main agent may delegate to. Model is inherit, a
// model's id, or an object like ModelRef.
type Subagent struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Prompt      string `json:"prompt"`
	Model       any    `json:"model,omitempty"`
}
