package cursor_test

import (
	"context"
	"errors"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// Fault 19: what an agent says of itself after a stop is documented nowhere.
func TestARunThatWasStoppedIsCancelledWhateverItsAgentSays(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"FINISHED", "ERROR", "EXPIRED", "STOPPED"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			d, server, url := begin(t, state{status: "RUNNING", messages: said("p", "hm")})
			c := clientV0(t, url, cursor.Config{})
			if err := c.CancelRun(t.Context(), agentID, "v0-0"); err != nil {
				t.Fatal(err)
			}
			if run, err := c.GetRun(t.Context(), agentID, "v0-0"); err != nil || run.Status != cursor.RunRunning {
				t.Errorf("before its end it is %s, %v", run.Status, err)
			}
			d.set(func(s *state) { s.status = after })
			run, err := c.GetRun(t.Context(), agentID, "v0-0")
			if err != nil || run.Status != cursor.RunCancelled || run.Result != "hm" {
				t.Errorf("got %+v, %v; want it cancelled", run, err)
			}
			if err := c.CancelRun(t.Context(), agentID, "v0-0"); !errors.Is(err, cursor.CodeRunNotCancellable) {
				t.Errorf("a second stop gives %v", err)
			}
			want := []string{"GET ", "POST /stop", "GET ", "GET ", "GET /conversation", "GET ", "GET /conversation"}
			if diff := cmp.Diff(want, server.paths()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if body := server.seen()[1].Body; body != "{}" {
				t.Errorf("the stop has the body %q", body)
			}
		})
	}
}

func TestAStopThatDidNotHappenCancelsNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stop   int // the answer to it
		want   string
		status cursor.RunStatus // when the agent finishes then
	}{
		{"refused", 403, "cancel run: POST " + at("/stop") + ": 403 Forbidden: no", cursor.RunFinished},
		{"archived", 409, "cancel run: POST " + at("/stop") + ": 409 agent_archived: no", cursor.RunFinished},
		{"lost", 1, "cancel run: POST " + at("/stop") + ": the connection was closed without an answer (may have been carried out)", cursor.RunCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, _, url := begin(t, state{status: "RUNNING", refuse: map[string]int{"POST /stop": tt.stop}})
			c := clientV0(t, url, cursor.Config{Retry: once})
			if diff := cmp.Diff(tt.want, text(c.CancelRun(t.Context(), agentID, "v0-0"))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			d.set(func(s *state) { s.status = "FINISHED" })
			if run, err := c.GetRun(t.Context(), agentID, "v0-0"); err != nil || run.Status != tt.status {
				t.Errorf("got %s, %v; want %s", run.Status, err, tt.status)
			}
		})
	}
}

// The look before the stop may take all the time there is.
func TestAStopThatWasNeverSentCancelsNothing(t *testing.T) {
	t.Parallel()
	d, server, url := begin(t, state{status: "RUNNING"})
	ctx, cancel := context.WithCancelCause(t.Context())
	looked := func(cursor.Attempt) { cancel(errStop) }
	c := clientV0(t, url, cursor.Config{OnAttempt: looked})
	if err := c.CancelRun(ctx, agentID, "v0-0"); !errors.Is(err, errStop) {
		t.Errorf("error %v, want it stopped", err)
	}
	d.set(func(s *state) { s.status = "FINISHED" })
	if run, err := c.GetRun(t.Context(), agentID, "v0-0"); err != nil || run.Status != cursor.RunFinished {
		t.Errorf("got %s, %v; want it finished", run.Status, err)
	}
	if diff := cmp.Diff([]string{"GET ", "GET ", "GET /conversation"}, server.paths()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestARunThatHasEndedIsNotStopped(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, finished())
	err := clientV0(t, url, cursor.Config{}).CancelRun(t.Context(), agentID, "v0-0")
	if diff := cmp.Diff("cancel run: run_not_cancellable: the run has ended as FINISHED", text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET ", "GET /conversation"}, server.paths()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
