package cli

// What the main stage keeps for the cleanup stage.
const (
	stateStage   = "stage" // how far it came: one of those below
	stateAgentID = "agent-id"
	stateRunID   = "run-id"

	// What people see of the work: the comment, the check run, what both are
	// about, and whether their end is written.
	stateComment = "comment-id"
	stateCheck   = "check-id"
	stateHead    = "head" // the commit of the check run
	stateTitle   = "title"
	stateBoard   = "board"
	stateEnd     = "board-end" // the end, once it is known: see boardEnd

	// Of a follow-up: the mark that its prompt ends with, and the newest run of
	// the agent before it.
	stateMark     = "mark"
	stateKnownRun = "known-run"
)

// How far the main stage came, as the cleanup stage reads it.
const (
	stageStarted = "started" // nothing was asked of the API yet
	stagePlanned = "planned" // an agent, or a follow-up's run, may exist from here on
	stageSettled = "settled" // nothing is left to be ended
)

// saveState keeps a value for the cleanup stage. Runners that do not keep it
// are covered by the derived agent id, so a failure is no more than a debug
// line.
func (s *step) saveState(name, value string) {
	if err := s.runner.SaveState(name, value); err != nil {
		s.runner.Debug(err.Error())
	}
}
