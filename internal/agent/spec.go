package agent

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/cursor"
)

// Spec is what one agent is asked to do.
type Spec struct {
	Prompt cursor.Prompt
	// Repository is its web address; "" with a named cloud Environment, which
	// brings its own.
	Repository string
	// Ref is the branch that the agent starts from. The API ignores it when
	// PullRequest is set.
	Ref string
	// PullRequest is the web address of the pull request to work on, or "".
	PullRequest         string
	WorkOnCurrentBranch bool
	// Branch is the one that the agent creates and pushes to; "" leaves its
	// name to us, or to the API where that names branches itself.
	Branch              string
	CreatePR            bool
	SkipReviewerRequest bool
	// OpenAsCursorGithubApp makes Cursor's app the author of the pull request,
	// in place of whom the key belongs to.
	OpenAsCursorGithubApp bool
	Webhook               *cursor.Webhook     // nil: none
	Model                 *cursor.ModelRef    // nil: the account's default
	Mode                  string              // "", "agent" or "plan"
	Title                 string              // of the agent; "" takes the prompt's first line
	Environment           *cursor.Environment // nil: Cursor's own machine
	EnvVars               map[string]string
	MCPServers            []cursor.MCPServer
	// Key takes the prompt's place in what tells this work from others, where
	// the prompt is not the same in every attempt. "" is the prompt.
	Key string
}

// Limits of the API, from its published specification.
const (
	MaxImages      = 5
	maxEnvVars     = 50
	maxEnvName     = 255
	maxEnvValue    = 4096
	maxMCPServers  = 50
	maxAgentName   = 100
	reservedPrefix = "CURSOR_"

	maxWebhookURL    = 2048
	minWebhookSecret = 32
	maxWebhookSecret = 256
)

// Validate reports what the API would refuse, all of it in one error
// (errors.Join), before anything is sent.
func (s Spec) Validate() error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(s.Prompt.Text) == "" {
		problem("the prompt is empty")
	}
	if !utf8.ValidString(s.Prompt.Text) {
		problem("the prompt is not UTF-8")
	}
	if n := len(s.Prompt.Images); n > MaxImages {
		problem("%d images, but an agent takes at most %d", n, MaxImages)
	}
	switch named := s.Environment != nil && s.Environment.Type == "cloud" && s.Environment.Name != ""; {
	case named && s.Repository != "":
		problem("a named cloud environment brings its own repositories: name no repository with it")
	case named && s.PullRequest != "":
		problem("a named cloud environment brings its own repositories: name no pull request with it")
	case !named && s.Repository == "":
		problem("no repository")
	}
	if s.SkipReviewerRequest && !s.CreatePR {
		problem("skipping the reviewer request needs a pull request to be created")
	}
	if s.OpenAsCursorGithubApp && !s.CreatePR {
		problem("opening a pull request as Cursor's app needs one to be created")
	}
	if s.Branch != "" && s.WorkOnCurrentBranch {
		problem("the branch %q can't be created where the agent works on the current one", s.Branch)
	}
	problems = append(problems, ValidateWebhook(s.Webhook), ValidateEnvVars(s.EnvVars), ValidateMCPServers(s.MCPServers))
	return errors.Join(problems...)
}

// ValidateWebhook reports what the API would refuse, without the secret; nil is
// no webhook.
func ValidateWebhook(webhook *cursor.Webhook) error {
	if webhook == nil {
		return nil
	}
	var problems []error
	if n := len(webhook.URL); n == 0 || n > maxWebhookURL {
		problems = append(problems, fmt.Errorf("the webhook's address has %d characters, but 1 to %d are allowed", n, maxWebhookURL))
	}
	if n := len(webhook.Secret); n > 0 && n < minWebhookSecret || n > maxWebhookSecret {
		problems = append(problems, fmt.Errorf("the webhook's secret has %d characters, but %d to %d are allowed", n, minWebhookSecret, maxWebhookSecret))
	}
	return errors.Join(problems...)
}

// ValidateEnvVars reports what the API would refuse in the environment
// variables. Values never stand in the message.
func ValidateEnvVars(vars map[string]string) error {
	var problems []error
	if n := len(vars); n > maxEnvVars {
		problems = append(problems, fmt.Errorf("%d environment variables, but an agent takes at most %d", n, maxEnvVars))
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		switch value := vars[name]; {
		case name == "" || len(name) > maxEnvName:
			problems = append(problems, fmt.Errorf("the name %.40q must have 1 to %d bytes", name, maxEnvName))
		case strings.HasPrefix(strings.ToUpper(name), reservedPrefix):
			problems = append(problems, fmt.Errorf("the name %s is Cursor's own: choose one that does not start with %s", name, reservedPrefix))
		case value == "":
			problems = append(problems, fmt.Errorf("%s has no value", name))
		case len(value) > maxEnvValue:
			problems = append(problems, fmt.Errorf("the value of %s has %d bytes, and at most %d are allowed", name, len(value), maxEnvValue))
		}
	}
	return errors.Join(problems...)
}

// ValidateMCPServers reports what the API would refuse and decoding does not
// see: names and counts.
func ValidateMCPServers(servers []cursor.MCPServer) error {
	var problems []error
	if n := len(servers); n > maxMCPServers {
		problems = append(problems, fmt.Errorf("%d MCP servers, but an agent takes at most %d", n, maxMCPServers))
	}
	seen := map[string]bool{}
	for i, server := range servers {
		switch {
		case server.Name == "":
			problems = append(problems, fmt.Errorf("MCP server %d has no name", i+1))
		case seen[server.Name]:
			problems = append(problems, fmt.Errorf("two MCP servers are named %q", server.Name))
		case (server.Command == "") == (server.URL == ""):
			problems = append(problems, fmt.Errorf("MCP server %q needs either a command or a url", server.Name))
		}
		seen[server.Name] = true
	}
	return errors.Join(problems...)
}

// request is the API's form of s, without identity.
func (s Spec) request() cursor.CreateAgentRequest {
	request := cursor.CreateAgentRequest{
		Prompt:              s.Prompt,
		Model:               s.Model,
		Env:                 s.Environment,
		WorkOnCurrentBranch: s.WorkOnCurrentBranch,
		AutoCreatePR:        s.CreatePR,
		SkipReviewerRequest: s.SkipReviewerRequest,
		EnvVars:             s.EnvVars,
		MCPServers:          s.MCPServers,
		Mode:                s.Mode,

		Branch:                s.Branch,
		OpenAsCursorGithubApp: s.OpenAsCursorGithubApp,
		Webhook:               s.Webhook,
	}
	if s.Repository != "" {
		repo := cursor.Repo{URL: s.Repository, PRURL: s.PullRequest}
		if s.PullRequest == "" {
			repo.StartingRef = s.Ref
		}
		request.Repos = []cursor.Repo{repo}
	}
	return request
}

// Features lists what s asks for that not every version of the API can do. Of
// the names only one that was asked for counts: the mark that we put there goes
// to the branch where agents have no names.
func (s Spec) Features() []cursor.Feature {
	request := s.request()
	request.Name = s.Title
	return request.Features()
}

// hash identifies what is asked for. What may differ between two attempts of
// the same work is left out: the title, and every value that is a credential,
// because tokens are minted anew for each attempt.
func (s Spec) hash() [sha256.Size]byte {
	request := s.request()
	if s.Key != "" {
		request.Prompt.Text = ""
	}
	request.EnvVars = nil
	request.MCPServers = slices.Clone(s.MCPServers)
	for i := range request.MCPServers {
		request.MCPServers[i].Env = nil
		request.MCPServers[i].Headers = nil
		request.MCPServers[i].Auth = nil
	}
	if s.Webhook != nil {
		request.Webhook = &cursor.Webhook{URL: s.Webhook.URL}
	}
	encoded, err := json.Marshal(struct {
		Request cursor.CreateAgentRequest
		EnvVars []string
		Key     string `json:",omitempty"`
	}{request, slices.Sorted(maps.Keys(s.EnvVars)), s.Key})
	if err != nil {
		// The request is made of strings, booleans and numbers only.
		panic(fmt.Errorf("encode spec: %w", err))
	}
	return sha256.Sum256(encoded)
}

// Headline is the agent's title, or the first line of what it is asked, cut to
// 80 runes.
func (s Spec) Headline() string {
	return shorten(s.title(), 80, func(rune) int { return 1 })
}

// title says on one line what the agent is asked to do.
func (s Spec) title() string {
	text := strings.TrimSpace(s.Title)
	if text == "" {
		text, _, _ = strings.Cut(strings.TrimSpace(s.Prompt.Text), "\n")
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}

// shorten cuts text to limit, with an ellipsis in place of what is missing, as
// measured by width.
func shorten(text string, limit int, width func(rune) int) string {
	used, end := 0, 0 // end is where an ellipsis still fits
	for i, r := range text {
		if used < limit {
			end = i
		}
		if used += width(r); used > limit {
			return strings.TrimSpace(text[:end]) + "…"
		}
	}
	return text
}
