package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// How far the board is, as the cleanup stage reads it.
const (
	boardOpen   = "open"   // its end is not written yet
	boardClosed = "closed" // it is
)

// openBoard begins to show how the work stands, where that is wished.
func (s *step) openBoard(ctx context.Context) {
	config := s.boardConfig()
	if config.mode == commentOff && config.checkName == "" {
		return
	}
	hub, err := s.gitHub()
	if err != nil {
		s.runner.Warning("comment and check: " + oneLine(err) + "; nothing is shown beside the log")
		return
	}
	s.saveState(stateTitle, s.spec.Headline())
	s.saveState(stateBoard, boardOpen)
	s.notice = report.Notice{Summary: s.newSummary(), WorkflowRun: config.page}
	s.notice.Timeline = nil // It is the summary's, and belongs to the goroutine that observes.
	s.board = openBoard(ctx, hub, config, s.notice)
}

// boardConfig says what the inputs wish to be shown, and where. What has no place
// is left out, with a word.
func (s *step) boardConfig() boardConfig {
	context := s.runner.Context()
	config := boardConfig{
		runner: s.runner, repository: context.Repository, mode: s.comment, checkName: s.check, began: s.began,
		page:    fmt.Sprintf("%s/%s/actions/runs/%d", context.ServerURL, context.Repository, context.RunID),
		attempt: fmt.Sprintf("%d-%d", context.RunID, context.RunAttempt),
	}
	kind, number := s.event.Subject()
	if kind == forge.SubjectDiscussion {
		number = 0 // Comments on discussions are another API's.
	}
	if number == 0 && s.pullRequest != "" && s.repository.Path == context.Repository {
		number = forge.PullRequestNumber(s.pullRequest)
	}
	if config.subject = number; number == 0 && config.mode != commentOff {
		s.runner.Info(fmt.Sprintf("comment: the event %q is about no issue or pull request of this repository, so there is nowhere to comment", s.event.Name))
		config.mode = commentOff
	}
	config.headSHA = headOf(s.event, context.SHA)
	if config.headSHA == "" && config.checkName != "" {
		s.runner.Info(fmt.Sprintf("check: the event %q names no commit, so there is nothing to check", s.event.Name))
		config.checkName = ""
	}
	hash := sha256.Sum256([]byte(strings.Join([]string{context.Workflow, context.Job, context.Action, s.work.Key}, "\x00")))
	config.step = fmt.Sprintf("%x", hash[:8])
	config.marker = forge.MarkerLine(fmt.Sprintf("%s-%d", config.step, config.subject))
	config.key = config.step + "-" + config.attempt
	return config
}

// headOf is the commit that the event is about.
func headOf(event forge.Event, workflowSHA string) string {
	switch {
	case event.PullRequest != nil:
		return event.PullRequest.HeadSHA
	case event.WorkflowRun != nil:
		return event.WorkflowRun.HeadSHA
	case event.Check != nil:
		return event.Check.HeadSHA
	}
	return workflowSHA
}

// showOnBoard takes over what an update changes of what people see.
func (s *step) showOnBoard(update agent.Update) {
	if s.board == nil {
		return
	}
	switch update := update.(type) {
	case agent.Started:
		s.notice.Result.Handle = update.Handle
	case agent.StatusChanged:
		s.notice.Result.Status = update.Status
	case agent.Said:
		if line := firstLine(update.Text); line != "" {
			s.notice.Activity = line
		}
	case agent.ToolStarted:
		s.notice.Activity = toolName(update.Name, update.Subject)
	case agent.AwaitingPullRequest:
		s.notice.Activity = "waiting for the pull request"
	default:
		return
	}
	s.board.show(s.notice)
}

// closeBoard shows what came of the work.
func (s *step) closeBoard(ctx context.Context, summary report.Summary) {
	if s.board == nil {
		return
	}
	summary.Timeline = nil
	summary.Waited = time.Since(s.began)
	notice := report.Notice{Summary: summary, WorkflowRun: s.notice.WorkflowRun}
	if s.board.close(ctx, notice, s.conclusionOf(summary.Result.Outcome)) {
		s.saveState(stateBoard, boardClosed)
	}
}

// firstLine is the first line of a text that says something.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
