package cli_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// Nothing is launched while nobody knows who asks, and nobody waits for hours to
// learn that.
func TestAGateThatGitHubKeepsWaitingGivesUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []forgetest.Fault
		down   time.Duration
		inputs []string
		most   time.Duration
		passes bool
	}{
		{"silent", []forgetest.Fault{{Delay: time.Hour}}, 0, nil, 2 * time.Minute, false},
		{"away", nil, time.Hour, nil, 2 * time.Minute, false},
		{"away for a moment", nil, 5 * time.Second, nil, 20 * time.Second, true},
		{"slow", []forgetest.Fault{{Delay: 10 * time.Second}}, 0, nil, time.Minute, true},
		{"silent, with little time", []forgetest.Fault{{Delay: time.Hour}}, 0, []string{"timeout", "5s"}, 5 * time.Second, false},
		{"exhausted", []forgetest.Fault{{Answer: &forgetest.Answer{Shape: "rate-limit", RetryAfter: 1800}}}, 0, nil, 2 * time.Minute, false},
		{"pressed", []forgetest.Fault{{Answer: &forgetest.Answer{Shape: "secondary-limit"}}}, 0, nil, 2 * time.Minute, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t, test.faults...)
				if test.down > 0 {
					hub.TakeDown(test.down)
				}
				s := newStep(t, simulator.Config{}).beside(hub).on(opened).with("wait", "false").with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				if took := time.Since(began); took > test.most {
					t.Errorf("it took %s", took)
				}
				want := "permission-unknown"
				if test.passes {
					want = ""
				}
				if got := s.outputs()["skip-reason"]; status != 0 || got != want || (s.creates() == 1) != test.passes {
					t.Errorf("exit status %d, skip-reason %q, %d agents\n%s", status, got, s.creates(), s.logged())
				}
			})
		})
	}
}

// The input timeout is for all, also for reading what the event is about.
func TestAContextThatGitHubKeepsWaitingEndsWithTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := gitHubOf(t, forgetest.Fault{Operation: "issues/list-comments", Delay: time.Hour})
		s := newStep(t, simulator.Config{}).beside(hub).on(opened).with("context", "event", "timeout", "20s")
		began := time.Now()
		status := s.run(t.Context())
		if took := time.Since(began); took > 25*time.Second || status != 124 || s.outputs()["outcome"] != "timed-out" || s.creates() > 0 {
			t.Errorf("exit status %d after %s, outputs %v, %d agents\n%s", status, took, s.outputs(), s.creates(), s.logged())
		}
	})
}

func TestASignalWhileTheGateAsksLaunchesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		last   string
	}{
		{"a launch", nil, "::error::cancelled: the step was interrupted; nothing was launched; run the job again"},
		{"a dry run", []string{"dry-run", "true"}, ""},
		{"a step without a key", []string{"api-key", ""}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t, forgetest.Fault{Delay: time.Hour})
				s := newStep(t, simulator.Config{}).beside(hub).on(opened).with("comment", "progress").with(test.inputs...)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if status := s.run(ctx); status != 130 || s.lastLine() != test.last {
					t.Errorf("exit status %d: %s", status, s.lastLine())
				}
				if s.outputs()["skip-reason"] != "" || len(s.api.Requests()) != 0 || len(hub.Requests()) != 1 {
					t.Errorf("outputs %v, %d requests to Cursor, %d to GitHub", s.outputs(), len(s.api.Requests()), len(hub.Requests()))
				}
			})
		})
	}
}

func TestADryRunPassesTheGateFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		on      happening
		outcome string
	}{{opened, "dry-run"}, {by("eve", opened), "skipped"}} {
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, simulator.Config{}).beside(gitHubOf(t)).on(test.on).with("dry-run", "true", "api-key", "", "max-agents-per-pr", "1", "cooldown", "1h")
			if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != test.outcome {
				t.Errorf("exit status %d, outcome %q\n%s", status, s.outputs()["outcome"], s.logged())
			}
		})
	}
}

// Who looks after an agent that is there spends nothing new.
func TestOnlyWhatMaySpendPassesAGate(t *testing.T) {
	t.Parallel()
	for name, inputs := range map[string][]string{
		"attach": {"agent-id", agentA, "prompt", ""}, "cancel": {"agent-id", agentA}, "archive": {"agent-id", agentA},
		"list": nil, // and doctor, which has a network of its own: see TestDoctorTakesTheInputsAndTheEventOfALaunch
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t, forgetest.Fault{Operation: "repos/get-collaborator-permission-level", Answer: &forgetest.Answer{Status: 500}})
				s := following(t, conversing(time.Second), shop())
				s.with("command", name, "agent-id", "", "prompt", "").with(inputs...).beside(hub).on(by("eve", opened))
				s.run(t.Context())
				if s.outputs()["skip-reason"] != "" || len(hub.Asked("repos/get-collaborator-permission-level")) > 0 || len(s.api.Requests()) == 0 {
					t.Errorf("outputs %v after %d requests\n%s", s.outputs(), len(s.api.Requests()), s.logged())
				}
			})
		})
	}
	t.Run("a follow-up", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := following(t, conversing(time.Second), shop()).beside(gitHubOf(t)).on(by("eve", opened))
			before := len(s.api.Requests())
			if status := s.run(t.Context()); status != 0 || s.outputs()["skip-reason"] != "no-permission" || len(s.api.Requests()) != before {
				t.Errorf("exit status %d, outputs %v", status, s.outputs())
			}
		})
	})
}
