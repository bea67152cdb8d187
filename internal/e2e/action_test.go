//go:build e2e

package e2e_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// story is one that TestAction plays.
type story struct {
	name string
	play func(*testing.T)
}

// TestAction plays every story with one image and one runner.
func TestAction(t *testing.T) {
	r := newRunner(t)
	// The first story lets the runner build the image as users' runners do; the
	// others use what is there, at the same time.
	t.Run("the action is built and used from a checkout by a pull request's workflow", r.pullRequest)
	stories := []story{
		{"outputs travel from job to job", r.twoJobs},
		{"a failing agent turns the job red and its outputs are there", r.failing},
		{"a prompt of strangers reaches the agent byte for byte", r.hostilePrompt},
		{"prompt files reach the agent byte for byte", r.promptFile},
		{"an agent's text sets no output and is no command", r.hostileAgent},
		{"three legs of a matrix are three agents", r.matrix},
		{"a re-run attaches to the agent of the attempt before", r.rerun},
		{"an agent that isn't waited for is left alone", r.detached},
		{"an agent that takes too long is cancelled", r.timedOut},
		{"bad input launches nothing", r.badInput},
		{"artifacts are there for the next step", r.artifacts},
		{"faults of the network and the API neither double nor lose the work", r.faults},
		{"a dry run needs no key and launches nothing", r.dryRun},
		{"a result of the form that was asked for is read by the next step", r.result},
		{"an agent is attached to, followed up, listed, archived and deleted", r.life},
		{"several agents are cancelled, and once", r.cancel},
		{"a pull request keeps its agent", r.followUp},
		{"agents whose workflow run was cancelled are reaped", r.reap},
		{"the older version of the API does the work", r.v0},
	}
	for _, story := range slices.Concat(r.faultStories(), r.exampleStories(), stories) {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.play(t)
		})
	}
}

// faultStories are those in which something strikes from without. Most of their
// time is waiting.
func (r *runner) faultStories() []story {
	stories := []story{
		{"a runner that is killed mid-stream leaves work that a re-run attaches to", func(t *testing.T) { r.abandoned(t, "gone-stream", midStream) }},
		{"a runner that is killed while creating leaves work that a re-run attaches to", func(t *testing.T) { r.abandoned(t, "gone-creating", answered) }},
		{"a container that wakes after its job's end does no harm mid-stream", func(t *testing.T) { r.frozen(t, "frozen-stream", midStream) }},
		{"a container that wakes after its job's end does no harm while creating", func(t *testing.T) { r.frozen(t, "frozen-creating", answered) }},
	}
	for _, cut := range cuts {
		stories = append(stories, story{"the work is done once and in the end green through " + cut.name, func(t *testing.T) { r.cut(t, cut) }})
	}
	for _, cancellation := range cancellations {
		stories = append(stories, story{"a job cancelled as GitHub does it ends in time at " + cancellation.name, func(t *testing.T) { r.cancelled(t, cancellation) }})
	}
	for _, strike := range strikes {
		stories = append(stories, story{"nothing is left or paid twice after " + strike.name, func(t *testing.T) { r.struck(t, strike) }})
	}
	for _, examination := range examinations {
		stories = append(stories, story{"doctor says what is " + examination.name, func(t *testing.T) { r.examined(t, examination) }})
	}
	return stories
}

// outputs reads what a step wrote of toJSON(steps.agent.outputs).
func (s *stage) outputs(t *testing.T) map[string]string {
	t.Helper()
	return s.outputsIn(t, "outputs.json")
}

// outputsIn is outputs for what a workflow writes elsewhere, as it has several
// steps that use the action.
func (s *stage) outputsIn(t *testing.T, name string) map[string]string {
	t.Helper()
	var outputs map[string]string
	if err := json.Unmarshal([]byte(s.read(t, name)), &outputs); err != nil {
		t.Fatalf("the step was handed no outputs in %s: %v", name, err)
	}
	return outputs
}

// expect holds some outputs against what they must be.
func expect(t *testing.T, outputs, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if outputs[name] != value {
			t.Errorf("output %s is %q, want %q", name, outputs[name], value)
		}
	}
}

// onlyAgent returns the one agent that was launched, with its one run.
func (s *stage) onlyAgent(t *testing.T) (agent, run) {
	t.Helper()
	agents := s.agents(t)
	if len(agents) != 1 || len(agents[0].Runs) != 1 {
		t.Fatalf("the Cursor API knows %+v, want one agent with one run", agents)
	}
	return agents[0], agents[0].Runs[0]
}
