package simulator_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestDroppedConnectionsBreakAndCanBeResumed(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		go func() {
			time.Sleep(500 * time.Millisecond)
			c.server.DropConnections()
		}()
		all, err := c.stream(run)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("the stream ended with %v, want an unexpected end", err)
		}
		diff(t, "before", "status thinking tool_call", events(all))
		rest, err := c.stream(run, "Last-Event-ID: "+all[len(all)-1].ID)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "after", "status assistant status result done", events(rest))
	})
}

func TestARunGoesOnWithoutAReader(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		time.Sleep(2 * time.Second)
		diff(t, "status", any("FINISHED"), c.run(run)["status"])
		for _, r := range c.server.Requests() {
			if r.Open {
				t.Errorf("%s %s is still open", r.Method, r.Path)
			}
		}
	})
}

func TestAStreamIsLeftWithItsReader(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: simulator.Scenario{Duration: time.Hour}}, func(t *testing.T, c *client) {
		run := c.launch()
		answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		diff(t, "open while it is read", true, c.server.Requests()[1].Open)
		answer.Body.Close()
		synctest.Wait() // at once, not only when something is written
		diff(t, "open afterwards", false, c.server.Requests()[1].Open)
	})
}

func TestAClientThatDoesNotReadCanBeDropped(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{Steps: []simulator.Step{{Repeat: 2000, Steps: []simulator.Step{{Text: strings.Repeat("x", 1000)}}}}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		time.Sleep(time.Second)
		diff(t, "open before", true, c.server.Requests()[1].Open)
		c.server.DropConnections()
		synctest.Wait()
		diff(t, "open afterwards", false, c.server.Requests()[1].Open)
	})
}

func TestAClientThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{Steps: []simulator.Step{{Repeat: 2000, Steps: []simulator.Step{{Text: strings.Repeat("x", 1000)}}}}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		run := c.launch()
		answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		time.Sleep(time.Second)
		diff(t, "status", any("FINISHED"), c.run(run)["status"])
		c.server.Close() // must not wait for the client
		synctest.Wait()
	})
}

func TestManyReadersSeeTheSameStream(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		bodies := make(chan string, 10)
		for range cap(bodies) {
			go func() {
				got, err := c.try(c.request("GET", run+"/stream", ""))
				if err != nil {
					t.Error(err)
				}
				bodies <- got.Body
			}()
		}
		for range cap(bodies) {
			diff(t, "stream", wantShort(c.server.Agents()[0].Runs[0].ID), <-bodies)
		}
	})
}
