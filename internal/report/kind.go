package report

// Kind is what a step was to do; the zero value is Launch.
type Kind int

// The kinds of steps that wait for an agent.
const (
	Launch   Kind = iota // launch an agent
	FollowUp             // send an agent that is there a further prompt
	Attach               // wait for an agent that something else launched
)

// beginning says what is on its way while nothing is known of a run.
func (k Kind) beginning() string {
	switch k {
	case FollowUp:
		return "A follow-up is being sent to the agent"
	case Attach:
		return "The agent is being looked for"
	}
	return "An agent is being launched"
}

// nothing says that the step did not come to it.
func (k Kind) nothing() string {
	switch k {
	case FollowUp:
		return "No follow-up was sent"
	case Attach:
		return "No agent was waited for"
	}
	return "No agent was launched"
}

// failed says that the API kept the step from it.
func (k Kind) failed() string {
	switch k {
	case FollowUp:
		return "The follow-up could not be sent"
	case Attach:
		return "The agent could not be attached to"
	}
	return "The Cursor API could not be used"
}

// pretended says what a dry run found.
func (k Kind) pretended() string {
	const order = "Dry run: everything is in order, and "
	switch k {
	case FollowUp:
		return order + "no follow-up was sent"
	case Attach:
		return order + "no agent was asked"
	}
	return order + "nothing was launched"
}

// attached is the row about a run that this step has not begun.
func (k Kind) attached() (label, value string) {
	switch k {
	case FollowUp:
		return "Follow-up", "an earlier attempt's: no new one was sent"
	case Attach:
		return "Agent", "attached to: this step did not launch it"
	}
	return "Agent", "an earlier attempt's: no new one was launched"
}
