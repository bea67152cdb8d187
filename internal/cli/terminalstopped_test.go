package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

var anID = regexp.MustCompile(`(bc|run)-[0-9a-f-]{36}`)

// shortResults are the agents of a --json, in short.
func shortResults(t *testing.T, text string) []string {
	t.Helper()
	var all []managedAgent
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	list := []string{}
	for _, one := range all {
		list = append(list, anID.ReplaceAllStringFunc(one.short(), func(id string) string { return map[string]string{"bc-": "ID", "run": "RUN"}[id[:3]] }))
	}
	return list
}

// nine are the results of nine agents: four that are done, four that a signal met
// and one that came too late.
func nine(word, done, met string) []string {
	all := append(slices.Repeat([]string{done}, 4), slices.Repeat([]string{met}, 4)...)
	return append(all, word+"  none: there was no time for it")
}

func TestASignalAtATerminalLeavesAWordOnWhatWasDone(t *testing.T) {
	t.Parallel()
	const short = 7 * time.Second
	const next = "; run the command again, which does what is left"
	for _, test := range []struct {
		name, word string // of the agents' prompts
		args       []string
		slow       string // the operation that takes its time, for four agents at once
		takes      time.Duration
		want       string // the last line of stderr
		json       []string
	}{
		{"cancel", "slow", []string{"cancel", "--older-than", "1m"}, "cancelRun", short, "cancel: interrupted: 8 of 9 agents were looked at (4 failed, 4 cancelled)" + next,
			nine("slow", "slow CANCELLED cancelled", "slow RUNNING none: cancel run: POST /v1/agents/ID/runs/RUN/cancel: no answer within 1.5s (may have been carried out); the run's end was not seen; stopped: context deadline exceeded")},
		{"archive", "Fix", []string{"archive", "--older-than", "1m"}, "archiveAgent", short, "archive: interrupted: 8 of 9 agents were looked at (4 failed, 4 archived)" + next,
			nine("Fix", "Fix FINISHED archived archived", "Fix FINISHED none: archive agent: POST /v1/agents/ID/archive: context deadline exceeded (may have been carried out)")},
		{"delete", "Fix", []string{"delete", "--older-than", "1m"}, "deleteAgent", short, "delete: interrupted: 8 of 9 agents were looked at (4 failed, 4 deleted)" + next,
			nine("Fix", "Fix FINISHED deleted", "Fix FINISHED none: delete agent: DELETE /v1/agents/ID: context deadline exceeded")},
		{"a dry run", "Fix", []string{"delete", "--older-than", "1m", "--dry-run"}, "getRun", short, "delete: interrupted: 8 of 9 agents were looked at (4 failed, 4 would-delete)" + next,
			nine("Fix", "Fix FINISHED would-delete", "Fix  : get run: GET /v1/agents/ID/runs/RUN: context deadline exceeded")},
		{"list", "Fix", []string{"list"}, "getRun", short, "list: interrupted: 8 of 9 agents were looked at; run the command again",
			nine("Fix", "Fix FINISHED ", "Fix  : get run: GET /v1/agents/ID/runs/RUN: context deadline exceeded")},
		{"agents that are not found yet", "Fix", []string{"cancel", "--older-than", "1m"}, "listAgents", time.Hour, "cancel: interrupted: nothing was changed" + next, []string{}},
		{"show", "Fix", []string{"show", "ID0"}, "getAgent", time.Hour, "show: interrupted; run the command again", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			faults := []simulator.Fault{{Operation: test.slow, Delay: test.takes}}
			config.Scenario.Faults, config.Scenario.Variants[0].Faults = faults, faults
			var prompts []string
			for i := range 9 {
				prompts = append(prompts, fmt.Sprint(test.word, " ", i))
			}
			for _, asJSON := range []bool{false, true} {
				after(t, config, 5*time.Minute, prompts, func(t *testing.T, api *simulator.Server, ids []string) {
					ctx, cancel := context.WithTimeout(t.Context(), 13*time.Second)
					defer cancel()
					args := slices.Clone(test.args)
					for i := range args {
						args[i] = strings.ReplaceAll(args[i], "ID0", ids[0])
					}
					if asJSON {
						args = append(args, "--json")
					}
					got := typeCommand(ctx, t, api, 0, nil, args...)
					lines := strings.Split(strings.TrimSpace(got.err.String()), "\n")
					if diff := cmp.Diff("cursor-agent-action "+test.want, lines[len(lines)-1]); diff != "" || got.status != 130 {
						t.Errorf("exit status %d, last line (-want +got):\n%s", got.status, diff)
					}
					if !asJSON || test.json == nil {
						return
					}
					if diff := cmp.Diff(test.json, shortResults(t, got.out.String())); diff != "" {
						t.Errorf("--json (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// What a script reads of agents is the same in a workflow and at a terminal.
func TestAgentsAreTheSameObjectsAtATerminalAsInAStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, command string
		flags, inputs []string
	}{
		{"list", "list", nil, nil},
		{"a dry run", "cancel", []string{"--older-than", "1m", "--dry-run"}, []string{"older-than", "1m", "dry-run", "true"}},
		{"cancel", "cancel", []string{"--older-than", "1m"}, []string{"older-than", "1m"}},
		{"delete", "delete", []string{"--older-than", "1m"}, []string{"older-than", "1m"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			config.Newer = true
			var of [2]string
			for i := range of {
				after(t, config, 5*time.Minute, []string{"slow one", "Fix it", "error"}, func(t *testing.T, api *simulator.Server, _ []string) {
					if i == 0 {
						s := command(t, api, test.command, test.inputs...)
						s.run(t.Context())
						of[i] = s.outputs()["results"]
						return
					}
					typed := typeCommand(t.Context(), t, api, 0, nil, append([]string{test.command, "--json"}, test.flags...)...)
					of[i] = typed.out.String()
				})
			}
			var decoded [2]any
			for i, text := range of {
				if err := json.Unmarshal([]byte(text), &decoded[i]); err != nil {
					t.Fatalf("%v in %q", err, text)
				}
			}
			if list, _ := decoded[0].([]any); len(list) != 3 {
				t.Errorf("the step has %d agents: %s", len(list), of[0])
			}
			if diff := cmp.Diff(decoded[0], decoded[1]); diff != "" {
				t.Errorf("(-step +terminal):\n%s", diff)
			}
		})
	}
}

// Without the flag Ctrl-C leaves the run at work; the run before it is nobody's to
// end either way.
func TestWithCancelOnInterruptCtrlCEndsTheRunThatIsWatched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		live bool // the agent's run is at work before
		want string
		runs []string
	}{
		{"a follow-up", []string{"follow-up", "--cancel-on-interrupt", agentA, "Now the docs."}, false,
			"cancelled: interrupted; the agent's run was cancelled: https://cursor.com/agents/" + agentA + "; ask for it again with cursor-agent-action follow-up " + agentA + " or run",
			[]string{"FINISHED", "CANCELLED"}},
		{"a follow-up that is left", []string{"follow-up", agentA, "Now the docs."}, false,
			"launched: detached; the agent's run goes on: https://cursor.com/agents/" + agentA + "; watch it with cursor-agent-action watch " + agentA + ", or end it with cursor-agent-action cancel " + agentA,
			[]string{"FINISHED", "RUNNING"}},
		{"a watch", []string{"watch", "--cancel-on-interrupt", agentA}, true,
			"cancelled: interrupted; the agent's run was cancelled: https://cursor.com/agents/" + agentA + "; ask for it again with cursor-agent-action follow-up " + agentA + " or run",
			[]string{"FINISHED", "CANCELLED"}},
		{"a watch that is left", []string{"watch", agentA}, true,
			"launched: detached; the agent's run goes on: https://cursor.com/agents/" + agentA + "; watch it with cursor-agent-action watch " + agentA + ", or end it with cursor-agent-action cancel " + agentA,
			[]string{"FINISHED", "RUNNING"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := following(t, conversing(time.Hour), shop())
				if test.live {
					first := typeCommand(t.Context(), t, s.api, 0, nil, "follow-up", "--wait=false", agentA, "Now the docs.")
					if first.status != 0 {
						t.Fatal(first.out.String() + first.err.String())
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				began := time.Now()
				got := typeCommand(ctx, t, s.api, 0, nil, test.args...)
				lines := strings.Split(strings.TrimSpace(got.out.String()), "\n")
				if diff := cmp.Diff(test.want, lines[len(lines)-1]); diff != "" || got.status != 130 || time.Since(began) > 65*time.Second {
					t.Errorf("exit status %d after %s, last line (-want +got):\n%s", got.status, time.Since(began), diff)
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}
