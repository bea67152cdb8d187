package cursor_test

import (
	"fmt"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// A follow-up shows in the agent late. Until then the agent's state is that of
// the run before.
//
// Fault 22: an old FINISHED is not the end of the run that a follow-up asked for.
func TestTheEndOfTheRunBeforeIsNotThatOfAFollowUp(t *testing.T) {
	t.Parallel()
	before := func(change func(*state)) state {
		s := finished()
		change(&s)
		return s
	}
	tests := []struct {
		name   string
		before state
		later  []func(*state) // what becomes of the agent, look after look
		want   []cursor.RunStatus
		other  cursor.RunStatus // what another process, which saw nothing, says at the end
	}{
		{
			name: "seen to run", before: finished(),
			later: []func(*state){
				func(*state) {},
				func(s *state) { s.messages = append(s.messages, asked("more")) },
				func(s *state) { s.status = "RUNNING" },
				func(s *state) { s.status = "FINISHED" },
			},
			want: []cursor.RunStatus{"CREATING", "CREATING", "RUNNING", "FINISHED"}, other: "CREATING",
		},
		{
			name: "too fast to be seen", before: finished(),
			later: []func(*state){func(s *state) { s.messages = append(s.messages, asked("more"), answers("Done too.")) }},
			want:  []cursor.RunStatus{"FINISHED"}, other: "FINISHED",
		},
		{
			name: "failed without a word", before: finished(),
			later: []func(*state){
				func(s *state) { s.messages = append(s.messages, asked("more")) },
				func(s *state) { s.status = "ERROR" },
			},
			want: []cursor.RunStatus{"CREATING", "ERROR"}, other: "CREATING",
		},
		{
			name: "another summary", before: finished(),
			later: []func(*state){func(s *state) { s.summary = "Added more." }},
			want:  []cursor.RunStatus{"FINISHED"}, other: "CREATING",
		},
		{
			name: "the summary of the run before, late", before: before(func(s *state) { s.summary = "" }),
			later: []func(*state){func(s *state) { s.summary = "Added." }},
			want:  []cursor.RunStatus{"CREATING"}, other: "CREATING",
		},
		{
			name: "the answer of the run before, late", before: before(func(s *state) { s.messages = said("Add a README") }),
			later: []func(*state){
				func(s *state) { s.messages = said("Add a README", "Done.") },
				func(s *state) { s.messages = said("Add a README", "Done.", "more") },
				func(s *state) { s.messages = said("Add a README", "Done.", "more", "Done too.") },
			},
			want: []cursor.RunStatus{"CREATING", "CREATING", "FINISHED"}, other: "FINISHED",
		},
		{
			name: "no conversation", before: before(func(s *state) { s.messages = nil }),
			later: []func(*state){func(*state) {}, func(s *state) { s.status = "CREATING" }, func(s *state) { s.status = "FINISHED" }},
			want:  []cursor.RunStatus{"CREATING", "CREATING", "FINISHED"}, other: "CREATING",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, _, url := begin(t, tt.before)
			c := clientV0(t, url, cursor.Config{})
			created, err := c.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "more"}})
			if err != nil || created.Status != cursor.RunCreating || created.Result != "" {
				t.Fatalf("got %+v, %v; want a run that is being created", created, err)
			}
			var got []cursor.RunStatus
			for _, change := range tt.later {
				d.set(change)
				run, err := c.GetRun(t.Context(), agentID, created.ID)
				if err != nil {
					t.Fatal(err)
				}
				if !run.Status.Terminal() && run.Result != "" {
					t.Errorf("the run is %s and has the result %q", run.Status, run.Result)
				}
				got = append(got, run.Status)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("look after look (-want +got):\n%s", diff)
			}
			run, err := clientV0(t, url, cursor.Config{}).GetRun(t.Context(), agentID, created.ID)
			if err != nil || run.Status != tt.other {
				t.Errorf("another process says %s, %v; want %s", run.Status, err, tt.other)
			}
			if first, err := c.GetRun(t.Context(), agentID, "v0-0"); err != nil || !first.Status.Terminal() {
				t.Errorf("the run before is %s, %v", first.Status, err)
			}
		})
	}
}

func TestAFollowUpOfWhichNothingCanBeKnownIsAnError(t *testing.T) {
	t.Parallel()
	s := finished()
	s.refuse = map[string]int{"GET /conversation": 403}
	_, _, url := begin(t, s)
	_, err := clientV0(t, url, cursor.Config{}).GetRun(t.Context(), agentID, "v0-2")
	if diff := cmp.Diff("read conversation: GET "+at("/conversation")+": 403 Forbidden: no", text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestAFollowUpIsSentToAnAgentAtRestOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, state string
		refuse      map[string]int
		want        string
		code        cursor.Code
		class       cursor.Class
		requests    []string
	}{
		{"at work", "RUNNING", nil, "create run: agent_busy: the agent works on another prompt; wait for its end, or cancel it", cursor.CodeAgentBusy, cursor.Final, []string{"GET "}},
		{"being created", "CREATING", nil, "create run: agent_busy: the agent works on another prompt; wait for its end, or cancel it", cursor.CodeAgentBusy, cursor.Final, []string{"GET "}},
		{"gone", "FINISHED", map[string]int{"GET ": 404}, "create run: GET " + at("") + ": 404 agent_not_found: no", cursor.CodeAgentNotFound, cursor.Final, []string{"GET "}},
		{"its conversation refused", "FINISHED", map[string]int{"GET /conversation": 409}, "read conversation: GET " + at("/conversation") + ": 409 agent_archived: no", cursor.CodeAgentArchived, cursor.Final, []string{"GET ", "GET /conversation"}},
		{"archived", "FINISHED", map[string]int{"POST /followup": 409}, "create run: POST " + at("/followup") + ": 409 agent_archived: no", cursor.CodeAgentArchived, cursor.Final, []string{"GET ", "GET /conversation", "POST /followup"}},
		{"its answer lost", "FINISHED", map[string]int{"POST /followup": 1}, "create run: POST " + at("/followup") + ": the connection was closed without an answer (may have been carried out)", "", cursor.Ambiguous, []string{"GET ", "GET /conversation", "POST /followup"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, server, url := begin(t, state{status: tt.state, messages: said("p", "Done."), refuse: tt.refuse})
			_, err := clientV0(t, url, cursor.Config{}).CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "more"}})
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if e := asError(t, err); e.Code != tt.code || e.Class != tt.class {
				t.Errorf("got %#v, want code %q, class %s", e, tt.code, tt.class)
			}
			if diff := cmp.Diff(tt.requests, server.paths()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALostFollowUpShowsAmongTheRuns(t *testing.T) {
	t.Parallel()
	d, _, url := begin(t, finished())
	d.on = func(s *state, target string, _ int) {
		if target == "POST /followup" { // carried out, and its answer lost
			s.status, s.messages, s.refuse = "RUNNING", append(s.messages, asked("more")), map[string]int{target: 1}
		}
	}
	c := clientV0(t, url, cursor.Config{})
	if _, err := c.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "more"}}); asError(t, err).Class != cursor.Ambiguous {
		t.Fatalf("error %v", err)
	}
	runs, err := collect(c.ListRuns(t.Context(), agentID))
	var got []string
	for _, run := range runs {
		got = append(got, fmt.Sprintf("%s %s", run.ID, run.Status))
	}
	if diff := cmp.Diff([]string{"v0-2 RUNNING", "v0-0 RUNNING"}, got); diff != "" || err != nil {
		t.Errorf("error %v, runs (-want +got):\n%s", err, diff)
	}
}
