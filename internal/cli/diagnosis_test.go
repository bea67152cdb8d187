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

	"github.com/google/go-cmp/cmp"

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

// told is the last line of the log with the stand-ins of a diagnosis.
func (s *workflowStep) told() string {
	told := attempts.ReplaceAllString(s.lastLine(), "N attempts")
	if id := s.state()["agent-id"]; id != "" {
		told = strings.ReplaceAll(told, "https://cursor.com/agents/"+id, "URL")
	}
	for _, request := range s.api.Requests() {
		if request.Status/100 != 2 {
			told = strings.ReplaceAll(told, request.ID, "{"+request.Op+"}")
		}
	}
	return told
}

// check holds the last line against the one that is wanted.
func (d diagnosis) check(t *testing.T, s *workflowStep) {
	t.Helper()
	if diff := cmp.Diff(d.want, s.told()); diff != "" {
		t.Errorf("last line (-want +got):\n%s", diff)
	}
	if length := len(s.lastLine()); length > maxLastLine {
		t.Errorf("the last line is %d characters long: %s", length, s.lastLine())
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

// TestTheSummarySaysWhatTheLastLineSays: one place has the words, and both show
// them.
func TestTheSummarySaysWhatTheLastLineSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		diagnosis
		lines string // of the summary
	}{
		{diagnosis{name: "timed out", outcome: "timed-out", status: 124, inputs: []string{"timeout", "5m"}},
			"**Why:** the agent had not finished after 5m0s\n\n**Left behind:** the agent's run was cancelled: <URL>\n\n**Next step:** raise timeout, or give the agent a smaller task\n"},
		{diagnosis{name: "failed", plays: "error", outcome: "agent-error"},
			"**Why:** the agent failed, and Cursor gives no reason\n\n**Left behind:** nothing is left running: <URL>\n\n**Next step:** read its conversation there, and run the job again, which launches a new agent\n"},
		{diagnosis{name: "refused", faults: []simulator.Fault{refuse("createAgent", 403, "role_forbidden", "No.")}},
			"**Left behind:** nothing was launched\n\n**Next step:** use the key of a user whose role may launch cloud agents, or ask a team admin for that role; see command: doctor\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := test.run(t)
				want := strings.ReplaceAll(test.lines, "URL", s.outputs()["agent-url"])
				if !strings.Contains(s.summary(), want) {
					t.Errorf("the summary has no\n%s\n%s", want, s.summary())
				}
				said := s.lastLine()
				for line := range strings.Lines(want) {
					if _, words, found := strings.Cut(strings.TrimSpace(line), ":** "); found && !strings.Contains(said, strings.Trim(strings.ReplaceAll(words, "<", ""), ">")) {
						t.Errorf("the last line has no %q: %s", words, said)
					}
				}
			})
		})
	}
}
