package cursor_test

import (
	"net/http"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestOddTimesAndNumbersAreZeroAndNoError(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{`null`, `""`, `"yesterday"`, `1764000000`, `{}`} {
		t.Run(odd, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				w.Header()["Date"] = nil
				say(w, 200, `{"id":"x","createdAt":`+odd+`,"updatedAt":`+odd+`,"status":"NAPPING","durationMs":`+odd+`,"error":null,"git":null}`)
			})
			c := client(t, url, cursor.Config{})
			agent, err := c.GetAgent(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(cursor.Agent{ID: "x", Status: "NAPPING"}, agent); diff != "" {
				t.Errorf("agent (-want +got):\n%s", diff)
			}
			run, err := c.GetRun(t.Context(), agentID, "x")
			if err != nil {
				t.Fatal(err)
			}
			run.Duration = 0 // a number is a fair duration
			if diff := cmp.Diff(cursor.Run{ID: "x", Status: "NAPPING"}, run); diff != "" {
				t.Errorf("run (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAgentsPageIsAPageOfTheWebOrNone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, said, want string }{
		{"Cursor's own", "https://cursor.com/agents/bc-1", "https://cursor.com/agents/bc-1"},
		{"an API on this machine", "http://127.0.0.1:8080/agents/bc-1", "http://127.0.0.1:8080/agents/bc-1"},
		{"plain http", "http://cursor.com/agents/bc-1", ""},
		{"a script", "javascript:alert(1)", ""},
		{"a script that looks like a page", "javascript://cursor.com/%0Aalert(1)", ""},
		{"a file", "file:///etc/passwd", ""},
		{"a name before the host", "https://cursor.com@example.com/", ""},
		{"no host", "https:///agents", ""},
		{"a line end", "https://cursor.com/\\n::error::x", ""},
		{"words", "look at my page", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, `{"id":"x","url":"`+tt.said+`"}`) })
			agent, err := client(t, url, cursor.Config{}).GetAgent(t.Context(), "x")
			if agent.URL != tt.want || err != nil {
				t.Errorf("got %q and error %v, want %q", agent.URL, err, tt.want)
			}
		})
	}
}

func TestARunThatFailedSaysWhyInAnyShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, error string
		want        *cursor.RunFault
	}{
		{"an object", `{"code":"c","message":"m"}`, &cursor.RunFault{Code: "c", Message: "m"}},
		{"an object without a code", `{"message":"m"}`, &cursor.RunFault{Message: "m"}},
		{"a string", `"m"`, &cursor.RunFault{Message: "m"}},
		{"a list", `["m"]`, &cursor.RunFault{}},
		{"null", `null`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				say(w, 200, `{"id":"x","error":`+tt.error+`}`)
			})
			run, err := client(t, url, cursor.Config{}).GetRun(t.Context(), agentID, "x")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, run.Error); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
		})
	}
}

// Fault 19: COMPLETED, FAILED, STOPPED and PENDING are states that other clients wait for, and the API has none of them.
func TestOnlyKnownEndStatesAreTerminal(t *testing.T) {
	t.Parallel()
	tests := map[cursor.RunStatus]bool{
		cursor.RunCreating: false, cursor.RunRunning: false, "QUEUED": false, "": false, "finished": false,
		"COMPLETED": false, "FAILED": false, "STOPPED": false, "PENDING": false,
		cursor.RunFinished: true, cursor.RunError: true, cursor.RunCancelled: true, cursor.RunExpired: true,
	}
	for status, want := range tests {
		if got := status.Terminal(); got != want {
			t.Errorf("%q.Terminal() = %t, want %t", status, got, want)
		}
	}
}

func TestAnIDThatNamesNothingIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, `{}`) })
	c := client(t, url, cursor.Config{})
	first := func(_ any, err error) error { return err }
	ctx := t.Context()
	last := func(seq func(func(cursor.Run, error) bool)) error { _, err := collect(seq); return err }
	tests := []struct {
		op  string
		err error
		id  string
	}{
		{"get agent", first(c.GetAgent(ctx, "")), `""`},
		{"get agent", first(c.GetAgent(ctx, "..")), `".."`},
		{"archive agent", c.ArchiveAgent(ctx, "."), `"."`},
		{"unarchive agent", c.UnarchiveAgent(ctx, ""), `""`},
		{"delete agent", c.DeleteAgent(ctx, ""), `""`},
		{"create run", first(c.CreateRun(ctx, "", cursor.CreateRunRequest{})), `""`},
		{"list runs", last(c.ListRuns(ctx, "")), `""`},
		{"get run", first(c.GetRun(ctx, agentID, "")), `""`},
		{"cancel run", c.CancelRun(ctx, agentID, ".."), `".."`},
		{"stream run", first(collect(c.StreamRun(ctx, agentID, "", ""))), `""`},
		{"get usage", first(c.Usage(ctx, "", "")), `""`},
		{"list artifacts", first(c.ListArtifacts(ctx, "")), `""`},
		{"get artifact URL", first(c.ArtifactURL(ctx, "", "p")), `""`},
	}
	for _, tt := range tests {
		want := tt.op + ": " + tt.id + " is not an id; pass the id that the API gave"
		if diff := cmp.Diff(want, text(tt.err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
	if n := len(server.seen()); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}
