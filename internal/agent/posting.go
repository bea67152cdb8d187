package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"cursor-agent-action/internal/cursor"
)

// ErrBusy says that a run did not end while a follow-up waited for that.
var ErrBusy = errors.New("keeps the agent busy")

// posting is one follow-up on its way.
type posting struct {
	agents   *Agents
	followUp FollowUp
	handle   Handle
	known    []string // runs that are not ours, the newest last
	mark     string
	lost     *lostPost // the last post whose answer was lost; nil: none was
	archived int       // how often the agent was unarchived
}

// lostPost is a post that may have been carried out.
type lostPost struct {
	err   error
	count int // of such posts so far
}

const (
	// maxPosts bounds how often a follow-up is posted whose answers are lost.
	maxPosts = 2
	// lateLooks is how many looks a conversation gets to show the prompt of a
	// run that is there, before that is taken for ours all the same.
	lateLooks = 3
	// maxUnarchives bounds a quarrel with somebody who archives the agent.
	maxUnarchives = 3
)

// post sends the follow-up until it is known to be there, or can't be sent.
func (p *posting) post(ctx context.Context) (cursor.Run, error) {
	client, id := p.agents.client, p.followUp.AgentID
	request := p.followUp.Request(p.mark)
	for pause := firstBusyPause; ; pause = min(2*pause, maxBusyPause) {
		if ctx.Err() != nil {
			return cursor.Run{}, p.stopped(ctx)
		}
		p.agents.observe(FollowUpPlanned{Handle: p.handle, Known: slices.Clone(p.known), Mark: p.mark})
		run, err := client.CreateRun(ctx, id, request)
		switch {
		case err == nil:
			return run, nil
		case errors.Is(err, cursor.CodeAgentBusy):
			var ours bool
			if run, ours, err = p.makeRoom(ctx, err, pause); err != nil || ours {
				return run, err
			}
		case errors.Is(err, cursor.CodeAgentArchived) && p.archived < maxUnarchives:
			p.archived++
			p.agents.observe(Unarchived{Handle: p.handle})
			if err := client.UnarchiveAgent(ctx, id); err != nil {
				return cursor.Run{}, err
			}
		case MaybeLaunched(err):
			var found bool
			if run, found, err = p.reconcile(ctx, err); err != nil || found {
				return run, err
			}
		default:
			return cursor.Run{}, p.failed(err)
		}
	}
}

// failed is a refusal that says nothing of a lost post before it.
func (p *posting) failed(err error) error {
	if p.lost == nil {
		return err
	}
	return fmt.Errorf("follow up: %w: %w; then %w", ErrMaybeSent, p.lost.err, err)
}

// stopped is the end of ctx, which leaves open what became of a lost post.
func (p *posting) stopped(ctx context.Context) error {
	if p.lost == nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w; stopped: %w", p.lost.err, context.Cause(ctx))
}

// reconcile looks for the run of a post whose answer was lost, for as long as
// the API may be late to list it. Without one the post may be repeated, once,
// where the server has let go of it: what it still works on could come later,
// when the repetition has ended, and would then be a second run.
func (p *posting) reconcile(ctx context.Context, lost error) (run cursor.Run, found bool, _ error) {
	if p.lost == nil {
		p.lost = &lostPost{}
	}
	p.lost.err = lost
	p.lost.count++
	if ctx.Err() != nil {
		return run, false, lost
	}
	at := trace{agentID: p.followUp.AgentID, known: p.known, marks: []string{p.mark}}
	began := time.Now()
	var last sighting
	looks := slices.Concat(lostLooks, lostLooks) // the second half for a run that is long in starting
	for i, wait := range looks {
		if i >= len(lostLooks) && !last.early() {
			break
		}
		if wait > 0 && !sleep(ctx, wait) {
			return run, false, p.stopped(ctx)
		}
		at.thorough = i >= len(lostLooks)-1
		seen, err := p.agents.sight(ctx, at)
		if ctx.Err() != nil {
			return run, false, p.stopped(ctx)
		}
		if last = seen; err != nil {
			last = sighting{state: unclear, err: err}
		}
		shown := i >= lateLooks && !last.early() || i == len(looks)-1
		if run, ours := last.likely(); ours && (last.state == sighted || last.err != nil || shown) {
			return run, true, nil
		}
	}
	if last.state == unclear || p.lost.count == maxPosts || !letGo(lost) {
		return run, false, fmt.Errorf("follow up: %w: %w", ErrMaybeSent, lost)
	}
	if failed, ok := errors.AsType[*cursor.Error](lost); ok && !sleep(ctx, failed.RetryAfter-time.Since(began)) {
		return run, false, p.stopped(ctx)
	}
	return run, false, nil
}

// letGo reports whether the server has ended the exchange of a lost post
// itself, by an answer or by breaking the connection. One that kept silent may
// carry it out yet.
func letGo(err error) bool {
	failed, ok := errors.AsType[*cursor.Error](err)
	return ok && failed.Status != http.StatusGatewayTimeout && !errors.Is(failed, cursor.ErrNoAnswer)
}

const (
	// firstBusyPause and maxBusyPause bound the wait before the next post when
	// the API calls an agent busy that shows no live run. It doubles.
	firstBusyPause = time.Second
	maxBusyPause   = 30 * time.Second
)

// makeRoom deals with the live run that keeps the agent busy, as OnBusy says.
// After a lost post the live run may be ours.
func (p *posting) makeRoom(ctx context.Context, busy error, pause time.Duration) (_ cursor.Run, ours bool, _ error) {
	if p.lost != nil {
		at := trace{agentID: p.followUp.AgentID, known: p.known, marks: []string{p.mark}}
		seen, err := p.agents.sightUntilClear(ctx, at, unreadableLooks)
		if run, ours := seen.likely(); ours && err == nil {
			return run, true, nil
		}
	}
	onBusy := p.followUp.OnBusy
	if onBusy == OnBusyFail {
		return cursor.Run{}, false, p.failed(busy)
	}
	live, found, err := p.agents.liveRun(ctx, p.followUp.AgentID)
	switch {
	case ctx.Err() != nil:
		return cursor.Run{}, false, p.stopped(ctx)
	case err != nil:
		return cursor.Run{}, false, p.failed(err)
	case !found:
		sleep(ctx, p.agents.jitter(pause))
		return cursor.Run{}, false, nil
	}
	other := Handle{AgentID: p.followUp.AgentID, RunID: live.ID, URL: p.handle.URL, Status: live.Status}
	p.known = append(p.known, live.ID)
	p.agents.observe(Busy{Handle: other, Cancelled: onBusy == OnBusyCancel})
	if onBusy == OnBusyCancel {
		err = p.evict(ctx, other)
	} else {
		err = p.await(ctx, other)
	}
	switch {
	case ctx.Err() != nil && p.lost == nil:
		return cursor.Run{}, false, fmt.Errorf("run %s %w; stopped: %w", live.ID, ErrBusy, context.Cause(ctx))
	case ctx.Err() != nil:
		return cursor.Run{}, false, p.stopped(ctx)
	case err != nil:
		return cursor.Run{}, false, p.failed(err)
	}
	return cursor.Run{}, false, nil
}

// cancelAgain is how long a run that did not end when it was cancelled is waited
// for, before it is cancelled again.
const cancelAgain = 10 * time.Minute

// evict cancels the live run and sees it end. One that does not is waited for, so
// that a server which takes cancels and does nothing is not asked without a
// pause; without an error it may be live still.
func (p *posting) evict(ctx context.Context, other Handle) error {
	limited, stop := context.WithTimeout(ctx, endPatience)
	defer stop()
	_, err := p.agents.Cancel(limited, other)
	if !errors.Is(err, ErrStillRunning) || ctx.Err() != nil {
		return err
	}
	limited, stop = context.WithTimeout(ctx, cancelAgain)
	defer stop()
	if err = p.await(limited, other); limited.Err() != nil {
		return nil
	}
	return err
}

// await waits for the live run's end.
func (p *posting) await(ctx context.Context, other Handle) error {
	quiet := *p.agents
	quiet.observe = func(Update) {} // What it says is no part of this work.
	_, err := quiet.Follow(ctx, other)
	return err
}
