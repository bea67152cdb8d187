package forgetest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// When chooses among the requests that a fault is about. They are counted from
// 1, and each condition that is set must hold. Without any condition all are
// chosen.
type When struct {
	At    []int // these numbers
	Skip  int   // not the first Skip; First and Every count from there
	First int   // not more than so many
	Every int   // every so-manieth
}

func (w When) chooses(n int) bool {
	if len(w.At) > 0 && !slices.Contains(w.At, n) {
		return false
	}
	n -= w.Skip
	return n >= 1 && (w.First == 0 || n <= w.First) && (w.Every == 0 || n%w.Every == 0)
}

// Fault is a rule about requests: which ones, and what goes wrong. Of the rules
// that choose a request the first one applies.
type Fault struct {
	// Operation is the operation that is meant, as [Request].Op names it; "" means
	// all.
	Operation string

	// Token, when set, means requests that bring this token only; Path those
	// whose path holds this text.
	Token string
	Path  string

	When

	// Delay passes before the request is carried out, DelayAnswer afterwards.
	Delay       time.Duration
	DelayAnswer time.Duration

	// Reset cuts the connection without an answer: "before" the request is
	// carried out, or "after" it, which loses the answer. Down, beside it, takes
	// the hub away from then on for so long.
	Reset string
	Down  time.Duration

	// User makes the answer about a user's permission one about another user.
	User string

	// Redirect sends the client to another address instead, with the same path
	// and query when it is a host alone, such as https://evil.example.
	Redirect string

	// Answer is given instead of the request being carried out, or, with
	// CarriedOut, instead of its own answer.
	Answer     *Answer
	CarriedOut bool

	// Cut, when set, ends the connection after so many bytes of the answer's
	// body.
	Cut *int
}

// The places at which a fault may reset a connection.
const (
	resetBefore = "before"
	resetAfter  = "after"
)

// Answer is what a fault answers.
type Answer struct {
	Status  int
	Message string // "" is the status's own text

	// Shape is what is answered: "" is an error of the API; "html" a gateway's
	// page; "empty" nothing; "rate-limit" that the hour's requests are used up,
	// until RetryAfter has passed; "secondary-limit" that requests come too fast.
	// The limits have the status 403 unless Status says otherwise.
	Shape string

	// RetryAfter is the number of seconds for the Retry-After header; with the
	// shape rate-limit for X-RateLimit-Reset instead.
	RetryAfter int

	Headers map[string]string

	// Body, when set, is the body itself, whatever the shape.
	Body string
}

// rule is a fault and how many requests it has counted.
type rule struct {
	Fault
	seen int
}

// SetFaults replaces the rules of what goes wrong. They count from now on.
func (h *Hub) SetFaults(faults ...Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rules = nil
	for _, f := range faults {
		h.rules = append(h.rules, rule{Fault: f})
	}
}

// faultOf counts the request for every rule that is about it, and returns the
// first that chooses it.
func (h *Hub) faultOf(x *exchange) *Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found *Fault
	for i := range h.rules {
		r := &h.rules[i]
		if r.Operation != "" && r.Operation != x.record.Op || r.Token != "" && r.Token != x.record.Token || !strings.Contains(x.record.Path, r.Path) {
			continue
		}
		r.seen++
		if found == nil && r.chooses(r.seen) {
			found = new(r.Fault)
		}
	}
	if found != nil {
		x.record.Fault = found.String()
	}
	return found
}

// String names the fault, such as "reset after, down", "answer 403
// (secondary-limit)" or "delay".
func (f *Fault) String() string {
	var parts []string
	for _, part := range []struct {
		holds bool
		text  string
	}{
		{f.Delay > 0 || f.DelayAnswer > 0, "delay"},
		{f.Reset != "", "reset " + f.Reset},
		{f.Down > 0, "down"},
		{f.User != "", "user " + f.User},
		{f.Redirect != "", "redirect " + f.Redirect},
		{f.CarriedOut, "carried out"},
	} {
		if part.holds {
			parts = append(parts, part.text)
		}
	}
	if f.Answer != nil {
		text := fmt.Sprintf("answer %d", f.Answer.status())
		if f.Answer.Shape != "" {
			text += " (" + f.Answer.Shape + ")"
		}
		parts = append(parts, text)
	}
	if f.Cut != nil {
		parts = append(parts, fmt.Sprintf("cut after %d bytes", *f.Cut))
	}
	return strings.Join(parts, ", ")
}

func (a *Answer) status() int {
	if a.Status == 0 && strings.HasSuffix(a.Shape, "-limit") {
		return http.StatusForbidden
	}
	return cmp.Or(a.Status, http.StatusOK)
}

// faulty is the answer that a rule wants. It never is JSON by accident: what
// the rule says is sent as it is.
func (x *exchange) faulty(want *Answer) answer {
	status := want.status()
	made := x.problem(status, cmp.Or(want.Message, http.StatusText(status)))
	switch want.Shape {
	case "html":
		made = answer{contentType: "text/html", raw: fmt.Appendf(nil, "<html><head><title>%d %s</title></head><body>Unicorn!</body></html>\n", status, http.StatusText(status))}
	case "empty":
		made = answer{}
	case "rate-limit":
		made = x.primaryLimit(status)
		made.set("X-RateLimit-Remaining", "0")
		made.set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Duration(want.RetryAfter)*time.Second).Unix(), 10))
	case "secondary-limit":
		made = x.secondaryLimit(status)
	}
	if want.RetryAfter > 0 && want.Shape != "rate-limit" {
		made.set("Retry-After", strconv.Itoa(want.RetryAfter))
	}
	if want.Body != "" {
		made.body, made.raw = nil, []byte(want.Body)
		made.contentType = cmp.Or(made.contentType, "application/json; charset=utf-8")
	}
	for name, value := range want.Headers {
		made.set(name, value)
	}
	made.status = status
	return made
}
