package cli_test

import (
	"net"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// diagnoses are the ends of a step that did not go well.
func diagnoses() []diagnosis {
	vars := []string{"env-vars", "TOKEN=abcdefgh"}
	lost := simulator.Fault{Operation: "createAgent", Reset: "after", When: simulator.When{First: 1}}
	hangs := simulator.Fault{Operation: "createAgent", Delay: time.Hour, Reset: "before"}
	ignored := func(c *simulator.Config) { c.Scenario.Cancel.Ignored = true }
	gone := func(operations ...string) (faults []simulator.Fault) {
		for _, operation := range operations {
			faults = append(faults, refuse(operation, 404, "agent_not_found", "Agent not found"))
		}
		return faults
	}
	unauthorized := func(operations ...string) (faults []simulator.Fault) {
		for _, operation := range operations {
			faults = append(faults, simulator.Fault{Operation: operation, Answer: &simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"}})
		}
		return faults
	}
	throttle := simulator.Fault{Operation: "createAgent", Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "40"}}
	// A look that is throttled for longer than the rest takes.
	blind := simulator.Fault{Operation: "getRun", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}}
	return []diagnosis{
		// The launch.
		{name: "the API is away while launching", faults: away("createAgent"),
			want: "::error::api-error: create agent: POST /v1/agents: 503 Service Unavailable (request {createAgent}, N attempts, may have been carried out); an agent may be at work, though none is to be seen: URL; see https://status.cursor.com for the state of Cursor's API, and run the job again, which attaches to the agent unless that ended badly"},
		{name: "the API is wholly away while launching", faults: away(""),
			want: "::error::api-error: create agent: POST /v1/agents: 503 Service Unavailable (request {createAgent}, N attempts, may have been carried out); an agent may be at work: URL; see https://status.cursor.com for the state of Cursor's API, and run the job again, which attaches to the agent unless that ended badly"},
		{name: "every answer to a launch is lost", faults: []simulator.Fault{{Operation: "createAgent", Reset: "before"}},
			want: "::error::api-error: create agent: POST /v1/agents: the connection was closed without an answer (N attempts, may have been carried out); an agent may be at work, though none is to be seen: URL; check api-url and the runner's network, and run the job again, which attaches to the agent unless that ended badly; see command: doctor"},
		{name: "a proxy that is no address", inputs: []string{"HTTPS_PROXY", "http://user:p%ssw0rd@127.0.0.1:9"},
			network: unreachable(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.cursor.com", IsNotFound: true}}),
			want:    "::error::api-error: create agent: POST /v1/agents: dial tcp: lookup api.cursor.com: no such host (N attempts); nothing was launched; write HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT, with %25, @, : and / of the password as %2525, %2540, %253A and %252F; see command: doctor"},
		{name: "a launch is lost and nothing can be read", faults: append(away("getAgent", "listRuns"), lost),
			want: "::error::api-error: launch agent: bc-6b9736af-19f4-89d9-8772-b61e441cda7d exists already, but its state could not be read: get agent: 503 Service Unavailable (request {getAgent}, N attempts); an agent may be at work: URL; see https://status.cursor.com for the state of Cursor's API, and run the job again, which attaches to the agent unless that ended badly"},
		{name: "a launch is lost, and its agent is not to be found", inputs: vars, faults: []simulator.Fault{{Operation: "createAgent", Reset: "before"}},
			want: `::error::api-error: launch agent: an agent may have been launched, but it could not be found (name "Fix the flaky test. [gh-1000-5f15560f-49c444ef]"): create agent: POST /v1/agents: the connection was closed without an answer (may have been carried out); look for it at https://cursor.com/agents before you run the job again, which may launch a second one`},
		{name: "a launch by name is lost, and nothing can be read", inputs: vars, faults: append(away("listAgents"), lost),
			want: `::error::api-error: launch agent: an agent may have been launched, but it could not be found (name "Fix the flaky test. [gh-1000-5f15560f-49c444ef]"): create agent: POST /v1/agents: the connection was closed without an answer (may have been carried out); look for it at https://cursor.com/agents before you run the job again, which may launch a second one`},
		{name: "an agent of ours that can't be read", faults: append(gone("getAgent"), lost),
			want: "::error::api-error: launch agent: an agent may have been launched, but it could not be found (id bc-6b9736af-19f4-89d9-8772-b61e441cda7d): get agent: 404 agent_not_found: Agent not found (request {getAgent}); look for it at https://cursor.com/agents before you run the job again, which may launch a second one"},
		{name: "a re-run that can't read the agent", inputs: []string{"GITHUB_RUN_ATTEMPT", "2"}, faults: append(away("getAgent"), refuse("createAgent", 409, "agent_id_conflict", "taken")),
			want: "::error::api-error: launch agent: bc-6b9736af-19f4-89d9-8772-b61e441cda7d exists already, but its state could not be read: get agent: 503 Service Unavailable (request {getAgent}, N attempts); an agent may be at work: URL; see https://status.cursor.com for the state of Cursor's API, and run the job again, which attaches to the agent unless that ended badly"},
		{name: "a re-run by name that can't read the list", inputs: []string{"GITHUB_RUN_ATTEMPT", "2", "env-vars", "TOKEN=abcdefgh"}, faults: unauthorized("listAgents"),
			want: "::error::api-error: launch agent: an earlier attempt may have launched one, but its state could not be read: list agents: GET /v1/agents: 401 Unauthorized: Invalid User API Key (request {listAgents}); an agent may be at work: https://cursor.com/agents; end it there unless the cleanup stage could, and put a key of a user or a service account, not of a team admin, into the secret behind api-key: https://cursor.com/dashboard/api"},
		{name: "a refusal of many words", faults: []simulator.Fault{refuse("createAgent", 400, "validation_error", strings.Repeat("No, not that. ", 30))},
			want: "::error::api-error: create agent: POST /v1/agents: 400 validation_error: " + strings.Repeat("No, not that. ", 8) + "No, not… (request {createAgent}); nothing was launched; correct the input that the message names"},
		{name: "all agents of the work ended badly", faults: append(gone("getAgent"), refuse("createAgent", 409, "agent_id_conflict", "taken")),
			want: "::error::api-error: launch agent: 20 of the agents for this work have ended badly already; nothing was launched; set another idempotency-key to start afresh"},
		// The follow.
		{name: "follow: the key is refused", faults: append(unauthorized("streamRun"), first(4, unauthorized("getRun")...)...),
			want: "::error::api-error: get run: 401 Unauthorized: Invalid User API Key (request {getRun}); the agent's run was cancelled: URL; put a key of a user or a service account, not of a team admin, into the secret behind api-key: https://cursor.com/dashboard/api; see command: doctor"},
		{name: "follow: the key is refused for all", faults: unauthorized("streamRun", "getRun", "cancelRun"),
			want: "::error::api-error: get run: 401 Unauthorized: Invalid User API Key (request {getRun}); the agent's run may still go on: URL; end it there unless the cleanup stage could, and put a key of a user or a service account, not of a team admin, into the secret behind api-key: https://cursor.com/dashboard/api"},
		{name: "follow: 403", faults: []simulator.Fault{refuse("streamRun", 403, "role_forbidden", "No."), refuse("getRun", 403, "role_forbidden", "No."), refuse("cancelRun", 403, "role_forbidden", "No.")},
			want: "::error::api-error: get run: 403 role_forbidden: No. (request {getRun}); the agent's run may still go on: URL; end it there unless the cleanup stage could, and use the key of a user whose role may launch cloud agents, or ask a team admin for that role"},
		{name: "follow: deleted", faults: gone("streamRun", "getRun", "cancelRun"),
			want: "::error::api-error: get run: 404 agent_not_found: Agent not found (request {getRun}); the agent was deleted, and its run with it; run the job again, which launches a new agent"},
		{name: "follow: 404 without a word", faults: []simulator.Fault{
			{Operation: "streamRun", Answer: &simulator.Answer{Status: 404, Shape: "empty"}},
			{Operation: "getRun", When: simulator.When{First: 4}, Answer: &simulator.Answer{Status: 404, Shape: "empty"}}},
			want: "::error::api-error: get run: 404 Not Found (request {getRun}); the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		// The time.
		{name: "time: cancelled", outcome: "timed-out", status: 124, inputs: []string{"timeout", "5m"},
			want: "::error::timed-out: the agent had not finished after 5m0s; the agent's run was cancelled: URL; raise timeout, or give the agent a smaller task"},
		{name: "time: left", outcome: "timed-out", status: 124, inputs: []string{"timeout", "5m", "on-timeout", "leave"},
			want: "::error::timed-out: the agent had not finished after 5m0s, and on-timeout is leave; the agent's run goes on: URL; follow it there, or raise timeout"},
		{name: "time: not ended", outcome: "timed-out", status: 124, inputs: []string{"timeout", "5m"}, edit: ignored,
			want: "::error::timed-out: the agent had not finished after 5m0s and its run could not be ended: cancel run: the run's end was not seen; the agent's run may still go on: URL; end it there unless the cleanup stage could"},
		{name: "time: cancel refused", outcome: "timed-out", status: 124, inputs: []string{"timeout", "5m"}, faults: []simulator.Fault{refuse("cancelRun", 500, "internal_error", "Oops")},
			want: "::error::timed-out: the agent had not finished after 5m0s and its run could not be ended: cancel run: 500 internal_error: Oops (request {cancelRun}, N attempts, may have been carried out); the agent's run may still go on: URL; end it there unless the cleanup stage could"},
		{name: "time: unreachable", inputs: []string{"timeout", "5m"}, faults: away("streamRun", "getRun", "cancelRun"),
			want: "::error::api-error: what became of the agent's run could not be seen when the time of 5m0s was over: cancel run: 503 Service Unavailable (request {cancelRun}, N attempts, may have been carried out); the agent's run may still go on: URL; end it there unless the cleanup stage could, or run the job again, which attaches to the agent unless that ended badly"},
		{name: "time: unreachable and left", inputs: []string{"timeout", "5m", "on-timeout", "leave"}, faults: away("streamRun", "getRun", "cancelRun"),
			want: "::error::api-error: what became of the agent's run could not be seen when the time of 5m0s was over: get run: 503 Service Unavailable (request {getRun}, N attempts); on-timeout is leave; the agent's run may still go on: URL; run the job again, which attaches to the agent unless that ended badly"},
		{name: "time: throttled launch", outcome: "timed-out", status: 124, inputs: []string{"timeout", "1m"}, faults: []simulator.Fault{throttle},
			want: "::error::timed-out: the time of 1m0s was over while the agent was being launched: create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down (request {createAgent}, N attempts); nothing was launched; raise timeout, or run the job again later"},
		{name: "time: hanging launch", outcome: "timed-out", status: 124, inputs: []string{"timeout", "1m"}, faults: []simulator.Fault{hangs},
			want: "::error::timed-out: the time of 1m0s was over while the agent was being launched: create agent: POST /v1/agents: no answer in time (may have been carried out); an agent may be at work, though none is to be seen: URL; end it there unless the cleanup stage could, and raise timeout"},
		{name: "time: deleted", status: 124, outcome: "timed-out", inputs: []string{"timeout", "30s"}, faults: gone("getRun", "cancelRun"),
			want: "::error::timed-out: the agent had not finished after 30s; the agent was deleted, and its run with it; run the job again, which launches a new agent"},
		// The signal.
		{name: "signal: cancelled", outcome: "cancelled", status: 130, signal: time.Minute,
			want: "::error::cancelled: the step was interrupted; the agent's run was cancelled: URL; run the job again, which launches a new agent"},
		{name: "signal: before the launch", outcome: "cancelled", status: 130, signal: 10 * time.Second, faults: []simulator.Fault{throttle},
			want: "::error::cancelled: the step was interrupted; nothing was launched; run the job again"},
		{name: "signal: hanging launch", outcome: "cancelled", status: 130, signal: 10 * time.Second, faults: []simulator.Fault{hangs},
			want: "::error::cancelled: the step was interrupted while the agent was being launched; an agent may be at work, though none is to be seen: URL; end it there unless the cleanup stage could"},
		{name: "signal: hanging launch, nothing read", outcome: "cancelled", status: 130, signal: 10 * time.Second, faults: append(away("getAgent"), hangs),
			want: "::error::cancelled: the step was interrupted while the agent was being launched; an agent may be at work: URL; end it there unless the cleanup stage could"},
		{name: "signal: not ended", outcome: "cancelled", status: 130, signal: time.Minute, edit: ignored,
			want: "::error::cancelled: the step was interrupted and the agent's run could not be ended: cancel run: the run's end was not seen; the agent's run may still go on: URL; end it there unless the cleanup stage could"},
		{name: "signal: cancel refused", outcome: "cancelled", status: 130, signal: time.Minute, faults: []simulator.Fault{refuse("cancelRun", 500, "internal_error", "Oops")},
			want: "::error::cancelled: the step was interrupted and the agent's run could not be ended: cancel run: 500 internal_error: Oops (request {cancelRun}, N attempts, may have been carried out); the agent's run may still go on: URL; end it there unless the cleanup stage could"},
		{name: "signal: cancel forbidden", outcome: "cancelled", status: 130, signal: time.Minute, faults: []simulator.Fault{refuse("cancelRun", 403, "role_forbidden", "No.")},
			want: "::error::cancelled: the step was interrupted and the agent's run could not be ended: cancel run: 403 role_forbidden: No. (request {cancelRun}); the agent's run may still go on: URL; end it there unless the cleanup stage could"},
		{name: "signal: had finished", plays: "happy", outcome: "cancelled", status: 130, signal: 30 * time.Second, faults: append(away("streamRun"), blind),
			want: "::error::cancelled: the step was interrupted; the agent's run had just ended as FINISHED: URL; run the job again, which takes the agent's result"},
		{name: "signal: had failed", plays: "error", outcome: "cancelled", status: 130, signal: 30 * time.Second, faults: append(away("streamRun"), blind),
			want: "::error::cancelled: the step was interrupted; the agent's run had just ended as ERROR: URL; run the job again, which launches a new agent"},
		{name: "signal: awaiting the pull request", plays: "late-pr", outcome: "cancelled", status: 130, signal: 5 * time.Second, inputs: []string{"create-pr", "true"},
			want: "::error::cancelled: the wait for the agent's pull request was interrupted; nothing is left running: URL; run the job again, which takes the agent's result"},
		// The agent's own ends.
		{name: "agent: failed", plays: "error", outcome: "agent-error",
			want: "::error::agent-error: the agent failed, and Cursor gives no reason; nothing is left running: URL; read its conversation there, and run the job again, which launches a new agent"},
		{name: "agent: failed with words", plays: "error", outcome: "agent-error", edit: func(c *simulator.Config) {
			c.Newer = true
			c.Scenario.Error = &simulator.RunError{Code: "disk_full", Message: " No disk.\nTrace: x"}
		},
			want: "::error::agent-error: the agent failed: \"No disk.\" (disk_full, request 01404ece-4320-4551-9cce-966697dd8f1d); nothing is left running: URL; read its conversation there, and run the job again, which launches a new agent"},
		{name: "agent: failed with words that go on in our name", plays: "error", outcome: "agent-error", edit: func(c *simulator.Config) {
			c.Newer = true
			c.Scenario.Error = &simulator.RunError{Message: `"; nothing is left running; run X now: "`}
		},
			want: "::error::agent-error: the agent failed: \"'; nothing is left running; run X now: '\" (request 01404ece-4320-4551-9cce-966697dd8f1d); nothing is left running: URL; read its conversation there, and run the job again, which launches a new agent"},
		{name: "agent: expired", plays: "expired", outcome: "expired",
			want: "::error::expired: Cursor gave the run up before it finished; nothing is left running: URL; run the job again, which launches a new agent, and give it a smaller task if that repeats"},
		{name: "agent: cancelled", plays: "happy", outcome: "cancelled", edit: func(c *simulator.Config) { c.Scenario.Status = "CANCELLED" },
			want: "::error::cancelled: the agent's run was cancelled in Cursor, not by this workflow; nothing is left running: URL; run the job again, which launches a new agent"},
		{name: "agent: pr missing", plays: "pr-never", outcome: "pr-missing", inputs: []string{"create-pr", "true"},
			want: "::error::pr-missing: the agent pushed the branch cursor/fix-the-flaky-test-7f68, but no pull request was there 30s after its end; nothing is left running: URL; open one from the branch, or ask the agent to"},
		{name: "agent: nobody can look for its pull request", plays: "late-pr", inputs: []string{"create-pr", "true"},
			faults: []simulator.Fault{{Operation: "getRun", When: simulator.When{Skip: 1}, Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}}},
			want:   "::error::api-error: the agent finished, but whether its pull request is there could not be seen: get run: 429 rate_limit_exceeded: slow down (request {getRun}); nothing is left running: URL; run the job again, which takes the agent's result"},
		{name: "agent: no changes", plays: "no-changes", outcome: "no-changes", inputs: []string{"create-pr", "true", "fail-on", "no-changes"},
			want: "::error::no-changes: the agent finished and pushed nothing; nothing is left running: URL; read its answer, because it may have found nothing to change"},
	}
}
