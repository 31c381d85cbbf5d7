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
	clusterLeast = 4           // packets
	clusterBytes = 4000        // what a small shaper lets pass at once is the lesser part of it
	clusterMost  = 64          // packets that are looked at
	clusterWait  = time.Second // then it is given up
	probePause   = 3 * time.Second
	probeRest    = 5 * time.Second
	probeMost    = 6 * time.Second
	probeFirst   = 3 // × the estimate
	probeAgain   = 2
	probeGained  = 0.7 // of the rate sent: ask for more at once

	// On a narrow link a cluster fills the way for so long that sounds come too late:
	// clusters that show nothing take no more than this share of it.
	probeShare   = 0.05
	probeLongest = 10 * time.Second
)

// probing decides when to probe and reads the result.
type probing struct {
	serial uint8
	open   bool
	asked  Cluster
	at     time.Duration
	seen   arrivals

	pause time.Duration // until the next
	least time.Duration // that it has to be
	next  time.Duration
	eager bool // the last one showed more room
}

// arrivals are what came of a cluster, in the order of sending, and of what was
// sent between its packets: on a narrow link sound takes half of the way.
type arrivals struct {
	list      [clusterMost]landing
	count     int
	got, lost int // of the cluster
	bytes     int
}

func (a *arrivals) land(r Result) {
	if a.count < clusterMost {
		a.list[a.count] = landing{r.Sent, r.Arrived, r.Size}
		a.count++
	}
}

type landing struct {
	sent, arrived time.Duration
	size          int
}

func (p *probing) begin(rate, target int, now time.Duration) Cluster {
	p.serial++
	if p.serial == 0 {
		p.serial = 1
	}
	p.asked = Cluster{
		ID: p.serial, Rate: rate, Bytes: max(int(int64(rate)*int64(clusterTime)/int64(time.Second)/8), clusterBytes),
	}
	p.open, p.at, p.seen, p.eager = true, now, arrivals{}, false
	takes := time.Duration(p.asked.Bytes) * 8 * time.Second / time.Duration(max(target, 1))
	p.least = min(time.Duration(float64(takes)/probeShare), probeLongest)
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
	p.pause = max(min(max(p.pause*3/2, probePause), probeRest), p.pause/2)
	p.next = now + max(p.pause, p.least)
}

// lied is called when the room a probe showed was not there.
func (p *probing) lied(now time.Duration) {
	p.eager = false
	p.pause = min(max(2*p.pause, 2*probePause), probeMost)
	p.next = now + max(p.pause, p.least)
}

func (p *probing) soon(now time.Duration) {
	if p.pause <= probeRest {
		p.pause, p.next = 0, min(p.next, now+max(probePause/3, p.least))
	}
}

// add notes one packet of the open cluster; it returns the rate seen once enough
// have arrived, else 0.
func (p *probing) add(r Result, now time.Duration) int {
	if !p.open {
		return 0
	}
	s := &p.seen
	switch {
	case r.Probe != p.asked.ID:
		if s.got > 0 && !r.Lost && !r.Again {
			s.land(r)
		}
		return 0
	case r.Lost:
		s.lost++
		return 0
	}
	s.land(r)
	s.got++
	s.bytes += r.Size
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

// rate is the slower of the two ends, and no more than was asked for. Only the
// second half of the cluster counts: many links let a burst pass before they
// slow down. What a slow link let through is taken with a margin, since its queue
// has grown.
func (s *arrivals) rate(asked int, share float64) int {
	from := s.count / 2
	if s.count < 2*clusterLeast {
		from = s.count / 3
	}
	first, last := s.list[from], s.list[from]
	bytes := 0
	for _, l := range s.list[from+1 : s.count] {
		bytes += l.size
		last.sent, last.arrived = max(last.sent, l.sent), max(last.arrived, l.arrived)
	}
	if sent := last.sent - first.sent; sent > 0 {
		asked = min(asked, int(float64(bytes)*share*8/sent.Seconds()))
	}
	took := last.arrived - first.arrived
	if took <= 0 {
		return asked
	}
	if got := int(float64(bytes) * share * 8 / took.Seconds()); got < asked*9/10 {
		return got * 95 / 100
	}
	return asked
}
