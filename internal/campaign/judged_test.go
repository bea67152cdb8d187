package campaign_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func breaches() []breach {
	const second = "agent bc-00000000-0000-8000-8000-000000000002 of attempt 2 was "
	return []breach{
		{"two live runs", func(h *history) { h.second(2, 5*time.Minute, "FINISHED") }, []string{
			"one live run: " + second + "made at 12:05:00.000 while agent " + firstAgent + " of attempt 1 was live",
			"one agent per generation: " + second + "asked for though agent " + firstAgent + " of attempt 1 is there, its run FINISHED",
		}},
		{"a second agent after one that finished", func(h *history) { h.second(2, 20*time.Minute, "FINISHED") }, []string{
			"one agent per generation: " + second + "asked for though agent " + firstAgent + " of attempt 1 is there, its run FINISHED",
		}},
		{"a second run of one agent", func(h *history) {
			h.agents[0].Runs = append(h.agents[0].Runs, h.agents[0].Runs[0])
		}, []string{
			"one live run: agent " + firstAgent + " has 2 runs",
			"one correction: run run-1 of agent " + firstAgent + ` corrects run run-1, which is FINISHED and says ""`,
		}},
		{"a create after a signal", func(h *history) {
			p := h.ends(10*time.Minute+time.Second, 130)
			p.signalled = at(10 * time.Minute)
			p.sends(answered("createAgent", "/v1/agents", 10*time.Minute+time.Second, 429, ""))
		}, []string{"nothing created after the decision to end: the main of attempt 1 asked for an agent 10m1s after its start, 1s after it was told to end"}},
		{"a create after a cancel", func(h *history) {
			h.processes[0].sends(answered("cancelRun", "/c", time.Minute, 409, ""), answered("createAgent", "/v1/agents", 2*time.Minute, 429, ""))
		}, []string{"nothing created after the decision to end: the main of attempt 1 asked for an agent 2m0s after its start, 1m0s after it had begun to cancel"}},
		{"a create of the cleanup stage", func(h *history) {
			h.processes[1].sends(answered("createAgent", "/v1/agents", 11*time.Minute, 409, ""))
		}, []string{"nothing created after the decision to end: the cleanup of attempt 1 asked for an agent"}},
		{"a run left after a kill and its cleanup", func(h *history) {
			h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
			h.runs("RUNNING", 0)
			h.processes[1].lived = []string{firstRun}
		}, []string{"nothing left running: run run-1 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 0"}},
		{"a run left after a late 404 for another agent", func(h *history) {
			h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
			h.runs("RUNNING", 0)
			h.processes[1].lived = []string{firstRun}
			late := asked("getAgent", 1, cleanupStage, 11*time.Minute, "bc-00000000-0000-8000-8000-000000000002")
			late.Fault = "answer 404 agent_not_found"
			h.requests = append(h.requests, late)
		}, []string{"nothing left running: run run-1 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 0"}},
		{"an end that an answer about somebody else's run told", func(h *history) {
			p := h.ends(time.Minute, 0)
			p.calls[2] = answered("getRun", p.calls[2].path, time.Minute, 200, somebodyElse("FINISHED")["getRun"])
			h.runs("FINISHED", 10*time.Minute)
		}, []string{`the outcome is true: the main of attempt 1 says "succeeded": the run is FINISHED, ended at 12:10:00.000`}},
		{"a pull request that is said to be missing after an answer about somebody else's run", func(h *history) {
			h.plan.scenario.PullRequest.Open, h.plan.rate = false, 20
			p := h.ends(10*time.Minute+31*time.Second, 1, "outcome", "pr-missing", "pr-url", "")
			p.calls[2].body = []byte(`{"id":"run-1","status":"FINISHED"}`)
			p.sends(answered("getRun", p.calls[2].path, 10*time.Minute+30*time.Second, 200, somebodyElse("FINISHED")["getRun"]))
		}, []string{`the outcome is true: the main of attempt 1 says "pr-missing": its last look, 10m30s after its start, was not answered`}},
		{"a cleanup stage that fails without a cause", func(h *history) {
			h.processes[0].killed, h.processes[0].ended = true, at(time.Minute)
			h.runs("RUNNING", 0)
			h.processes[1].lived, h.processes[1].exit = []string{firstRun}, 1
		}, []string{"nothing left running: run run-1 of agent " + firstAgent + ", made in attempt 1, was live after the cleanup of attempt 1, which ended with 1"}},
		{"a main stage that gives up and cancels nothing", func(h *history) {
			h.plan.inputs["timeout"] = "5m"
			p := h.ends(5*time.Minute, 124, "outcome", "timed-out", "status", "RUNNING")
			p.calls = p.calls[:2]
			h.runs("RUNNING", 0)
		}, []string{"the main stage ends its own: run run-1 of agent " + firstAgent + `, made in attempt 1, is live though the main of attempt 1 gave up and says "timed-out"`}},
		{"a main stage that gives up on the API and does not try to cancel", func(h *history) {
			h.plan.rate = 20
			p := h.ends(time.Minute, 1, "outcome", "api-error", "status", "RUNNING")
			refused := looked(50*time.Second, "RUNNING")
			refused.status = 403
			p.calls = append(p.calls[:2], refused, refused, refused, refused)
			h.runs("RUNNING", 0)
		}, []string{"the main stage ends its own: run run-1 of agent " + firstAgent + `, made in attempt 1, is live though the main of attempt 1 gave up and says "api-error"`}},
		{"a cleanup stage that ends what is to go on", func(h *history) {
			h.plan.inputs["on-timeout"], h.plan.inputs["timeout"], h.plan.rate = "leave", "9m", 20
			cancel := asked("cancelRun", 1, cleanupStage, 11*time.Minute, firstAgent)
			cancel.RunID = firstRun
			h.requests = append(h.requests, cancel)
		}, []string{"what is to go on goes on: run run-1 was to go on after the time of the main of attempt 1, and was asked to end 11m0s after its start"}},
		{"a success that is none", func(h *history) { h.runs("ERROR", 10*time.Minute) }, []string{
			`the outcome is true: the main of attempt 1 says "succeeded": the run is ERROR, ended at 12:10:00.000`,
			`nothing wrong, nothing reported: the main of attempt 1 says "succeeded", not "agent-error"`,
		}},
		{"a success before the end", func(h *history) { h.runs("FINISHED", 20*time.Minute) }, []string{
			`the outcome is true: the main of attempt 1 says "succeeded": the run is FINISHED, ended at 12:20:00.000`,
		}},
		{"a success of nothing", func(h *history) { h.agents, h.requests = nil, nil }, []string{
			`the outcome is true: the main of attempt 1 says "succeeded": there is no run "run-1"`,
		}},
		{"a pull request before there is one", func(h *history) { h.plan.scenario.PRAfter = time.Minute }, []string{
			`the outcome is true: the main of attempt 1 says "succeeded": there is no pull request https://github.com/acme/shop/pull/1`,
			`nothing wrong, nothing reported: the main of attempt 1 says "succeeded", not "pr-missing"`,
		}},
		{"a pull request that was shown and is said to be missing", func(h *history) {
			h.ends(10*time.Minute+time.Second, 1, "outcome", "pr-missing")
		}, []string{
			`the outcome is true: the main of attempt 1 says "pr-missing": it had been told of one, 10m0s after its start`,
			`the outcome is true: the main of attempt 1 says "pr-missing": it waited for it for no more than 1s`,
			`nothing wrong, nothing reported: the main of attempt 1 says "pr-missing", not "succeeded"`,
		}},
		{"a pull request that is said to be missing and was not looked for", func(h *history) {
			h.plan.scenario.PullRequest.Open, h.plan.rate = false, 20
			p := h.ends(10*time.Minute+31*time.Second, 1, "outcome", "pr-missing", "pr-url", "")
			p.calls[2].body = []byte(`{"id":"run-1","status":"FINISHED"}`)
			p.sends(call{op: "getRun", path: "/v1/agents/" + firstAgent + "/runs/run-1", at: at(10*time.Minute + 30*time.Second)})
		}, []string{`the outcome is true: the main of attempt 1 says "pr-missing": its last look, 10m30s after its start, was not answered`}},
		{"no changes though a branch is there", func(h *history) {
			h.ends(10*time.Minute+time.Second, 0, "outcome", "no-changes", "branch", "")
		}, []string{
			`the outcome is true: the main of attempt 1 says "no-changes": the output branch is "", and a branch was pushed: true`,
			`the outcome is true: the main of attempt 1 says "no-changes": a branch was pushed: true, a pull request asked for: true`,
			`nothing wrong, nothing reported: the main of attempt 1 says "no-changes", not "succeeded"`,
		}},
		{"trouble with the API that is none", func(h *history) { h.ends(10*time.Minute+time.Second, 1, "outcome", "api-error") }, []string{
			`the outcome is true: the main of attempt 1 says "api-error": nothing was wrong with the API`,
			`the outcome is true: the main of attempt 1 says "api-error": it gave up on the run after 0 refusals in a row`,
			`the outcome is true: the main of attempt 1 says "api-error": it had been told that the run is FINISHED, 10m0s after its start`,
			`nothing wrong, nothing reported: the main of attempt 1 says "api-error", not "succeeded"`,
		}},
		{"a time-out before the time", func(h *history) {
			h.ends(10*time.Minute+time.Second, 124, "outcome", "timed-out")
			h.processes[0].calls = h.processes[0].calls[:2]
			h.plan.scenario.Lag = time.Second
		}, []string{`the outcome is true: the main of attempt 1 says "timed-out": after 10m1s of 1h0m0s`}},
		{"no outcome", func(h *history) { h.ends(10*time.Minute+time.Second, 1, "outcome", "fine") }, []string{
			`the outcome is true: the main of attempt 1 says "fine": that is no outcome of this step`,
			`the outcome is true: the main of attempt 1 says "fine": it had been told that the run is FINISHED, 10m0s after its start`,
			`nothing wrong, nothing reported: the main of attempt 1 says "fine", not "succeeded"`,
		}},
		{"a wrong exit status", func(h *history) { h.processes[0].exit = 1 }, []string{
			`the exit status follows the outcome: the main of attempt 1 says "succeeded" and ended with 1, not 0`,
		}},
		{"outputs that break off", func(h *history) { h.processes[0].files["GITHUB_OUTPUT"] += "result<<end\nhalf\n" }, []string{
			"the runner reads the files: GITHUB_OUTPUT of the main of attempt 1: result does not end with its delimiter",
		}},
		{"a summary that is too large", func(h *history) {
			h.processes[0].files["GITHUB_STEP_SUMMARY"] = strings.Repeat("x", 1<<20+1)
		}, []string{"the runner reads the files: the summary of the main of attempt 1 has 1048577 bytes, valid true"}},
		{"no summary", func(h *history) { h.processes[0].files["GITHUB_STEP_SUMMARY"] = "" }, []string{
			"the runner reads the files: the main of attempt 1 wrote no summary",
		}},
		{"an id that is written only at the end", func(h *history) {
			p := h.ends(time.Minute, -1)
			p.killed, p.calls = true, p.calls[:1]
			p.files = map[string]string{"GITHUB_STATE": p.files["GITHUB_STATE"]}
			h.runs("FINISHED", 50*time.Second)
		}, []string{"the agent's id is written at once: the main of attempt 1 knew of " + firstAgent + ` and run-1, and ended 59s later with the outputs "" and ""`}},
		{"a state without the id", func(h *history) { delete(h.processes[0].files, "GITHUB_STATE") }, []string{
			"the agent's id is written at once: the main of attempt 1 knew of " + firstAgent + " and run-1, and ended 10m0s later with the state map[]",
			`an agent is announced: the main of attempt 1 asked for an agent 1s after its start with the stage "" in the state`,
			"an agent is announced: the main of attempt 1 made agent " + firstAgent + " and left the state map[]",
		}},
		{"an agent that is asked for in silence", func(h *history) {
			h.processes[0].files["GITHUB_STATE"] = "stage=started\n"
			h.processes[0].calls[0].readAt = time.Time{}
		}, []string{
			`an agent is announced: the main of attempt 1 asked for an agent 1s after its start with the stage "started" in the state`,
			"an agent is announced: the main of attempt 1 made agent " + firstAgent + " and left the state map[stage:started]",
		}},
		{"a run that is followed and not told of", func(h *history) {
			h.processes[0].sends(answered("streamRun", "/v1/agents/bc-2/runs/run-2/stream", time.Minute, 200, ""))
		}, []string{"the agent's id is written at once: the main of attempt 1 follows /v1/agents/bc-2/runs/run-2/stream with the outputs \"" + firstAgent + `" and "run-1"`}},
		{"a foreign command", func(h *history) { h.processes[0].log += "  ::set-output name=outcome::fine\n" }, []string{
			`the log holds no foreign command: the log of the main of attempt 1 holds "  ::set-output name=outcome::fine"`,
		}},
		{"what the agent said, twice", func(h *history) {
			h.plan.scenario.Steps = []simulator.Step{{Text: "a"}, {Text: "b"}}
			h.processes[0].log += "  | Step 2 of my work. I look.\n  | Step 2 of my work. I look.\n"
		}, []string{"the log says it once: the log of the main of attempt 1 tells step 2 of the agent's work 2 times"}},
		{"a run that is given up too early", func(h *history) {
			h.plan.rate = 20
			p := h.ends(time.Minute, 1, "outcome", "api-error", "status", "RUNNING")
			throttled := looked(50*time.Second, "RUNNING")
			throttled.status = 429
			refused := throttled
			refused.status = 401
			p.calls = append(p.calls[:2], refused, refused, refused, throttled, looked(55*time.Second, "RUNNING"), refused,
				answered("cancelRun", "/c", time.Minute, 200, ""))
			h.runs("CANCELLED", time.Minute)
		}, []string{`the outcome is true: the main of attempt 1 says "api-error": it gave up on the run after 3 refusals in a row`}},
		{"the key in the log", func(h *history) { h.processes[0].log += "key " + apiKey + "\n" }, []string{
			"no secret is written: the key stands in the log of the main of attempt 1",
		}},
		{"the key in a file of the workspace", func(h *history) {
			h.processes[0].others = map[string]string{"workspace/out/log.txt": "key " + apiKey}
		}, []string{"no secret is written: the key stands in the file workspace/out/log.txt of the main of attempt 1"}},
		{"the key in the name of a file, as a header has it", func(h *history) {
			h.processes[0].others = map[string]string{"workspace/Y3Jzcl81ZWNyZXQwMTIzNDU2Nzg5YWJjZGVmNWVjcmV0Og==": ""}
		}, []string{"no secret is written: the key stands in the file workspace/Y3Jzcl81ZWNyZXQwMTIzNDU2Nzg5YWJjZGVmNWVjcmV0Og== of the main of attempt 1"}},
		{"the key in an address", func(h *history) {
			h.requests[0].Query = "key=" + apiKey
		}, []string{"no secret is written: the key stands in the requests of the main of attempt 1"}},
		{"a variable's value in the summary", func(h *history) {
			h.plan.inputs["env-vars"] = "TOKEN=" + envValue
			h.processes[0].files["GITHUB_STEP_SUMMARY"] += envValue
		}, []string{"no secret is written: the value of a variable stands in the GITHUB_STEP_SUMMARY of the main of attempt 1"}},
		{"a request past the deadline", func(h *history) {
			h.plan.inputs["timeout"], h.plan.rate = "9m", 20
			h.processes[0].sends(answered("getAgentUsage", "/u", 10*time.Minute+6*time.Second, 200, ""))
		}, []string{"an end in time: the main of attempt 1 sent getAgentUsage 10m6s after its start, past its time and the grace"}},
		{"a request past the deadline of a step with artifacts", func(h *history) {
			h.plan.inputs["timeout"], h.plan.inputs["artifacts"], h.plan.rate = "9m", "out", 20
			h.processes[0].sends(answered("listArtifacts", "/a", 20*time.Minute, 200, ""), answered("listArtifacts", "/a", 20*time.Minute+6*time.Second, 200, ""))
		}, []string{"an end in time: the main of attempt 1 sent listArtifacts 20m6s after its start, past its time and the grace"}},
		{"a process that hangs after a signal", func(h *history) {
			p := h.ends(10*time.Minute+10*time.Second, -1)
			p.signalled, p.hung, p.killed = at(10*time.Minute), true, true
		}, []string{"an end in time: the main of attempt 1 ended 10m10s after its start, by itself false, past the signal and its grace"}},
		{"a cleanup stage without end", func(h *history) { h.processes[1].ended = at(13 * time.Minute) }, []string{
			"an end in time: the cleanup of attempt 1 ended 2m0s after its start, by itself true, past a minute",
		}},
		{"a run that is followed after its end", func(h *history) {
			h.ends(25*time.Minute, 0)
		}, []string{"an end is noticed: the main of attempt 1 followed run run-1 for 15m0s after its end"}},
		{"a busy loop of looks", func(h *history) {
			for range 600 {
				h.processes[0].sends(looked(time.Minute, "RUNNING"))
			}
		}, []string{"few requests: the main of attempt 1 sent 602 requests beside streams in 10m1s with 0 faults, more than 535"}},
		{"a busy loop of streams", func(h *history) {
			for range 100 {
				h.processes[0].sends(h.processes[0].calls[1])
			}
		}, []string{"few requests: the main of attempt 1 opened 101 streams in 10m1s with 0 faults, more than 90"}},
		{"a bad end that is taken again", func(h *history) {
			h.runs("ERROR", 10*time.Minute)
			h.ends(10*time.Minute+time.Second, 1, "outcome", "agent-error", "status", "ERROR")
			h.plan.scenario.Status = "ERROR"
			again := h.processes[0]
			again.attempt, again.began, again.ended, again.calls = 2, at(20*time.Minute), at(20*time.Minute+time.Second), nil
			h.processes = append(h.processes, again)
		}, []string{"a bad end is taken once: the main of attempt 2 took run run-1, which had ended as ERROR 10m0s before it began"}},
		{"a stream that is read from its start again", func(h *history) {
			first := h.processes[0].calls[1]
			first.events = 7
			again := first
			again.at = at(time.Minute)
			h.processes[0].calls = append([]call{first, again}, h.processes[0].calls...)
		}, []string{
			"a stream is resumed: the main of attempt 1 read the stream from its start again 1m0s after its own, having read 7 events",
			"a stream is resumed: the main of attempt 1 read the stream from its start again 2s after its own, having read 14 events",
		}},
		{"a panic", func(h *history) {
			h.processes[1].killed, h.processes[1].panics = true, "no map"
		}, []string{"no panic: the cleanup of attempt 1 panicked 0s after its start: no map"}},
		{"impatience", func(h *history) {
			first, then := looked(time.Minute, "RUNNING"), looked(2*time.Minute, "RUNNING")
			first.status, first.hint = 429, 90*time.Second
			h.processes[0].calls = append([]call{first, then}, h.processes[0].calls...)
			h.plan.rate = 20
		}, []string{"Retry-After is honoured: the main of attempt 1 repeated getRun 1m0s after an answer 429 that asked for 1m30s"}},
	}
}

func TestTheJudgeSeesEachBrokenPromise(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, test := range slices.Concat(breaches(), version0Breaches(), resultBreaches(), budgetBreaches(), commandBreaches()) {
		for _, text := range test.want {
			name, _, _ := strings.Cut(text, ": ")
			tried[name] = true
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			test.change(h)
			if diff := cmp.Diff(test.want, said(h)); diff != "" {
				t.Errorf("what the judge says (-want +got):\n%s", diff)
			}
		})
	}
	for _, rule := range rules() {
		if !tried[rule.name] {
			t.Errorf("no story breaks the rule %q", rule.name)
		}
	}
}

func said(h *history) []string {
	var texts []string
	for _, v := range judge(*h) {
		texts = append(texts, v.String())
	}
	return texts
}
