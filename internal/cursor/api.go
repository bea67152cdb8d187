package cursor

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
)

// API is what every version of the Cursor API offers, in the words of the
// newest: *Client speaks version 1 and *ClientV0 version 0. An implementation
// may be used by many goroutines.
//
// What a version lacks is known before anything is sent, by APIVersion.Lacks. A
// call that asks for it all the same is refused by the client itself, with
// CodeFeatureUnavailable.
type API interface {
	// Version says which version is spoken.
	Version() APIVersion

	CreateAgent(ctx context.Context, request CreateAgentRequest) (Created, error)
	GetAgent(ctx context.Context, agentID string) (Agent, error)
	ListAgents(ctx context.Context, options ListAgentsOptions) iter.Seq2[Agent, error]
	ArchiveAgent(ctx context.Context, agentID string) error
	UnarchiveAgent(ctx context.Context, agentID string) error
	DeleteAgent(ctx context.Context, agentID string) error

	CreateRun(ctx context.Context, agentID string, request CreateRunRequest) (Run, error)
	GetRun(ctx context.Context, agentID, runID string) (Run, error)
	ListRuns(ctx context.Context, agentID string) iter.Seq2[Run, error]
	CancelRun(ctx context.Context, agentID, runID string) error
	StreamRun(ctx context.Context, agentID, runID, lastEventID string) iter.Seq2[Event, error]

	Conversation(ctx context.Context, agentID string) ([]Message, error)
	Usage(ctx context.Context, agentID, runID string) (Usage, error)
	ListArtifacts(ctx context.Context, agentID string) ([]Artifact, error)
	ArtifactURL(ctx context.Context, agentID, artifactPath string) (Download, error)
	Download(ctx context.Context, rawURL string, w io.Writer, limit int64) (int64, error)

	Me(ctx context.Context) (Me, error)
	Models(ctx context.Context) ([]Model, error)
	Repositories(ctx context.Context) ([]string, error)
}

var (
	_ API = (*Client)(nil)
	_ API = (*ClientV0)(nil)
)

// APIVersion is a version of the Cursor API; "" means V1.
type APIVersion string

// The versions, which serve the same agents.
const (
	V1 APIVersion = "v1" // the Cloud Agents API
	V0 APIVersion = "v0" // the Background Agents API
)

// APIVersions is every version, the newest first.
func APIVersions() []APIVersion { return []APIVersion{V1, V0} }

// Open checks config and returns a client of that version. It sends nothing.
func (v APIVersion) Open(config Config) (API, error) {
	if v != "" && !slices.Contains(APIVersions(), v) {
		return nil, fmt.Errorf("the API version %q is not known; use %s or %s", v, V1, V0)
	}
	return v.traits().open(config)
}

// Lacks returns why this version can't do what feature is, as a sentence that
// follows the input's name (Feature.Input) and ends with what to do. It is ""
// for what the version can do.
func (v APIVersion) Lacks(feature Feature) string { return v.traits().lacks(feature) }

// FindBy says how the agent of a create can be found again when its answer was
// lost, or by a later attempt at the same work.
func (v APIVersion) FindBy(request CreateAgentRequest) FindBy { return v.traits().findBy(request) }

// Preview is what CreateAgent sends for a request that asks for nothing the
// version lacks: the path of a POST, and its body, which encodes as JSON.
func (v APIVersion) Preview(request CreateAgentRequest) (path string, body any) {
	return v.traits().preview(request)
}

// PreviewRun is what CreateRun sends, as Preview is of CreateAgent.
func (v APIVersion) PreviewRun(agentID string, request CreateRunRequest) (path string, body any) {
	return v.traits().previewRun(agentID, request)
}

// FindBy is a way to find an agent again.
type FindBy int

const (
	// ByID: the agent has the AgentID that the request gives it.
	ByID FindBy = iota
	// ByName: the API chooses the id, and the agent has the request's Name.
	ByName
	// ByBranch: the API chooses id and name, and the agent works on the branch
	// that the request names.
	ByBranch
	// ByPullRequest: nothing of ours is on the agent; it is one of those that
	// work on the request's pull request.
	ByPullRequest
)

// traits is what tells the versions apart before anything is sent.
type traits struct {
	open       func(Config) (API, error)
	lacks      func(Feature) string
	findBy     func(CreateAgentRequest) FindBy
	preview    func(CreateAgentRequest) (path string, body any)
	previewRun func(agentID string, request CreateRunRequest) (path string, body any)
}

func (v APIVersion) traits() traits {
	if v == V0 {
		return traits{openV0, lacksV0, findByV0, previewV0, previewRunV0}
	}
	return traits{openV1, lacksV1, findByV1, previewV1, previewRunV1}
}
