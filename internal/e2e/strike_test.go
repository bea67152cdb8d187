//go:build e2e

package e2e_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// blow is what strikes the action's container, or the workflow runner.
type blow func(t *testing.T, s *stage, p *process)

// whileCancelling strikes when the container was told to stop, and has begun to
// cancel the run.
func whileCancelling(strike blow) blow {
	return func(t *testing.T, s *stage, p *process) {
		docker(t, "kill", "--signal", "TERM", s.container(t, p))
		p.awaitLog(t, "Interrupted: ending the agent's run")
		strike(t, s, p)
	}
}

// kill ends the container as an engine does that runs out of memory.
func kill(t *testing.T, s *stage, p *process) { docker(t, "kill", s.container(t, p)) }

// stop asks the container to end and kills it after 10 seconds, which must not
// be needed.
func stop(t *testing.T, s *stage, p *process) {
	start := time.Now()
	docker(t, "stop", "--time", "10", s.container(t, p))
	if took := time.Since(start); took > 9*time.Second {
		t.Errorf("the container took %v to stop, so it was killed in the end", took)
	}
}

// stopNow asks the container to end and kills it in the same breath.
func stopNow(t *testing.T, s *stage, p *process) { docker(t, "stop", "--time", "0", s.container(t, p)) }

// signalled sends the workflow runner a signal. This one leaves the action's
// container to itself then, and runs the post stage.
func signalled(signal syscall.Signal) blow {
	return func(t *testing.T, _ *stage, p *process) { p.signal(t, signal) }
}

// strike is a blow at a point, and what must be true when the runner has ended.
type strike struct {
	name  string // of the workflow, as no other story's
	point point
	blow  blow

	exits   []string // the action's exit code, one of these; nobody sees it when there are none
	outcome string   // the output where there is one exit code; "" where the action had no time for it
	agents  int      // how many there are, each with one run, which has been cancelled
	known   bool     // whether the outputs hold the agent
	says    string   // what the log says in the end
}

const (
	cleanedUp     = "cleanup: the run of agent {agent}, which nobody waits for any longer, has ended as CANCELLED"
	endedByItself = "::error::cancelled: the step was interrupted; the agent's run was cancelled: https://cursor.com/agents/{agent}; run the job again, which launches a new agent"
)

// strikes are the ways in which a container or the workflow runner can end
// before the work does.
var strikes = []strike{
	{name: "kill-asked", point: asked, blow: kill, exits: []string{"137"}},
	{name: "kill-late", point: late, blow: kill, exits: []string{"137"}, agents: 1, says: cleanedUp},
	{name: "kill-created", point: created, blow: kill, exits: []string{"137"}, agents: 1, says: cleanedUp},
	{name: "kill-launched", point: launched, blow: kill, exits: []string{"137"}, agents: 1, known: true, says: cleanedUp},
	{name: "kill-stream", point: midStream, blow: kill, exits: []string{"137"}, agents: 1, known: true, says: cleanedUp},
	{name: "kill-cancelling", point: hanging, blow: whileCancelling(kill), exits: []string{"137"}, agents: 1, known: true, says: cleanedUp},
	{name: "stop-asked", point: asked, blow: stop, exits: []string{"130"}, outcome: "cancelled"},
	{name: "stop-created", point: created, blow: stop, exits: []string{"130"}, outcome: "cancelled", agents: 1, known: true, says: endedByItself},
	{name: "stop-launched", point: launched, blow: stop, exits: []string{"130"}, outcome: "cancelled", agents: 1, known: true, says: endedByItself},
	{name: "stop-stream", point: midStream, blow: stop, exits: []string{"130"}, outcome: "cancelled", agents: 1, known: true, says: endedByItself},
	{name: "stop-cancelling", point: hanging, blow: whileCancelling(stop), exits: []string{"130"}, outcome: "cancelled", agents: 1, known: true, says: cleanedUp},
	{name: "stop-hanging", point: hanging, blow: stop, exits: []string{"130"}, outcome: "cancelled", agents: 1, known: true, says: cleanedUp},
	{name: "stopnow-created", point: created, blow: stopNow, exits: []string{"137"}, agents: 1, says: cleanedUp},
	{name: "stopnow-stream", point: midStream, blow: stopNow, exits: []string{"130", "137"}, agents: 1, known: true},
	{name: "int-asked", point: asked, blow: signalled(syscall.SIGINT), agents: 1, says: cleanedUp},
	{name: "int-created", point: created, blow: signalled(syscall.SIGINT), agents: 1, says: cleanedUp},
	{name: "int-stream", point: midStream, blow: signalled(syscall.SIGINT), agents: 1, says: cleanedUp},
	{name: "term-created", point: created, blow: signalled(syscall.SIGTERM), agents: 1, says: cleanedUp},
	{name: "term-stream", point: midStream, blow: signalled(syscall.SIGTERM), agents: 1, says: cleanedUp},
}

// struck plays a strike, and then a re-run of the job.
func (r *runner) struck(t *testing.T, strike strike) {
	s := r.set(t, setting{workflow: "struck", scenario: "endless", name: strike.name})
	reach, leave := strike.point(t, s.cursorAPI)
	p := s.start(t, options{})
	reach(p)
	strike.blow(t, s, p)
	leave()
	if p.wait(t) {
		t.Error("the workflow is green")
	}
	if strike.exits != nil && !slices.Contains(strike.exits, p.exitCode(t)) {
		t.Errorf("the action's exit code is %s, want %q", p.exitCode(t), strike.exits)
	}
	agents := s.allCancelled(t, strike.agents)
	says := strike.says
	for _, agent := range agents {
		says = strings.ReplaceAll(says, "{agent}", agent.ID)
	}
	if !strings.Contains(p.log(), says) {
		t.Errorf("the log does not say %q", says)
	}
	if len(strike.exits) == 1 {
		expect(t, s.outputs(t), map[string]string{"outcome": strike.outcome})
	}
	if strike.known {
		// They were written before the end that left no time to write them.
		agent, run := s.onlyAgent(t)
		expect(t, s.outputs(t), map[string]string{"agent-id": agent.ID, "run-id": run.ID})
	}
	s.launchesAgain(t, agents)
}

// launchesAgain runs the job again, without waiting for the agent's end, after an
// attempt whose agents have all ended badly.
func (s *stage) launchesAgain(t *testing.T, before []agent) {
	t.Helper()
	p, green := s.run(t, options{env: map[string]string{"GITHUB_RUN_ATTEMPT": "2"}, detach: true})
	if !green {
		t.Fatalf("the re-run failed\n%s", p.log())
	}
	s.oneMore(t, before, s.outputs(t))
}
