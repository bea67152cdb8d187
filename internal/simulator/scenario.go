package simulator

import "time"

// Scenario decides what an agent does and what goes wrong on the way. In a
// YAML file the fields have the names in their tags; durations are written
// like 300ms or 20m.
//
// In texts, tool arguments, tool results and the messages of faults these words
// are replaced: {agent} by the agent's id, {prompt} by the prompt's first line,
// {repo} by the repository as owner/name, {ref} by the branch the agent started
// from, {branch} by the branch the agent pushes to.
type Scenario struct {
	// Name and Description say what the scenario is for; they change nothing.
	Name        string `yaml:"name"`
	Description string `yaml:"description"`

	// Variants are other scenarios for some of the agents: a run whose prompt
	// contains the text of a variant's Match plays that variant, the first that
	// matches. Variants have no variants of their own.
	Variants []Scenario `yaml:"variants"`

	// Match, in a variant, is the text that the prompt must contain.
	Match string `yaml:"match"`

	// Use, in a variant of a file, names a built-in scenario to play. It stands
	// alone beside Match.
	Use string `yaml:"use"`

	// CreateDelay is how long a run is CREATING before it is RUNNING.
	CreateDelay time.Duration `yaml:"create-delay"`

	// Steps are played one after the other while the run is RUNNING. All that a
	// run said is kept until the server ends, about 200 bytes an event.
	Steps []Step `yaml:"steps"`

	// Duration is how long the run is RUNNING at least; the time after the last
	// step is silent.
	Duration time.Duration `yaml:"duration"`

	// Status is how the run ends: FINISHED, ERROR, CANCELLED or EXPIRED; ""
	// means FINISHED.
	Status string `yaml:"status"`

	// Result is the agent's final text. "" means the last text step.
	Result string `yaml:"result"`

	// Error is why the run failed. Only newer servers tell (Config.Newer).
	Error *RunError `yaml:"error"`

	// Branch is what the agent pushes to when the run ends: "" means that it
	// pushes nothing, auto a branch like cursor/fix-the-test-1a2b, or the
	// starting branch where the request says so; anything else is the branch's
	// name. It belongs to the repository of the create request; an agent without
	// repository pushes nothing.
	Branch string `yaml:"branch"`

	// PullRequest is opened from Branch when the request asks for one.
	PullRequest PullRequest `yaml:"pr"`

	// PRAfter is how long after the run's end the pull request shows.
	PRAfter time.Duration `yaml:"pr-after"`

	// Usage is what the whole run consumes; a live run shows its share so far.
	Usage Usage `yaml:"usage"`

	// Cost is what the run costs. Only newer servers tell (Config.Newer).
	Cost *Cost `yaml:"cost"`

	// Artifacts are the files that the agent leaves when the run ends.
	Artifacts []Artifact `yaml:"artifacts"`

	// Heartbeat is the silence on a stream after which a heartbeat event is
	// sent; 0 means 15 s.
	Heartbeat time.Duration `yaml:"heartbeat"`

	// Retention is how long after the run's end its stream can be read; 0 means
	// 345600 s, four days.
	Retention time.Duration `yaml:"retention"`

	// Lag is how far the answers of GET run and of the list of runs are behind
	// the truth, which the stream tells.
	Lag time.Duration `yaml:"lag"`

	// ConversationLag is how far the conversation that version 0 gives is behind
	// the truth. A prompt stands there when its run has started.
	ConversationLag time.Duration `yaml:"conversation-lag"`

	// NoConversation leaves what is said in the run out of the conversation, as
	// happens to agents that run for very long.
	NoConversation bool `yaml:"no-conversation"`

	// Cancel is what comes of a cancel request.
	Cancel Cancel `yaml:"cancel"`

	// Account is what the account may use. Variants have the account of the
	// scenario that they stand in.
	Account Account `yaml:"account"`

	// Faults are what goes wrong with requests; Streams with streams.
	Faults  []Fault       `yaml:"faults"`
	Streams []StreamFault `yaml:"streams"`

	// Seed decides the faults that come by probability.
	Seed uint64 `yaml:"seed"`
}

// Step is one thing that an agent does. Exactly one of Text, Thinking, Tool,
// Wait and Steps is set.
type Step struct {
	// Text is said to the user, Thinking only thought; both arrive as several
	// deltas, spread over Takes.
	Text     string `yaml:"text"`
	Thinking string `yaml:"thinking"`

	// Tool is the name of a tool that is called with Args and answers Result
	// after Takes. Truncated leaves Result out as the API does with large ones.
	Tool      string `yaml:"tool"`
	Args      any    `yaml:"args"`
	Result    any    `yaml:"result"`
	Truncated bool   `yaml:"truncated"`

	// Takes is how long the text, the thought or the tool call lasts.
	Takes time.Duration `yaml:"takes"`

	// Wait is silence.
	Wait time.Duration `yaml:"wait"`

	// Steps are played Repeat times; 0 means once.
	Steps  []Step `yaml:"steps"`
	Repeat int    `yaml:"repeat"`
}

// RunError is why a run failed.
type RunError struct {
	Code    string `yaml:"code" json:"code,omitempty"`
	Message string `yaml:"message" json:"message"`
}

// PullRequest says whether an agent that was asked for a pull request opens
// one. In a file it is true, false, the pull request's number, or its URL.
type PullRequest struct {
	Open   bool
	Number int    // 0 means one that is derived from the agent's id
	URL    string // "" means the one that follows from repository and number
}

// Usage counts tokens.
type Usage struct {
	Input      int64 `yaml:"input"`
	Output     int64 `yaml:"output"`
	CacheWrite int64 `yaml:"cache-write"`
	CacheRead  int64 `yaml:"cache-read"`
}

// Cost is money in US cents, with fractions.
type Cost struct {
	Raw     float64 `yaml:"raw" json:"rawCostCents"`
	Charged float64 `yaml:"charged" json:"chargedCents"`
}

// Artifact is a file that an agent leaves.
type Artifact struct {
	Path    string `yaml:"path"`    // as the API lists it: artifacts/...
	Content string `yaml:"content"` // the file's bytes
	Size    int64  `yaml:"size"`    // without Content: so many bytes of a pattern, in a scenario file at most 64 MiB
}

// Cancel is what comes of a cancel request that the server accepted.
type Cancel struct {
	// After is how long the run goes on, in silence, before it is CANCELLED.
	After time.Duration `yaml:"after"`
	// Ignored leaves the run going on as if nothing had been asked.
	Ignored bool `yaml:"ignored"`
	// ShownAs is the status that version 0 gives an agent whose run was
	// cancelled, which no document says; "" means FINISHED.
	ShownAs string `yaml:"shown-as"`
}

// Account is what the account behind the keys may use.
type Account struct {
	// NoRepo allows agents without repository.
	NoRepo bool `yaml:"no-repo"`
	// NoUsage refuses usage with 403 feature_unavailable.
	NoUsage bool `yaml:"no-usage"`
	// NoPlan refuses everything but the key's own data with 403 plan_required.
	NoPlan bool `yaml:"no-plan"`
	// NoEnvVars ignores environment variables without a word.
	NoEnvVars bool `yaml:"no-env-vars"`
	// Metadata allows metadata, which no specification names; without it they
	// are refused with 403 feature_unavailable.
	Metadata bool `yaml:"metadata"`
}
