package cli_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestALaunchOfVersion0WhoseAnswerIsLostIsOneAgent(t *testing.T) {
	t.Parallel()
	for name, inputs := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := stepV0(t, "happy", func(sc *simulator.Scenario) {
					sc.Duration = time.Minute
					sc.Faults = []simulator.Fault{{Operation: "createAgentV0", Reset: "after"}}
				}).with(inputs...)
				if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" || s.outputs()["attached"] != "false" {
					t.Errorf("exit status %d\n%s", status, s.logged())
				}
				if launches, agents := s.operations("createAgentV0"), len(s.api.Agents()); launches != 1 || agents != 1 {
					t.Errorf("%d launches and %d agents", launches, agents)
				}
			})
		})
	}
}

func TestALaunchOfVersion0ThatCanNotBeFoundIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", func(sc *simulator.Scenario) {
			sc.Faults = []simulator.Fault{{Operation: "createAgentV0", Reset: "before"}}
		}).with("branch", "feature/x")
		status := s.run(t.Context())
		const start = `::error::api-error: launch agent: an agent may have been launched, but it could not be found (branch "feature/x"): create agent: POST /v0/agents: `
		const end = ` (may have been carried out); look for it at https://cursor.com/agents before you run the job again, which may launch a second one`
		if line := s.lastLine(); status != 1 || !strings.HasPrefix(line, start) || !strings.HasSuffix(line, end) {
			t.Errorf("exit status %d, last line:\n%s", status, line)
		}
		if n := s.operations("createAgentV0"); n != 1 {
			t.Errorf("%d launches", n)
		}
	})
}

func TestARerunOfVersion0AttachesToTheAgentThatIsAtWork(t *testing.T) {
	t.Parallel()
	for name, inputs := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				killed := stepV0(t, "slow", nil).with(inputs...).killed(time.Minute)
				second := stepAgainst(t, killed.api).with("api-version", "v0", "GITHUB_RUN_ATTEMPT", "2").with(inputs...)
				if status := second.run(t.Context()); status != 0 || second.outputs()["attached"] != "true" {
					t.Errorf("exit status %d\n%s", status, second.logged())
				}
				if n := len(second.api.Agents()); n != 1 {
					t.Errorf("%d agents", n)
				}
			})
		})
	}
}

// What an agent was asked is shown when it begins, and of some never.
func TestARerunOfVersion0LaunchesNoneBesideOneWhosePromptIsNotShown(t *testing.T) {
	t.Parallel()
	const never = "::error::api-error: launch agent: an earlier attempt may have launched one, but its state could not be read: " +
		"agent AGENT is at work there, and its conversation does not show what it was asked; an agent may be at work: https://cursor.com/agents; "
	for _, test := range []struct {
		name   string
		change func(*simulator.Scenario)
		status int
		last   string // how the last line begins
	}{
		{"yet", func(sc *simulator.Scenario) { sc.CreateDelay = 30 * time.Second }, 0, "succeeded after "},
		{"at all", func(sc *simulator.Scenario) { sc.NoConversation = true }, 1, never},
	} {
		for kind, inputs := range kinds {
			t.Run(test.name+", "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					killed := stepV0(t, "slow", test.change).with(inputs...).killed(time.Second)
					second := stepAgainst(t, killed.api).with("api-version", "v0", "GITHUB_RUN_ATTEMPT", "2").with(inputs...)
					want, last := test.status, test.last
					if strings.HasPrefix(kind, "by its mark") {
						want, last = 0, "succeeded after " // That needs no conversation.
					}
					status := second.run(t.Context())
					last = strings.Replace(last, "AGENT", second.api.Agents()[0].ID, 1)
					if status != want || !strings.HasPrefix(second.lastLine(), last) {
						t.Errorf("exit status %d, last line\n%s\nwant\n%s", status, second.lastLine(), last)
					}
					if n := len(second.api.Agents()); n != 1 {
						t.Errorf("%d agents", n)
					}
				})
			})
		}
	}
}

func TestARerunOfVersion0TakesAResultOnlyFromAnAgentThatIsSurelyItsOwn(t *testing.T) {
	t.Parallel()
	for name, inputs := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				first := stepV0(t, "happy", nil).with(inputs...)
				first.run(t.Context())
				second := stepAgainst(t, first.api).with("api-version", "v0", "GITHUB_RUN_ATTEMPT", "2").with(inputs...)
				second.run(t.Context())
				want, agents := "true", 1
				if strings.HasSuffix(name, "branch") || strings.HasSuffix(name, "request") {
					want, agents = "false", 2
				}
				if got := second.outputs()["attached"]; got != want || len(second.api.Agents()) != agents {
					t.Errorf("attached %s, want %s; %d agents, want %d\n%s", got, want, len(second.api.Agents()), agents, second.logged())
				}
			})
		})
	}
}

func TestWhatARerunOfVersion0WouldDoIsSaidAsItIs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"by its mark":          "run the job again, which takes the agent's result",
		"by the user's branch": "look at the agent's page, because running the job again launches a new one",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// The wait for the pull request, which comes too late, is interrupted.
				s := stepV0(t, "happy", func(sc *simulator.Scenario) { sc.PRAfter = time.Hour }).with("create-pr", "true").with(kinds[name]...)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				s.run(ctx)
				if line := s.lastLine(); !strings.HasPrefix(line, "::error::cancelled: the wait for the agent's pull request was interrupted;") || !strings.HasSuffix(line, "; "+want) {
					t.Errorf("last line: %s", line)
				}
			})
		})
	}
}
