package simulator_test

import (
	"io"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// What a rule did is noted when it did it, not when it was planned.
func TestAFaultOfAStreamIsNotedWhenItTakesEffect(t *testing.T) {
	t.Parallel()
	type action = simulator.StreamAction
	second := simulator.When{At: []int{2}}
	for _, test := range []struct {
		name  string
		fault simulator.StreamFault
		want  bool
	}{
		{"a drop", simulator.StreamFault{Do: simulator.StreamDrop}, true},
		{"a drop that is due after the end", simulator.StreamFault{Do: simulator.StreamDrop, After: time.Hour}, false},
		{"an end", simulator.StreamFault{Do: simulator.StreamEnd, AfterEvents: 2}, true},
		{"unavailable", simulator.StreamFault{Do: simulator.StreamUnavailable, AfterEvents: 1}, true},
		{"garbage", simulator.StreamFault{Do: simulator.StreamGarbage, AfterEvents: 1}, true},
		{"garbage after more events than there are", simulator.StreamFault{Do: simulator.StreamGarbage, AfterEvents: 99}, false},
		{"a giant", simulator.StreamFault{Do: simulator.StreamGiant, Bytes: 1000}, true},
		{"an unknown event", simulator.StreamFault{Do: simulator.StreamUnknown}, true},
		{"duplicates", simulator.StreamFault{Do: simulator.StreamDuplicate}, true},
		{"ids that repeat", simulator.StreamFault{Do: simulator.StreamRepeatID}, true},
		{"a lie", simulator.StreamFault{Do: simulator.StreamLie, Status: "ERROR"}, true},
		{"a replay of a stream that is not resumed", simulator.StreamFault{Do: simulator.StreamReplay}, false},
		{"silence while nothing is silent", simulator.StreamFault{Do: simulator.StreamNoHeartbeat}, false},
		{"another connection", simulator.StreamFault{Do: simulator.StreamDrop, When: second}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := short()
			scenario.Streams = []simulator.StreamFault{test.fault}
			bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
				answer, err := c.http.Do(c.request("GET", c.launch()+"/stream", ""))
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, answer.Body) // however it ends
				_ = answer.Body.Close()
				var want []action
				if test.want {
					want = []action{test.fault.Do}
				}
				diff(t, "noted", want, c.server.Requests()[1].StreamFaults)
			})
		})
	}
}

func TestAReplayIsNotedWhereTheStreamIsResumed(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamReplay}, {Do: simulator.StreamDuplicate}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.stream(run, "Last-Event-ID: "+ids(all)[4]); err != nil {
			t.Fatal(err)
		}
		diff(t, "noted", []simulator.StreamAction{simulator.StreamReplay, simulator.StreamDuplicate}, c.server.Requests()[2].StreamFaults)
	})
}
