package sfu

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxTCP = 4096 // TCP connections at a time
	// Of them one network has so many: an organisation of 200 behind one address
	// comes in with a few each.
	tcpPerNetwork = 1024
	tcpPiece      = 16 << 10 // of one write; room comes free in such steps
)

// tcpListener is a TCP listener that knows its connections and can end them, and
// that hands them out in the form wrap gives them.
type tcpListener struct {
	net.Listener

	wrap    func(*tcpConn)
	shares  shares
	refused *atomic.Uint64 // counts connections beyond the limits

	mu     sync.Mutex
	open   map[*tcpConn]struct{} // guarded by mu
	closed bool                  // guarded by mu
	wg     sync.WaitGroup        // goroutines and open connections
}

// tcpConn is one accepted connection.
type tcpConn struct {
	net.Conn
	listener *tcpListener
	out      *outbox       // nil: writes wait, as those of any connection
	idle     time.Duration // without an outbox: how long the peer may be silent
	once     sync.Once
}

func newTCPListener(l net.Listener, refused *atomic.Uint64, wrap func(*tcpConn)) *tcpListener {
	return &tcpListener{Listener: l, wrap: wrap, refused: refused, open: map[*tcpConn]struct{}{}}
}

// Accept implements net.Listener. Connections beyond the limit are closed.
func (l *tcpListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if s := l.admit(conn); s != nil {
			return s, nil
		}
		l.refused.Add(1)
		_ = conn.Close()
	}
}

// count is how many connections are open.
func (l *tcpListener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

func (l *tcpListener) admit(conn net.Conn) *tcpConn {
	s := &tcpConn{Conn: conn, listener: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.open) >= maxTCP || l.shares.full(conn.RemoteAddr(), tcpPerNetwork) {
		return nil
	}
	l.shares.take(conn.RemoteAddr())
	l.open[s] = struct{}{}
	l.wg.Add(1)
	if l.wrap != nil {
		l.wrap(s)
	}
	return s
}

// Close ends the listener and its connections, and waits until all are closed.
func (l *tcpListener) Close() error {
	l.mu.Lock()
	l.closed = true
	open := make([]*tcpConn, 0, len(l.open))
	for s := range l.open {
		open = append(open, s)
	}
	l.mu.Unlock()
	err := l.Listener.Close()
	for _, s := range open {
		_ = s.Close()
	}
	l.wg.Wait()
	return err
}

// Close implements net.Conn.
func (s *tcpConn) Close() error {
	err := net.ErrClosed
	s.once.Do(func() {
		err = s.Conn.Close()
		if s.out != nil {
			s.out.close()
		}
		s.listener.shares.give(s.RemoteAddr())
		s.listener.mu.Lock()
		delete(s.listener.open, s)
		s.listener.mu.Unlock()
		s.listener.wg.Done()
	})
	return err
}

// buffered gives a connection an outbox, so that no writer waits for a slow
// receiver.
func buffered(s *tcpConn) {
	keepShort(s.Conn)
	s.out = newOutbox()
	s.listener.wg.Go(s.drain)
}

// Write implements net.Conn. With an outbox it takes a whole message or nothing.
func (s *tcpConn) Write(b []byte) (int, error) {
	if s.out == nil {
		return s.writeWaiting(b)
	}
	if !s.out.put(nil, b) {
		return 0, fmt.Errorf("send to %v: %w", s.RemoteAddr(), errPathFull)
	}
	return len(b), nil
}

// patiently lets writes wait for the receiver, though not for ever, and reads for
// as long as a connection that is used can be silent.
func patiently(s *tcpConn) {
	keepShort(s.Conn)
	s.idle = tcpFirstWord
}

const (
	tcpIdle    = 5 * time.Minute
	tcpStalled = 15 * time.Second
)

// Read implements net.Conn.
func (s *tcpConn) Read(b []byte) (int, error) {
	if s.idle > 0 {
		_ = s.SetReadDeadline(time.Now().Add(s.idle)) // a closed connection says so below
	}
	n, err := s.Conn.Read(b)
	if n > 0 && s.idle > 0 {
		s.idle = tcpIdle
	}
	return n, err
}

// writeWaiting writes a message. One that is written in part only would put all
// that follows out of step, so that it ends the connection.
func (s *tcpConn) writeWaiting(b []byte) (int, error) {
	_ = s.SetWriteDeadline(time.Now().Add(tcpStalled))
	n, err := s.Conn.Write(b)
	if err != nil {
		_ = s.Close()
	}
	return n, err
}

// drain writes what is in the outbox until the connection ends.
func (s *tcpConn) drain() {
	var buf []byte
	for {
		full, ok := s.out.take(buf)
		if !ok {
			return
		}
		for rest := full; len(rest) > 0; {
			n, err := s.Conn.Write(rest[:min(len(rest), tcpPiece)])
			s.out.gone(n)
			if err != nil {
				s.out.close()
				return
			}
			rest = rest[n:]
		}
		buf = full
	}
}
