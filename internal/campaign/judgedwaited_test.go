package campaign_test

import (
	"slices"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// waitedBreaches are the stories of follow-ups and attaches that break promises.
func waitedBreaches() []breach {
	const live = ", of attempt 1, is live though the main of attempt 1 gave up and says "
	followUp := func(name string, change func(*history), want ...string) breach {
		return breach{name, func(h *history) { h.followsUp(); change(h) }, want}
	}
	attach := func(name string, change func(*history), want ...string) breach {
		return breach{name, func(h *history) { h.attaches(); change(h) }, want}
	}
	return []breach{
		followUp("a follow-up that is sent twice", func(h *history) { h.sendsAgain(1, 11*time.Minute, "FINISHED") },
			"one run per follow-up: run run-2 of attempt 1 was asked for though run run-1 of attempt 1 is there, FINISHED"),
		followUp("a follow-up to an agent that nobody named", func(h *history) {
			h.cast[0].ID = "bc-2"
		}, "a follow-up goes to its agent: run run-1 of attempt 1 is one of agent "+firstAgent+", which nobody named"),
		followUp("a cleanup stage that sends a prompt", func(h *history) {
			h.processes[1].sends(answered("createRun", "/v1/agents/"+firstAgent+"/runs", 11*time.Minute, 409, ""))
		}, "a follow-up goes to its agent: the cleanup of attempt 1 sent a prompt"),
		followUp("a follow-up after a signal", func(h *history) {
			h.ends(10*time.Minute+time.Second, 130).signalled = at(10 * time.Minute)
			h.processes[0].sends(answered("createRun", "/v1/agents/"+firstAgent+"/runs", 10*time.Minute+time.Second, 409, ""))
		}, "nothing sent after the decision to end: the main of attempt 1 sent a prompt 10m1s after its start, 1s after it was told to end"),
		followUp("a follow-up after the end of the one before was asked for", func(h *history) {
			h.processes[0].calls = append([]call{answered("cancelRun", "/v1/agents/"+firstAgent+"/runs/run-1/cancel", time.Millisecond, 200, "")}, h.processes[0].calls...)
		}, "nothing sent after the decision to end: the main of attempt 1 sent a prompt 1s after its start, 999ms after it had begun to cancel"),
		followUp("a follow-up in silence", func(h *history) {
			h.processes[0].files["GITHUB_STATE"] = "stage=started\n"
			h.processes[0].calls[0].readAt = time.Time{}
		}, "a follow-up is written down: the main of attempt 1 sent a follow-up 1s after its start with the state map[stage:started]"),
		followUp("a follow-up's run that is not written down", func(h *history) {
			h.writes("GITHUB_STATE", map[string]string{"run-id": ""})
		}, "a follow-up is written down: the main of attempt 1 knew of run run-1, and ended 10m0s later with the output \"run-1\" and the state map[agent-id:"+firstAgent+" mark:[gh-1-2] run-id: stage:settled]"),
		followUp("a cleanup stage that ends somebody else's run", func(h *history) {
			h.plan.inputs["on-busy"] = "cancel"
			h.cancelsRun("run-0", cleanupStage, 11*time.Minute)
		}, "nobody else's run is ended: the cleanup of attempt 1 asked for the end of run run-0, which is somebody else's"),
		followUp("a follow-up that waits and ends the run that it waits for", func(h *history) { h.cancelsRun("run-0", mainStage, time.Second) },
			"nobody else's run is ended: the main of attempt 1 asked for the end of run run-0, which is somebody else's"),
		followUp("an old end that is taken for the new one's", func(h *history) {
			h.ends(time.Minute, 0, "run-id", "run-0")
			h.processes[0].calls = h.processes[0].calls[2:]
		}, `the outcome is that of the run: the main of attempt 1 says "succeeded": run run-0 is somebody else's`),
		followUp("a success that is none", func(h *history) { h.follows("ERROR", 10*time.Minute) },
			`the outcome is that of the run: the main of attempt 1 says "succeeded": the run is ERROR, ended at 12:10:00.000`,
			`a good day is reported as one: the main of attempt 1 says "succeeded", not one of ["agent-error"]`),
		followUp("a success without the pull request", func(h *history) {
			h.plan.inputs["create-pr"] = "true"
			h.ends(10*time.Minute+time.Second, 0, "pr-url", "")
		}, `the outcome is that of the run: the main of attempt 1 says "succeeded": without the pull request that was asked for`),
		followUp("a run that is given up though it was seen to end", func(h *history) {
			h.plan.rate = 20
			h.ends(10*time.Minute+time.Second, 1, "outcome", "api-error")
		}, `the outcome is that of the run: the main of attempt 1 says "api-error": it gave up on the run after 0 refusals in a row`,
			`the outcome is that of the run: the main of attempt 1 says "api-error": it had been told that the run is FINISHED, 10m0s after its start`),
		followUp("a follow-up's run left after a kill and its cleanup", func(h *history) {
			h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
			h.follows("RUNNING", 0)
			h.processes[1].lived = []string{firstRun}
		}, "nothing waited for is left running: run run-1, of attempt 1, was live after the cleanup of attempt 1, which ended with 0"),
		followUp("a main stage that gives up and ends nothing", func(h *history) {
			h.plan.inputs["timeout"], h.plan.rate = "5m", 20
			h.ends(5*time.Minute, 124, "outcome", "timed-out", "status", "RUNNING").calls = h.processes[0].calls[:2]
			h.follows("RUNNING", 0)
		}, `the main stage ends what it waits for: run run-1`+live+`"timed-out"`),
		attach("an attach that sends a prompt", func(h *history) {
			r := asked("createRun", 1, mainStage, time.Second, firstAgent)
			r.Method = "POST"
			h.requests = append(h.requests, r)
		}, "an attach changes nothing: the main of attempt 1 asked for createRun"),
		attach("an attach to another run than the named one", func(h *history) { h.plan.inputs["run-id"] = "FIRST0" },
			"an attach changes nothing: attempt 1 waits for run run-1",
			`the outcome is that of the run: the main of attempt 1 says "succeeded": run run-1 is somebody else's`),
		attach("an attach to a run that is not the latest", func(h *history) {
			h.agents[0].Runs[1].CreatedAt = at(-time.Minute)
			h.agents[0].Runs[0].CreatedAt = at(-time.Second)
		}, "an attach changes nothing: attempt 1 waits for run run-1"),
		attach("an attach that ends another run", func(h *history) { h.cancelsRun("run-0", mainStage, 10*time.Minute) },
			"nobody else's run is ended: the main of attempt 1 asked for the end of run run-0, which is somebody else's"),
		attach("a run left after a cancelled attach", func(h *history) {
			h.plan.rate = 20
			p := h.ends(time.Minute, 130, "outcome", "cancelled", "status", "RUNNING")
			p.signalled, p.calls = at(59*time.Second), p.calls[:2]
			h.follows("RUNNING", 0)
			h.processes[1].lived = []string{firstRun}
		}, "nothing waited for is left running: run run-1, of attempt 1, was live after the cleanup of attempt 1, which ended with 0",
			`the main stage ends what it waits for: run run-1`+live+`"cancelled"`),
	}
}

// commandBreaches are the stories of commands beside the launch that break
// promises.
func commandBreaches() []breach {
	return slices.Concat(waitedBreaches(), manageBreaches(), eventBreaches(), pullBreaches())
}

// What looks like a broken promise about a run that is waited for and is none.
func TestTheJudgeIsJustToThoseWhoWait(t *testing.T) {
	t.Parallel()
	left := func(h *history) {
		h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
		h.follows("RUNNING", 0)
		h.processes[1].lived = []string{firstRun}
	}
	for _, test := range []struct {
		name   string
		change func(*history)
	}{
		{"a follow-up that went well", (*history).followsUp},
		{"an attach that went well", (*history).attaches},
		{"a follow-up that is sent again after a bad end", func(h *history) {
			h.followsUp()
			h.follows("ERROR", 10*time.Minute)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "agent-error", "status", "ERROR")
			h.sendsAgain(2, 20*time.Minute, "FINISHED")
		}},
		{"follow-ups of attempts that were to send their own", func(h *history) {
			h.followsUp()
			h.plan.inputs["on-rerun"] = "new"
			h.sendsAgain(2, 20*time.Minute, "FINISHED")
		}},
		{"a follow-up that came when its process was gone", func(h *history) {
			h.followsUp()
			look := asked("listRuns", 2, mainStage, 500*time.Millisecond, firstAgent)
			h.requests = append(h.requests, look)
			h.sendsAgain(2, 20*time.Minute, "FINISHED")
			h.requests[len(h.requests)-1].At = at(600 * time.Millisecond)
			h.agents[0].Runs[1].CreatedAt = at(time.Second)
		}},
		{"a run that is in the way, and on-busy is cancel", func(h *history) {
			h.followsUp()
			h.plan.inputs["on-busy"] = "cancel"
			h.cancelsRun("run-0", mainStage, time.Second)
		}},
		{"a person's run that came when the follow-up was lost, and the conversation is not kept", func(h *history) {
			h.followsUp()
			h.plan.visits, h.plan.scenario.NoConversation = []visit{{deed: followUp}}, true
			h.agents[0].Runs[1].Prompt.Text = visitorAsks
			h.requests, h.processes[0].calls[0].readAt = nil, time.Time{}
			h.cancelsRun(firstRun, mainStage, 10*time.Minute)
		}},
		{"a cleanup stage that can't tell whose run it is, and says so", func(h *history) {
			h.followsUp()
			left(h)
			h.plan.scenario.NoConversation = true
			h.processes[1].exit = 1
		}},
		{"an attach whose run nobody told the cleanup stage", func(h *history) {
			h.attaches()
			left(h)
			h.plan.attempts[0].handsOn = false
		}},
		{"an attach to a run that ended before, which could not be read again", func(h *history) {
			h.attaches()
			h.plan.rate = 20
			p := h.ends(time.Hour, 1, "outcome", "api-error")
			h.follows("FINISHED", 500*time.Millisecond)
			p.calls = []call{looked(time.Second, "FINISHED"), answered("streamRun", "/v1/agents/"+firstAgent+"/runs/run-1/stream", 2*time.Second, 503, "")}
			for range believed {
				p.sends(answered("getRun", "/v1/agents/"+firstAgent+"/runs/run-1", time.Minute, 403, ""))
			}
		}},
		{"a pull request that nobody could look for", func(h *history) {
			h.followsUp()
			h.plan.rate = 20
			p := h.ends(10*time.Minute+34*time.Second, 1, "outcome", "api-error", "pr-url", "")
			p.calls[2].body = []byte(`{"id":"run-1","status":"FINISHED"}`)
			p.sends(answered("getRun", p.calls[2].path, 10*time.Minute+30*time.Second, 200, "{}"))
		}},
		{"a follow-up to an agent at work, and on-busy is fail", func(h *history) {
			h.followsUp()
			h.plan.inputs["on-busy"] = "fail"
			h.agents[0].Runs, h.requests = h.agents[0].Runs[:1], nil
			h.ends(2*time.Second, 1, "outcome", "api-error", "run-id", "", "status", "", "pr-url", "").calls = nil
		}},
		{"an agent that kept busy for all the time", func(h *history) {
			h.followsUp()
			h.plan.inputs["timeout"] = "5m"
			h.agents[0].Runs, h.requests = []simulator.RunState{{ID: "run-0", Status: "RUNNING"}}, nil
			h.ends(5*time.Minute, 124, "outcome", "timed-out", "run-id", "", "status", "", "pr-url", "").calls = nil
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
