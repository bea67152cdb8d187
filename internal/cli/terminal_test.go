package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"cursor-agent-action/internal/cli"
	"cursor-agent-action/internal/simulator"
)

// typed is what a person gets who types a command in a folder of no checkout.
type typed struct {
	out, err lockedBuffer
	status   int
}

// typeCommand runs a command for people against api on a terminal of so many
// columns; 0 is none.
func typeCommand(ctx context.Context, t *testing.T, api *simulator.Server, columns int, env map[string]string, args ...string) *typed {
	t.Helper()
	if api == nil {
		return typeOver(ctx, t, nil, columns, env, args...)
	}
	return typeOver(ctx, t, api.Transport(), columns, env, args...)
}

// typeOver runs a command for people over that network.
func typeOver(ctx context.Context, t *testing.T, network http.RoundTripper, columns int, env map[string]string, args ...string) *typed {
	t.Helper()
	got := &typed{}
	program := cli.Program{
		Getenv: func(name string) string {
			if name == "CURSOR_API_KEY" && env[name] == "" {
				return key
			}
			return env[name]
		},
		Stdout: &got.out, Stderr: &got.err, Version: "1.2.3", Dir: t.TempDir(),
		Columns: func() int { return columns }, Transport: network,
	}
	got.status = program.Run(ctx, append([]string{"cursor-agent-action"}, args...))
	return got
}

// onScreen is what stays of output on a terminal: the status line is overwritten.
func onScreen(output string) string {
	return regexp.MustCompile("[^\n]*\r\x1b\\[K").ReplaceAllString(output, "")
}

func TestATerminalShowsColourAndAStatusLine(t *testing.T) {
	t.Parallel()
	work := []string{"run", "--api-url", "http://127.0.0.1", "--repo", "acme/shop", "--ref", "main", "Fix", "it"}
	scenario := simulator.Scenario{
		Steps: []simulator.Step{
			{Text: "Looking\x1b[2J around.", Takes: 2 * time.Second},
			{Tool: "shell", Args: map[string]any{"command": "go test ./..."}, Result: map[string]any{"success": map[string]any{}}, Takes: 3 * time.Second},
		},
		Branch: "cursor/fix",
	}
	for _, test := range []struct {
		name    string
		columns int
		env     map[string]string
		colour  bool
		status  bool
	}{
		{"a terminal", 60, nil, true, true},
		{"no colour", 60, map[string]string{"NO_COLOR": "1"}, false, true},
		{"a dumb terminal", 60, map[string]string{"TERM": "dumb"}, false, false},
		{"no terminal", 0, nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := simulator.New(simulator.Config{Scenario: scenario})
				defer api.Close()
				got := typeCommand(t.Context(), t, api, test.columns, test.env, work...)
				if got.status != 0 {
					t.Errorf("exit status %d", got.status)
				}
				out := got.out.String()
				shown := onScreen(out)
				if coloured := strings.Contains(shown, "\x1b[32msucceeded after"); coloured != test.colour {
					t.Errorf("the verdict is green: %v, want %v:\n%q", coloured, test.colour, shown)
				}
				if dim := strings.Contains(shown, "\x1b[2m  > shell go test ./..."); dim != test.colour {
					t.Errorf("a tool call is dim: %v, want %v:\n%q", dim, test.colour, shown)
				}
				// The status line says what the agent does while it does it.
				line := "RUNNING 3.0s · shell go test ./... · Ctrl-C detaches"
				if status := strings.Contains(out, line); status != test.status {
					t.Errorf("the status line is there: %v, want %v:\n%q", status, test.status, out)
				}
				if strings.Contains(shown, "Ctrl-C") || strings.Contains(shown, "\x1b[2J") || !strings.Contains(shown, "  | Looking around.\n") {
					t.Errorf("what stays on the screen:\n%q", shown)
				}
			})
		})
	}
}

func TestTheStatusLineSaysWhatCtrlCDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{{Text: "Hello.", Takes: 5 * time.Second}}}})
		defer api.Close()
		got := typeCommand(t.Context(), t, api, 60, nil, "run", "--cancel-on-interrupt", "--repo", "acme/shop", "--ref", "main", "Fix it")
		if out := got.out.String(); !strings.Contains(out, "· Ctrl-C cancels") {
			t.Errorf("output:\n%q", out)
		}
	})
}

func TestAnInterruptAtATerminalDetachesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{{Text: "Hello.", Takes: time.Hour}}}})
		defer api.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		got := typeCommand(ctx, t, api, 0, nil, "run", "--repo", "acme/shop", "--ref", "main", "Fix it")
		agents := api.Agents()
		if len(agents) != 1 || agents[0].Runs[0].Status != "RUNNING" {
			t.Fatalf("agents %+v, want one at work", agents)
		}
		id := agents[0].ID
		want := fmt.Sprintf("launched: detached; the agent's run goes on: https://cursor.com/agents/%[1]s; watch it with cursor-agent-action watch %[1]s, or end it with cursor-agent-action cancel %[1]s", id)
		lines := strings.Split(strings.TrimSpace(got.out.String()), "\n")
		if diff := cmp.Diff(want, lines[len(lines)-1]); diff != "" {
			t.Errorf("last line (-want +got):\n%s", diff)
		}
		if took := time.Since(began); got.status != 130 || took > 11*time.Second {
			t.Errorf("exit status %d after %v, want 130 at once", got.status, took)
		}
	})
}

func TestAnAPIThatFailsForGoodLeavesTheRunToThePerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(simulator.Config{Scenario: simulator.Scenario{
			Steps:  []simulator.Step{{Text: "Hello.", Takes: 24 * time.Hour}},
			Faults: []simulator.Fault{{Operation: "streamRun", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden"}}, {Operation: "getRun", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden"}}},
		}})
		defer api.Close()
		got := typeCommand(t.Context(), t, api, 0, nil, "run", "--repo", "acme/shop", "--ref", "main", "Fix it")
		if got.status != 1 || api.Agents()[0].Runs[0].Status != "RUNNING" {
			t.Errorf("exit status %d, run %+v, want 1 and a run at work", got.status, api.Agents()[0].Runs[0])
		}
		if out := got.out.String(); !strings.Contains(out, "end it with cursor-agent-action cancel bc-") {
			t.Errorf("output:\n%s", out)
		}
	})
}

func TestAFollowUpThatMayBeSentIsThePersonsToSendAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := following(t, conversing(time.Second, simulator.Fault{Operation: "createRun", Reset: "before"}), shop())
		got := typeCommand(t.Context(), t, s.api, 0, nil, "follow-up", agentA, "Now the docs.")
		want := "; look for it at https://cursor.com/agents/" + agentA + ", and send it again if it is not there\n"
		if out := got.out.String(); got.status != 1 || !strings.HasSuffix(out, want) {
			t.Errorf("exit status %d, want 1 and %q at the end of\n%s", got.status, want, out)
		}
	})
}

func TestAValueOfSeveralLinesIsNoVariableForAnAgent(t *testing.T) {
	t.Parallel()
	got := typeCommand(t.Context(), t, nil, 0, map[string]string{"PEM": "5ecret\nkey"}, "run", "--env-vars", "PEM", "Fix")
	want := "cursor-agent-action run: --env-vars: the value of PEM has several lines: give it one\n"
	if got.status != 2 || got.err.String() != want {
		t.Errorf("exit status %d, stderr %q", got.status, got.err.String())
	}
}

// onlyAtATerminal are the flags that no workflow needs.
func onlyAtATerminal() []string {
	return []string{"json", "verbose", "cancel-on-interrupt", "archived"}
}

func TestFlagsAreNamedLikeTheInputs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Inputs map[string]any }
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"run", "follow-up", "watch", "list", "show", "cancel", "archive", "delete", "models", "artifacts"} {
		for _, flag := range flagsOf(t, command) {
			if _, ok := action.Inputs[flag]; !ok && !slices.Contains(onlyAtATerminal(), flag) {
				t.Errorf("%s --%s is no input of the action", command, flag)
			}
		}
	}
}

// flagsOf are the flags that a command's help names.
func flagsOf(t *testing.T, command string) []string {
	t.Helper()
	got := typeCommand(t.Context(), t, nil, 0, nil, command, "-h")
	if got.status != 0 {
		t.Fatalf("%s -h: exit status %d", command, got.status)
	}
	var flags []string
	for _, found := range regexp.MustCompile(`(?m)^  --?([a-z-]+)`).FindAllStringSubmatch(got.out.String()+got.err.String(), -1) {
		flags = append(flags, found[1])
	}
	if len(flags) < 2 {
		t.Fatalf("%s -h names the flags %q", command, flags)
	}
	slices.Sort(flags)
	return flags
}

// TestCompletionKnowsWhatTheHelpDoes covers the two commands whose flags are not
// of the list that completion is made of.
func TestCompletionKnowsWhatTheHelpDoes(t *testing.T) {
	t.Parallel()
	script := typeCommand(t.Context(), t, nil, 0, nil, "completion", "bash").out.String()
	for _, command := range []string{"doctor", "simulate", "run"} {
		line := regexp.MustCompile(`(?m)^\t` + command + `\) .*-W "(.*?)"`).FindStringSubmatch(script)
		if line == nil {
			t.Fatalf("%s is not completed:\n%s", command, script)
		}
		completed := strings.Fields(strings.ReplaceAll(line[1], "--", ""))
		slices.Sort(completed)
		if diff := cmp.Diff(flagsOf(t, command), completed); diff != "" {
			t.Errorf("%s, help and completion (-want +got):\n%s", command, diff)
		}
	}
	help := typeCommand(t.Context(), t, nil, 0, nil, "help").out.String()
	commands := regexp.MustCompile(`(?m)^  ([a-z-]+) `).FindAllStringSubmatch(help, -1)
	for _, command := range commands {
		if !bytes.Contains([]byte(script), []byte("\t"+command[1]+")")) && command[1] != "action" && command[1] != "cleanup" {
			t.Errorf("%s is not completed", command[1])
		}
	}
}
