package cursor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// calls are one of each kind, by what a second attempt could do.
var calls = []struct {
	name string
	call func(context.Context, *cursor.Client) error
}{
	{"GET", func(ctx context.Context, c *cursor.Client) error { _, err := c.GetAgent(ctx, agentID); return err }},
	{"DELETE", func(ctx context.Context, c *cursor.Client) error { return c.DeleteAgent(ctx, agentID) }},
	{"safe POST", func(ctx context.Context, c *cursor.Client) error { return c.CancelRun(ctx, agentID, runID) }},
	{"create with id", func(ctx context.Context, c *cursor.Client) error {
		_, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{AgentID: agentID, Prompt: cursor.Prompt{Text: "p"}})
		return err
	}},
	{"create without id", func(ctx context.Context, c *cursor.Client) error {
		_, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}})
		return err
	}},
	{"create run", func(ctx context.Context, c *cursor.Client) error {
		_, err := c.CreateRun(ctx, agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "p"}})
		return err
	}},
}

// verdict is what an error says about repeating the call.
type verdict struct {
	Class     cursor.Class
	MaybeDone bool
}

func TestTheCodeDecidesTheClassThenTheStatus(t *testing.T) {
	t.Parallel()
	// Of each outcome: what a reading call, a safe one and an unsafe one get.
	refused := [3]verdict{{cursor.Final, false}, {cursor.Final, false}, {cursor.Final, false}}
	throttled := [3]verdict{{cursor.Throttled, false}, {cursor.Throttled, false}, {cursor.Throttled, false}}
	later := [3]verdict{{cursor.Transient, false}, {cursor.Transient, false}, {cursor.Transient, false}}
	lost := [3]verdict{{cursor.Transient, false}, {cursor.Transient, true}, {cursor.Ambiguous, true}}
	tests := []struct {
		status int
		code   cursor.Code
		want   [3]verdict
	}{
		{400, "", refused}, {401, "", refused}, {402, "", refused}, {403, "", refused}, {404, "", refused},
		{405, "", refused}, {409, "", refused}, {410, "", refused}, {413, "", refused}, {415, "", refused},
		{422, "", refused}, {451, "", refused}, {499, "", refused}, {501, "", refused}, {300, "", refused}, {304, "", refused},
		{429, "", throttled}, {429, cursor.CodeRateLimitExceeded, throttled}, {403, cursor.CodeRateLimitExceeded, throttled},
		{429, "resource_exhausted", throttled}, {429, cursor.CodeUsageLimitExceeded, refused}, {503, cursor.CodeUsageLimitExceeded, refused},
		{408, "", lost}, {425, "", lost}, {500, "", lost}, {502, "", lost}, {503, "", lost}, {504, "", lost}, {520, "", lost}, {599, "", lost},
		{500, cursor.CodeInternalError, lost}, {502, cursor.CodeUpstreamError, lost}, {499, cursor.CodeClientCancelled, lost},
		{400, cursor.CodeUpstreamError, lost}, {500, cursor.CodeNotImplemented, refused},
		{410, cursor.CodeStreamUnavailable, later}, {410, cursor.CodeStreamExpired, refused},
		{500, cursor.CodeUnauthorized, refused}, {401, cursor.CodeAPIKeyNotFound, refused},
		{403, cursor.CodePlanRequired, refused}, {403, cursor.CodeRoleForbidden, refused}, {403, cursor.CodeFeatureUnavailable, refused},
		{403, cursor.CodeServiceAccountRequired, refused}, {403, cursor.CodeIntegrationNotConnected, refused},
		{403, cursor.CodeTeamAdminRequired, refused}, {403, cursor.CodeKeyNotSupported, refused}, {400, cursor.CodeRepositoryAccess, refused},
		{500, cursor.CodeValidationError, refused}, {400, cursor.CodeMissingBody, refused}, {400, cursor.CodeInvalidModel, refused},
		{400, cursor.CodeInvalidBranchName, refused}, {400, cursor.CodeRepositoryRequired, refused}, {400, cursor.CodePRResolutionFailed, refused},
		{400, cursor.CodeInvalidLastEventID, refused}, {400, cursor.CodeDuplicateJSONKey, refused},
		{404, cursor.CodeAgentNotFound, refused}, {404, cursor.CodeRunNotFound, refused}, {404, cursor.CodeArtifactNotFound, refused},
		{404, cursor.CodeEnvironmentNotFound, refused}, {404, cursor.CodeBuildNotFound, refused},
		{409, cursor.CodeAgentBusy, refused}, {409, cursor.CodeAgentArchived, refused}, {409, cursor.CodeAgentIDConflict, refused},
		{409, cursor.CodeRunNotCancellable, refused}, {409, cursor.CodeEnvironmentNameConflict, refused},
	}
	kind := map[string]int{"GET": 0, "DELETE": 1, "safe POST": 1, "create with id": 1, "create without id": 2, "create run": 2}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", tt.status, tt.code), func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				if tt.code == "" {
					w.WriteHeader(tt.status)
					return
				}
				say(w, tt.status, fault(string(tt.code), "m"))
			})
			c := client(t, url, cursor.Config{Retry: once})
			for _, call := range calls {
				err := asError(t, call.call(t.Context(), c))
				got := verdict{err.Class, err.MaybeDone}
				if diff := cmp.Diff(tt.want[kind[call.name]], got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", call.name, diff)
				}
				if tt.code != "" && !errors.Is(err, tt.code) {
					t.Errorf("%s: %v does not match its code", call.name, err)
				}
			}
			if n := len(server.seen()); n != len(calls) {
				t.Errorf("%d requests, want one for each of %d calls", n, len(calls))
			}
		})
	}
}

func TestAnErrorMatchesItsOwnCodeAndNoOther(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    cursor.Error
		target error
		want   bool
	}{
		{"its code", cursor.Error{Status: 409, Code: cursor.CodeAgentBusy}, cursor.CodeAgentBusy, true},
		{"another code", cursor.Error{Status: 409, Code: cursor.CodeAgentBusy}, cursor.CodeAgentArchived, false},
		{"no code", cursor.Error{Status: 409}, cursor.Code(""), false},
		{"401 without a code", cursor.Error{Status: 401}, cursor.CodeUnauthorized, true},
		{"401 with another code", cursor.Error{Status: 401, Code: cursor.CodeAPIKeyNotFound}, cursor.CodeUnauthorized, false},
		{"429 without a code", cursor.Error{Status: 429}, cursor.CodeRateLimitExceeded, true},
		{"500 without a code", cursor.Error{Status: 500}, cursor.CodeInternalError, false},
		{"what it wraps", cursor.Error{Err: io.ErrUnexpectedEOF}, io.ErrUnexpectedEOF, true},
		{"what it does not wrap", cursor.Error{Err: io.ErrUnexpectedEOF}, io.EOF, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(fmt.Errorf("outer: %w", &tt.err), tt.target); got != tt.want {
				t.Errorf("errors.Is(%v, %q) = %t, want %t", &tt.err, tt.target, got, tt.want)
			}
		})
	}
}
