package cursor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestEveryStateOfVersion0IsOneOfARun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state    string
		want     cursor.RunStatus
		terminal bool
	}{
		{"CREATING", cursor.RunCreating, false}, {"RUNNING", cursor.RunRunning, false}, {"running", cursor.RunRunning, false},
		{"FINISHED", cursor.RunFinished, true}, {"COMPLETED", cursor.RunFinished, true},
		{"ERROR", cursor.RunError, true}, {"FAILED", cursor.RunError, true}, {"EXPIRED", cursor.RunExpired, true},
		{"STOPPED", cursor.RunCancelled, true}, {"CANCELLED", cursor.RunCancelled, true}, {"CANCELED", cursor.RunCancelled, true},
		{"PENDING", "PENDING", false}, {"HIBERNATING", "HIBERNATING", false},
	}
	for _, tt := range tests {
		t.Run(tt.state, func(t *testing.T) {
			t.Parallel()
			_, _, url := begin(t, state{status: tt.state})
			run, err := clientV0(t, url, cursor.Config{}).GetRun(t.Context(), agentID, "v0-0")
			if err != nil || run.Status != tt.want || run.Status.Terminal() != tt.terminal {
				t.Errorf("got %+v, %v; want status %s, terminal %v", run, err, tt.want, tt.terminal)
			}
		})
	}
}

func TestARunOfVersion0SaysWhatItsAgentKnows(t *testing.T) {
	t.Parallel()
	branch := cursor.GitBranch{RepoURL: "https://github.com/o/r", Branch: "cursor/x"}
	withPR := branch
	withPR.PRURL = "https://github.com/o/r/pull/2"
	tests := []struct {
		name   string
		state  state
		result string
		git    []cursor.GitBranch
	}{
		{"a live one without a pull request", state{status: "RUNNING", summary: "so far", branch: "cursor/x", messages: said("p", "hm")}, "", nil},
		{"a live one with a pull request", state{status: "RUNNING", branch: "cursor/x", pr: withPR.PRURL}, "", []cursor.GitBranch{withPR}},
		{"the last words go before the summary", finished(), "Done.", []cursor.GitBranch{withPR}},
		{"the last of many", state{status: "FINISHED", messages: []message{asked("p"), answers("First."), answers("Last."), answers(" ")}}, "Last.", nil},
		{"the summary where nothing was said", state{status: "FINISHED", summary: "Added.", messages: said("p"), branch: "cursor/x"}, "Added.", []cursor.GitBranch{branch}},
		{"the summary where the conversation is refused", state{status: "ERROR", summary: "Broke.", refuse: map[string]int{"GET /conversation": 403}}, "Broke.", nil},
		{"nothing", state{status: "EXPIRED"}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, url := begin(t, tt.state)
			run, err := clientV0(t, url, cursor.Config{}).GetRun(t.Context(), agentID, "v0-0")
			want := cursor.Run{
				ID: "v0-0", AgentID: agentID, Status: cursor.RunStatus(tt.state.status), Result: tt.result, Git: tt.git,
				CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
			}
			if diff := cmp.Diff(want, run); diff != "" || err != nil {
				t.Errorf("error %v, run (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A follow-up shows in the agent late. Until then the agent's state is that of
// the run before.
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

func TestTheRunsOfVersion0AreItsPromptsNewestFirst(t *testing.T) {
	t.Parallel()
	s := finished()
	s.messages = said("one", "Done.", "two")
	_, server, url := begin(t, s)
	c := clientV0(t, url, cursor.Config{})
	runs, err := collect(c.ListRuns(t.Context(), agentID))
	var got []string
	for _, run := range runs {
		got = append(got, fmt.Sprintf("%s %s", run.ID, run.Status))
	}
	// The second has not been answered: the end is that of the first.
	if diff := cmp.Diff([]string{"v0-2 CREATING", "v0-0 FINISHED"}, got); diff != "" || err != nil {
		t.Errorf("error %v, runs (-want +got):\n%s", err, diff)
	}
	if n := len(server.seen()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	for range c.ListRuns(t.Context(), agentID) {
		break
	}
	_, _, url = begin(t, state{status: "FINISHED", refuse: map[string]int{"GET /conversation": 404}})
	_, err = collect(clientV0(t, url, cursor.Config{}).ListRuns(t.Context(), agentID))
	if diff := cmp.Diff("read conversation: GET "+at("/conversation")+": 404 agent_not_found: no", text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestAListOfVersion0EndsWithItsFirstErrorOrWithItsReader(t *testing.T) {
	t.Parallel()
	d, server, url := begin(t, finished())
	c := clientV0(t, url, cursor.Config{})
	for range c.ListAgents(t.Context(), cursor.ListAgentsOptions{}) {
		break
	}
	d.set(func(s *state) { s.refuse = map[string]int{"GET /v0/agents": 403} })
	_, err := collect(c.ListAgents(t.Context(), cursor.ListAgentsOptions{}))
	if diff := cmp.Diff("list agents: GET /v0/agents: 403 Forbidden: no", text(err)); diff != "" || len(server.seen()) != 2 {
		t.Errorf("%d requests, error (-want +got):\n%s", len(server.seen()), diff)
	}
}

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

func TestRunsOfAnotherVersionAreNotGuessed(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, finished())
	c := clientV0(t, url, cursor.Config{})
	for _, id := range []string{runID, "", "v0-", "v0--1", "v0-x", "0"} {
		want := fmt.Sprintf("run_not_found: API v0 has no run %q; leave the run's id out, or use the API version that gave it", id)
		_, got := c.GetRun(t.Context(), agentID, id)
		_, streamed := collect(c.StreamRun(t.Context(), agentID, id, ""))
		errs := []string{text(got), text(c.CancelRun(t.Context(), agentID, id)), text(streamed)}
		if diff := cmp.Diff([]string{"get run: " + want, "cancel run: " + want, "stream run: " + want}, errs); diff != "" {
			t.Errorf("errors (-want +got):\n%s", diff)
		}
	}
	if n := len(server.seen()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestALostLaunchOfVersion0IsNeverRepeated(t *testing.T) {
	t.Parallel()
	request := cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}, Repos: []cursor.Repo{{URL: "r"}}, Branch: "b"}
	_, server, url := begin(t, state{refuse: map[string]int{"POST /v0/agents": 1}})
	_, err := clientV0(t, url, cursor.Config{}).CreateAgent(t.Context(), request)
	want := "create agent: POST /v0/agents: the connection was closed without an answer (may have been carried out)"
	if diff := cmp.Diff(want, text(err)); diff != "" || asError(t, err).Class != cursor.Ambiguous || len(server.seen()) != 1 {
		t.Errorf("%d requests, class %s, error (-want +got):\n%s", len(server.seen()), asError(t, err).Class, diff)
	}
	_, server, url = begin(t, state{refuse: map[string]int{"POST /v0/agents": 500}})
	if _, err = clientV0(t, url, cursor.Config{}).CreateAgent(t.Context(), request); asError(t, err).Class != cursor.Ambiguous || len(server.seen()) != 1 {
		t.Errorf("%d requests, error %v", len(server.seen()), err)
	}
}

func TestTheBranchCheckOfVersion0IsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &double{state: state{status: "CREATING"}}
		server, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, number int) {
			if number < 3 {
				say(w, 400, `{"error":"Failed to verify existence of branch 'main' in repository o/r. Please ensure the branch name is correct."}`)
				return
			}
			d.answer(w, r, number)
		})
		c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport})
		created, err := c.CreateAgent(t.Context(), cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}, Repos: []cursor.Repo{{URL: "r"}}})
		if err != nil || created.Agent.ID != agentID || len(server.seen()) != 3 {
			t.Errorf("after %d requests: %+v, %v", len(server.seen()), created, err)
		}
	})
}

// What completes an answer must not hold it up for as long as a call may take.
func TestAConversationThatIsAwayHoldsAnEndUpForSecondsOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &double{state: finished()}
		d.state.refuse = map[string]int{"GET /conversation": 503}
		_, transport := serveInBubble(t, d.answer)
		c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport, Retry: cursor.RetryPolicy{Budget: time.Hour}})
		began := time.Now()
		run, err := c.GetRun(t.Context(), agentID, "v0-0")
		if err != nil || run.Status != cursor.RunFinished || run.Result != "Added." {
			t.Errorf("got %+v, %v; want it finished, with its summary", run, err)
		}
		between(t, "the look", time.Since(began), 15*time.Second, 15*time.Second)
	})
}
