package agent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
)

func TestAFollowUpToAnArchivedAgentUnarchivesIt(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Second), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		if err := w.client.ArchiveAgent(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := w.agents.FollowUp(t.Context(), followUp(id)); err != nil {
			t.Fatal(err)
		}
		if state := w.theAgent(t); state.Archived || len(state.Runs) != 2 {
			t.Errorf("archived: %v, %d runs", state.Archived, len(state.Runs))
		}
		if n := len(of[agent.Unarchived](w)); n != 1 {
			t.Errorf("%d updates say that it was unarchived", n)
		}
	})
	t.Run("but not for ever against somebody who archives it", func(t *testing.T) {
		t.Parallel()
		refusing := taking(time.Second, answer("createRun", always, 409, "agent_archived", "Agent is archived."))
		bubble(t, refusing, func(t *testing.T, w *world) {
			_, err := w.agents.FollowUp(t.Context(), followUp(w.somebodysAgent(t)))
			posts := w.requests("createRun")
			want := fmt.Sprintf("create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: 409 agent_archived: Agent is archived. (request %s)", posts[len(posts)-1].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" || len(posts) != 4 || agent.MaybeLaunched(err) {
				t.Errorf("%d posts, error (-want +got):\n%s", len(posts), diff)
			}
		})
	})
	t.Run("unless it can't be", func(t *testing.T) {
		t.Parallel()
		refusing := taking(time.Second, answer("createRun", always, 409, "agent_archived", "x"), answer("unarchiveAgent", always, 403, "role_forbidden", "no"))
		bubble(t, refusing, func(t *testing.T, w *world) {
			_, err := w.agents.FollowUp(t.Context(), followUp(w.somebodysAgent(t)))
			want := fmt.Sprintf("unarchive agent: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/unarchive: 403 role_forbidden: no (request %s)", w.requests("unarchiveAgent")[0].ID)
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	})
}

func TestADeletedAgentTakesNoFollowUp(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Second), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		if err := w.client.DeleteAgent(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		handle, err := w.agents.FollowUp(t.Context(), followUp(id))
		want := fmt.Sprintf("get agent: GET /v1/agents/%s: 404 agent_not_found: Agent not found: %s (request %s)", id, id, w.requests("getAgent")[0].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" || agent.MaybeLaunched(err) {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(agent.Handle{AgentID: id}, handle); diff != "" || len(w.updates) != 0 {
			t.Errorf("updates %v, handle (-want +got):\n%s", w.updates, diff)
		}
	})
}
