package campaign_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// realStory is a story of real processes in real time.
type realStory struct {
	name     string
	inputs   map[string]string // beside those of every story
	lasts    time.Duration     // the agent's work; 0 means a moment
	attempts []realAttempt
	want     string        // the outcome of the last attempt, "" for succeeded
	missed   *atomic.Int64 // counts the hits that found no place
	patient  bool          // a cleanup stage that has nothing to find runs too, and looks for 15 s
}

// realAttempt is one run of the job with real processes.
type realAttempt struct {
	hits    []hit // on the main stage
	trace   *trace
	deaf    deafness // of both stages
	cleanup bool
	handsOn bool  // the runner hands the saved state to the cleanup stage
	later   []hit // on the cleanup stage
}

// aMoment is how long an agent works where nothing else is said: long enough to
// be at work still when the stages after a kill come.
const aMoment = 800 * time.Millisecond

// plan is the story as the judge knows stories.
func (s realStory) plan() plan {
	lasts := s.lasts
	if lasts == 0 {
		lasts = aMoment
	}
	p := plan{
		seed: 7,
		scenario: simulator.Scenario{
			CreateDelay: 100 * time.Millisecond,
			Steps: []simulator.Step{
				{Text: "Looking at the test.", Takes: 20 * time.Millisecond},
				{Tool: "read", Args: map[string]string{"path": "shop_test.go"}, Result: "1 file", Takes: 20 * time.Millisecond},
				{Text: "It is fixed.", Takes: 20 * time.Millisecond},
			},
			Duration:    lasts,
			Branch:      "auto",
			PullRequest: simulator.PullRequest{Open: true},
			Usage:       simulator.Usage{Input: 1200, Output: 340},
			Artifacts:   []simulator.Artifact{{Path: "artifacts/report.txt", Content: "all green\n"}},
		},
		inputs: map[string]string{"create-pr": "true", "timeout": "30s", "artifacts": "found"},
	}
	maps.Copy(p.inputs, s.inputs)
	if p.command() == followsUp {
		p.cast, p.ends = []member{{by: person, acts: brief, createPR: true, then: 3 * time.Second}}, "FINISHED"
	}
	for _, a := range s.attempts {
		p.attempts = append(p.attempts, attempt{blows: asBlows(a.hits), cleanup: a.cleanup, handsOn: a.handsOn, later: asBlows(a.later)})
	}
	return p
}

func asBlows(hits []hit) []blow {
	var blows []blow
	for _, h := range hits {
		blows = append(blows, blow{kind: blowKind(spelled(h.signal)), at: moment{kind: momentKind(h.at.what + " " + string(h.at.phase)), n: h.at.n}})
	}
	return blows
}

// tellReal tells a story with real processes, and returns what was wrong about
// it.
func tellReal(t *testing.T, binary string, s realStory) (history, []string) {
	t.Helper()
	p := s.plan()
	api := simulator.New(simulator.Config{Scenario: p.staged()})
	t.Cleanup(api.Close)
	page := &http.Client{Transport: api.Transport()}
	defer page.CloseIdleConnections()
	h := history{plan: p, cast: p.enter(t, api, page, nil)}
	p = p.naming(h.cast)
	var wrong []string
	breach := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	run := func(attempt int, stage stage, o orders) process {
		left, strange := startReal(t, binary, api, newProcess(t, api, p, attempt, stage), o).wait()
		for _, text := range strange {
			breach("the %s: %s", left.name(), text)
		}
		if len(left.struck) != len(o.hits) {
			s.missed.Add(1)
			t.Logf("the %s was struck by %v and not by %v", left.name(), left.struck, o.hits)
		}
		if o.deaf == deafToStdout && stage == mainStage && !(strings.HasPrefix(left.log, "cursor-agent-action: write log: ") && strings.Contains(left.log, "write /dev/stdout: broken pipe")) {
			breach("the %s says %q on stderr", left.name(), left.log)
		}
		h.processes = append(h.processes, left)
		return left
	}
	for i, a := range s.attempts {
		before := api.Agents()
		left := run(i+1, mainStage, orders{hits: a.hits, trace: a.trace, deaf: a.deaf})
		if len(a.hits) == 0 && p.command() == launches {
			s.takesWhatIsThere(before, left, breach)
		}
		if a.cleanup && !(len(api.Agents()) == 0 && (left.killed || !a.handsOn) && !s.patient) {
			var state map[string]string
			if a.handsOn {
				state, _ = readFileCommand(left.files["GITHUB_STATE"]) // the judge reads it too
			}
			// One that was killed is repeated, by the job's next attempt.
			if cleanup := run(i+1, cleanupStage, orders{state: state, hits: a.later, deaf: a.deaf}); !cleanup.killed {
				if live := liveRuns(api); len(live) > 0 || cleanup.exit != 0 {
					breach("the %s ended with %d, and these runs are live: %v", cleanup.name(), cleanup.exit, live)
				}
			}
		}
		h.processes[len(h.processes)-1].lived = liveRuns(api)
	}
	h.agents, h.requests = api.Agents(), api.Requests()
	s.endsWell(h, breach)
	for _, v := range judge(h) {
		wrong = append(wrong, v.String())
	}
	return h, wrong
}

// takesWhatIsThere: an attempt that nothing strikes takes the agent that is at
// work or has finished, and launches one only when there is none.
func (s realStory) takesWhatIsThere(before []simulator.AgentState, left process, breach func(string, ...any)) {
	use := slices.IndexFunc(before, func(a simulator.AgentState) bool {
		return a.Runs[0].EndedAt.IsZero() || a.Runs[0].Status == "FINISHED"
	})
	switch attached, id := left.outputs()["attached"], left.outputs()["agent-id"]; {
	case use < 0 && attached != "false":
		breach("the %s did not launch an agent of its own: attached %q", left.name(), attached)
	case use >= 0 && (attached != "true" || id != before[use].ID):
		breach("the %s has agent %s, attached %q, though agent %s was there", left.name(), id, attached, before[use].ID)
	}
}

// endsWell: what the kills left does not keep the last attempt from the work,
// and one agent's work is paid for to its end, not more.
func (s realStory) endsWell(h history, breach func(string, ...any)) {
	want := s.want
	if want == "" {
		want = "succeeded"
	}
	for i := len(h.processes) - 1; i >= 0; i-- {
		if last := h.processes[i]; last.stage == mainStage {
			if got := last.outputs()["outcome"]; got != want {
				breach("the %s says %q, not %q", last.name(), got, want)
			}
			break
		}
	}
	finished := 0
	for _, sent := range h.sends() {
		switch run := sent.run; {
		case run.EndedAt.IsZero():
			breach("run %s is live at the end", run.ID)
		case run.Status == "FINISHED":
			finished++
		}
	}
	if finished > 1 || finished == 0 && want == "succeeded" {
		breach("%d runs have done the work", finished)
	}
}

// told is a story that went wrong, for a person.
func (s realStory) told(h history, wrong []string) string {
	return fmt.Sprintf("  %s\n%s%s", strings.Join(wrong, "\n  "), h.plan, h.timeline())
}
