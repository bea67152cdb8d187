package cursor

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// defaultPollInterval is far below the rate that the API allows, also with two
// requests each time.
const defaultPollInterval = 10 * time.Second

// ClientV0 speaks version 0 of the API, the Background Agents API, in the words
// of version 1. There an agent is one thing with one state: it has neither runs
// nor streams. The client makes runs from the agent's conversation, and a
// stream by reading it again and again.
//
// It remembers what it saw of the runs that it was asked about, because the API
// can't tell an agent that was stopped from one that has finished, nor the end
// of a follow-up from the end of the run before it. It may be used by many
// goroutines.
type ClientV0 struct {
	wire *Client // connection, retries and errors
	poll time.Duration

	mu   sync.Mutex
	seen map[runKey]witness
}

// NewV0 checks config and returns a client for it. It sends nothing.
func NewV0(config Config) (*ClientV0, error) {
	wire, err := New(config)
	if err != nil {
		return nil, err
	}
	poll := config.PollInterval
	if poll <= 0 {
		poll = defaultPollInterval
	}
	return &ClientV0{wire: wire, poll: poll, seen: map[runKey]witness{}}, nil
}

func openV0(config Config) (API, error) {
	v, err := NewV0(config)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Version implements API.
func (v *ClientV0) Version() APIVersion { return V0 }

// Format implements fmt.Formatter, for the reason that Client has.
func (v *ClientV0) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "cursor.ClientV0(%s)", v.wire.base) }

// lacksV0 says what version 0 can't do.
func lacksV0(feature Feature) string {
	because := func(why, otherwise string) string {
		return "needs api-version: v1, because API v0 " + why + ": set that, or " + otherwise
	}
	const leaveOut = "leave it out"
	switch feature {
	case FeatureAgentID:
		return because("chooses the ids of agents itself", leaveOut)
	case FeatureName:
		return because("names agents itself", leaveOut)
	case FeatureModelParams:
		return because("takes a model's id alone", "leave the parameters out")
	case FeatureEnvironment:
		return because("runs agents on Cursor's own machines only", leaveOut)
	case FeatureNoRepository:
		return because("has no agents without a repository", "name one")
	case FeatureSeveralRepositories:
		return because("gives an agent one repository", "name one alone")
	case FeatureWorkOnStartingBranch:
		return because("pushes to an existing branch only where that is a pull request's", "name the pull request in pull-request")
	case FeatureSkipOwnReviewRequest:
		return because("asks for a review of every pull request that the key's owner opens", "set open-as-cursor-github-app: true")
	case FeatureEnvVars:
		return because("takes no environment variables", leaveOut)
	case FeatureMCPServers:
		return because("takes no MCP servers", leaveOut)
	case FeatureSubagents:
		return because("takes no subagents", leaveOut)
	case FeatureMode:
		return because("has no plan mode", "ask for a plan in the prompt")
	case FeatureImageURLs:
		return because("fetches no images", "give files of the workspace in place of addresses")
	case FeatureArchive:
		return because("can't archive agents", "delete the agent")
	case FeatureReap:
		return because("lets agents carry no mark, by which reap knows them, and can't archive them", "cancel agents by pull-request")
	case FeatureAge:
		return because("tells when an agent was launched and not when something last happened to it", "select agents by name, by pull-request or by their ids")
	case FeatureUsage:
		return because("does not tell what an agent has used", leaveOut)
	}
	return ""
}

// findByV0: the branch is the only thing of a new agent that we can name, and
// an agent that pushes to a pull request's branch has not even that.
func findByV0(request CreateAgentRequest) FindBy {
	if request.WorkOnCurrentBranch && len(request.Repos) > 0 && request.Repos[0].PRURL != "" {
		return ByPullRequest
	}
	return ByBranch
}

// wordsV0 are the codes of answers about an agent, which carry none in version
// 0: its errors are {"error":"text"}.
func wordsV0() map[int]Code {
	return map[int]Code{http.StatusNotFound: CodeAgentNotFound, http.StatusConflict: CodeAgentArchived}
}
