package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

const (
	// boardEvery is the least time between two updates: GitHub counts writing
	// requests, and people do not read faster.
	boardEvery = 15 * time.Second
	// boardAtLeast is how often the elapsed time is written anew where nothing
	// else has changed.
	boardAtLeast = time.Minute
	// boardPatience bounds one update, and boardLast the last of them. The
	// agent's verdict does not wait for longer.
	boardPatience = 10 * time.Second
	boardLast     = 20 * time.Second
)

// board is where people see how the work stands without opening the log: a
// comment and a check run. It writes in its own time, so that the agent is
// neither launched nor settled later for it. What can't be written is a warning,
// once, and changes no verdict.
type board struct {
	boardConfig
	hub *forge.GitHub

	mu      sync.Mutex
	notice  report.Notice // as of now
	changed bool

	closing chan struct{}
	done    chan struct{}
	comment forge.Posted // zero: none yet
	sought  bool         // an earlier attempt's comment was looked for
	check   int64        // 0: none yet
	warned  map[string]bool
}

// boardConfig says what is written and where.
type boardConfig struct {
	runner     audience
	repository string      // "owner/name"
	subject    int         // issue or pull request to comment on
	mode       commentMode // whether and when there is a comment
	marker     string      // the comment's hidden first line
	checkName  string      // "" for no check run
	headSHA    string      // of the check run
	step       string      // tells this step from others of the workflow
	key        string      // of the check run
	page       string      // address of the workflow run
	attempt    string      // the workflow run's number and attempt, of both
	began      time.Time
}

// commentMode is the input comment.
type commentMode string

const (
	commentOff      commentMode = "off"
	commentResult   commentMode = "result"
	commentProgress commentMode = "progress"
)

// openBoard begins to write, with what is known now.
func openBoard(ctx context.Context, hub *forge.GitHub, config boardConfig, notice report.Notice) *board {
	b := &board{
		boardConfig: config, hub: hub, notice: notice, changed: true,
		closing: make(chan struct{}), done: make(chan struct{}), warned: map[string]bool{},
	}
	go b.keep(context.WithoutCancel(ctx))
	return b
}

// show takes what is known now.
func (b *board) show(notice report.Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notice, b.changed = notice, true
}

// keep writes what has changed from time to time, until the board is closed.
func (b *board) keep(ctx context.Context) {
	defer close(b.done)
	for last := (time.Time{}); ; {
		b.mu.Lock()
		notice, due := b.notice, b.changed || time.Since(last) >= boardAtLeast
		b.changed = false
		b.mu.Unlock()
		if due {
			last = time.Now()
			notice.Working, notice.Waited = true, time.Since(b.began)
			limited, cancel := context.WithTimeout(ctx, boardPatience)
			b.write(limited, notice, "")
			cancel()
		}
		select {
		case <-time.After(boardEvery):
		case <-b.closing:
			return
		}
	}
}

// close writes how it ended, and reports whether it could. Nothing is written
// afterwards.
func (b *board) close(ctx context.Context, notice report.Notice, conclusion forge.Conclusion) bool {
	ctx, cancel := context.WithTimeout(ctx, boardLast)
	defer cancel()
	close(b.closing)
	select {
	case <-b.done:
	case <-ctx.Done():
		return false // A write on its way goes on: two at once may come in any order.
	}
	notice.Working = false
	return b.write(ctx, notice, conclusion)
}

// write brings the comment and the check run to where the work is, and reports
// whether it could. Without a conclusion the work goes on.
func (b *board) write(ctx context.Context, notice report.Notice, conclusion forge.Conclusion) bool {
	var checkErr, commentErr error
	var writing sync.WaitGroup
	if b.checkName != "" {
		writing.Go(func() { checkErr = b.writeCheck(ctx, notice, conclusion) })
	}
	if b.mode == commentProgress || b.mode == commentResult && conclusion != "" {
		commentErr = b.writeComment(ctx, notice)
	}
	writing.Wait()
	b.failed("check", "checks", checkErr)
	b.failed("comment", "issues", commentErr)
	return checkErr == nil && commentErr == nil
}

// writeComment updates the comment, which is made where there is none.
func (b *board) writeComment(ctx context.Context, notice report.Notice) error {
	body := b.marker + "\n"
	if notice.Working {
		body += unfinished(b.attempt) + "\n"
	}
	body += "\n" + notice.Markdown()
	if b.comment.ID != 0 {
		err := b.hub.UpdateComment(ctx, b.repository, b.comment.ID, body)
		if gone, ok := errors.AsType[*forge.GitHubError](err); !ok || gone.Status != http.StatusNotFound {
			return err
		}
		b.comment = forge.Posted{} // Somebody deleted it. The end is worth a new one, progress is not.
		if notice.Working {
			b.mode = commentResult
			return nil
		}
	}
	if !b.sought {
		author, err := b.hub.Viewer(ctx)
		if err == nil {
			b.comment, err = b.hub.FindComment(ctx, b.repository, b.subject, b.marker, author)
		}
		if err != nil {
			return err
		}
		b.sought = true
	}
	if b.comment.ID != 0 {
		err := b.hub.UpdateComment(ctx, b.repository, b.comment.ID, body)
		b.announce()
		return err
	}
	made, err := b.hub.CreateComment(ctx, b.repository, b.subject, body)
	if err != nil {
		b.sought = false // It may have been made.
		return err
	}
	b.comment = made
	b.announce()
	return nil
}

// unfinished is the hidden line of a comment whose end is not written yet, with
// whose it is.
func unfinished(attempt string) string { return forge.MarkerLine("working-" + attempt) }

// announce hands on where the comment is, also to a cleanup stage.
func (b *board) announce() {
	setOutputs(b.runner, []output{{"comment-url", cut(b.comment.URL, maxField)}})
	b.save(stateComment, strconv.FormatInt(b.comment.ID, 10))
}

func (b *board) save(name, value string) {
	if err := b.runner.SaveState(name, value); err != nil {
		b.runner.Debug(err.Error())
	}
}

// writeCheck updates the check run, which is started where there is none.
func (b *board) writeCheck(ctx context.Context, notice report.Notice, conclusion forge.Conclusion) error {
	run := forge.CheckStatus{
		Name: b.checkName, HeadSHA: b.headSHA, Key: b.key, Details: b.page,
		Title: notice.Headline(), Summary: notice.Markdown(), Conclusion: conclusion,
	}
	if conclusion != "" {
		run.Annotations = annotations(notice.Result.Object)
	}
	if b.check == 0 {
		made, err := b.hub.StartCheck(ctx, b.repository, run)
		if err != nil {
			return err
		}
		b.check = made
		b.save(stateCheck, strconv.FormatInt(made, 10))
		if conclusion == "" {
			return nil
		}
	}
	return b.hub.UpdateCheck(ctx, b.repository, b.check, run)
}

// failed warns of what could not be written, once.
func (b *board) failed(input, permission string, err error) {
	if err == nil {
		return
	}
	first := !b.warned[input]
	b.warned[input] = true
	text := fmt.Sprintf("%s: %s", input, oneLine(err))
	if !first {
		b.runner.Debug(text)
		return
	}
	b.runner.Warning(text + "; " + grantAdvice(err, permission))
}

// grantAdvice is the next step where GitHub refused something that needs a
// permission to write.
func grantAdvice(err error, permission string) string {
	refused, ok := errors.AsType[*forge.GitHubError](err)
	switch {
	case !ok || refused.Status == 0 || refused.Status >= 500 || refused.Limited:
		return "the agent's work does not suffer"
	case refused.SSO != "":
		return "authorise the token for the organisation at " + refused.SSO
	case refused.Classic:
		return "give the token the scope repo, which it does not have"
	case refused.Status == http.StatusUnauthorized:
		return "check github-token: GitHub does not know it"
	}
	return "give the job permissions: " + permission + ": write"
}

// conclusionOf is how a check run ends by the outcome: what does not turn the
// step red does not turn it red either.
func (s *step) conclusionOf(outcome agent.Outcome) forge.Conclusion {
	switch {
	case outcome == agent.OutcomeSkipped:
		return forge.CheckSkipped
	case outcome == agent.OutcomeCancelled:
		return forge.CheckCancelled
	case outcome == agent.OutcomeTimedOut && s.failOn[outcome]:
		return forge.CheckTimedOut
	case s.failOn[outcome]:
		return forge.CheckFailure
	case outcome == agent.OutcomeSucceeded:
		return forge.CheckSuccess
	}
	return forge.CheckNeutral
}
