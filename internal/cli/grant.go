package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"cursor-agent-action/internal/forge"
)

// subjectPermission is the permission that the conversation of an issue, a pull
// request or a discussion needs, with read or write.
func subjectPermission(kind forge.SubjectKind) string {
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
	case refused.Status/100 == 2 || refused.Status/100 == 3:
		return "look whether GITHUB_API_URL is the address of GitHub's API" // No permission is missing.
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

// forbidden reports whether the token may not do what it was used for. Of what a
// token may not see GitHub says that it is not there.
func forbidden(err error) bool {
	refused, ok := errors.AsType[*forge.GitHubError](err)
	return ok && !refused.Limited && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound)
}

// elsewhere reports whether the repository at path is another than the workflow's.
func (s *step) elsewhere(path string) bool {
	return path != "" && !strings.EqualFold(path, s.runner.Context().Repository)
}

// elsewhereAdvice is grantAdvice for another repository than the workflow's. No
// permission of the job's helps there: the workflow's own token is for one
// repository alone.
// https://docs.github.com/actions/concepts/security/github_token
func elsewhereAdvice(access, permission, path string) string {
	return fmt.Sprintf("the workflow's own token is for its own repository: set github-token to one that may %s %s in %s", access, permission, path)
}
