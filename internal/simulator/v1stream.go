package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// The periods of streams when the scenario does not say others.
const (
	defaultHeartbeat = 15 * time.Second
	defaultRetention = 345600 * time.Second // seen on the real service: four days
)

// v1StreamRun answers with the run's events, from the start or from where
// Last-Event-ID says, and then with those that come.
func (s *Server) v1StreamRun(x *exchange) answer {
	return s.withRun(x, func(r *run) answer {
		retention := r.scenario.Retention
		if retention == 0 {
			retention = defaultRetention
		}
		if r.terminal() && time.Since(r.endedAt) > retention {
			return refuse(http.StatusGone, "stream_expired", "Run stream is no longer available")
		}
		position, last := 0, x.r.Header.Get("Last-Event-ID")
		if last != "" {
			var found bool
			if position, found = r.log.after(last); !found {
				return refuse(http.StatusBadRequest, "invalid_last_event_id",
					"Last-Event-ID does not belong to this run")
			}
		}
		r.connections++
		c := &v1Connection{
			x:         x,
			run:       r,
			position:  position,
			opened:    time.Now(),
			heartbeat: s.scaled(r.scenario.Heartbeat),
			faults:    s.streamFaults(r),
		}
		if c.heartbeat == 0 {
			c.heartbeat = defaultHeartbeat
		}
		if f := c.faults.rule(StreamReplay); f != nil && position > 0 {
			c.position = max(0, position-max(1, f.Events))
			x.noteStream(StreamReplay)
		}
		return answer{
			contentType: "text/event-stream; charset=utf-8",
			header: http.Header{
				"Cache-Control":                     {"no-cache, no-transform"},
				"X-Accel-Buffering":                 {"no"},
				"X-Cursor-Stream-Retention-Seconds": {strconv.Itoa(int(retention / time.Second))},
			},
			stream: func(*exchange) { c.serve() },
		}
	})
}

// v1Connection is one client that reads a run's stream.
type v1Connection struct {
	x         *exchange
	run       *run
	position  int // events of the run that the client has
	opened    time.Time
	heartbeat time.Duration
	faults    streamFaults

	sent       int       // events with an id on this connection
	lastID     string    // the id that was written last
	status     string    // the true status when it was told last
	quietSince time.Time // when something was written last
	buffer     []byte
	broken     bool // the client does not take anything any more
}

// view is what a connection sees of its run at one moment.
type view struct {
	events  []event
	status  string
	changed <-chan struct{}
}

// over reports whether the events up to position are all there will ever be.
func (v view) over(position int) bool {
	n := len(v.events)
	return n > 0 && position == n && v.events[n-1].kind == eventResult
}

func (c *v1Connection) look() view {
	c.x.server.mu.Lock()
	defer c.x.server.mu.Unlock()
	return view{c.run.log.events, c.run.status(time.Now()), c.run.changed}
}

// serve writes until the run's end, the client's, the server's, or the fault
// that ends the stream before.
func (c *v1Connection) serve() {
	now := c.look()
	c.tellStatus(now.status)
	if c.x.server.config.Newer {
		c.frame("", "agent_update", encode(map[string]string{"agentId": c.run.agent.id}))
	}
	for !c.advance(now) && c.wait(now.changed) {
		now = c.look()
	}
}

// advance writes what is new, and reports whether that was the end.
func (c *v1Connection) advance(now view) bool {
	if now.status == statusRunning || now.status == statusCreating {
		c.tellStatus(now.status)
	}
	for {
		if c.misbehave() || c.broken {
			return true
		}
		if c.position == len(now.events) {
			break
		}
		if c.faults.holds(StreamMute) {
			c.happened(StreamMute)
			break
		}
		e := now.events[c.position]
		if e.kind == eventResult {
			if c.faults.holds(StreamNeverEnds) {
				c.happened(StreamNeverEnds)
				break
			}
			c.tellStatus(now.status)
		}
		c.event(e)
		if c.faults.holds(StreamDuplicate) {
			c.happened(StreamDuplicate)
			c.event(e)
		}
		c.position++
		c.sent++
	}
	over := now.over(c.position) && !c.faults.holds(StreamMute) && !c.faults.holds(StreamNeverEnds)
	if over {
		c.frame(now.events[c.position-1].id.String(), "done", []byte("{}"))
	}
	c.flush()
	return over || c.broken
}

// tellStatus writes the status when it is another than was told. It has no id,
// so that each connection begins with it.
func (c *v1Connection) tellStatus(status string) {
	if status == c.status {
		return
	}
	c.status = status
	if lie := c.faults.rule(StreamLie); lie != nil && lie.Status != status {
		status = lie.Status
		c.happened(StreamLie)
	}
	c.frame("", "status", encode(v1Status{c.run.id, status}))
}

// misbehave does what is due of the scenario's faults that happen once, and
// reports whether the stream is over by that.
func (c *v1Connection) misbehave() bool {
	if c.faults.idle() {
		return false
	}
	for _, f := range c.faults.arm(c.sent, time.Since(c.opened)) {
		if !f.Do.lasts() {
			c.happened(f.Do)
		}
		switch f.Do {
		case StreamDrop:
			c.flush()
			c.x.abort()
		case StreamEnd:
			c.flush()
			return true
		case StreamUnavailable:
			c.frame("", "error", encode(v1Problem{"stream_unavailable", "Run stream is no longer available"}))
			c.frame("", "done", []byte("{}"))
			c.flush()
			return true
		case StreamGarbage:
			c.buffer = append(c.buffer, garbage...)
		case StreamGiant:
			c.frame("", "tool_call", giant(f.Bytes))
		case StreamUnknown:
			c.frame("", "weather_report", []byte(`{"sky":"clear"}`))
		}
	}
	return false
}

// wait waits for a change, and writes a heartbeat when there is none for long.
// It reports false when the client is gone.
func (c *v1Connection) wait(changed <-chan struct{}) bool {
	if c.faults.holds(StreamMute) {
		changed = nil
	}
	beats := !c.faults.holds(StreamMute) && !c.faults.holds(StreamNoHeartbeat)
	next := c.faults.next(c.sent, c.opened)
	if beat := c.quietSince.Add(c.heartbeat); beats && (next.IsZero() || beat.Before(next)) {
		next = beat
	}
	var timeout <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-changed:
		c.missBeats()
	case <-timeout:
		c.missBeats()
		if beats && time.Since(c.quietSince) >= c.heartbeat {
			c.frame("", "heartbeat", []byte("{}"))
			c.flush()
		}
	case <-c.x.cut:
		c.missBeats()
		c.x.abort()
	case <-c.x.r.Context().Done():
		c.missBeats()
		return false
	}
	return !c.broken
}

// missBeats notes the faults that took effect by a heartbeat that did not come.
func (c *v1Connection) missBeats() {
	if time.Since(c.quietSince) < c.heartbeat {
		return
	}
	for _, action := range []StreamAction{StreamMute, StreamNoHeartbeat} {
		if c.faults.holds(action) {
			c.happened(action)
		}
	}
}

// happened notes that a fault took effect on this connection.
func (c *v1Connection) happened(action StreamAction) {
	c.x.server.mu.Lock()
	defer c.x.server.mu.Unlock()
	c.x.noteStream(action)
}

// flush sends what was written.
func (c *v1Connection) flush() {
	if len(c.buffer) == 0 {
		return
	}
	_, err := c.x.w.Write(c.buffer)
	if err == nil {
		err = http.NewResponseController(c.x.w).Flush()
	}
	c.broken = c.broken || err != nil
	c.buffer = c.buffer[:0]
	c.quietSince = time.Now()
}
