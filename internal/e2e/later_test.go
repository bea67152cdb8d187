//go:build e2e

package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
)

func (r *runner) detachedLaunch(t *testing.T) {
	e := r.example(t, "detached", "example")
	launched := said(e.play(t, "detached", "launch", options{event: "workflow_dispatch", payload: "dispatch.json"}))
	expect(t, launched, map[string]string{"outcome": "launched", "attached": "false"})

	later := changed(t, "dispatch.json", map[string]any{"inputs": map[string]any{"agent-id": launched["agent-id"]}})
	p := e.play(t, "detached", "result", options{event: "workflow_dispatch", payload: later})
	expect(t, said(p), map[string]string{
		"outcome": "succeeded", "attached": "true", "agent-id": launched["agent-id"], "run-id": launched["run-id"], "pr-number": "21", "pr-verified": "true",
	})
	e.oneAgent(t, 1)
	if diff := cmp.Diff([]string{"POST /v1/agents"}, e.changes()); diff != "" {
		t.Errorf("requests that change something (-want +got):\n%s", diff)
	}
	e.wrote(t)
}

func (r *runner) cleanup(t *testing.T) {
	e := r.example(t, "cleanup", "endless")
	launched := said(e.play(t, "detached", "launch", options{event: "workflow_dispatch", payload: "dispatch.json"}))
	e.hub.Edit(widgets, func(r *forgetest.Repository) {
		r.WorkflowRuns = append(r.WorkflowRuns, &forgetest.WorkflowRun{ID: 4711, Conclusion: "cancelled"}, &forgetest.WorkflowRun{ID: 4712, Status: "in_progress"})
	})
	e.play(t, "cleanup", "reap", options{event: "schedule", payload: "schedule.json"})
	want := []agent{{ID: launched["agent-id"], Runs: []run{{ID: launched["run-id"], Status: "CANCELLED"}}}}
	if diff := cmp.Diff(want, e.agents(t)); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	e.wrote(t)
}
