package batch

import (
	"errors"
	"maps"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Link is an address that is not reached through the socket.
type Link interface {
	// Deliver takes one datagram; it copies what it keeps and does not block.
	// It returns 0 for a datagram it has no room for.
	Deliver(b []byte) (int, error)
}

// routes are the addresses that are not reached through the socket. A value is
// never changed, only replaced.
type routes struct {
	hosts []netip.Addr // few; asked for every packet
	links map[netip.AddrPort]Link
}

// ours reports whether addr may be one of the links: cheap, for all others.
func (r *routes) ours(addr netip.AddrPort) bool {
	for _, host := range r.hosts {
		if host == addr.Addr() {
			return true
		}
	}
	return false
}

func (r *routes) find(addr netip.AddrPort) Link { return r.links[addr] }

// Route sends what is written to addr to a link from now on; nil ends that. It
// reports whether the address was free.
func (c *Conn) Route(addr netip.AddrPort, link Link) bool {
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	c.routing.Lock()
	defer c.routing.Unlock()
	after := &routes{links: map[netip.AddrPort]Link{}}
	if before := c.routes.Load(); before != nil {
		maps.Copy(after.links, before.links)
	}
	if link != nil && after.links[addr] != nil {
		return false
	}
	delete(after.links, addr)
	if link != nil {
		after.links[addr] = link
	}
	if len(after.links) == 0 {
		after = nil
	} else {
		after.findHosts()
	}
	c.routes.Store(after)
	return true
}

func (r *routes) findHosts() {
	for a := range r.links {
		if !r.ours(a) {
			r.hosts = append(r.hosts, a.Addr())
		}
	}
}

// maxInjected bounds what waits to be read besides the socket.
const maxInjected = 256

// injected are datagrams that did not come through the socket, in a ring of
// buffers that are used again.
type injected struct {
	mu      sync.Mutex
	ring    []inject // guarded by mu
	first   int      // guarded by mu
	count   int      // guarded by mu
	waiting bool     // guarded by mu: the reader is in the kernel
	woken   bool     // guarded by mu: and a deadline fetches it
}

type inject struct {
	from netip.AddrPort
	data []byte
}

// Inject hands a datagram to whoever reads the Conn, as if it had come through
// the socket from an address. It reports false when too much waits already.
func (c *Conn) Inject(b []byte, from netip.AddrPort) bool {
	in := &c.injected
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.count == maxInjected {
		return false
	}
	if in.ring == nil {
		in.ring = make([]inject, maxInjected)
	}
	e := &in.ring[(in.first+in.count)%maxInjected]
	e.from, e.data = from, append(e.data[:0], b...)
	in.count++
	if in.waiting && !in.woken {
		in.woken = true
		// An error means that the socket is closed; then nobody reads.
		_ = c.udp.SetReadDeadline(time.Unix(1, 0))
	}
	return true
}

// take gives the reader the oldest injected datagram.
func (in *injected) take(b []byte) (int, netip.AddrPort, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.waiting = false
	if in.count == 0 {
		return 0, netip.AddrPort{}, false
	}
	e := &in.ring[in.first]
	in.first, in.count = (in.first+1)%maxInjected, in.count-1
	return copy(b, e.data), e.from, true
}

// wait announces that the reader is about to wait in the kernel. It reports
// false when there is something to take first.
func (in *injected) wait() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.waiting = in.count == 0
	return in.waiting
}

// woke reports whether the reader was fetched out of the kernel by Inject.
func (in *injected) woke(err error, udp Socket) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.woken || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	in.woken = false
	return udp.SetReadDeadline(time.Time{}) == nil
}
