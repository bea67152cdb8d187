package cursor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// answered writes an answer for a bare connection.
func answered(status, body string) string {
	return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func TestALostAnswerIsRepeatedOnlyWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name, answer string
		status       int
		message      string
	}{
		{"no answer", "", 0, "the connection was closed without an answer"},
		{"half a header", "HTTP/1.1 200 O", 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF"},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":\"x\"", 200, "the answer broke off: unexpected EOF"},
		{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", 200, "the answer broke off: unexpected EOF"},
		{"JSON without an end", answered("200 OK", `{"id":"x`), 200, ""},
		{"a login page", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 28\r\n\r\n<html><title>Hi</title>x\n   ", 200, `the answer is a web page titled "Hi", not JSON`},
		{"an answer to another question", answered("200 OK", `[]`), 200, ""},
		{"an empty 500", answered("500 Internal Server Error", ""), 500, ""},
	}
	want := map[string]struct {
		verdict
		attempts int
	}{
		"GET":               {verdict{cursor.Transient, false}, 3},
		"DELETE":            {verdict{cursor.Transient, true}, 3},
		"safe POST":         {verdict{cursor.Transient, true}, 3},
		"create with id":    {verdict{cursor.Transient, true}, 3},
		"create without id": {verdict{cursor.Ambiguous, true}, 1},
		"create run":        {verdict{cursor.Ambiguous, true}, 1},
	}
	for _, way := range ways {
		for _, call := range calls {
			t.Run(way.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				stop, cancel := context.WithCancelCause(t.Context())
				url, count := raw(t, func(int, *http.Request) (string, bool) { return way.answer, false })
				c := client(t, url, cursor.Config{
					Retry: cursor.RetryPolicy{Initial: 1, Max: 1},
					OnRetry: func(r cursor.Retry) {
						if r.Attempt == 3 {
							cancel(errStop) // five minutes are not needed to see it
						}
					},
				})
				err := call.call(stop, c)
				e := asError(t, err)
				w := want[call.name]
				if diff := cmp.Diff(w.verdict, verdict{e.Class, e.MaybeDone}); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}
				if count() != w.attempts || e.Attempts != w.attempts || e.Status != way.status {
					t.Errorf("%d requests, %d attempts and status %d; want %d attempts and status %d", count(), e.Attempts, e.Status, w.attempts, way.status)
				}
				if way.message != "" && e.Message != way.message {
					t.Errorf("message %q, want %q", e.Message, way.message)
				}
			})
		}
	}
}

func TestAnAnswerThatIsNotTheOneAskedForSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, want string
		call             func(context.Context, *cursor.Client) error
	}{
		{"an agent without id", `{}`, "it has no id", calls[0].call},
		{"a created agent without id", `{"agent":{},"run":{"id":"r"}}`, "it has no agent.id", calls[4].call},
		{"a created agent without a run", `{"agent":{"id":"a"}}`, "it has no run.id", calls[4].call},
		{"a created run without id", `{"run":{}}`, "it has no run.id", calls[5].call},
		{"a run without id", `{"status":"FINISHED"}`, "it has no id", func(ctx context.Context, c *cursor.Client) error { _, err := c.GetRun(ctx, agentID, runID); return err }},
		{"a run of somebody else", `{"id":"run-2","agentId":"` + agentID + `","status":"FINISHED"}`, "it is about run-2", func(ctx context.Context, c *cursor.Client) error { _, err := c.GetRun(ctx, agentID, runID); return err }},
		{"an agent of somebody else", `{"id":"bc-2"}`, "it is about bc-2", calls[0].call},
		{"a created agent of somebody else", `{"agent":{"id":"bc-2"},"run":{"id":"r"}}`, "it is about bc-2", calls[3].call},
		{"a created run of somebody else's agent", `{"run":{"id":"r","agentId":"bc-2"}}`, "it is about bc-2", calls[5].call},
		{"a list without items", `{"agents":[]}`, "it has no items", func(ctx context.Context, c *cursor.Client) error {
			_, err := collect(c.ListAgents(ctx, cursor.ListAgentsOptions{}))
			return err
		}},
		{"artifacts without items", `{}`, "it has no items", func(ctx context.Context, c *cursor.Client) error { _, err := c.ListArtifacts(ctx, agentID); return err }},
		{"repositories without items", `{}`, "it has no items", func(ctx context.Context, c *cursor.Client) error { _, err := c.Repositories(ctx); return err }},
		{"usage without numbers", `{"runs":[]}`, "it has no totalUsage", func(ctx context.Context, c *cursor.Client) error { _, err := c.Usage(ctx, agentID, ""); return err }},
		{"a download without URL", `{}`, "it has no url", func(ctx context.Context, c *cursor.Client) error {
			_, err := c.ArtifactURL(ctx, agentID, "p")
			return err
		}},
		{"a key without a name", `{}`, "it has no apiKeyName", func(ctx context.Context, c *cursor.Client) error { _, err := c.Me(ctx); return err }},
		{"a cancel answered with a word", `"ok"`, "it is no JSON object", calls[2].call},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Request-Id", "r")
				say(w, 200, tt.body)
			})
			e := asError(t, tt.call(t.Context(), client(t, url, cursor.Config{Retry: once})))
			if want := "the answer is not what the API documents: " + tt.want; e.Message != want || e.Status != 200 || e.RequestID != "r" {
				t.Errorf("got %#v, want status 200, request r and the message %q", e, want)
			}
		})
	}
}

// What is small on the wire is not always so in memory.
func TestAnAnswerOfVeryManyValuesIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, result, want string }{
		{"many branches", `"","git":{"branches":[` + strings.Repeat("{},", 250_000) + `{}]}`,
			"get run: GET /v1/agents/" + agentID + "/runs/" + runID + ": 200 OK: the answer holds more than 250000 values"},
		{"commas in a text", `"` + strings.Repeat(`,\",`, 250_000) + `"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				say(w, 200, `{"id":"`+runID+`","result":`+tt.result+`}`)
			})
			_, err := client(t, url, cursor.Config{}).GetRun(t.Context(), agentID, runID)
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALostCreateIsKnownByTheConflictOfTheNextAttempt(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
		if number == 1 {
			panic(http.ErrAbortHandler) // carried out, and the connection breaks
		}
		say(w, 409, fault("agent_id_conflict", "exists"))
	})
	err := calls[3].call(t.Context(), client(t, url, cursor.Config{}))
	want := "create agent: POST /v1/agents: 409 agent_id_conflict: exists (2 attempts, may have been carried out)"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if e := asError(t, err); !e.MaybeDone || e.Class != cursor.Final || !errors.Is(err, cursor.CodeAgentIDConflict) {
		t.Errorf("got %#v, want a final conflict that may be our own", e)
	}
	if n := len(server.seen()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}

	// Without a lost answer the conflict is another's.
	_, url = serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		say(w, 409, fault("agent_id_conflict", "exists"))
	})
	if e := asError(t, calls[3].call(t.Context(), client(t, url, cursor.Config{}))); e.MaybeDone {
		t.Errorf("got %#v, want a conflict that can't be our own", e)
	}
}

// net/http repeats a POST by itself when it has a canonical Idempotency-Key
// header and a kept-alive connection breaks. That must not happen: neither to a
// POST that may not be repeated, nor to one that may, because its first attempt
// would go unnoticed.
func TestNoPOSTIsRepeatedBehindOurBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call func(context.Context, *cursor.Client) error
		want []string
		text string
	}{
		{
			name: "an unsafe one", call: calls[5].call,
			want: []string{"GET /v1/agents/" + agentID, "POST /v1/agents/" + agentID + "/runs"},
			text: "create run: POST /v1/agents/" + agentID + "/runs: the connection was closed without an answer (may have been carried out)",
		},
		{
			name: "a safe one", call: calls[3].call,
			want: []string{"GET /v1/agents/" + agentID, "POST /v1/agents", "POST /v1/agents"},
			text: "create agent: POST /v1/agents: 409 agent_id_conflict: exists (2 attempts, may have been carried out)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			connections := map[string]int{}
			url, _ := raw(t, func(number int, r *http.Request) (string, bool) {
				seen = append(seen, r.Method+" "+r.RequestURI)
				connections[r.Header.Get("Idempotency-Key")]++
				switch number {
				case 1:
					return answered("200 OK", agentJSON), true
				case 2:
					return "", false // read whole, on the connection of the first
				default:
					return answered("409 Conflict", fault("agent_id_conflict", "exists")), false
				}
			})
			c := client(t, url, cursor.Config{})
			if _, err := c.GetAgent(t.Context(), agentID); err != nil {
				t.Fatal(err)
			}
			err := tt.call(t.Context(), c)
			if diff := cmp.Diff(tt.text, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if len(connections) != 2 {
				t.Errorf("idempotency keys %v, want none for the GET and one for the POST", connections)
			}
		})
	}
}

func TestAnAnswerWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	endless := func(status int) *cursor.Client {
		return client(t, "http://127.0.0.1", cursor.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(zeros{}), Request: r}, nil
		})})
	}
	want := map[string]verdict{
		"GET":               {cursor.Final, false},
		"DELETE":            {cursor.Final, true},
		"safe POST":         {cursor.Final, true},
		"create with id":    {cursor.Final, true},
		"create without id": {cursor.Ambiguous, true},
		"create run":        {cursor.Ambiguous, true},
	}
	for _, call := range calls {
		e := asError(t, call.call(t.Context(), endless(200)))
		if diff := cmp.Diff(want[call.name], verdict{e.Class, e.MaybeDone}); diff != "" || e.Message != "the answer is longer than 16 MiB" || e.Attempts != 1 {
			t.Errorf("%s: got %#v (-want +got):\n%s", call.name, e, diff)
		}
	}
	if e := asError(t, calls[0].call(t.Context(), endless(404))); e.Message != "an error page of more than 64 KiB" {
		t.Errorf("got %#v, want its body cut off", e)
	}
}

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
