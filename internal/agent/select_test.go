package agent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// selected are the ids of the selected agents.
func (w *world) selected(t *testing.T, s agent.Selection) (ids []string) {
	t.Helper()
	for one, err := range w.agents.Select(t.Context(), s) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ID)
	}
	return ids
}

func TestAllThatIsSetMustHoldForAnAgent(t *testing.T) {
	t.Parallel()
	bubble(t, quick(), func(t *testing.T, w *world) {
		a, b := w.agentFor(t, "Fix a").AgentID, w.agentFor(t, "Mend b").AgentID
		c := w.agentFor(t, "Fix c").AgentID
		if err := w.client.ArchiveAgent(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name string
			s    agent.Selection
			want []string
		}{
			{"all", agent.Selection{}, []string{c, b, a}},
			{"unarchived", agent.Selection{Unarchived: true}, []string{b, a}},
			{"a name", agent.Selection{Name: "Fix"}, []string{c, a}},
			{"a name in another case", agent.Selection{Name: "fix"}, nil},
			{"an age", agent.Selection{OlderThan: 90 * time.Second}, []string{b, a}},
			{"a name and an age", agent.Selection{Name: "Fix", OlderThan: 90 * time.Second}, []string{a}},
			{"a pull request that nobody works on", agent.Selection{PullRequest: "https://github.com/acme/widgets/pull/1"}, nil},
			{"ids", agent.Selection{IDs: []string{b, "bc-x"}}, []string{b, "bc-x"}},
		} {
			if diff := cmp.Diff(test.want, w.selected(t, test.s)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
		for range w.agents.Select(t.Context(), agent.Selection{IDs: []string{a, b}}) {
			break // must not go on
		}
	})
}

// A server that ignores includeArchived, or repeats an agent on its next page,
// widens nothing.
func TestASelectionIsHeldAgainstWhatTheListSays(t *testing.T) {
	t.Parallel()
	body := `{"items": [{"id": "bc-1", "status": "ARCHIVED"}, {"id": "bc-2", "status": "ACTIVE"}, {"id": "bc-2", "status": "ACTIVE"}]}`
	fault := simulator.Fault{Operation: "listAgents", Answer: &simulator.Answer{Status: 200, Body: body}}
	bubble(t, quick(fault), func(t *testing.T, w *world) {
		if diff := cmp.Diff([]string{"bc-2"}, w.selected(t, agent.Selection{Unarchived: true})); diff != "" {
			t.Errorf("unarchived (-want +got):\n%s", diff)
		}
		if got := w.selected(t, agent.Selection{OlderThan: time.Minute}); got != nil {
			t.Errorf("agents of no known age are old: %v", got)
		}
	})
}

func TestASelectionLooksAtTenThousandAgents(t *testing.T) {
	t.Parallel()
	page := `{"items": [` + strings.Repeat(`{"id": "bc-0"},`, 99) + `{"id": "bc-0"}], "nextCursor": "`
	var faults []simulator.Fault
	for i := range 101 {
		faults = append(faults, simulator.Fault{Operation: "listAgents", When: simulator.When{At: []int{i + 1}},
			Answer: &simulator.Answer{Status: 200, Body: page + strings.Repeat("x", i+1) + `"}`}})
	}
	bubble(t, quick(faults...), func(t *testing.T, w *world) {
		var last error
		for _, err := range w.agents.Select(t.Context(), agent.Selection{Name: "Fix"}) {
			last = err
		}
		if !errors.Is(last, agent.ErrMoreAgents) || len(w.requests("listAgents")) != 101 {
			t.Errorf("error %v after %d pages", last, len(w.requests("listAgents")))
		}
	})
}

func TestTheAgeOfAnAgentIsTheServersAndNeverNegative(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		agent cursor.Agent
		want  time.Duration
	}{
		{"changed", cursor.Agent{CreatedAt: at, UpdatedAt: at.Add(time.Hour), ServedAt: at.Add(3 * time.Hour)}, 2 * time.Hour},
		{"never changed", cursor.Agent{CreatedAt: at, UpdatedAt: at, ServedAt: at.Add(3 * time.Hour)}, 3 * time.Hour},
		{"of an API that tells no changes", cursor.Agent{CreatedAt: at, ServedAt: at.Add(3 * time.Hour)}, 0},
		{"changed before it was made", cursor.Agent{CreatedAt: at, UpdatedAt: at.Add(-time.Hour), ServedAt: at.Add(time.Hour)}, time.Hour},
		{"of the future", cursor.Agent{CreatedAt: at, UpdatedAt: at, ServedAt: at.Add(-time.Hour)}, 0},
		{"unknown", cursor.Agent{ServedAt: at}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := agent.Unchanged(test.agent); got != test.want {
				t.Errorf("unchanged for %s, want %s", got, test.want)
			}
		})
	}
	if got := agent.Unchanged(cursor.Agent{UpdatedAt: time.Now().Add(-time.Hour)}); got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("by our clock it is %s", got)
	}
}
