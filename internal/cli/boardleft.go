package cli

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/secret"
)

// remains is what the cleanup stage found of the agent, and did about it.
type remains struct {
	handle agent.Handle
	what   string // follows "the step was killed; "
	next   string // what to do about it, "" for nothing
}

// leftBoard is the comment and the check run of this attempt that the main stage
// may have left without an end; nil where there can be none. It asks nobody. With
// the state it is known whether there is one, and without it the inputs say.
func (s *step) leftBoard(runner *actions.Runner) *board {
	in := runner.Inputs()
	readBoard(in, &s.config)
	stage, state := runner.State(stateStage), runner.State(stateBoard)
	if s.comment == commentOff && s.check == "" || state == boardClosed || stage != "" && state == "" || in.Bool("dry-run", false) {
		return nil
	}
	context := runner.Context()
	s.event, s.githubToken = eventOf(runner.Context()), secret.New(in.Text("github-token"))
	if s.repository, _ = forge.ParseRepository(context.Repository, context.ServerURL); in.Set("pull-request") {
		if pull, err := readPullRequest(in.Text("pull-request"), s.event, s.repository); err == nil {
			s.repository, s.pullRequest = pull.Repository, pull.URL()
		}
	}
	hub, err := s.gitHub()
	config, _ := s.boardConfig()
	if err != nil || config.nothing() {
		return nil
	}
	left := &board{boardConfig: config, hub: hub, sought: true, warned: map[string]bool{}}
	left.comment.ID, _ = strconv.ParseInt(runner.State(stateComment), 10, 64)
	left.check, _ = strconv.ParseInt(runner.State(stateCheck), 10, 64)
	return left
}

// endBoard writes the end of what the main stage left.
func (s *step) endBoard(ctx context.Context, runner *actions.Runner, left *board) {
	ctx, cancel := context.WithTimeout(ctx, boardLast)
	defer cancel()
	if err := left.reclaim(ctx, runner.State(stateBoard) == boardOpen); err != nil {
		runner.Warning("cleanup: whether the comment and the check run have their end is not known: " + oneLine(err))
	}
	if left.nothing() {
		runner.Debug("cleanup: no comment and no check run is left without its end")
		return
	}
	notice := report.Notice{WorkflowRun: left.page}
	notice.Title, notice.Kind, notice.Version = cmp.Or(runner.State(stateTitle), s.spec.Headline()), s.errand.kind, s.Version
	notice.Repository = runner.Context().ServerURL + "/" + left.repository
	conclusion := forge.CheckCancelled
	if end, kept := keptEnd(runner.State(stateEnd)); kept {
		conclusion = end.show(&notice)
	} else {
		notice.Result.Handle = s.remains.handle
		notice.Result.AgentID = cmp.Or(notice.Result.AgentID, left.agentID)
		notice.Problem, notice.NextStep = "the step was killed; "+s.remains.what, s.remains.next
	}
	notice.Summary = s.hidden(notice.Summary)
	if left.write(ctx, notice, conclusion) {
		runner.Debug("cleanup: the comment and the check run have their end")
	}
}

// reclaim finds the comment and the check run, and lets go of what has an end or
// is another attempt's. known says that the main stage told of them.
func (b *board) reclaim(ctx context.Context, known bool) error {
	var commentErr, checkErr error
	if b.mode != commentOff {
		var ours bool
		if ours, commentErr = b.reclaimComment(ctx, known); !ours {
			b.mode = commentOff
		}
	}
	if b.checkName != "" {
		var ours bool
		if ours, checkErr = b.reclaimCheck(ctx); !ours {
			b.checkName = ""
		}
	}
	return errors.Join(commentErr, checkErr)
}

// reclaimComment reports whether the comment is to be written: this attempt's
// that is without an end, or a new one where the main stage would have made one.
func (b *board) reclaimComment(ctx context.Context, known bool) (bool, error) {
	if b.comment.ID == 0 {
		author, err := b.hub.Viewer(ctx)
		if err == nil {
			b.comment, err = b.hub.FindComment(ctx, b.repository, b.subject, b.marker, author)
		}
		if err != nil || b.comment.ID == 0 {
			return err == nil && known, err
		}
	}
	text, err := b.hub.CommentText(ctx, b.repository, b.comment.ID)
	if gone, ok := errors.AsType[*forge.GitHubError](err); ok && gone.Status == http.StatusNotFound {
		return false, nil
	}
	marks := forge.Marks(text)
	for _, mark := range marks {
		if id, ok := strings.CutPrefix(mark, markAgent); ok && agentAddress.MatchString(id) {
			b.agentID = id
		}
	}
	return err == nil && slices.Contains(marks, markWorking+b.attempt), err
}

// reclaimCheck reports whether the check run goes on.
func (b *board) reclaimCheck(ctx context.Context) (ours bool, err error) {
	if b.check != 0 {
		ended, err := b.hub.CheckEnded(ctx, b.repository, b.check)
		return err == nil && !ended, err
	}
	if err = b.findHead(ctx); err == nil {
		b.check, err = b.hub.FindCheck(ctx, b.repository, b.headSHA, b.checkName, b.key)
	}
	return b.check != 0, err
}
