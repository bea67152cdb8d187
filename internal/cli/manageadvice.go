package cli

import (
	"errors"
	"net/http"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/doctor"
)

// manageAdvice is the next step after an order that could not be carried out.
func (m *manager) manageAdvice(e entry) string {
	failed, ok := errors.AsType[*cursor.Error](e.err)
	switch {
	case errors.Is(e.err, agent.ErrLive):
		return "end it with command: cancel, or wait for its end"
	case errors.Is(e.err, errArtifacts):
		return "run the step again, or leave artifacts out to delete it without them"
	case errors.Is(e.err, cursor.CodeAgentArchived):
		return "set api-version: v1, because API v0 does nothing with an archived agent"
	case errors.Is(e.err, errGitHub):
		return "run the step again later: nobody knows whether the agent's workflow run is over"
	case e.standing.Live() && m.command != commandList:
		return "its run may still go on: end it at " + where(agent.Handle{AgentID: e.standing.Agent.ID, URL: e.standing.Agent.URL})
	case !ok:
		return againRest
	case failed.Status == 0:
		return "check api-url and the runner's network, and " + againRest
	}
	if failed.Code == cursor.CodeRoleForbidden {
		return "use the key of the agent's owner, or of somebody whose role may do this"
	}
	if remedy, known := doctor.RemedyOf(failed, doctor.StepNames()); known && remedy.Examined() {
		return remedy.String()
	}
	switch {
	case failed.Status == http.StatusForbidden:
		return "use the key of the agent's owner: this one may not do that"
	case failed.Status == http.StatusTooManyRequests:
		return "select fewer agents, or run the step again later, which does what is left"
	case failed.Status >= 500:
		return "see " + cursor.StatusPage + " for the state of Cursor's API, and " + againRest
	case failed.Status >= 300 && failed.Status < 400, failed.Status == http.StatusNotFound:
		return "check api-url: it must be the API's own address"
	}
	return againRest
}
