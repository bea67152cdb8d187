package cli_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// signalled runs the step and interrupts it after a time, and returns its exit
// status and how long it went on after that.
func (s *workflowStep) signalled(after time.Duration) (status int, took time.Duration) {
	ctx, cancel := context.WithCancelCause(s.t.Context())
	var at time.Time
	timer := time.AfterFunc(after, func() {
		at = time.Now()
		cancel(errors.New("terminated signal received"))
	})
	defer timer.Stop()
	status = s.run(ctx)
	return status, time.Since(at)
}

func TestASignalAtEveryStageLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	always := func(faults ...simulator.Fault) func(*simulator.Scenario) {
		return func(sc *simulator.Scenario) { sc.Faults = faults }
	}
	throttle := &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}
	for _, test := range []struct {
		name    string
		faulty  func(*simulator.Scenario)
		after   time.Duration
		runs    []string // their states in the end
		outcome string
		last    string
	}{
		{"while sleeping on a 429 before the create", always(simulator.Fault{Operation: "createAgent", Answer: throttle}), 10 * time.Second,
			nil, "cancelled", "the step was interrupted; nothing was launched; run the job again"},
		{"during the create, answered in time", always(simulator.Fault{Operation: "createAgent", DelayAnswer: 1500 * time.Millisecond}), time.Second,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"during the create, carried out and not answered", always(simulator.Fault{Operation: "createAgent", DelayAnswer: time.Minute}), time.Second,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"during a create that hangs", always(simulator.Fault{Operation: "createAgent", Delay: time.Minute, Reset: "before"}), time.Second,
			nil, "cancelled", "the step was interrupted while the agent was being launched; an agent may be at work, though none is to be seen: https://cursor.com/agents/"},
		{"while the run is CREATING", nil, 10 * time.Millisecond,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"while streaming", nil, 2 * time.Minute,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"while polling", always(simulator.Fault{Operation: "streamRun", Answer: &simulator.Answer{Status: 503, Shape: "empty"}}), 2 * time.Minute,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"while sleeping on a 429 of a look", always(
			simulator.Fault{Operation: "streamRun", Answer: &simulator.Answer{Status: 503, Shape: "empty"}},
			simulator.Fault{Operation: "getRun", When: simulator.When{First: 1}, Answer: throttle}), 30 * time.Second,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"when the first cancels fail", always(simulator.Fault{Operation: "cancelRun", When: simulator.When{First: 2}, Answer: &simulator.Answer{Status: 500, Shape: "empty"}}), time.Minute,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"when the cancel's answer is lost", always(simulator.Fault{Operation: "cancelRun", Reset: "after"}), time.Minute,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"when a cancel takes a while", func(sc *simulator.Scenario) { sc.Cancel.After = 3 * time.Second }, time.Minute,
			[]string{"CANCELLED"}, "cancelled", "the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{"when nothing ends the run", func(sc *simulator.Scenario) { sc.Cancel.Ignored = true }, time.Minute,
			[]string{"RUNNING"}, "cancelled", "the step was interrupted and the agent's run could not be ended: cancel run: the run's end was not seen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "slow")
				if test.faulty != nil {
					test.faulty(&config.Scenario)
				}
				s := newStep(t, config)
				status, took := s.signalled(test.after)
				if status != 130 {
					t.Errorf("exit status: got %d, want 130", status)
				}
				if took > 5*time.Second {
					t.Errorf("it went on for %s after the signal", took)
				}
				if diff := cmp.Diff(test.runs, s.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s", diff)
				}
				outputs := s.outputs()
				if outputs["outcome"] != test.outcome {
					t.Errorf("outcome: got %q, want %q", outputs["outcome"], test.outcome)
				}
				want := "::error::cancelled: " + strings.ReplaceAll(test.last, "URL", outputs["agent-url"])
				if got := s.lastLine(); !strings.HasPrefix(got, want) {
					t.Errorf("last line:\n got %s\nwant %s", got, want)
				}
				if s.summary() == "" {
					t.Error("there is no summary")
				}
				s.noSecret()
			})
		})
	}
}

func TestNothingIsLaunchedAfterASignalBeforeTheCreate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, simulator.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if status := s.run(ctx); status != 130 || len(s.api.Requests()) != 0 {
			t.Errorf("exit status %d, requests %+v", status, s.api.Requests())
		}
	})
}

func TestTheTimeOutEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, scenario string
		inputs         []string
		faulty         func(*simulator.Scenario)
		status         int
		outcome, run   string
		last           string
	}{
		{"cancelling it", "slow", nil, nil, 124, "timed-out", "CANCELLED", "::error::timed-out: the agent had not finished after 5m0s; the agent's run was cancelled: URL; raise timeout, or give the agent a smaller task"},
		{"leaving it, as asked", "slow", []string{"on-timeout", "leave"}, nil, 124, "timed-out", "RUNNING", "::error::timed-out: the agent had not finished after 5m0s, and on-timeout is leave; the agent's run goes on: URL; follow it there, or raise timeout"},
		{"tolerated", "slow", []string{"fail-on", "none"}, nil, 0, "timed-out", "CANCELLED", "::warning::timed-out: the agent had not finished after 5m0s; the agent's run was cancelled: URL; raise timeout, or give the agent a smaller task"},
		{"refused", "slow", nil, func(sc *simulator.Scenario) { sc.Cancel.Ignored = true }, 124, "timed-out", "RUNNING", "::error::timed-out: the agent had not finished after 5m0s and its run could not be ended: cancel run: the run's end was not seen"},
		{"which had finished unseen", "happy", nil, func(sc *simulator.Scenario) {
			away := &simulator.Answer{Status: 503, Shape: "empty"}
			sc.Faults = []simulator.Fault{{Operation: "streamRun", Answer: away}, {Operation: "getRun", When: simulator.When{First: 11}, Answer: away}}
		}, 0, "succeeded", "FINISHED", "succeeded after TIME: branch BRANCH"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, test.scenario)
				if test.faulty != nil {
					test.faulty(&config.Scenario)
				}
				s := newStep(t, config).with("timeout", "5m").with(test.inputs...)
				status := s.run(t.Context())
				outputs := s.outputs()
				if status != test.status || outputs["outcome"] != test.outcome {
					t.Errorf("exit status %d, outcome %s; want %d, %s", status, outputs["outcome"], test.status, test.outcome)
				}
				if diff := cmp.Diff([]string{test.run}, s.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s", diff)
				}
				want := strings.NewReplacer("URL", outputs["agent-url"], "BRANCH", outputs["branch"]).Replace(test.last)
				got := s.lastLine()
				if strings.Contains(want, "TIME") {
					_, rest, _ := strings.Cut(got, ": ")
					got = "succeeded after TIME: " + rest
				}
				if !strings.HasPrefix(got, want) {
					t.Errorf("last line:\n got %s\nwant %s", got, want)
				}
			})
		})
	}
}

func TestAnEndThatCanNotBeReadIsNoVerdict(t *testing.T) {
	t.Parallel()
	for _, onTimeout := range []string{"cancel", "leave"} {
		t.Run(onTimeout, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "happy")
				away := &simulator.Answer{Status: 503, Shape: "empty"}
				for _, operation := range []string{"streamRun", "getRun"} {
					config.Scenario.Faults = append(config.Scenario.Faults, simulator.Fault{Operation: operation, When: simulator.When{Skip: 1}, Answer: away})
				}
				config.Scenario.Faults = append(config.Scenario.Faults, simulator.Fault{Operation: "cancelRun", Answer: away})
				first := newStep(t, config)
				if status := first.run(t.Context()); status != 0 {
					t.Fatalf("first attempt: exit status %d\n%s", status, first.logged())
				}
				// The list of runs says FINISHED; nothing else can be read.
				second := stepAgainst(t, first.api).with("GITHUB_RUN_ATTEMPT", "2", "timeout", "5m", "on-timeout", onTimeout)
				status := second.run(t.Context())
				if outputs := second.outputs(); status != 1 || outputs["outcome"] != "api-error" || outputs["attached"] != "true" {
					t.Errorf("exit status %d, outputs %v\n%s", status, outputs, second.lastLine())
				}
			})
		})
	}
}

func TestTheCleanupStageEndsWhatAKilledStepLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs []string
		state  bool
		status []string
		says   string
	}{
		{"by the saved state", nil, true, []string{"CANCELLED"}, "::notice::cleanup: the run of agent AGENT, which nobody waits for any longer, has ended as CANCELLED"},
		{"by the derived id", nil, false, []string{"CANCELLED"}, "::notice::cleanup: the run of agent AGENT, which nobody waits for any longer, has ended as CANCELLED"},
		{"by the mark in the name", []string{"env-vars", "TOKEN=abcdefgh"}, false, []string{"CANCELLED"}, "::notice::cleanup: the run of agent AGENT, which nobody waits for any longer, has ended as CANCELLED"},
		{"unless nobody was to wait", []string{"wait", "false"}, true, []string{"RUNNING"}, ""},
		{"unless nobody was to wait, without state", []string{"wait", "false"}, false, []string{"RUNNING"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, scenario(t, "slow")).with(test.inputs...)
				killed := s.killed(time.Minute)
				status := killed.cleanup(t.Context(), test.state)
				if status != 0 {
					t.Errorf("exit status of the cleanup: %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff(test.status, s.statuses()); diff != "" {
					t.Errorf("runs in the end (-want +got):\n%s\n%s", diff, killed.logged())
				}
				want := strings.ReplaceAll(test.says, "AGENT", s.api.Agents()[0].ID)
				if got := strings.TrimSpace(killed.logged()); got != want {
					t.Errorf("log of the cleanup:\n got %s\nwant %s", got, want)
				}
				killed.noSecret()
			})
		})
	}
}

// killed runs the step, freezes its files as they are after a time, as a kill
// does, and returns the step with those files. The rest of the first run talks
// to nobody.
func (s *workflowStep) killed(after time.Duration) *workflowStep {
	left := stepAgainst(s.t, s.api)
	for name, value := range s.env {
		if strings.HasPrefix(name, "INPUT_") {
			left.env[name] = value
		}
	}
	program := s.program()
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { program.Run(ctx, []string{"x", "action"}) })
	time.Sleep(after)
	synctest.Wait()
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		left.write(left.env[name], s.read(name))
	}
	// It goes on in files of its own, which nobody reads any more.
	s.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return left
}
