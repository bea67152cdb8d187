package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

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
	warned  map[string]bool

	// Of the comment. It is sought where another attempt may have made it, or a
	// request of ours whose answer was lost.
	comment        forge.Posted // zero: none yet
	sought         bool
	commentRefused bool   // for good, as far as progress goes
	agentID        string // that a comment without an end was about, "" for none

	// Of the check run, likewise.
	check        int64 // 0: none yet
	checkLost    bool  // one may have been made
	headKept     bool  // the cleanup stage is told of its commit
	checkRefused bool
}

// boardConfig says what is written and where.
type boardConfig struct {
	runner     audience
	repository string // "owner/name"
	kind       forge.SubjectKind
	subject    int         // issue, pull request or discussion to comment on, 0 for none
	pull       int         // pull request whose head is checked where headSHA is not known
	permission string      // that the comment needs to be written with
	mode       commentMode // whether and when there is a comment
	marker     string      // the comment's hidden first line
	seal       agentSeal   // of the comment's line that names the agent
	checkName  string      // "" for no check run
	headSHA    string      // of the check run, "" until it is known
	key        string      // of the check run
	page       string      // address of the workflow run
	attempt    string      // the workflow run's number and attempt, of both
	began      time.Time
}

// talk is where the comment stands.
func (b *board) talk() forge.Conversation {
	return b.hub.Conversation(b.repository, b.kind, b.subject)
}

// nothing reports whether nothing is shown.
func (c boardConfig) nothing() bool { return c.mode == commentOff && c.checkName == "" }

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
			b.tell(b.write(limited, notice, ""))
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
	return b.tell(b.write(ctx, notice, conclusion))
}

// write brings the comment and the check run to where the work is. Without a
// conclusion the work goes on.
func (b *board) write(ctx context.Context, notice report.Notice, conclusion forge.Conclusion) (checkErr, commentErr error) {
	var writing sync.WaitGroup
	ends := conclusion != ""
	notice.Summary, notice.Activity = redactSummary(b.runner, notice.Summary), b.runner.Redact(notice.Activity)
	if b.checkName != "" && (ends || !b.checkRefused) {
		writing.Go(func() { checkErr = b.writeCheck(ctx, notice, conclusion) })
	}
	if b.mode == commentProgress && !b.commentRefused || b.mode != commentOff && ends {
		commentErr = b.writeComment(ctx, notice)
	}
	writing.Wait()
	b.checkRefused, b.commentRefused = b.checkRefused || refused(checkErr), b.commentRefused || refused(commentErr)
	return checkErr, commentErr
}

// tell warns of what write could not write, and reports whether that is nothing.
func (b *board) tell(checkErr, commentErr error) bool {
	b.failed("check", "checks", checkErr)
	b.failed("comment", b.permission, commentErr)
	return checkErr == nil && commentErr == nil
}

// refused reports whether GitHub will say the same to the next update. The end is
// tried once more all the same: somebody may have changed what was wrong.
func refused(err error) bool {
	said, ok := errors.AsType[*forge.GitHubError](err)
	if !ok || said.Limited {
		return false
	}
	switch said.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return false
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

func (b *board) save(name, value string) {
	if err := b.runner.SaveState(name, value); err != nil {
		b.runner.Debug(err.Error())
	}
}
