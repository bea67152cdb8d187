package simulator_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// faulty streams a run of the scenario short with stream faults, n times, each
// time from the start, and returns what came and how it ended.
func faulty(t *testing.T, n int, faults ...simulator.StreamFault) (streams [][]frame, ends []error) {
	t.Helper()
	scenario := short()
	scenario.Streams = faults
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		for range n {
			all, err := c.stream(run)
			streams, ends = append(streams, all), append(ends, err)
		}
	})
	return streams, ends
}

// ids are the ids of a stream's events in their order.
func ids(all []frame) []string {
	var list []string
	for _, f := range all {
		if f.ID != "" {
			list = append(list, f.ID)
		}
	}
	return list
}

const wholeShort = "status thinking tool_call assistant status result done"

func TestAStreamFaultHappensWhereTheScenarioSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault simulator.StreamFault
		want  string // the events
		err   error
	}{
		{"drop after events", simulator.StreamFault{Do: simulator.StreamDrop, AfterEvents: 2}, "status thinking tool_call", io.ErrUnexpectedEOF},
		{"drop after a time", simulator.StreamFault{Do: simulator.StreamDrop, After: 150 * time.Millisecond}, "status", io.ErrUnexpectedEOF},
		{"drop after both", simulator.StreamFault{Do: simulator.StreamDrop, AfterEvents: 1, After: 300 * time.Millisecond}, "status thinking tool_call", io.ErrUnexpectedEOF},
		{"drop at once", simulator.StreamFault{Do: simulator.StreamDrop}, "status", io.ErrUnexpectedEOF},
		{"drop before done", simulator.StreamFault{Do: simulator.StreamDrop, AfterEvents: 6}, "status thinking tool_call assistant status result", io.ErrUnexpectedEOF},
		{"clean end", simulator.StreamFault{Do: simulator.StreamEnd, AfterEvents: 1}, "status thinking", nil},
		{"unavailable", simulator.StreamFault{Do: simulator.StreamUnavailable}, "status error done", nil},
		{"unavailable in the middle", simulator.StreamFault{Do: simulator.StreamUnavailable, AfterEvents: 1}, "status thinking error done", nil},
		{"unknown event", simulator.StreamFault{Do: simulator.StreamUnknown, AfterEvents: 1}, "status thinking weather_report tool_call assistant status result done", nil},
		{"second connection only", simulator.StreamFault{Do: simulator.StreamDrop, When: simulator.When{At: []int{2}}}, wholeShort, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			streams, ends := faulty(t, 1, test.fault)
			diff(t, "events", test.want, events(streams[0]))
			if !errors.Is(ends[0], test.err) {
				t.Errorf("the stream ended with %v, want %v", ends[0], test.err)
			}
		})
	}
}

func TestAnUnavailableStreamSaysSoOnALiveRun(t *testing.T) {
	t.Parallel()
	streams, _ := faulty(t, 2, simulator.StreamFault{Do: simulator.StreamUnavailable, When: simulator.When{First: 1}})
	diff(t, "error", frame{Event: "error", Data: `{"code":"stream_unavailable","message":"Run stream is no longer available"}`},
		last(t, streams[0], "error"))
	diff(t, "the same request later", wholeShort, events(streams[1]))
}

func TestADroppedStreamHasDeliveredWhatCameBefore(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamDrop, AfterEvents: 2}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		var got []string
		var headers []string
		for connection := 1; ; connection++ {
			all, err := c.stream(run, headers...)
			got = append(got, ids(all)...)
			if err == nil {
				diff(t, "connections", 4, connection) // six events, two at a time, then done
				break
			}
			headers = []string{"Last-Event-ID: " + got[len(got)-1]}
		}
		diff(t, "ids", []string{
			"946684800200-0", "946684800200-1", "946684800200-2", "946684800400-0",
			"946684801000-0", "946684801000-1", "946684801000-1", // result and done
		}, got)
	})
}

func TestDuplicatedAndRepeatedIDs(t *testing.T) {
	t.Parallel()
	streams, _ := faulty(t, 1)
	plain := ids(streams[0])

	streams, _ = faulty(t, 1, simulator.StreamFault{Do: simulator.StreamDuplicate})
	var twice []string
	for _, id := range plain[:6] {
		twice = append(twice, id, id)
	}
	diff(t, "each event twice, done once", append(twice, plain[6]), ids(streams[0]))

	streams, _ = faulty(t, 1, simulator.StreamFault{Do: simulator.StreamRepeatID, AfterEvents: 2})
	repeated := append(slices.Clone(plain[:2]), plain[1], plain[1], plain[1], plain[1], plain[6])
	diff(t, "from the third event on the id of the second", repeated, ids(streams[0]))
}

func TestAResumedStreamMayBeginTooEarly(t *testing.T) {
	t.Parallel()
	for events, want := range map[int]int{0: 1, 2: 2, 50: 3} { // there are only three before
		scenario := short()
		scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamReplay, Events: events}}
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			run := c.launch()
			whole, _ := c.stream(run)
			list := ids(whole)
			rest, err := c.stream(run, "Last-Event-ID: "+list[2])
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "ids", list[3-want:], ids(rest))
		})
	}
}

func TestStatusEventsMayLie(t *testing.T) {
	t.Parallel()
	streams, _ := faulty(t, 1, simulator.StreamFault{Do: simulator.StreamLie, Status: "ERROR"})
	for _, f := range streams[0] {
		if f.Event == "status" && !strings.Contains(f.Data, `"status":"ERROR"`) {
			t.Errorf("a status event tells the truth: %s", f.Data)
		}
	}
	if f := last(t, streams[0], "result"); !strings.Contains(f.Data, `"status":"FINISHED"`) {
		t.Errorf("the result lies too: %s", f.Data)
	}
}

func TestGarbageIsNoJSONAndTheStreamGoesOn(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamGarbage, AfterEvents: 1}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		got := c.want(http.StatusOK, "GET", run+"/stream", "").Body
		whole := wantShort(c.server.Agents()[0].Runs[0].ID)
		i := strings.Index(whole, "id: 946684800200-1")
		garbage, begins := strings.CutPrefix(got, whole[:i])
		garbage, ends := strings.CutSuffix(garbage, whole[i:])
		if !begins || !ends {
			t.Fatalf("the stream around the garbage is not whole: %s", got)
		}
		for _, part := range []string{"this line has no colon", "\xff\xfe", "cut in the mid\n\n", "event: thinking\n\n", ": a comment"} {
			if !strings.Contains(garbage, part) {
				t.Errorf("the garbage lacks %q: %q", part, garbage)
			}
		}
	})
}

func TestAGiantEventHasItsSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int]int{0: 1 << 20, 3 << 20: 3 << 20} {
		streams, _ := faulty(t, 1, simulator.StreamFault{Do: simulator.StreamGiant, AfterEvents: 1, Bytes: bytes})
		for _, f := range streams[0] {
			if strings.Contains(f.Data, "call-giant") {
				diff(t, "size of the result", want, len(f.Data)-len(`{"callId":"call-giant","name":"read_file","status":"completed","result":""}`))
				diff(t, "id", "", f.ID)
				want = 0
			}
		}
		if want != 0 {
			t.Error("there is no giant event")
		}
	}
}

func TestAStreamMayStaySilentOrOpenForEver(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault simulator.StreamFault
		want  string // what came in two minutes
		beats int
	}{
		{"mute", simulator.StreamFault{Do: simulator.StreamMute, AfterEvents: 1}, "status thinking", 0},
		{"never ends", simulator.StreamFault{Do: simulator.StreamNeverEnds}, "status thinking tool_call assistant heartbeat", 7},
		{"mute after a time", simulator.StreamFault{Do: simulator.StreamMute, After: 300 * time.Millisecond}, "status thinking tool_call", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := short()
			scenario.Streams = []simulator.StreamFault{test.fault}
			bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
				run := c.launch()
				answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				var got []frame
				go func() {
					for f, err := range frames(answer.Body) {
						if err != nil {
							return
						}
						if f.Event != "interaction_update" {
							got = append(got, f)
						}
					}
					t.Error("the stream ended cleanly")
				}()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				diff(t, "events", test.want, events(got))
				beats := 0
				for _, f := range got {
					if f.Event == "heartbeat" {
						beats++
					}
				}
				diff(t, "heartbeats", test.beats, beats)
				diff(t, "the run meanwhile", any("FINISHED"), c.run(run)["status"])
				c.server.DropConnections()
				synctest.Wait()
				diff(t, "noted", []simulator.StreamAction{test.fault.Do}, c.server.Requests()[1].StreamFaults)
			})
		})
	}
}

func TestSilenceMayBeSilent(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{
		Duration: time.Minute,
		Streams:  []simulator.StreamFault{{Do: simulator.StreamNoHeartbeat}},
	}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		all, err := c.stream(c.launch())
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "events", "status result done", events(all))
		diff(t, "noted", []simulator.StreamAction{simulator.StreamNoHeartbeat}, c.server.Requests()[1].StreamFaults)
	})
}

func TestStreamFaultsOfAProbabilityDependOnTheSeedOnly(t *testing.T) {
	t.Parallel()
	drops := func(seed uint64) (pattern string) {
		scenario := short()
		scenario.Seed = seed
		scenario.Streams = []simulator.StreamFault{{Do: simulator.StreamDrop, When: simulator.When{Probability: 0.5}}}
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			run := c.launch()
			for range 32 {
				if _, err := c.stream(run); err != nil {
					pattern += "x"
				} else {
					pattern += "."
				}
			}
		})
		return pattern
	}
	one, again, two := drops(1), drops(1), drops(2)
	diff(t, "the same seed", one, again)
	if one == two {
		t.Errorf("another seed gives the same faults: %s", one)
	}
	if n := strings.Count(one, "x"); n < 8 || n > 24 {
		t.Errorf("of 32 connections %d broke, want about half", n)
	}
}
