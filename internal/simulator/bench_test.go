package simulator_test

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// BenchmarkStream reads the stream of a run that says things as fast as it can,
// live, through the in-memory transport.
func BenchmarkStream(b *testing.B) {
	c := benchmarkRun(b)
	run := c.launch()
	b.ResetTimer()
	events := c.count(run)
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReplay reads the stream of a run that is over.
func BenchmarkReplay(b *testing.B) {
	c := benchmarkRun(b)
	run := c.launch()
	c.count(run)
	b.ResetTimer()
	events := c.count(run)
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCreate makes agents.
func BenchmarkCreate(b *testing.B) {
	c := benchmarkRun(b)
	for b.Loop() {
		c.want(http.StatusCreated, "POST", "/v1/agents", with(`"mode":"agent"`))
	}
}

func benchmarkRun(b *testing.B) *client {
	s := simulator.New(simulator.Config{Scenario: simulator.Scenario{
		Steps: []simulator.Step{{Repeat: b.N, Steps: []simulator.Step{{Text: "One delta of a text, "}}}},
	}})
	b.Cleanup(s.Close)
	b.ReportAllocs()
	return &client{b, s, &http.Client{Transport: s.Transport()}}
}

// count reads a run's stream to its end and returns how many assistant events
// it had.
func (c *client) count(run string) int {
	answer, err := c.http.Do(c.request("GET", run+"/stream", ""))
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	events := 0
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if bytes.Equal(lines.Bytes(), []byte("event: assistant")) {
			events++
		}
	}
	if err := lines.Err(); err != nil {
		c.t.Fatal(err)
	}
	return events
}
