package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// bar is one line of the chart.
type bar struct {
	label    string
	from, to time.Time
	tag      string // Mermaid's word for how it looks: "", done, active or crit
}

// Mermaid returns a fenced block that GitHub draws as a chart of the phases and
// the tool calls over time, or "" when there is nothing to see: fewer than two
// bars, or less than a second in all.
//
// The times are moments of a day in 2001, and each browser reads and shows
// them in its own zone, so that the chart begins at 00:00 everywhere. Plain
// seconds (dateFormat X) are read as moments of 1970 in UTC and shown in the
// reader's zone, half an hour off in India.
func (t *Timeline) Mermaid() string {
	phases, tools := t.phases(), t.tools()
	total := t.last.Sub(t.first)
	if len(phases)+len(tools) < 2 || total < time.Second {
		return ""
	}
	var b strings.Builder
	b.WriteString("```mermaid\ngantt\n    dateFormat YYYY-MM-DD HH:mm:ss.SSS\n    axisFormat " + axis(total) + "\n    todayMarker off\n")
	section := func(name string, bars []bar) {
		if len(bars) == 0 {
			return
		}
		b.WriteString("    section " + name + "\n")
		for _, bar := range bars {
			b.WriteString("    " + t.line(bar, total) + "\n")
		}
	}
	section("Phases", phases)
	section("Tool calls", tools)
	b.WriteString("```")
	return b.String()
}

// line is a bar as Mermaid reads it.
func (t *Timeline) line(bar bar, total time.Duration) string {
	from, length := bar.from.Sub(t.first), bar.to.Sub(bar.from)
	if from < 0 { // A call that began before we listened.
		from, length = 0, length+from
	}
	tag := ""
	if bar.tag != "" {
		tag = bar.tag + ", "
	}
	// Shorter ones would not be seen.
	width := max(length, total/200).Milliseconds()
	start := time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC).Add(from).Format("2006-01-02 15:04:05.000")
	return fmt.Sprintf("%s, %s :%s%s, %dms", bar.label, duration(length), tag, start, width)
}

// axis is how the times below the chart are written.
func axis(total time.Duration) string {
	switch {
	case total < time.Hour:
		return "%M:%S"
	case total < 24*time.Hour:
		return "%H:%M:%S"
	}
	return "day %-d, %H:%M"
}

// phases are the parts of the work as far as they were reached.
func (t *Timeline) phases() []bar {
	all := []bar{
		{label: "Launching", to: t.started},
		{label: "Starting", to: t.working},
		{label: "Working", to: t.ended},
		{label: "Waiting for the pull request", to: t.awaited},
	}
	reached := len(all)
	for reached > 0 && all[reached-1].to.IsZero() {
		reached--
	}
	if t.ended.IsZero() && reached < len(all) {
		// The next one went on when we last heard of it.
		all[reached].to, all[reached].tag = t.last, "active"
		reached++
	}
	var bars []bar
	from := t.first
	for _, phase := range all[:reached] {
		if phase.to.After(from) {
			phase.from, from = from, phase.to
			if phase.tag == "" {
				phase.tag = "done"
			}
			bars = append(bars, phase)
		}
	}
	return bars
}

// tools are the tool calls in the order that they ended in, then those that
// were open when the run was last heard of.
func (t *Timeline) tools() []bar {
	var bars []bar
	add := func(call toolCall) {
		tag := ""
		if call.failed {
			tag = "crit"
		}
		bars = append(bars, bar{call.label, call.from, call.to, tag})
	}
	for _, call := range t.early {
		add(call)
	}
	if t.count > 0 {
		merged := t.merged
		if t.count > 1 {
			merged.label = toolMark + "… " + number(int64(t.count)) + " more"
		}
		add(merged)
	}
	for _, call := range t.late {
		add(call)
	}
	if t.ended.IsZero() {
		for _, call := range t.open {
			bars = append(bars, bar{call.label, call.from, t.last, "active"})
		}
	}
	return bars
}

// toolMark begins each label that is not ours. None of Mermaid's statements
// begins with it, so a tool that is called "click" is no click.
const toolMark = "› "

// toolLabel is what a tool call is called in the chart. Only letters, digits
// and a few signs are left of it: Mermaid has its own escapes, comments and
// directives, and one wrong character costs the whole chart.
func toolLabel(name, subject string) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r) && !isHidden(r):
			return r
		case strings.ContainsRune("._/-+*=()!?@", r):
			return r
		}
		return ' '
	}, plain(name+" "+subject))
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		text = "tool"
	}
	return toolMark + Cut(text, 36)
}
