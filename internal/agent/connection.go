package agent

import (
	"context"
	"iter"

	"cursor-agent-action/internal/cursor"
)

// connection is one opened event stream, read by a goroutine of its own so
// that waiting for it never keeps a look or a time-out from happening. The zero
// value is a closed connection.
type connection struct {
	items  <-chan streamItem // closed at the stream's end; nil when there is none
	cancel context.CancelFunc
}

// streamItem is an event, or the error that ended the stream.
type streamItem struct {
	event cursor.Event
	err   error
}

// streamBuffer lets the reader run ahead of the log a little.
const streamBuffer = 64

// connect begins to read the stream that open gives.
func connect(ctx context.Context, open func(context.Context) iter.Seq2[cursor.Event, error]) connection {
	ctx, cancel := context.WithCancel(ctx)
	items := make(chan streamItem, streamBuffer)
	go func() {
		defer close(items)
		for event, err := range open(ctx) {
			select {
			case items <- streamItem{event, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return connection{items: items, cancel: cancel}
}

func (c *connection) isOpen() bool { return c.items != nil }

// stop closes the connection; what was not read yet is dropped.
func (c *connection) stop() {
	if c.cancel != nil {
		c.cancel()
	}
	*c = connection{}
}
