package sfu

import (
	"hash/maphash"
	"net"
	"time"

	"github.com/pion/stun/v4"
)

const (
	gateSlots = 4096
	gateRate  = 100 // requests per second and source
)

// gate is the relay's UDP socket. It keeps strangers from using the relay's
// refusals, which are longer than their requests, to flood somebody whose address
// they borrow: only so many requests are heard per source. What is relayed comes
// in other messages and is not counted.
type gate struct {
	net.PacketConn
	now  func() time.Duration
	seed maphash.Seed

	// Owned by the reader.
	second time.Duration
	heard  [gateSlots]uint8
}

func newGate(conn net.PacketConn, now func() time.Duration) *gate {
	return &gate{PacketConn: conn, now: now, seed: maphash.MakeSeed()}
}

// ReadFrom implements net.PacketConn.
func (g *gate) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := g.PacketConn.ReadFrom(b)
		if err != nil || g.passes(b[:n], from) {
			return n, from, err
		}
	}
}

func (g *gate) passes(b []byte, from net.Addr) bool {
	// RFC 8489 section 5: both bits of the class are zero in a request.
	if !stun.IsMessage(b) || b[0]&1 != 0 || b[1]&0x10 != 0 {
		return true // nothing answers it
	}
	if second := g.now() / time.Second; second != g.second {
		g.second = second
		clear(g.heard[:])
	}
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return false
	}
	slot := &g.heard[maphash.Bytes(g.seed, udp.IP)%gateSlots]
	if *slot >= gateRate {
		return false
	}
	*slot++
	return true
}
