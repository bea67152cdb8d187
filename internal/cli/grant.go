package cli

import (
	"errors"
	"net/http"
	"strings"

	"cursor-agent-action/internal/forge"
)

// talkPermission is the permission that writing into the conversation takes.
func talkPermission(kind forge.SubjectKind) string {
	switch kind {
	case forge.SubjectPullRequest:
		return "pull-requests"
	case forge.SubjectDiscussion:
		return "discussions"
	}
	return "issues"
}

// grantAdvice is the next step where GitHub refused something that needs a
// permission to write, or several with "and" between them.
func grantAdvice(err error, permission string) string {
	refused, ok := errors.AsType[*forge.GitHubError](err)
	switch {
	case !ok || refused.Status == 0 || refused.Status >= 500 || refused.Limited:
		return "the agent's work does not suffer"
	case refused.SSO != "":
		return "authorise the token for the organisation at " + refused.SSO
	case refused.Status == http.StatusUnauthorized:
		return "leave github-token at its default, ${{ github.token }}, or set a token that is valid"
	case refused.Status == http.StatusGone:
		return "it was deleted, and nothing can be written there"
	case strings.Contains(refused.Message, "is locked"):
		return "unlock the conversation, or read the summary of the workflow run instead"
	case refused.Status == http.StatusUnprocessableEntity:
		return "the agent's work does not suffer"
	case refused.Status == http.StatusNotFound && permission == "discussions":
		return "look whether the discussion is still there, and give the job permissions: discussions: write"
	case refused.Classic:
		return "give the token the scope repo, which it does not have"
	}
	return "give the job permissions: " + strings.ReplaceAll(permission, " and ", ": write and ") + ": write"
}
