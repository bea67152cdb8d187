package agent_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// ending is a story whose runs end so after a second.
func ending(status string) simulator.Scenario {
	return simulator.Scenario{Duration: time.Second, Status: status, Branch: "auto"}
}

func TestARerunAttachesToTheAgentOfTheAttemptBefore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after time.Duration
		want  cursor.RunStatus
	}{
		{"at once", 0, cursor.RunRunning},
		{"while it lives", 30 * time.Minute, cursor.RunRunning},
		{"when it has finished", 2 * time.Hour, cursor.RunFinished},
		{"a month later", 30 * 24 * time.Hour, cursor.RunFinished},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(), func(t *testing.T, w *world) {
				w.launch(t, task(), work())
				time.Sleep(test.after)
				synctest.Wait()
				w.forget()
				got := w.launch(t, task(), rerun())
				state := w.theAgent(t)
				want := w.handleOf(0, test.want, true, 0)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
				updates := []agent.Update{
					agent.Planned{AgentID: state.ID, Name: state.Name}, agent.Found{Handle: want}, agent.Started{Handle: want},
				}
				if diff := cmp.Diff(updates, w.updates); diff != "" {
					t.Errorf("updates (-want +got):\n%s", diff)
				}
				requests := []string{"createAgent 201", "createAgent 409", "getAgent 200", "listRuns 200"}
				if diff := cmp.Diff(requests, w.trace()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestARerunLaunchesTheNextAgentAfterOneThatEndedBadly(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"ERROR", "CANCELLED", "EXPIRED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			bubble(t, story(ending(status)), func(t *testing.T, w *world) {
				for generation := range 3 {
					w.forget()
					got := w.launch(t, task(), rerun())
					if n := len(w.server.Agents()); n != generation+1 {
						t.Fatalf("there are %d agents after launch %d", n, generation+1)
					}
					want := w.handleOf(generation, cursor.RunCreating, false, generation)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("handle %d (-want +got):\n%s", generation, diff)
					}
					if got.AgentID != id(work(), task(), generation) {
						t.Errorf("agent %d has the id %s", generation, got.AgentID)
					}
					var passed []agent.Found
					for n := range generation {
						passed = append(passed, agent.Found{Handle: w.handleOf(n, cursor.RunStatus(status), true, n), Passed: true})
					}
					if diff := cmp.Diff(passed, of[agent.Found](w)); diff != "" {
						t.Errorf("found (-want +got):\n%s", diff)
					}
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

func TestADeletedAgentIsPassedOver(t *testing.T) {
	t.Parallel()
	bubble(t, failing(), func(t *testing.T, w *world) {
		first := w.launch(t, task(), work())
		if err := w.client.DeleteAgent(t.Context(), first.AgentID); err != nil {
			t.Fatal(err)
		}
		got := w.launch(t, task(), rerun())
		if diff := cmp.Diff(w.handleOf(1, cursor.RunCreating, false, 1), got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		want := []agent.Found{{Handle: agent.Handle{AgentID: first.AgentID}, Passed: true}}
		if diff := cmp.Diff(want, of[agent.Found](w)); diff != "" {
			t.Errorf("found (-want +got):\n%s", diff)
		}
	})
}

func TestWorkThatKeepsFailingIsGivenUp(t *testing.T) {
	t.Parallel()
	bubble(t, story(ending("ERROR")), func(t *testing.T, w *world) {
		for range 20 {
			w.launch(t, task(), rerun())
			time.Sleep(time.Minute)
		}
		_, err := w.agents.Launch(t.Context(), task(), rerun())
		want := "launch agent: 20 of the agents for this work have ended badly already"
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if n := len(w.server.Agents()); n != 20 || agent.MaybeLaunched(err) {
			t.Errorf("there are %d agents, maybe launched: %v", n, agent.MaybeLaunched(err))
		}
	})
}

// A create whose answer is lost ends in a conflict. Whether that is with our
// own create or with an earlier attempt's is told by the agent's age, which
// must not be measured with two clocks.
func TestTheAgesOfAgentsAreTakenByTheServersClock(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, time.Hour, -time.Hour} {
		resetting := func(fault simulator.Fault) setup {
			fault.Operation = "createAgent"
			set := story(ending("ERROR"))
			set.ServerClockOffset, set.Scenario.Faults = offset, []simulator.Fault{fault}
			return set
		}
		t.Run(fmt.Sprintf("our own, clock off by %s", offset), func(t *testing.T) {
			t.Parallel()
			set := resetting(simulator.Fault{When: simulator.When{At: []int{1}}, Reset: "after"})
			set.Scenario.Duration = 0
			bubble(t, set, func(t *testing.T, w *world) {
				got := w.launch(t, task(), work())
				w.theAgent(t) // It failed at once, and that is our result.
				if diff := cmp.Diff(w.handleOf(0, cursor.RunError, false, 0), got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
			})
		})
		t.Run(fmt.Sprintf("an earlier attempt's, clock off by %s", offset), func(t *testing.T) {
			t.Parallel()
			set := resetting(simulator.Fault{When: simulator.When{At: []int{2}}, Reset: "before"})
			bubble(t, set, func(t *testing.T, w *world) {
				w.launch(t, task(), work())
				time.Sleep(time.Minute)
				got := w.launch(t, task(), rerun())
				if diff := cmp.Diff(w.handleOf(1, cursor.RunCreating, false, 1), got); diff != "" {
					t.Errorf("handle (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestALiveAgentOfAnEarlierAttemptIsAttachedToAlsoAfterALostAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, failing(simulator.Fault{Operation: "createAgent", When: simulator.When{At: []int{2}}, Reset: "before"}), func(t *testing.T, w *world) {
		w.launch(t, task(), work())
		time.Sleep(time.Minute)
		got := w.launch(t, task(), rerun())
		w.theAgent(t)
		if diff := cmp.Diff(w.handleOf(0, cursor.RunRunning, true, 0), got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
	})
}

func TestAnAgentGrowsNoYoungerWhileItsRunsAreRead(t *testing.T) {
	t.Parallel()
	set := story(ending("ERROR"))
	set.Scenario.Faults = []simulator.Fault{
		{Operation: "createAgent", When: simulator.When{At: []int{2}}, Reset: "before"}, {Operation: "listRuns", Delay: 25 * time.Second},
	}
	bubble(t, set, func(t *testing.T, w *world) {
		w.launch(t, task(), work())
		time.Sleep(15 * time.Second)
		if got := w.launch(t, task(), rerun()); got.Generation != 1 || got.Attached {
			t.Errorf("the agent of an attempt before is taken for ours: %+v", got)
		}
	})
}

// Without a clock nobody knows whose the agent is. Taking it for ours costs a
// red step; taking it for another's could cost a second agent.
func TestAnAgentOfUnknownAgeIsTakenForOurs(t *testing.T) {
	t.Parallel()
	set := story(ending("ERROR"))
	set.Scenario.Faults = []simulator.Fault{{Operation: "createAgent", When: simulator.When{At: []int{2}}, Reset: "before"}}
	set.wire = func(server http.RoundTripper) http.RoundTripper {
		return transportFunc(func(request *http.Request) (*http.Response, error) {
			answer, err := server.RoundTrip(request)
			if err == nil {
				answer.Header.Del("Date")
			}
			return answer, err
		})
	}
	bubble(t, set, func(t *testing.T, w *world) {
		w.launch(t, task(), work())
		time.Sleep(time.Minute)
		got := w.launch(t, task(), rerun())
		w.theAgent(t)
		if diff := cmp.Diff(w.handleOf(0, cursor.RunError, false, 0), got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
	})
}

// Fault 21: after somebody's follow-up the latest run of the agent is not ours.
// Fault 27: runs come oldest first at times, and the list lags behind.
func TestOurRunIsTheAgentsFirst(t *testing.T) {
	t.Parallel()
	listed := func(runs ...string) simulator.Fault {
		for i, run := range runs {
			status, _, _ := strings.Cut(run, "@")
			runs[i] = fmt.Sprintf(`{"id":"run-%s","agentId":"a","status":%q,"createdAt":"2000-01-01T00:%s:00Z"}`, run[len(status)+1:], status, run[len(status)+1:])
		}
		return simulator.Fault{Operation: "listRuns", Answer: &simulator.Answer{
			Status: 200, Headers: map[string]string{"Content-Type": "application/json"},
			Body: `{"items":[` + strings.Join(runs, ",") + `]}`,
		}}
	}
	for _, test := range []struct {
		name string
		list simulator.Fault
		want string
	}{
		{"newest first, as documented", listed("RUNNING@20", "ERROR@10", "FINISHED@05"), "run-05"},
		{"oldest first, as seen", listed("FINISHED@05", "ERROR@10", "RUNNING@20"), "run-05"},
		{"at the same time", listed("RUNNING@05", "FINISHED@05"), "run-05"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, failing(test.list), func(t *testing.T, w *world) {
				w.launch(t, task(), work())
				got := w.launch(t, task(), rerun())
				if got.RunID != test.want || got.Status != cursor.RunFinished || !got.Attached {
					t.Errorf("attached to %+v, want the finished %s", got, test.want)
				}
			})
		})
	}

	t.Run("a follow-up of somebody's changes nothing", func(t *testing.T) {
		t.Parallel()
		bubble(t, story(ending("")), func(t *testing.T, w *world) {
			first := w.launch(t, task(), work())
			time.Sleep(time.Minute)
			if _, err := w.client.CreateRun(t.Context(), first.AgentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And now?"}}); err != nil {
				t.Fatal(err)
			}
			if got := w.launch(t, task(), rerun()); got.RunID != first.RunID || got.Status != cursor.RunFinished {
				t.Errorf("attached to %+v, want the run %s", got, first.RunID)
			}
		})
	})
	t.Run("a list that is late gives way to the agent's own word", func(t *testing.T) {
		t.Parallel()
		bubble(t, failing(listed()), func(t *testing.T, w *world) {
			first := w.launch(t, task(), work())
			// The run may begin in the very moment of the look.
			if got := w.launch(t, task(), rerun()); got.RunID != first.RunID || got.Status.Terminal() {
				t.Errorf("attached to %+v, want the live run %s", got, first.RunID)
			}
		})
	})
}
