package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

const pull7 = "https://github.com/acme/widgets/pull/7"

// onPullRequest launches an agent on the pull request, the words of whose id end
// with the digits, and lets its run end.
func (w *world) onPullRequest(t *testing.T, digits string) string {
	t.Helper()
	created, err := w.client.CreateAgent(t.Context(), cursor.CreateAgentRequest{
		AgentID: "bc-00000000-0000-0000-0000-0000000000" + digits, Prompt: cursor.Prompt{Text: "Review it."},
		Repos: []cursor.Repo{{URL: "https://github.com/acme/widgets", PRURL: pull7}},
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return created.Agent.ID
}

func TestAFollowUpGoesToTheNewestAgentOfThePullRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		faults  []simulator.Fault
		prepare func(*world, string) error // with the id of the newest
		want    string                     // last digits of the agent
		err     string
	}{
		{"as listed", nil, func(*world, string) error { return nil }, "0b", ""},
		{"not to one that is archived", nil, func(w *world, id string) error { return w.client.ArchiveAgent(context.Background(), id) }, "0a", ""},
		{"not to one that was deleted since the list", []simulator.Fault{answer("getAgent", first(1), http.StatusNotFound, "agent_not_found", "x")},
			func(*world, string) error { return nil }, "0a", ""},
		{"by their times where the list is in another order", []simulator.Fault{{Operation: "listAgents", Answer: &simulator.Answer{Status: 200,
			Body: `{"items":[{"id":"bc-00000000-0000-0000-0000-00000000000a","createdAt":"2000-01-01T00:00:00Z"},{"id":"bc-00000000-0000-0000-0000-00000000000b","createdAt":"2000-01-01T00:01:00Z"}]}`}}},
			func(*world, string) error { return nil }, "0b", ""},
		{"as listed where there are no times", []simulator.Fault{{Operation: "listAgents", Answer: &simulator.Answer{Status: 200,
			Body: `{"items":[{"id":"bc-00000000-0000-0000-0000-00000000000b"},{"id":"bc-00000000-0000-0000-0000-00000000000a","createdAt":"2000-01-01T00:01:00Z"}]}`}}},
			func(*world, string) error { return nil }, "0b", ""},
		{"to none where there is none", []simulator.Fault{{Operation: "listAgents", Answer: &simulator.Answer{Status: 200, Body: `{"items":[]}`}}},
			func(*world, string) error { return nil }, "", "look for the agent of " + pull7 + ": no agent that is not archived works on it"},
		{"unless they can't be listed", []simulator.Fault{answer("listAgents", always, 403, "role_forbidden", "no")},
			func(*world, string) error { return nil }, "", "list agents: GET /v1/agents: 403 role_forbidden: no (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, taking(time.Second, test.faults...), func(t *testing.T, w *world) {
				w.onPullRequest(t, "0a")
				if err := test.prepare(w, w.onPullRequest(t, "0b")); err != nil {
					t.Fatal(err)
				}
				got, err := w.agents.Addressee(t.Context(), pull7, followUp(""))
				requests := w.requests("")
				if diff := cmp.Diff(replaced(test.err, "{request}", requests[len(requests)-1].ID), text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !strings.HasSuffix(got.ID, test.want) || (got.ID == "") != (test.want == "") {
					t.Errorf("the agent is %q, want the one that ends with %q", got.ID, test.want)
				}
			})
		})
	}
}

func TestARerunsFollowUpGoesWhereTheAttemptBeforeSentIt(t *testing.T) {
	t.Parallel()
	unread := answer("getAgentConversationV0", always, http.StatusNotFound, "agent_not_found", "no")
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		want   string
		err    error
		says   string
	}{
		{"though there is a newer agent", nil, "0a", nil, ""},
		{"and nowhere where nobody can tell", []simulator.Fault{unread}, "", agent.ErrMaybeSent,
			"follow up: the follow-up may have been sent already, and its run can't be told: read conversation: GET /v0/agents/bc-00000000-0000-0000-0000-00000000000a/conversation: 404 agent_not_found: no (request {request})"},
		{"and nowhere where the runs can't be read", []simulator.Fault{answer("listRuns", always, 403, "role_forbidden", "no")}, "", cursor.CodeRoleForbidden,
			"follow up: an earlier attempt may have sent it, but its state could not be read: list runs: GET /v1/agents/bc-00000000-0000-0000-0000-00000000000c/runs: 403 role_forbidden: no (request {request})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, taking(time.Second, test.faults...), func(t *testing.T, w *world) {
				if _, err := w.agents.FollowUp(t.Context(), followUp(w.onPullRequest(t, "0a"))); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				gone := w.onPullRequest(t, "0b")
				w.onPullRequest(t, "0c")
				if err := w.client.DeleteAgent(t.Context(), gone); err != nil {
					t.Fatal(err)
				}
				got, err := w.agents.Addressee(t.Context(), pull7, again(""))
				requests := w.requests("")
				if diff := cmp.Diff(replaced(test.says, "{request}", requests[len(requests)-1].ID), text(err)); diff != "" || !errors.Is(err, test.err) {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !strings.HasSuffix(got.ID, test.want) || agent.MaybeLaunched(err) != (test.err != nil) {
					t.Errorf("the agent is %q, maybe launched: %v", got.ID, agent.MaybeLaunched(err))
				}
			})
		})
	}
}

func TestAnAgentTellsWhatItWasLaunchedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		agent cursor.Agent
		want  agent.Spec
		on    bool // acme/widgets
	}{
		{"on a branch", cursor.Agent{Name: "N", AutoCreatePR: true, WorkOnCurrentBranch: true, SkipReviewerRequest: true, Env: cursor.Environment{Type: "cloud"}, Repos: []cursor.Repo{{URL: "github.com/Acme/widgets", StartingRef: "main"}}},
			agent.Spec{Title: "N", CreatePR: true, WorkOnCurrentBranch: true, SkipReviewerRequest: true, Repository: "https://github.com/Acme/widgets", Ref: "main"}, true},
		{"on a pull request", cursor.Agent{Repos: []cursor.Repo{{URL: "https://github.com/acme/widgets", PRURL: pull7}, {URL: "https://github.com/acme/other"}}},
			agent.Spec{Repository: "https://github.com/acme/widgets", PullRequest: pull7}, true},
		{"in an environment", cursor.Agent{Env: cursor.Environment{Type: "cloud", Name: "web"}}, agent.Spec{Environment: &cursor.Environment{Type: "cloud", Name: "web"}}, false},
		{"from a workflow", cursor.Agent{Name: "Fix [gh-1] it. [gh-5006-0390cdfb-ed603b90]"}, agent.Spec{Title: "Fix [gh-1] it."}, false},
		{"nothing", cursor.Agent{}, agent.Spec{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, agent.SpecOf(test.agent)); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if got := agent.WorksOn(test.agent, "https://github.com/acme/widgets.git"); got != test.on {
				t.Errorf("works on acme/widgets: %v", got)
			}
		})
	}
}

func TestAttachingChangesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Hour), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		existing, err := w.client.GetAgent(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		untold := existing
		untold.LatestRunID = ""
		for name, existing := range map[string]cursor.Agent{"latest run told": existing, "latest run listed": untold} {
			w.forget()
			got, _, err := w.agents.Attach(t.Context(), existing, "")
			want := agent.Handle{AgentID: id, RunID: w.theAgent(t).Runs[0].ID, URL: existing.URL, Status: cursor.RunRunning, Attached: true}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: error %v, handle (-want +got):\n%s", name, err, diff)
			}
			if diff := cmp.Diff([]agent.Update{agent.Started{Handle: want}}, w.updates); diff != "" {
				t.Errorf("%s: updates (-want +got):\n%s", name, diff)
			}
		}
		_, _, err = w.agents.Attach(t.Context(), existing, "run-1")
		want := fmt.Sprintf("get run: GET /v1/agents/%s/runs/run-1: 404 run_not_found: Run not found: run-1 (request %s)", id, w.requests("getRun")[2].ID)
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	})
	bubble(t, taking(time.Hour, simulator.Fault{Operation: "listRuns", Answer: &simulator.Answer{Status: 200, Body: `{"items":[]}`}}), func(t *testing.T, w *world) {
		_, _, err := w.agents.Attach(t.Context(), cursor.Agent{ID: w.somebodysAgent(t)}, "")
		if diff := cmp.Diff("agent bc-00000000-0000-0000-0000-00000000000a shows no run yet", text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	})
}
