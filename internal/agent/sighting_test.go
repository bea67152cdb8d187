package agent_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func TestSomebodyElsesFollowUpAtTheSameMomentIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	lost := simulator.Fault{Operation: "createRun", When: first(1), Reset: "before"}
	bubble(t, taking(time.Second, lost), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		others := make(chan string, 1)
		time.AfterFunc(100*time.Millisecond, func() {
			run, _ := w.client.CreateRun(context.Background(), id, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And the docs?"}})
			others <- run.ID
		})
		got, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		runs := w.theAgent(t).Runs
		if len(runs) != 3 || runs[1].ID != <-others || got.RunID != runs[2].ID {
			t.Errorf("runs %+v, handle %+v", runs, got)
		}
	})
}

func TestTheFollowUpOfAKilledProcessIsLocated(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Hour), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		if _, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: id}); err != nil {
			t.Fatal(err)
		}
		known, marks := []string{w.theAgent(t).Runs[0].ID}, w.agents.Marks(followUp(id))
		located := func(known []string) []agent.Handle {
			t.Helper()
			found, err := w.agents.LocateFollowUp(t.Context(), id, known, marks)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if found := located(known); found != nil {
			t.Errorf("found %+v before anything was sent", found)
		}
		others := w.somebodysRun(t, id)
		time.Sleep(2 * time.Second)
		if found := located(known); found != nil {
			t.Errorf("found %+v, which is somebody else's", found)
		}
		if _, err := w.agents.Cancel(t.Context(), agent.Handle{AgentID: id, RunID: others}); err != nil {
			t.Fatal(err)
		}
		ours, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		want := []agent.Handle{{AgentID: id, RunID: ours.RunID, Status: cursor.RunRunning}}
		for _, known := range [][]string{known, nil} {
			if diff := cmp.Diff(want, located(known)); diff != "" {
				t.Errorf("found with %d known runs (-want +got):\n%s", len(known), diff)
			}
		}
		if found := located([]string{ours.RunID}); found != nil {
			t.Errorf("found %+v, which was known before", found)
		}
	})
}

func TestARunThatMayBeSomebodyElsesIsNotLocated(t *testing.T) {
	t.Parallel()
	unread := answer("getAgentConversationV0", always, 404, "agent_not_found", "no")
	bubble(t, taking(time.Second, unread), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		known := []string{w.theAgent(t).Runs[0].ID}
		w.somebodysRun(t, id)
		found, err := w.agents.LocateFollowUp(t.Context(), id, known, w.agents.Marks(followUp(id)))
		want := fmt.Sprintf("the follow-up may have been sent already, and its run can't be told: read conversation: GET /v0/agents/%s/conversation: 404 agent_not_found: no (request %s)",
			id, w.requests("getAgentConversationV0")[0].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" || found != nil {
			t.Errorf("found %v, error (-want +got):\n%s", found, diff)
		}
	})
	bubble(t, taking(time.Second, answer("listRuns", always, 403, "role_forbidden", "no")), func(t *testing.T, w *world) {
		if _, err := w.agents.LocateFollowUp(t.Context(), w.somebodysAgent(t), nil, nil); err == nil {
			t.Error("runs that can't be listed hold nothing")
		}
	})
}

// Lists come newest first by the documentation, otherwise at times, without
// times from some servers, and late.
func TestRunsAreToldApartInWhateverOrderTheyAreListed(t *testing.T) {
	t.Parallel()
	listed := func(runs ...string) string {
		for i, run := range runs {
			id, at, timed := strings.Cut(run, "@")
			if timed {
				at = `,"createdAt":"2000-01-01T00:00:` + at + `Z"`
			}
			runs[i] = `{"id":"` + id + `","status":"RUNNING"` + at + `}`
		}
		return `{"items":[` + strings.Join(runs, ",") + `]}`
	}
	for _, test := range []struct{ name, list, known, want string }{
		{"newest first", listed("run-3@30", "run-2@20", "run-1@10"), "run-1", "run-3"},
		{"oldest first", listed("run-1@10", "run-2@20", "run-3@30"), "run-1", "run-3"},
		{"newest first, without times", listed("run-3", "run-2", "run-1"), "run-1", "run-3"},
		{"without the time of one", listed("run-3", "run-2@20", "run-1@10"), "run-1", "run-3"},
		{"without the newest known", listed("run-3@30", "run-2@20", "run-1@10"), "run-0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said := `{"id":"bc-00000000-0000-0000-0000-00000000000a","messages":[{"type":"user_message","text":"a"},{"type":"user_message","text":"b"},{"type":"user_message","text":"c [m]"}]}`
			set := taking(time.Second, simulator.Fault{Operation: "listRuns", Answer: &simulator.Answer{Status: 200, Body: test.list}},
				simulator.Fault{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 200, Body: said}})
			bubble(t, set, func(t *testing.T, w *world) {
				found, err := w.agents.LocateFollowUp(t.Context(), w.somebodysAgent(t), []string{test.known}, []string{"[m]"})
				var got string
				if len(found) == 1 {
					got = found[0].RunID
				}
				if got != test.want || err != nil {
					t.Errorf("found %q, want %q; error %v", got, test.want, err)
				}
			})
		})
	}
}
