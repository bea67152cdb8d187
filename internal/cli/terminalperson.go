package cli

import (
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/terminal"
)

// person is the audience at a terminal. Inputs and files are read as in a
// workflow; what a workflow would get as outputs, state and summary stays here.
type person struct {
	*actions.Runner // nobody reads what it writes
	screen          *terminal.Screen
	verbose         bool
	began           time.Time

	mu      sync.Mutex
	outputs map[string]string
	status  cursor.RunStatus
	tool    string
	good    bool // the verdict is there, and it is one to be glad of
}

// Info tells a line of ours.
func (p *person) Info(text string) {
	style := terminal.Text
	if p.good {
		style = terminal.Good
	}
	p.screen.Print(style, text)
}

// Debug tells what only those want to know who look for a fault.
func (p *person) Debug(text string) {
	if p.verbose {
		p.screen.Print(terminal.Dim, text)
	}
}

// Block tells lines of a stranger's.
func (p *person) Block(prefix, text string) (written int) {
	style := terminal.Text
	if prefix == toolText {
		style = terminal.Dim
	}
	p.screen.Block(style, prefix, text)
	return len(text)
}

// Notice, Warning and Error tell what matters more.
func (p *person) Notice(text string)  { p.screen.Print(terminal.Bold, text) }
func (p *person) Warning(text string) { p.screen.Print(terminal.Doubt, "warning: "+text) }
func (p *person) Error(text string)   { p.screen.Print(terminal.Bad, text) }

// Group tells a title; nothing folds at a terminal.
func (p *person) Group(title string) { p.screen.Print(terminal.Bold, title) }

// EndGroup has nothing to unfold.
func (*person) EndGroup() {}

// Err is for those who have outputs to fall back on; the exit status says it
// here.
func (*person) Err() error { return nil }

// Mask hides secrets from all that is told later.
func (p *person) Mask(values ...string) { p.screen.Hide(values...) }

// Redact is a text without the secrets.
func (p *person) Redact(text string) string { return p.screen.Redact(text) }

// SetOutput keeps an output for the end.
func (p *person) SetOutput(name, value string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outputs[name] = value
	return nil
}

// SaveState has no later stage to save for.
func (*person) SaveState(string, string) error { return nil }

// AddSummary has no page to be shown on.
func (*person) AddSummary(string) error { return nil }

// observe keeps what the status line shows.
func (p *person) observe(update agent.Update) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch update := update.(type) {
	case agent.Started:
		p.status = update.Status
	case agent.StatusChanged:
		p.status = update.Status
	case agent.ToolStarted:
		p.tool = toolName(update.Name, update.Subject)
	case agent.ToolEnded:
		p.tool = ""
	case agent.Settled:
		p.good = !update.Outcome.FailsByDefault()
	}
}

// statusLine says where the run stands now.
func (p *person) statusLine(interrupt string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := spell(time.Since(p.began).Round(time.Second))
	if p.status != "" {
		line = string(p.status) + " " + line
	}
	if p.tool != "" {
		line += " · " + p.tool
	}
	return line + " · " + interrupt
}
