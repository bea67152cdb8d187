package campaign_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// violation is a promise that was broken in a story.
type violation struct {
	rule string // its name, the same for all breaches
	text string // what happened
}

func (v violation) String() string { return v.rule + ": " + v.text }

// rule is one promise of the product.
type rule struct {
	name  string
	check func(history, func(format string, args ...any))
	of    []string // the commands that it binds; none: all
}

// rules are all promises that the campaign holds the program to.
func rules() []rule {
	launch := []string{launches}
	waits := []string{launches, followsUp, attaches}
	return append([]rule{
		{"no panic", nothingPanics, nil},
		{"one live run", oneLiveRun, launch},
		{"one agent per generation", oneAgentPerGeneration, launch},
		{"nothing created after the decision to end", nothingCreatedLate, launch},
		{"nothing left running", nothingLeftRunning, launch},
		{"the main stage ends its own", mainEndsItsOwn, launch},
		{"what is to go on goes on", leftRunsGoOn, waits},
		{"the outcome is true", outcomesAreTrue, launch},
		{"a bad end is taken once", badEndsAreTakenOnce, []string{launches, followsUp}},
		{"one correction", toldOnce, launch},
		{"a result of the form", resultsAreOfTheForm, launch},
		{"the limit of tokens is kept", budgetsAreKept, launch},
		{"the exit status follows the outcome", exitsFollow, waits},
		{"nothing wrong, nothing reported", goodDaysAreGood, launch},
		{"the runner reads the files", filesAreRead, nil},
		{"the agent's id is written at once", idsAreWritten, launch},
		{"an agent is announced", agentsAreAnnounced, launch},
		{"the log holds no foreign command", logsHoldNoCommand, nil},
		{"the log says it once", logsSayItOnce, nil},
		{"no secret is written", secretsAreKept, nil},
		{"an end in time", endsInTime, nil},
		{"an end is noticed", endsAreNoticed, waits},
		{"few requests", requestsAreFew, waits},
		{"a stream is resumed", streamsAreResumed, waits},
		{"Retry-After is honoured", hintsAreHonoured, nil},
	}, commandRules()...)
}

// judge holds a story against the promises.
func judge(h history) []violation {
	var found []violation
	for _, r := range h.plan.bound() {
		r.check(h, func(format string, args ...any) {
			found = append(found, violation{r.name, fmt.Sprintf(format, args...)})
		})
	}
	return found
}

// breaks reports whether a rule is among those that were broken.
func breaks(found []violation, rule string) bool {
	return slices.ContainsFunc(found, func(v violation) bool { return v.rule == rule })
}

// name is how a process is called in what the judge says.
func (p process) name() string { return fmt.Sprintf("%s of attempt %d", p.stage, p.attempt) }

// since is a moment as the time since the process began.
func (p process) since(at time.Time) string { return at.Sub(p.began).String() }

// outputs are what later steps see.
func (p process) outputs() map[string]string {
	values, _ := readFileCommand(p.files["GITHUB_OUTPUT"]) // what can't be read is a breach of its own
	return values
}

// sawRun is what a process was told about a run.
type sawRun struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Git    struct {
		Branches []branchSeen `json:"branches"`
	} `json:"git"`
	at time.Time
}

type branchSeen struct {
	PRURL string `json:"prUrl"`
}

// terminal reports whether the run had ended by itself.
func (s sawRun) ended() bool {
	return s.Status == "FINISHED" || s.Status == "ERROR" || s.Status == "EXPIRED"
}

// opened reports whether a pull request was there.
func (s sawRun) opened() bool {
	return slices.ContainsFunc(s.Git.Branches, func(b branchSeen) bool { return b.PRURL != "" })
}

// last is the last call of a kind, nil when there is none.
func (p process) last(op string) *call {
	for i := range slices.Backward(p.calls) {
		if p.calls[i].op == op {
			return &p.calls[i]
		}
	}
	return nil
}

// run is the truth about a run, nil when there is none.
func (h history) run(id string) *simulator.RunState {
	for _, a := range h.agents {
		for i := range a.Runs {
			if a.Runs[i].ID == id {
				return &a.Runs[i]
			}
		}
	}
	return nil
}

// born is an agent with the request that made it.
type born struct {
	simulator.AgentState
	attempt int
	asked   time.Time
}

// works are the agents by the piece of work that they are for, in the order of
// their births. All attempts are for one, unless each was to have its own.
func (h history) works() map[int][]born {
	works := map[int][]born{}
	for _, a := range h.agents {
		b := born{AgentState: a}
		for _, r := range h.requests {
			if r.Op == "createAgent" && r.AgentID == a.ID {
				b.asked, b.attempt = r.At, attemptOf(r)
			}
		}
		work := 0
		if h.plan.inputs["on-rerun"] == "new" {
			work = b.attempt
		}
		works[work] = append(works[work], b)
	}
	return works
}

// attemptOf is the attempt whose process sent a request, by its User-Agent.
func attemptOf(r simulator.Request) int {
	var n int
	_, name, _ := strings.Cut(r.UserAgent, "/")
	if _, err := fmt.Sscanf(name, "%d-", &n); err != nil {
		return 0
	}
	return n
}

// requestsOf are the server's records of what a process sent.
func (h history) requestsOf(p process) []simulator.Request {
	var own []simulator.Request
	for _, r := range h.requests {
		if strings.HasSuffix(r.UserAgent, "/"+version(p.attempt, p.stage)) {
			own = append(own, r)
		}
	}
	return own
}
