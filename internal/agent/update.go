package agent

import (
	"encoding/json"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Update is one thing that happened to a piece of work. Text in it comes from
// the agent or the API and is not to be trusted.
type Update interface{ update() }

// Planned comes before a create: from here on an agent of this id may exist.
// AgentID is "" when the API chooses the id; Name, or else Branch, then finds
// the agent.
type Planned struct {
	AgentID, Name, Branch string
	Generation            int
}

// Found says that an agent of the same work exists already, with what is done
// about it: attached to, or passed over because its run ended badly.
type Found struct {
	Handle
	Passed bool
}

// FollowUpPlanned comes before a follow-up is sent: from here on a run may exist
// that came after the known ones, and whose prompt ends with Mark.
type FollowUpPlanned struct {
	Handle          // of the agent, without a run
	Known  []string // runs of the agent, the newest last
	Mark   string
}

// Busy says that a run keeps the agent from taking a follow-up, with what is
// done about it: cancelled, or waited for.
type Busy struct {
	Handle
	Cancelled bool
}

// Unarchived says that an archived agent is made to take runs again.
type Unarchived struct{ Handle }

// Started comes when the run that does the work is known.
type Started struct{ Handle }

// StatusChanged gives the run's status as the API answered it.
type StatusChanged struct{ Status cursor.RunStatus }

// Said is a paragraph of the agent's, without its line end.
type Said struct{ Text string }

// Thought is a piece of the agent's thinking.
type Thought struct{ Text string }

// ToolStarted and ToolEnded frame one tool call. Its arguments may hold secrets
// and file contents; Subject is the short part of them that is fit to show. It
// arrives late at times, and ToolStarted then comes once more with it.
type ToolStarted struct {
	CallID, Name, Subject string
}

// ToolEnded comes once for each ToolStarted that the stream saw the end of.
type ToolEnded struct {
	CallID, Name, Subject string
	Duration              time.Duration // by our clock; 0 when only the end was seen
	Failed                bool          // the result says so
}

// Quiet says that nothing has been heard of the agent for a time.
type Quiet struct {
	For    time.Duration
	Status cursor.RunStatus
}

// StreamAway says that the event stream does not come; looks at the run take
// its place until it returns. Err is nil when the server just closed it. Gone
// means that it will not return.
type StreamAway struct {
	Err  error
	Gone bool
}

// StreamBack says that events come again after StreamAway.
type StreamBack struct{}

// LookFailed says that a look at the run failed and will be repeated.
type LookFailed struct{ Err error }

// Uncounted says that the tokens of a run with a budget can't be counted. It
// comes once for a run. Gone means that they will not be looked at any more.
type Uncounted struct {
	Err  error
	Gone bool
}

// AwaitingPullRequest says that the run is over and its pull request is not
// there yet.
type AwaitingPullRequest struct{ Remaining time.Duration }

// Settled gives the verdict, before the usage is read.
type Settled struct{ Result }

func (Planned) update()             {}
func (Found) update()               {}
func (FollowUpPlanned) update()     {}
func (Busy) update()                {}
func (Unarchived) update()          {}
func (Started) update()             {}
func (StatusChanged) update()       {}
func (Said) update()                {}
func (Thought) update()             {}
func (ToolStarted) update()         {}
func (ToolEnded) update()           {}
func (Quiet) update()               {}
func (StreamAway) update()          {}
func (StreamBack) update()          {}
func (LookFailed) update()          {}
func (Uncounted) update()           {}
func (AwaitingPullRequest) update() {}
func (Settled) update()             {}

// subjectKeys are the arguments of Cursor's tools that say in a few words what
// a call is about, best first.
var subjectKeys = []string{
	"path", "file_path", "filePath", "target_file", "relative_workspace_path",
	"command", "query", "pattern", "glob_pattern", "globPattern", "search_term", "searchTerm",
	"url", "description", "toolName", "name",
}

// maxSubject is how many runes of an argument are shown: whole arguments hold
// file contents and, at times, credentials.
const maxSubject = 80

// subject picks what a tool call is about out of its arguments.
func subject(args json.RawMessage, redact func(string) string) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(args, &fields) != nil {
		return ""
	}
	for _, key := range subjectKeys {
		var text string
		if json.Unmarshal(fields[key], &text) != nil {
			continue
		}
		if line := firstLine(redact(text)); line != "" {
			return shorten(line, maxSubject, func(rune) int { return 1 })
		}
	}
	return ""
}
