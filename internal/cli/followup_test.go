package cli_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func TestAFollowUpIsWaitedForAndJudgedLikeALaunch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(30*time.Second), shop())
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		run := s.api.Agents()[0].Runs[1]
		outputs := s.outputs()
		delete(outputs, "result-json")
		want := map[string]string{
			"agent-id": agentA, "agent-url": "https://cursor.com/agents/" + agentA, "run-id": run.ID, "status": "FINISHED",
			"outcome": "succeeded", "branch": s.api.Agents()[0].Branch, "pr-url": "https://github.com/acme/shop/pull/7", "pr-number": "7",
			"pr-verified": "false", "result": "I did it.", "duration-ms": "30500", "total-tokens": "1000", "attached": "false",
		}
		if diff := cmp.Diff(want, outputs); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
		log := "Sending a follow-up to agent " + agentA + "\n" +
			"Agent " + agentA + " is CREATING: https://cursor.com/agents/" + agentA + "\n" +
			"RUNNING after 0.5s\n  | I did it.\nFINISHED after 31s\nsucceeded after 31s: https://github.com/acme/shop/pull/7\n"
		if diff := cmp.Diff(log, s.logged()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		if lines := strings.Split(run.Prompt.Text, "\n"); len(lines) != 3 || lines[0] != "Now the docs." || !strings.HasPrefix(lines[2], "[gh-1000-") {
			t.Errorf("the prompt is %q", run.Prompt.Text)
		}
		for _, want := range []string{"Now the docs.", "I did it."} {
			if !strings.Contains(s.summary(), want) {
				t.Errorf("the summary has no %q:\n%s", want, s.summary())
			}
		}
		s.noSecret()
		if before := s.logged(); s.cleanup(t.Context(), true) != 0 || s.logged() != before {
			t.Errorf("the cleanup had something to say:\n%s", s.logged())
		}
	})
}

func TestAFollowUpFindsItsAgentByThePullRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(time.Second), pull())
		o := othersOf(t, s.api)
		o.agent("b", pull())
		archived := o.agent("c", pull())
		if err := o.client.ArchiveAgent(t.Context(), archived); err != nil {
			t.Fatal(err)
		}
		o.agent("d", cursor.Repo{URL: "https://github.com/acme/shop", PRURL: "https://github.com/acme/shop/pull/8"})
		s.with("agent-id", "", "pull-request", "7")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		if got := s.outputs()["agent-id"]; !strings.HasSuffix(got, "b") {
			t.Errorf("the follow-up went to %s, want the newest of the pull request that is not archived", got)
		}
		first, _, _ := strings.Cut(s.logged(), "\nAgent bc-00000000-0000-0000-0000-00000000000b is ")
		want := "Sending a follow-up to the newest agent of https://github.com/acme/shop/pull/7\nAgent bc-00000000-0000-0000-0000-00000000000b works on it"
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestWithoutAnAgentOneIsLaunchedIfThatIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, conversing(time.Hour)).with("command", "follow-up", "pull-request", "7", "if-none", "launch", "prompt", "Now the docs.")
		left := s.killed(time.Minute)
		agents := s.api.Agents()
		if len(agents) != 1 || agents[0].Request.Repos[0].PRURL != "https://github.com/acme/shop/pull/7" || agents[0].Request.AgentID == "" {
			t.Fatalf("agents %+v\n%s", agents, s.logged())
		}
		if !strings.Contains(s.logged(), "No agent works on it; launching one, as if-none asks\n") {
			t.Errorf("the log does not say why:\n%s", s.logged())
		}
		// By now the agent is one of the pull request, which a re-run must not
		// take for somebody's.
		again := s.rerun().with("timeout", "1m", "on-timeout", "leave")
		again.run(t.Context())
		if got := again.outputs(); got["agent-id"] != agents[0].ID || got["attached"] != "true" || len(again.prompts()) != 1 ||
			!strings.Contains(again.logged(), "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice\n") {
			t.Errorf("outputs %v, prompts %q", got, again.prompts())
		}
		if status := left.cleanup(t.Context(), false); status != 0 {
			t.Errorf("exit status of the cleanup: %d\n%s", status, left.logged())
		}
		if diff := cmp.Diff([]string{"CANCELLED"}, s.statuses()); diff != "" {
			t.Errorf("runs in the end (-want +got):\n%s", diff)
		}
	})
}

func TestAFollowUpToABusyAgentDoesAsAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		onBusy, timeout string
		status          int
		runs            []string
		says            string
		last            string
	}{
		{"wait", "2h", 0, []string{"FINISHED", "FINISHED", "FINISHED"}, "Run RUN keeps the agent busy; waiting for its end\n",
			"succeeded after 1h0m: https://github.com/acme/shop/pull/7"},
		{"wait", "1m", 124, []string{"FINISHED", "RUNNING"}, "Run RUN keeps the agent busy; waiting for its end\n",
			"::error::timed-out: the time of 1m0s was over while the follow-up was being sent: run RUN keeps the agent busy; no follow-up was sent; raise timeout, or set on-busy: cancel"},
		{"cancel", "2h", 0, []string{"FINISHED", "CANCELLED", "FINISHED"}, "Run RUN keeps the agent busy; cancelling it, as on-busy asks\n",
			"succeeded after 1.5s: https://github.com/acme/shop/pull/7"},
		{"fail", "2h", 1, []string{"FINISHED", "RUNNING"}, "",
			"::error::api-error: create run: 409 agent_busy: Agent already has an active run. Wait for it to finish or cancel it. (request {createRun}); no follow-up was sent; set on-busy to wait or cancel, or run the job again when the agent's run has ended"},
	} {
		t.Run(test.onBusy+" "+test.timeout, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := following(t, conversing(time.Second), shop()).with("on-busy", test.onBusy, "timeout", test.timeout)
				othersOf(t, s.api).run(agentA)
				if status := s.run(t.Context()); status != test.status {
					t.Errorf("exit status %d, want %d", status, test.status)
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
				run := s.api.Agents()[0].Runs[1].ID
				if !strings.Contains(s.logged(), strings.ReplaceAll(test.says, "RUN", run)) {
					t.Errorf("the log does not say %q:\n%s", test.says, s.logged())
				}
				if diff := cmp.Diff(s.filled(strings.ReplaceAll(test.last, "RUN", run)), s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if status := s.cleanup(t.Context(), true); status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, s.logged())
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs after the cleanup (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAFollowUpThatCanNotBeSentSaysWhatToDo(t *testing.T) {
	t.Parallel()
	deleted := func(s *workflowStep) {
		if err := othersOf(s.t, s.api).client.DeleteAgent(context.Background(), agentA); err != nil {
			s.t.Fatal(err)
		}
	}
	lost := simulator.Fault{Operation: "createRun", Reset: "before"}
	for _, test := range []struct {
		name    string
		faults  []simulator.Fault
		prepare func(*workflowStep)
		last    string
	}{
		{"a pull request without agents", nil, set("agent-id", "", "pull-request", "9"),
			"api-error: look for the agent of https://github.com/acme/shop/pull/9: no agent that is not archived works on it; no follow-up was sent; launch one with command: launch, or set if-none: launch"},
		{"a deleted agent", nil, deleted,
			"api-error: get agent: 404 agent_not_found: Agent not found: " + agentA + " (request {getAgent}); no follow-up was sent; check agent-id: the key's account has no such agent, or it was deleted"},
		{"an agent of another repository", nil, set("repo", "acme/other"),
			"api-error: agent " + agentA + " does not work on https://github.com/acme/other, which is the repository that was named; no follow-up was sent; name another agent in agent-id, or correct repo"},
		{"answers that are lost", []simulator.Fault{lost}, set(),
			"api-error: follow up: the follow-up may have been sent already, and its run can't be told: create run: the connection was closed without an answer (may have been carried out); look for it at https://cursor.com/agents/" + agentA + ", and set on-rerun: new to have a re-run send it all the same"},
		{"a list that is refused", []simulator.Fault{{Operation: "listAgents", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}}}, set("agent-id", "", "pull-request", "7"),
			"api-error: list agents: GET /v1/agents: 403 role_forbidden: No. (request {listAgents}); no follow-up was sent; use the key of a user whose role may launch cloud agents, or ask a team admin for that role; see command: doctor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := conversing(time.Second, test.faults...)
				s := following(t, config, shop())
				test.prepare(s)
				status := s.run(t.Context())
				if diff := cmp.Diff("::error::"+s.filled(test.last), s.lastLine()); diff != "" || status != 1 {
					t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
				}
				if len(s.prompts()) != 1 {
					t.Errorf("prompts %q", s.prompts())
				}
			})
		})
	}
}

func TestTheInputsOfAFollowUpAreChecked(t *testing.T) {
	t.Parallel()
	const nothing = "; no follow-up was sent"
	for _, test := range []struct {
		name   string
		inputs []string
		want   string
	}{
		{"no agent", []string{"agent-id", ""}, "input agent-id: is empty: name the agent here, or set pull-request to one that it works on" + nothing},
		{"two ways to the agent", []string{"pull-request", "7"}, "input agent-id: stands with pull-request, which finds the agent: leave one of them out" + nothing},
		{"an agent by name", []string{"agent-id", "Parser"}, `input agent-id: "Parser" is no agent: write its id, bc- and a UUID, as the output agent-id has it` + nothing},
		{"no prompt", []string{"prompt", ""}, "input prompt: is empty: say what the agent should do, here or in prompt-file" + nothing},
		{"if-none with an id", []string{"if-none", "launch"}, "input if-none: is launch, which goes with pull-request only: leave it out" + nothing},
		{"what a launch fixes", []string{"ref", "main", "model", "m"},
			"2 inputs are wrong: ref: does not go with command: follow-up, which keeps what the agent was launched with: leave it out; model: does not go with command: follow-up, which keeps what the agent was launched with: leave it out" + nothing},
		{"switches of a launch", []string{"work-on-current-branch", "true", "open-as-cursor-github-app", "false"},
			"input work-on-current-branch: does not go with command: follow-up, which keeps what the agent was launched with: leave it out" + nothing},
		{"what another version has", []string{"branch", "b", "webhook-url", "https://example.com/hook"},
			"2 inputs are wrong: branch: does not go with command: follow-up, which keeps what the agent was launched with: leave it out; webhook-url: does not go with command: follow-up, which keeps what the agent was launched with: leave it out" + nothing},
		{"an unknown way", []string{"on-busy", "wiat"}, `input on-busy: unknown value "wiat": did you mean "wait"? (wait, cancel, fail)` + nothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, simulator.Config{}).with("command", "follow-up", "agent-id", agentA).with(test.inputs...)
			status := s.run(t.Context())
			if diff := cmp.Diff("::error::"+test.want, s.lastLine()); diff != "" || status != 2 {
				t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
			}
			if n := len(s.api.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestAnAgentIsTakenByTheAddressOfItsPageToo(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://cursor.com/agents/" + agentA, "https://cursor.com/agents?id=" + agentA} {
		synctest.Test(t, func(t *testing.T) {
			s := following(t, conversing(time.Second), shop()).with("agent-id", address)
			if status := s.run(t.Context()); status != 0 {
				t.Errorf("exit status %d\n%s", status, s.logged())
			}
		})
	}
}

// Where the pull request is there already, nobody needs to ask for one.
func TestAFollowUpOnAPullRequestIsNotWarnedThatItOpensNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(time.Second), pull()).with("agent-id", "", "pull-request", "7", "create-pr", "true")
		if status := s.run(t.Context()); status != 0 || len(s.warnings()) > 0 || !strings.HasPrefix(s.summary(), "## ✅ The agent finished its work on pull request [#7]") {
			t.Errorf("exit status %d, warnings %q\n%s", status, s.warnings(), s.summary())
		}
	})
}

func TestAFollowUpMayAskForAPullRequest(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{"true": "pr-missing", "false": "succeeded"} {
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, simulator.Config{}).with("command", "follow-up", "agent-id", agentA, "create-pr", asked)
			if _, err := othersOf(t, s.api).client.CreateAgent(t.Context(), cursor.CreateAgentRequest{AgentID: agentA, Prompt: cursor.Prompt{Text: "Begin."}, Repos: []cursor.Repo{shop()}}); err != nil {
				t.Fatal(err)
			}
			if s.run(t.Context()); s.outputs()["outcome"] != want {
				t.Errorf("create-pr: %s: outcome %s, want %s", asked, s.outputs()["outcome"], want)
			}
			warning := "agent " + agentA + " was launched without create-pr, which a follow-up can't change: say in the prompt that it is to open a pull request, or leave that out"
			if warned := slices.Contains(s.warnings(), warning); warned != (asked == "true") {
				t.Errorf("create-pr: %s: warnings %q", asked, s.warnings())
			}
		})
	}
}
