package campaign_test

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

// signals are those that the runner sends, and a user or the kernel.
func signals() []syscall.Signal {
	return []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}
}

// exchanges are all places of the first exchange of each operation.
func exchanges(operations ...string) []place {
	var places []place
	for _, operation := range operations {
		for _, phase := range phases() {
			places = append(places, place{operation, phase, 1})
		}
	}
	return places
}

// opened and around are the places of a stream: before it begins, and around an
// event of it.
func opened() []place {
	return []place{{"streamRun", arrived, 1}, {"streamRun", carried, 1}}
}

func around(name string) []place {
	what := "streamRun " + name
	return []place{{what, carried, 1}, {what, halfway, 1}, {what, allSent, 1}}
}

// atWork is a moment in the middle of the agent's work.
func atWork() place { return place{"streamRun assistant", allSent, 1} }

// struckAt is a first attempt that is struck at a place, with the cleanup stages
// that a runner may let follow, each with a second attempt.
func struckAt(at place, signal syscall.Signal) []realStory {
	hits := []hit{{signal: signal, at: at}}
	story := func(what string, first realAttempt) realStory {
		return realStory{name: hits[0].String() + ", " + what, attempts: []realAttempt{first, {cleanup: true, handsOn: true}}}
	}
	stories := []realStory{
		story("cleanup with state", realAttempt{hits: hits, cleanup: true, handsOn: true}),
		story("cleanup without state", realAttempt{hits: hits, cleanup: true}),
	}
	if signal == syscall.SIGKILL {
		stories = append(stories, story("no cleanup", realAttempt{hits: hits}))
	}
	return stories
}

// mainStories strike the first attempt wherever it talks to the API: at some
// operations, or at all that come after its create.
func mainStories(operations ...string) []realStory {
	places := exchanges(operations...)
	if len(operations) == 0 {
		places = slices.Concat(opened(), around("assistant"), around("result"),
			exchanges("getRun", "getAgentUsage", "listArtifacts", "downloadArtifact", "readStorage"))
	}
	var stories []realStory
	for _, at := range places {
		for _, signal := range signals() {
			stories = append(stories, struckAt(at, signal)...)
		}
	}
	return stories
}

// followUpStories strike a step around the request by which it sends a
// follow-up.
func followUpStories() []realStory {
	var stories []realStory
	for _, at := range []place{{"createRun", carried, 1}, {"createRun", allSent, 1}, atWork()} {
		for _, signal := range signals()[:2] {
			for _, story := range struckAt(at, signal) {
				story.name = "a follow-up, " + story.name
				story.inputs = map[string]string{"command": followsUp, "agent-id": "ID0"}
				stories = append(stories, story)
			}
		}
	}
	return stories
}

// rerunStories strike a second attempt while it attaches to the agent that the
// first one left at work.
func rerunStories() []realStory {
	first := realAttempt{hits: []hit{{signal: syscall.SIGKILL, at: atWork()}}}
	var stories []realStory
	for i, at := range append(exchanges("createAgent", "getAgent", "listRuns"), opened()...) {
		for _, signal := range signals() {
			h := hit{signal: signal, at: at}
			stories = append(stories, realStory{name: "a re-run, " + h.String(), attempts: []realAttempt{
				first, {hits: []hit{h}, cleanup: true, handsOn: i%2 == 0}, {},
			}})
		}
	}
	return stories
}

// cleanupStories strike the cleanup stage after a main stage that was killed.
func cleanupStories() []realStory {
	first := realAttempt{hits: []hit{{signal: syscall.SIGKILL, at: atWork()}}, cleanup: true}
	var stories []realStory
	for _, handsOn := range []bool{true, false} {
		places := exchanges("cancelRun")
		if !handsOn {
			places = append(exchanges("getAgent", "listRuns"), places...)
		}
		for _, at := range places {
			for _, signal := range signals() {
				struck := first
				struck.handsOn, struck.later = handsOn, []hit{{signal: signal, at: at}}
				stories = append(stories, realStory{
					name:     fmt.Sprintf("cleanup, with state %t, %s", handsOn, struck.later[0]),
					attempts: []realAttempt{struck, {cleanup: true}},
				})
			}
		}
	}
	return stories
}

// twice is a first attempt that is struck by several signals.
func twice(hits ...hit) realStory {
	return realStory{name: fmt.Sprint(hits), attempts: []realAttempt{{hits: hits, cleanup: true, handsOn: true}, {}}}
}

// overdue makes a story one of an agent that does not come to an end in time.
func overdue(s realStory, timeout string) realStory {
	s.inputs, s.lasts, s.want = map[string]string{"timeout": timeout}, time.Minute, "timed-out"
	return s
}

// heldStories keep answers back so long that no patience is left.
func heldStories() []realStory {
	return []realStory{
		overdue(twice(hit{signal: syscall.SIGINT, at: atWork()}, hit{signal: syscall.SIGTERM, at: place{"cancelRun", arrived, 1}, holds: true}), "3s"),
		overdue(twice(hit{signal: syscall.SIGTERM, at: atWork()}, hit{signal: syscall.SIGINT, at: place{"cancelRun", carried, 1}, holds: true}), "3s"),
		twice(hit{signal: syscall.SIGTERM, at: place{"createAgent", arrived, 1}, holds: true}),
		twice(hit{signal: syscall.SIGINT, at: place{"createAgent", carried, 1}, holds: true}),
	}
}

// twiceStories send a second signal while the first one is obeyed, as the
// runner does.
func twiceStories() []realStory {
	var stories []realStory
	for _, at := range exchanges("cancelRun", "getAgentUsage") {
		for _, signal := range signals()[:2] {
			stories = append(stories, twice(hit{signal: syscall.SIGINT, at: atWork()}, hit{signal: signal, at: at}))
		}
	}
	return stories
}

// overdueStories strike a step while it ends a run because its time is over.
func overdueStories() []realStory {
	var stories []realStory
	for i, at := range exchanges("cancelRun") {
		for _, signal := range signals() {
			h := hit{signal: signal, at: at}
			stories = append(stories, overdue(realStory{
				name:     "after the time-out, " + h.String(),
				attempts: []realAttempt{{hits: []hit{h}, cleanup: true, handsOn: i%2 == 0}, {}},
			}, "1s"))
		}
	}
	return stories
}

// callStories strike the first attempt before each system call by which it
// talks to the runner and to the network, as one that nothing struck made them.
func callStories(calls []place) []realStory {
	var stories []realStory
	// How many connections there are is net/http's affair; the first is sure.
	calls = slices.DeleteFunc(slices.Clone(calls), func(at place) bool { return at.what == "connect" && at.n > 1 })
	for i, at := range calls {
		for _, signal := range signals() {
			for j, story := range struckAt(at, signal) {
				if (i+j)%3 == 0 || signal != syscall.SIGKILL && (i+j)%2 == 0 {
					story.attempts[0].trace = &trace{}
					stories = append(stories, story)
				}
			}
		}
	}
	return stories
}

// deafStories end the reader of the log: neither that nor a signal then may end
// a process that has an agent at work. Without main's care SIGPIPE would.
func deafStories() []realStory {
	var stories []realStory
	for _, deaf := range []deafness{deafToStdout, deafToAll} {
		stories = append(stories, realStory{
			name:     fmt.Sprintf("nobody reads %s", deaf),
			attempts: []realAttempt{{deaf: deaf, cleanup: true}},
		})
		for _, signal := range signals()[1:] {
			h := hit{signal: signal, at: atWork()}
			stories = append(stories, realStory{
				name:     fmt.Sprintf("nobody reads %s, %s", deaf, h),
				attempts: []realAttempt{{hits: []hit{h}, deaf: deaf, cleanup: true, handsOn: true}, {}},
			})
		}
	}
	return stories
}

// patientStories have a cleanup stage that looks for an agent that will never
// be there.
func patientStories() []realStory {
	var stories []realStory
	for _, story := range struckAt(place{what: "connect", n: 1}, syscall.SIGKILL)[:2] {
		story.attempts[0].trace, story.patient = &trace{}, true
		stories = append(stories, story)
	}
	return stories
}
