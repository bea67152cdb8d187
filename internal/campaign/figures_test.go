package campaign_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cursor-agent-action/internal/part"
)

// figures count what a campaign went through. Several workers add to them.
type figures struct {
	mu        sync.Mutex
	began     time.Time
	stories   int
	reruns    int
	processes map[stage]int
	commands  map[string]int // how many stories told of each
	agents    int
	requests  int
	asks      asks
	events    events
	faults    map[faultName]int // those that took effect
	blows     map[blowKind]int
	moments   map[momentKind]int // at which processes were struck
	outcomes  map[string]int
	broken    map[string]int // promises, by the names of their rules
	fake      time.Duration
}

func newFigures() *figures {
	return &figures{
		began: time.Now(), processes: map[stage]int{}, faults: map[faultName]int{}, blows: map[blowKind]int{},
		moments: map[momentKind]int{}, outcomes: map[string]int{}, commands: map[string]int{}, broken: map[string]int{},
	}
}

// add counts one story and what the judge found in it.
func (f *figures) add(h history, found []violation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stories++
	f.reruns += len(h.plan.attempts) - 1
	f.commands[h.plan.command()]++
	f.agents += len(h.agents) - len(h.cast)
	f.requests += len(h.requests)
	f.asks.add(h)
	f.events.add(h)
	for _, p := range h.processes {
		f.processes[p.stage]++
		for i, kind := range p.struck {
			f.blows[kind]++
			f.moments[p.moments[i]]++
		}
		if outcome := p.outputs()["outcome"]; p.stage == mainStage && !p.killed {
			f.outcomes[outcome]++
		}
	}
	for _, name := range h.faults() {
		f.faults[name]++
	}
	for _, v := range found {
		f.broken[v.rule]++
	}
	last := h.processes[len(h.processes)-1]
	f.fake += last.ended.Sub(h.processes[0].began)
}

// unseen are the faults that no story met, and what none asked for.
func (f *figures) unseen() []faultName {
	return append(slices.DeleteFunc(slices.Clone(faultNames()), func(name faultName) bool { return f.faults[name] > 0 }), slices.Concat(f.asks.unseen(), f.events.unseen())...)
}

// String tells the figures in words.
func (f *figures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	took := time.Since(f.began)
	return fmt.Sprintf(`%d stories were told in %s, %.0f a second, over %.0f hours of fake time:
%d main stages and %d cleanup stages ran, %d of the attempts were re-runs; %d agents were launched
%d requests were sent, %.1f for each main stage with its cleanup
%s
%s
what struck the processes: %s
at: %s
what went wrong: %s
what the steps were for: %s
the outcomes of the stages that came to their own end: %s`,
		f.stories, took.Round(time.Millisecond), float64(f.stories)/took.Seconds(), f.fake.Hours(),
		f.processes[mainStage], f.processes[cleanupStage], f.reruns, f.agents,
		f.requests, f.perStep(), &f.asks, &f.events, inWords(f.blows), inWords(f.moments), inWords(f.faults), inWords(f.commands), inWords(f.outcomes))
}

// perStep is how many requests a step sends, with its cleanup stage.
func (f *figures) perStep() float64 {
	return float64(f.requests) / float64(max(1, f.processes[mainStage]))
}

// inWords lists counts, the names in their order.
func inWords[K ~string](counts map[K]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d times", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}

// promised are the promises as a user knows them, each with the rules that hold
// the program to it.
func promised() []struct {
	text  string
	rules []string
} {
	return []struct {
		text  string
		rules []string
	}{
		{"agents launched twice for one piece of work", []string{"one live run", "one agent per generation"}},
		{"agents asked for after the decision to end", []string{"nothing created after the decision to end"}},
		{"runs left that nobody waits for", []string{"nothing left running", "the main stage ends its own"}},
		{"runs that were to go on and were ended", []string{"what is to go on goes on"}},
		{"verdicts that are not true", []string{"the outcome is true", "a bad end is taken once", "nothing wrong, nothing reported"}},
		{"pull requests that were taken for another thing than GitHub has, or missed in time", []string{"GitHub's word on the pull request"}},
		{"exit statuses that are not those of the outcome", []string{"the exit status follows the outcome"}},
		{"outputs, states or summaries that the runner can't read", []string{"the runner reads the files"}},
		{"agents whose id was not written down at once", []string{"the agent's id is written at once", "an agent is announced"}},
		{"workflow commands in the log that are not the action's own", []string{"the log holds no foreign command"}},
		{"logs that told twice what the agent said once", []string{"the log says it once"}},
		{"keys or variables in anything that was written or sent to GitHub, or in the address of a request", []string{"no secret is written"}},
		{"agents that were told twice what is wrong with their result, or though it was right", []string{"one correction"}},
		{"results handed on that were not of the form that was asked for, or called invalid though they were", []string{"a result of the form"}},
		{"runs ended for their tokens within the limit, or not ended past it", []string{"the limit of tokens is kept"}},
		{"steps that went on, or sent anything, after their time", []string{"an end in time"}},
		{"steps that did not notice the end of their run", []string{"an end is noticed"}},
		{"steps that sent more requests than a bound that is linear in their length", []string{"few requests"}},
		{"streams that were read from their start again", []string{"a stream is resumed"}},
		{"waits that were shorter than the API asked for", []string{"Retry-After is honoured"}},
		{"follow-ups that were sent twice, or to another agent", []string{"one run per follow-up", "a follow-up goes to its agent"}},
		{"follow-ups sent after the decision to end, or by an attach", []string{"nothing sent after the decision to end", "an attach changes nothing"}},
		{"follow-ups whose run was not written down at once", []string{"a follow-up is written down"}},
		{"runs of somebody else that were ended", []string{"nobody else's run is ended"}},
		{"runs left that a follow-up or an attach waited for", []string{"nothing waited for is left running", "the main stage ends what it waits for"}},
		{"verdicts on another run than the follow-up's, or the one that was attached to", []string{"the outcome is that of the run", "a good day is reported as one"}},
		{"agents changed that were not selected, or not left behind", []string{"only selected agents are changed", "reap changes only what is left behind"}},
		{"agents archived at work", []string{"no agent is archived at work"}},
		{"deletes before usage and artifacts were read", []string{"a delete loses nothing"}},
		{"`results` and exit statuses of such commands that are not true", []string{"what a command says it did is so", "a command's exit status is true", "reap does its work"}},
		{"agents launched for an event that may launch none", []string{"a denied event launches nothing"}},
		{"verdicts that a fault of GitHub's changed", []string{"GitHub changes no verdict"}},
		{"comments that were written twice", []string{"one comment"}},
		{"comments and check runs left without their end, or with another than the step's", []string{"the end is shown", "the end that is shown is true"}},
		{"updates within 15 seconds, or more requests to GitHub than a linear bound", []string{"updates are apart", "few requests to GitHub"}},
		{"panics", []string{"no panic"}},
	}
}

// markdown is the figures for a user.
func (f *figures) markdown() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%s stories, %s hours of simulated time, told at %.0f a second on %d processors: %s steps and %s cleanup\n",
		thousands(f.stories), thousands(int(f.fake.Hours())), float64(f.stories)/time.Since(f.began).Seconds(), runtime.GOMAXPROCS(0),
		thousands(f.processes[mainStage]), thousands(f.processes[cleanupStage]))
	fmt.Fprintf(&b, "stages ran, %s of the steps as re-runs; %s agents were launched, and %s requests sent, %.1f for each step.\n%s\n%s\n\n",
		thousands(f.reruns), thousands(f.agents), thousands(f.requests), f.perStep(), &f.asks, &f.events)
	b.WriteString("| what the steps were for | stories |\n| --- | ---: |\n")
	for _, command := range commands() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", command, thousands(f.commands[command]))
	}
	b.WriteString("\n| what must not happen | how often it did |\n| --- | ---: |\n")
	for _, promise := range promised() {
		broken := 0
		for _, rule := range promise.rules {
			broken += f.broken[rule]
		}
		fmt.Fprintf(&b, "| %s | %s |\n", promise.text, thousands(broken))
	}
	b.WriteString("\n| what struck a process | how often |\n| --- | ---: |\n")
	for _, kind := range blowKinds() {
		fmt.Fprintf(&b, "| %s | %s |\n", kind.inWords(), thousands(f.blows[kind]))
	}
	b.WriteString("\n| what went wrong around it | how often |\n| --- | ---: |\n")
	for _, name := range faultNames() {
		fmt.Fprintf(&b, "| %s | %s |\n", name, thousands(f.faults[name]))
	}
	b.WriteString("\n| how steps that were not killed ended | how often |\n| --- | ---: |\n")
	for _, outcome := range slices.Sorted(maps.Keys(f.outcomes)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", outcome, thousands(f.outcomes[outcome]))
	}
	return b.String()
}

// writeTo puts the figures into a Markdown file, between <!-- figures --> and
// <!-- /figures -->.
func (f *figures) writeTo(file string) error {
	document, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	updated, err := part.Replace(document, "figures", f.markdown())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, updated, 0o644)
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// TestTheFiguresAreOfThisProgram: users read figures that the campaign writes
// only when it is asked to.
func TestTheFiguresAreOfThisProgram(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, promise := range promised() {
		rows = append(rows, promise.text)
	}
	for _, kind := range blowKinds() {
		rows = append(rows, kind.inWords())
	}
	for _, name := range faultNames() {
		rows = append(rows, string(name))
	}
	for _, command := range commands() {
		rows = append(rows, "`"+command+"`")
	}
	for _, row := range rows {
		if !strings.Contains(string(document), "\n| "+row+" | ") {
			t.Errorf("docs/faults.md has no figure for %q: go test ./internal/campaign -run Campaign -seeds=20000 -figures=docs/faults.md, with its whole path", row)
		}
	}
}

func TestEachRuleStandsBehindAPromise(t *testing.T) {
	t.Parallel()
	behind := map[string]int{}
	for _, promise := range promised() {
		for _, rule := range promise.rules {
			behind[rule]++
		}
	}
	for _, rule := range rules() {
		if behind[rule.name] != 1 {
			t.Errorf("the rule %q stands behind %d promises in the figures, not one", rule.name, behind[rule.name])
		}
		delete(behind, rule.name)
	}
	for name := range behind {
		t.Errorf("the figures name the rule %q, which there is not", name)
	}
}
