package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// wantShort is the whole stream of the scenario short, read from its creation.
func wantShort(runID string) string {
	return strings.ReplaceAll(`event: status
data: {"runId":"THIS","status":"CREATING"}

event: status
data: {"runId":"THIS","status":"RUNNING"}

id: 946684800200-0
event: thinking
data: {"text":"Look first."}

id: 946684800200-0
event: interaction_update
data: {"type":"thinking-delta","text":"Look first."}

id: 946684800200-1
event: tool_call
data: {"callId":"call-1","name":"read_file","status":"running"}

id: 946684800200-1
event: interaction_update
data: {"type":"partial-tool-call","callId":"call-1","toolCall":{"type":"read_file"},"modelCallId":"model-call-1"}

id: 946684800200-2
event: tool_call
data: {"callId":"call-1","name":"read_file","status":"running","args":{"path":"a.go"}}

id: 946684800200-2
event: interaction_update
data: {"type":"tool-call-started","callId":"call-1","toolCall":{"type":"read_file","args":{"path":"a.go"}},"modelCallId":"model-call-1"}

id: 946684800400-0
event: tool_call
data: {"callId":"call-1","name":"read_file","status":"completed","args":{"path":"a.go"},"result":{"ok":true}}

id: 946684800400-0
event: interaction_update
data: {"type":"tool-call-completed","callId":"call-1","toolCall":{"type":"read_file","args":{"path":"a.go"},"result":{"status":"success","value":{"ok":true}}},"modelCallId":"model-call-1"}

id: 946684801000-0
event: assistant
data: {"text":"Done on cursor/fix-the-flaky-test-in-internal-a1b2."}

id: 946684801000-0
event: interaction_update
data: {"type":"text-delta","text":"Done on cursor/fix-the-flaky-test-in-internal-a1b2."}

event: status
data: {"runId":"THIS","status":"FINISHED"}

id: 946684801000-1
event: result
data: {"runId":"THIS","status":"FINISHED","text":"Done on cursor/fix-the-flaky-test-in-internal-a1b2.","durationMs":1000,"git":{"branches":[{"repoUrl":"github.com/acme/widgets","branch":"cursor/fix-the-flaky-test-in-internal-a1b2","prUrl":"https://github.com/acme/widgets/pull/7"}]}}

id: 946684801000-1
event: interaction_update
data: {"type":"turn-ended"}

id: 946684801000-1
event: done
data: {}

`, "THIS", runID)
}

func TestAStreamTellsTheWholeRunLive(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		got := c.want(http.StatusOK, "GET", run+"/stream", "", "Accept: text/event-stream")
		diff(t, "stream", wantShort(c.server.Agents()[0].Runs[0].ID), got.Body)
		diff(t, "headers", []string{"text/event-stream; charset=utf-8", "345600", "no-cache, no-transform"}, []string{
			got.Header.Get("Content-Type"), got.Header.Get("X-Cursor-Stream-Retention-Seconds"), got.Header.Get("Cache-Control"),
		})
	})
}

func TestAFinishedRunsStreamIsReplayedFromTheStart(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(time.Hour)
		id := c.server.Agents()[0].Runs[0].ID
		status := func(s string) string {
			return "event: status\ndata: {\"runId\":\"" + id + "\",\"status\":\"" + s + "\"}\n\n"
		}
		// The status is that of now, and comes once.
		want := strings.Replace(wantShort(id), status("CREATING")+status("RUNNING"), status("FINISHED"), 1)
		i := strings.LastIndex(want, status("FINISHED"))
		want = want[:i] + strings.Replace(want[i:], status("FINISHED"), "", 1)
		diff(t, "replay", want, c.want(http.StatusOK, "GET", run+"/stream", "").Body)
	})
}

func TestAStreamGoesOnAfterTheLastEventID(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		whole, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range whole {
			if f.ID != "" && f.Event != "done" {
				ids = append(ids, f.ID)
			}
		}
		if len(ids) != 6 {
			t.Fatalf("the stream has the ids %v, want six", ids)
		}
		for i, id := range ids {
			rest, err := c.stream(run, "Last-Event-ID: "+id)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "first event after "+id, "status", rest[0].Event)
			var got []string
			for _, f := range rest[1:] {
				if f.Event != "done" {
					got = append(got, f.ID)
				}
			}
			diff(t, "ids after "+id, strings.Join(ids[i+1:], " "), strings.Join(got, " "))
			diff(t, "end after "+id, frame{ID: ids[5], Event: "done", Data: "{}"}, rest[len(rest)-1])
		}
	})
}

func TestALastEventIDOfAnotherRunIsRefused(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(2 * time.Second)
		for _, id := range []string{"946684801000-2", "946684800999-0", "1-0", "0946684801000-1", "946684801000", "x-y", "99999999999999999999-0"} {
			got := c.want(http.StatusBadRequest, "GET", run+"/stream", "", "Last-Event-ID: "+id)
			diff(t, id, `{"error":{"code":"invalid_last_event_id","message":"Last-Event-ID does not belong to this run"}}`, got.Body)
		}
	})
}

func TestAStreamExpires(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		retention time.Duration
		kept      time.Duration
	}{
		{"as on the real service", 0, 96 * time.Hour},
		{"as the scenario says", 4 * time.Second, 4 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := short()
			scenario.Retention = test.retention
			bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
				run := c.launch()
				time.Sleep(time.Second + test.kept)
				got := c.want(http.StatusOK, "GET", run+"/stream", "")
				diff(t, "header", fmt.Sprint(test.kept.Seconds()), got.Header.Get("X-Cursor-Stream-Retention-Seconds"))
				time.Sleep(time.Second)
				diff(t, "afterwards", `{"error":{"code":"stream_expired","message":"Run stream is no longer available"}}`,
					c.want(http.StatusGone, "GET", run+"/stream", "").Body)
				diff(t, "the run", any("FINISHED"), c.run(run)["status"])
			})
		})
	}
}

func TestALiveStreamDoesNotExpire(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: simulator.Scenario{Duration: time.Hour, Retention: time.Second}}, func(t *testing.T, c *client) {
		run := c.launch()
		time.Sleep(59 * time.Minute)
		all, err := c.stream(run)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "stream", "status heartbeat status result done", events(all))
	})
}

func TestSilenceIsFilledWithHeartbeats(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		heartbeat time.Duration
		speed     float64
		want      int
	}{
		{"every 15 seconds", 0, 1, 3},
		{"as the scenario says", 5 * time.Second, 1, 11},
		{"at the server's speed", 50 * time.Second, 10, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := simulator.Scenario{
				Heartbeat: test.heartbeat,
				Steps:     []simulator.Step{{Wait: 59 * time.Second}, {Text: "x"}, {Wait: time.Second}},
			}
			bubble(t, simulator.Config{Scenario: scenario, Speed: test.speed}, func(t *testing.T, c *client) {
				all, err := c.stream(c.launch())
				if err != nil {
					t.Fatal(err)
				}
				beats := 0
				for _, f := range all {
					if f.Event == "heartbeat" {
						beats++
						diff(t, "heartbeat", frame{Event: "heartbeat", Data: "{}"}, f)
					}
				}
				diff(t, "heartbeats", test.want, beats)
			})
		})
	}
}

func TestALargeResultIsLeftOutOfTheStream(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{Steps: []simulator.Step{{Tool: "grep", Result: "x", Truncated: true}}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		all, err := c.stream(c.launch())
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "call", `{"callId":"call-1","name":"grep","status":"completed","truncated":{"result":true}}`, last(t, all, "tool_call").Data)
	})
}
