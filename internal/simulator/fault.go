package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// When chooses among the requests that a rule is about. They are counted from
// 1, and each condition that is set must hold. Without any condition all are
// chosen.
type When struct {
	At          []int   `yaml:"at"`          // these numbers
	Skip        int     `yaml:"skip"`        // not the first Skip; First and Every count from there
	First       int     `yaml:"first"`       // not more than so many
	Every       int     `yaml:"every"`       // every so-manieth
	Probability float64 `yaml:"probability"` // drawn from the scenario's seed; 0 means always
}

// chooses reports whether the n-th request is meant. The draw depends on
// nothing but the arguments, so that a seed gives the same faults whatever the
// order in which requests arrive.
func (w When) chooses(n int, seed uint64, rule int) bool {
	if len(w.At) > 0 && !slices.Contains(w.At, n) {
		return false
	}
	n -= w.Skip
	if n < 1 || w.First > 0 && n > w.First || w.Every > 0 && n%w.Every != 0 {
		return false
	}
	if w.Probability == 0 {
		return true
	}
	return rand.New(rand.NewPCG(seed, uint64(rule)<<32|uint64(n))).Float64() < w.Probability
}

// Fault is a rule about requests: which ones, and what goes wrong. Of the
// rules that choose a request the first one applies.
type Fault struct {
	// Operation is the specification's name of the requests that are meant,
	// such as createAgent or getRun, with V0 after it for those of version 0, such
	// as createAgentV0, or readStorage for downloads; "" means all.
	Operation string `yaml:"operation"`

	// Key, when set, means requests that bring this API key only.
	Key string `yaml:"key"`

	// When chooses among them; PerAgent counts each agent's requests for
	// themselves.
	When     `yaml:",inline"`
	PerAgent bool `yaml:"per-agent"`

	// Delay passes before the request is looked at, DelayAnswer after it was
	// carried out.
	Delay       time.Duration `yaml:"delay"`
	DelayAnswer time.Duration `yaml:"delay-answer"`

	// Reset cuts the connection without an answer: "before" the request is
	// carried out, or "after" it, which loses the answer.
	Reset string `yaml:"reset"`

	// Down, beside Reset, takes the whole server away from then on for so long:
	// every connection breaks, and new ones are refused; see [Server.TakeDown].
	Down time.Duration `yaml:"down"`

	// Stale makes the answers about runs that many changes old: a run changes
	// when it is made, starts, ends, and when its pull request shows.
	Stale int `yaml:"stale"`

	// Says is the status that answers about a live run give it, such as one that
	// no specification names.
	Says string `yaml:"says"`

	// Answer is given instead of the request being carried out, or, with
	// CarriedOut, instead of its own answer.
	Answer     *Answer `yaml:"answer"`
	CarriedOut bool    `yaml:"carried-out"`

	// Cut, when set, ends the connection after so many bytes of the answer's
	// body. Streams have faults of their own.
	Cut *int `yaml:"cut"`
}

// The places at which a fault may reset a connection.
const (
	resetBefore = "before"
	resetAfter  = "after"
)

// Answer is what a fault answers.
type Answer struct {
	Status  int    `yaml:"status"`
	Code    string `yaml:"code"`
	Message string `yaml:"message"`

	// Shape is how code and message are put: "" as the specification does,
	// flat as 401 answers do, connect as a service behind the API does, text as
	// API v0 does, html as a gateway does, empty not at all.
	Shape string `yaml:"shape"`

	// RetryAfter is the number of seconds for the Retry-After header, or, in
	// the connect shape, inside the body.
	RetryAfter string `yaml:"retry-after"`

	Headers map[string]string `yaml:"headers"`

	// Body, when set, is the body itself, whatever the shape.
	Body string `yaml:"body"`
}

// String names the answer, such as "answer 429 resource_exhausted (connect),
// retry after 60".
func (a *Answer) String() string {
	text := fmt.Sprintf("answer %d", a.Status)
	if a.Code != "" {
		text += " " + a.Code
	}
	if a.Shape != "" {
		text += " (" + a.Shape + ")"
	}
	if a.RetryAfter != "" {
		text += ", retry after " + a.RetryAfter
	}
	return text
}

// faultKey names a counter: one for each rule, or for each rule and agent.
type faultKey struct {
	scenario *Scenario
	rule     int
	agent    string
}

// faultOf returns what goes wrong with the request, or nil. The rules are those
// of the scenario of the run or agent that it is about, of the prompt that it
// brings, or else of the server.
func (s *Server) faultOf(x *exchange, at route) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	scenario, prompt := s.scenario, x.sent.Prompt.Text
	a := s.agent(x.params["id"])
	switch {
	case at.body:
		scenario = s.scenarioFor(prompt)
	case a == nil:
	default:
		r := a.run(x.params["runId"])
		if r == nil {
			r = a.latest()
		}
		scenario, prompt = r.scenario, r.prompt.Text
	}
	if a == nil {
		a = &agent{id: nobody, request: x.sent}
		if isAgentID(x.sent.AgentID) {
			a.id = x.sent.AgentID
		}
	}
	rule := s.chooseFault(scenario, at.op, x.key, a.id)
	if rule == nil || rule.Answer == nil {
		return rule
	}
	f := *rule
	f.Answer = new(*rule.Answer)
	f.Answer.Message = s.words(a, prompt, scenario).Replace(f.Answer.Message)
	return &f
}

// nobody stands for the id of an agent that a fault kept from being created.
const nobody = "bc-00000000-0000-0000-0000-000000000000"

// chooseFault counts the request for every rule of the scenario that is about
// it, and returns the first rule that chooses it. The caller holds s.mu.
func (s *Server) chooseFault(scenario *Scenario, op, key, agentID string) *Fault {
	var found *Fault
	for i := range scenario.Faults {
		f := &scenario.Faults[i]
		if f.Operation != "" && f.Operation != op || f.Key != "" && f.Key != key {
			continue
		}
		counter := faultKey{scenario: scenario, rule: i}
		if f.PerAgent {
			counter.agent = agentID
		}
		s.hits[counter]++
		if found == nil && f.chooses(s.hits[counter], scenario.Seed, i) {
			found = f
		}
	}
	return found
}
