package agent_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// looks are the times of the looks at the run, since its launch.
func (w *world) looks() []time.Duration {
	var looks []time.Duration
	for _, request := range w.requests("getRun") {
		looks = append(looks, request.At.Sub(w.began))
	}
	return looks
}

// silent is a story of a run that only takes its time.
func silent(length time.Duration, streams []simulator.StreamFault, faults ...simulator.Fault) setup {
	return story(simulator.Scenario{Duration: length, Streams: streams, Faults: faults})
}

// Fault 26: looks at a fixed short interval use up 6000 an hour.
func TestLooksGrowApartWhileTheStreamIsAway(t *testing.T) {
	t.Parallel()
	for _, poll := range []time.Duration{0, 2 * time.Second, 10 * time.Minute} {
		t.Run(poll.String(), func(t *testing.T) {
			t.Parallel()
			interval := poll
			if interval == 0 {
				interval = 10 * time.Second // as documented
			}
			set := silent(40*interval, []simulator.StreamFault{{Do: simulator.StreamUnavailable}})
			set.poll = poll
			bubble(t, set, func(t *testing.T, w *world) {
				w.run(t)
				looks := w.looks()
				last := time.Duration(0)
				for i, look := range looks[:len(looks)-1] { // The last is asked for by the stream's status.
					gap, grown := look-last, interval
					for range i {
						grown = grown * 3 / 2
					}
					longest := min(grown*12/10, 6*interval)
					if shortest := min(grown*8/10, 6*interval); gap < shortest || gap > longest {
						t.Errorf("look %d came after %s, want %s to %s", i, gap, shortest, longest)
					}
					last = look
				}
				if n := len(looks); n < 8 || n > 13 {
					t.Errorf("%d looks in %s", n, 40*interval)
				}
			})
		})
	}
}

// Fault 26: many waiters that look at the same moment use up the limit for all.
func TestLooksOfManyWaitersAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 10 {
		bubble(t, silent(time.Minute, []simulator.StreamFault{{Do: simulator.StreamUnavailable}}), func(t *testing.T, w *world) {
			w.run(t)
			seen[w.looks()[0]] = true
		})
	}
	if len(seen) < 9 {
		t.Errorf("of ten waiters some looked at the same moment: %v", seen)
	}
}

// Fault 29: stream_unavailable and done come on a healthy run, a second after the start.
func TestAStreamThatIsUnavailableIsTriedEverMoreSeldom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		fault  simulator.Fault
		stream simulator.StreamFault
	}{
		{name: "an error event", stream: simulator.StreamFault{Do: simulator.StreamUnavailable}},
		{name: "an early end", stream: simulator.StreamFault{Do: simulator.StreamEnd}},
		{name: "a break", stream: simulator.StreamFault{Do: simulator.StreamDrop}},
		{name: "garbage and a break", stream: simulator.StreamFault{Do: simulator.StreamGarbage}},
		{name: "a refusal", fault: answer("streamRun", always, 410, "stream_unavailable", "not now")},
		{name: "a fault", fault: answer("streamRun", always, 500, "internal_error", "oh no")},
		{name: "a page", fault: simulator.Fault{Operation: "streamRun", Answer: &simulator.Answer{Status: 200, Shape: "html"}}},
		{name: "done, and nothing else", fault: simulator.Fault{Operation: "streamRun", Answer: &simulator.Answer{
			Status: 200, Headers: map[string]string{"Content-Type": "text/event-stream"}, Body: "event: done\ndata: {}\n\n",
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			streams := []simulator.StreamFault{test.stream, {Do: simulator.StreamDrop}}
			if test.fault.Operation != "" {
				streams = nil
			}
			bubble(t, silent(time.Hour, streams, test.fault), func(t *testing.T, w *world) {
				run := w.run(t)
				if late := time.Since(w.began) - time.Hour; run.Status != cursor.RunFinished || late > time.Minute {
					t.Errorf("%s was seen %s late", run.Status, late)
				}
				if n := len(w.requests("streamRun")); n < 100 || n > 160 {
					t.Errorf("%d connections in an hour, want about one each 30 s", n)
				}
				if n := len(w.requests("getRun")); n > 75 {
					t.Errorf("%d looks in an hour, want about one each minute", n)
				}
				away := of[agent.StreamAway](w)
				if len(away) != 1 || away[0].Gone || len(of[agent.StreamBack](w)) != 0 {
					t.Errorf("told %v, want once that it is away", away)
				}
				// The waits double up to 30 s, each spread by a fifth.
				connections := w.requests("streamRun")
				for i, request := range connections[1:] {
					gap, want := request.At.Sub(connections[i].At), min(250*time.Millisecond<<min(i, 10), 30*time.Second)
					if gap < want*8/10 || gap > want*12/10+time.Millisecond {
						t.Errorf("connection %d came %s after the one before, want about %s", i+2, gap, want)
					}
				}
			})
		})
	}
}

func TestAStreamThatIsGoneIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		set     setup
		want    string // with {request}
		connect int
	}{
		{"expired", silent(time.Hour, nil, answer("streamRun", always, 410, "stream_expired", "too old")),
			"stream run: GET /v1/agents/{agent}/runs/{run}/stream: 410 stream_expired: too old (request {request})", 1},
		{"expired in the middle", silent(time.Hour, []simulator.StreamFault{{After: time.Minute, Do: simulator.StreamDrop}},
			answer("streamRun", at(2), 410, "stream_expired", "too old")),
			"stream run: GET /v1/agents/{agent}/runs/{run}/stream: 410 stream_expired: too old (request {request})", 2},
		{"an event larger than all bounds", silent(time.Hour, []simulator.StreamFault{{Do: simulator.StreamGiant, Bytes: 17 << 20}}),
			"stream run: GET /v1/agents/{agent}/runs/{run}/stream: 200 OK: an event of the stream is larger than 16 MiB (request {request})", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, test.set, func(t *testing.T, w *world) {
				run := w.run(t)
				if late := time.Since(w.began) - time.Hour; run.Status != cursor.RunFinished || late > time.Minute {
					t.Errorf("%s was seen %s late", run.Status, late)
				}
				connections := w.requests("streamRun")
				if n := len(connections); n != test.connect {
					t.Fatalf("%d connections, want %d", n, test.connect)
				}
				want := strings.NewReplacer("{agent}", run.AgentID, "{run}", run.ID, "{request}", connections[test.connect-1].ID).Replace(test.want)
				away := of[agent.StreamAway](w)
				if len(away) != 1 || !away[0].Gone {
					t.Fatalf("told %+v, want once that it is gone", away)
				}
				if diff := cmp.Diff(want, text(away[0].Err)); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if n := len(w.looks()); n > 75 {
					t.Errorf("%d looks in an hour", n)
				}
			})
		})
	}
}

func TestAnOldRunWhoseStreamHasExpiredIsSettledAtOnce(t *testing.T) {
	t.Parallel()
	bubble(t, story(ending("")), func(t *testing.T, w *world) {
		w.launch(t, task(), work())
		time.Sleep(5 * 24 * time.Hour)
		handle := w.launch(t, task(), rerun())
		began := time.Now()
		if run := w.follow(t, handle); run.Status != cursor.RunFinished || time.Since(began) > 0 {
			t.Errorf("%s was seen after %s, want at once", run.Status, time.Since(began))
		}
	})
}

func TestAStreamThatFallsSilentIsOpenedAgain(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(50, simulator.StreamFault{When: at(1), AfterEvents: 30, Do: simulator.StreamMute})
	set.idle = time.Minute
	bubble(t, set, func(t *testing.T, w *world) {
		w.run(t)
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		if took := time.Since(w.began); took > 62*time.Second {
			t.Errorf("it took %s, want the minute that a silence may last", took)
		}
	})
}

func TestAThrottledStreamIsNotAskedForBeforeItsTime(t *testing.T) {
	t.Parallel()
	for n := range 10 { // The waits are spread at random.
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			throttled := simulator.Fault{Operation: "streamRun", When: first(3), Answer: &simulator.Answer{
				Status: http.StatusTooManyRequests, Code: "rate_limit_exceeded", RetryAfter: "20",
			}}
			bubble(t, silent(2*time.Minute, nil, throttled), func(t *testing.T, w *world) {
				w.run(t)
				connections := w.requests("streamRun")
				for i, request := range connections[1:] {
					if gap := request.At.Sub(connections[i].At); gap < 20*time.Second || gap > 25*time.Second {
						t.Errorf("connection %d came after %s, want 20s", i+2, gap)
					}
				}
				if len(connections) != 4 || time.Since(w.began) != 2*time.Minute {
					t.Errorf("after %s there were %d connections", time.Since(w.began), len(connections))
				}
			})
		})
	}
}

func TestAStreamThatComesBackTakesOverAgain(t *testing.T) {
	t.Parallel()
	steps, paragraphs := speech(20)
	set := story(simulator.Scenario{
		Steps:   append(append(steps[:10:10], simulator.Step{Wait: 20 * time.Minute}), steps[10:]...),
		Streams: []simulator.StreamFault{{When: simulator.When{First: 10}, Do: simulator.StreamUnavailable}},
	})
	bubble(t, set, func(t *testing.T, w *world) {
		w.run(t)
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		var told []string
		for _, update := range w.updates {
			switch update.(type) {
			case agent.StreamAway, agent.StreamBack:
				told = append(told, fmt.Sprintf("%T", update))
			}
		}
		if diff := cmp.Diff([]string{"agent.StreamAway", "agent.StreamBack"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		back := w.requests("streamRun")[10].At.Sub(w.began)
		looks := 0
		for _, look := range w.looks() {
			if look > back {
				looks++
			}
		}
		if looks > 4 {
			t.Errorf("%d looks in 20 minutes after the stream was back, want as few as with a healthy one", looks)
		}
	})
}

func TestAThrottledStreamIsNotOpenedForTheRestOfItsText(t *testing.T) {
	t.Parallel()
	throttled := simulator.Fault{Operation: "streamRun", Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}}
	bubble(t, story(simulator.Scenario{Duration: 15 * time.Second, Faults: []simulator.Fault{throttled}}), func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		w.follow(t, handle)
		streams := 0
		for _, request := range w.server.Requests() {
			if request.Op == "streamRun" {
				streams++
			}
		}
		if streams != 1 {
			t.Errorf("the stream was asked for %d times within the minute that the server asked for", streams)
		}
	})
}
