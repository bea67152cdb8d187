package cursor

// Code is the machine-readable word of an API error. It implements error, so
// that errors.Is(err, cursor.CodeAgentBusy) matches any *Error with that code.
// Codes that are not listed here pass unchanged.
type Code string

// Error returns the code itself.
func (c Code) Error() string { return string(c) }

// The codes that the API documents for agents, runs and accounts. The HTTP
// status they come with is not part of the contract.
const (
	CodeUnauthorized   Code = "unauthorized"
	CodeAPIKeyNotFound Code = "api_key_not_found"

	CodePlanRequired            Code = "plan_required"
	CodeRoleForbidden           Code = "role_forbidden"
	CodeFeatureUnavailable      Code = "feature_unavailable"
	CodeServiceAccountRequired  Code = "service_account_required"
	CodeIntegrationNotConnected Code = "integration_not_connected"
	CodeTeamAdminRequired       Code = "team_admin_required"
	CodeKeyNotSupported         Code = "key_not_supported"
	CodeRepositoryAccess        Code = "repository_access"

	CodeValidationError    Code = "validation_error"
	CodeMissingBody        Code = "missing_body"
	CodeInvalidModel       Code = "invalid_model"
	CodeInvalidBranchName  Code = "invalid_branch_name"
	CodeRepositoryRequired Code = "repository_required"
	CodePRResolutionFailed Code = "pr_resolution_failed"
	CodeInvalidLastEventID Code = "invalid_last_event_id"
	CodeDuplicateJSONKey   Code = "duplicate_json_key"

	CodeAgentNotFound       Code = "agent_not_found"
	CodeRunNotFound         Code = "run_not_found"
	CodeArtifactNotFound    Code = "artifact_not_found"
	CodeEnvironmentNotFound Code = "environment_not_found"
	CodeBuildNotFound       Code = "build_not_found"

	CodeAgentBusy               Code = "agent_busy"
	CodeAgentArchived           Code = "agent_archived"
	CodeAgentIDConflict         Code = "agent_id_conflict"
	CodeRunNotCancellable       Code = "run_not_cancellable"
	CodeEnvironmentNameConflict Code = "environment_name_conflict"

	CodeStreamExpired     Code = "stream_expired"
	CodeStreamUnavailable Code = "stream_unavailable"

	CodeRateLimitExceeded  Code = "rate_limit_exceeded"
	CodeUsageLimitExceeded Code = "usage_limit_exceeded"

	CodeClientCancelled Code = "client_cancelled"
	CodeNotImplemented  Code = "not_implemented"
	CodeUpstreamError   Code = "upstream_error"
	CodeInternalError   Code = "internal_error"

	// CodeUnanswered is the client's own, of a run of version 0 whose agent rests
	// with the prompt unanswered: it was cancelled, or ended without a word.
	CodeUnanswered Code = "unanswered"
)
