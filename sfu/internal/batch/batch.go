// Package batch is a UDP socket that sends many datagrams with few system calls.
// Under pion it takes the place of the plain socket: what is written waits,
// sorted by destination, until Flush sends everything at once. On Linux that is
// one sendmmsg, in which datagrams of equal size to one destination are left to
// the kernel to cut apart (UDP_SEGMENT). Datagrams can also come from and go to
// other places than the socket; see Route.
package batch

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Reason says why a datagram was not sent.
type Reason uint8

// Reasons for which datagrams are dropped.
const (
	Full        Reason = iota // more waits than there is room for
	SocketFull                // the kernel's buffer is full (EAGAIN, ENOBUFS)
	TooLarge                  // no path for a datagram of this size (EMSGSIZE)
	Unreachable               // every other error of the socket: EPERM, ENETUNREACH, …
	Truncated                 // received, but larger than any media packet
	Reasons     = int(Truncated) + 1
)

// Settings are what a Conn can be told.
type Settings struct {
	// NoSegments sends every datagram as a message of its own.
	NoSegments bool
	// Plain sends one datagram per system call, as where there is no sendmmsg.
	Plain bool
	// Readers is how many are to read at the same time: whoever reads the Conn, and
	// the others it offers (More). There may be fewer.
	Readers int
	// Dropped is told of datagrams that were not sent. It must not block.
	Dropped func(why Reason, datagrams int)
}

// Conn is a UDP socket that sends in batches. It implements net.PacketConn, and
// pion's reads and writes that do without net.Addr.
type Conn struct {
	// Set by New.
	udp     Socket
	in      receiver
	more    []*Reader
	others  io.Closer // the other sockets on the address; nil when there are none
	dropped func(Reason, int)
	kick    chan struct{}
	stats   Stats

	// Owned by whoever has set sending.
	out sender

	dirty  atomic.Bool            // something waits; read without mu
	routes atomic.Pointer[routes] // replaced under routing

	routing sync.Mutex

	mu      sync.Mutex
	filling *pile // guarded by mu
	spare   *pile // guarded by mu; being sent while sending is set
	sending bool  // guarded by mu
	again   bool  // guarded by mu: a flush was asked for meanwhile

	injected injected
}

// sender puts a pile on the wire. It never fails: what cannot go is dropped.
type sender interface {
	send(p *pile)
}

// receiver takes datagrams off the wire, one at a time.
type receiver interface {
	receive(b []byte) (int, netip.AddrPort, error)
	// ready reports whether a datagram can be had without waiting.
	ready() bool
}

// Stats counts what went out.
type Stats struct {
	Calls     atomic.Uint64 // system calls that sent
	Messages  atomic.Uint64 // messages handed to the kernel
	Datagrams atomic.Uint64
	Degraded  atomic.Uint64 // runs that had to be sent one by one
}

// Socket is what the Conn needs of a socket: that of the system, or one of a
// simulated network.
type Socket interface {
	net.PacketConn
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
}

// New takes over a socket. The socket is closed with the Conn. Batches need a
// socket of the system.
func New(udp Socket, s Settings) (*Conn, error) {
	c := &Conn{
		udp: udp, dropped: s.Dropped, kick: make(chan struct{}, 1),
		filling: newPile(rand.Uint64()), spare: newPile(rand.Uint64()),
	}
	if c.dropped == nil {
		c.dropped = func(Reason, int) {}
	}
	c.out, c.in = &plainSender{c}, &plainReceiver{c}
	if system, ok := udp.(*net.UDPConn); ok && !s.Plain {
		if err := c.useBatches(system, s); err != nil {
			return nil, fmt.Errorf("prepare media socket for batches: %w", err)
		}
	}
	return c, nil
}

// Stats counts what the Conn has sent.
func (c *Conn) Stats() *Stats { return &c.stats }

// IsMedia tells RTP and RTCP, which wait for Flush, from STUN and DTLS, which do
// not (RFC 7983 section 7).
func IsMedia(b []byte) bool { return len(b) > 0 && b[0] >= 128 && b[0] <= 191 }

// WriteToAddrPort sends b: media with the next Flush, anything else at once.
func (c *Conn) WriteToAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	if r := c.routes.Load(); r != nil && r.ours(addr) {
		if link := r.find(addr); link != nil {
			return link.Deliver(b)
		}
	}
	to, ok := targetOf(addr)
	if !ok || !IsMedia(b) {
		return c.udp.WriteToUDPAddrPort(b, addr)
	}
	c.mu.Lock()
	waiting := c.filling.add(to, b)
	if waiting == none {
		c.flushLocked()
		waiting = c.filling.add(to, b)
	}
	if !c.dirty.Load() {
		c.dirty.Store(true)
	}
	if waiting >= maxRun {
		c.flushLocked()
	}
	c.mu.Unlock()
	if waiting == none {
		c.dropped(Full, 1)
		return 0, nil
	}
	return len(b), nil
}

// Flush sends what was written before. It waits for no other flush: when one is
// under way, that one sends this too.
func (c *Conn) Flush() {
	if !c.dirty.Load() {
		return
	}
	c.mu.Lock()
	c.flushLocked()
	c.mu.Unlock()
}

// Waiting reports whether something was written and not flushed.
func (c *Conn) Waiting() bool { return c.dirty.Load() }

// patience bounds how long one caller sends what others wrote meanwhile.
const patience = 4

// flushLocked swaps the piles and sends the full one without holding mu.
func (c *Conn) flushLocked() {
	if c.sending {
		c.again = true
		return
	}
	c.sending = true
	for range patience {
		if c.filling.empty() {
			break
		}
		c.again = false
		c.filling, c.spare = c.spare, c.filling
		c.dirty.Store(false)
		full := c.spare
		c.mu.Unlock()
		c.out.send(full)
		full.reset()
		c.mu.Lock()
		if !c.again {
			break
		}
	}
	c.sending = false
	if c.again && !c.filling.empty() {
		c.again = false
		select {
		case c.kick <- struct{}{}:
		default:
		}
	}
}

// Kicked is sent to when a Flush is wanted by somebody who cannot do it; Run's
// goroutine does.
func (c *Conn) Kicked() <-chan struct{} { return c.kick }

// ReadFromAddrPort takes the next datagram, from the socket or injected.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		if n, from, ok := c.injected.take(b); ok {
			return n, from, nil
		}
		if !c.in.ready() && !c.injected.wait() {
			continue
		}
		n, from, err := c.in.receive(b)
		if err != nil && c.injected.woke(err, c.udp) {
			continue
		}
		return n, from, err
	}
}

// Reader reads a part of what arrives at the address of a Conn. It ends with it.
type Reader struct {
	udp *net.UDPConn
	in  receiver
}

// More are the readers besides that of the Conn itself. Who does not know what to do
// with a datagram hands it to that one (Inject).
func (c *Conn) More() []*Reader { return c.more }

// ReadFromAddrPort takes the next datagram.
func (r *Reader) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) { return r.in.receive(b) }

// Stop ends the reading, now and for good.
func (r *Reader) Stop() { _ = r.udp.SetReadDeadline(time.Unix(1, 0)) } // closed: it has ended

// ReadFrom implements net.PacketConn.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo implements net.PacketConn.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("send media to %v: %w", to, net.InvalidAddrError("not a UDP address"))
	}
	return c.WriteToAddrPort(b, addr.AddrPort())
}

// Close closes the socket.
func (c *Conn) Close() error {
	err := c.udp.Close()
	if c.others != nil && err == nil {
		err = c.others.Close()
	}
	return err
}

// LocalAddr implements net.PacketConn.
func (c *Conn) LocalAddr() net.Addr { return c.udp.LocalAddr() }

// SetDeadline implements net.PacketConn, without its reading half.
func (c *Conn) SetDeadline(time.Time) error { return errors.ErrUnsupported }

// SetReadDeadline implements net.PacketConn. Reading has no deadline: the one of
// the socket wakes the reader for injected datagrams.
func (c *Conn) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// SetWriteDeadline implements net.PacketConn.
func (c *Conn) SetWriteDeadline(at time.Time) error { return c.udp.SetWriteDeadline(at) }
