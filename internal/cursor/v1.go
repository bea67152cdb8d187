package cursor

// openV1 returns a client of version 1.
func openV1(config Config) (API, error) {
	c, err := New(config)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Version implements API.
func (c *Client) Version() APIVersion { return V1 }

// lacksV1 says what version 1 can't do. An undocumented field of the create
// opens pull requests as Cursor's app, which is nothing to build on.
func lacksV1(feature Feature) string {
	switch feature {
	case FeatureBranch:
		return "needs api-version: v0, because API v1 names branches itself: set that, or make the branch first and start from it with work-on-current-branch: true"
	case FeatureOpenAsApp:
		return "needs api-version: v0, because API v1 opens pull requests as whom the key belongs to: set that, or leave it out"
	case FeatureWebhook:
		return "needs api-version: v0, because API v1 calls no webhooks: set that, or leave it out"
	}
	return ""
}

func previewV1(request CreateAgentRequest) (path string, body any) { return agentsPathV1, request }

func previewRunV1(agentID string, request CreateRunRequest) (path string, body any) {
	return agentsPathV1 + "/" + agentID + "/runs", request
}

// findByV1: an id of our own excludes environment variables.
func findByV1(request CreateAgentRequest) FindBy {
	if len(request.EnvVars) > 0 {
		return ByName
	}
	return ByID
}
