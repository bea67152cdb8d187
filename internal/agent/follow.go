package agent

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Follow waits until the handle's run has ended and returns it as GET run
// gives it: what the stream says is told to the observer and decides nothing.
// It streams, and looks at the run while the stream is away. It ends early
// with context.Cause when ctx does, and with the API's error when the API
// refuses several looks in a row for good.
func (a *Agents) Follow(ctx context.Context, handle Handle) (cursor.Run, error) {
	return a.FollowWithin(ctx, handle, Budget{})
}

// FollowWithin is Follow for as long as the run keeps to its budget. It ends
// early with an *OverBudget when it does not; the run goes on then.
func (a *Agents) FollowWithin(ctx context.Context, handle Handle, budget Budget) (cursor.Run, error) {
	streaming, cancel := context.WithCancel(ctx)
	now := time.Now()
	f := &follower{
		agents:   a,
		run:      cursor.Run{ID: handle.RunID, AgentID: handle.AgentID, Status: handle.Status},
		narrator: newNarrator(a.observe, a.redact),
		replay:   newReplay(),
		pace:     newPace(a.pollInterval, now, a.jitter),
		heard:    now,
		looked:   make(chan looked, 1),
		look:     time.NewTimer(quietCheck),
		connect:  time.NewTimer(0),
		quiet:    time.NewTimer(a.quietAfter),
		meter:    newMeter(budget, handle.RunID),
	}
	defer func() {
		cancel()
		f.stream.stop()
		f.narrator.end()
	}()
	return f.follow(streaming)
}

const (
	// firstReconnect and maxReconnect bound the wait before the stream is
	// opened again; it doubles while connections bring nothing new.
	firstReconnect = 250 * time.Millisecond
	maxReconnect   = 30 * time.Second
	// announceAway is how many connections in a row must bring nothing before
	// the observer hears of it: single drops are normal and heal at once.
	announceAway = 3
	// hardFailures is how many looks in a row the API must refuse for good
	// before we believe it: one 401 or 404 is a hiccup at times.
	hardFailures = 4
	// maxStatuses is how many changes of the status a stream is believed: a run
	// has three, and each is written down, so that a stream that changes it with
	// each event would fill the disk. Looks go on to tell.
	maxStatuses = 100
	// drainSilence is how long the rest of a stream may keep us waiting when a
	// look was first to see the run's end, and drainTime how long it may take.
	drainSilence = time.Second
	drainTime    = 10 * time.Second
)

// follower is the state of one Follow. Its methods run on one goroutine; the
// stream and each look are read by others and arrive over channels.
type follower struct {
	agents   *Agents
	run      cursor.Run // as last seen
	narrator *narrator
	replay   replay
	pace     pace
	heard    time.Time // when something last happened

	stream   connection
	attempts int       // connections in a row that brought nothing new
	gone     bool      // the stream will not come back
	unheard  bool      // the last connection did not come about: no answer at all
	allowed  time.Time // the server asked not to be asked for it before

	looked   chan looked
	looking  bool
	failures int // looks in a row that were refused for good

	statuses int // changes that the stream told of

	told cursor.Run // its end as the stream told it, which does not decide

	look, connect, quiet *time.Timer

	meter meter
}

func (f *follower) follow(ctx context.Context) (cursor.Run, error) {
	for {
		select {
		case <-ctx.Done():
			return f.run, context.Cause(ctx)
		case <-f.connect.C:
			f.open(ctx)
		case item, open := <-f.stream.items:
			f.receive(ctx, item, open)
		case <-f.look.C:
			f.startLook(ctx)
		case seen := <-f.looked:
			if ctx.Err() != nil {
				continue
			}
			ended, err := f.see(seen)
			if err != nil {
				return f.run, err
			}
			if ended {
				// What the agent said comes before the end of its run.
				f.drain(ctx)
				f.narrator.end()
				f.changeStatus(seen.run.Status)
				return completed(seen.run, f.told), nil
			}
		case <-f.quiet.C:
			f.checkQuiet()
		case <-f.meter.due:
			f.startCount(ctx)
		case counted := <-f.meter.counted:
			if ctx.Err() != nil {
				continue
			}
			if err := f.count(counted); err != nil {
				return f.run, err
			}
		}
		f.look.Reset(f.pace.wait(time.Now(), f.heard, f.looking))
	}
}

// open reads the stream from where the last connection left off.
func (f *follower) open(ctx context.Context) {
	f.unheard = false
	f.replay.connected()
	agentID, runID, lastID := f.run.AgentID, f.run.ID, f.replay.lastID
	f.stream = connect(ctx, func(ctx context.Context) iter.Seq2[cursor.Event, error] {
		return f.agents.client.StreamRun(ctx, agentID, runID, lastID)
	})
}

// receive handles what the stream gave; not open is its end.
func (f *follower) receive(ctx context.Context, item streamItem, open bool) {
	switch {
	case ctx.Err() != nil:
		// Our own end, which is no fault of the stream, comes next.
	case !open:
		f.streamEnded(nil)
	case item.err != nil:
		f.streamEnded(item.err)
	default:
		f.take(item.event)
	}
}

// take handles one event of the stream.
func (f *follower) take(event cursor.Event) {
	switch data := event.Data.(type) {
	case cursor.HeartbeatEvent:
		f.pace.streaming()
		return
	case cursor.StatusEvent:
		// Sent at every connect, without an id, and wrong at times.
		if data.Status.Terminal() {
			f.pace.hint(time.Now().Add(time.Second))
		} else if f.statuses < maxStatuses && f.changeStatus(data.Status) {
			f.statuses++
		}
		return
	case cursor.StreamErrorEvent:
		// stream_unavailable comes on healthy runs, and "done" after it.
		f.streamEnded(nil)
		return
	}
	if !f.replay.fresh(event) {
		return
	}
	f.heard = time.Now()
	if f.attempts >= announceAway {
		f.agents.observe(StreamBack{})
	}
	f.attempts = 0
	switch data := event.Data.(type) {
	case cursor.ResultEvent:
		f.told = cursor.Run{ID: cmp.Or(data.RunID, f.run.ID), Status: data.Status, Result: data.Text, Duration: data.Duration, Git: data.Git}
		f.stream.stop()
		f.pace.settle(f.heard)
	case cursor.DoneEvent:
		f.stream.stop()
		f.pace.settle(f.heard)
	default:
		f.pace.streaming()
		f.narrator.tell(event.Data)
	}
}

// streamEnded decides when to open the stream again.
func (f *follower) streamEnded(err error) {
	f.stream.stop()
	now := time.Now()
	f.pace.away(now)
	f.attempts++
	if errors.Is(err, cursor.CodeStreamExpired) || errors.Is(err, cursor.ErrEventTooLarge) {
		// Each connection would meet the same end. Mostly it is an old run's.
		f.gone = true
		f.pace.hint(now)
	}
	if f.gone || f.attempts == announceAway {
		f.agents.observe(StreamAway{Err: err, Gone: f.gone})
	}
	if f.gone {
		return
	}
	if errors.Is(err, cursor.CodeInvalidLastEventID) {
		f.replay.restart()
	}
	wait := f.agents.jitter(min(firstReconnect<<min(f.attempts-1, 10), maxReconnect))
	if failed, ok := errors.AsType[*cursor.Error](err); ok {
		f.unheard = failed.Status == 0
		f.allowed = now.Add(failed.RetryAfter)
		wait = max(wait, failed.RetryAfter)
	}
	f.connect.Reset(wait)
}

// drain tells what the stream still holds of a run that has ended. A stream
// that brought nothing when it was opened last is not opened again, unless
// that was for want of a network, which a look has just found to be back.
func (f *follower) drain(ctx context.Context) {
	if f.unheard {
		f.attempts = 1
	}
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	silence := time.NewTimer(drainSilence)
	defer silence.Stop()
	for !f.gone && !f.pace.settling() && (f.stream.isOpen() || f.attempts <= 1) {
		if !f.stream.isOpen() {
			if time.Now().Before(f.allowed) {
				return // The rest of the text is not worth a request that the server asked us not to make.
			}
			f.open(ctx)
		}
		select {
		case item, open := <-f.stream.items:
			passed := f.replay.passed
			if f.receive(ctx, item, open); f.replay.passed > passed {
				silence.Reset(drainSilence)
			}
		case <-silence.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// completed adds to a run that has ended what was told elsewhere of the same
// end and the run does not show: at times it is FINISHED before it has the
// answer and the branch.
func completed(run, told cursor.Run) cursor.Run {
	if told.Status != run.Status || told.ID != run.ID {
		return run
	}
	run.Result = cmp.Or(run.Result, told.Result)
	run.Duration = cmp.Or(run.Duration, told.Duration)
	if len(run.Git) == 0 {
		run.Git = told.Git
	}
	return run
}

// changeStatus tells of a status that is new, and reports whether it is.
func (f *follower) changeStatus(status cursor.RunStatus) bool {
	if status == f.run.Status || status == "" {
		return false
	}
	f.run.Status = status
	f.agents.observe(StatusChanged{Status: status})
	return true
}

func (f *follower) checkQuiet() {
	silence := time.Since(f.heard)
	if silence < f.agents.quietAfter {
		f.quiet.Reset(f.agents.quietAfter - silence)
		return
	}
	f.agents.observe(Quiet{For: silence, Status: f.run.Status})
	f.quiet.Reset(f.agents.quietAfter)
}
