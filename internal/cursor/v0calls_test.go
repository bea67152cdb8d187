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
		{"somebody else's agent", `{"id":"bc-2","status":"FINISHED"}`, "it is about bc-2", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.GetRun(ctx, agentID, "v0-0"); return err }},
		{"somebody else's conversation", `{"id":"bc-2","messages":[]}`, "it is about bc-2", func(ctx ctx, c *cursor.ClientV0) error { _, err := c.Conversation(ctx, agentID); return err }},
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

func TestADownloadOfVersion0CarriesNoKey(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { fmt.Fprint(w, "bytes") })
	var got strings.Builder
	n, err := clientV0(t, url, cursor.Config{}).Download(t.Context(), url+"/a?sig=1", &got, 100)
	if err != nil || n != 5 || got.String() != "bytes" {
		t.Errorf("got %q, %d, %v", got.String(), n, err)
	}
	if seen := server.seen()[0]; seen.Header.Get("Authorization") != "" || seen.Target != "/a?sig=1" {
		t.Errorf("asked %s with %v", seen.Target, seen.Header)
	}
}

func TestAnAgentOfVersion0ThatIsGoneCanNotBeStopped(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, state{refuse: map[string]int{"GET ": 404}})
	err := clientV0(t, url, cursor.Config{}).CancelRun(t.Context(), agentID, "v0-0")
	if diff := cmp.Diff("cancel run: GET "+at("")+": 404 agent_not_found: no", text(err)); diff != "" || len(server.seen()) != 1 {
		t.Errorf("%d requests, error (-want +got):\n%s", len(server.seen()), diff)
	}
}
