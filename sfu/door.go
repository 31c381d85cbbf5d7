package sfu

import (
	"net"
	"net/netip"
	"sync"

	"github.com/pion/ice/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

// door knows which client's media comes from which address, so that the reader of
// the socket can take it in at once. Only a packet that was sealed with a client's
// keys makes an address known as that client's.
type door struct {
	mu    sync.RWMutex
	known map[netip.AddrPort]*intake // guarded by mu
}

func (d *door) find(from netip.AddrPort) *intake {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.known[from]
}

// learn makes an address known in place of another.
func (d *door) learn(from, instead netip.AddrPort, in *intake) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil {
		d.known = map[netip.AddrPort]*intake{}
	}
	d.dropLocked(instead, in)
	d.known[from] = in
}

func (d *door) forget(in *intake) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, from := range in.from {
		d.dropLocked(from, in)
	}
}

// dropLocked forgets an address, unless it is another client's by now.
func (d *door) dropLocked(from netip.AddrPort, in *intake) {
	if d.known[from] == in {
		delete(d.known, from)
	}
}

// isSealed tells SRTP and SRTCP from all else. Media that is no more than a header
// carries no proof of who sent it, and is left to pion.
func isSealed(b []byte) bool { return len(b) > rtpHeader && batch.IsMedia(b) }

// bare makes a datagram into one that is no more than a header, to be shown to pion.
func bare(b []byte) int {
	clear(b[:rtpHeader])
	b[0] = 2 << 6 // the version
	return rtpHeader
}

// entrance is the media socket as pion reads it: without the media of clients whose
// addresses are known.
type entrance struct {
	*handshakes
	door *door
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (e *entrance) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := e.handshakes.ReadFromAddrPort(b)
		if err != nil {
			return n, from, err
		}
		if n = e.door.enter(b[:n], from); n > 0 {
			return n, from, nil
		}
	}
}

// enter takes a datagram in if it is media of a client whose address is known, and
// says how much of it is left for pion.
func (d *door) enter(b []byte, from netip.AddrPort) int {
	if !isSealed(b) {
		return len(b)
	}
	in := d.find(from)
	if in == nil {
		return len(b)
	}
	switch in.take(b, from) {
	case taken:
		return 0
	case shown:
		return bare(b)
	case refused, passed:
	}
	return len(b)
}

// udpDoor gives ICE connections from which one client's media is taken.
type udpDoor struct {
	ice.UDPMux
	in *intake
}

// GetConn implements ice.UDPMux.
func (d udpDoor) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	conn, err := d.UDPMux.GetConn(ufrag, addr)
	if err != nil {
		return nil, err
	}
	if direct, ok := conn.(ice.AddrPortReaderWriter); ok {
		return &udpConn{conn, direct, d.in}, nil
	}
	return &packetConn{conn, d.in}, nil
}

// tcpDoor is the same over TCP.
type tcpDoor struct {
	ice.TCPMux
	in *intake
}

// GetConnByUfrag implements ice.TCPMux.
func (d tcpDoor) GetConnByUfrag(ufrag string, ipv6 bool, local net.IP) (net.PacketConn, error) {
	conn, err := d.TCPMux.GetConnByUfrag(ufrag, ipv6, local)
	if err != nil {
		return nil, err
	}
	return &packetConn{conn, d.in}, nil
}

// udpConn is a connection of one client on the shared socket: media from addresses
// that are not known yet comes this way.
type udpConn struct {
	net.PacketConn
	ice.AddrPortReaderWriter
	in *intake
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (c *udpConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := c.AddrPortReaderWriter.ReadFromAddrPort(b)
		if err != nil {
			return n, from, err
		}
		if n = c.in.admit(b[:n], from); n > 0 {
			return n, from, nil
		}
	}
}

// packetConn is a connection that knows no addresses but net.Addr: one over TCP.
type packetConn struct {
	net.PacketConn
	in *intake
}

// ReadFrom implements net.PacketConn.
func (c *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		if n = c.in.admit(b[:n], netip.AddrPort{}); n > 0 {
			return n, from, nil
		}
	}
}

// admit takes a datagram if it is media, and says how much of it is left for pion.
func (in *intake) admit(b []byte, from netip.AddrPort) int {
	if !isSealed(b) {
		return len(b)
	}
	switch in.take(b, from) {
	case passed:
		return len(b)
	case shown:
		return bare(b)
	case refused:
		in.t.sfu.counters.drop(dropUnproved)
	case taken:
	}
	return 0
}
