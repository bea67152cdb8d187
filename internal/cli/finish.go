package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/report"
)

// finish hands on what came of the work: outputs first, because they must
// survive a kill, then artifacts, summary and the last line of the log. After a
// signal there is no time for artifacts.
func (s *step) finish(ctx context.Context, result agent.Result, interrupted bool) {
	result = s.explained(result)
	setOutputs(s.runner, outputs(result, s.target(), s.truth))
	if result.Status.Terminal() || s.leftOnPurpose(result) {
		s.saveState(stateStage, stageSettled)
	}
	summary := s.newSummary()
	summary.Result = result
	summary = redactSummary(s.runner, summary)
	s.keepEnd(summary)
	if s.artifacts != "" && result.Status.Terminal() && !interrupted {
		var listed bool
		if summary.Artifacts, listed = s.downloadArtifacts(ctx, result.AgentID, where(result.Handle)); listed {
			summary.ArtifactsPath = s.artifacts
		}
	}
	s.touch(ctx, result)
	s.summarize(summary)
	s.closeBoard(ctx, summary)
	s.settleAsides(ctx)
	s.lastLine(result)
}

// leftOnPurpose reports whether the run goes on because the user wants it to,
// which does not depend on whether it could be seen when the time was over.
func (s *step) leftOnPurpose(result agent.Result) bool {
	over := result.Outcome == agent.OutcomeTimedOut || result.Outcome == agent.OutcomeAPIError && time.Since(s.began) >= s.timeout
	return result.Outcome == agent.OutcomeLaunched || s.leave && over && result.RunID != ""
}

// refuse ends a step whose inputs or surroundings are wrong: nothing was
// launched.
func (s *step) refuse(err error) int {
	summary := s.newSummary()
	summary.Problem = oneLine(err) + "; " + s.errand.words.nothing
	s.summarize(summary)
	s.runner.Error(summary.Problem)
	return exitUsage
}

// lastLine is what a tired person reads: an annotation when something is
// wrong, a line when all is well.
func (s *step) lastLine(result agent.Result) {
	text := fmt.Sprintf("%s: %s; %s; %s", result.Outcome, result.Reason, result.Left, result.NextStep)
	switch {
	case result.NextStep == "": // The reason says it.
		text = fmt.Sprintf("%s: %s", result.Outcome, result.Reason)
	case result.Left == "":
		text = fmt.Sprintf("%s: %s; %s", result.Outcome, result.Reason, result.NextStep)
	}
	switch {
	case result.Reason == "":
		s.runner.Info(s.goodNews(result))
	case s.failOn[result.Outcome]:
		s.runner.Error(text)
	case result.Outcome.FailsByDefault(), s.undecided:
		s.runner.Warning(text)
	default:
		s.runner.Info(text)
	}
	if err := s.runner.Err(); err != nil {
		fmt.Fprintf(s.Stderr, "cursor-agent-action: %v; the outputs hold what it would have said\n", err)
	}
}

// goodNews says what is there now.
func (s *step) goodNews(result agent.Result) string {
	text := fmt.Sprintf("%s after %s", result.Outcome, s.journal.elapsed())
	switch {
	case result.Outcome == agent.OutcomeLaunched:
		text = "launched, and not waited for, as " + s.errand.words.setting("wait", "false") + " asks"
		fallthrough
	case result.Pushed.PRURL == "" && result.Pushed.Branch == "":
		return text + ": " + where(result.Handle)
	case result.Pushed.PRURL == "":
		return text + ": branch " + result.Pushed.Branch
	}
	return text + ": " + result.Pushed.PRURL
}

// newSummary is the part of the summary that is known before the end.
func (s *step) newSummary() report.Summary {
	return report.Summary{
		Title:       s.spec.Headline(),
		Kind:        s.errand.kind,
		Repository:  s.spec.Repository,
		Ref:         s.spec.Ref,
		PullRequest: s.target().PullRequest,
		Model:       s.target().Model,
		Waited:      time.Since(s.began),
		Limit:       s.timeout,
		Timeline:    s.timeline,
		Prompt:      s.assembly,
		Version:     s.Version,
	}
}

// summarize writes the summary, if it is wanted and can be.
func (s *step) summarize(summary report.Summary) {
	if !s.summary {
		return
	}
	if err := s.runner.AddSummary(redactSummary(s.runner, summary).Markdown()); err != nil {
		s.runner.Warning(err.Error())
	}
}

// target is what the agent is pointed at.
func (s *step) target() target {
	at := target{Repository: s.spec.Repository, Ref: s.spec.Ref, PullRequest: cmp.Or(s.spec.PullRequest, s.pullRequest)}
	if s.spec.Model != nil {
		at.Model = s.spec.Model.ID
	}
	return at
}

// announcement says what is about to be launched.
func (s *step) announcement() string {
	at := s.target()
	text := "Launching an agent"
	switch {
	case at.PullRequest != "":
		text += " on " + at.PullRequest
	case at.Repository != "":
		text += fmt.Sprintf(" on %s, branch %s", at.Repository, at.Ref)
	case s.spec.Environment != nil:
		text += " in the environment " + s.spec.Environment.Name
	}
	if at.Model != "" {
		text += ", model " + at.Model
	}
	return text
}
