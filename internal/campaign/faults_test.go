package campaign_test

import (
	"time"

	"cursor-agent-action/internal/simulator"
)

// operations are what requests can fail at, the frequent ones more often.
func operations() []string {
	return []string{
		"createAgent", "createAgent", "createAgent", "getRun", "getRun", "getRun", "streamRun", "streamRun",
		"cancelRun", "cancelRun", "getAgent", "listRuns", "listAgents", "getAgentUsage", "listArtifacts", "downloadArtifact", "",
	}
}

// drawFaults draws what goes wrong on the server's side.
func drawFaults(d dice, p *plan) {
	s := &p.scenario
	for range d.IntN(5) {
		s.Faults = append(s.Faults, drawFault(d))
	}
	for range max(0, d.IntN(7)-2) {
		f := drawStreamFault(d)
		if f.Do == simulator.StreamReplay { // which shows where a stream is read on
			drop := simulator.StreamFault{Do: simulator.StreamDrop, When: simulator.When{First: 1 + d.IntN(2)}, AfterEvents: 1 + d.IntN(4)}
			f.When, f.After, f.AfterEvents = simulator.When{}, 0, 0
			s.Streams = append(s.Streams, drop)
		}
		s.Streams = append(s.Streams, f)
	}
	if d.oneIn(8) {
		s.Lag = d.between(100*time.Millisecond, 20*time.Second)
	}
	switch d.IntN(12) {
	case 0:
		s.Cancel.Ignored = true
	case 1, 2:
		s.Cancel.After = d.between(100*time.Millisecond, 20*time.Second)
	}
	if d.oneIn(20) {
		s.Retention = d.between(time.Second, time.Minute)
	}
	if d.oneIn(20) { // nobody may see the run any more, who may end it
		refused := &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "Your role may not do this"}
		s.Faults = append(s.Faults,
			simulator.Fault{Operation: "streamRun", Key: apiKey, Answer: refused},
			simulator.Fault{Operation: "getRun", Key: apiKey, When: simulator.When{Skip: d.IntN(3), First: believed + d.IntN(4)}, Answer: refused})
	}
	if d.oneIn(40) { // the API goes away for good
		s.Faults = append(s.Faults, simulator.Fault{
			Key:    apiKey,
			When:   simulator.When{Skip: d.IntN(12)},
			Answer: &simulator.Answer{Status: 503, Shape: "empty"},
		})
	}
}

// drawWhen draws which of the requests are hit.
func drawWhen(d dice) simulator.When {
	switch d.IntN(5) {
	case 0:
		return simulator.When{At: []int{1 + d.IntN(4)}}
	case 1:
		return simulator.When{First: 1 + d.IntN(3)}
	case 2:
		return simulator.When{Skip: d.IntN(4), First: 1 + d.IntN(4)}
	case 3:
		return simulator.When{Every: 2 + d.IntN(4)}
	}
	return simulator.When{Probability: pick(d, 0.01, 0.1, 0.3)}
}

// drawFault draws one rule about requests.
func drawFault(d dice) simulator.Fault {
	f := simulator.Fault{Operation: pick(d, operations()...), Key: apiKey, When: drawWhen(d)}
	answer := func(a simulator.Answer) { f.Answer = &a }
	seconds := func() string { return pick(d, "1", "2", "5", "10", "30", "60", "90") }
	switch d.IntN(24) {
	case 0, 1:
		f.Reset = "before"
	case 2, 3, 4:
		f.Reset = "after"
	case 19: // it takes the server with it
		f.When = simulator.When{At: []int{1 + d.IntN(5)}}
		f.Reset, f.Down = pick(d, "before", "after"), d.between(time.Second, 2*time.Minute)
	case 21: // an answer that is JSON and says nothing
		f.CarriedOut = d.oneIn(2)
		answer(simulator.Answer{Status: pick(d, 200, 201), Shape: "empty", Body: "{}", Headers: map[string]string{"Content-Type": "application/json"}})
	case 22: // a conflict of another kind
		f.Operation = "createAgent"
		answer(simulator.Answer{Status: 409, Code: pick(d, "agent_busy", ""), Message: "Another request is being carried out"})
	case 23:
		f.Operation = pick(d, "getRun", "getRun", "listRuns")
		f.Says = pick(d, "QUEUED", "STOPPING", "paused")
	case 20:
		f.Operation = pick(d, "getRun", "getRun", "listRuns")
		f.Stale = 1 + d.IntN(3)
	case 5:
		f.Delay = d.between(50*time.Millisecond, 100*time.Second)
	case 6:
		f.DelayAnswer = d.between(50*time.Millisecond, 200*time.Second)
	case 7:
		f.Cut = new(d.IntN(80))
	case 8: // JSON that is none
		f.CarriedOut = true
		answer(simulator.Answer{Status: 200, Shape: "empty", Body: `{"agent":{"id":`, Headers: map[string]string{"Content-Type": "application/json"}})
	case 9:
		answer(simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down, " + apiKey, RetryAfter: seconds()})
	case 10:
		answer(simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down"})
	case 11:
		answer(simulator.Answer{Status: 429, Code: "resource_exhausted", Message: "GitHub rate limited", Shape: "connect", RetryAfter: seconds()})
	case 12:
		f.CarriedOut = d.oneIn(2)
		answer(simulator.Answer{Status: pick(d, 500, 502, 503, 504), Shape: pick(d, "empty", "html", "text"), Message: "upstream of " + apiKey})
	case 13:
		answer(simulator.Answer{Status: 503, Code: "upstream_error", Message: "try later", RetryAfter: seconds()})
	case 14: // a hiccup of the layer that knows the keys
		f.When = simulator.When{At: []int{1 + d.IntN(5)}}
		answer(simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"})
	case 15: // what was made shows late
		f.Operation = pick(d, "getAgent", "getRun", "listRuns", "streamRun")
		f.When, f.PerAgent = simulator.When{First: 1 + d.IntN(2)}, true
		answer(simulator.Answer{Status: 404, Code: pick(d, "agent_not_found", "run_not_found"), Message: "Not found"})
	case 16: // what the server kept of the stream is gone
		f.Operation = "streamRun"
		answer(simulator.Answer{Status: 400, Code: "invalid_last_event_id", Message: "Last-Event-ID does not belong to this run"})
	case 17:
		f.Operation = "streamRun"
		answer(simulator.Answer{Status: 410, Code: pick(d, "stream_expired", "stream_unavailable"), Message: "Run stream is no longer available"})
	default:
		f.Operation = "createAgent"
		f.When = simulator.When{First: 1 + d.IntN(3)}
		answer(simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to verify existence of branch 'main' in repository acme/shop. Please ensure the branch name is correct."})
	}
	return f
}

// drawStreamFault draws one rule about streams.
func drawStreamFault(d dice) simulator.StreamFault {
	f := simulator.StreamFault{When: drawWhen(d), AfterEvents: d.IntN(6), After: d.between(time.Millisecond, 10*time.Minute)}
	if d.oneIn(2) {
		f.After = 0
	}
	f.Do = pick(d,
		simulator.StreamDrop, simulator.StreamDrop, simulator.StreamEnd, simulator.StreamUnavailable, simulator.StreamGarbage,
		simulator.StreamUnknown, simulator.StreamMute, simulator.StreamDuplicate, simulator.StreamRepeatID, simulator.StreamReplay,
		simulator.StreamNoHeartbeat, simulator.StreamNeverEnds, simulator.StreamLie)
	if d.oneIn(25) {
		f.Do, f.Bytes = simulator.StreamGiant, 200<<10
	}
	switch f.Do {
	case simulator.StreamReplay:
		f.Events = 1 + d.IntN(5)
	case simulator.StreamLie:
		f.After = 0 // A status is told where a stream begins, and when it changes.
		f.Status = pick(d, "FINISHED", "ERROR", "CANCELLED", "RUNNING", "QUEUED")
	}
	return f
}
