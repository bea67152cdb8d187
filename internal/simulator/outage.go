package simulator

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// DropConnections breaks every connection, those that carry a request now and
// those that wait for the next, as a restart of the server does. Runs go on.
func (s *Server) DropConnections() { s.TakeDown(0) }

// TakeDown takes the server away for a while, as a crash or a deployment does:
// every connection breaks, and until the time is over new ones are refused.
// Runs go on. 0 brings it back at once.
//
// In process the dial fails with ECONNREFUSED. Behind a socket the port is
// closed for that time if the server listens by [Server.Listener]; otherwise
// only the requests that are being answered break.
func (s *Server) TakeDown(lasts time.Duration) {
	s.mu.Lock()
	for x := range s.exchanges {
		x.drop()
	}
	conns := s.conns
	s.conns = map[*watchedConn]struct{}{}
	s.downUntil = time.Now().Add(lasts)
	var doors []*door
	if lasts > 0 {
		doors = s.doors
	}
	close(s.upheaval)
	s.upheaval = make(chan struct{})
	s.mu.Unlock()
	for _, door := range doors {
		door.shut()
	}
	for conn := range conns {
		_ = conn.SetLinger(0)
		_ = conn.Conn.Close()
	}
}

// isDown reports whether nobody listens now.
func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.downUntil)
}

// refused is what a dial gets while nobody listens.
func refused(network string) error {
	return &net.OpError{Op: "dial", Net: network, Addr: pipeAddr{}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// watchedConn is the server's end of a connection that an outage breaks.
type watchedConn struct {
	net.Conn
	server *Server
}

// watch has the connection broken by the next outage. One that was made while
// the server is down is broken at once.
func (s *Server) watch(conn net.Conn) *watchedConn {
	watched := &watchedConn{conn, s}
	s.mu.Lock()
	down := time.Now().Before(s.downUntil)
	if !down {
		s.conns[watched] = struct{}{}
	}
	s.mu.Unlock()
	if down {
		_ = watched.SetLinger(0)
		_ = conn.Close()
	}
	return watched
}

// Close implements net.Conn.
func (c *watchedConn) Close() error {
	c.server.mu.Lock()
	delete(c.server.conns, c)
	c.server.mu.Unlock()
	return c.Conn.Close()
}

// SetLinger makes the end of a TCP connection a reset; pipes know none.
func (c *watchedConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// Listener returns inner with the server's outages: while the server is down
// the port is closed, and connections are refused by the system. It listens at
// the same address again afterwards.
func (s *Server) Listener(inner net.Listener) net.Listener {
	d := &door{server: s, address: inner.Addr(), inner: inner}
	s.mu.Lock()
	s.doors = append(s.doors, d)
	s.mu.Unlock()
	return d
}

// door is a listener that an outage closes for a while.
type door struct {
	server  *Server
	address net.Addr

	mu     sync.Mutex
	inner  net.Listener // nil while the server is down
	closed bool
}

// shut closes the port until Accept opens it again.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner != nil && !d.closed {
		_ = d.inner.Close()
		d.inner = nil
	}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	for {
		inner, err := d.open()
		if err != nil {
			return nil, err
		}
		conn, err := inner.Accept()
		switch {
		case err == nil:
			return d.server.watch(conn), nil
		case !errors.Is(err, net.ErrClosed) || !d.reopens():
			return nil, err
		}
	}
}

// reopens reports whether the port was closed by an outage, and not for good.
func (d *door) reopens() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inner == nil && !d.closed
}

// open waits until the server is up and returns the open port.
func (d *door) open() (net.Listener, error) {
	for {
		d.server.mu.Lock()
		rest, upheaval := time.Until(d.server.downUntil), d.server.upheaval
		d.server.mu.Unlock()
		if rest <= 0 {
			break
		}
		if !d.server.pause(rest, upheaval) && d.server.isClosed() {
			break
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, net.ErrClosed
	}
	if d.inner == nil {
		inner, err := net.Listen(d.address.Network(), d.address.String())
		if err != nil {
			return nil, err
		}
		d.inner = inner
	}
	return d.inner, nil
}

// Close implements net.Listener.
func (d *door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.inner == nil {
		return nil
	}
	return d.inner.Close()
}

// Addr implements net.Listener.
func (d *door) Addr() net.Addr { return d.address }
