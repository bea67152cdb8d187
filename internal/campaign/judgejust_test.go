package campaign_test

import (
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// just is a story made by hand that breaks no promise.
type just struct {
	name   string
	change func(*history)
}

// What looks like a broken promise and is none.
func TestTheJudgeIsJust(t *testing.T) {
	t.Parallel()
	left := func(h *history) { // a killed step whose run goes on after the cleanup stage
		h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
		h.runs("RUNNING", 0)
		h.processes[1].lived = []string{firstRun}
	}
	for _, test := range append(justAsks(), []just{
		{"a story that went well", func(*history) {}},
		{"a next generation after a bad end", func(h *history) {
			h.runs("ERROR", 10*time.Minute)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "agent-error", "status", "ERROR")
			h.second(2, 20*time.Minute, "FINISHED")
			h.plan.scenario.Status = "ERROR"
		}},
		{"agents of attempts that were to have their own", func(h *history) {
			h.plan.inputs["on-rerun"] = "new"
			h.second(2, 5*time.Minute, "FINISHED")
		}},
		{"a pull request that nobody could look for", func(h *history) {
			h.plan.rate = 20
			p := h.ends(10*time.Minute+34*time.Second, 1, "outcome", "api-error", "pr-url", "")
			p.calls[2].body = []byte(`{"id":"run-1","status":"FINISHED"}`)
			p.sends(call{op: "getRun", path: "/v1/agents/" + firstAgent + "/runs/run-1", at: at(10*time.Minute + 30*time.Second)})
		}},
		{"a text that came twice under ids that are not its own", func(h *history) {
			h.plan.scenario.Steps = []simulator.Step{{Text: "a"}}
			h.processes[0].log += "  | Step 1 of my work. I look.\n  | Step 1 of my work. I look.\n"
			h.requests[0].StreamFaults = []simulator.StreamAction{simulator.StreamRepeatID}
		}},
		{"a bad end that an answer from the past hid", func(h *history) {
			h.runs("ERROR", 10*time.Minute)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "agent-error", "status", "ERROR")
			h.plan.scenario.Status = "ERROR"
			again := h.processes[0]
			again.attempt, again.began, again.ended, again.calls = 2, at(20*time.Minute), at(20*time.Minute+time.Second), nil
			h.processes = append(h.processes, again)
			past := asked("listRuns", 2, mainStage, 20*time.Minute, firstAgent)
			past.Fault = "stale"
			h.requests = append(h.requests, past)
		}},
		{"a run whose cancel was answered and not even noted", func(h *history) {
			left(h)
			lie := asked("cancelRun", 1, cleanupStage, 11*time.Minute, firstAgent)
			lie.Fault = "answer 201 (empty)"
			h.requests = append(h.requests, lie)
		}},
		{"a run whose agent was said not to be there long after its birth", func(h *history) {
			left(h)
			lie := asked("getAgent", 1, cleanupStage, 11*time.Minute, firstAgent)
			lie.Fault = "answer 404 agent_not_found"
			h.requests = append(h.requests, lie)
		}},
		{"a run that is given up after four refusals, with nonsense between them", func(h *history) {
			h.plan.rate = 20
			refused, nonsense := looked(30*time.Second, "RUNNING"), looked(30*time.Second, "RUNNING")
			refused.status, nonsense.body = 404, []byte("{}")
			p := h.ends(time.Minute, 1, "outcome", "api-error", "status", "RUNNING", "pr-url", "")
			p.calls = append(p.calls[:2], refused, nonsense, refused, refused, nonsense, refused)
			h.runs("CANCELLED", 20*time.Second)
		}},
		{"a run that may outlive the job", func(h *history) { left(h); h.plan.inputs["wait"] = "false" }},
		{"a run that ends while it can't be cancelled", func(h *history) {
			h.plan.inputs["timeout"], h.plan.scenario.Cancel.Ignored = "9m50s", true
			h.agents[0].Runs[0].CancelRequestedAt = []time.Time{at(9*time.Minute + 50*time.Second)}
		}},
		{"a run that may outlive the job, and no state was written", func(h *history) {
			left(h)
			h.plan.inputs["on-timeout"] = "leave"
			h.processes[0].calls, h.processes[0].files = nil, map[string]string{}
		}},
		{"a run that may outlive the job, and no state", func(h *history) {
			left(h)
			h.plan.inputs["on-timeout"], h.plan.attempts[0].handsOn = "leave", false
		}},
		{"a run that is to go on and could not be seen when the time was over", func(h *history) {
			h.plan.inputs["on-timeout"], h.plan.inputs["timeout"], h.plan.scenario.Lag = "leave", "9m", time.Second
			h.runs("RUNNING", 0)
			h.ends(9*time.Minute+30*time.Second, 1, "outcome", "api-error", "status", "RUNNING")
			h.processes[0].calls = h.processes[0].calls[:2]
			h.processes[1].lived = []string{firstRun}
		}},
		{"a run that an earlier attempt left, as asked", func(h *history) {
			h.plan.inputs["on-timeout"] = "leave"
			h.runs("RUNNING", 0)
			h.plan.scenario.Lag = time.Second
			h.ends(time.Hour+time.Second, 124, "outcome", "timed-out", "status", "RUNNING")
			h.processes[0].calls = h.processes[0].calls[:2]
			killed := process{attempt: 2, stage: mainStage, began: at(2 * time.Hour), ended: at(2 * time.Hour), killed: true, exit: -1}
			cleanup := process{attempt: 2, stage: cleanupStage, began: at(2 * time.Hour), ended: at(2 * time.Hour), lived: []string{firstRun}}
			h.processes = append(h.processes[:1], killed, cleanup)
		}},
		{"a run that can't be ended", func(h *history) { left(h); h.plan.scenario.Cancel.Ignored = true }},
		{"a run that takes its time to end", func(h *history) {
			left(h)
			h.agents[0].Runs[0].CancelRequestedAt = []time.Time{at(11 * time.Minute)}
		}},
		{"an agent that came after the last look", func(h *history) {
			left(h)
			h.agents[0] = agentOf(firstAgent, firstRun, 12*time.Minute, "RUNNING", 0)
		}},
		{"a cleanup stage that could not reach the API and said so", func(h *history) {
			left(h)
			h.processes[1].exit = 1
			h.processes[1].sends(call{op: "cancelRun", at: at(11 * time.Minute)})
		}},
		{"an agent with variables that came when all were gone or busy", func(h *history) {
			h.plan.inputs["env-vars"] = "TOKEN=" + envValue
			h.processes[0].killed, h.processes[0].ended = true, at(time.Second)
			h.processes[0].calls, h.requests[0].At = nil, at(0)
			h.agents[0] = agentOf(firstAgent, firstRun, 11*time.Minute+time.Second, "RUNNING", 0)
			h.processes = append(h.processes, process{
				attempt: 2, stage: cleanupStage, began: at(20 * time.Minute), ended: at(20 * time.Minute), lived: []string{firstRun},
			})
		}},
		{"an agent with variables that nobody could see", func(h *history) {
			h.plan.inputs["env-vars"] = "TOKEN=" + envValue
			h.requests = append(h.requests, asked("listAgents", 2, mainStage, 500*time.Millisecond, ""))
			h.second(2, 2*time.Second, "FINISHED")
		}},
	}...) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			test.change(h)
			if got := said(h); len(got) > 0 {
				t.Errorf("the judge says:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}
