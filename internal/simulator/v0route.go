package simulator

// v0Routes are the operations of API v0 on the same agents. The specification
// gives them the names that version 1 has for its own, so that they are told
// apart by an ending.
func v0Routes() []route {
	routes := []route{
		{op: "createAgentV0", method: "POST", path: "/v0/agents", handle: (*Server).v0CreateAgent, body: true},
		{op: "listAgentsV0", method: "GET", path: "/v0/agents", handle: (*Server).v0ListAgents},
		{op: "getAgentV0", method: "GET", path: "/v0/agents/{id}", handle: (*Server).v0GetAgent},
		{op: "deleteAgentV0", method: "DELETE", path: "/v0/agents/{id}", handle: (*Server).v0DeleteAgent},
		{op: "addFollowupV0", method: "POST", path: "/v0/agents/{id}/followup", handle: (*Server).v0FollowUp, body: true},
		{op: "stopAgentV0", method: "POST", path: "/v0/agents/{id}/stop", handle: (*Server).v0StopAgent},
		{op: "getAgentConversationV0", method: "GET", path: "/v0/agents/{id}/conversation", handle: (*Server).v0GetConversation},
		{op: "listAgentArtifactsV0", method: "GET", path: "/v0/agents/{id}/artifacts", handle: (*Server).v0ListArtifacts},
		{op: "getAgentArtifactV0", method: "GET", path: "/v0/agents/{id}/artifacts/download", handle: (*Server).v0DownloadArtifact},
		{op: "getMeV0", method: "GET", path: "/v0/me", handle: (*Server).v0Me, free: true},
		{op: "listModelsV0", method: "GET", path: "/v0/models", handle: (*Server).v0ListModels},
		{op: "listRepositoriesV0", method: "GET", path: "/v0/repositories", handle: (*Server).v0ListRepositories},
	}
	for i := range routes {
		routes[i].read, routes[i].shape = readLaunch, v0Shape
	}
	return routes
}

// v0Shape gives a refusal the shape of version 0: that of the specification, or,
// from newer servers, the text alone that was seen on the real service.
func v0Shape(s *Server, a answer) answer {
	if a.problem == nil {
		return a
	}
	shaped := a.problem.answer()
	if s.config.Newer {
		shaped = reply(a.status, map[string]string{"error": a.problem.message})
	}
	shaped.header = a.header
	return shaped
}
