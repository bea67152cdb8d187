package campaign_test

import (
	"encoding/json"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

const secondAgent, secondRun = "bc-00000000-0000-8000-8000-000000000002", "run-2"

// manages makes a story made by hand one of a command about two agents: one that
// has finished and is selected, and one that works and is not. The step has done
// did with the first.
func (h *history) manages(command, did string) {
	h.plan.inputs = map[string]string{"command": command, "agent-id": "ID0"}
	h.plan.cast = []member{{by: killedStep, acts: long, run: 700}, {by: person, acts: long}}
	h.agents = []simulator.AgentState{
		agentOf(firstAgent, firstRun, -time.Hour, "FINISHED", -time.Second),
		agentOf(secondAgent, secondRun, -time.Hour, "RUNNING", 0),
	}
	h.agents[0].Runs[0].EndedAt = at(-time.Minute)
	h.cast = []simulator.AgentState{agentOf(firstAgent, firstRun, -time.Hour, "FINISHED", 0), agentOf(secondAgent, secondRun, -time.Hour, "RUNNING", 0)}
	h.requests = nil
	h.processes = h.processes[:1]
	p := &h.processes[0]
	p.ended, p.calls = at(10*time.Second), nil
	p.files = map[string]string{"GITHUB_STEP_SUMMARY": "# done\n"}
	h.did(did, "")
}

// did makes the step's results that it did that with the first agent.
func (h *history) did(did, problem string) {
	list, _ := json.Marshal([]entry{{ID: firstAgent, RunID: firstRun, Did: did, Error: problem}})
	h.writes("GITHUB_OUTPUT", map[string]string{"results": string(list)})
}

// orders adds a request of the step that changes something.
func (h *history) orders(op, agentID, runID string, after time.Duration) {
	r := asked(op, 1, mainStage, after, agentID)
	r.Method, r.RunID = "POST", runID
	h.requests = append(h.requests, r)
}

// reaps makes it one of a reap of the first agent, which works; GitHub says that
// of its workflow run.
func (h *history) reaps(said, did string) {
	h.manages(reaps, did)
	h.plan.inputs = map[string]string{"command": reaps, "older-than": "1h0m0s"}
	h.plan.hub = hub{h.plan.ownRun(): "in_progress", 700: said}
	h.agents[0].Runs[0].Status, h.agents[0].Runs[0].EndedAt = "RUNNING", time.Time{}
	h.processes[0].sends(answered("getWorkflowRun", "/repos/acme/shop/actions/runs/700", time.Second, 200, "{}"))
}

func manageBreaches() []breach {
	const of = " of agent " + firstAgent
	manage := func(name, command, did string, change func(*history), want ...string) breach {
		return breach{name, func(h *history) { h.manages(command, did); change(h) }, want}
	}
	reap := func(name, said, did string, change func(*history), want ...string) breach {
		return breach{name, func(h *history) { h.reaps(said, did); change(h) }, want}
	}
	cancelled := func(h *history) {
		h.orders("cancelRun", firstAgent, firstRun, 2*time.Second)
		h.agents[0].Runs[0].Status, h.agents[0].Runs[0].EndedAt = "CANCELLED", at(3*time.Second)
	}
	return []breach{
		manage("an agent that is not selected", cancelsThem, "none", func(h *history) { h.orders("cancelRun", secondAgent, secondRun, time.Second) },
			"only selected agents are changed: the main of attempt 1 asked for cancelRun of agent "+secondAgent+", which is not selected"),
		manage("a dry run that changes something", cancelsThem, "none", func(h *history) {
			h.plan.inputs["dry-run"] = "true"
			h.orders("cancelRun", firstAgent, firstRun, time.Second)
		}, "only selected agents are changed: a dry run asked for cancelRun"),
		manage("a cancel that deletes", cancelsThem, "none", func(h *history) { h.orders("deleteAgent", firstAgent, "", time.Second) },
			"only selected agents are changed: the main of attempt 1 asked for deleteAgent"),
		manage("more than limit", cancelsThem, "none", func(h *history) {
			h.plan.inputs["limit"], h.plan.inputs["agent-id"] = "1", "ID0,ID1"
			h.orders("cancelRun", firstAgent, firstRun, time.Second)
		}, "only selected agents are changed: the main of attempt 1 asked for cancelRun though more agents are selected than limit allows"),
		manage("an agent that is young", cancelsThem, "none", func(h *history) {
			h.plan.inputs = map[string]string{"command": cancelsThem, "older-than": "10m"}
			h.orders("cancelRun", firstAgent, firstRun, time.Second)
		}, "only selected agents are changed: the main of attempt 1 asked for cancelRun"+of+", which is not selected"),
		manage("a cancel whose end was not seen", cancelsThem, "cancelled", func(h *history) {
			h.agents[0].Runs[0] = h.agents[1].Runs[0]
			h.agents[0].Runs[0].ID = firstRun
		}, `what a command says it did is so: the main of attempt 1 says "cancelled"`+of+": its run is not cancelled"),
		manage("a live run that is passed over", cancelsThem, "none", func(h *history) {
			h.agents[0].Runs[0].EndedAt = at(time.Minute)
		}, `what a command says it did is so: the main of attempt 1 says "none"`+of+": its run is live"),
		manage("an archive that is none", archivesThem, "archived", func(*history) {},
			`what a command says it did is so: the main of attempt 1 says "archived"`+of+": it is not archived"),
		manage("a delete that is none", deletesThem, "deleted", func(*history) {},
			`what a command says it did is so: the main of attempt 1 says "deleted"`+of+": it is not deleted"),
		manage("a dry run that says it did", cancelsThem, "none", func(h *history) { h.did("would-cancel", "") },
			`what a command says it did is so: the main of attempt 1 says "would-cancel"`+of+": a dry run is asked for: "),
		manage("a failure that is hidden", cancelsThem, "none", func(h *history) { h.did("none", "no") },
			`a command's exit status is true: the main of attempt 1 ended with 0, and says "[{\"ID\":\"`+firstAgent+`\",\"Name\":\"\",\"RunID\":\"run-1\",\"Status\":\"\",\"Did\":\"none\",\"Reason\":\"\",\"Error\":\"no\",\"Usage\":null}]"`),
		manage("a failure without a cause", cancelsThem, "none", func(h *history) { h.processes[0].exit = 1 },
			"a command's exit status is true: the main of attempt 1 ended with 1 though nothing was wrong"),
		manage("a signal that the exit status does not tell", cancelsThem, "none", func(h *history) { h.processes[0].signalled = at(8 * time.Second) },
			"a command's exit status is true: the main of attempt 1 was told to end, and ended with 0"),
		manage("an archive of an agent at work", archivesThem, "archived", func(h *history) {
			h.agents[0].Archived, h.agents[0].Runs[0].EndedAt = true, time.Time{}
			h.orders("archiveAgent", firstAgent, "", time.Second)
		}, "no agent is archived at work: the main of attempt 1 archived agent "+firstAgent+", whose run run-1 is live"),
		manage("a delete without a look at the usage", deletesThem, "deleted", func(h *history) {
			h.agents[0].Deleted = true
			h.orders("deleteAgent", firstAgent, "", time.Second)
		}, "a delete loses nothing: the main of attempt 1 deleted agent "+firstAgent+" without having read its usage"),
		manage("a delete that loses the artifacts", deletesThem, "deleted", func(h *history) {
			h.agents[0].Deleted, h.plan.inputs["artifacts"] = true, "out"
			h.processes[0].sends(answered("getAgentUsage", "/v1/agents/"+firstAgent+"/usage", time.Second, 200, "{}"))
			h.orders("deleteAgent", firstAgent, "", 2*time.Second)
		}, "a delete loses nothing: the main of attempt 1 deleted agent "+firstAgent+" without its artifacts"),
		reap("a reap though the workflow run succeeded", "success", "cancelled", cancelled,
			"reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", whose workflow run does not say so: success"),
		reap("a reap though GitHub did not answer", "cancelled", "cancelled", func(h *history) {
			cancelled(h)
			h.processes[0].calls[0].status = 502
		}, "reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", whose workflow run does not say so: cancelled"),
		reap("a reap of what was to go on", "failure", "cancelled", func(h *history) {
			cancelled(h)
			h.plan.cast[0].by = step
		}, "reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", whose workflow run does not say so: failure"),
		reap("a reap of a person's agent", "cancelled", "cancelled", func(h *history) {
			cancelled(h)
			h.plan.cast[0].by = person
		}, "reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", which it has not launched"),
		reap("a reap of a follow-up", "cancelled", "cancelled", func(h *history) {
			cancelled(h)
			h.cast[0].Runs[0].ID = "run-0"
		}, "reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", whose workflow run does not say so: cancelled"),
		reap("a reap that can't see its own workflow run", "cancelled", "cancelled", func(h *history) {
			cancelled(h)
			h.plan.hub[h.plan.ownRun()] = "404"
		}, "reap changes only what is left behind: the main of attempt 1 asked for cancelRun"+of+", though it could not see its own workflow run"),
		reap("an archive of what is young", "success", "archived", func(h *history) {
			h.agents[0].Archived, h.agents[0].Runs[0].EndedAt = true, at(-time.Minute)
			h.cast[0].CreatedAt = at(-2 * time.Minute)
			h.cast[0].Runs = nil
			h.orders("archiveAgent", firstAgent, "", time.Second)
		}, "reap changes only what is left behind: the main of attempt 1 asked for archiveAgent"+of+", which is not old"),
		reap("more archived than limit", "success", "none", func(h *history) {
			h.plan.inputs["limit"] = "1"
			h.plan.cast[1].by = step
			for i := range h.agents {
				h.agents[i].Archived, h.agents[i].Runs[0].EndedAt = true, at(-time.Minute)
				h.orders("archiveAgent", h.agents[i].ID, "", time.Second)
			}
		}, "reap changes only what is left behind: attempt 1 archived 2 agents, and limit is 1"),
		reap("a run that reap forgot", "cancelled", "left", func(*history) {},
			"reap does its work: the main of attempt 1 ended with 0 and left run run-1 of agent "+firstAgent+`, whose workflow run says "cancelled"`),
	}
}

// What looks like a broken promise of these commands and is none.
func TestTheJudgeIsJustToThoseWhoManage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*history)
	}{
		{"a cancel of what has ended", func(h *history) { h.manages(cancelsThem, "none") }},
		{"an agent that the server hid", func(h *history) {
			h.manages(cancelsThem, "gone")
			lie := asked("getAgent", 1, mainStage, time.Second, firstAgent)
			lie.Method, lie.Fault = "GET", "answer 404 agent_not_found"
			h.requests = append(h.requests, lie)
		}},
		{"an archive of an agent that somebody set to work meanwhile", func(h *history) {
			h.manages(archivesThem, "archived")
			h.agents[0].Archived = true
			h.agents[0].Runs = append(h.agents[0].Runs, simulator.RunState{ID: "run-3", CreatedAt: at(500 * time.Millisecond)})
			h.orders("archiveAgent", firstAgent, "", time.Second)
		}},
		{"a delete of an agent that left no artifacts", func(h *history) {
			h.manages(deletesThem, "deleted")
			h.agents[0].Deleted, h.plan.inputs["artifacts"] = true, "out"
			h.agents[0].Runs[0].CancelRequestedAt = []time.Time{at(-time.Minute)}
			h.processes[0].sends(answered("getAgentUsage", "/v1/agents/"+firstAgent+"/usage", time.Second, 403, ""))
			h.orders("deleteAgent", firstAgent, "", 2*time.Second)
		}},
		{"a signal at the very end", func(h *history) {
			h.manages(cancelsThem, "none")
			h.processes[0].signalled = at(10 * time.Second)
		}},
		{"a selection above limit, which changes nothing", func(h *history) {
			h.manages(cancelsThem, "none")
			h.plan.inputs["limit"], h.plan.inputs["agent-id"], h.processes[0].exit = "1", "ID0,ID1", 2
		}},
		{"a reap of what a cancelled workflow run left", func(h *history) {
			h.reaps("cancelled", "cancelled")
			h.orders("cancelRun", firstAgent, firstRun, 2*time.Second)
			h.agents[0].Runs[0].Status, h.agents[0].Runs[0].EndedAt = "CANCELLED", at(3*time.Second)
		}},
		{"a reap that leaves what GitHub does not tell of", func(h *history) {
			h.reaps("500", "left")
			h.processes[0].exit = 1
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			test.change(h)
			for _, said := range said(h) {
				t.Errorf("the judge says: %s", said)
			}
		})
	}
}
