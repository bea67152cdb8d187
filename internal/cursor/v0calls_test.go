package cursor_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
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
		Git: []cursor.GitBranch{{RepoURL: "https://github.com/o/r", Branch: "cursor/x", PRURL: "https://github.com/o/r/pull/2"}},
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
			target: "GET /v0/agents?limit=100", want: []cursor.Agent{wantAgentV0("v0-0")},
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

// serveExchange answers the last request of tt with its answer, and those before
// as a double with a finished agent.
func serveExchange(t *testing.T, tt exchangeV0) (*recorder, string) {
	t.Helper()
	d := &double{state: finished()}
	return serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
		w.Header().Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
		if tt.answer != "" {
			say(w, map[bool]int{false: 200, true: 201}[tt.target == "POST /v0/agents"], tt.answer)
			return
		}
		d.answer(w, r, number)
	})
}

func TestEachCallSpeaksAsVersion0Documents(t *testing.T) {
	t.Parallel()
	for _, tt := range exchangesV0() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serveExchange(t, tt)
			got, err := tt.call(t.Context(), clientV0(t, url, cursor.Config{}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			seen := server.seen()
			last := seen[len(seen)-1]
			if diff := cmp.Diff([]string{tt.target, tt.body}, []string{last.Method + " " + last.Target, last.Body}); diff != "" {
				t.Errorf("last request (-want +got):\n%s", diff)
			}
			for _, r := range seen {
				isPost := r.Method == http.MethodPost
				if typed := r.Header.Get("Content-Type") == "application/json"; typed != isPost || r.Header.Get("Authorization") != "Bearer "+testKey {
					t.Errorf("%s %s has the headers %v", r.Method, r.Target, r.Header)
				}
			}
		})
	}
}

func TestEveryCallOfVersion0HoldsToItsSpecification(t *testing.T) {
	t.Parallel()
	for _, tt := range exchangesV0() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serveExchange(t, tt)
			c := clientV0(t, url, cursor.Config{Transport: checked(t, "CURSOR_OPENAPI_V0", strictV0, true), Retry: once})
			if _, err := tt.call(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("stop", func(t *testing.T) {
		t.Parallel()
		_, _, url := begin(t, state{status: "RUNNING"})
		c := clientV0(t, url, cursor.Config{Transport: checked(t, "CURSOR_OPENAPI_V0", strictV0, true), Retry: once})
		if err := c.CancelRun(t.Context(), agentID, "v0-0"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheCheckAgainstTheSpecificationOfVersion0CanFail(t *testing.T) {
	t.Parallel()
	if _, ok := os.LookupEnv("CURSOR_OPENAPI_V0"); !ok {
		t.Log("CURSOR_OPENAPI_V0 names no specification: there is nothing to check")
		return
	}
	_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, `{"apiKeyName":5}`) })
	c := clientV0(t, url, cursor.Config{Transport: checked(t, "CURSOR_OPENAPI_V0", strictV0, true), Retry: once})
	_, bad := c.CreateAgent(t.Context(), cursor.CreateAgentRequest{Repos: []cursor.Repo{{URL: "https://github.com/o/r"}}})
	_, answer := c.Me(t.Context())
	for want, err := range map[string]error{"the specification refuses the request": bad, "the specification refuses the answer": answer} {
		if !strings.Contains(text(err), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestAnArtifactIsAskedForByThePathThatVersion0Gave(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/opt/cursor/artifacts/a b&c.png", "/opt/cursor/artifacts/x/../y", "/opt/other/x", "/workspace/log.txt", "/artifacts/c", "//x"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var asked string
			_, url := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
				if number == 1 {
					say(w, 200, fmt.Sprintf(`{"artifacts":[{"absolutePath":%q,"sizeBytes":1,"updatedAt":"2026-11-23T10:00:00Z"}]}`, path))
					return
				}
				asked = r.URL.Path + "?" + r.URL.Query().Get("path")
				say(w, 200, `{"url":"https://bucket.example.com/a?sig=1","expiresAt":"2026-11-23T10:15:00Z"}`)
			})
			c := clientV0(t, url, cursor.Config{Transport: checked(t, "CURSOR_OPENAPI_V0", strictV0, true)})
			all, err := c.ListArtifacts(t.Context(), agentID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.ArtifactURL(t.Context(), agentID, all[0].Path)
			want := cursor.Download{URL: "https://bucket.example.com/a?sig=1", ExpiresAt: time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("error %v, download (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff(at("/artifacts/download?"+path), asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersion1ReadsTheConversationWhereVersion0Does(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, finished())
	got, err := client(t, url, cursor.Config{}).Conversation(t.Context(), agentID)
	want := []cursor.Message{{Type: cursor.UserMessage, Text: "Add a README"}, {Type: cursor.AssistantMessage, Text: "Done."}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, messages (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"GET /conversation"}, server.paths()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestAnAgentOfVersion0WhoseConversationIsRefusedHasNoLatestRun(t *testing.T) {
	t.Parallel()
	s := finished()
	s.refuse = map[string]int{"GET /conversation": 409}
	_, _, url := begin(t, s)
	got, err := clientV0(t, url, cursor.Config{}).GetAgent(t.Context(), agentID)
	if err != nil || got.LatestRunID != "" || got.ID != agentID {
		t.Errorf("got %+v, %v; want the agent without a run", got, err)
	}
}

func TestTheLatestRunOfVersion0IsThatOfTheLastPrompt(t *testing.T) {
	t.Parallel()
	s := finished()
	s.messages = said("one", "done", "two", "done", "three")
	_, _, url := begin(t, s)
	got, err := clientV0(t, url, cursor.Config{}).GetAgent(t.Context(), agentID)
	if err != nil || got.LatestRunID != "v0-4" {
		t.Errorf("got %+v, %v; want the latest run v0-4", got, err)
	}
}

func TestAnswersOfVersion0ThatAreNotTheOneAskedForSayWhatTheyLack(t *testing.T) {
	t.Parallel()
	type ctx = context.Context
	tests := []struct {
		name, body, want string
		call             func(ctx, *cursor.ClientV0) error
	}{
		{"an agent without id", `{"status":"RUNNING"}`, "it has no id", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.GetAgent(ctx, agentID); return err }},
		{"an agent without status", `{"id":"x"}`, "it has no status", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.GetRun(ctx, agentID, "v0-0"); return err }},
		{"a list without agents", `{"items":[]}`, "it has no agents", func(ctx ctx, c *cursor.ClientV0) error {
			_, err := collect(c.ListAgents(ctx, cursor.ListAgentsOptions{}))
			return err
		}},
		{"a conversation without messages", `{}`, "it has no messages", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.Conversation(ctx, agentID); return err }},
		{"artifacts", `{"items":[]}`, "it has no artifacts", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.ListArtifacts(ctx, agentID); return err }},
		{"models", `{"items":[]}`, "it has no models", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.Models(ctx); return err }},
		{"repositories", `{"items":[]}`, "it has no repositories", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.Repositories(ctx); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, tt.body) })
			e := asError(t, tt.call(t.Context(), clientV0(t, url, cursor.Config{Retry: once})))
			if want := "the answer is not what the API documents: " + tt.want; e.Message != want {
				t.Errorf("message %q, want %q", e.Message, want)
			}
		})
	}
}

func TestIDsThatNameAnotherResourceAreRefusedByVersion0Too(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, `{}`) })
	c := clientV0(t, url, cursor.Config{})
	for op, call := range map[string]func() error{
		"get agent":         func() error { _, err := c.GetAgent(t.Context(), ".."); return err },
		"get run":           func() error { _, err := c.GetRun(t.Context(), "..", "v0-0"); return err },
		"create run":        func() error { _, err := c.CreateRun(t.Context(), "..", cursor.CreateRunRequest{}); return err },
		"cancel run":        func() error { return c.CancelRun(t.Context(), "..", "v0-0") },
		"delete agent":      func() error { return c.DeleteAgent(t.Context(), "..") },
		"list runs":         func() error { _, err := collect(c.ListRuns(t.Context(), "..")); return err },
		"stream run":        func() error { _, err := collect(c.StreamRun(t.Context(), "..", "v0-0", "")); return err },
		"read conversation": func() error { _, err := c.Conversation(t.Context(), ".."); return err },
		"list artifacts":    func() error { _, err := c.ListArtifacts(t.Context(), ".."); return err },
		"get artifact URL":  func() error { _, err := c.ArtifactURL(t.Context(), "..", "p"); return err },
	} {
		if diff := cmp.Diff(op+`: ".." is not an id; pass the id that the API gave`, text(call())); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
	if n := len(server.seen()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}
