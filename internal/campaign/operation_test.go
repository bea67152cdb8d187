package campaign_test

import (
	"net/http"
	"strings"
)

// operation is what a request is for, by the name that version 1 has for it.
func operation(method, path string) string {
	if strings.HasPrefix(path, "/v0/") {
		return notionV0(method, path)
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	last := segments[len(segments)-1]
	switch {
	case segments[0] == "repos":
		return "getWorkflowRun"
	case method == http.MethodPost && path == "/v1/agents":
		return "createAgent"
	case path == "/v1/agents":
		return "listAgents"
	case len(segments) == 3 && method == http.MethodGet:
		return "getAgent"
	case len(segments) == 3 && method == http.MethodDelete:
		return "deleteAgent"
	case len(segments) == 4 && last == "runs" && method == http.MethodPost:
		return "createRun"
	case len(segments) == 4 && last == "runs":
		return "listRuns"
	case len(segments) == 5 && segments[3] == "runs":
		return "getRun"
	case last == "stream":
		return "streamRun"
	case last == "cancel":
		return "cancelRun"
	case last == "archive":
		return "archiveAgent"
	case last == "unarchive":
		return "unarchiveAgent"
	case last == "conversation":
		return "getAgentConversationV0"
	case last == "usage":
		return "getAgentUsage"
	case last == "artifacts":
		return "listArtifacts"
	case last == "download":
		return "downloadArtifact"
	}
	return method + " " + path
}
