package sfu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	relayRate  = 4 << 20 // bytes per second of one allocation and direction
	relayBurst = 1 << 20
)

// relayLink is one relayed address. Its packets never leave the process: what
// the client sends is handed to the reader of the media socket, and what the
// engine writes to the address waits here for the client's connection.
type relayLink struct {
	// Set by newRelayLink and admit.
	relay  *relay
	person string
	media  netip.AddrPort
	peer   *net.UDPAddr // media, for pion
	at     netip.AddrPort
	out    *outbox
	once   sync.Once

	mu       sync.Mutex
	up, down bucket // guarded by mu

	// Owned by the reader.
	full, rest []byte
}

func newRelayLink(r *relay, person string, media netip.AddrPort) *relayLink {
	now := r.sfu.now()
	return &relayLink{
		relay: r, person: person, media: media, peer: net.UDPAddrFromAddrPort(media), out: newOutbox(),
		up: bucket{level: relayBurst, at: now}, down: bucket{level: relayBurst, at: now},
	}
}

// bucket bounds a rate. level is what may pass at once.
type bucket struct {
	level int
	at    time.Duration
}

func (b *bucket) takes(n int, now time.Duration) bool {
	if since := min(now-b.at, time.Second); since > time.Millisecond {
		b.level = min(b.level+int(since/time.Microsecond)*relayRate/1e6, relayBurst)
		b.at = now
	}
	if n > b.level {
		return false
	}
	b.level -= n
	return true
}

func (l *relayLink) within(b *bucket, n int) bool {
	now := l.relay.sfu.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	return b.takes(n, now)
}

// WriteTo implements net.PacketConn: it takes what the client sends to a peer.
// The only peer there is is this node's media; for the rest it is a wall.
func (l *relayLink) WriteTo(b []byte, to net.Addr) (int, error) {
	s := l.relay.sfu
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("relay to %v: %w", to, errors.ErrUnsupported)
	}
	addr := udp.AddrPort()
	switch {
	case netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()) != l.media:
		s.counters.drop(dropRelayTarget)
	case !l.within(&l.up, len(b)):
		s.counters.drop(dropRelayRate)
	case !s.udp.Inject(b, l.at):
		s.counters.drop(dropQueueFull)
	}
	return len(b), nil
}

// Deliver implements batch.Link: it takes what the engine sends to the client.
func (l *relayLink) Deliver(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // nothing to give, and zero means that there is no room
	}
	var size [2]byte
	binary.BigEndian.PutUint16(size[:], uint16(len(b)))
	if !l.within(&l.down, len(b)) {
		l.relay.sfu.counters.drop(dropRelayRate)
		return 0, nil
	}
	if !l.out.put(size[:], b) {
		return 0, nil
	}
	return len(b), nil
}

// ReadFrom implements net.PacketConn: it gives what the engine sent.
func (l *relayLink) ReadFrom(b []byte) (int, net.Addr, error) {
	if len(l.rest) == 0 {
		full, ok := l.out.take(l.full)
		if !ok {
			return 0, nil, net.ErrClosed
		}
		l.full, l.rest = full, full
	}
	size := int(binary.BigEndian.Uint16(l.rest))
	n := copy(b, l.rest[2:2+size])
	l.rest = l.rest[2+size:]
	l.out.gone(2 + size)
	return n, l.peer, nil
}

// Close implements net.PacketConn.
func (l *relayLink) Close() error {
	l.once.Do(func() {
		l.out.close()
		l.relay.forget(l)
	})
	return nil
}

// LocalAddr implements net.PacketConn.
func (l *relayLink) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(l.at) }

// SetDeadline implements net.PacketConn; there are no deadlines.
func (*relayLink) SetDeadline(time.Time) error { return errors.ErrUnsupported }

// SetReadDeadline implements net.PacketConn.
func (*relayLink) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// SetWriteDeadline implements net.PacketConn.
func (*relayLink) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }
