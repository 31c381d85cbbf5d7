package httpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	greeting   = 10 * time.Second // for the TLS handshake and the first byte
	tiredFirst = 5 * time.Millisecond
	tiredMost  = time.Second
)

// Shared is one TLS port for two protocols: HTTP, and TURN for clients whose
// networks let nothing else through.
type Shared struct {
	l     net.Listener
	tls   *tls.Config
	http  *side
	relay *side
}

// Share lets both protocols use a listener. Nothing is accepted before Run.
func Share(l net.Listener, c *tls.Config) *Shared {
	return &Shared{l: l, tls: c, http: newSide(l.Addr()), relay: newSide(l.Addr())}
}

// HTTP gives the connections that speak HTTP. Closing it closes the port.
func (s *Shared) HTTP() net.Listener { return s.http }

// Relay gives the connections that speak TURN, their TLS undone.
func (s *Shared) Relay() net.Listener { return s.relay }

// Run accepts connections until the context ends or HTTP is closed, and waits
// for those that have not said yet what they are.
func (s *Shared) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		select {
		case <-ctx.Done():
		case <-s.http.done:
		}
		_ = s.l.Close() // whatever it says, the port is given up
	})
	for tired := tiredFirst; ; {
		conn, err := s.l.Accept()
		switch {
		case err == nil:
			tired = tiredFirst
			wg.Go(func() { s.sort(ctx, conn) })
		case errors.Is(err, net.ErrClosed):
			return nil
		default: // too many open files, or a connection gone again
			select {
			case <-ctx.Done():
				return nil
			case <-s.http.done:
				return nil
			case <-time.After(tired):
			}
			tired = min(2*tired, tiredMost)
		}
	}
}

// sort finds out what a connection speaks and hands it on. Browsers say so in the
// handshake when it is HTTP; else the first byte tells: that of STUN is 0 or 1
// (RFC 7983 section 7), that of HTTP a letter.
func (s *Shared) sort(ctx context.Context, plain net.Conn) {
	conn := tls.Server(plain, s.tls)
	_ = conn.SetDeadline(time.Now().Add(greeting)) // a closed connection fails below
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return
	}
	if conn.ConnectionState().NegotiatedProtocol != "" {
		s.http.hand(ctx, conn, conn)
		return
	}
	said := &saidConn{Conn: conn}
	if n, err := conn.Read(said.first[:]); err != nil || n == 0 {
		_ = conn.Close()
		return
	}
	to := s.http
	if said.first[0] < 4 {
		to = s.relay
	}
	to.hand(ctx, conn, said)
}

// saidConn is a connection whose first byte was read already.
type saidConn struct {
	*tls.Conn
	first [1]byte
	taken bool
}

// Read implements net.Conn.
func (c *saidConn) Read(b []byte) (int, error) {
	if c.taken || len(b) == 0 {
		return c.Conn.Read(b)
	}
	c.taken = true
	return copy(b, c.first[:]), nil
}

// side is the listener of one of the protocols.
type side struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newSide(addr net.Addr) *side {
	return &side{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// hand gives a connection to whoever accepts on this side, unless that is over.
func (s *side) hand(ctx context.Context, conn *tls.Conn, as net.Conn) {
	_ = conn.SetDeadline(time.Time{}) // a closed connection says so when it is used
	select {
	case s.conns <- as:
	case <-s.done:
		_ = conn.Close()
	case <-ctx.Done():
		_ = conn.Close()
	}
}

// Accept implements net.Listener.
func (s *side) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.done:
		return nil, fmt.Errorf("accept on %v: %w", s.addr, net.ErrClosed)
	}
}

// Close implements net.Listener.
func (s *side) Close() error {
	s.once.Do(func() { close(s.done) })
	return nil
}

// Addr implements net.Listener.
func (s *side) Addr() net.Addr { return s.addr }
