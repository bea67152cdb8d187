//go:build e2e

package e2e_test

import (
	"syscall"
	"testing"
)

// abandoned plays a workflow runner that is killed, so that nothing is cleaned
// up: the container goes on alone, and so does its agent. The job is run again
// on another machine.
func (r *runner) abandoned(t *testing.T, name string, at point) {
	s := r.set(t, setting{workflow: "struck", scenario: "steady", name: name})
	reach, leave := at(t, s.cursorAPI)
	p := s.start(t, options{})
	reach(p)
	container := s.container(t, p)
	p.signal(t, syscall.SIGKILL)
	p.wait(t)
	leave()

	// This runner names containers after workflows, and removes those that bear
	// the name when it starts.
	s.addWorkflow(t, "elsewhere-"+name)
	again := s.start(t, options{name: "elsewhere-" + name, env: map[string]string{"GITHUB_RUN_ATTEMPT": "2"}})
	again.awaitLog(t, "attaching to it, so nothing is paid twice")
	if running := docker(t, "inspect", "--format", "{{.State.Running}}", container); running != "true" {
		t.Error("the container of the killed runner does not run any longer")
	}
	if !again.wait(t) {
		t.Error("the re-run failed")
	}
	if code := awaitEnd(t, container); code != "0" {
		t.Errorf("the container of the killed runner ended with exit code %s, want 0", code)
	}
	s.onlyOnce(t)
}

// onlyOnce judges a re-run that had to attach to what the attempt before left.
func (s *stage) onlyOnce(t *testing.T) {
	t.Helper()
	agent, truth := s.onlyAgent(t)
	if truth.Status != "FINISHED" {
		t.Errorf("the run is %s, want FINISHED", truth.Status)
	}
	expect(t, s.outputs(t), map[string]string{"agent-id": agent.ID, "run-id": truth.ID, "attached": "true", "outcome": "succeeded"})
	if s.askedToCancel(t) {
		t.Error("the action asked to cancel a run that was wanted")
	}
}
