package cursor

import "io"

// readSize is how much frames asks of its source at once.
const readSize = 32 << 10

// frames is a reader of a stream that hands over whole events only. The decoder
// looks through all that it has of an event each time it gets more of it, so
// that an event of some megabytes, which comes in pieces of some kilobytes,
// would keep a core busy for seconds.
type frames struct {
	source io.Reader
	buffer []byte // buffer[start:ready] is whole events, buffer[ready:] the begin of one
	start  int
	ready  int
	end    error // of source
}

// Read returns what is ready, and waits for more when nothing is. It returns
// ErrEventTooLarge when an event does not end within maxEvent bytes.
func (f *frames) Read(p []byte) (int, error) {
	for f.start == f.ready {
		if f.end != nil {
			return 0, f.end
		}
		f.fill()
	}
	n := copy(p, f.buffer[f.start:f.ready])
	f.start += n
	return n, nil
}

// fill reads once, behind the begin of an event that is already there.
func (f *frames) fill() {
	held := len(f.buffer) - f.start
	if f.start > 0 { // else a long event would be moved onto itself each time
		copy(f.buffer, f.buffer[f.start:])
	}
	f.start, f.ready = 0, 0
	if held > maxEvent {
		f.buffer, f.end = nil, ErrEventTooLarge
		return
	}
	if size := cap(f.buffer); size-held < readSize {
		larger := make([]byte, max(2*size, 2*readSize))
		copy(larger, f.buffer[:held])
		f.buffer = larger
	}
	f.buffer = f.buffer[:cap(f.buffer)]
	n, err := f.source.Read(f.buffer[held : held+readSize])
	f.buffer, f.end = f.buffer[:held+n], err
	if err != nil {
		f.ready = held + n // the decoder drops what is no whole event
		return
	}
	f.ready = afterBlankLine(f.buffer, held)
}

// afterBlankLine returns the index after the last blank line that ends at from
// or later, 0 when there is none. Lines end with LF, CR or CRLF, and an event
// with a blank one.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
func afterBlankLine(b []byte, from int) int {
	for i := len(b) - 1; i >= max(from, 1); i-- {
		first, second := b[i-1], b[i]
		if first == '\n' && (second == '\n' || second == '\r') || first == '\r' && second == '\r' {
			return i + 1
		}
	}
	return 0
}
