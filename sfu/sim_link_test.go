package sfu

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"

	pion "github.com/pion/transport/v5"
)

const (
	simWide    = 50_000_000 // bits per second
	simHold    = 300 * time.Millisecond
	simMinHold = 6000 // bytes
	simHeaders = 28   // bytes of IPv4 and UDP
)

// simLink is the way between one client and the rest. Guarded by the world's mu.
type simLink struct {
	random   *rand.Rand
	up, down simLoss
	dark     bool
	lost     [2]int   // packets lost at random on the way up and down
	queue    simQueue // on the way down
}

// narrow gives the way to a client this rate, and a queue of 300 ms.
func (l *simLink) narrow(bits int) {
	l.queue.rate, l.queue.size = bits, max(int(int64(bits)/8*int64(simHold)/int64(time.Second)), simMinHold)
}

// simLoss loses runs of packets (Gilbert's model); a run of one is loss at random.
type simLoss struct {
	share, run float64
	bad        bool
}

func (l *simLoss) loses(r *rand.Rand) bool {
	switch {
	case l.share == 0:
		return false
	case l.run <= 1:
		return r.Float64() < l.share
	case l.bad:
		l.bad = r.Float64() >= 1/l.run
	default:
		l.bad = r.Float64() < l.share/(1-l.share)/l.run
	}
	return l.bad
}

// simSocket is the SFU's socket on the virtual network. What it sends goes through
// the links.
type simSocket struct {
	pion.UDPConn
	world *world
}

func (s simSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := s.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	return n, from.(*net.UDPAddr).AddrPort(), nil
}

func (s simSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if s.world.takes(b, to) {
		return s.WriteTo(b, net.UDPAddrFromAddrPort(to))
	}
	return len(b), nil
}

// takes says whether a packet goes out now. If not, it is lost or waits.
func (w *world) takes(b []byte, to netip.AddrPort) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.links[to.Addr().Unmap()]
	if l == nil {
		return true
	}
	if l.dark {
		return false
	}
	if l.down.loses(l.random) {
		l.lost[1]++
		return false
	}
	q := &l.queue
	now := time.Now()
	if len(q.waiting) == 0 && !now.Before(q.free) {
		q.free = now.Add(q.lasts(b))
		return true
	}
	if q.bytes+len(b)+simHeaders > q.size {
		return false
	}
	q.bytes += len(b) + simHeaders
	q.waiting = append(q.waiting, simPacket{slices.Clone(b), to})
	if len(q.waiting) == 1 {
		time.AfterFunc(q.free.Sub(now), func() { w.drain(q) })
	}
	return false
}

// simQueue is a bottleneck: one packet after another, and so many bytes that wait.
// It looks at no timer's channel: a channel that is due at once may crash the race
// detector in a synctest bubble (golang/go#78156, mended in Go 1.27), and
// vnet.Queue waits for little else.
type simQueue struct {
	rate, size int // bits per second, bytes
	free       time.Time
	waiting    []simPacket
	bytes      int
}

type simPacket struct {
	payload []byte
	to      netip.AddrPort
}

func (q *simQueue) lasts(payload []byte) time.Duration {
	return time.Duration(len(payload)+simHeaders) * 8 * time.Second / time.Duration(q.rate)
}

// drain sends what has waited longest, the link being free for it.
func (w *world) drain(q *simQueue) {
	w.mu.Lock()
	first := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.bytes -= len(first.payload) + simHeaders
	took := q.lasts(first.payload)
	q.free = time.Now().Add(took)
	if len(q.waiting) > 0 {
		time.AfterFunc(took, func() { w.drain(q) })
	}
	w.mu.Unlock()
	_, _ = w.socket.WriteTo(first.payload, net.UDPAddrFromAddrPort(first.to))
}
