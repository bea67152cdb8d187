package agent

import "cursor-agent-action/internal/cursor"

// Outcome is our verdict on a piece of work; the list is closed.
type Outcome string

// The outcomes, in the words that workflows compare with.
const (
	OutcomeLaunched      Outcome = "launched"       // runs; nobody was asked to wait
	OutcomeSucceeded     Outcome = "succeeded"      // finished, and what was promised is there
	OutcomeNoChanges     Outcome = "no-changes"     // finished and pushed nothing, though a pull request was asked for
	OutcomePRMissing     Outcome = "pr-missing"     // finished and pushed, as far as the API tells, but the pull request that was asked for isn't there
	OutcomeInvalidResult Outcome = "invalid-result" // finished, but the result is not of the form that was asked for
	OutcomeAgentError    Outcome = "agent-error"    // the agent failed
	OutcomeCancelled     Outcome = "cancelled"      // the run was cancelled, by us or by somebody else
	OutcomeExpired       Outcome = "expired"        // Cursor gave the run up
	OutcomeTimedOut      Outcome = "timed-out"      // our time was over first
	OutcomeAPIError      Outcome = "api-error"      // the API can't be used, which says nothing about the work
	OutcomeSkipped       Outcome = "skipped"        // this event may not launch
	OutcomeDryRun        Outcome = "dry-run"        // nothing was launched, as asked
)

// Outcomes is every outcome, in the order of the list above.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomeLaunched, OutcomeSucceeded, OutcomeNoChanges, OutcomePRMissing,
		OutcomeInvalidResult, OutcomeAgentError, OutcomeCancelled, OutcomeExpired,
		OutcomeTimedOut, OutcomeAPIError, OutcomeSkipped, OutcomeDryRun,
	}
}

// FailsByDefault reports whether the outcome turns a step red when the user
// says nothing else.
func (o Outcome) FailsByDefault() bool {
	switch o {
	case OutcomeLaunched, OutcomeSucceeded, OutcomeNoChanges, OutcomeSkipped, OutcomeDryRun:
		return false
	}
	return true
}

// Judge gives the outcome of a run as the API reports it. The pull request is
// looked for in pushed, what the agent pushed to the repository it worked on.
// A run that has not ended is OutcomeLaunched.
func Judge(spec Spec, status cursor.RunStatus, pushed Pushed) Outcome {
	switch status {
	case cursor.RunFinished:
		switch {
		case !spec.expectsPullRequest() || pushed.PRURL != "":
			return OutcomeSucceeded
		case pushed.Branch != "":
			return OutcomePRMissing
		}
		return OutcomeNoChanges
	case cursor.RunError:
		return OutcomeAgentError
	case cursor.RunCancelled:
		return OutcomeCancelled
	case cursor.RunExpired:
		return OutcomeExpired
	}
	return OutcomeLaunched
}
