package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// How far the board is, as the cleanup stage reads it.
const (
	boardOpen   = "open"   // its end is not written yet
	boardClosed = "closed" // it is
)

// readBoard reads what is shown.
func readBoard(in *actions.Inputs, c *config) {
	c.comment = commentMode(in.Enum("comment", string(commentOff), string(commentOff), string(commentResult), string(commentProgress)))
	c.check, c.matrix = in.Text("check"), in.Text("idempotency-key")
}

// openBoard begins to show how the work stands, where that is wished.
func (s *step) openBoard(ctx context.Context) {
	config, nowhere := s.boardConfig()
	for _, why := range nowhere {
		s.runner.Info(why)
	}
	if config.nothing() {
		return
	}
	hub, err := s.gitHub()
	if err != nil {
		s.runner.Warning("comment and check: " + oneLine(err) + "; nothing is shown beside the log")
		return
	}
	s.saveState(stateTitle, cut(s.spec.Headline(), maxField))
	s.saveState(stateBoard, boardOpen)
	s.notice = report.Notice{Summary: s.newSummary(), WorkflowRun: config.page}
	s.notice.Result.AgentID = s.agentID // of a follow-up or an attach
	s.notice.Timeline = nil             // It is the summary's, and belongs to the goroutine that observes.
	s.board = openBoard(ctx, hub, config, s.notice)
}

// boardConfig says what the inputs wish to be shown, and where. What has no place
// is left out, and nowhere says so.
func (s *step) boardConfig() (config boardConfig, nowhere []string) {
	context := s.runner.Context()
	config = boardConfig{
		runner: s.runner, repository: context.Repository, mode: s.comment, checkName: s.check, began: s.began,
		page:    fmt.Sprintf("%s/%s/actions/runs/%d", context.ServerURL, context.Repository, context.RunID),
		attempt: fmt.Sprintf("%d-%d", context.RunID, context.RunAttempt),
	}
	kind, number := s.event.Subject()
	if number == 0 && s.pullRequest != "" && strings.EqualFold(s.repository.Path, context.Repository) {
		kind, number = forge.SubjectPullRequest, forge.PullRequestNumber(s.pullRequest)
	}
	if kind == forge.SubjectPullRequest {
		config.pull = number
	}
	config.kind, config.permission = kind, subjectPermission(kind)
	if config.subject = number; number == 0 && config.mode != commentOff {
		nowhere = append(nowhere, fmt.Sprintf("comment: the event %q is about no issue, pull request or discussion of this repository, so there is nowhere to comment", s.event.Name))
		config.mode = commentOff
	}
	config.headSHA = s.headSHA(config.pull, context.SHA)
	if config.headSHA == "" && config.pull == 0 && config.checkName != "" {
		nowhere = append(nowhere, fmt.Sprintf("check: the event %q names no commit, so there is nothing to check", s.event.Name))
		config.checkName = ""
	}
	step := s.stepKey()
	config.seal = s.agentSeal(config.kind, config.subject)
	config.marker = forge.MarkerLine(fmt.Sprintf("%s-%d", step, config.subject))
	config.key = step + "-" + config.attempt
	return config, nowhere
}

// stepKey tells this step from the others of its repository's workflows, and each
// place in a matrix from the others.
func (s *step) stepKey() string {
	context := s.runner.Context()
	hash := sha256.Sum256([]byte(strings.Join([]string{context.Workflow, context.Job, context.Action, s.matrix}, "\x00")))
	return fmt.Sprintf("%x", hash[:8])
}

// agentSeal is that of comments on what kind and number name in this repository.
func (s *step) agentSeal(kind forge.SubjectKind, number int) agentSeal {
	return agentSeal{s.key, s.runner.Context().Repository, kind, number}
}

// headSHA is the commit that the event is about, "" where it is the head of a
// pull request that the event does not tell.
func (s *step) headSHA(pull int, workflowSHA string) string {
	switch {
	case s.event.PullRequest != nil && s.event.PullRequest.HeadSHA != "":
		return s.event.PullRequest.HeadSHA
	case s.decision.PullRequest != nil:
		return s.decision.PullRequest.HeadSHA
	case s.event.WorkflowRun != nil:
		return s.event.WorkflowRun.HeadSHA
	case s.event.Check != nil:
		return s.event.Check.HeadSHA
	case pull != 0:
		return ""
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
	if s.board.close(ctx, notice, conclusionOf(summary.Result.Outcome, s.failOn[summary.Result.Outcome])) {
		s.saveState(stateBoard, boardClosed)
	}
}

// firstLine is the first line of a text that says something.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
