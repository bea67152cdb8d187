package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// spending is an API whose agents take an hour and use a thousand tokens a
// minute.
func spending(faults ...simulator.Fault) simulator.Config {
	return simulator.Config{Scenario: simulator.Scenario{Duration: time.Hour, Usage: simulator.Usage{Input: 60_000}, Faults: faults}}
}

func TestARunThatPassesMaxTokensIsCancelled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		inputs  []string
		faults  []simulator.Fault
		status  int
		outcome string
		runs    []string
		last    string // URL stands for the agent's
	}{
		{"past it", []string{"max-tokens", "100"}, nil, 1, "cancelled", []string{"CANCELLED"},
			"::error::cancelled: the run used 250 tokens, and max-tokens is 100; the agent's run was cancelled: URL; raise max-tokens, or give the agent a smaller task"},
		{"within it", []string{"max-tokens", "60000", "timeout", "2h"}, nil, 0, "succeeded", []string{"FINISHED"}, "succeeded after 1h0m: URL"},
		{"past it, and the cancel is refused", []string{"max-tokens", "100"}, []simulator.Fault{{Operation: "cancelRun", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "no"}}}, 1, "cancelled", []string{"RUNNING"},
			"::error::cancelled: the run used 250 tokens, and max-tokens is 100; it could not be ended: cancel run: 403 role_forbidden: no (request "},
		{"past it, and then nobody can see it any more", []string{"max-tokens", "100"}, []simulator.Fault{{Operation: "cancelRun", Reset: "before"}, {Operation: "getRun", Reset: "before"}}, 1, "api-error", []string{"RUNNING"},
			"::error::api-error: the run used 250 tokens, and max-tokens is 100; what became of it could not be seen: cancel run: the connection was closed without an answer ("},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, spending(test.faults...)).with(test.inputs...)
				if status := s.run(t.Context()); status != test.status || s.outputs()["outcome"] != test.outcome {
					t.Errorf("exit status %d, outcome %s\n%s", status, s.outputs()["outcome"], s.logged())
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
				if want := strings.Replace(test.last, "URL", s.outputs()["agent-url"], 1); !strings.HasPrefix(s.lastLine(), want) {
					t.Errorf("last line:\n got %s\nwant %s", s.lastLine(), want)
				}
			})
		})
	}
}

func TestAnAccountWithoutUsageIsWarnedOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Answer
		want  string // the request stands as ID
	}{
		{"not enabled", simulator.Answer{Status: 403, Code: "feature_unavailable", Message: "off"}, "::warning::max-tokens is not watched: the API does not tell the key's account what a run used\n"},
		{"refused", simulator.Answer{Status: 404, Code: "run_not_found", Message: "gone"}, "::warning::max-tokens: what the run used can't be read, and will be looked for every minute: get usage: 404 run_not_found: gone (request "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, spending(simulator.Fault{Operation: "getAgentUsage", Answer: &test.fault})).with("max-tokens", "1", "timeout", "2h")
				if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" {
					t.Errorf("exit status %d, outcome %s", status, s.outputs()["outcome"])
				}
				if n := strings.Count(s.logged(), "::warning::"); n != 1 || !strings.Contains(s.logged(), test.want) {
					t.Errorf("%d warnings, want one:\n%s", n, s.logged())
				}
			})
		})
	}
}

func TestACorrectionIsNoReasonToWarnAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying(wrongAnswer, rightAnswer)
		config.Scenario.Account.NoUsage = true
		s := newStep(t, config).with("result-schema", resultSchema, "max-tokens", "1")
		if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" {
			t.Errorf("exit status %d, outcome %s", status, s.outputs()["outcome"])
		}
		if n := strings.Count(s.logged(), "::warning::"); n != 1 {
			t.Errorf("%d warnings, want one:\n%s", n, s.logged())
		}
	})
}

// TestACorrectionSpendsFromTheSameBudget counts both runs of the agent.
func TestACorrectionSpendsFromTheSameBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The first run uses 1000, the correction 100.
		s := newStep(t, replying(wrongAnswer, rightAnswer)).with("result-schema", resultSchema, "max-tokens", "1010")
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		want := "::error::cancelled: the run used 1025 tokens, and max-tokens is 1010; the agent's run was cancelled: " + s.outputs()["agent-url"] + "; raise max-tokens, or give the agent a smaller task"
		if diff := cmp.Diff(want, s.lastLine()); diff != "" {
			t.Errorf("last line (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"FINISHED", "CANCELLED"}, s.statuses()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
	})
}

func TestMaxTokensNeedsSomebodyWhoWaits(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{}).with("max-tokens", "5", "wait", "false")
	status := s.run(t.Context())
	want := "::error::input max-tokens: is watched only while the run is waited for: leave it out, or set wait: true; nothing was launched"
	if diff := cmp.Diff(want, s.lastLine()); diff != "" || status != 2 {
		t.Errorf("exit status %d, last line (-want +got):\n%s", status, diff)
	}
}
