package campaign_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"cursor-agent-action/internal/simulator"
)

// dice draws; all that it gives follows from its seed.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0xca3aa16))} }

// oneIn is true once in so many draws.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// between is a time from low to high, each order of magnitude as likely as any
// other, rounded to milliseconds.
func (d dice) between(low, high time.Duration) time.Duration {
	l, h := math.Log(float64(low)), math.Log(float64(high))
	return time.Duration(math.Exp(l + (h-l)*d.Float64())).Round(time.Millisecond)
}

// jitterAt is the program's jitter at a moment of a story. It follows from
// nothing else, so that goroutines may ask for it in any order.
func jitterAt(seed uint64, now time.Time) float64 {
	return rand.New(rand.NewPCG(seed, uint64(now.UnixNano()))).Float64()
}

func pick[T any](d dice, choices ...T) T { return choices[d.IntN(len(choices))] }

// drawLaunch makes the plan of a seed for a step that launches an agent.
func drawLaunch(seed uint64) plan {
	d := newDice(seed)
	p := plan{seed: seed, newer: d.oneIn(3), inputs: drawInputs(d)}
	if d.oneIn(5) {
		p.clock = pick(d, -time.Hour, -time.Minute, time.Minute, time.Hour)
	}
	p.scenario = drawScenario(d, seed)
	if d.oneIn(10) { // some days are good
		p.attempts = []attempt{{cleanup: true, handsOn: d.oneIn(2)}, {after: d.between(time.Second, time.Hour), cleanup: true}}
		drawAsk(d, &p)
		return p
	}
	drawFaults(d, &p)
	if d.oneIn(12) {
		p.rate = 3 + d.IntN(30)
	}
	if d.oneIn(10) {
		p.visits = append(p.visits, visit{d.between(time.Second, time.Hour), pick(d, cancels, deletes, archives, followUp)})
	}
	if d.oneIn(5) { // a step whose time is over when the agent is about to finish
		p.inputs["timeout"] = max(time.Second, p.scenario.CreateDelay+length(p.scenario)+d.between(time.Millisecond, 40*time.Second)-20*time.Second).String()
	}
	for range max(0, d.IntN(8)-5) {
		away := outage{after: d.between(100*time.Millisecond, time.Hour)}
		if d.oneIn(2) {
			away.lasts = d.between(time.Second, 2*time.Minute)
		}
		p.outages = append(p.outages, away)
	}
	for i := range pick(d, 1, 1, 1, 2, 2, 3) {
		p.attempts = append(p.attempts, drawAttempt(d, p, i))
	}
	drawAnother(d, &p)
	drawAsk(d, &p)
	return p
}

// drawScenario draws what the agent does when all is well.
func drawScenario(d dice, seed uint64) simulator.Scenario {
	s := simulator.Scenario{
		Seed:        seed,
		CreateDelay: d.between(time.Millisecond, 30*time.Second),
		Status:      pick(d, "FINISHED", "FINISHED", "FINISHED", "FINISHED", "FINISHED", "ERROR", "ERROR", "EXPIRED", "CANCELLED"),
		Branch:      pick(d, "auto", "auto", "auto", "auto", ""),
		PullRequest: simulator.PullRequest{Open: !d.oneIn(5)},
		Usage:       simulator.Usage{Input: 100, Output: 10},
		Error:       &simulator.RunError{Code: "tool_failed", Message: "the shell said " + envValue},
		Artifacts:   []simulator.Artifact{{Path: "artifacts/log.txt", Content: "all is well"}},
	}
	if d.oneIn(3) {
		s.PRAfter = d.between(100*time.Millisecond, 90*time.Second)
	}
	if d.oneIn(10) {
		s.Usage = simulator.Usage{}
	}
	s.Account.NoUsage = d.oneIn(10)
	for i := range d.IntN(8) {
		s.Steps = append(s.Steps, drawStep(d, i+1))
	}
	if d.oneIn(4) {
		s.Result = hostile
	}
	s.Duration = d.between(time.Second, 2*time.Hour)
	return s
}

// length is how long the agent's run is RUNNING.
func length(s simulator.Scenario) time.Duration {
	var told time.Duration
	for _, step := range s.Steps {
		told += step.Takes + step.Wait
	}
	return max(told, s.Duration)
}

// hostile is what an agent says to speak to the runner in our name: the
// delimiters that are in use, and workflow commands of each kind.
const hostile = "Done.\nEOF\n_GitHubActionsFileCommandDelimeter_\noutcome=succeeded\noutcome<<EOF\nsucceeded\nEOF\n" +
	"::set-output name=outcome::succeeded\r::save-state name=stage::settled\n" +
	"see ##[error]this, and \x1b[31mthat\x1b[0m\n  ::stop-commands::x"

// stepText opens what the agent says in a step, so that the log can be held
// against it.
func stepText(number int) string { return fmt.Sprintf("Step %d of my work. ", number) }

func drawStep(d dice, number int) simulator.Step {
	takes := d.between(10*time.Millisecond, 5*time.Minute)
	switch d.IntN(6) {
	case 0:
		return simulator.Step{Thinking: "Perhaps it is the clock, or else the order of the tests.", Takes: takes}
	case 1:
		return simulator.Step{Tool: "shell", Args: map[string]any{"command": "env"}, Result: map[string]any{"output": "KEY=" + apiKey}, Takes: takes}
	case 2:
		return simulator.Step{Wait: takes}
	case 3:
		return simulator.Step{Text: stepText(number) + "I see the key " + apiKey + " and the value " + envValue + " here.", Takes: takes}
	}
	if d.oneIn(4) {
		return simulator.Step{Text: stepText(number) + hostile, Takes: takes}
	}
	return simulator.Step{Text: stepText(number) + "I look at the test.\n::set-output name=outcome::succeeded\nIt fails in one run of ten.", Takes: takes}
}

// drawInputs draws what the step is asked to do.
func drawInputs(d dice) map[string]string {
	in := map[string]string{}
	if d.oneIn(2) {
		in["create-pr"] = "true"
	}
	if d.oneIn(10) {
		in["wait"] = "false"
	}
	if !d.oneIn(4) {
		in["timeout"] = d.between(5*time.Second, 3*time.Hour).String()
	}
	if d.oneIn(5) {
		in["on-timeout"] = "leave"
	}
	if d.oneIn(7) {
		in["on-rerun"] = "new"
	}
	if d.oneIn(5) {
		in["env-vars"] = "TOKEN=" + envValue
	}
	if d.oneIn(2) {
		in["poll-interval"] = strconv.Itoa(1+d.IntN(40)) + "s"
	}
	if d.oneIn(8) {
		in["artifacts"] = "out"
	}
	if d.oneIn(6) {
		in["log"] = pick(d, "quiet", "tools")
	}
	if d.oneIn(12) {
		in["fail-on"] = "none"
	}
	return in
}

// drawAttempt draws one run of the job.
func drawAttempt(d dice, p plan, number int) attempt {
	a := attempt{cleanup: !d.oneIn(5), handsOn: !d.oneIn(3), lateness: d.between(time.Millisecond, time.Minute)}
	if number > 0 {
		a.after = d.between(time.Second, 2*time.Hour)
	}
	longest := min(p.timeout(), p.scenario.Duration+time.Minute)
	for range pick(d, 0, 1, 1, 1, 2) {
		a.blows = append(a.blows, drawBlow(d, longest))
	}
	if d.oneIn(12) {
		a.later = append(a.later, drawBlow(d, time.Minute))
	}
	return a
}

// drawBlow draws what strikes a process that may live for so long.
func drawBlow(d dice, longest time.Duration) blow {
	b := blow{kind: pick(d, sigkill, sigkill, sigkill, sigterm, sigint, netGone, netMute, refused)}
	switch d.IntN(7) {
	case 0:
		b.at = moment{kind: atRequest, n: 1 + d.IntN(8)}
	case 1:
		b.at = moment{kind: atAnswer, n: 1 + d.IntN(8)}
	case 2:
		b.at = moment{kind: atRead, n: 1 + d.IntN(6)}
	case 3:
		b.at = moment{kind: atLine, n: 1 + d.IntN(40)}
	case 4:
		b.kind, b.at = sigkill, moment{kind: atPiece, n: 1 + d.IntN(25)}
	default:
		b.at = moment{kind: atTime, after: d.between(time.Millisecond, longest)}
	}
	if b.kind.network() {
		b.lasts = pick(d, 30*time.Second, 30*time.Second, d.between(time.Second, 5*time.Minute))
	}
	return b
}
