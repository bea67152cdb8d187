package agent

import "time"

const (
	// crossCheck is the longest time between two looks at a run whose stream
	// is healthy: a stream may lie or never end.
	crossCheck = 10 * time.Minute
	// quietCheck is how long a healthy stream may carry no event before the
	// run is looked at; it doubles with each such look, up to crossCheck.
	quietCheck = 3 * time.Minute
	// firstSettle is the first wait between looks at a run whose stream said
	// that it is over while GET run says otherwise. It doubles.
	firstSettle = 100 * time.Millisecond
	// settlePatience is how long that may go on before the run is followed
	// like any other again.
	settlePatience = time.Minute
	// maxPolling is how far the wait between looks grows while the stream is
	// away, in multiples of the first.
	maxPolling = 6
)

// pace says when to look at the run next. It is in one of three modes: the
// stream is healthy, it is away, or it said that the run is over.
type pace struct {
	mode      paceMode
	jitter    func(time.Duration) time.Duration
	first     time.Duration // poll interval as configured
	interval  time.Duration // between looks, in this mode
	since     time.Time     // when the last look was done, or the mode began
	lookedAt  time.Time     // when the last look was done, or following began
	lookAt    time.Time     // an earlier look that something asked for
	restUntil time.Time     // no look before: the last one was refused
	settledAt time.Time     // when the stream said that the run is over
}

type paceMode int

const (
	paceStreaming paceMode = iota
	paceAway
	paceSettling
)

func newPace(first time.Duration, now time.Time, jitter func(time.Duration) time.Duration) pace {
	return pace{jitter: jitter, first: first, interval: quietCheck, since: now, lookedAt: now}
}

// streaming notes that the stream is healthy.
func (p *pace) streaming() {
	if p.mode == paceAway {
		p.mode, p.interval = paceStreaming, quietCheck
	}
}

// away notes that the stream is not there. The first look comes a poll
// interval later: most streams are back before.
func (p *pace) away(now time.Time) {
	if p.mode != paceAway {
		p.mode, p.interval, p.since = paceAway, p.jitter(p.first), now
	}
}

// settle notes that the stream said that the run is over: look at once.
func (p *pace) settle(now time.Time) {
	if p.mode != paceSettling {
		p.mode, p.interval, p.settledAt, p.lookAt = paceSettling, firstSettle, now, now
	}
}

func (p *pace) settling() bool { return p.mode == paceSettling }

// givesUpSettling reports whether the stream's word was not borne out.
func (p *pace) givesUpSettling(now time.Time) bool {
	return p.mode == paceSettling && now.Sub(p.settledAt) > settlePatience
}

// hint asks for a look at the time given, if none is due before.
func (p *pace) hint(at time.Time) {
	if p.lookAt.IsZero() || at.Before(p.lookAt) {
		p.lookAt = at
	}
}

// looked notes that a look is done and lets the interval grow.
func (p *pace) looked(now time.Time) {
	p.since, p.lookedAt, p.lookAt = now, now, time.Time{}
	switch p.mode {
	case paceStreaming:
		p.interval = min(2*p.interval, crossCheck)
	case paceAway:
		p.interval = min(p.interval*3/2, maxPolling*p.first)
	case paceSettling:
		p.interval = min(2*p.interval, p.first)
	}
}

// refused notes that a look failed: the next comes after rest, neither before
// nor, where the stream is healthy, much later.
func (p *pace) refused(now time.Time, rest time.Duration) {
	p.looked(now)
	p.restUntil = now.Add(rest)
	p.hint(p.restUntil)
}

// wait is how long from now the next look is due, when something last happened
// at heard. A look that is under way already puts off the next.
func (p *pace) wait(now, heard time.Time, looking bool) time.Duration {
	if looking {
		return crossCheck
	}
	due, longest := p.since.Add(p.interval), crossCheck
	switch p.mode {
	case paceStreaming:
		due = latest(due, heard.Add(p.interval)) // Events are as good as looks, up to a point.
	case paceAway:
		longest = max(longest, maxPolling*p.first)
	}
	// A stream that breaks and comes back for ever begins its mode anew each
	// time, but must not put off the look for ever.
	due = earliest(due, p.lookedAt.Add(longest))
	if !p.lookAt.IsZero() {
		due = earliest(due, p.lookAt)
	}
	return max(latest(due, p.restUntil).Sub(now), 0)
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// jitter spreads a wait over 80 % to 120 % of it, so that many waiters do not
// come back at the same moment.
func (a *Agents) jitter(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*a.random()))
}
