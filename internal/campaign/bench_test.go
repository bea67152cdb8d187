package campaign_test

import (
	"testing"

	"cursor-agent-action/internal/simulator"
)

// BenchmarkCampaign tells as many of the campaign's stories as it is given
// time for.
func BenchmarkCampaign(b *testing.B) {
	told := stories(b, draw)
	b.ReportMetric(float64(told.stories)/b.Elapsed().Seconds(), "seeds/s")
	b.ReportMetric(float64(told.requests)/float64(told.processes[mainStage]), "requests/run")
}

// BenchmarkRequests counts the requests of a step that waits for an agent, by
// how many requests fail, and the stories that are told in a second.
func BenchmarkRequests(b *testing.B) {
	for _, share := range []struct {
		name        string
		probability float64
	}{{"no faults", 0}, {"1 % faults", 0.01}, {"10 % faults", 0.1}} {
		b.Run(share.name, func(b *testing.B) {
			told := stories(b, func(seed uint64) plan {
				p := plan{seed: seed, inputs: map[string]string{"create-pr": "true", "timeout": "3h"}, attempts: []attempt{{}}}
				d := newDice(seed)
				p.scenario = drawScenario(d, seed)
				if share.probability > 0 {
					p.scenario.Faults = []simulator.Fault{{When: simulator.When{Probability: share.probability}, Reset: pick(d, "before", "after")}}
					p.scenario.Streams = []simulator.StreamFault{{When: simulator.When{Probability: share.probability}, Do: simulator.StreamDrop, AfterEvents: 2}}
				}
				return p
			})
			b.ReportMetric(float64(told.stories)/b.Elapsed().Seconds(), "seeds/s")
			b.ReportMetric(float64(told.requests)/float64(told.processes[mainStage]), "requests/run")
			b.ReportMetric(told.fake.Minutes()/float64(told.stories), "minutes/run")
		})
	}
}

// stories tells one story of a plan after the other. A bubble of fake time
// wants a test, and a benchmark is none, so it runs one.
func stories(b *testing.B, plan func(seed uint64) plan) *figures {
	told := newFigures()
	passed := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
		Name: b.Name(),
		F: func(t *testing.T) {
			for seed := uint64(1); b.Loop(); seed++ {
				h := play(t, plan(seed))
				found := judge(h)
				for _, v := range found {
					t.Errorf("seed %d: %s", seed, v)
				}
				told.add(h, found)
			}
		},
	}})
	if !passed {
		b.Error("a story failed")
	}
	return told
}
