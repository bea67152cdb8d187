package report

import (
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// Agents is what is known of several agents, for the page of the workflow run.
// All text in it may be hostile but Title and Done.
type Agents struct {
	// Title says what was asked for and how it ended, in a line of ours.
	Title string
	// Problem says in one line what went wrong, and what to do; "" for nothing.
	Problem string
	Rows    []AgentRow
	// Notes are more lines of ours about what was looked at.
	Notes []string
	// Version is that of the product.
	Version string
}

// AgentRow is one agent.
type AgentRow struct {
	Standing agent.Standing
	// Done says what was done, or would be, in a word of ours; "" in a list.
	Done string
	// Note says why, or what went wrong.
	Note string
}

// maxRows bounds the table: with the longest names it stays below what a step's
// summary may hold.
const maxRows = 100

// Markdown returns the heading, what went wrong, and the table.
func (a Agents) Markdown() string {
	blocks := []string{"## " + Inline(short(a.Title, maxSentence))}
	if a.Problem != "" {
		blocks = append(blocks, "**Why:** "+advice(short(a.Problem, maxSentence)))
	}
	if len(a.Rows) > 0 {
		blocks = append(blocks, a.table())
	}
	for _, note := range a.Notes {
		blocks = append(blocks, line(note, maxSentence))
	}
	blocks = append(blocks, "<sub>"+Inline("cursor-agent-action "+short(a.Version, maxName))+"</sub>")
	return strings.Join(blocks, "\n\n") + "\n"
}

func (a Agents) table() string {
	head, marks := "| agent | latest run | changed | pull request |", "| --- | --- | --- | --- |"
	deeds := false
	for _, row := range a.Rows {
		deeds = deeds || row.Done != "" || row.Note != ""
	}
	if deeds {
		head, marks = "| done "+head+" why |", "| --- "+marks+" --- |"
	}
	lines := []string{head, marks}
	for _, row := range a.Rows[:min(len(a.Rows), maxRows)] {
		text := row.cells()
		if deeds {
			text = "| " + Inline(short(row.Done, maxName)) + " " + text + " " + Inline(short(row.Note, maxSentence/2)) + " |"
		}
		lines = append(lines, text)
	}
	if left := len(a.Rows) - maxRows; left > 0 {
		lines = append(lines, "", "… "+number(int64(left))+" more")
	}
	return strings.Join(lines, "\n")
}

// cells are those that say which agent it is and how it stands.
func (r AgentRow) cells() string {
	s := r.Standing
	label := s.Agent.Name
	if strings.TrimSpace(label) == "" {
		label = s.Agent.ID
	}
	who := Inline(short(label, maxName))
	if s.Agent.URL != "" {
		who = link(label, s.Agent.URL)
	}
	if s.Agent.Status == cursor.AgentArchived {
		who += " (archived)"
	}
	run := name(string(s.Run.Status))
	if s.Gone {
		run = "not there"
	}
	changed := ""
	switch unchanged := agent.Unchanged(s.Agent); {
	case s.Agent.UpdatedAt.IsZero(): // The API does not say.
	case unchanged < time.Minute:
		changed = "just now"
	default:
		changed = duration(unchanged.Truncate(time.Minute)) + " ago"
	}
	pull := ""
	for _, pushed := range s.Run.Git {
		if pushed.PRURL != "" {
			pull = pullRequest(pushed.PRURL)
		}
	}
	return "| " + strings.Join([]string{who, run, changed, pull}, " | ") + " |"
}
