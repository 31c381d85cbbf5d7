package sfu

import (
	"net"
	"net/netip"
	"sync"
)

// shares count what each network holds of something that there is an end of, so
// that none takes all of it.
type shares struct {
	mu    sync.Mutex
	taken map[netip.Prefix]int // guarded by mu
}

// take notes one more.
func (s *shares) take(from net.Addr) {
	network := networkOf(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = map[netip.Prefix]int{}
	}
	s.taken[network]++
}

// give gives one back.
func (s *shares) give(from net.Addr) {
	network := networkOf(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[network]--; s.taken[network] <= 0 {
		delete(s.taken, network)
	}
}

// full says whether a network holds its share of so many.
func (s *shares) full(from net.Addr, most int) bool {
	network := networkOf(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[network] >= most
}

// networkOf is what one customer of a provider has: an IPv4 address, or the /64 of
// an IPv6 address. Addresses of no kind that is known are one network.
func networkOf(from net.Addr) netip.Prefix {
	var ip netip.Addr
	switch a := from.(type) {
	case *net.TCPAddr:
		ip = a.AddrPort().Addr()
	case *net.UDPAddr:
		ip = a.AddrPort().Addr()
	}
	ip = ip.Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}
