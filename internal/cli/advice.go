package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// Pages that a next step points at.
const (
	keysPage   = "https://cursor.com/dashboard/api"
	planPage   = "https://cursor.com/dashboard"
	githubPage = "https://cursor.com/dashboard/integrations"
	statusPage = "https://status.cursor.com"
)

// explained is the result with the reason and the next step of an agent's own
// end, where nobody has said them yet; a success has neither.
func explained(result agent.Result) agent.Result {
	if result.Reason != "" {
		return result
	}
	switch result.Outcome {
	case agent.OutcomeNoChanges:
		result.Reason = "the agent finished and pushed nothing"
		result.NextStep = "read its answer: it may have found nothing to change"
	case agent.OutcomePRMissing:
		result.Reason = fmt.Sprintf("the agent pushed the branch %s, but no pull request was there %s after its end", result.Pushed.Branch, result.Awaited)
		result.NextStep = "open one from the branch, or ask the agent to at " + result.URL
	case agent.OutcomeAgentError:
		result.Reason = faultReason(result.Run.Error)
		result.NextStep = "read its conversation at " + result.URL + " and run the job again: that launches a new agent"
	case agent.OutcomeExpired:
		result.Reason = "Cursor gave the run up before it finished"
		result.NextStep = "run the job again to launch a new agent, and give it a smaller task if that repeats"
	case agent.OutcomeCancelled:
		if result.Run.Status == cursor.RunFinished {
			result.Reason = "the wait for the agent's pull request was interrupted"
			result.NextStep = "run the job again: that takes the agent's result"
			break
		}
		result.Reason = "the run was cancelled in Cursor, not by this workflow"
		result.NextStep = "run the job again to launch a new agent, or see " + result.URL
	}
	return result
}

// faultReason says why an agent failed, as far as the API does.
func faultReason(fault *cursor.RunFault) string {
	if fault == nil {
		fault = &cursor.RunFault{}
	}
	// The first line of a stack of them names the cause.
	message, _, _ := strings.Cut(strings.TrimSpace(fault.Message), "\n")
	message = strings.TrimSpace(message)
	switch {
	case message == "" && fault.Code == "":
		return "the agent failed, and Cursor gives no reason"
	case message == "":
		return fmt.Sprintf("the agent failed (%s), and Cursor gives no other reason", fault.Code)
	case fault.Code == "":
		return "the agent failed: " + message
	}
	return fmt.Sprintf("the agent failed: %s (%s)", message, fault.Code)
}

// explain says why the API can't be used, and what to do about it, one line
// each. Only for an unknown model does it ask the API: for the names it knows.
func (s *step) explain(ctx context.Context, err error) (reason, next string) {
	reason = oneLine(err)
	failed, ok := errors.AsType[*cursor.Error](err)
	switch {
	case errors.Is(err, agent.ErrAmbiguous):
		return reason, "look for it at " + agentsPage + " before you run the job again, which may launch a second one"
	case !ok:
		return reason, "run the job again"
	case failed.Status == 0:
		return reason, s.networkAdvice(failed)
	case branchCheckFailed(failed):
		return reason, fmt.Sprintf("this is mostly missing access, not a missing branch: install Cursor's GitHub App for %s at %s, with the account that the key belongs to; then check ref", s.repository.Path, githubPage)
	case s.spec.Model != nil && unknownModel(failed):
		return reason, s.modelAdvice(ctx)
	}
	if next := codeAdvice(failed.Code); next != "" {
		if failed.HelpURL != "" {
			next += " (" + failed.HelpURL + ")"
		}
		return reason, next
	}
	return reason, statusAdvice(failed)
}

// codeAdvice is the next step for the codes by which the API refuses for good,
// "" for other codes.
func codeAdvice(code cursor.Code) string {
	switch code {
	case cursor.CodePlanRequired:
		return "upgrade the plan of the key's account at " + planPage
	case cursor.CodeRoleForbidden:
		return "use the key of a user whose role may launch cloud agents, or ask a team admin for that role"
	case cursor.CodeFeatureUnavailable:
		return "this is not enabled for the key's account: leave out the input that needs it, or ask Cursor to enable it"
	case cursor.CodeServiceAccountRequired:
		return "use the key of a service account"
	case cursor.CodeTeamAdminRequired:
		return "use a user key that belongs to an admin of the team: keys of the team itself do not work here"
	case cursor.CodeKeyNotSupported:
		return "create a key of a user or service account at " + keysPage + " and use that"
	case cursor.CodeIntegrationNotConnected:
		return "connect the code host to Cursor at " + githubPage
	case cursor.CodeRepositoryAccess:
		return "give Cursor access to the repository at " + githubPage
	case cursor.CodeRepositoryRequired:
		return "set repo: the key's account may not run agents without a repository"
	case cursor.CodeInvalidBranchName:
		return "set ref to a branch that exists"
	case cursor.CodePRResolutionFailed:
		return "check pull-request, and that Cursor can read its repository: " + githubPage
	case cursor.CodeUsageLimitExceeded:
		return "raise the spend limit of the key's account at " + planPage
	case cursor.CodeEnvironmentNotFound:
		return "set environment to the name of one that the key's account has"
	case cursor.CodeAgentBusy:
		return "wait until the agent's live run has ended, or cancel that at " + agentsPage + ", and run the job again"
	case cursor.CodeAgentArchived:
		return "unarchive the agent at " + agentsPage + ", and run the job again"
	case cursor.CodeAgentNotFound, cursor.CodeRunNotFound:
		return "the agent was deleted, or the key is of another account: run the job again with that account's key"
	}
	return ""
}

// statusAdvice is the next step where the code says nothing.
func statusAdvice(failed *cursor.Error) string {
	switch status := failed.Status; {
	case status == http.StatusUnauthorized:
		return "check the secret behind api-key: keys of users and service accounts work, keys of team admins do not; create one at " + keysPage
	case status == http.StatusForbidden:
		return "the key's account may not do this: check its plan and role at " + planPage + ", and that Cursor's GitHub App covers the repository"
	case status == http.StatusNotFound:
		return "check api-url: there is no such API at that address"
	case status == http.StatusProxyAuthRequired:
		return "the proxy asks for credentials: put them into HTTPS_PROXY"
	case status == http.StatusTooManyRequests && strings.Contains(failed.Message, "reached the limit"):
		return "archive old agents at " + agentsPage + ": they count until then"
	case status == http.StatusTooManyRequests:
		return "run fewer jobs at once, or run this one again later"
	case status >= 500:
		return "Cursor's API is in trouble (" + statusPage + "): run the job again later; if an agent was launched after all, that attaches to it"
	case status >= 300 && status < 400:
		return "check api-url: it must be the API's own address"
	}
	if failed.MaybeDone {
		return "run the job again: if an agent was launched after all, that attaches to it"
	}
	return "correct the input that the message names; nothing was launched"
}

// branchCheckFailed reports whether Cursor could not see the branch, by the
// text, which is all that tells.
func branchCheckFailed(failed *cursor.Error) bool {
	return strings.Contains(failed.Message, "verify existence of branch") || strings.Contains(failed.Message, "determine repository default branch")
}

// unknownModel reports whether the model was refused: two codes and two texts
// are in use for that.
func unknownModel(failed *cursor.Error) bool {
	return failed.Code == cursor.CodeInvalidModel || failed.Status == http.StatusBadRequest && strings.Contains(failed.Message, "does not match a known variant")
}

// modelAdvice names the models that are nearest to the asked one.
func (s *step) modelAdvice(ctx context.Context) string {
	models, err := s.client.Models(ctx)
	if err != nil || len(models) == 0 {
		return "set model to one that your account has, or leave it out"
	}
	var names []string
	for _, model := range models {
		names = append(append(names, model.ID), model.Aliases...)
	}
	nearest := actions.Nearest(s.spec.Model.ID, names, 3)
	if len(nearest) == 0 {
		nearest = names[:min(len(names), 8)]
		return "set model to one that your account has, such as " + strings.Join(nearest, ", ") + ", or leave it out"
	}
	return "did you mean " + strings.Join(nearest, " or ") + "? leave model out for the account's default"
}

// networkAdvice is the next step when no answer came.
func (s *step) networkAdvice(failed *cursor.Error) string {
	if _, ok := errors.AsType[*net.DNSError](failed); ok {
		return "check api-url and the runner's DNS and network"
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](failed)
	_, noTLS := errors.AsType[tls.RecordHeaderError](failed)
	switch {
	case untrusted:
		return "if a proxy or a private authority signs this address, put its certificate into the file that SSL_CERT_FILE names"
	case noTLS:
		return "check api-url: what answers there does not speak TLS"
	}
	return "check api-url and the runner's network, and run the job again: if an agent was launched after all, that attaches to it"
}
