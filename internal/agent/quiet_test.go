package agent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func TestQuietTimesAreToldAgainAndAgain(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{
		CreateDelay: 90 * time.Second,
		Steps: []simulator.Step{
			{Text: "One."}, {Wait: 150 * time.Second}, {Text: " Two."}, {Wait: 50 * time.Second}, {Text: " Three."}, {Wait: 50 * time.Second},
		},
	}
	type quiet struct {
		At time.Duration
		agent.Quiet
	}
	told := func(set setup) (told []quiet) {
		bubble(t, set, func(t *testing.T, w *world) {
			w.run(t)
			for i, update := range w.updates {
				if update, ok := update.(agent.Quiet); ok {
					told = append(told, quiet{w.times[i], update})
				}
			}
		})
		return told
	}
	minutes := []quiet{
		{60 * time.Second, agent.Quiet{For: time.Minute, Status: cursor.RunCreating}},
		{150 * time.Second, agent.Quiet{For: time.Minute, Status: cursor.RunRunning}},
		{210 * time.Second, agent.Quiet{For: 2 * time.Minute, Status: cursor.RunRunning}},
	}
	// Heartbeats are no news, and neither are looks.
	for name, set := range map[string]setup{
		"a minute, by default": story(scenario),
		"as configured":        {Config: simulator.Config{Scenario: scenario}, quiet: time.Minute, poll: time.Second},
	} {
		if diff := cmp.Diff(minutes, told(set)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	set := story(scenario)
	set.quiet = 100 * time.Second
	want := []quiet{{190 * time.Second, agent.Quiet{For: 100 * time.Second, Status: cursor.RunRunning}}}
	if diff := cmp.Diff(want, told(set)); diff != "" {
		t.Errorf("100 s (-want +got):\n%s", diff)
	}
}
