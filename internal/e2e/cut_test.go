//go:build e2e

package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// cut is an outage of the job's network while the agent works or is created.
type cut struct {
	name     string
	creating bool     // the create is carried out, and its answer lost; else the stream is cut
	out      outage   // how it shows
	says     []string // what the log tells of it, in this order
}

// outage cuts a job off and returns what ends that.
type outage func(t *testing.T, s *stage, job string) (end func())

// outageTime is how long an outage lasts.
const outageTime = 30 * time.Second

// mostRequests is how many requests may arrive in such a story.
const mostRequests = 25

// silent loses all packets, both ways, without a word to anyone.
func silent(t *testing.T, s *stage, job string) func() { return s.unplug(t, job) }

// refusing resets what connections there are, and each that is tried.
func refusing(t *testing.T, s *stage, _ string) func() {
	s.refuse(t)
	return func() { s.listen(t) }
}

// unreachable resets what connections there are; the way to the API is barred.
func unreachable(t *testing.T, s *stage, job string) func() {
	open := s.bar(t, job)
	s.reset(t)
	return open
}

var cuts = []cut{
	{name: "cut-stream-silent", out: silent},
	{name: "cut-stream-refusing", out: refusing, says: []string{"The event stream is away", "connection refused"}},
	{name: "cut-stream-unreachable", out: unreachable, says: []string{"The event stream is away", "no route to host"}},
	{name: "cut-create-silent", creating: true, out: silent, says: []string{"after an attempt of"}},
	{name: "cut-create-refusing", creating: true, out: refusing, says: []string{"Trying again in", "connection refused"}},
}

// cut plays a workflow through an outage.
func (r *runner) cut(t *testing.T, c cut) {
	s := r.set(t, setting{workflow: "cut", scenario: "steady", name: c.name, network: newNetwork(t, c.name)})
	at := midStream
	if c.creating {
		at = created
	}
	reach, leave := at(t, s.cursorAPI)
	p := s.start(t, options{})
	reach(p)
	end := c.out(t, s, s.jobContainer(t))
	leave()
	if c.creating {
		// Nobody hears of it in the silence.
		s.reset(t)
	}
	before := len(s.recorded())
	if p.endsWithin(outageTime) {
		t.Error("the workflow ended in the outage")
	}
	if after := len(s.recorded()); after != before {
		t.Errorf("%d requests arrived in the outage", after-before)
	}
	end()
	if !p.wait(t) {
		t.Error("the workflow failed")
	}
	agent, truth := s.onlyAgent(t)
	expect(t, s.outputs(t), map[string]string{
		"agent-id": agent.ID, "run-id": truth.ID, "status": "FINISHED", "outcome": "succeeded",
		"attached": "false", "result": "Done in spite of it.",
	})
	rest := p.log()
	for _, says := range c.says {
		_, after, found := strings.Cut(rest, says)
		if !found {
			t.Errorf("the log does not say %q, or not after what comes before it: %q", says, c.says)
		}
		rest = after
	}
	for _, said := range []string{"take a while", "There it is."} {
		if n := strings.Count(p.log(), said); n > 1 {
			t.Errorf("the log says %q %d times", said, n)
		}
	}
	if requests := s.recorded(); len(requests) > mostRequests {
		t.Errorf("the action made %d requests, want at most %d", len(requests), mostRequests)
	}
}
