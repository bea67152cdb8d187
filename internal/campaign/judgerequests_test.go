package campaign_test

import (
	"net/http"
	"slices"
	"time"
)

// How long a process goes on after its time is over or it was told to end, as
// the README promises.
const (
	signalGrace  = 5 * time.Second
	cancelGrace  = 30 * time.Second // to end the run
	fetchGrace   = 10 * time.Minute // to fetch the artifacts, where they are wished for
	finishGrace  = 35 * time.Second // to wait for a late pull request and read the usage
	cleanupLimit = time.Minute
	returnGrace  = 85 * time.Second       // to come back to a GitHub that was away or limits, for the end that people see
	tick         = 100 * time.Millisecond // for what happens at the very end
)

// nothingPanics: a process ends in order.
func nothingPanics(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.panics != "" {
			breach("the %s panicked %s after its start: %s", p.name(), p.since(p.ended), p.panics)
		}
	}
}

// endsInTime: no request leaves a process after its deadline, and the process
// ends.
func endsInTime(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		limit, what := p.began.Add(h.plan.timeout()+cancelGrace+finishGrace+h.hubGrace(p)), "its time and the grace"
		if h.plan.inputs["artifacts"] != "" {
			limit = limit.Add(fetchGrace)
		}
		if p.stage == cleanupStage {
			limit, what = p.began.Add(cleanupLimit), "a minute"
			if slices.ContainsFunc(p.asked, func(c call) bool { return !c.toldByGitHub() }) {
				limit, what = limit.Add(returnGrace), "a minute, and what GitHub makes it wait"
			}
		}
		if !p.signalled.IsZero() && p.signalled.Add(signalGrace).Before(limit) {
			limit, what = p.signalled.Add(signalGrace), "the signal and its grace"
		}
		limit = limit.Add(tick)
		for _, c := range p.calls {
			if c.at.After(limit) {
				breach("the %s sent %s %s after its start, past %s", p.name(), c.op, p.since(c.at), what)
				break
			}
		}
		if p.hung || p.ended.After(limit.Add(time.Second)) {
			breach("the %s ended %s after its start, by itself %t, past %s", p.name(), p.since(p.ended), !p.hung, what)
		}
	}
}

// noticedWithin is how long after its end a run may be followed when the API
// answers: a stream that neither ends nor falls silent is mistrusted that often.
const noticedWithin = 10*time.Minute + finishGrace

// endsAreNoticed: a step does not wait for a run that has ended.
func endsAreNoticed(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		run := h.runOf(p)
		untold := run != nil && (h.forgotten(*run) || h.plan.version0() && h.plan.scenario.NoConversation && isCorrection(*run))
		if p.stage != mainStage || run == nil || run.EndedAt.IsZero() || !p.signalled.IsZero() || untold || p.troubled(run.EndedAt) {
			continue
		}
		from := run.EndedAt
		if from.Before(p.began) {
			from = p.began
		}
		if late := p.ended.Sub(from); late > noticedWithin+h.plan.scenario.Lag {
			breach("the %s followed run %s for %s after its end", p.name(), run.ID, late)
		}
	}
}

// requestsAreFew: the number of requests is linear in the length of the run and
// the number of faults.
func requestsAreFew(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		lived := p.ended.Sub(p.began)
		faults := len(p.struck)
		events := 40 * (len(h.plan.scenario.Steps) + 1)
		streams := 0
		for _, r := range h.requestsOf(p) {
			if r.Fault != "" || r.Status == 0 {
				faults++
			}
		}
		ending := min(lived, cancelGrace+finishGrace)
		for _, c := range p.calls {
			if c.op == "streamRun" {
				streams++
			}
		}
		others := len(p.calls) - streams
		if most := 30*(1+len(h.plan.cast)) + 3*int(lived/h.plan.poll()) + 6*faults + 5*int(ending/time.Second); others > most {
			breach("the %s sent %d requests beside streams in %s with %d faults, more than %d", p.name(), others, lived, faults, most)
		}
		if most := 10 + events + 2*faults + int(lived/(15*time.Second)); streams > most {
			breach("the %s opened %d streams in %s with %d faults, more than %d", p.name(), streams, lived, faults, most)
		}
	}
}

// streamsAreResumed: a stream that broke is read on from where it broke, unless
// the server does not know the place.
func streamsAreResumed(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		events := map[string]int{}
		for _, c := range p.calls {
			if c.op != "streamRun" || h.plan.inputs["on-busy"] == "cancel" && !h.own(c.runID()) {
				continue // One that is in the way is waited for between cancels.
			}
			if events[c.path] > 0 && c.resume == "" {
				breach("the %s read the stream from its start again %s after its own, having read %d events", p.name(), p.since(c.at), events[c.path])
			}
			events[c.path] += c.events
			if c.status == http.StatusBadRequest {
				events[c.path] = 0
			}
		}
	}
}

// hintsAreHonoured: a request is not repeated before the server allows it.
// Ending a run that costs money comes first: once a process has asked for that,
// it has seconds, and does not wait for longer.
func hintsAreHonoured(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage == cleanupStage {
			continue
		}
		ending := slices.IndexFunc(p.calls, func(c call) bool { return c.op == "cancelRun" })
		until := map[string]call{}
		for i, c := range p.calls {
			if ending >= 0 && i > ending || !p.signalled.IsZero() && !c.at.Before(p.signalled) || !c.at.Before(p.began.Add(h.plan.timeout())) {
				break
			}
			before, told := until[c.op+c.path]
			if outputs := p.outputs(); outputs["outcome"] == "api-error" && outputs["run-id"] == "" && slices.Contains(finds(), c.op) {
				continue // It may be the look for what is to be ended.
			}
			if told && c.at.Before(before.readAt.Add(before.hint)) {
				breach("the %s repeated %s %s after an answer %d that asked for %s", p.name(), c.op, c.at.Sub(before.readAt), before.status, before.hint)
			}
			// In version 0 the stream is made of looks, beside which there are others.
			stream := h.plan.version0() && (c.op == "getRun" || c.op == "getAgentConversationV0")
			if c.hint > 0 && c.whole() && !stream {
				until[c.op+c.path] = c
			}
		}
	}
}
