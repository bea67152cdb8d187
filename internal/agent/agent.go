// Package agent is one piece of work given to one Cursor agent: it launches
// the agent at most once, follows its run to the end and says what came of it.
// It knows the Cursor API and nothing of GitHub.
package agent

import (
	"math/rand/v2"
	"time"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// Config is what every piece of work shares.
type Config struct {
	// Client speaks to the API, in any of its versions. Required.
	Client cursor.API
	// Key is the API key. The derived agent ids are keyed with it, so that
	// nobody else can guess an id and take it.
	Key secret.Text
	// Observe is told everything that happens, in order, from one goroutine
	// at a time. It must not block for long. May be nil.
	Observe func(Update)
	// Redact takes the secrets out of a text that is about to be cut: what is left
	// of one then nobody finds. nil leaves it as it is.
	Redact func(string) string
	// PollInterval is the first wait between two looks at a run while its
	// event stream is away; it grows to six times that. 0 means 10 s.
	PollInterval time.Duration
	// QuietAfter is how long nothing must have happened before a Quiet update
	// says so, and again after each such time. 0 means one minute.
	QuietAfter time.Duration
	// Random returns numbers from 0 to below 1, for the jitter of waits. It is
	// used by several goroutines at once. nil means math/rand's.
	Random func() float64
}

// Agents launches and follows agents. It holds no state of any one of them, so
// one value serves many pieces of work at once.
type Agents struct {
	client       cursor.API
	key          secret.Text
	observe      func(Update)
	redact       func(string) string
	pollInterval time.Duration
	quietAfter   time.Duration
	random       func() float64
}

// New returns an Agents with the defaults of Config filled in.
func New(config Config) *Agents {
	agents := &Agents{
		client:       config.Client,
		key:          config.Key,
		observe:      config.Observe,
		redact:       config.Redact,
		pollInterval: config.PollInterval,
		quietAfter:   config.QuietAfter,
		random:       config.Random,
	}
	if agents.observe == nil {
		agents.observe = func(Update) {}
	}
	if agents.redact == nil {
		agents.redact = func(text string) string { return text }
	}
	if agents.pollInterval == 0 {
		agents.pollInterval = 10 * time.Second
	}
	if agents.quietAfter == 0 {
		agents.quietAfter = time.Minute
	}
	if agents.random == nil {
		agents.random = rand.Float64
	}
	return agents
}

// Handle is an agent with the run that does the work.
type Handle struct {
	AgentID string // "bc-" and a UUID
	RunID   string // "" while only the agent's intended id is known
	URL     string // of the agent's page
	Status  cursor.RunStatus
	// Attached is true when no new agent was made: an earlier attempt of the
	// same work made this one.
	Attached bool
	// Generation counts the agents of one piece of work from 0; it grows when
	// an earlier attempt's agent ended badly.
	Generation int
}
