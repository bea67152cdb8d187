package cursor_test

import (
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
	branch := cursor.GitBranch{RepoURL: "https://github.com/o/r", Branch: "cursor/x", Unproven: true}
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
		{"the last of many", state{status: "FINISHED", messages: []message{asked("p"), answers("First."), answers("Last.\n"), answers(" ")}}, "Last.", nil},
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
