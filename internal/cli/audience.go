package cli

import (
	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/doctor"
)

// audience is whom a step speaks to: a workflow runner, with its log, outputs
// and summary, or a person at a terminal. It is *actions.Runner for the one and
// *person for the other.
type audience interface {
	Info(text string)
	Debug(text string)
	Block(prefix, text string) (written int)
	Notice(text string)
	Warning(text string)
	Error(text string)
	Group(title string)
	EndGroup()
	Err() error
	Mask(values ...string)
	Hidden(text string) string
	KeepsJSON(text string) bool
	SetOutput(name, value string) error
	SaveState(name, value string) error
	AddSummary(markdown string) error
	Inputs() *actions.Inputs
	Context() actions.Context
	Workspace() (*actions.Workspace, error)
}

// place is what the words of a step take from where the work was asked for: a
// job is run again, and a person types another command.
type place struct {
	interrupted string // what a signal did
	elsewhere   string // by whom a run was not cancelled
	endIt       string // the next step where a run goes on that nobody waits for
	rerun       string // asking for the same again
	names       doctor.Names
	doctor      string // follows what doctor knows more about
	machine     string // whose network it is
	fewer       string // the next step where too much is asked for at once
	sendAnyway  string // the next step where a follow-up that may be there is not
	tellAnyway  string // the same of a correction
}

// inWorkflow is the place of a workflow's step.
func inWorkflow() place {
	return place{
		interrupted: "the step was interrupted",
		elsewhere:   "not by this workflow",
		endIt:       "end it there unless the cleanup stage could", // That comes first.
		rerun:       "run the job again",
		names:       doctor.StepNames(),
		doctor:      "; see command: doctor",
		machine:     "the runner's",
		fewer:       "run fewer jobs at once, or run this one again later",
		sendAnyway:  "set on-rerun: new to have a re-run send it all the same",
		tellAnyway:  "run the job again, which takes that run if it is there",
	}
}

// input is the input of that name, as the place spells it.
func (w words) input(name string) string { return w.at().names.Input(name) }

// setting is an input with its value.
func (w words) setting(name, value string) string { return w.at().names.Setting(name, value) }

// at is the place that the words are for; without one it is a workflow.
func (w words) at() place {
	if w.place == (place{}) {
		return inWorkflow()
	}
	return w.place
}
