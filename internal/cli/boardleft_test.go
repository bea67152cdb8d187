package cli_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// severed is a transport whose process is dead from a moment on.
type severed struct {
	to   http.RoundTripper
	dead *atomic.Bool
}

func (s severed) RoundTrip(request *http.Request) (*http.Response, error) {
	if s.dead.Load() {
		return nil, errors.New("the process is dead")
	}
	return s.to.RoundTrip(request)
}

// killedAt runs the step and kills it after a time: nothing that it does later is
// seen by anybody. It returns the step with the files as they are then.
func (s *workflowStep) killedAt(after time.Duration) *workflowStep {
	left := stepAgainst(s.t, s.api)
	files := maps.Clone(left.env)
	left.env, left.wire = maps.Clone(s.env), s.wire
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		left.env[name] = files[name]
	}
	var dead atomic.Bool
	program := s.program()
	program.Transport = severed{program.Transport, &dead}
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { program.Run(ctx, []string{"x", "action"}) })
	time.Sleep(after)
	synctest.Wait()
	dead.Store(true)
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		left.write(left.env[name], s.read(name))
	}
	s.t.Cleanup(func() {
		cancel()
		running.Wait()
		time.Sleep(time.Minute) // An update on its way has an end, too.
	})
	return left
}

func TestTheCleanupStageWritesTheEndAfterAKill(t *testing.T) {
	t.Parallel()
	const noVerdict = "### ❌ This step ended without a verdict on the agent's work"
	for _, test := range []struct {
		name    string
		plays   simulator.Config
		inputs  []string
		after   time.Duration
		state   bool
		heading string
		says    string
		check   string
	}{
		{"while the agent works", lasting(time.Hour), []string{"comment", "progress", "check", "Agent"}, time.Minute, true,
			noVerdict, "**Why:** the step was killed; its cleanup stage saw to it that the agent's run ended, as CANCELLED\n\n[Agent](https://cursor.com/agents/bc-", "cancelled"},
		{"while the agent works, without state", lasting(time.Hour), []string{"comment", "progress", "check", "Agent"}, time.Minute, false,
			noVerdict, "**Why:** the step was killed; its cleanup stage saw to it that the agent's run ended, as CANCELLED", "cancelled"},
		{"where only the end was to be told", lasting(time.Hour), []string{"comment", "result"}, time.Minute, true,
			noVerdict, "the step was killed", ""},
		{"where only the end was to be told, without state", lasting(time.Hour), []string{"comment", "result"}, time.Minute, false, "", "", ""},
		{"where only a check was asked for", lasting(time.Hour), []string{"check", "Agent"}, time.Minute, true, "", "", "cancelled"},
		{"when nothing ends the run", simulator.Config{Scenario: simulator.Scenario{Duration: time.Hour, Cancel: simulator.Cancel{Ignored: true}}},
			[]string{"comment", "progress"}, time.Minute, true, noVerdict, "the step was killed; an agent may still run: cancel run: the run's end was not seen", ""},
		{"where the agent may go on", lasting(time.Hour), []string{"comment", "progress", "on-timeout", "leave", "timeout", "2m"}, time.Minute, false,
			noVerdict, "the step was killed; an agent may go on, as the inputs ask", ""},
		{"during the create", simulator.Config{Scenario: simulator.Scenario{Faults: []simulator.Fault{{Operation: "createAgent", Delay: time.Hour, Reset: "before"}}}},
			[]string{"comment", "progress"}, 20 * time.Second, true, noVerdict, "the step was killed; no run was left that nobody waits for", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				killed := newStep(t, test.plays).at(hub).onPullRequest().with(test.inputs...).killedAt(test.after)
				began := time.Now()
				killed.cleanup(t.Context(), test.state)
				if took := time.Since(began); took > time.Minute {
					t.Errorf("the cleanup took %s", took)
				}
				comments := ourComments(hub, 9)
				if test.heading == "" {
					if len(comments) > 0 {
						t.Errorf("comments:\n%s", strings.Join(comments, "\n===\n"))
					}
				} else if len(comments) != 1 || isUnfinished(comments[0]) || heading(comments[0]) != test.heading || !strings.Contains(comments[0], test.says) {
					t.Errorf("comments:\n%s\nwant %s\n%s\n%s", strings.Join(comments, "\n===\n"), test.heading, test.says, killed.logged())
				}
				checks := hub.Repository("acme/shop").CheckRuns
				if test.check == "" && len(checks) > 0 || test.check != "" && (len(checks) != 1 || checks[0].Conclusion != test.check) {
					t.Errorf("check runs %+v, want %q", checks, test.check)
				}
				if warnings := killed.warnings(); len(warnings) > 0 {
					t.Errorf("warnings: %q", warnings)
				}
			})
		})
	}
}

// A pull request of another repository has a number that is somebody else's here.
func TestTheCleanupStageCommentsInTheWorkflowsRepositoryAlone(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			hub := newGitHub(t, everyWrite())
			killed := newStep(t, lasting(time.Hour)).at(hub).
				with("repo", "acme/store", "pull-request", "9", "comment", "result", "check", "Agent").killedAt(time.Minute)
			killed.cleanup(t.Context(), state)
			if comments := ourComments(hub, 9); len(comments) > 0 {
				t.Errorf("with state %t, there are comments:\n%s", state, strings.Join(comments, "\n===\n"))
			}
			if checks := hub.Repository("acme/shop").CheckRuns; len(checks) != 1 || checks[0].Conclusion != "cancelled" {
				t.Errorf("with state %t, check runs: %+v", state, checks)
			}
		})
	}
}

// Where GitHub was away when the work was over, the cleanup stage writes the
// verdict and not that of a kill.
func TestTheCleanupStageWritesTheVerdictThatGitHubMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(2*time.Minute)).at(hub).onIssue().with("comment", "progress", "check", "Agent")
		time.AfterFunc(time.Minute, func() { hub.TakeDown(3 * time.Minute) })
		if status := s.run(t.Context()); status != 0 || s.state()["board"] != "open" {
			t.Fatalf("exit status %d, state %q", status, s.state()["board"])
		}
		time.Sleep(5 * time.Minute)
		if status := s.cleanup(t.Context(), true); status != 0 {
			t.Errorf("exit status of the cleanup: %d", status)
		}
		comments := ourComments(hub, 7)
		if len(comments) != 1 || isUnfinished(comments[0]) || heading(comments[0]) != "### ✅ The agent finished" || !strings.Contains(comments[0], "Done.") {
			t.Errorf("comments:\n%s", strings.Join(comments, "\n===\n"))
		}
		if checks := hub.Repository("acme/shop").CheckRuns; len(checks) != 1 || checks[0].Conclusion != "success" {
			t.Errorf("check runs: %+v", checks)
		}
	})
}

// A check run that goes on for ever would block its pull request for ever.
func TestTheCleanupStageComesBackWhenGitHubWantsToBeLeftAlone(t *testing.T) {
	t.Parallel()
	limited := func(seconds int) *forgetest.Answer {
		return &forgetest.Answer{Shape: "secondary-limit", RetryAfter: seconds}
	}
	for _, test := range []struct {
		name   string
		answer *forgetest.Answer
		lasts  time.Duration // after the agent's end
		took   time.Duration // of the cleanup, at most
		open   bool
	}{
		{"for a minute", limited(60), 50 * time.Second, 65 * time.Second, false},
		{"for a while that it does not name", &forgetest.Answer{Status: 429}, 50 * time.Second, 65 * time.Second, false},
		{"for longer than a job lasts", limited(3600), time.Hour, time.Second, true},
		{"because it is down", &forgetest.Answer{Status: 502}, 45 * time.Second, time.Minute, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const work = 2 * time.Minute
				hub := newGitHub(t, everyWrite())
				s := newStep(t, lasting(work)).at(hub).onIssue().with("comment", "progress", "check", "Agent")
				time.AfterFunc(work-20*time.Second, func() { hub.SetFaults(forgetest.Fault{Answer: test.answer}) })
				time.AfterFunc(work+test.lasts, func() { hub.SetFaults() })
				s.run(t.Context())
				warned := len(s.warnings())
				began := time.Now()
				if status := s.cleanup(t.Context(), true); status != 0 || time.Since(began) > test.took {
					t.Errorf("exit status %d after %s", status, time.Since(began))
				}
				comments, checks := ourComments(hub, 7), hub.Repository("acme/shop").CheckRuns
				if len(comments) != 1 || isUnfinished(comments[0]) != test.open || len(checks) != 1 || (checks[0].Conclusion != "success") != test.open {
					t.Errorf("comments:\n%s\ncheck runs: %+v\n%s", strings.Join(comments, "\n===\n"), checks, s.logged())
				}
				if n := len(s.warnings()) - warned; test.open != (n == 1) || n > 1 {
					t.Errorf("the cleanup warns %d times: %q", n, s.warnings())
				}
			})
		})
	}
}

func TestTheCleanupStageLeavesAnEndAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		state bool
		upset func(*forgetest.Hub, *workflowStep)
	}{
		{"one that was told", true, nil},
		{"one that was told, without state", false, nil},
		{"one that the state does not tell", true, func(_ *forgetest.Hub, s *workflowStep) { s.env["STATE_board"] = "open" }},
		{"another attempt's", false, func(_ *forgetest.Hub, s *workflowStep) { s.env["GITHUB_RUN_ATTEMPT"] = "2" }},
		{"a later run's, which the state does not tell", true, func(hub *forgetest.Hub, s *workflowStep) {
			s.env["STATE_board"], s.env["GITHUB_RUN_ID"], s.env["INPUT_CHECK"] = "open", "999", ""
		}},
		{"one that somebody wrote over", true, func(hub *forgetest.Hub, s *workflowStep) {
			s.env["STATE_board"], s.env["INPUT_CHECK"] = "open", ""
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[0].Comments[0].Body = "Never mind." })
		}},
		{"another attempt's that goes on", false, func(hub *forgetest.Hub, s *workflowStep) {
			hub.Edit("acme/shop", func(r *forgetest.Repository) {
				body := &r.Issues[0].Comments[0].Body
				*body = strings.Replace(*body, "-->\n", "-->\n<!-- cursor-agent-action working-1000-2 -->\n", 1)
				*body = strings.Replace(*body, "<!-- cursor-agent-action ended-1000-1 -->\n", "", 1)
			})
		}},
		{"one that was deleted", true, func(hub *forgetest.Hub, s *workflowStep) {
			s.env["STATE_board"] = "open"
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[0].Comments = nil })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				s := newStep(t, lasting(time.Minute)).at(hub).onIssue().with("comment", "progress", "check", "Agent")
				s.run(t.Context())
				if test.state {
					for name, value := range s.state() {
						s.env["STATE_"+name] = value
					}
				}
				if test.upset != nil {
					test.upset(hub, s)
				}
				before, were := ourComments(hub, 7), len(writes(hub))
				if status := s.cleanup(t.Context(), false); status != 0 {
					t.Errorf("exit status %d", status)
				}
				if diff := cmp.Diff(before, ourComments(hub, 7)); diff != "" || len(writes(hub)) != were {
					t.Errorf("%d requests wrote something; comments (-before +after):\n%s", len(writes(hub))-were, diff)
				}
			})
		})
	}
}

func TestTheCleanupStageEndsTheAgentWhateverGitHubDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		killed := newStep(t, lasting(time.Hour)).at(hub).onIssue().with("comment", "progress", "check", "Agent").killedAt(time.Minute)
		hub.TakeDown(time.Hour)
		began := time.Now()
		status := killed.cleanup(t.Context(), true)
		if took := time.Since(began); status != 0 || took > time.Minute {
			t.Errorf("exit status %d after %s", status, took)
		}
		if diff := cmp.Diff([]string{"CANCELLED"}, killed.statuses()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		if warnings := killed.warnings(); len(warnings) != 1 || !strings.HasPrefix(warnings[0], "cleanup: whether the comment and the check run have their end is not known: ") {
			t.Errorf("warnings: %q", warnings)
		}
	})
}
