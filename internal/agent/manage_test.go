package agent_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// quick is a scenario whose agents finish in a second, but for those whose
// prompt says slow.
func quick(faults ...simulator.Fault) setup {
	done := simulator.Scenario{Steps: []simulator.Step{{Text: "Done.", Takes: time.Second}}, Faults: faults}
	slow := simulator.Scenario{Match: "slow", Duration: time.Hour, Faults: faults}
	deaf := simulator.Scenario{Match: "deaf", Duration: time.Hour, Cancel: simulator.Cancel{Ignored: true}, Faults: faults}
	done.Variants = []simulator.Scenario{slow, deaf}
	return story(done)
}

// agentFor launches an agent of another prompt, and lets a minute pass.
func (w *world) agentFor(t *testing.T, prompt string) agent.Handle {
	t.Helper()
	spec := task()
	spec.Prompt.Text = prompt
	handle := w.launch(t, spec, work())
	time.Sleep(time.Minute)
	return handle
}

func (w *world) examine(t *testing.T, one cursor.Agent) agent.Standing {
	t.Helper()
	standing, err := w.agents.Examine(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	return standing
}

func TestTheLatestRunIsFoundWhereTheAgentDoesNotNameIt(t *testing.T) {
	t.Parallel()
	bubble(t, quick(), func(t *testing.T, w *world) {
		handle := w.agentFor(t, "Fix it")
		later, err := w.client.CreateRun(t.Context(), handle.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "slow"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []cursor.Agent{
			{ID: handle.AgentID}, {ID: handle.AgentID, Status: cursor.AgentActive}, {ID: handle.AgentID, Status: cursor.AgentIdle, LatestRunID: later.ID},
		} {
			got := w.examine(t, one)
			if got.Run.ID != later.ID || !got.Live() || got.Gone {
				t.Errorf("%+v: latest run %+v", one, got.Run)
			}
			if launch, err := w.agents.IsLaunch(t.Context(), got); launch || err != nil {
				t.Errorf("a follow-up is the launch: %t, error %v", launch, err)
			}
		}
		first := agent.Standing{Agent: cursor.Agent{ID: handle.AgentID}, Run: cursor.Run{ID: handle.RunID}}
		if launch, err := w.agents.IsLaunch(t.Context(), first); !launch || err != nil {
			t.Errorf("the launch is none: %t, error %v", launch, err)
		}
	})
}

func TestWhatIsNotThereIsGoneAndNoError(t *testing.T) {
	t.Parallel()
	bubble(t, quick(), func(t *testing.T, w *world) {
		handle := w.agentFor(t, "Fix it")
		known := w.examine(t, cursor.Agent{ID: handle.AgentID})
		if err := w.client.DeleteAgent(t.Context(), handle.AgentID); err != nil {
			t.Fatal(err)
		}
		for _, one := range []cursor.Agent{{ID: handle.AgentID}, known.Agent} {
			if got := w.examine(t, one); !got.Gone || got.Live() || got.Agent.ID != handle.AgentID {
				t.Errorf("got %+v", got)
			}
		}
	})
}

func TestARunThatIsNotThereIsAnErrorWhereItsAgentIs(t *testing.T) {
	t.Parallel()
	bubble(t, quick(), func(t *testing.T, w *world) {
		handle := w.agentFor(t, "Fix it")
		_, err := w.agents.Examine(t.Context(), cursor.Agent{ID: handle.AgentID, Status: cursor.AgentActive, LatestRunID: "run-x"})
		if failed, ok := errors.AsType[*cursor.Error](err); !ok || failed.Status != 404 || failed.Op != "get run" {
			t.Errorf("error %v", err)
		}
	})
}

func TestWhatAnOrderComesTo(t *testing.T) {
	t.Parallel()
	live := agent.Standing{Run: cursor.Run{ID: "run-1", Status: "QUEUED"}} // that nobody knows
	done := agent.Standing{Run: cursor.Run{ID: "run-1", Status: cursor.RunError}}
	empty := agent.Standing{}
	archived := agent.Standing{Agent: cursor.Agent{Status: cursor.AgentArchived}, Run: live.Run}
	gone := agent.Standing{Gone: true, Run: live.Run}
	for _, test := range []struct {
		name                    string
		standing                agent.Standing
		cancel, archive, delete agent.Deed
		err                     error // of archive
	}{
		{"live", live, agent.DeedCancelled, agent.DeedNone, agent.DeedDeleted, agent.ErrLive},
		{"done", done, agent.DeedNone, agent.DeedArchived, agent.DeedDeleted, nil},
		{"without a run", empty, agent.DeedNone, agent.DeedArchived, agent.DeedDeleted, nil},
		{"archived", archived, agent.DeedCancelled, agent.DeedNone, agent.DeedDeleted, nil},
		{"gone", gone, agent.DeedGone, agent.DeedGone, agent.DeedGone, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for order, want := range map[agent.Order]agent.Deed{agent.OrderCancel: test.cancel, agent.OrderArchive: test.archive, agent.OrderDelete: test.delete} {
				due, err := test.standing.Due(order)
				if due != want || order == agent.OrderArchive && !errors.Is(err, test.err) || order != agent.OrderArchive && err != nil {
					t.Errorf("%s comes to %s and error %v, want %s", order, due, err, want)
				}
			}
		})
	}
}

func TestAnOrderIsCarriedOutWithFewRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		order  agent.Order
		prompt string
		want   agent.Deed
		trace  []string
	}{
		{agent.OrderCancel, "slow", agent.DeedCancelled, []string{"cancelRun 200", "getRun 200"}},
		{agent.OrderCancel, "Fix it", agent.DeedNone, nil},
		{agent.OrderArchive, "Fix it", agent.DeedArchived, []string{"archiveAgent 200"}},
		{agent.OrderArchive, "slow", agent.DeedNone, nil},
		{agent.OrderDelete, "Fix it", agent.DeedDeleted, []string{"deleteAgent 200"}},
		{agent.OrderDelete, "slow", agent.DeedDeleted, []string{"cancelRun 200", "getRun 200", "deleteAgent 200"}},
	} {
		t.Run(string(test.order)+" "+test.prompt, func(t *testing.T) {
			t.Parallel()
			bubble(t, quick(), func(t *testing.T, w *world) {
				standing := w.examine(t, cursor.Agent{ID: w.agentFor(t, test.prompt).AgentID})
				before := len(w.trace())
				got, done, err := w.agents.Obey(t.Context(), test.order, standing, nil)
				if done != test.want || (err != nil) != (test.prompt == "slow" && test.order == agent.OrderArchive) {
					t.Errorf("done %s, error %v", done, err)
				}
				if diff := cmp.Diff(test.trace, w.trace()[before:], cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
				if archived := done == agent.DeedArchived; (got.Agent.Status == cursor.AgentArchived) != archived {
					t.Errorf("it stands as %+v", got)
				}
				if done == agent.DeedCancelled && got.Run.Status != cursor.RunCancelled {
					t.Errorf("its run stands as %s", got.Run.Status)
				}
			})
		})
	}
}

func TestADeleteIsGivenUpWhenItsAgentCantBeEndedOrKept(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, prompt string
		done         agent.Deed
		want         string
	}{
		{"its run goes on", "deaf", agent.DeedNone, "cancel run: the run's end was not seen; stopped: it had not ended after 30s"},
		{"it can't be kept", "Fix it", agent.DeedNone, "the disk is full"},
		{"it was ended and can't be kept", "slow", agent.DeedCancelled, "the disk is full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, quick(), func(t *testing.T, w *world) {
				standing := w.examine(t, cursor.Agent{ID: w.agentFor(t, test.prompt).AgentID})
				_, done, err := w.agents.Obey(t.Context(), agent.OrderDelete, standing, func(_ context.Context, seen agent.Standing) error {
					if seen.Live() {
						t.Error("it is live when it is seen last")
					}
					return errors.New("the disk is full")
				})
				if done != test.done || text(err) != test.want {
					t.Errorf("done %s, error %v", done, err)
				}
				if w.server.Agents()[0].Deleted {
					t.Error("it was deleted")
				}
			})
		})
	}
}

func TestAnAgentThatIsDeletedMeanwhileIsGone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		order  agent.Order
		prompt string
	}{
		{agent.OrderCancel, "slow"}, {agent.OrderArchive, "Fix it"}, {agent.OrderDelete, "Fix it"}, {agent.OrderDelete, "slow"},
	} {
		t.Run(string(test.order)+" "+test.prompt, func(t *testing.T) {
			t.Parallel()
			bubble(t, quick(), func(t *testing.T, w *world) {
				standing := w.examine(t, cursor.Agent{ID: w.agentFor(t, test.prompt).AgentID})
				if err := w.client.DeleteAgent(t.Context(), standing.Agent.ID); err != nil {
					t.Fatal(err)
				}
				got, done, err := w.agents.Obey(t.Context(), test.order, standing, nil)
				if done != agent.DeedGone || err != nil || !got.Gone {
					t.Errorf("done %s, error %v, gone %t", done, err, got.Gone)
				}
			})
		})
	}
}

func TestALostAnswerToADeleteIsADelete(t *testing.T) {
	t.Parallel()
	bubble(t, quick(simulator.Fault{Operation: "deleteAgent", When: simulator.When{First: 1}, Reset: "after"}), func(t *testing.T, w *world) {
		standing := w.examine(t, cursor.Agent{ID: w.agentFor(t, "Fix it").AgentID})
		if _, done, err := w.agents.Obey(t.Context(), agent.OrderDelete, standing, nil); done != agent.DeedDeleted || err != nil {
			t.Errorf("done %s, error %v", done, err)
		}
	})
}

// Fault 42: a delete is refused.
func TestARefusedOrderIsAnError(t *testing.T) {
	t.Parallel()
	no := &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}
	faults := []simulator.Fault{{Operation: "archiveAgent", Answer: no}, {Operation: "deleteAgent", Answer: no}, {Operation: "listRuns", Answer: no}}
	bubble(t, quick(faults...), func(t *testing.T, w *world) {
		standing := w.examine(t, cursor.Agent{ID: w.agentFor(t, "Fix it").AgentID})
		for _, order := range []agent.Order{agent.OrderArchive, agent.OrderDelete} {
			if _, done, err := w.agents.Obey(t.Context(), order, standing, nil); done == agent.DeedDeleted || done == agent.DeedArchived || !errors.Is(err, cursor.CodeRoleForbidden) {
				t.Errorf("%s: done %s, error %v", order, done, err)
			}
		}
		standing.Agent.LatestRunID = ""
		if _, err := w.agents.Examine(t.Context(), standing.Agent); !errors.Is(err, cursor.CodeRoleForbidden) {
			t.Errorf("error %v", err)
		}
		if _, err := w.agents.IsLaunch(t.Context(), standing); !errors.Is(err, cursor.CodeRoleForbidden) {
			t.Errorf("error %v", err)
		}
	})
}
