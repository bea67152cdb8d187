package cursor_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// once is a policy under which nothing is repeated.
var once = cursor.RetryPolicy{Initial: time.Second, Budget: 1}

// Fault 43: errors come in the shapes of several layers, and a reader of one shape shows none of the others.
func TestEveryShapeOfAnErrorBodyIsUnderstood(t *testing.T) {
	t.Parallel()
	const where = "get run: GET /v1/agents/" + agentID + "/runs/" + runID + ": "
	long := strings.Repeat("long ", 200)
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		want   cursor.Error
		text   string
	}{
		{
			name: "the documented object", status: 403,
			header: http.Header{"X-Request-Id": {"req-1"}},
			body:   `{"error":{"code":"integration_not_connected","message":"Connect GitHub.","helpUrl":"https://cursor.com/help?a=b","provider":"github","environmentId":"e"}}`,
			want:   cursor.Error{Status: 403, Code: cursor.CodeIntegrationNotConnected, Message: "Connect GitHub.", HelpURL: "https://cursor.com/help?a=b", Provider: "github", RequestID: "req-1"},
			text:   "403 integration_not_connected: Connect GitHub. (request req-1)",
		},
		{
			name: "the same fields at the top", status: 404,
			body: `{"code":"run_not_found","message":"No run.","helpUrl":"http://cursor.com","provider":"p"}`,
			want: cursor.Error{Status: 404, Code: cursor.CodeRunNotFound, Message: "No run.", HelpURL: "http://cursor.com", Provider: "p"},
			text: "404 run_not_found: No run.",
		},
		{
			name: "a bad key, whose code is a placeholder", status: 401,
			body: `{"code":"error","message":"Invalid User API Key"}`,
			want: cursor.Error{Status: 401, Message: "Invalid User API Key"},
			text: "401 Unauthorized: Invalid User API Key",
		},
		{
			name: "a Connect error", status: 429,
			body: `{"code":"resource_exhausted","message":"[resource_exhausted] Error","details":[{"type":"t"},{"debug":{"error":"ERROR_RATE_LIMITED","details":{"title":"GitHub rate limited","detail":"Try later.","isRetryable":true,"additionalInfo":{"operation":"getScopedInstallationAccessKey","retryAfter":"60"}}}}]}`,
			want: cursor.Error{Status: 429, Code: "resource_exhausted", Message: "GitHub rate limited: Try later.", RetryAfter: time.Minute, Class: cursor.Throttled},
			text: "429 resource_exhausted: GitHub rate limited: Try later.",
		},
		{
			name: "a Connect error with a sentence of its own", status: 400,
			body: `{"code":"invalid_argument","message":"No such thing.","details":[{"debug":{"details":{"title":"Bad request"}}}]}`,
			want: cursor.Error{Status: 400, Code: "invalid_argument", Message: "No such thing."},
			text: "400 invalid_argument: No such thing.",
		},
		{
			name: "a Connect error with details of other types", status: 400,
			body: `{"code":7,"message":true,"details":[1,null,{"debug":[]},{"debug":{"details":{"title":"T","additionalInfo":{"retryAfter":3}}}}]}`,
			want: cursor.Error{Status: 400, Code: "7", Message: "true", RetryAfter: 3 * time.Second},
			text: "400 7: true",
		},
		{
			name: "a Connect error without a message", status: 503,
			body: `{"code":"unavailable","details":[{"debug":{"details":{"title":"Down","detail":"Down"}}}]}`,
			want: cursor.Error{Status: 503, Code: "unavailable", Message: "Down", Class: cursor.Transient},
			text: "503 unavailable: Down",
		},
		{
			name: "a string", status: 400,
			body: `{"error":"Failed to determine repository default branch"}`,
			want: cursor.Error{Status: 400, Message: "Failed to determine repository default branch"},
			text: "400 Bad Request: Failed to determine repository default branch",
		},
		{
			name: "a string and a message", status: 401,
			body: `{"error":"Unauthorized","message":"Invalid API key"}`,
			want: cursor.Error{Status: 401, Message: "Invalid API key"},
			text: "401 Unauthorized: Invalid API key",
		},
		{
			name: "a code as the string, and a message", status: 409,
			body: `{"error":"agent_busy","message":"Wait."}`,
			want: cursor.Error{Status: 409, Code: cursor.CodeAgentBusy, Message: "Wait."},
			text: "409 agent_busy: Wait.",
		},
		{
			name: "the short form of a rate limit", status: 429,
			body: `{"code":"error","message":"Rate limit exceeded"}`,
			want: cursor.Error{Status: 429, Message: "Rate limit exceeded", Class: cursor.Throttled},
			text: "429 Too Many Requests: Rate limit exceeded",
		},
		{
			name: "a JSON string", status: 400, body: ` "nope" `,
			want: cursor.Error{Status: 400, Message: "nope"}, text: "400 Bad Request: nope",
		},
		{
			name: "JSON that says nothing", status: 400, body: `[{"message":"x"}]`,
			want: cursor.Error{Status: 400}, text: "400 Bad Request",
		},
		{
			name: "an object that says nothing", status: 400, body: `{"error":{},"message":{"a":1}}`,
			want: cursor.Error{Status: 400}, text: "400 Bad Request",
		},
		{
			name: "a gateway's page", status: 502,
			body: "<!DOCTYPE html>\n<html><head><TITLE class=x>502 &amp; <b>Bad</b> \"Gateway\"</TITLE></head><body>nginx</body></html>",
			want: cursor.Error{Status: 502, Message: `a web page titled "502 & Bad 'Gateway'"`, Class: cursor.Transient},
			text: `502 Bad Gateway: a web page titled "502 & Bad 'Gateway'"`,
		},
		{
			name: "a page without a title", status: 502, body: "<html>",
			want: cursor.Error{Status: 502, Message: "a web page", Class: cursor.Transient},
			text: "502 Bad Gateway: a web page",
		},
		{
			name: "plain text on several lines", status: 500, body: "upstream\r\n connect\terror\u2028\x00\xff now\n",
			want: cursor.Error{Status: 500, Message: "upstream connect error now", Class: cursor.Transient},
			text: "500 Internal Server Error: upstream connect error now",
		},
		{
			name: "nothing", status: 500, body: "",
			want: cursor.Error{Status: 500, Class: cursor.Transient}, text: "500 Internal Server Error",
		},
		{
			name: "a status without a name", status: 599, body: "",
			want: cursor.Error{Status: 599, Class: cursor.Transient}, text: "599",
		},
		{
			name: "a code that is not known", status: 418, body: fault("teapot_empty", "Fill me."),
			want: cursor.Error{Status: 418, Code: "teapot_empty", Message: "Fill me."},
			text: "418 teapot_empty: Fill me.",
		},
		{
			name: "a message without end", status: 400, body: fault("validation_error", long),
			want: cursor.Error{Status: 400, Code: cursor.CodeValidationError, Message: strings.TrimSpace(long[:499]) + "…"},
			text: "400 validation_error: " + strings.TrimSpace(long[:499]) + "…",
		},
		{
			name: "a body without end", status: 400, body: fault("validation_error", strings.Repeat("x", 70_000)),
			want: cursor.Error{Status: 400, Message: "an error page of more than 64 KiB"},
			text: "400 Bad Request: an error page of more than 64 KiB",
		},
		{
			name: "a link that is none", status: 403,
			header: http.Header{"X-Request-Id": {strings.Repeat("r", 200)}},
			body:   `{"error":{"code":"x","message":"m","helpUrl":"javascript:alert(1)","provider":"` + strings.Repeat("p", 200) + `"}}`,
			want:   cursor.Error{Status: 403, Code: "x", Message: "m", Provider: strings.Repeat("p", 127) + "…", RequestID: strings.Repeat("r", 127) + "…"},
			text:   "403 x: m (request " + strings.Repeat("r", 127) + "…)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				maps.Copy(w.Header(), tt.header)
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			})
			_, err := client(t, url, cursor.Config{Retry: once}).GetRun(t.Context(), agentID, runID)
			tt.want.Op, tt.want.Method, tt.want.Attempts = "get run", "GET", 1
			tt.want.Path = "/v1/agents/" + agentID + "/runs/" + runID
			if diff := cmp.Diff(&tt.want, asError(t, err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(where+tt.text, err.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnErrorIsOneLineThatNamesEverything(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  cursor.Error
		want string
	}{
		{cursor.Error{Op: "o"}, "o"},
		{cursor.Error{Op: "o", Err: errors.New("a\nb")}, "o: a b"},
		{cursor.Error{Op: "o", Method: "GET", Path: "/p", Message: "m", Attempts: 1}, "o: GET /p: m"},
		{
			cursor.Error{Op: "create agent", Method: "POST", Path: "/v1/agents", Status: 429, Code: cursor.CodeRateLimitExceeded, Message: "slow down", RequestID: "abc", Attempts: 4},
			"create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down (request abc, 4 attempts)",
		},
		{
			cursor.Error{Op: "o", Method: "POST", Path: "/p", Status: 500, Attempts: 2, MaybeDone: true},
			"o: POST /p: 500 Internal Server Error (2 attempts, may have been carried out)",
		},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.err.Error()); diff != "" {
			t.Errorf("text (-want +got):\n%s", diff)
		}
	}
	classes := []string{cursor.Final.String(), cursor.Transient.String(), cursor.Throttled.String(), cursor.Ambiguous.String(), cursor.Class(9).String()}
	if diff := cmp.Diff([]string{"final", "transient", "throttled", "ambiguous", "class 9"}, classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}
