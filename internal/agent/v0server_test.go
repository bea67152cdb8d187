package agent_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

// served runs a test on fake time with the embedded API and clients of both
// versions.
func served(t *testing.T, scenario simulator.Scenario, test func(t *testing.T, w *world, v0 cursor.API)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{server: simulator.New(simulator.Config{Scenario: scenario, Newer: true}), began: time.Now()}
		defer w.server.Close()
		transport := w.server.Transport()
		defer transport.CloseIdleConnections()
		w.client = newClient(t, setup{}, transport)
		v0, err := cursor.V0.Open(cursor.Config{Key: secret.New(key), Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		w.agents = agent.New(agent.Config{Client: v0, Key: secret.New(key), Observe: w.observe})
		test(t, w, v0)
	})
}

// minutes is a scenario of three minutes that repeats what it was asked for.
func minutes() simulator.Scenario {
	return simulator.Scenario{
		CreateDelay: 20 * time.Second,
		Steps:       []simulator.Step{{Text: "I do this: {prompt}", Takes: time.Minute}, {Tool: "shell", Takes: time.Minute}, {Text: "Did {prompt}", Takes: time.Minute}},
		Branch:      "auto", PullRequest: simulator.PullRequest{Open: true},
	}
}

// Fault 22: an old FINISHED is shown until the follow-up begins.
func TestTheOldEndIsNotTakenForThatOfAFollowUp(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*simulator.Scenario){
		"as it is":                      func(*simulator.Scenario) {},
		"with a late conversation":      func(s *simulator.Scenario) { s.ConversationLag = 15 * time.Second },
		"with an agent that lags":       func(s *simulator.Scenario) { s.Lag = 15 * time.Second },
		"with an agent that is quick":   func(s *simulator.Scenario) { s.Steps = s.Steps[2:]; s.Steps[0].Takes = time.Second },
		"with an agent that never says": func(s *simulator.Scenario) { s.Steps = []simulator.Step{{Wait: 3 * time.Minute}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario := minutes()
			change(&scenario)
			served(t, scenario, func(t *testing.T, w *world, v0 cursor.API) {
				handle := w.launch(t, task(), work())
				first := w.follow(t, handle)
				time.Sleep(time.Minute)
				run, err := v0.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "More"}})
				if err != nil || run.ID == first.ID || run.Status != cursor.RunCreating {
					t.Fatalf("follow-up %+v after %+v: %v", run, first, err)
				}
				w.forget()
				second := w.follow(t, agent.Handle{AgentID: handle.AgentID, RunID: run.ID, Status: run.Status})
				truth := w.server.Agents()[0].Runs
				if diff := cmp.Diff([]any{2, "FINISHED", cursor.RunFinished}, []any{len(truth), truth[1].Status, second.Status}); diff != "" {
					t.Errorf("the second run (-want +got):\n%s", diff)
				}
				// A late conversation may not have its last words yet.
				if said := truth[1].Result != ""; said != strings.HasSuffix(second.Result, "More") {
					t.Errorf("its result is %q, and the truth %q", second.Result, truth[1].Result)
				}
				for _, said := range of[agent.Said](w) {
					if said.Text == truth[0].Result && said.Text != truth[1].Result {
						t.Errorf("the first run's words are told again: %q", said.Text)
					}
				}
			})
		})
	}
}

func TestAFollowUpOfVersion0WaitsUntilTheAgentIsFree(t *testing.T) {
	t.Parallel()
	served(t, minutes(), func(t *testing.T, w *world, v0 cursor.API) {
		handle := w.launch(t, task(), work())
		time.Sleep(time.Minute)
		_, err := v0.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "More"}})
		if !errors.Is(err, cursor.CodeAgentBusy) || len(w.requests("addFollowupV0")) != 0 {
			t.Errorf("error %v, requests %v", err, w.trace())
		}
	})
}

func TestAnAgentOfOneVersionIsFollowedByTheOther(t *testing.T) {
	t.Parallel()
	served(t, minutes(), func(t *testing.T, w *world, v0 cursor.API) {
		old := agent.New(agent.Config{Client: w.client, Key: secret.New(key)})
		byV0 := w.launch(t, task(), work())
		byV1, err := old.Launch(t.Context(), task(), work())
		if err != nil {
			t.Fatal(err)
		}
		created, err := w.client.GetAgent(t.Context(), byV0.AgentID)
		if err != nil {
			t.Fatal(err)
		}
		one, err := old.Follow(t.Context(), agent.Handle{AgentID: byV0.AgentID, RunID: created.LatestRunID})
		if err != nil {
			t.Fatal(err)
		}
		other := w.follow(t, agent.Handle{AgentID: byV1.AgentID, RunID: "v0-0"})
		truth := w.server.Agents()
		want := []any{cursor.RunFinished, truth[0].Runs[0].Result, truth[0].Branch, cursor.RunFinished, truth[1].Runs[0].Result, truth[1].Branch}
		got := []any{one.Status, one.Result, one.Git[0].Branch, other.Status, other.Result, other.Git[0].Branch}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAnAgentThatWasDeletedIsGoneInVersion0(t *testing.T) {
	t.Parallel()
	scenario := minutes()
	scenario.Faults = []simulator.Fault{{Operation: "deleteAgentV0", When: simulator.When{First: 1}, Reset: "after"}}
	served(t, scenario, func(t *testing.T, w *world, v0 cursor.API) {
		handle := w.launch(t, task(), work())
		err := v0.DeleteAgent(t.Context(), handle.AgentID)
		failed, _ := errors.AsType[*cursor.Error](err)
		if !errors.Is(err, cursor.CodeAgentNotFound) || !failed.MaybeDone {
			t.Errorf("the delete whose answer was lost: %v", err)
		}
		if _, err := w.agents.Cancel(t.Context(), handle); !errors.Is(err, agent.ErrGone) {
			t.Errorf("cancel: %v", err)
		}
		archived := w.launch(t, task(), agent.Work{Job: "another"})
		if err := w.client.ArchiveAgent(t.Context(), archived.AgentID); err != nil {
			t.Fatal(err)
		}
		if err := v0.DeleteAgent(t.Context(), archived.AgentID); !errors.Is(err, cursor.CodeAgentArchived) {
			t.Errorf("the delete of an archived agent: %v", err)
		}
		if !slices.ContainsFunc(w.requests("deleteAgentV0"), func(r simulator.Request) bool { return r.Status == http.StatusConflict }) {
			t.Error("nothing was refused")
		}
	})
}
