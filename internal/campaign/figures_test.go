package campaign_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// figures count what a campaign went through. Several workers add to them.
type figures struct {
	mu        sync.Mutex
	began     time.Time
	stories   int
	reruns    int
	processes map[stage]int
	agents    int
	requests  int
	faults    map[string]int
	streams   map[string]int
	blows     map[blowKind]int
	outcomes  map[string]int
	fake      time.Duration
}

func newFigures() *figures {
	return &figures{
		began: time.Now(), processes: map[stage]int{}, faults: map[string]int{}, streams: map[string]int{},
		blows: map[blowKind]int{}, outcomes: map[string]int{},
	}
}

// add counts one story.
func (f *figures) add(h history) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stories++
	f.reruns += len(h.plan.attempts) - 1
	f.agents += len(h.agents)
	f.requests += len(h.requests)
	for _, p := range h.processes {
		f.processes[p.stage]++
		for _, kind := range p.struck {
			f.blows[kind]++
		}
		if outcome := p.outputs()["outcome"]; p.stage == mainStage && !p.killed {
			f.outcomes[outcome]++
		}
	}
	for _, r := range h.requests {
		if kind, _, _ := strings.Cut(r.Fault, " after "); kind != "" {
			f.faults[kind]++
		}
	}
	for _, fault := range h.plan.scenario.Streams {
		f.streams[string(fault.Do)]++
	}
	last := h.processes[len(h.processes)-1]
	f.fake += last.ended.Sub(h.processes[0].began)
}

// String tells the figures in words.
func (f *figures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	took := time.Since(f.began)
	mains := max(1, f.processes[mainStage])
	return fmt.Sprintf(`%d stories were told in %s, %.0f a second, over %.0f hours of fake time:
%d main stages and %d cleanup stages ran, %d of the attempts were re-runs; %d agents were launched
%d requests were sent, %.1f for each main stage with its cleanup
what struck the processes: %s
what went wrong with requests: %s
what streams were told to do wrong: %s
the outcomes of the stages that came to their own end: %s`,
		f.stories, took.Round(time.Millisecond), float64(f.stories)/took.Seconds(), f.fake.Hours(),
		f.processes[mainStage], f.processes[cleanupStage], f.reruns, f.agents,
		f.requests, float64(f.requests)/float64(mains),
		inWords(f.blows), inWords(f.faults), inWords(f.streams), inWords(f.outcomes))
}

// inWords lists counts, the names in their order.
func inWords[K ~string](counts map[K]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d times", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
