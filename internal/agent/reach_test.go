package agent_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// severed is a network that is away for a time.
type severed struct {
	http.RoundTripper
	from, to time.Time
}

func (o severed) RoundTrip(request *http.Request) (*http.Response, error) {
	if now := time.Now(); now.After(o.from) && now.Before(o.to) {
		return nil, errors.New("no route to host")
	}
	return o.RoundTripper.RoundTrip(request)
}

// away is a run of so long whose network is away from the fifth second to the
// 95th, and that says its last words in the end.
func away(length time.Duration) setup {
	set := story(simulator.Scenario{Steps: []simulator.Step{{Text: "I begin.\n\n", Takes: time.Second}, {Wait: length - 2*time.Second}, {Text: "I am done.", Takes: time.Second}}})
	set.wire = func(network http.RoundTripper) http.RoundTripper {
		return severed{network, time.Now().Add(5 * time.Second), time.Now().Add(95 * time.Second)}
	}
	return set
}

func TestAStreamIsOpenedAgainAsSoonAsALookReachesTheAPI(t *testing.T) {
	t.Parallel()
	for range 20 { // Jitter decides how long the next reconnect would be away.
		bubble(t, away(10*time.Minute), func(t *testing.T, w *world) {
			handle := w.launch(t, task(), work())
			defer time.AfterFunc(6*time.Second, w.server.DropConnections).Stop()
			w.follow(t, handle)
			var seen, back time.Time
			for _, request := range w.server.Requests() {
				switch {
				case request.At.Sub(w.began) < 95*time.Second:
				case request.Op == "getRun" && seen.IsZero():
					seen = request.At
				case request.Op == "streamRun" && back.IsZero():
					back = request.At
				}
			}
			if seen.IsZero() || back.IsZero() || back.Sub(seen) > time.Second {
				t.Errorf("the API was reached after %s, the stream was opened after %s", seen.Sub(w.began), back.Sub(w.began))
			}
		})
	}
}

func TestTheLastWordsOfARunThatEndedInAnOutageAreTold(t *testing.T) {
	t.Parallel()
	for range 20 {
		bubble(t, away(90*time.Second), func(t *testing.T, w *world) {
			handle := w.launch(t, task(), work())
			defer time.AfterFunc(6*time.Second, w.server.DropConnections).Stop()
			if run := w.follow(t, handle); run.Status != cursor.RunFinished {
				t.Errorf("the run ended as %s", run.Status)
			}
			said := of[agent.Said](w)
			if len(said) == 0 || said[len(said)-1].Text != "I am done." {
				t.Errorf("the agent's last words are missing: %v", said)
			}
		})
	}
}
