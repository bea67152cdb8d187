package cli_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// diagnosis is one way for a step to end with something to be told, and the
// whole last line of its log. In that line URL stands for the page of the
// agent, {OPERATION} for the server's id of a request of that kind which it
// refused, and "N attempts" for any number of them.
type diagnosis struct {
	name    string
	plays   string // a built-in scenario; "" is slow, which takes 20 minutes
	faults  []simulator.Fault
	edit    func(*simulator.Config)
	inputs  []string
	network http.RoundTripper // nil is one that works
	signal  time.Duration     // after which the runner interrupts the step; 0 is never
	status  int               // 0 stands for 1
	outcome string            // "" stands for api-error
	want    string
}

// refuse answers every request of an operation like this.
func refuse(operation string, status int, code, message string) simulator.Fault {
	return simulator.Fault{Operation: operation, Answer: &simulator.Answer{Status: status, Code: code, Message: message}}
}

// away fails every request of the operations as a gateway does.
func away(operations ...string) (faults []simulator.Fault) {
	for _, operation := range operations {
		faults = append(faults, simulator.Fault{Operation: operation, Answer: &simulator.Answer{Status: 503, Shape: "empty"}})
	}
	return faults
}

// first limits faults to the first n requests of their operation.
func first(n int, faults ...simulator.Fault) []simulator.Fault {
	for i := range faults {
		faults[i].When = simulator.When{First: n}
	}
	return faults
}

// run plays the case to its end.
func (d diagnosis) run(t *testing.T) *workflowStep {
	plays := d.plays
	if plays == "" {
		plays = "slow"
	}
	config := scenario(t, plays)
	config.Scenario.Faults = append(config.Scenario.Faults, d.faults...)
	if d.edit != nil {
		d.edit(&config)
	}
	s := newStep(t, config).with(d.inputs...)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if d.signal > 0 {
		defer time.AfterFunc(d.signal, func() { cancel(errors.New("terminated signal received")) }).Stop()
	}
	program := s.program()
	if d.network != nil {
		program.Transport = d.network
	}
	status := program.Run(ctx, []string{"/cursor-agent-action", "action"})
	want, outcome := d.status, d.outcome
	if want == 0 {
		want = 1
	}
	if outcome == "" {
		outcome = "api-error"
	}
	if got := s.outputs()["outcome"]; status != want || got != outcome {
		t.Errorf("exit status %d and outcome %q, want %d and %q", status, got, want, outcome)
	}
	return s
}

// attempts are told by numbers that depend on the jitter of the waits.
var attempts = regexp.MustCompile(`\d+ attempts`)

// check holds the last line against the one that is wanted.
func (d diagnosis) check(t *testing.T, s *workflowStep) {
	t.Helper()
	last, state := s.lastLine(), s.state()
	told := attempts.ReplaceAllString(last, "N attempts")
	told = strings.ReplaceAll(told, "https://cursor.com/agents/"+state["agent-id"], "URL")
	for _, request := range s.api.Requests() {
		if request.Status/100 != 2 {
			told = strings.ReplaceAll(told, request.ID, "{"+request.Op+"}")
		}
	}
	if told != d.want {
		t.Errorf("last line:\n got %s\nwant %s", told, d.want)
	}
	if length := len(last); length > maxLastLine {
		t.Errorf("the last line is %d characters long: %s", length, last)
	}
	s.noSecret()
}

// maxLastLine is what can be read at a glance. Two thirds of it are addresses
// and ids where it is used up.
const maxLastLine = 460

func TestTheLastLineSaysCauseRequestRestAndNextStep(t *testing.T) {
	t.Parallel()
	for _, d := range diagnoses() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { d.check(t, d.run(t)) })
		})
	}
}
