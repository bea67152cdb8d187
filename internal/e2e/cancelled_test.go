//go:build e2e

package e2e_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cancellation is a job that is cancelled at a point, as GitHub's runner does
// it, and what must be true after the post stage.
type cancellation struct {
	name   string
	point  point
	agents int    // how many there are, each with one run, which has been cancelled
	says   string // what the main stage says in the end
	post   string // what the post stage says, "" where there is nothing left for it
}

var cancellations = []cancellation{
	{name: "asked", point: asked, says: "the step was interrupted while the agent was being launched",
		post: "cleanup: looked for agents for 15s and found nothing, so nothing is left to be ended"},
	{name: "created", point: created, agents: 1, says: endedByItself},
	{name: "launched", point: launched, agents: 1, says: endedByItself},
	{name: "stream", point: midStream, agents: 1, says: endedByItself},
	{name: "hanging", point: hanging, agents: 1, says: "the agent's run may still go on: https://cursor.com/agents/{agent}; end it there unless the cleanup stage could", post: cleanedUp},
}

// cancelled plays a cancelled job, and then a re-run of it.
func (r *runner) cancelled(t *testing.T, c cancellation) {
	h := r.host(t, c.name, "endless")
	reach, leave := c.point(t, h.cursorAPI)
	main, stage := h.start(t, "1", "", nil)
	reach(main)
	if last := main.cancel(t); last != syscall.SIGINT {
		t.Errorf("the container took the runner's %v to end", last)
	}
	leave()
	main.wait(t)
	if code := main.cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("the main stage's exit code is %d, want 130", code)
	}
	if outcome := h.commands(t, stage, "set_output")["outcome"]; outcome != "cancelled" {
		t.Errorf("output outcome is %q, want cancelled", outcome)
	}
	post := h.post(t, "1", stage)
	agents := h.allCancelled(t, c.agents)
	for _, agent := range agents {
		c.says = strings.ReplaceAll(c.says, "{agent}", agent.ID)
		if says := strings.ReplaceAll(c.post, "{agent}", agent.ID); !strings.Contains(post.log(), says) {
			t.Errorf("the post stage does not say %q", says)
		}
	}
	if !strings.Contains(main.log(), c.says) {
		t.Errorf("the main stage does not say %q", c.says)
	}
	if c.post == "" && post.said() != "" {
		t.Errorf("the post stage had something to do: %s", post.said())
	}
	h.launchesAgain(t, agents)
}

// frozen plays a job that is cancelled while its container is frozen: it takes
// no signal, outlives its client, and wakes after the post stage.
func (r *runner) frozen(t *testing.T, name string, at point) {
	h := r.host(t, name, "endless")
	reach, leave := at(t, h.cursorAPI)
	main, stage := h.start(t, "1", "", nil)
	reach(main)
	// The engine would wake a container that it paused itself to signal it.
	docker(t, "kill", "--signal", "STOP", h.container(stage))
	if last := main.cancel(t); last != syscall.SIGKILL {
		t.Errorf("the frozen container took the runner's %v to end", last)
	}
	main.wait(t)
	post := h.post(t, "1", stage)
	agents := h.allCancelled(t, 1)
	if says := strings.ReplaceAll(cleanedUp, "{agent}", agents[0].ID); !strings.Contains(post.log(), says) {
		t.Errorf("the post stage does not say %q", says)
	}
	leave()
	docker(t, "kill", "--signal", "CONT", h.container(stage))
	h.awaitGone(t, stage)
	if diff := cmp.Diff(agents, h.agents(t)); diff != "" {
		t.Errorf("agents (-after the post stage +after the container woke up):\n%s", diff)
	}
	h.launchesAgain(t, agents)
}

// allCancelled returns the agents that there are, each of which must have one
// run that was cancelled.
func (a *cursorAPI) allCancelled(t *testing.T, want int) []agent {
	t.Helper()
	agents := a.agents(t)
	if len(agents) != want {
		t.Fatalf("the Cursor API knows %+v, want %d agents", agents, want)
	}
	for _, agent := range agents {
		if len(agent.Runs) != 1 || agent.Runs[0].Status != "CANCELLED" {
			t.Errorf("agent %s has the runs %+v, want one that was cancelled", agent.ID, agent.Runs)
		}
	}
	return agents
}

// launchesAgain runs the job again, without waiting for the agent's end, after an
// attempt whose agents have all ended badly.
func (h *host) launchesAgain(t *testing.T, before []agent) {
	t.Helper()
	h.detach = true
	main, stage := h.start(t, "2", "", nil)
	if !main.wait(t) {
		t.Error("the re-run failed")
	}
	h.post(t, "2", stage)
	h.oneMore(t, before, h.commands(t, stage, "set_output"))
}

// oneMore judges a re-run that had to launch an agent and not to wait for it, by
// what it was handed: one agent works, and the others are as they were.
func (a *cursorAPI) oneMore(t *testing.T, before []agent, outputs map[string]string) {
	t.Helper()
	after := a.agents(t)
	if len(after) != len(before)+1 {
		t.Fatalf("the Cursor API knows %+v after the re-run, want one agent more than %+v", after, before)
	}
	if diff := cmp.Diff(before, after[1:]); diff != "" {
		t.Errorf("agents of the attempt before (-before +after the re-run):\n%s", diff)
	}
	if runs := after[0].Runs; len(runs) != 1 || runs[0].Status != "RUNNING" {
		t.Errorf("the new agent has the runs %+v, want one that is running", runs)
	}
	expect(t, outputs, map[string]string{"agent-id": after[0].ID, "attached": "false", "outcome": "launched"})
}
