package campaign_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// plan is all that a seed decides: what the agent does, what the step was asked
// to do, what goes wrong, and when. It is data, so that it can be printed, and
// played again with parts of it left out.
type plan struct {
	seed     uint64
	scenario simulator.Scenario // its Faults and Streams are the schedule of faults
	newer    bool               // the server answers as newer ones do
	clock    time.Duration      // how far the server's clock is ahead
	inputs   map[string]string
	outages  []outage
	rate     int     // requests per minute and operation that the server takes; 0 is any number
	visits   []visit // of somebody who works on Cursor's pages
	attempts []attempt
	cast     []member      // the agents that are there when the first attempt begins
	longest  time.Duration // how long they are at the long act
	ends     string        // the status in which their runs end; "" is FINISHED
	hub      hub           // what GitHub says of workflow runs; nil for those who do not ask it
	happens  *happening    // at GitHub, which the steps are told of; nil for a push that brings no token
}

// outage is a time in which the server is away: connections break, new ones are
// refused. One that lasts for 0 is a restart.
type outage struct {
	after, lasts time.Duration // after is from the start of the story
}

// attempt is one run of the job: its step, and the cleanup stage after it.
type attempt struct {
	after    time.Duration // since the end of the attempt before
	blows    []blow        // what strikes the main stage
	cleanup  bool
	handsOn  bool          // the runner hands the saved state to the cleanup stage
	lateness time.Duration // of the cleanup stage, since the end of the main one
	later    []blow        // what strikes the cleanup stage
}

// visit is what somebody does to every agent there is, on Cursor's own pages.
type visit struct {
	after time.Duration // from the start of the story
	deed  deed
}

type deed string

const (
	cancels  deed = "cancels"
	deletes  deed = "deletes"
	archives deed = "archives"
	followUp deed = "follows up"
)

// blow is one thing that strikes a process.
type blow struct {
	kind  blowKind
	at    moment
	lasts time.Duration // of the network's absence
}

type blowKind string

const (
	sigkill blowKind = "SIGKILL"      // no instruction more; its connections break
	sigterm blowKind = "SIGTERM"      // its context ends
	sigint  blowKind = "SIGINT"       // likewise
	netGone blowKind = "network gone" // connections break, new ones are refused
	netMute blowKind = "network mute" // connections break, new ones hang
	refused blowKind = "refused"      // connections break, and nobody listens any more
)

// network reports whether the process is cut off for a while.
func (k blowKind) network() bool { return k == netGone || k == netMute || k == refused }

// signal reports whether the program is told to end.
func (k blowKind) signal() bool { return k == sigterm || k == sigint }

// moment says when a blow strikes: after a time, or at the n-th of something
// that the process does.
type moment struct {
	kind  momentKind
	after time.Duration // atTime
	n     int           // the others, from 1
}

type momentKind string

const (
	atTime    momentKind = "time"
	atRequest momentKind = "request" // it is about to be sent
	atAnswer  momentKind = "answer"  // its header has come, the program does not know yet
	atRead    momentKind = "read"    // its body was read
	atLine    momentKind = "line"    // the log is about to be written
	atPiece   momentKind = "piece"   // it has been written into one of the runner's files, and nothing after it
)

func (m moment) String() string {
	if m.kind == atTime {
		return "after " + m.after.String()
	}
	return fmt.Sprintf("at %s %d", m.kind, m.n)
}

func (b blow) String() string {
	text := fmt.Sprintf("%s %s", b.kind, b.at)
	if b.lasts > 0 {
		text += " for " + b.lasts.String()
	}
	return text
}

// harmless reports whether nothing at all goes wrong in the plan.
func (p plan) harmless() bool {
	s := p.scenario
	quiet := len(s.Faults)+len(s.Streams)+len(p.outages)+len(p.visits) == 0 && s.Lag == 0 && p.rate == 0 && !s.NoConversation && s.ConversationLag == 0
	for _, told := range s.Variants {
		quiet = quiet && len(told.Faults) == 0
	}
	for _, a := range p.attempts {
		quiet = quiet && len(a.blows) == 0
	}
	return quiet
}

// asked reports whether an input that is true or false is true.
func (p plan) asked(input string) bool { return p.inputs[input] == "true" }

// waits reports whether the step waits for the agent's end.
func (p plan) waits() bool { return p.inputs["wait"] != "false" }

// leaves reports whether a run may outlive the step's time.
func (p plan) leaves() bool { return p.inputs["on-timeout"] == "leave" }

// timeout is how long the step waits in all.
func (p plan) timeout() time.Duration { return p.duration("timeout", time.Hour) }

// poll is the shortest wait between two looks.
func (p plan) poll() time.Duration { return p.duration("poll-interval", 10*time.Second) }

func (p plan) duration(input string, byDefault time.Duration) time.Duration {
	d, err := time.ParseDuration(p.inputs[input])
	if err != nil {
		return byDefault
	}
	return d
}

// String is the plan for a person who looks for what went wrong.
func (p plan) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }
	s := p.scenario
	line("agent: CREATING for %s, then %d steps and at least %s, ends as %q, branch %q, pull request %t after %s",
		s.CreateDelay, len(s.Steps), s.Duration, s.Status, s.Branch, s.PullRequest.Open, s.PRAfter)
	line("server: newer %t, clock %s ahead, %d requests a minute, lag %s, cancel %+v, retention %s, account %+v", p.newer, p.clock, p.rate, s.Lag, s.Cancel, s.Retention, s.Account)
	if s.NoConversation || s.ConversationLag > 0 {
		line("conversation: missing %t, %s late", s.NoConversation, s.ConversationLag)
	}
	for _, told := range s.Variants {
		for _, fault := range told.Faults {
			line("when told, fault: %s", describe(fault))
		}
		line("answers %q, and when told what is wrong: CREATING for %s, at least %s, ends as %q with %q", s.Result, told.CreateDelay, told.Duration, told.Status, told.Result)
	}
	for _, name := range slices.Sorted(maps.Keys(p.inputs)) {
		line("input %s: %q", name, p.inputs[name])
	}
	for _, fault := range s.Faults {
		line("fault: %s", describe(fault))
	}
	for _, fault := range s.Streams {
		line("stream: %s", describeStream(fault))
	}
	for _, outage := range p.outages {
		line("server away after %s for %s", outage.after, outage.lasts)
	}
	for _, visit := range p.visits {
		line("somebody %s all agents after %s", visit.deed, visit.after)
	}
	for _, id := range slices.Sorted(maps.Keys(p.hub)) {
		line("GitHub says of workflow run %d: %s", id, p.hub[id])
	}
	if e := p.happens; e != nil {
		line("at GitHub: %s", e)
		for _, fault := range e.faults {
			line("GitHub's fault: %s", describeAtGitHub(fault))
		}
		for _, outage := range e.outages {
			line("GitHub away after %s for %s", outage.after, outage.lasts)
		}
	}
	for i, m := range p.cast {
		line("agent %d: %s", i, m)
	}
	for i, a := range p.attempts {
		line("attempt %d, %s later: %v; cleanup %t, %s later, with state %t: %v", i+1, a.after, a.blows, a.cleanup, a.lateness, a.handsOn, a.later)
	}
	return b.String()
}

// describe is a fault as it was meant, without what is not set.
func describe(f simulator.Fault) string {
	var b strings.Builder
	operation := f.Operation
	if operation == "" {
		operation = "any operation"
	}
	fmt.Fprintf(&b, "%s, %s:", operation, describeWhen(f.When))
	if f.Delay > 0 {
		fmt.Fprintf(&b, " late by %s", f.Delay)
	}
	if f.DelayAnswer > 0 {
		fmt.Fprintf(&b, " answered late by %s", f.DelayAnswer)
	}
	if f.Reset != "" {
		fmt.Fprintf(&b, " reset %s it is carried out", f.Reset)
	}
	if f.Down > 0 {
		fmt.Fprintf(&b, " and the server away for %s", f.Down)
	}
	if f.Says != "" {
		fmt.Fprintf(&b, " a live run is said to be %s", f.Says)
	}
	if f.Stale > 0 {
		fmt.Fprintf(&b, " answered as %d changes ago", f.Stale)
	}
	if f.Cut != nil {
		fmt.Fprintf(&b, " answer cut after %d bytes", *f.Cut)
	}
	if f.Answer != nil {
		fmt.Fprintf(&b, " answer %d %s %q shape %q retry-after %q carried out %t body %q",
			f.Answer.Status, f.Answer.Code, f.Answer.Message, f.Answer.Shape, f.Answer.RetryAfter, f.CarriedOut, f.Answer.Body)
	}
	return b.String()
}

func describeStream(f simulator.StreamFault) string {
	return fmt.Sprintf("%s on %s, after %d events and %s, %d bytes, %d events, status %q",
		f.Do, describeWhen(f.When), f.AfterEvents, f.After, f.Bytes, f.Events, f.Status)
}

func describeWhen(w simulator.When) string {
	var parts []string
	if len(w.At) > 0 {
		parts = append(parts, fmt.Sprintf("number %v", w.At))
	}
	if w.Skip > 0 {
		parts = append(parts, fmt.Sprintf("not the first %d", w.Skip))
	}
	if w.First > 0 {
		parts = append(parts, fmt.Sprintf("%d of them", w.First))
	}
	if w.Every > 0 {
		parts = append(parts, fmt.Sprintf("every %d.", w.Every))
	}
	if w.Probability > 0 {
		parts = append(parts, fmt.Sprintf("one in %.0f", 1/w.Probability))
	}
	if len(parts) == 0 {
		return "always"
	}
	return strings.Join(parts, ", ")
}
