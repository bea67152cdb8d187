package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// v0 are the inputs that speak version 0.
func v0(more ...string) []string { return append([]string{"api-version", "v0"}, more...) }

func TestALiveAgentOfVersion0IsCancelledAndDeletedByAStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, command  string
		want           []string // the results
		last           string   // line of the log
		stops, deletes int
	}{
		{"cancel", "cancel", []string{"slow CANCELLED cancelled", "Fix FINISHED none"}, "cancel: 1 cancelled, 1 none", 1, 0},
		{"delete", "delete", []string{"slow CANCELLED deleted", "Fix FINISHED deleted"}, "delete: 2 deleted", 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := simulator.New(mixed(t))
				defer api.Close()
				ids := launch(t, api, "slow one", v0()...) + "," + launch(t, api, "Fix it", v0()...)
				time.Sleep(time.Minute)
				began := len(api.Requests())
				s := command(t, api, test.command, v0("agent-id", ids, "artifacts", "out")...)
				if test.command == "cancel" {
					s.with("artifacts", "")
				}
				status := s.run(t.Context())
				if diff := cmp.Diff(test.want, s.outcomes()); diff != "" || status != 0 {
					t.Errorf("exit status %d, results (-want +got):\n%s\n%s", status, diff, s.logged())
				}
				if diff := cmp.Diff(test.last, s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if stops, deletes := s.operations("stopAgentV0"), s.operations("deleteAgentV0"); stops != test.stops || deletes != test.deletes {
					t.Errorf("%d stops and %d deletes, want %d and %d", stops, deletes, test.stops, test.deletes)
				}
				if folder := s.outputs()["artifacts-path"]; (folder == "out") != (test.command == "delete") {
					t.Errorf("artifacts are in %q", folder)
				}
				if n := len(api.Requests()) - began; n > 30 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// The cleanup stage of a follow-up that was interrupted at once stops the agent
// before it says a word. Nobody else saw that run, and nobody waits for it for
// ever or cancels it again and again.
func TestAFollowUpOfVersion0ThatWasCancelledUnansweredIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		id := launch(t, api, "Fix it", v0()...)
		time.Sleep(time.Minute)
		left := stepAgainst(t, api).with(v0("command", "follow-up", "agent-id", id, "prompt", "slow more")...).killed(2 * time.Second)
		if status := left.cleanup(t.Context(), true); status != 0 {
			t.Fatalf("exit status of the cleanup: %d\n%s", status, left.logged())
		}
		if diff := cmp.Diff([]string{"FINISHED", "CANCELLED"}, left.statuses()); diff != "" {
			t.Fatalf("runs (-want +got):\n%s", diff)
		}
		stop := command(t, api, "cancel", v0("agent-id", id)...)
		if status := stop.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, stop.logged())
		}
		if diff := cmp.Diff([]string{"Fix CANCELLED none: the agent was at rest already, with its latest prompt unanswered"}, stop.outcomes()); diff != "" {
			t.Errorf("a cancel (-want +got):\n%s", diff)
		}
		began := time.Now()
		attach := stepAgainst(t, api).with(v0("command", "attach", "agent-id", id, "prompt", "")...)
		status := attach.run(t.Context())
		want := "::error::cancelled: the agent is at rest and has not answered the prompt, so its run was cancelled or ended without a word; nothing is left running: " +
			attach.outputs()["agent-url"] + "; send the agent a follow-up, or launch a new one"
		if diff := cmp.Diff(want, attach.lastLine()); diff != "" || status != 1 || attach.outputs()["result"] != "" || time.Since(began) > 8*time.Minute {
			t.Errorf("after %s: exit status %d, result %q, last line (-want +got):\n%s", time.Since(began), status, attach.outputs()["result"], diff)
		}
	})
}

func TestWithoutAnAgentOfVersion0OneIsLaunchedIfThatIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", nil).with("command", "follow-up", "pull-request", "41", "if-none", "launch", "prompt", "Now the docs.")
		if status := s.run(t.Context()); status != 0 || s.outputs()["attached"] != "false" {
			t.Fatalf("exit status %d, outputs %v\n%s", status, s.outputs(), s.logged())
		}
		agents := s.api.Agents()
		if len(agents) != 1 || len(agents[0].Runs) != 1 || agents[0].Request.Repos[0].PRURL != pull41 || s.outputs()["agent-id"] != agents[0].ID {
			t.Errorf("agents %+v, outputs %v", agents, s.outputs())
		}
		if !strings.Contains(s.logged(), "No agent works on it; launching one, as if-none asks\n") {
			t.Errorf("the log does not say why:\n%s", s.logged())
		}
		// Now there is one, which the next follow-up goes to.
		time.Sleep(time.Hour)
		next := stepAgainst(t, s.api).with(v0("command", "follow-up", "pull-request", "41", "if-none", "launch", "prompt", "And the tests.", "GITHUB_RUN_ID", "1001")...)
		status := next.run(t.Context())
		if agents := s.api.Agents(); status != 0 || len(agents) != 1 || len(agents[0].Runs) != 2 || next.outputs()["agent-id"] != agents[0].ID {
			t.Errorf("exit status %d, %d agents, outputs %v\n%s", status, len(agents), next.outputs(), next.logged())
		}
		s.operations("")
	})
}

func TestTheAnswerOfAnAgentOfVersion0IsHeldAgainstASchema(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","required":["flaky"],"properties":{"flaky":{"type":"array","items":{"type":"string"}}}}`
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", func(sc *simulator.Scenario) {
			sc.Steps = []simulator.Step{{Text: "I looked.", Takes: time.Minute}, {Text: "Here it is:\n\n```json\n{\"flaky\": [\"TestA\"]}\n```", Takes: time.Minute}}
			sc.Result = ""
		}).with("result-schema", schema)
		status := s.run(t.Context())
		got := s.outputs()
		want := []string{"0", "succeeded", `{"flaky":["TestA"]}`, "v0-0"}
		if diff := cmp.Diff(want, []string{string(rune('0' + status)), got["outcome"], got["result-object"], got["run-id"]}); diff != "" {
			t.Errorf("exit status, outcome, object and run (-want +got):\n%s\n%s", diff, s.logged())
		}
		prompt := s.api.Agents()[0].Runs[0].Prompt.Text
		if !strings.Contains(prompt, schema) || s.operations("addFollowupV0") != 0 {
			t.Errorf("%d follow-ups; the prompt: %s", s.operations("addFollowupV0"), prompt)
		}
	})
}

// The list of agents of version 0 does not tell how often they were followed up.
func TestTheLatestRunOfVersion0IsListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		id := launch(t, api, "Fix it", v0()...)
		time.Sleep(time.Minute)
		if s := stepAgainst(t, api).with(v0("command", "follow-up", "agent-id", id, "prompt", "More.")...); s.run(t.Context()) != 0 {
			t.Fatal(s.logged())
		}
		for _, inputs := range [][]string{{"agent-id", id}, {"name", ""}} {
			began := len(api.Requests())
			s := command(t, api, "list", v0(inputs...)...)
			if status := s.run(t.Context()); status != 0 || s.results()[0].RunID != "v0-2" {
				t.Errorf("%q: exit status %d, results %+v\n%s", inputs, status, s.results(), s.logged())
			}
			if n := len(api.Requests()) - began; n > 4 {
				t.Errorf("%q: %d requests for one agent", inputs, n)
			}
		}
		typed := typeCommand(t.Context(), t, api, 0, map[string]string{}, "list", "--api-version", "v0", "--json")
		if !strings.Contains(typed.out.String(), `"runId": "v0-2"`) {
			t.Errorf("at a terminal: %s%s", typed.out.String(), typed.err.String())
		}
	})
}
