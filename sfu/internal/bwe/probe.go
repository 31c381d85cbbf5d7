package bwe

import "time"

// Cluster is a run of packets sent faster than the estimate, to see whether the
// link carries more.
type Cluster struct {
	ID    uint8
	Rate  int // bits per second
	Bytes int
}

const (
	clusterTime  = 25 * time.Millisecond
	clusterLeast = 4 // packets
	clusterBytes = 1800
	clusterWait  = time.Second // then it is given up
	probePause   = 3 * time.Second
	probeRest    = 8 * time.Second
	probeFirst   = 3 // × the estimate
	probeAgain   = 2
	probeGained  = 0.7 // of the rate sent: ask for more at once
)

// probing decides when to probe and reads the result.
type probing struct {
	serial uint8
	open   bool
	asked  Cluster
	at     time.Duration
	seen   arrivals

	pause time.Duration // until the next
	next  time.Duration
	eager bool // the last one showed more room
}

type arrivals struct {
	got, lost           int
	bytes, first, last  int // sizes
	firstSent, lastSent time.Duration
	firstArrived        time.Duration
	lastArrived         time.Duration
}

func (p *probing) begin(rate int, now time.Duration) Cluster {
	p.serial++
	if p.serial == 0 {
		p.serial = 1
	}
	p.asked = Cluster{
		ID: p.serial, Rate: rate, Bytes: max(int(int64(rate)*int64(clusterTime)/int64(time.Second)/8), clusterBytes),
	}
	p.open, p.at, p.seen, p.eager = true, now, arrivals{}, false
	return p.asked
}

// due reports whether another cluster may be sent for a rate beyond the estimate.
func (p *probing) due(now time.Duration) bool {
	if p.open && now-p.at > clusterWait {
		p.failed(now)
	}
	return !p.open && (p.eager || now >= p.next)
}

func (p *probing) failed(now time.Duration) {
	p.open, p.eager = false, false
	p.pause = min(max(p.pause*3/2, probePause), probeRest)
	p.next = now + p.pause
}

func (p *probing) soon(now time.Duration) { p.pause, p.next = 0, min(p.next, now+probePause/3) }

// add notes one packet of the open cluster; it returns the rate seen once enough
// have arrived, else 0.
func (p *probing) add(r Result, now time.Duration) int {
	if !p.open || r.Probe != p.asked.ID {
		return 0
	}
	s := &p.seen
	if r.Lost {
		s.lost++
		return 0
	}
	if s.got == 0 {
		s.firstSent, s.lastSent, s.firstArrived, s.lastArrived = r.Sent, r.Sent, r.Arrived, r.Arrived
		s.first = r.Size
	}
	s.got++
	s.bytes += r.Size
	if r.Sent >= s.lastSent {
		s.lastSent, s.last = r.Sent, r.Size
	}
	s.lastArrived = max(s.lastArrived, r.Arrived)
	share := float64(s.got+s.lost) / float64(s.got)
	if s.got < clusterLeast-1 || float64(s.bytes)*share < float64(p.asked.Bytes)*0.8 {
		return 0
	}
	rate := s.rate(p.asked.Rate, share)
	p.open = false
	if p.eager = rate > int(float64(p.asked.Rate)*probeGained); p.eager {
		p.pause, p.next = 0, now
	} else {
		p.failed(now)
	}
	return rate
}

// rate is the slower of the two ends, and no more than was asked for. What a
// slow link let through is taken with a margin, since its queue has grown.
func (s *arrivals) rate(asked int, share float64) int {
	took := s.lastArrived - s.firstArrived
	if took <= 0 {
		return asked
	}
	got := int(float64(s.bytes-s.first) * share * 8 / took.Seconds())
	if sent := s.lastSent - s.firstSent; sent > 0 {
		asked = min(asked, int(float64(s.bytes-s.last)*share*8/sent.Seconds()))
	}
	if got < asked*9/10 {
		return got * 95 / 100
	}
	return asked
}
