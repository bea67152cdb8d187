package cursor_test

import (
	"context"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// exchangeV0 is a call of version 0 with the last request that it leads to, the
// answer to that, and what the client makes of it.
type exchangeV0 struct {
	name   string
	call   func(context.Context, *cursor.ClientV0) (any, error)
	answer string // "" where the double's own will do
	// target and body are of the last request.
	target, body string
	want         any
}

func wantAgentV0(latestRunID string) cursor.Agent {
	return cursor.Agent{
		ID: agentID, Name: "Add README", Status: cursor.AgentIdle, URL: "https://cursor.com/agents?id=" + agentID,
		Env: cursor.Environment{Type: "cloud"}, CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), LatestRunID: latestRunID,
		Repos:        []cursor.Repo{{URL: "https://github.com/o/r", StartingRef: "main"}},
		AutoCreatePR: true, SkipReviewerRequest: true, Branch: "cursor/x",
		ServedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
}

func wantRunV0(id, result string) cursor.Run {
	return cursor.Run{
		ID: id, AgentID: agentID, Status: cursor.RunFinished, CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Result: result,
		Git: []cursor.GitBranch{{RepoURL: "https://github.com/o/r", Branch: "cursor/x", PRURL: "https://github.com/o/r/pull/2", Unproven: true}},
	}
}

// finished is the state of the double behind exchangesV0.
func finished() state {
	return state{
		status: "FINISHED", summary: "Added.", branch: "cursor/x", pr: "https://github.com/o/r/pull/2",
		messages: said("Add a README", "Done."),
	}
}

func exchangesV0() []exchangeV0 {
	type ctx = context.Context
	secret := strings.Repeat("s3cret-", 6)
	return []exchangeV0{
		{
			name: "create agent, with everything",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				return c.CreateAgent(ctx, cursor.CreateAgentRequest{
					Prompt: cursor.Prompt{Text: "a <b> & c", Images: []cursor.Image{{Data: "AA==", MIMEType: "image/png", Dimension: &cursor.Dimension{Width: 3, Height: 4}}, {Data: "AB=="}}},
					Model:  &cursor.ModelRef{ID: "m"}, Mode: "agent",
					Repos:        []cursor.Repo{{URL: "https://github.com/o/r", StartingRef: "main"}},
					AutoCreatePR: true, SkipReviewerRequest: true, OpenAsCursorGithubApp: true, Branch: "feature/x",
					Webhook: &cursor.Webhook{URL: "https://example.com/hook", Secret: secret},
				})
			},
			answer: `{"id":"` + agentID + `","name":"Add README","status":"CREATING","source":{"repository":"https://github.com/o/r","ref":"main"},
				"target":{"url":"https://cursor.com/agents?id=` + agentID + `","branchName":"feature/x","autoCreatePr":true,"openAsCursorGithubApp":true,"skipReviewerRequest":true},"createdAt":"2026-11-23T10:00:00Z"}`,
			target: "POST /v0/agents",
			body: `{"prompt":{"text":"a <b> & c","images":[{"data":"AA==","dimension":{"width":3,"height":4}},{"data":"AB=="}]},"model":"m",` +
				`"source":{"repository":"https://github.com/o/r","ref":"main"},` +
				`"target":{"autoCreatePr":true,"openAsCursorGithubApp":true,"skipReviewerRequest":true,"branchName":"feature/x"},` +
				`"webhook":{"url":"https://example.com/hook","secret":"` + secret + `"}}`,
			want: func() cursor.Created {
				agent := wantAgentV0("v0-0")
				agent.Status, agent.Branch = cursor.AgentActive, "feature/x"
				return cursor.Created{Agent: agent, Run: cursor.Run{ID: "v0-0", AgentID: agentID, Status: cursor.RunCreating, CreatedAt: agent.CreatedAt}}
			}(),
		},
		{
			name: "create agent, with nothing but a prompt and a repository",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				created, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}, Repos: []cursor.Repo{{URL: "https://github.com/o/r"}}})
				return created.Run.ID, err
			},
			answer: `{"id":"bc_abc123","name":"n","status":"CREATING","source":{"repository":"r"},"target":{"url":"u"},"createdAt":"2026-11-23T10:00:00Z"}`,
			target: "POST /v0/agents", body: `{"prompt":{"text":"p"},"source":{"repository":"https://github.com/o/r"},"target":{}}`,
			want: "v0-0",
		},
		{
			name: "create agent, on a new branch for a pull request",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				created, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{
					Prompt: cursor.Prompt{Text: "p"}, Branch: "b",
					Repos: []cursor.Repo{{URL: "https://github.com/o/r", StartingRef: "main", PRURL: "https://github.com/o/r/pull/1"}},
				})
				return created.Agent.ID, err
			},
			answer: `{"id":"bc_abc123","name":"n","status":"CREATING","source":{"repository":"r"},"target":{"url":"u"},"createdAt":"2026-11-23T10:00:00Z"}`,
			target: "POST /v0/agents", body: `{"prompt":{"text":"p"},"source":{"prUrl":"https://github.com/o/r/pull/1"},"target":{"branchName":"b"}}`,
			want: "bc_abc123",
		},
		{
			name: "create agent, on a pull request's own branch",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				created, err := c.CreateAgent(ctx, cursor.CreateAgentRequest{
					Prompt: cursor.Prompt{Text: "p"}, WorkOnCurrentBranch: true,
					Repos: []cursor.Repo{{URL: "https://github.com/o/r", PRURL: "https://github.com/o/r/pull/1"}},
				})
				return created.Agent.ID, err
			},
			answer: `{"id":"bc_abc123","name":"n","status":"CREATING","source":{"repository":"r"},"target":{"url":"u"},"createdAt":"2026-11-23T10:00:00Z"}`,
			target: "POST /v0/agents", body: `{"prompt":{"text":"p"},"source":{"prUrl":"https://github.com/o/r/pull/1"},"target":{"autoBranch":false}}`,
			want: "bc_abc123",
		},
		{
			name:   "get agent",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.GetAgent(ctx, agentID) },
			target: "GET /v0/agents/" + agentID + "/conversation", want: wantAgentV0("v0-0"),
		},
		{
			name: "list agents",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				return collect(c.ListAgents(ctx, cursor.ListAgentsOptions{}))
			},
			target: "GET /v0/agents?limit=100", want: []cursor.Agent{wantAgentV0("")},
		},
		{
			name: "list agents, narrowed",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				return collect(c.ListAgents(ctx, cursor.ListAgentsOptions{PRURL: "https://github.com/o/r/pull/1", ExcludeArchived: true, Limit: 7}))
			},
			answer: `{"agents":[]}`, target: "GET /v0/agents?limit=7&prUrl=https%3A%2F%2Fgithub.com%2Fo%2Fr%2Fpull%2F1", want: []cursor.Agent(nil),
		},
		{
			name:   "delete agent",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return nil, c.DeleteAgent(ctx, agentID) },
			target: "DELETE /v0/agents/" + agentID,
		},
		{
			name: "create run",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) {
				return c.CreateRun(ctx, agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "more", Images: []cursor.Image{{Data: "AA==", MIMEType: "image/png"}}}})
			},
			target: "POST " + at("/followup"), body: `{"prompt":{"text":"more","images":[{"data":"AA=="}]}}`,
			want: func() cursor.Run {
				run := wantRunV0("v0-2", "")
				run.Status = cursor.RunCreating
				return run
			}(),
		},
		{
			name:   "get run",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.GetRun(ctx, agentID, "v0-0") },
			target: "GET " + at("/conversation"), want: wantRunV0("v0-0", "Done."),
		},
		{
			name:   "list runs",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return collect(c.ListRuns(ctx, agentID)) },
			target: "GET " + at("/conversation"), want: []cursor.Run{wantRunV0("v0-0", "Done.")},
		},
		{
			name:   "conversation",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.Conversation(ctx, agentID) },
			target: "GET " + at("/conversation"),
			want:   []cursor.Message{{Type: cursor.UserMessage, Text: "Add a README"}, {Type: cursor.AssistantMessage, Text: "Done."}},
		},
		{
			name: "list artifacts",
			call: func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.ListArtifacts(ctx, agentID) },
			answer: `{"artifacts":[{"absolutePath":"/opt/cursor/artifacts/a b.png","sizeBytes":12,"updatedAt":"2026-11-23T10:00:00.000Z"},
				{"absolutePath":"/workspace/log.txt","sizeBytes":0,"updatedAt":"2026-11-23T10:00:00Z"},{"absolutePath":"/artifacts/c","sizeBytes":1,"updatedAt":"2026-11-23T10:00:00Z"}]}`,
			target: "GET " + at("/artifacts"),
			want: []cursor.Artifact{
				{Path: "artifacts/a b.png", SizeBytes: 12, UpdatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)},
				{Path: "workspace/log.txt", UpdatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)},
				{Path: "/artifacts/c", SizeBytes: 1, UpdatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)},
			},
		},
		{
			name:   "me",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.Me(ctx) },
			answer: `{"apiKeyName":"CI","createdAt":"2026-11-23T10:00:00Z","userEmail":"a@example.com"}`,
			target: "GET /v0/me", want: cursor.Me{APIKeyName: "CI", CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Email: "a@example.com"},
		},
		{
			name:   "models",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.Models(ctx) },
			answer: `{"models":["claude-4-sonnet-thinking","gpt-5.2"]}`, target: "GET /v0/models",
			want: []cursor.Model{{ID: "claude-4-sonnet-thinking", DisplayName: "claude-4-sonnet-thinking"}, {ID: "gpt-5.2", DisplayName: "gpt-5.2"}},
		},
		{
			name:   "repositories",
			call:   func(ctx ctx, c *cursor.ClientV0) (any, error) { return c.Repositories(ctx) },
			answer: `{"repositories":[{"owner":"o","name":"r","repository":"https://github.com/o/r"}]}`, target: "GET /v0/repositories",
			want: []string{"https://github.com/o/r"},
		},
	}
}
