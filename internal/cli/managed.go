package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/report"
)

// failedWord stands where a deed would, had it been done.
const failedWord = "failed"

// deeds are the words for what was done, in the order of the sum.
func deeds() []string {
	words := []string{failedWord}
	for _, order := range []agent.Order{agent.OrderCancel, agent.OrderArchive, agent.OrderDelete} {
		words = append(words, "would-"+string(order))
	}
	for _, deed := range []agent.Deed{agent.DeedCancelled, agent.DeedArchived, agent.DeedDeleted, agent.DeedGone} {
		words = append(words, string(deed))
	}
	return append(words, leftWord, string(agent.DeedNone))
}

// word is what became of an agent, in one word; "" in a list.
func (e entry) word() string {
	if e.err != nil {
		return failedWord
	}
	return e.did
}

// tell logs one agent on a line of its own, its name last: names come from
// prompts.
func (m *manager) tell(e entry) {
	if e.unbegun || m.command == commandReap && e.isNothing() {
		return
	}
	s := e.standing
	status := string(s.Run.Status)
	switch {
	case s.Gone:
		status = "-"
	case status == "":
		status = "?"
	}
	said := func(text string) string { return onOneLine(m.runner.Redact(text)) } // In half a secret the log sees none.
	line := fmt.Sprintf("%s  %-9s  %s", s.Agent.ID, said(status), said(s.Agent.Name))
	if word := e.word(); word != "" {
		line = fmt.Sprintf("%-13s  %s", word, line)
	}
	line = strings.TrimRight(line, " ")
	if note := e.note(); note != "" {
		line += ": " + said(note)
	}
	if s.Gone && len(m.selection.IDs) > 0 {
		m.runner.Warning(m.command + ": " + line)
		return
	}
	m.runner.Info(line)
}

// note says why, and what is left undone.
func (e entry) note() string {
	if e.err == nil {
		return e.why
	}
	note := oneLine(e.err)
	if e.did != "" && e.did != string(agent.DeedNone) {
		note = "it was " + e.did + ", and then: " + note
	}
	return note
}

// onOneLine is what others said on one line of bounded length.
func onOneLine(text string) string {
	return report.Cut(strings.Join(strings.Fields(text), " "), 500)
}

// conclude hands on what came of the agents: results first, because they must
// survive a kill. limited is ctx with the end of our time.
func (m *manager) conclude(ctx, limited context.Context, entries []entry) int {
	m.putResults(entries)
	count := tallyOf(entries)
	sum := m.sum(count)
	problem, status := "", exitOK
	switch {
	case ctx.Err() != nil:
		problem, status = fmt.Sprintf("interrupted, with %d of %d agents not looked at; %s", count.unbegun, len(entries), againRest), exitInterrupted
	case errors.Is(context.Cause(limited), errTimeUp) && count.failed+count.unbegun > 0:
		problem, status = fmt.Sprintf("the time of %s was over with %d of %d agents not looked at; raise timeout, or %s", spell(m.timeout), count.unbegun, len(entries), againRest), exitTimedOut
	case count.failed > 0:
		first := count.first
		problem = fmt.Sprintf("%d of %d agents failed: %s: %s; %s", count.failed, len(entries), first.standing.Agent.ID, brief(first.err), m.manageAdvice(first))
		status = exitFailed
	}
	sign := "✅"
	if status != exitOK {
		sign = "❌"
	}
	m.summarizeAgents(report.Agents{Title: sign + " " + sum, Problem: problem, Rows: rows(entries)})
	m.runner.Info(sum)
	if problem != "" {
		m.runner.Error(m.command + ": " + problem)
	}
	if err := m.runner.Err(); err != nil {
		fmt.Fprintf(m.Stderr, "cursor-agent-action: %v; the outputs hold what it would have said\n", err)
	}
	return status
}

// againRest is the next step where some agents are left as they were.
const againRest = "run the step again, which does what is left"

// tally is how many agents came to what.
type tally struct {
	did             map[string]int // by word
	looked, unbegun int
	failed          int
	first           entry // of those that failed
}

func tallyOf(entries []entry) tally {
	t := tally{did: map[string]int{}}
	for _, e := range entries {
		if e.unbegun {
			t.unbegun++
			continue
		}
		t.looked++
		t.did[e.word()]++
		if e.err != nil {
			if t.failed++; t.failed == 1 {
				t.first = e
			}
		}
	}
	return t
}

// String says how many came to what; "" where nothing was looked at.
func (t tally) String() string {
	var parts []string
	for _, word := range deeds() {
		if n := t.did[word]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	if n := t.did[""]; n > 0 {
		parts = append(parts, plural(n, "agent"))
	}
	return strings.Join(parts, ", ")
}

// sum is the line about all of them.
func (m *manager) sum(count tally) string {
	said := count.String()
	if said == "" {
		said = "no agent is selected"
		if m.command == commandReap {
			said = "nothing is to be done"
		}
	}
	text := m.command + ": " + said
	if m.dryRun && m.command != commandList {
		text += " (dry run: " + nothingChanged + ")"
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func rows(entries []entry) []report.AgentRow {
	var list []report.AgentRow
	for _, e := range entries {
		if !e.unbegun {
			list = append(list, report.AgentRow{Standing: e.standing, Done: e.word(), Note: e.note()})
		}
	}
	return list
}

// summarizeAgents writes the summary, if it is wanted and can be.
func (m *manager) summarizeAgents(agents report.Agents) {
	if !m.summary {
		return
	}
	agents.Notes, agents.Version = m.notes, m.Version
	if err := m.runner.AddSummary(redactAgents(m.runner, agents).Markdown()); err != nil {
		m.runner.Warning(err.Error())
	}
}

// decline ends a command that changed nothing, because of its inputs or its
// surroundings.
func (m *manager) decline(err error, status int) int {
	problem := oneLine(err) + "; " + nothingChanged
	if _, ok := errors.AsType[*actions.InputError](err); !ok {
		problem = m.command + ": " + problem
	}
	m.summarizeAgents(report.Agents{Title: "❌ " + m.command + ": " + nothingChanged, Problem: problem})
	m.runner.Error(problem)
	return status
}

// giveUp ends a command that could not find out which agents are meant.
func (m *manager) giveUp(ctx context.Context, err error) int {
	status, next := exitFailed, m.manageAdvice(entry{err: err})
	switch {
	case ctx.Err() != nil:
		status, next = exitInterrupted, "run the step again"
	case errors.Is(err, errTimeUp):
		status, next = exitTimedOut, "raise timeout, or run the step again later"
	}
	problem := brief(err) + "; " + nothingChanged + "; " + next
	m.summarizeAgents(report.Agents{Title: "❌ " + m.command + ": " + nothingChanged, Problem: problem})
	m.runner.Error(m.command + ": " + problem)
	return status
}
