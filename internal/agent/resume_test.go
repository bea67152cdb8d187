package agent_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

func at(connections ...int) simulator.When { return simulator.When{At: connections} }

// lastIDs are the Last-Event-ID headers of the connections to streams.
func (w *world) lastIDs() []string {
	var ids []string
	for _, request := range w.requests("streamRun") {
		ids = append(ids, request.LastEventID)
	}
	return ids
}

// forgetful is a server that does not look at Last-Event-ID.
func forgetful(server http.RoundTripper) http.RoundTripper {
	return transportFunc(func(request *http.Request) (*http.Response, error) {
		request = request.Clone(request.Context())
		request.Header.Del("Last-Event-ID")
		return server.RoundTrip(request)
	})
}

// nameless is a server whose events have no ids.
func nameless(server http.RoundTripper) http.RoundTripper {
	return filtering(forgetful(server), "id: ")
}

// Fault 31: connections break in long tool calls, and what was missed must be read without telling the rest twice.
// Fault 32: each event comes in a second form under the same id, so that text doubles.
func TestNothingThatWasSaidIsLostOrToldTwice(t *testing.T) {
	t.Parallel()
	type faults = []simulator.StreamFault
	for _, test := range []struct {
		name   string
		n      int // paragraphs of three events each
		faults faults
		wire   func(http.RoundTripper) http.RoundTripper
	}{
		{name: "without faults", n: 300},
		{name: "each event on its own connection", n: 40, faults: faults{{AfterEvents: 1, Do: simulator.StreamDrop}}},
		{name: "drops every few events", n: 40, faults: faults{{AfterEvents: 5, Do: simulator.StreamDrop}}},
		{name: "clean ends every few events", n: 40, faults: faults{{AfterEvents: 5, Do: simulator.StreamEnd}}},
		{name: "unavailable every few events", n: 40, faults: faults{{AfterEvents: 5, Do: simulator.StreamUnavailable}}},
		{name: "drops every few seconds", n: 200, faults: faults{{After: 3 * time.Second, Do: simulator.StreamDrop}}},
		{name: "everything twice", n: 40, faults: faults{{Do: simulator.StreamDuplicate}}},
		{name: "everything twice, with drops", n: 40, faults: faults{{Do: simulator.StreamDuplicate}, {AfterEvents: 7, Do: simulator.StreamDrop}}},
		{name: "one id for all", n: 40, faults: faults{{Do: simulator.StreamRepeatID}}},
		{name: "a resume that begins too early", n: 100, faults: faults{
			{Do: simulator.StreamReplay, Events: 20}, {AfterEvents: 50, Do: simulator.StreamDrop},
		}},
		{name: "garbage between", n: 40, faults: faults{
			{Do: simulator.StreamGarbage}, {AfterEvents: 3, Do: simulator.StreamGarbage}, {AfterEvents: 9, Do: simulator.StreamDrop},
		}},
		{name: "unknown events between", n: 40, faults: faults{
			{Do: simulator.StreamUnknown}, {AfterEvents: 3, Do: simulator.StreamUnknown}, {AfterEvents: 9, Do: simulator.StreamDrop},
		}},
		{name: "Last-Event-ID is ignored", n: 300, wire: forgetful, faults: faults{{When: first(3), After: 10 * time.Second, Do: simulator.StreamDrop}}},
		{name: "Last-Event-ID is ignored, and the replay breaks off", n: 300, wire: forgetful, faults: faults{
			{When: at(1), After: 25 * time.Second, Do: simulator.StreamDrop}, {When: at(2, 3), AfterEvents: 500, Do: simulator.StreamDrop},
		}},
		{name: "Last-Event-ID is ignored, and everything comes twice", n: 300, wire: forgetful, faults: faults{
			{Do: simulator.StreamDuplicate}, {When: first(2), After: 20 * time.Second, Do: simulator.StreamDrop},
		}},
		{name: "no ids at all", n: 300, wire: nameless, faults: faults{{When: first(3), After: 10 * time.Second, Do: simulator.StreamDrop}}},
		{name: "no ids at all, and the replay breaks off", n: 300, wire: nameless, faults: faults{
			{When: at(1), After: 25 * time.Second, Do: simulator.StreamDrop}, {When: at(2, 3), AfterEvents: 500, Do: simulator.StreamDrop},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set, paragraphs := speaking(test.n, test.faults...)
			set.wire = test.wire
			bubble(t, set, func(t *testing.T, w *world) {
				run := w.run(t)
				if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
					t.Errorf("said (-want +got):\n%s", diff)
				}
				if took := time.Since(w.theAgent(t).Runs[0].EndedAt); run.Status != cursor.RunFinished || took > 40*time.Second {
					t.Errorf("after %s it is %s", took, run.Status)
				}
			})
		})
	}
}

// Fault 31: a stream that is opened again must say after which event.
func TestAResumedStreamSaysWhereItBroke(t *testing.T) {
	t.Parallel()
	set, _ := speaking(10, simulator.StreamFault{AfterEvents: 6, Do: simulator.StreamDrop})
	bubble(t, set, func(t *testing.T, w *world) {
		w.run(t)
		want := []string{""}
		for _, ms := range []int64{200, 400, 600, 800, 975} { // each sixth event of 31
			want = append(want, fmt.Sprintf("%d-0", w.began.UnixMilli()+ms))
		}
		if diff := cmp.Diff(want, w.lastIDs()); diff != "" {
			t.Errorf("Last-Event-ID (-want +got):\n%s", diff)
		}
	})
}

// Half a thousand events are remembered one by one; these are more.
//
// Fault 31: a server answers 400 invalid_last_event_id to the place where we broke off.
func TestAServerThatForgotTheEventIsReadFromTheTopAgain(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(300,
		simulator.StreamFault{When: at(1), AfterEvents: 700, Do: simulator.StreamDrop},
		simulator.StreamFault{When: at(2), AfterEvents: 400, Do: simulator.StreamDrop}, // in the middle of the replay
	)
	forgot := answer("streamRun", at(2, 4), 400, "invalid_last_event_id", "unknown event")
	set.Scenario.Faults = []simulator.Fault{forgot}
	bubble(t, set, func(t *testing.T, w *world) {
		w.run(t)
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		ids := w.lastIDs()
		resumed := make([]bool, len(ids))
		for i, id := range ids {
			resumed[i] = id != ""
		}
		if diff := cmp.Diff([]bool{false, true, false, true, false}, resumed); diff != "" {
			t.Errorf("connections with Last-Event-ID (-want +got):\n%s", diff)
		}
	})
}

func TestARestartOfTheServerIsNotNoticed(t *testing.T) {
	t.Parallel()
	set, paragraphs := speaking(100)
	bubble(t, set, func(t *testing.T, w *world) {
		handle := w.launch(t, task(), work())
		for i := range 4 {
			time.AfterFunc(time.Duration(2*i+1)*time.Second, w.server.DropConnections)
		}
		w.follow(t, handle)
		if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		if away := of[agent.StreamAway](w); len(away) != 0 || len(w.requests("streamRun")) != 5 {
			t.Errorf("told %v after %v", away, w.trace())
		}
	})
}

func TestGarbageIsNoNews(t *testing.T) {
	t.Parallel()
	later := simulator.When{Skip: 1}
	for _, nonsense := range []simulator.StreamAction{simulator.StreamGarbage, simulator.StreamUnknown} {
		t.Run(string(nonsense), func(t *testing.T) {
			t.Parallel()
			set, paragraphs := speaking(3, simulator.StreamFault{When: at(1), AfterEvents: 9, Do: simulator.StreamDrop},
				simulator.StreamFault{When: later, Do: nonsense}, simulator.StreamFault{When: later, Do: simulator.StreamDrop})
			set.Scenario.Duration = time.Hour
			bubble(t, set, func(t *testing.T, w *world) {
				w.run(t)
				if diff := cmp.Diff(paragraphs, w.said()); diff != "" {
					t.Errorf("said (-want +got):\n%s", diff)
				}
				if n := len(w.requests("streamRun")); n > 160 || len(of[agent.StreamBack](w)) != 0 {
					t.Errorf("%d connections in an hour, told %v", n, of[agent.StreamBack](w))
				}
				if quiet := of[agent.Quiet](w); len(quiet) < 55 {
					t.Errorf("nothing was heard for an hour, and that was told %d times", len(quiet))
				}
			})
		})
	}
}
