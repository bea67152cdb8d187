package campaign_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cursor-agent-action/internal/simulator"
)

// faultName is one of the things that can go wrong around a process, in words
// for a user.
type faultName string

const (
	connectionRefused faultName = "connections refused, because nobody listens"
	resetBefore       faultName = "connections reset before the request was carried out"
	resetAfter        faultName = "answers lost after the request was carried out"
	serverDown        faultName = "the API gone for a while, in the middle of a request"
	serverRestart     faultName = "answers and streams that a restart of the API broke"
	late              faultName = "answers that came late"
	cutAnswer         faultName = "answers cut in the middle"
	noJSON            faultName = "answers that are no JSON, or JSON that says nothing"
	aboutAnother      faultName = "answers about somebody else's agent or run"
	otherConflict     faultName = "409 for a create, of another kind"
	unknownStatus     faultName = "statuses that nobody knows"
	gatewayPage       faultName = "a gateway's page instead of an answer"
	emptyError        faultName = "errors without a body"
	serverError       faultName = "other errors of the API, 5xx"
	doneButError      faultName = "errors for requests that were carried out"
	throttledHint     faultName = "429 with Retry-After"
	throttledBlind    faultName = "429 without Retry-After"
	throttledConnect  faultName = "429 of a service behind the API, with the wait inside its body"
	rateLimit         faultName = "429 of the API's own limit"
	unavailable       faultName = "503 with Retry-After"
	keyRefused        faultName = "401 for a key that is good"
	forbidden         faultName = "403 for a look at a run, or for its stream"
	notThereYet       faultName = "404 for what is there"
	branchFlake       faultName = "400 for a branch that is there"
	badPlace          faultName = "400 invalid_last_event_id"
	streamGone        faultName = "410 for a stream"
	staleAnswer       faultName = "answers from the past"
	cancelIgnored     faultName = "cancels that are accepted and do nothing"
	cancelLate        faultName = "cancels that take their time"
	lateRequest       faultName = "pull requests that show late"
	noRequest         faultName = "pull requests that never come"
	usageRefused      faultName = "usage that is refused, 403"
	usageZero         faultName = "usage that is zero"
	lateWords         faultName = "conversations that show late what was said"
	noWords           faultName = "conversations that stay empty"
	visited           faultName = "agents that somebody changed on Cursor's pages"
)

// streamFaults are the names of what goes wrong with streams.
func streamFaults() map[simulator.StreamAction]faultName {
	return map[simulator.StreamAction]faultName{
		simulator.StreamDrop:        "streams that broke off",
		simulator.StreamEnd:         "streams that ended early, cleanly",
		simulator.StreamUnavailable: "streams that said unavailable, then done",
		simulator.StreamGarbage:     "streams with garbage",
		simulator.StreamGiant:       "streams with a giant event",
		simulator.StreamUnknown:     "streams with events that nobody knows",
		simulator.StreamMute:        "streams that fell silent and stayed open",
		simulator.StreamDuplicate:   "streams that sent each event twice",
		simulator.StreamRepeatID:    "streams whose ids repeat",
		simulator.StreamReplay:      "streams that sent again what had been read",
		simulator.StreamNoHeartbeat: "streams without heartbeats",
		simulator.StreamNeverEnds:   "streams that did not tell of the end",
		simulator.StreamLie:         "streams that lied about the status",
	}
}

// faultNames are all of them, in the order of the figures.
func faultNames() []faultName {
	names := []faultName{
		connectionRefused, resetBefore, resetAfter, serverDown, serverRestart, late, cutAnswer, noJSON, aboutAnother, gatewayPage, emptyError,
		serverError, doneButError, throttledHint, throttledBlind, throttledConnect, rateLimit, unavailable, keyRefused, forbidden, notThereYet,
		branchFlake, otherConflict, badPlace, streamGone, staleAnswer, unknownStatus,
	}
	for _, name := range streamFaults() {
		names = append(names, name)
	}
	slices.Sort(names[len(names)-len(streamFaults()):])
	return append(names, cancelIgnored, cancelLate, lateRequest, noRequest, lateWords, noWords, usageRefused, usageZero, visited)
}

// faults are those that took effect in a story, each as often as it did.
func (h history) faults() []faultName {
	var names []faultName
	add := func(happened bool, name faultName) {
		if happened {
			names = append(names, name)
		}
	}
	for _, r := range h.requests {
		for _, name := range requestFaults(r) {
			add(name != "", name)
		}
		for _, action := range r.StreamFaults {
			add(true, streamFaults()[action])
		}
		add(r.KeyHash == visitorHash && r.Status/100 == 2, visited)
	}
	s := h.plan.scenario
	for _, a := range h.agents {
		for _, run := range a.Runs {
			asked := len(run.CancelRequestedAt) > 0
			add(asked && s.Cancel.Ignored, cancelIgnored)
			add(asked && !s.Cancel.Ignored && s.Cancel.After > 0 && run.EndedAt.After(run.CancelRequestedAt[0]), cancelLate)
		}
	}
	for _, p := range h.processes {
		for range p.turned {
			add(true, connectionRefused)
		}
		missing := h.plan.asked("create-pr") && s.Branch != "" && slices.ContainsFunc(h.saw(p), func(seen sawRun) bool {
			return seen.Status == "FINISHED" && !seen.opened()
		})
		add(missing && s.PullRequest.Open, lateRequest)
		add(missing && !s.PullRequest.Open, noRequest)
		for _, c := range p.calls {
			if c.op == "getAgentConversationV0" && c.told() {
				add(s.ConversationLag > 0, lateWords)
				add(s.NoConversation, noWords)
			}
			if c.op == "getAgentUsage" && c.whole() {
				add(c.status == http.StatusForbidden, usageRefused)
				add(c.status == http.StatusOK && zeroUsage(c.body), usageZero)
			}
		}
	}
	return names
}

// requestFaults are what the server's record of a request says went wrong.
func requestFaults(r simulator.Request) []faultName {
	answer, carriedOut := strings.CutPrefix(r.Fault, "carried out, ")
	is := func(prefix string) bool { return strings.HasPrefix(answer, prefix) }
	switch {
	case r.Fault == "":
		if r.Status == http.StatusTooManyRequests {
			return []faultName{rateLimit}
		}
		return nil
	case r.Fault == "reset before":
		return []faultName{resetBefore}
	case r.Fault == "reset after":
		return []faultName{resetAfter}
	case strings.HasSuffix(r.Fault, ", down"):
		return []faultName{serverDown}
	case r.Fault == "connection dropped":
		return []faultName{serverRestart}
	case r.Fault == "delay":
		return []faultName{late}
	case r.Fault == "stale":
		return []faultName{staleAnswer}
	case strings.HasPrefix(r.Fault, "cut "):
		return []faultName{cutAnswer}
	case strings.HasPrefix(r.Fault, "says "):
		return []faultName{unknownStatus}
	case is("answer 409"):
		return []faultName{otherConflict}
	case is("answer 200 " + another), is("answer 201 " + another):
		return []faultName{aboutAnother}
	case is("answer 20"):
		return []faultName{noJSON}
	case is("answer 400 invalid_last_event_id"):
		return []faultName{badPlace}
	case is("answer 400"):
		return []faultName{branchFlake}
	case is("answer 401"):
		return []faultName{keyRefused}
	case is("answer 403"):
		return []faultName{forbidden}
	case is("answer 404"):
		return []faultName{notThereYet}
	case is("answer 410"):
		return []faultName{streamGone}
	case is("answer 429") && strings.Contains(answer, "(connect)"):
		return []faultName{throttledConnect}
	case is("answer 429") && strings.Contains(answer, "retry after"):
		return []faultName{throttledHint}
	case is("answer 429"):
		return []faultName{throttledBlind}
	case is("answer 503 upstream_error"):
		return []faultName{unavailable}
	}
	names := []faultName{serverError}
	switch {
	case strings.Contains(answer, "(html)"):
		names[0] = gatewayPage
	case strings.Contains(answer, "(empty)"):
		names[0] = emptyError
	}
	if carriedOut {
		names = append(names, doneButError)
	}
	return names
}

// zeroUsage reports whether an answer about usage says that nothing was used.
func zeroUsage(body []byte) bool {
	var usage struct {
		TotalUsage struct{ TotalTokens *int64 }
	}
	return json.Unmarshal(body, &usage) == nil && usage.TotalUsage.TotalTokens != nil && *usage.TotalUsage.TotalTokens == 0
}

// blowKinds are all of them, in the order of the figures.
func blowKinds() []blowKind { return []blowKind{sigkill, sigterm, sigint, netGone, netMute, refused} }

// inWords is a blow for a user.
func (k blowKind) inWords() string {
	switch k {
	case sigkill:
		return "killed for good (SIGKILL)"
	case sigterm:
		return "told to end (SIGTERM)"
	case sigint:
		return "interrupted (SIGINT)"
	case netGone:
		return "its network gone for a while, unreachable at once"
	case netMute:
		return "its network gone for a while, without a word"
	case refused:
		return "its connections refused for a while"
	}
	return string(k)
}
