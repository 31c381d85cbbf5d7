package batch

import "net/netip"

// plainSender sends one datagram per system call. It serves where there is no
// sendmmsg, and is what the other is measured against.
type plainSender struct{ c *Conn }

func (s *plainSender) send(p *pile) {
	for i := range p.places {
		to := p.places[i].to.addrPort()
		for at := p.places[i].first; at != none; at = p.datagrams[at].next {
			s.one(p.payload(p.datagrams[at]), to)
		}
	}
}

func (s *plainSender) one(b []byte, to netip.AddrPort) {
	s.c.stats.Calls.Add(1)
	if _, err := s.c.udp.WriteToUDPAddrPort(b, to); err != nil {
		s.c.dropped(reasonOf(err), 1)
		return
	}
	s.c.stats.Messages.Add(1)
	s.c.stats.Datagrams.Add(1)
}

type plainReceiver struct{ c *Conn }

func (r *plainReceiver) ready() bool { return false }

func (r *plainReceiver) receive(b []byte) (int, netip.AddrPort, error) {
	n, from, err := r.c.udp.ReadFromUDPAddrPort(b)
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
}
