package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestEachCommandDoesWhatItSaysToTheAgentsThatAreMeant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, command string
		inputs        []string
		status        int
		want          []string // the results
		last          string   // line of the log
	}{
		{"cancel by ids", "cancel", []string{"agent-id", "ID0, ID1\nID0"}, 0,
			[]string{"slow CANCELLED cancelled", "Fix FINISHED none"}, "cancel: 1 cancelled, 1 none"},
		{"cancel by name", "cancel", []string{"name", "slow"}, 0,
			[]string{"slow CANCELLED cancelled", "slow CANCELLED cancelled"}, "cancel: 2 cancelled"},
		{"cancel by name and age", "cancel", []string{"name", "slow", "older-than", "1h"}, 0, nil, "cancel: no agent is selected"},
		{"cancel what can't be", "cancel", []string{"name", "deaf"}, 1,
			[]string{"deaf RUNNING none: cancel run: the run's end was not seen; stopped: it had not ended after 30s"},
			"::error::cancel: 1 of 1 agents failed: ID3: cancel run: the run's end was not seen; its run may still go on: end it at https://cursor.com/agents/ID3"},
		{"archive what is finished", "archive", []string{"name", "Fix"}, 0,
			[]string{"Fix FINISHED archived archived"}, "archive: 1 archived"},
		{"archive what is live", "archive", []string{"agent-id", "ID1,ID0"}, 1,
			[]string{"Fix FINISHED archived archived", "slow RUNNING none: its run is live, and an archived agent that works is seen by nobody"},
			"::error::archive: 1 of 2 agents failed: ID0: its run is live, and an archived agent that works is seen by nobody; end it with command: cancel, or wait for its end"},
		{"delete", "delete", []string{"agent-id", "ID1"}, 0, []string{"Fix FINISHED deleted"}, "delete: 1 deleted"},
		{"delete what is live", "delete", []string{"agent-id", "ID0"}, 0, []string{"slow CANCELLED deleted"}, "delete: 1 deleted"},
		{"delete what can't be ended", "delete", []string{"agent-id", "ID3"}, 1,
			[]string{"deaf RUNNING none: cancel run: the run's end was not seen; stopped: it had not ended after 30s"},
			"::error::delete: 1 of 1 agents failed: ID3: cancel run: the run's end was not seen; its run may still go on: end it at https://cursor.com/agents/ID3"},
		{"what is not there", "delete", []string{"agent-id", "bc-00000000-0000-0000-0000-000000000009"}, 0,
			[]string{"  gone: it was deleted, or it is of another account than the key"}, "delete: 1 gone"},
		{"too much", "delete", []string{"older-than", "1m", "limit", "4"}, 2, nil,
			"::error::delete: more than 4 agents are selected, which is limit: select fewer, or raise limit; nothing was changed"},
		{"too many ids", "cancel", []string{"agent-id", "ID0,ID1", "limit", "1"}, 2, nil,
			"::error::cancel: more than 1 agents are selected, which is limit: select fewer, or raise limit; nothing was changed"},
		{"a dry run of a cancel", "cancel", []string{"older-than", "1m", "dry-run", "true"}, 0,
			[]string{"slow RUNNING would-cancel", "deaf RUNNING would-cancel", "error ERROR none", "Fix FINISHED none", "slow RUNNING would-cancel"},
			"cancel: 3 would-cancel, 2 none (dry run: nothing was changed)"},
		{"a dry run of an archive", "archive", []string{"name", "Fix", "dry-run", "true"}, 0,
			[]string{"Fix FINISHED would-archive"}, "archive: 1 would-archive (dry run: nothing was changed)"},
		{"a dry run of a delete", "delete", []string{"name", "slow", "dry-run", "true"}, 0,
			[]string{"slow RUNNING would-delete", "slow RUNNING would-delete"}, "delete: 2 would-delete (dry run: nothing was changed)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			after(t, mixed(t), 5*time.Minute, []string{"slow one", "Fix it", "error", "deaf", "slow two"}, func(t *testing.T, api *simulator.Server, ids []string) {
				var named []string
				for i, id := range ids {
					named = append(named, fmt.Sprintf("ID%d", i), id)
				}
				fill := strings.NewReplacer(named...).Replace
				s := command(t, api, test.command, test.inputs...)
				for name, value := range s.env {
					s.env[name] = fill(value)
				}
				before := fmt.Sprint(api.Agents())
				if status := s.run(t.Context()); status != test.status {
					t.Errorf("exit status %d, want %d\n%s", status, test.status, s.logged())
				}
				if test.status != 2 {
					if diff := cmp.Diff(test.want, s.outcomes()); diff != "" {
						t.Errorf("results (-want +got):\n%s", diff)
					}
				}
				if diff := cmp.Diff(fill(test.last), s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if strings.Contains(test.name, "dry run") || test.status == 2 {
					if now := fmt.Sprint(api.Agents()); now != before {
						t.Errorf("agents were changed:\n%s\n%s", before, now)
					}
				}
				s.noSecret()
			})
		})
	}
}

func TestWhatWasDoneIsDoneOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cancel", "archive", "delete"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after(t, mixed(t), time.Minute, []string{"Fix it", "slow"}, func(t *testing.T, api *simulator.Server, ids []string) {
				id := map[string]string{"cancel": ids[1], "archive": ids[0], "delete": ids[0]}[name]
				first, second := command(t, api, name, "agent-id", id), command(t, api, name, "agent-id", id)
				if one, two := first.run(t.Context()), second.run(t.Context()); one != 0 || two != 0 {
					t.Errorf("exit statuses %d and %d\n%s%s", one, two, first.logged(), second.logged())
				}
				want := map[string]string{"cancel": "none", "archive": "none", "delete": "gone"}[name]
				if got := second.results()[0].Did; got != want {
					t.Errorf("the second time it did %q, want %q", got, want)
				}
			})
		})
	}
}

// Whoever deletes the agent at the same moment, and whatever answer is lost, it
// comes to the same.
func TestRacesAndLostAnswersComeToTheSame(t *testing.T) {
	t.Parallel()
	gone := &simulator.Answer{Status: 404, Code: "agent_not_found", Message: "Agent not found"}
	for _, test := range []struct {
		name, command, prompt string
		fault                 simulator.Fault
		want                  string
	}{
		{"deleted before an archive", "archive", "Fix it", simulator.Fault{Operation: "archiveAgent", Answer: gone}, "Fix FINISHED gone"},
		{"deleted before a delete", "delete", "Fix it", simulator.Fault{Operation: "deleteAgent", Answer: gone}, "Fix FINISHED gone"},
		{"the answer to a delete is lost", "delete", "Fix it", simulator.Fault{Operation: "deleteAgent", When: simulator.When{First: 1}, Reset: "after"}, "Fix FINISHED deleted"},
		{"a delete is lost on the way", "delete", "Fix it", simulator.Fault{Operation: "deleteAgent", When: simulator.When{First: 1}, Reset: "before"}, "Fix FINISHED deleted"},
		{"the answer to an archive is lost", "archive", "Fix it", simulator.Fault{Operation: "archiveAgent", When: simulator.When{First: 1}, Reset: "after"}, "Fix FINISHED archived archived"},
		{"ended before a cancel", "cancel", "Fix it", simulator.Fault{Operation: "getRun", When: simulator.When{First: 1}, Stale: 1}, "Fix FINISHED none: its run ended by itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			config.Scenario.Faults = []simulator.Fault{test.fault}
			after(t, config, time.Minute, []string{test.prompt}, func(t *testing.T, api *simulator.Server, _ []string) {
				s := command(t, api, test.command, "name", "Fix")
				if status := s.run(t.Context()); status != 0 {
					t.Errorf("exit status %d\n%s", status, s.logged())
				}
				if diff := cmp.Diff([]string{test.want}, s.outcomes()); diff != "" {
					t.Errorf("results (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestOneAgentsFailureStopsNoOther(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Scenario.Faults = []simulator.Fault{{Operation: "archiveAgent", When: simulator.When{At: []int{2}}, Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}}}
	after(t, config, time.Minute, []string{"Fix 0", "Fix 1", "Fix 2"}, func(t *testing.T, api *simulator.Server, _ []string) {
		s := command(t, api, "archive", "older-than", "1m")
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		archived := 0
		for _, agent := range api.Agents() {
			if agent.Archived {
				archived++
			}
		}
		if archived != 2 || len(s.results()) != 3 {
			t.Errorf("%d of 3 agents are archived, results %v", archived, s.outcomes())
		}
		if last := s.lastLine(); !strings.HasPrefix(last, "::error::archive: 1 of 3 agents failed: bc-") || !strings.HasSuffix(last, "; use the key of the agent's owner, or of somebody whose role may do this") {
			t.Errorf("last line: %s", last)
		}
		if !strings.Contains(s.summary(), "## ❌ archive: 1 failed, 2 archived\n") {
			t.Errorf("summary:\n%s", s.summary())
		}
	})
}

func TestWhenTheTimeIsOverTheRestIsLeft(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Scenario.Faults = []simulator.Fault{{Operation: "archiveAgent", Delay: 20 * time.Second}}
	prompts := []string{"Fix 0", "Fix 1", "Fix 2", "Fix 3", "Fix 4", "Fix 5"}
	after(t, config, time.Minute, prompts, func(t *testing.T, api *simulator.Server, _ []string) {
		s := command(t, api, "archive", "name", "Fix", "timeout", "10s")
		if status := s.run(t.Context()); status != 124 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if last := s.lastLine(); last != "::error::archive: the time of 10s was over with 2 of 6 agents not looked at; raise timeout, or run the step again, which does what is left" {
			t.Errorf("last line: %s", last)
		}
		if got := s.results()[5].short(); got != "Fix  none: there was no time for it" {
			t.Errorf("the last result is %q", got)
		}
	})
}

func TestASignalEndsACommand(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Scenario.Faults = []simulator.Fault{{Operation: "archiveAgent", Delay: 20 * time.Second}}
	after(t, config, time.Minute, []string{"Fix 0", "Fix 1"}, func(t *testing.T, api *simulator.Server, _ []string) {
		s := command(t, api, "archive", "name", "Fix")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if status := s.run(ctx); status != 130 || time.Since(began) > 2*time.Second {
			t.Errorf("exit status %d after %s\n%s", status, time.Since(began), s.logged())
		}
		if last := s.lastLine(); last != "::error::archive: interrupted, with 0 of 2 agents not looked at; run the step again, which does what is left" {
			t.Errorf("last line: %s", last)
		}
	})
}
