package agent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// somebodysAgent launches the agent that the tests' follow-ups go to, and lets
// its first run come to its end.
func (w *world) somebodysAgent(t *testing.T) string {
	t.Helper()
	created, err := w.client.CreateAgent(t.Context(), cursor.CreateAgentRequest{
		AgentID: "bc-00000000-0000-0000-0000-00000000000a", Prompt: cursor.Prompt{Text: "Write a parser."},
		Repos: []cursor.Repo{{URL: "https://github.com/acme/widgets", StartingRef: "main"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return created.Agent.ID
}

// somebodysRun sends a follow-up that is not ours.
func (w *world) somebodysRun(t *testing.T, agentID string) string {
	t.Helper()
	run, err := w.client.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And the docs?"}})
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

func followUp(agentID string) agent.FollowUp {
	return agent.FollowUp{AgentID: agentID, Prompt: cursor.Prompt{Text: "Now the tests."}, Work: work()}
}

// again is the follow-up in a later attempt.
func again(agentID string) agent.FollowUp {
	f := followUp(agentID)
	f.Work = rerun()
	return f
}

// prompts are those of the agent's runs.
func (w *world) prompts(t *testing.T) []string {
	t.Helper()
	var prompts []string
	for _, run := range w.theAgent(t).Runs {
		prompts = append(prompts, run.Prompt.Text)
	}
	return prompts
}

// taking is a story whose runs take so long.
func taking(runs time.Duration, faults ...simulator.Fault) setup {
	return story(simulator.Scenario{CreateDelay: time.Second, Duration: runs, Steps: []simulator.Step{{Text: "Done."}}, Faults: faults})
}

const ourMark = "[gh-7261-00000000]"

func TestAFollowUpIsOneMoreRunOfTheAgent(t *testing.T) {
	t.Parallel()
	bubble(t, taking(time.Second), func(t *testing.T, w *world) {
		id := w.somebodysAgent(t)
		f := followUp(id)
		f.Mode = "plan"
		f.Prompt.Images = []cursor.Image{{URL: "https://x.example/a.png"}}
		got, err := w.agents.FollowUp(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		runs := w.theAgent(t).Runs
		at := agent.Handle{AgentID: id, URL: "https://cursor.com/agents/" + id}
		want := at
		want.RunID, want.Status = runs[1].ID, cursor.RunCreating
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("handle (-want +got):\n%s", diff)
		}
		mark := w.agents.Marks(f)[0]
		if len(mark) != len(ourMark) || !strings.HasPrefix(mark, "[gh-7261-") {
			t.Errorf("the mark is %s", mark)
		}
		sent := simulator.Prompt{Text: "Now the tests.\n\n" + mark, Images: []simulator.Image{{URL: "https://x.example/a.png"}}}
		if diff := cmp.Diff(sent, runs[1].Prompt); diff != "" || runs[1].Mode != "plan" {
			t.Errorf("mode %s, prompt (-want +got):\n%s", runs[1].Mode, diff)
		}
		updates := []agent.Update{
			agent.FollowUpPlanned{Handle: at, Known: []string{runs[0].ID}, Mark: mark}, agent.Started{Handle: want},
		}
		if diff := cmp.Diff(updates, w.updates); diff != "" {
			t.Errorf("updates (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"createAgent 201", "getAgent 200", "createRun 201"}, w.trace()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

func TestTheMarkTellsFollowUpsApart(t *testing.T) {
	t.Parallel()
	bubble(t, taking(0), func(t *testing.T, w *world) {
		seen := map[string]string{}
		for name, change := range map[string]func(*agent.FollowUp){
			"as it is":       func(*agent.FollowUp) {},
			"prompt":         func(f *agent.FollowUp) { f.Prompt.Text = "Something else." },
			"image":          func(f *agent.FollowUp) { f.Prompt.Images = []cursor.Image{{URL: "https://x.example/a.png"}} },
			"mode":           func(f *agent.FollowUp) { f.Mode = "plan" },
			"servers":        func(f *agent.FollowUp) { f.MCPServers = []cursor.MCPServer{{Name: "a", URL: "https://a.example"}} },
			"step":           func(f *agent.FollowUp) { f.Work.Step = "other" },
			"key":            func(f *agent.FollowUp) { f.Work.Key = "windows" },
			"job":            func(f *agent.FollowUp) { f.Work.Job = "other" },
			"task":           func(f *agent.FollowUp) { f.Work.Task = "other" },
			"repository":     func(f *agent.FollowUp) { f.Work.Repository = "acme/other" },
			"attempt":        func(f *agent.FollowUp) { f.Work.Attempt = 2 },
			"fields shifted": func(f *agent.FollowUp) { f.Work.Job, f.Work.Key = "buildlinux", "" },
		} {
			f := followUp("bc-a")
			change(&f)
			marks := w.agents.Marks(f)
			if len(marks) != 20 {
				t.Errorf("%s: %d marks, want one for each of 20 generations", name, len(marks))
			}
			for generation, mark := range marks {
				if other, taken := seen[mark]; taken {
					t.Errorf("%s, generation %d: has the mark of %s", name, generation, other)
				}
				seen[mark] = name
			}
		}
		same := followUp("bc-b")
		same.MCPServers = []cursor.MCPServer{{Name: "a", URL: "https://a.example", Headers: map[string]string{"Authorization": "minted anew"}}}
		same.Work.Rerun, same.OnBusy, same.Known = true, agent.OnBusyCancel, []string{"run-1"}
		if name := seen[w.agents.Marks(same)[0]]; name != "servers" {
			t.Errorf("what may differ between attempts changes the mark: it is that of %q", name)
		}
	})
}

func TestAFollowUpThatCanNotBeSentIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	bubble(t, taking(0), func(t *testing.T, w *world) {
		_, err := w.agents.FollowUp(t.Context(), agent.FollowUp{
			AgentID: "bc-a", Prompt: cursor.Prompt{Text: " \n", Images: make([]cursor.Image, 6)}, MCPServers: []cursor.MCPServer{{}},
		})
		want := "the prompt is empty\n6 images, but an agent takes at most 5\nMCP server 1 has no name"
		if diff := cmp.Diff(want, text(err)); diff != "" || len(w.trace()) != 0 {
			t.Errorf("requests %v, error (-want +got):\n%s", w.trace(), diff)
		}
		_, err = w.agents.FollowUp(t.Context(), agent.FollowUp{Prompt: cursor.Prompt{Text: "\xff"}})
		if diff := cmp.Diff("the prompt is not UTF-8", text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	})
}

// Whatever is lost on the way, the agent gets the follow-up once.
func TestALostAnswerOfAFollowUpIsLookedForBeforeAnythingIsSentAgain(t *testing.T) {
	t.Parallel()
	post := func(fault simulator.Fault) simulator.Fault {
		fault.Operation, fault.When = "createRun", simulator.When{First: 1}
		return fault
	}
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		runs   time.Duration
		took   time.Duration
		want   []string // requests after the agent was read
	}{
		{"the connection breaks after it", []simulator.Fault{post(simulator.Fault{Reset: "after"})}, time.Hour, time.Second,
			[]string{"createRun 0", "listRuns 200", "getAgentConversationV0 200", "listRuns 200", "getAgentConversationV0 200"}},
		{"the run is over before we look", []simulator.Fault{post(simulator.Fault{Reset: "after", DelayAnswer: time.Minute})}, time.Second, time.Minute,
			[]string{"createRun 0", "listRuns 200", "getAgentConversationV0 200"}},
		{"a gateway hides it", []simulator.Fault{post(simulator.Fault{Answer: &simulator.Answer{Status: 502}, CarriedOut: true})}, time.Hour, time.Second,
			[]string{"createRun 502", "listRuns 200", "getAgentConversationV0 200", "listRuns 200", "getAgentConversationV0 200"}},
		{"the answer is cut", []simulator.Fault{post(simulator.Fault{Cut: new(5)})}, time.Hour, time.Second,
			[]string{"createRun 201", "listRuns 200", "getAgentConversationV0 200", "listRuns 200", "getAgentConversationV0 200"}},
		{"it takes the server too long", []simulator.Fault{post(simulator.Fault{Delay: 200 * time.Second})}, time.Hour, 210 * time.Second,
			[]string{"createRun 201", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "getAgentConversationV0 200"}},
		{"the connection breaks before it", []simulator.Fault{post(simulator.Fault{Reset: "before"})}, time.Hour, time.Minute,
			[]string{"createRun 0", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "getAgentConversationV0 200", "createRun 201"}},
		{"the server failed before it", []simulator.Fault{post(simulator.Fault{Answer: &simulator.Answer{Status: 500}})}, time.Hour, time.Minute,
			[]string{"createRun 500", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "getAgentConversationV0 200", "createRun 201"}},
		{"the server asks for patience", []simulator.Fault{post(simulator.Fault{Answer: &simulator.Answer{Status: 503, RetryAfter: "90"}})}, time.Hour, 90 * time.Second,
			[]string{"createRun 503", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "listRuns 200", "getAgentConversationV0 200", "createRun 201"}},
		{"and the conversation can't be read", []simulator.Fault{post(simulator.Fault{Reset: "after"}), answer("getAgentConversationV0", always, 404, "agent_not_found", "no")}, time.Hour, 0,
			[]string{"createRun 0", "listRuns 200", "getAgentConversationV0 404"}},
		{"the rate limit is no loss", []simulator.Fault{post(simulator.Fault{Answer: &simulator.Answer{Status: 429, RetryAfter: "30"}})}, time.Hour, 30 * time.Second,
			[]string{"createRun 429", "createRun 201"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := taking(test.runs, test.faults...)
			set.Scenario.Variants = []simulator.Scenario{{Match: "Write a parser."}}
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				began := time.Now()
				got, err := w.agents.FollowUp(t.Context(), followUp(id))
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				if diff := took - test.took; diff < 0 || diff > time.Second {
					t.Errorf("that took %s, want %s", took, test.took)
				}
				if diff := cmp.Diff(test.want, w.trace()[2:]); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
				time.Sleep(2 * time.Hour)
				mark := w.agents.Marks(followUp(id))[0]
				if diff := cmp.Diff([]string{"Write a parser.", "Now the tests.\n\n" + mark}, w.prompts(t)); diff != "" {
					t.Errorf("prompts of the runs (-want +got):\n%s", diff)
				}
				if run := w.theAgent(t).Runs[1]; got.RunID != run.ID || got.Attached {
					t.Errorf("handle %+v, want the run %s", got, run.ID)
				}
			})
		})
	}
}

// Where the API is late or says nothing that tells, nothing is sent again.
func TestAFollowUpOfWhichNothingIsKnownIsNotRepeated(t *testing.T) {
	t.Parallel()
	lost := simulator.Fault{Operation: "createRun", Reset: "before"}
	const broken = "create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: the connection was closed without an answer (may have been carried out)"
	const maybe = "follow up: the follow-up may have been sent already, and its run can't be told: "
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
		want   string
		posts  int
	}{
		{"lost twice", []simulator.Fault{lost}, maybe + broken, 2},
		{"the server keeps silent", []simulator.Fault{{Operation: "createRun", Delay: time.Hour}},
			maybe + "create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: nothing came for 2m30s (may have been carried out)", 1},
		{"a gateway's patience ends", []simulator.Fault{answer("createRun", always, 504, "", "")},
			maybe + "create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: 504 Gateway Timeout (request {request}, may have been carried out)", 1},
		{"the runs can't be listed", []simulator.Fault{lost, answer("listRuns", always, 403, "role_forbidden", "no")}, maybe + broken, 1},
		{"the second post is refused", []simulator.Fault{{Operation: "createRun", When: first(1), Reset: "before"}, answer("createRun", always, 403, "role_forbidden", "no")},
			maybe + broken + "; then create run: POST /v1/agents/bc-00000000-0000-0000-0000-00000000000a/runs: 403 role_forbidden: no (request {request})", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := taking(time.Second, test.faults...)
			bubble(t, set, func(t *testing.T, w *world) {
				id := w.somebodysAgent(t)
				handle, err := w.agents.FollowUp(t.Context(), followUp(id))
				posts := w.requests("createRun")
				want := strings.ReplaceAll(test.want, "{request}", posts[len(posts)-1].ID)
				if diff := cmp.Diff(want, text(err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if !agent.MaybeLaunched(err) || handle.RunID != "" {
					t.Errorf("maybe launched: %v, handle %+v", agent.MaybeLaunched(err), handle)
				}
				if len(posts) != test.posts {
					t.Errorf("%d posts, want %d: %v", len(posts), test.posts, w.trace())
				}
			})
		})
	}
}

// Some servers do not name the latest run.
func TestTheRunsThatAreThereAreKnownAlsoWhereTheAgentDoesNotTell(t *testing.T) {
	t.Parallel()
	const id = "bc-00000000-0000-0000-0000-00000000000a"
	untold := simulator.Fault{Operation: "getAgent", Answer: &simulator.Answer{Status: 200, Body: `{"id":"` + id + `"}`}}
	lost := simulator.Fault{Operation: "createRun", When: simulator.When{At: []int{2}}, Reset: "after"}
	bubble(t, taking(time.Second, untold, lost), func(t *testing.T, w *world) {
		w.somebodysAgent(t)
		w.somebodysRun(t, id)
		time.Sleep(time.Minute)
		got, err := w.agents.FollowUp(t.Context(), followUp(id))
		if err != nil {
			t.Fatal(err)
		}
		if runs := w.theAgent(t).Runs; len(runs) != 3 || got.RunID != runs[2].ID {
			t.Errorf("%d runs, handle %+v", len(runs), got)
		}
	})
	bubble(t, taking(time.Second, untold, answer("listRuns", always, http.StatusOK, "", "")), func(t *testing.T, w *world) {
		w.somebodysAgent(t)
		if _, err := w.agents.FollowUp(t.Context(), followUp(id)); err == nil || len(w.requests("createRun")) != 0 {
			t.Errorf("error %v, requests %v", err, w.trace())
		}
	})
}
