// Package doctor looks at everything that a launch needs before one is paid
// for: the key, the way to Cursor's API, the plan, the model, the repository
// and its branch, and the workflow runner. It says of each what it found and
// what to do, and of what it did not look at that it did not. It launches
// nothing and changes nothing.
package doctor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

// Status is the verdict on one thing.
type Status string

// The verdicts. NotChecked is for what nobody looked at, or could look at: it
// is neither good nor bad.
const (
	OK         Status = "ok"
	Warning    Status = "warning"     // a launch works, and something else may not
	Failed     Status = "failed"      // a launch fails
	NotChecked Status = "not-checked" // see Fix for how to
)

// Finding is what was found about one thing. Found may hold words of the API,
// of GitHub or of the network, one line of them.
type Finding struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Fix    string `json:"fix,omitempty"`  // what to do, in one line; "" when all is well
	Link   string `json:"link,omitempty"` // a page about it, "" for none
}

// The names of the findings, in the order in which they are given.
const (
	connection   = "connection"
	apiKey       = "api-key"
	plan         = "plan"
	model        = "model"
	clock        = "clock"
	githubApp    = "github-app"
	githubToken  = "github-token"
	repository   = "repository"
	branch       = "branch"
	workspace    = "workspace"
	fileCommands = "file-commands"
	jobTimeout   = "job-timeout"
	resultSchema = "result-schema"
)

// Config says what to look at.
type Config struct {
	Key     secret.Text
	APIURL  string            // "" is Cursor's own address
	API     cursor.APIVersion // that a launch would speak
	Version string            // of the product
	Network http.RoundTripper // to Cursor; nil is a transport of our own
	Proxy   string            // what HTTPS_PROXY says, for where no connection comes about
	// Model is the one that a launch would ask for, nil for the account's.
	Model *cursor.ModelRef
	// AskCoverage allows the one question that tells what Cursor's GitHub App
	// covers. It takes tens of seconds, and is answered once a minute.
	AskCoverage bool

	// Repository and Ref are where the agent would start. Where there is none,
	// Place and PlaceOfRef say why, and what to do.
	Repository        forge.Repository
	Ref               string
	Place, PlaceOfRef Missing

	Token        secret.Text // GitHub's
	GitHubAPI    string      // GITHUB_API_URL; "" is that of github.com
	GitHubServer string      // GITHUB_SERVER_URL; "" is https://github.com

	// Step is the workflow step around us, nil on a terminal.
	Step *Step
	// Patience is how long a question to the network may take in all; 0 means
	// 8 seconds. The one of AskCoverage may take two minutes.
	Patience time.Duration
}

// Missing says why something is not known. The zero value says nothing.
type Missing struct {
	Wrong      bool // it was given, and can't be used
	Found, Fix string
}

// Step is what there is to look at in a workflow step only.
type Step struct {
	Runner  *actions.Runner
	Timeout time.Duration // how long the step would wait for an agent
	// Writes is true when a launch would write into the workspace.
	Writes bool
	// Schema says what is wrong with the result-schema of a launch, nothing when
	// it can be used; nil is a launch that asks for none.
	Schema *Missing
}

const (
	defaultPatience  = 8 * time.Second
	coveragePatience = 2 * time.Minute
)

// errPatience ends a question that took too long.
var errPatience = errors.New("nothing came in time")

// Examine looks at everything, at independent things at once, and returns what
// it found, always in the same order.
func Examine(ctx context.Context, c Config) []Finding {
	if c.Patience <= 0 {
		c.Patience = defaultPatience
	}
	checks := []func(context.Context) []Finding{c.account, c.coverage, c.place}
	if c.Step != nil {
		checks = append(checks, c.surroundings, c.jobTime, c.schema)
	}
	found := make([][]Finding, len(checks))
	var all sync.WaitGroup
	for i, check := range checks {
		all.Go(func() { found[i] = check(ctx) })
	}
	all.Wait()
	findings := slices.Concat(found...)
	for i := range findings {
		findings[i].Found, findings[i].Fix = sentence(findings[i].Found), sentence(findings[i].Fix)
	}
	return findings
}

// maxSentence is the longest text of a finding, in characters.
const maxSentence = 700

// sentence is text on one line of bounded length: certificates and answers may
// say as much as they like.
func sentence(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= maxSentence {
		return string(runes)
	}
	return string(runes[:maxSentence-1]) + "…"
}

// Healthy reports whether nothing failed.
func Healthy(findings []Finding) bool {
	return !slices.ContainsFunc(findings, func(f Finding) bool { return f.Status == Failed })
}

// say is one word in a workflow step and another one on a terminal.
func (c Config) say(step, terminal string) string {
	if c.Step != nil {
		return step
	}
	return terminal
}

// unasked are findings about what nobody could ask.
func unasked(found string, names ...string) []Finding {
	var list []Finding
	for _, name := range names {
		list = append(list, Finding{Name: name, Status: NotChecked, Found: found})
	}
	return list
}
