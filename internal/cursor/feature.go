package cursor

import "strings"

// Feature is something that not every version of the API can do. It is the name
// of the input that asks for it; where only some values of an input do, a slash
// and a word follow.
type Feature string

// The features.
const (
	FeatureAgentID              Feature = "agent-id" // an id of the caller's choice for a new agent
	FeatureName                 Feature = "name"
	FeatureBranch               Feature = "branch"
	FeatureOpenAsApp            Feature = "open-as-cursor-github-app"
	FeatureWebhook              Feature = "webhook-url"
	FeatureModelParams          Feature = "model/parameters"
	FeatureEnvironment          Feature = "environment"
	FeatureNoRepository         Feature = "repo/none"
	FeatureSeveralRepositories  Feature = "repo/several"
	FeatureWorkOnStartingBranch Feature = "work-on-current-branch/ref" // without a pull request
	FeatureSkipOwnReviewRequest Feature = "skip-reviewer-request/user" // on a pull request that the key's owner opens
	FeatureEnvVars              Feature = "env-vars"
	FeatureMCPServers           Feature = "mcp-servers"
	FeatureSubagents            Feature = "subagents"
	FeatureMode                 Feature = "agent-mode/plan"
	FeatureImageURLs            Feature = "images/address"
	FeatureArchive              Feature = "command/archive"
	FeatureReap                 Feature = "command/reap"
	FeatureUsage                Feature = "max-tokens" // and the figures of a result
	FeatureAge                  Feature = "older-than" // when something last happened to an agent
)

// Input is the name of the input that asks for the feature.
func (f Feature) Input() string {
	input, _, _ := strings.Cut(string(f), "/")
	return input
}

// Features lists what the request asks for that not every version can do.
func (r CreateAgentRequest) Features() []Feature {
	var asked []Feature
	add := func(asks bool, feature Feature) {
		if asks {
			asked = append(asked, feature)
		}
	}
	onPullRequest := len(r.Repos) > 0 && r.Repos[0].PRURL != ""
	add(r.AgentID != "", FeatureAgentID)
	add(r.Name != "", FeatureName)
	add(r.Branch != "", FeatureBranch)
	add(r.OpenAsCursorGithubApp, FeatureOpenAsApp)
	add(r.Webhook != nil, FeatureWebhook)
	add(r.Model != nil && len(r.Model.Params) > 0, FeatureModelParams)
	add(r.Env != nil, FeatureEnvironment)
	add(r.Env == nil && len(r.Repos) == 0, FeatureNoRepository)
	add(len(r.Repos) > 1, FeatureSeveralRepositories)
	add(r.WorkOnCurrentBranch && !onPullRequest, FeatureWorkOnStartingBranch)
	add(r.SkipReviewerRequest && !r.OpenAsCursorGithubApp, FeatureSkipOwnReviewRequest)
	add(len(r.EnvVars) > 0, FeatureEnvVars)
	return append(asked, promptFeatures(r.Prompt, r.MCPServers, r.Mode)...)
}

// Features lists what the request asks for that not every version can do.
func (r CreateRunRequest) Features() []Feature {
	return promptFeatures(r.Prompt, r.MCPServers, r.Mode)
}

func promptFeatures(prompt Prompt, servers []MCPServer, mode string) []Feature {
	var asked []Feature
	if len(servers) > 0 {
		asked = append(asked, FeatureMCPServers)
	}
	if mode != "" && mode != defaultMode {
		asked = append(asked, FeatureMode)
	}
	for _, image := range prompt.Images {
		if image.URL != "" {
			return append(asked, FeatureImageURLs)
		}
	}
	return asked
}

// defaultMode is the mode that every version has.
const defaultMode = "agent"

// refuse returns the error of a call that asks for what this version lacks, nil
// when it has it all. Dropping a part of what was asked for would be a lie.
func (v APIVersion) refuse(op string, asked ...Feature) error {
	var lacks []string
	for _, feature := range asked {
		if reason := v.Lacks(feature); reason != "" {
			lacks = append(lacks, feature.Input()+" "+reason)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &Error{Op: op, Code: CodeFeatureUnavailable, Message: oneLine(strings.Join(lacks, "; "), maxMessage)}
}
