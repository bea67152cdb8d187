package cursor_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

const (
	agentJSON = `{"id":"` + agentID + `","name":"Add README","status":"ACTIVE","env":{"type":"cloud","name":"Web"},
		"url":"https://cursor.com/agents/` + agentID + `","createdAt":"2026-11-23T10:00:00.5Z","updatedAt":"2026-11-23T11:00:00+01:00",
		"latestRunId":"` + runID + `","repos":[{"url":"github.com/o/r","startingRef":"main","prUrl":"https://github.com/o/r/pull/1"}],
		"workOnCurrentBranch":true,"autoCreatePR":true,"skipReviewerRequest":true,"somethingNew":{"a":1}}`
	runJSON = `{"id":"` + runID + `","agentId":"` + agentID + `","status":"FINISHED","createdAt":"2026-11-23T10:00:00Z","updatedAt":"2026-11-23T10:00:12Z",
		"durationMs":12357,"result":"Added.","git":{"branches":[{"repoUrl":"github.com/o/r","branch":"cursor/x","prUrl":"https://github.com/o/r/pull/2"},{"repoUrl":"github.com/o/s"}]},
		"error":{"code":"boom","message":"It broke."},"requestId":"r"}`
)

func wantAgent() cursor.Agent {
	return cursor.Agent{
		ID: agentID, Name: "Add README", Status: cursor.AgentActive,
		Env:         cursor.Environment{Type: "cloud", Name: "Web"},
		URL:         "https://cursor.com/agents/" + agentID,
		CreatedAt:   time.Date(2026, 11, 23, 10, 0, 0, 500_000_000, time.UTC),
		UpdatedAt:   time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		LatestRunID: runID,
		Repos:       []cursor.Repo{{URL: "github.com/o/r", StartingRef: "main", PRURL: "https://github.com/o/r/pull/1"}},

		WorkOnCurrentBranch: true, AutoCreatePR: true, SkipReviewerRequest: true,
		ServedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
}

func wantRun() cursor.Run {
	return cursor.Run{
		ID: runID, AgentID: agentID, Status: cursor.RunFinished,
		CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		UpdatedAt: time.Date(2026, 11, 23, 10, 0, 12, 0, time.UTC),
		Duration:  12357 * time.Millisecond, Result: "Added.",
		Git: []cursor.GitBranch{
			{RepoURL: "github.com/o/r", Branch: "cursor/x", PRURL: "https://github.com/o/r/pull/2"},
			{RepoURL: "github.com/o/s"},
		},
		Error: &cursor.RunFault{Code: "boom", Message: "It broke."}, RequestID: "r",
	}
}

// exchange is a call with the request that the API documents for it, the
// answer, and what the client makes of that.
type exchange struct {
	name   string
	call   func(context.Context, *cursor.Client) (any, error)
	status int // 200 unless set
	answer string
	// lenient is true for an answer that servers give and the specification
	// doesn't.
	lenient bool
	target  string // method and URL
	body    string
	want    any
}

func exchanges() []exchange {
	type ctx = context.Context
	full := cursor.CreateAgentRequest{
		AgentID: agentID, Name: "n",
		Prompt: cursor.Prompt{Text: "a <b> & c", Images: []cursor.Image{
			{Data: "AA==", MIMEType: "image/png", Dimension: &cursor.Dimension{Width: 3, Height: 4}},
			{URL: "https://example.com/x.png"},
		}},
		Model:               &cursor.ModelRef{ID: "m", Params: []cursor.ModelParam{{ID: "fast", Value: "true"}}},
		Env:                 &cursor.Environment{Type: "pool"},
		Repos:               []cursor.Repo{{URL: "https://github.com/o/r", StartingRef: "main", PRURL: "https://github.com/o/r/pull/1"}},
		WorkOnCurrentBranch: true, AutoCreatePR: true, SkipReviewerRequest: true,
		EnvVars: map[string]string{"A": "b"},
		MCPServers: []cursor.MCPServer{
			{Name: "s", Type: "stdio", Command: "npx", Args: []string{"-y"}, Env: map[string]string{"T": "u"}},
			{Name: "r", URL: "https://mcp.example.com", Headers: map[string]string{"X": "y"}, Auth: &cursor.MCPAuth{ClientID: "i", ClientSecret: "s", Scopes: []string{"z"}}},
		},
		Mode: "plan",
	}
	fullJSON := `{"agentId":"` + agentID + `","name":"n","prompt":{"text":"a <b> & c","images":[{"data":"AA==","mimeType":"image/png","dimension":{"width":3,"height":4}},{"url":"https://example.com/x.png"}]},` +
		`"model":{"id":"m","params":[{"id":"fast","value":"true"}]},"env":{"type":"pool"},"repos":[{"url":"https://github.com/o/r","startingRef":"main","prUrl":"https://github.com/o/r/pull/1"}],` +
		`"workOnCurrentBranch":true,"autoCreatePR":true,"skipReviewerRequest":true,"envVars":{"A":"b"},` +
		`"mcpServers":[{"name":"s","type":"stdio","command":"npx","args":["-y"],"env":{"T":"u"}},{"name":"r","url":"https://mcp.example.com","headers":{"X":"y"},"auth":{"CLIENT_ID":"i","CLIENT_SECRET":"s","scopes":["z"]}}],"mode":"plan"}`

	return []exchange{
		{
			name:   "create agent, with everything",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.CreateAgent(ctx, full) },
			status: 201, answer: `{"agent":` + agentJSON + `,"run":` + runJSON + `}`,
			target: "POST /v1/agents", body: fullJSON,
			want: cursor.Created{Agent: wantAgent(), Run: wantRun()},
		},
		{
			name: "create agent, with nothing but a prompt",
			call: func(ctx ctx, c *cursor.Client) (any, error) {
				created, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}})
				return created.Run.ID, err
			},
			status: 201, answer: `{"agent":` + agentJSON + `,"run":` + runJSON + `}`,
			target: "POST /v1/agents", body: `{"prompt":{"text":"p"}}`,
			want: runID,
		},
		{
			name:   "get agent",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.GetAgent(ctx, agentID) },
			answer: agentJSON, target: "GET /v1/agents/" + agentID,
			want: wantAgent(),
		},
		{
			name:   "get agent, with an id that must be escaped",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.GetAgent(ctx, "a/b?c#d é%") },
			answer: `{"id":"a/b?c#d é%"}`, lenient: true, target: "GET /v1/agents/a%2Fb%3Fc%23d%20%C3%A9%25",
			want: cursor.Agent{ID: "a/b?c#d é%", ServedAt: wantAgent().ServedAt},
		},
		{
			name: "list agents",
			call: func(ctx ctx, c *cursor.Client) (any, error) {
				return collect(c.ListAgents(ctx, cursor.ListAgentsOptions{}))
			},
			answer: `{"items":[` + agentJSON + `]}`, target: "GET /v1/agents?limit=100",
			want: []cursor.Agent{wantAgent()},
		},
		{
			name: "list agents, narrowed",
			call: func(ctx ctx, c *cursor.Client) (any, error) {
				return collect(c.ListAgents(ctx, cursor.ListAgentsOptions{PRURL: "https://github.com/o/r/pull/1", ExcludeArchived: true, Limit: 7}))
			},
			answer: `{"items":[]}`, target: "GET /v1/agents?includeArchived=false&limit=7&prUrl=https%3A%2F%2Fgithub.com%2Fo%2Fr%2Fpull%2F1",
			want: []cursor.Agent(nil),
		},
		{
			name:   "archive agent",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return nil, c.ArchiveAgent(ctx, agentID) },
			answer: `{"id":"` + agentID + `"}`, target: "POST /v1/agents/" + agentID + "/archive", body: "{}",
		},
		{
			name:    "unarchive agent, answered with nothing",
			lenient: true,
			call:    func(ctx ctx, c *cursor.Client) (any, error) { return nil, c.UnarchiveAgent(ctx, agentID) },
			status:  200, target: "POST /v1/agents/" + agentID + "/unarchive", body: "{}",
		},
		{
			name:   "delete agent",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return nil, c.DeleteAgent(ctx, agentID) },
			answer: `{"id":"` + agentID + `"}`, target: "DELETE /v1/agents/" + agentID,
		},
		{
			name: "create run",
			call: func(ctx ctx, c *cursor.Client) (any, error) {
				return c.CreateRun(ctx, agentID, cursor.CreateRunRequest{
					Prompt: cursor.Prompt{Text: "more"}, Mode: "agent",
					MCPServers: []cursor.MCPServer{{Name: "s", Command: "c"}},
				})
			},
			status: 201, answer: `{"run":` + runJSON + `}`,
			target: "POST /v1/agents/" + agentID + "/runs",
			body:   `{"prompt":{"text":"more"},"mcpServers":[{"name":"s","command":"c"}],"mode":"agent"}`,
			want:   wantRun(),
		},
		{
			name:   "list runs",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return collect(c.ListRuns(ctx, agentID)) },
			answer: `{"items":[` + runJSON + `]}`, target: "GET /v1/agents/" + agentID + "/runs?limit=100",
			want: []cursor.Run{wantRun()},
		},
		{
			name:   "get run",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.GetRun(ctx, agentID, runID) },
			answer: runJSON, target: "GET /v1/agents/" + agentID + "/runs/" + runID,
			want: wantRun(),
		},
		{
			name:   "cancel run",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return nil, c.CancelRun(ctx, agentID, runID) },
			answer: `{"id":"` + runID + `"}`, target: "POST /v1/agents/" + agentID + "/runs/" + runID + "/cancel", body: "{}",
		},
		{
			name: "usage",
			call: func(ctx ctx, c *cursor.Client) (any, error) { return c.Usage(ctx, agentID, "") },
			answer: `{"totalUsage":{"inputTokens":1,"outputTokens":2,"cacheWriteTokens":3,"cacheReadTokens":4,"totalTokens":10},"cost":{"rawCostCents":1.5,"chargedCents":0},
				"runs":[{"id":"r","usageUuid":"u","usage":{"inputTokens":1,"outputTokens":2,"cacheWriteTokens":3,"cacheReadTokens":4,"totalTokens":10},"cost":{"rawCostCents":1.5}}]}`,
			target: "GET /v1/agents/" + agentID + "/usage",
			want: cursor.Usage{
				Total: cursor.TokenUsage{InputTokens: 1, OutputTokens: 2, CacheWriteTokens: 3, CacheReadTokens: 4, TotalTokens: 10},
				Cost:  &cursor.Cost{RawCents: new(1.5), ChargedCents: new(0.0)},
				Runs:  []cursor.RunUsage{{ID: "r", Usage: cursor.TokenUsage{InputTokens: 1, OutputTokens: 2, CacheWriteTokens: 3, CacheReadTokens: 4, TotalTokens: 10}, Cost: &cursor.Cost{RawCents: new(1.5)}}},
			},
		},
		{
			name:    "usage of one run, without cost",
			lenient: true,
			call:    func(ctx ctx, c *cursor.Client) (any, error) { return c.Usage(ctx, agentID, runID) },
			answer:  `{"totalUsage":{},"runs":[]}`, target: "GET /v1/agents/" + agentID + "/usage?runId=" + runID,
			want: cursor.Usage{Runs: []cursor.RunUsage{}},
		},
		{
			name:   "list artifacts",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.ListArtifacts(ctx, agentID) },
			answer: `{"items":[{"path":"artifacts/a.png","sizeBytes":12,"updatedAt":"2026-11-23T10:00:00Z"}]}`,
			target: "GET /v1/agents/" + agentID + "/artifacts",
			want:   []cursor.Artifact{{Path: "artifacts/a.png", SizeBytes: 12, UpdatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}},
		},
		{
			name: "artifact URL",
			call: func(ctx ctx, c *cursor.Client) (any, error) {
				return c.ArtifactURL(ctx, agentID, "artifacts/a b&c.png")
			},
			answer: `{"url":"https://bucket.example.com/a?sig=1","expiresAt":"2026-11-23T10:15:00Z"}`,
			target: "GET /v1/agents/" + agentID + "/artifacts/download?path=artifacts%2Fa+b%26c.png",
			want:   cursor.Download{URL: "https://bucket.example.com/a?sig=1", ExpiresAt: time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)},
		},
		{
			name:   "me",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.Me(ctx) },
			answer: `{"apiKeyName":"CI","createdAt":"2026-11-23T10:00:00Z","userId":42,"userEmail":"a@example.com","userFirstName":"A","userLastName":"B"}`,
			target: "GET /v1/me",
			want: cursor.Me{
				APIKeyName: "CI", CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
				UserID: 42, Email: "a@example.com", FirstName: "A", LastName: "B",
			},
		},
		{
			name:    "models, as objects and as plain ids",
			lenient: true,
			call:    func(ctx ctx, c *cursor.Client) (any, error) { return c.Models(ctx) },
			answer: `{"items":[{"id":"m","displayName":"M","description":"d","aliases":["x"],"parameters":[{"id":"fast","displayName":"Fast","values":[{"value":"true","displayName":"Yes"}]}],
				"variants":[{"params":[{"id":"fast","value":"true"}],"displayName":"V","description":"e","isDefault":true}]},"old-model"]}`,
			target: "GET /v1/models",
			want: []cursor.Model{
				{
					ID: "m", DisplayName: "M", Description: "d", Aliases: []string{"x"},
					Parameters: []cursor.ModelParameter{{ID: "fast", DisplayName: "Fast", Values: []cursor.ModelValue{{Value: "true", DisplayName: "Yes"}}}},
					Variants:   []cursor.ModelVariant{{Params: []cursor.ModelParam{{ID: "fast", Value: "true"}}, DisplayName: "V", Description: "e", IsDefault: true}},
				},
				{ID: "old-model", DisplayName: "old-model"},
			},
		},
		{
			name:   "repositories",
			call:   func(ctx ctx, c *cursor.Client) (any, error) { return c.Repositories(ctx) },
			answer: `{"items":[{"url":"https://github.com/o/r"},{"url":"https://github.com/o/s"}]}`,
			target: "GET /v1/repositories",
			want:   []string{"https://github.com/o/r", "https://github.com/o/s"},
		},
	}
}

// Fault 39: a run is cancelled at its own address, and /v0/agents/{id}/cancel is none.
// Fault 40: a POST without a body, or with another content type than JSON, is refused.
func TestEachCallSpeaksAsTheAPIDocuments(t *testing.T) {
	t.Parallel()
	for _, tt := range exchanges() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
				say(w, max(tt.status, 200), tt.answer)
			})
			got, err := tt.call(t.Context(), client(t, url, cursor.Config{}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			seen := server.seen()
			if diff := cmp.Diff([]string{tt.target}, server.targets()); diff != "" {
				t.Fatalf("requests (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.body, seen[0].Body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			isPost := seen[0].Method == http.MethodPost
			if got := seen[0].Header.Get("Content-Type") == "application/json"; got != isPost {
				t.Errorf("content type %q on a %s", seen[0].Header.Get("Content-Type"), seen[0].Method)
			}
			if got := len(seen[0].Header.Get("Idempotency-Key")) >= 20; got != isPost {
				t.Errorf("idempotency key %q on a %s", seen[0].Header.Get("Idempotency-Key"), seen[0].Method)
			}
		})
	}
}
