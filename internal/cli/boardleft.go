package cli

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
	s.event, s.githubToken = eventOf(context), secret.New(in.Text("github-token"))
	readRepository(in, context, &s.config) // What is wrong with it the main stage has said.
	hub, err := s.gitHub()
	config, _ := s.boardConfig()
	if err != nil || config.nothing() {
		return nil
	}
	left := &board{boardConfig: config, hub: hub, sought: true, headKept: true, warned: map[string]bool{}}
	left.comment = forge.PostedAt(runner.State(stateComment))
	left.headSHA = cmp.Or(runner.State(stateHead), left.headSHA)
	left.check, _ = strconv.ParseInt(runner.State(stateCheck), 10, 64)
	return left
}

// endBoard writes the end of what the main stage left. Nobody comes after it, so
// that it comes back itself where GitHub was away or wants to be left alone.
func (s *step) endBoard(ctx context.Context, runner *actions.Runner, left *board) {
	unknown, checkErr, commentErr := s.writeEnd(ctx, runner, left)
	if wait := max(comeBack(unknown), comeBack(checkErr), comeBack(commentErr)); wait > 0 {
		runner.Debug("cleanup: " + oneLine(errors.Join(unknown, checkErr, commentErr)) + "; once more in " + spell(wait))
		select {
		case <-time.After(wait):
			left = s.leftBoard(runner)
			unknown, checkErr, commentErr = s.writeEnd(ctx, runner, left)
		case <-ctx.Done():
		}
	}
	if unknown != nil {
		runner.Warning("cleanup: whether the comment and the check run have their end is not known: " + oneLine(unknown))
	}
	left.tell(checkErr, commentErr)
}

const (
	// boardReturn is when the cleanup stage comes back to a GitHub that was away,
	// and boardLimited to one that limits and says no time, as it asks for then:
	// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
	boardReturn  = 15 * time.Second
	boardLimited = time.Minute
)

// comeBack is how long to wait before what failed is tried once more, 0 where
// that is in vain or too long for a job's end.
func comeBack(err error) time.Duration {
	said, ok := errors.AsType[*forge.GitHubError](err)
	switch {
	case !ok || refused(err) || said.RetryAfter > boardLimited:
		return 0
	case said.Limited && said.RetryAfter > 0:
		return said.RetryAfter + time.Second
	case said.Limited:
		return boardLimited
	}
	return boardReturn
}

// writeEnd is endBoard once. unknown is why it is not known whether there is
// something to be ended.
func (s *step) writeEnd(ctx context.Context, runner *actions.Runner, left *board) (unknown, checkErr, commentErr error) {
	ctx, cancel := context.WithTimeout(ctx, boardLast)
	defer cancel()
	unknown = left.reclaim(ctx, runner.State(stateBoard) == boardOpen)
	if left.nothing() {
		runner.Debug("cleanup: no comment and no check run is left to be ended")
		return unknown, nil, nil
	}
	notice := report.Notice{WorkflowRun: left.page}
	notice.Title, notice.Kind, notice.Version = cmp.Or(runner.State(stateTitle), s.spec.Headline()), s.errand.kind, s.Version
	notice.Repository = runner.Context().ServerURL + "/" + left.repository
	conclusion := forge.CheckCancelled
	if end, kept := keptEnd(runner.State(stateEnd)); kept {
		conclusion = end.show(&notice)
	} else {
		notice.Result.Handle = s.remains.handle
		if notice.Result.AgentID = cmp.Or(notice.Result.AgentID, left.agentID); notice.Result.AgentID != "" {
			notice.Result.URL = where(notice.Result.Handle)
		}
		notice.Problem, notice.NextStep = "the step was killed; "+s.remains.what, s.remains.next
	}
	checkErr, commentErr = left.write(ctx, notice, conclusion)
	return unknown, checkErr, commentErr
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
// that is without an end, or where the main stage would have written one, that of
// an attempt before, or a new one.
func (b *board) reclaimComment(ctx context.Context, known bool) (bool, error) {
	if b.comment.IsZero() {
		author, err := b.hub.Viewer(ctx)
		if err == nil {
			b.comment, err = b.talk().Find(ctx, b.marker, author)
		}
		if err != nil || b.comment.IsZero() {
			return err == nil && known, err
		}
	}
	text, err := b.talk().Text(ctx, b.comment)
	if gone, ok := errors.AsType[*forge.GitHubError](err); ok && gone.Status == http.StatusNotFound {
		return false, nil
	}
	if err != nil || !strings.HasPrefix(text, b.marker) {
		return false, err // Whoever wrote over it wants it otherwise.
	}
	marks := forge.Marks(text)
	mine, before := slices.Contains(marks, markWorking+b.attempt), true
	for _, mark := range marks {
		if attempt, ok := strings.CutPrefix(mark, markWorking); ok {
			before = isBefore(attempt, b.attempt)
		}
		if attempt, ok := strings.CutPrefix(mark, markEnded); ok {
			before = isBefore(attempt, b.attempt)
		}
		if id, ok := b.seal.read(mark); ok && mine {
			b.agentID = id
		}
	}
	return mine || known && before, nil
}

// isBefore reports whether an attempt was begun before another; GitHub numbers
// workflow runs in their order.
func isBefore(one, other string) bool {
	number := func(attempt string) [2]int64 {
		run, of, _ := strings.Cut(attempt, "-")
		first, _ := strconv.ParseInt(run, 10, 64)
		second, _ := strconv.ParseInt(of, 10, 64)
		return [2]int64{first, second}
	}
	a, b := number(one), number(other)
	return slices.Compare(a[:], b[:]) < 0
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
