package bwe

import (
	"math"
	"time"
)

const (
	mercyExcess  = 0.03 // loss beyond the link's own that asks for a trial
	mercySigmas  = 2.5  // and so many deviations, or it is chance
	mercyWindows = 2    // in a row
	mercyStray   = 0.04 // how far the link's own loss strays from what a trial found
	mercySlack   = 0.02 // beyond the link's own, forgiven on a link found full
	mercyHoard   = 24   // packets forgiven at once there
	mercyRest    = 10 * time.Second
	mercyDoubt   = 15 * time.Second // until a link found full is tried again
	mercyFloor   = 80_000           // bits per second: so little is not too much

	orderedShare  = 0.85 // of what arrives, in a trial
	obeyedShare   = 0.95 // with more of it the trial was none
	innocentShare = 0.6  // of the loss before, left in a trial
	orderTime     = 500 * time.Millisecond
	observeTime   = time.Second
	liftTime      = 2 * time.Second // the end of a trial is told this long
	unlimited     = 1 << 30
)

// Mercy decides which losses on a client's way up its own estimator is told of.
// Those of browsers take all loss for a full link, and starve on one that loses
// packets however little is sent. Here nothing is said of losses that no queue
// explains. For full links without a queue there are trials: when more is lost
// than usual the client is asked to send less for a moment. If the loss stays it
// is the link's own. If it falls the link is full, and all that is lost beyond
// its own loss is told of, until a trial ends otherwise.
//
// The zero value is ready. It is not safe for concurrent use.
type Mercy struct {
	delay   delay
	arrived acked

	open  counted // the window
	since time.Duration

	recent float64 // loss of the last windows, smoothed
	slow   float64 // of more of them
	own    float64 // the link's
	proven float64 // what a trial found of that
	excess int     // windows in a row
	full   bool    // so the last trial said
	credit float64 // packets forgiven as the link's own loss, once it is full
	rested time.Duration

	order  order
	lifted time.Duration // when the last one ended
}

// order is a trial: the client has been asked to send less.
type order struct {
	given    bool
	at       time.Duration
	limit    int
	rate     int     // before
	loss     float64 // before
	observed time.Duration
	seen     counted
	bytes    int
}

// Arrived takes a packet of this size that arrived at now.
func (m *Mercy) Arrived(size int, now time.Duration) {
	m.arrived.add(size, now)
	m.order.bytes += size
}

// Timed takes when a packet that arrived at now was sent, by the client's clock.
func (m *Mercy) Timed(sent, now time.Duration) { m.delay.add(sent, now) }

// Fate takes the next packet in the order sent, and says whether to keep quiet
// about its loss.
func (m *Mercy) Fate(lost bool) bool {
	m.open.total++
	m.order.seen.total++
	m.credit = min(m.credit+m.proven+min(m.proven, mercySlack), mercyHoard)
	if !lost {
		return false
	}
	m.open.lost++
	m.order.seen.lost++
	if m.credit >= 1 {
		m.credit--
		return true
	}
	return !m.full && !m.queues()
}

// queues reports whether the delay shows a standing queue, which explains loss.
// That delay grows is not enough: it does when the way becomes a longer one, and
// the client sees it, too.
func (m *Mercy) queues() bool { return m.delay.queue() > standing }

// Limit is what to tell the client it may send at most, in bits per second, while
// there is something to tell.
func (m *Mercy) Limit(now time.Duration) (bits int, tell bool) {
	switch {
	case m.order.given:
		return m.order.limit, true
	case m.lifted != 0 && now-m.lifted < liftTime:
		return unlimited, true
	}
	return 0, false
}

// Judge draws conclusions from the fates since the last time.
func (m *Mercy) Judge(now time.Duration) {
	if m.order.given {
		m.observe(now)
	}
	n := m.open.total
	age := now - m.since
	if age < windowTime || n < windowPackets && age < longWindow || n < 10 {
		return
	}
	share := m.open.share()
	m.open, m.since = counted{}, now
	m.recent += (share - m.recent) / 2
	m.slow += (share - m.slow) / 8
	m.proven = min(m.proven, m.slow+mercyStray)
	m.own = min(m.slow, m.proven+mercyStray)
	if m.order.given {
		return
	}
	deviation := math.Sqrt(max(m.own, 0.02) * (1 - m.own) / float64(n) / 3) // of recent
	if m.recent <= m.own+max(mercyExcess, mercySigmas*deviation) || m.queues() {
		m.excess = 0
		return
	}
	if m.excess++; m.excess >= mercyWindows && now >= m.rested {
		m.excess = 0
		m.try(now)
	}
}

// try begins a trial, where there is enough to send less of.
func (m *Mercy) try(now time.Duration) {
	rate := m.arrived.peak()
	if rate < mercyFloor && m.recent < little {
		m.learn(m.recent)
		return
	}
	m.order = order{
		given: true, at: now, rate: rate, loss: m.recent, limit: int(float64(rate) * orderedShare),
	}
}

// observe ends a trial that has lasted long enough.
func (m *Mercy) observe(now time.Duration) {
	o := &m.order
	if now-o.at < orderTime {
		return
	}
	if o.observed == 0 {
		o.observed, o.seen, o.bytes = now, counted{}, 0
	}
	age := now - o.observed
	if age < observeTime || o.seen.total < 20 && age < 3*observeTime {
		return
	}
	share, rate := o.seen.share(), float64(o.bytes)*8/age.Seconds()
	obeyed, before := rate < float64(o.rate)*obeyedShare, o.loss
	m.order, m.lifted = order{}, now
	switch {
	case !obeyed: // what was sent before is all that is known of the loss
		m.full, m.rested = true, now+mercyDoubt
	case share < before*innocentShare:
		m.learn(share)
		m.full, m.rested = true, now+mercyDoubt
	default:
		m.learn((share + before) / 2)
		m.rested = now + mercyRest
	}
}

// learn takes a share as the link's own loss.
func (m *Mercy) learn(share float64) {
	m.proven = min(share, ownMost)
	m.own, m.slow, m.recent, m.full = m.proven, share, share, false
}
