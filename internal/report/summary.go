package report

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/prompt"
)

// Summary is what is known of a piece of work at its end, for the page of the
// workflow run. All text in it may be hostile.
type Summary struct {
	Result agent.Result
	// Title is what was asked for, in a line.
	Title string
	// Repository is its web address, Ref the branch that the agent started from,
	// PullRequest the web address of the one it was to work on, Model the
	// model's id; "" for each that was not given.
	Repository, Ref, PullRequest, Model string
	// Waited is how long the step took by our clock, and Limit how long it
	// might take; 0 when not known.
	Waited, Limit time.Duration
	Timeline      *Timeline // may be nil
	// Artifacts are the agent's files, and ArtifactsPath is the folder that
	// they were written to, "" when nobody asked for them.
	Artifacts     []Artifact
	ArtifactsPath string
	// Warnings are things that went wrong and changed nothing.
	Warnings []string
	// Problem says in one line what went wrong and NextStep what to do about
	// it. They go before the Reason and NextStep of Result; "" for none.
	Problem, NextStep string
	// Kind is what the step was to do.
	Kind Kind
	// DryRunRequest is the JSON that would have been sent, "" if this was real.
	DryRunRequest string
	// Prompt is where the prompt came from; zero where it is the workflow author's
	// words alone.
	Prompt prompt.Assembly
	// Version is that of the product, "" when not known.
	Version string
}

// Artifact is a file that the agent left.
type Artifact struct {
	Path    string
	Size    int64  // in bytes
	Problem string // why it isn't there, "" if it is
}

// Bounds of the summary's parts: characters of a name and of a sentence, bytes
// of a dry run's request, entries. With them it stays below the 1 MiB that a
// step's summary may hold, whatever escapes the text needs.
const (
	maxName      = 200
	maxSentence  = 1000
	maxRequest   = 200 << 10
	maxArtifacts = 50
	maxWarnings  = 20
	// An answer that is longer than these is folded.
	foldLines, foldBytes = 12, 1500
)

// Markdown returns the summary, outcome first. What is not known is left out.
func (s Summary) Markdown() string {
	verdict := s.verdict()
	blocks := []string{"## " + verdict.sign + " " + verdict.title, quoted(s.Title)}
	blocks = append(blocks, s.advice(verdict), s.places(), s.answer("### The agent's answer", MaxProse), s.table())
	if s.Timeline != nil {
		blocks = append(blocks, s.Timeline.Mermaid())
	}
	blocks = append(blocks, s.artifacts(), s.provenance(), s.warnings(), s.request(), s.footer())
	var b strings.Builder
	for _, block := range blocks {
		if block != "" {
			b.WriteString(block + "\n\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func quoted(title string) string {
	if text := Inline(short(title, maxName)); text != "" {
		return "> " + text
	}
	return ""
}

// short is one line of at most n characters of text, however long that is.
func short(text string, n int) string { return Cut(oneLine(Cut(text, 4*n)), n) }

// line is a sentence of ours with hostile words in it, such as an error's.
func line(text string, n int) string { return sentence(short(text, n)) }

// name is code of bounded length.
func name(text string) string { return Code(short(text, maxName)) }

// link is Link with bounded lengths.
func link(text, address string) string {
	if _, ok := webAddress(address); !ok {
		return name(address)
	}
	return Link(short(text, maxName), address)
}

// advice says why there is no success, and what to do next.
func (s Summary) advice(verdict verdict) string {
	outcome := s.Result.Outcome
	var lines []string
	if outcome.FailsByDefault() || outcome == agent.OutcomeSkipped || s.Problem != "" {
		for _, reason := range distinct(verdict.title, s.Problem, s.Result.Reason)[1:] {
			lines = append(lines, "**Why:** "+advice(short(reason, maxSentence)))
		}
	}
	if left := s.Result.Left; left != "" {
		lines = append(lines, "**Left behind:** "+advice(short(left, maxSentence)))
	}
	if steps := distinct(s.NextStep, s.Result.NextStep); len(steps) > 0 {
		lines = append(lines, "**Next step:** "+advice(short(steps[0], maxSentence)))
	}
	return strings.Join(lines, "\n\n")
}

// distinct are the texts that say something, each once.
func distinct(texts ...string) []string {
	var said []string
	seen := map[string]bool{}
	for _, text := range texts {
		if key := short(text, maxSentence); key != "" && !seen[key] {
			seen[key] = true
			said = append(said, text)
		}
	}
	return said
}

// places are links to all that can be looked at.
func (s Summary) places() string {
	var places []string
	add := func(label, link string) {
		if link != "" {
			places = append(places, label+" "+link)
		}
	}
	if _, ok := webAddress(s.Result.URL); ok {
		places = append(places, link("Agent", s.Result.URL))
	} else {
		add("Agent", name(s.Result.URL))
	}
	if pushed := s.Result.Pushed; pushed.Branch != "" {
		add("Branch", s.branch())
	}
	if address := s.Result.Pushed.PRURL; address != "" {
		add("Pull request", pullRequest(address))
	}
	if s.PullRequest != "" && !sameAddress(s.PullRequest, s.Result.Pushed.PRURL) {
		add("Asked to work on", pullRequest(s.PullRequest))
	}
	if s.Repository != "" {
		from := link(repositoryName(s.Repository), repository(s.Repository))
		if s.Ref != "" && s.PullRequest == "" {
			from += " at " + name(s.Ref)
		}
		add("Repository", from)
	}
	return strings.Join(places, " · ")
}

// repositoryName is the address without scheme and host.
func repositoryName(address string) string {
	_, rest, _ := strings.Cut(repository(address), "://")
	if _, path, ok := strings.Cut(rest, "/"); ok {
		return path
	}
	return address
}

// answer is what the agent said last, in at most that many bytes, below a
// heading.
func (s Summary) answer(heading string, most int) string {
	text := prose(s.Result.Run.Result, most)
	if text == "" {
		return ""
	}
	if lines := strings.Count(text, "\n") + 1; lines > foldLines || len(text) > foldBytes {
		return fmt.Sprintf("<details>\n<summary><b>The agent's answer</b> (%s words)</summary>\n\n%s\n\n</details>",
			number(int64(len(strings.Fields(s.Result.Run.Result)))), text)
	}
	return heading + "\n\n" + text
}

// table holds the figures.
func (s Summary) table() string {
	result := s.Result
	if result.AgentID == "" || result.Outcome == agent.OutcomeDryRun {
		return ""
	}
	var rows []string
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, "| **"+label+"** | "+value+" |")
		}
	}
	if result.Outcome != agent.OutcomeLaunched {
		add("Time", s.times())
		if result.Usage == nil && result.UsageProblem != nil {
			add("Tokens and cost", "not available: "+usageProblem(result.UsageProblem))
		}
		if tokens, known := result.Tokens(); known {
			add("Tokens", tokenCounts(tokens))
			add("Cost", cost(result))
		}
	}
	add("Model", name(s.Model))
	if result.Attached {
		add(s.Kind.attached())
	} else if result.Generation > 0 && s.Kind == FollowUp {
		add("Follow-up", fmt.Sprintf("the %s for this work: the ones before ended badly", ordinal(result.Generation+1)))
	} else if result.Generation > 0 {
		add("Agent", fmt.Sprintf("the %s for this work: the ones before ended badly", ordinal(result.Generation+1)))
	}
	if len(rows) == 0 {
		return ""
	}
	return "| | |\n|:--|:--|\n" + strings.Join(rows, "\n")
}

func (s Summary) times() string {
	var times []string
	if s.Result.Run.Duration > 0 {
		times = append(times, duration(s.Result.Run.Duration)+" at work")
	}
	if s.Waited > 0 {
		waited := "this step took " + duration(s.Waited)
		if s.Limit > 0 {
			waited += " of at most " + duration(s.Limit)
		}
		times = append(times, waited)
	}
	return strings.Join(times, "; ")
}

func tokenCounts(tokens cursor.TokenUsage) string {
	if tokens.TotalTokens == 0 {
		return "not counted yet"
	}
	return fmt.Sprintf("%s: %s in, %s out, %s read from cache, %s written to cache",
		number(tokens.TotalTokens), number(tokens.InputTokens), number(tokens.OutputTokens),
		number(tokens.CacheReadTokens), number(tokens.CacheWriteTokens))
}

// cost is what the run was charged. What a plan includes is charged with 0,
// and then what it would have cost tells more.
func cost(result agent.Result) string {
	charged, known := result.CostCents()
	if !known {
		return "not available: the API does not say"
	}
	if raw := rawCents(result); charged == 0 && raw > 0 {
		return "included in the plan, worth " + money(raw)
	}
	return money(charged)
}

// rawCents is the list price of our run, or of the agent where runs have none;
// 0 when not known.
func rawCents(result agent.Result) float64 {
	cost := result.Usage.Cost
	for _, run := range result.Usage.Runs {
		if run.ID == result.RunID && run.Cost != nil {
			cost = run.Cost
		}
	}
	if cost == nil || cost.RawCents == nil {
		return 0
	}
	return *cost.RawCents
}

func usageProblem(err error) string {
	if errors.Is(err, cursor.CodeFeatureUnavailable) {
		return "the API does not tell the key's account what it used"
	}
	return line(err.Error(), maxSentence)
}
