package sfu

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/budget"
	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
)

// class is what a packet to a client is for; the rates of each are followed
// apart, since the layers chosen only decide about one.
type class uint8

const (
	classAudio class = iota
	classVideo
	classExtra  // repairs and repetitions
	classEcho   // sound that was asked for again
	classParity // what repairs without being asked
	classProbe

	classes = int(classProbe) + 1
)

const (
	// What a packet is on the wire beyond its RTP: tag, UDP and IPv4.
	wireOverhead = 16 + 8 + 20

	feedbackMost = 256 // packets of one feedback that are heeded
	feedbackWait = 3 * time.Second
	sureFactor   = 1.05 // of the sound measured, reserved
	voiceReserve = 40_000
	probeMargin  = 1.2 // times what is wanted that a probe looks for
	shareMost    = 0.5
	learnLeast   = 20_000 // bits per second of pictures that say something
)

// downlink is the way to one client: what was sent when, what became of it, and
// how much more it carries.
type downlink struct {
	mu sync.Mutex
	// Guarded by mu.
	history   bwe.History
	pacer     pacer
	estimator bwe.Estimator
	octets    [classes]uint64
	firstSent time.Duration
	lastSent  time.Duration

	tight    atomic.Bool  // pictures may have to wait
	numbered atomic.Bool  // packets carry transport-wide numbers
	apart    atomic.Bool  // but sounds do not: the estimate is of the rest
	wanted   atomic.Int64 // bits per second that would be of use; set by choose
	sound    atomic.Int64 // bits per second of it at present; set by choose
	probe    pushing      // owned by tick

	// Guarded by the mu of the intake.
	results [feedbackMost]bwe.Result
}

// sent notes a packet on its way out and gives its transport-wide number.
func (d *downlink) sent(size int, c class, probe uint8, now time.Duration) uint16 {
	size += wireOverhead
	d.mu.Lock()
	defer d.mu.Unlock()
	d.octets[c] += uint64(size)
	d.lastSent = now
	if d.firstSent == 0 {
		d.firstSent = now
	}
	d.spend(size, c, now)
	return d.history.Sent(size, probe, now)
}

// unnumbered notes a packet on its way out whose fate nobody will tell: one that
// carries no transport-wide number must not take any.
func (d *downlink) unnumbered(size int, c class, now time.Duration) {
	size += wireOverhead
	d.mu.Lock()
	defer d.mu.Unlock()
	d.octets[c] += uint64(size)
	d.spend(size, c, now)
}

// again notes that a packet goes out once more under its transport-wide number.
func (d *downlink) again(number uint16, size int, c class, now time.Duration) {
	size += wireOverhead
	d.mu.Lock()
	defer d.mu.Unlock()
	d.octets[c] += uint64(size)
	d.spend(size, c, now)
	d.history.Again(number, size)
}

const (
	typeTransportFeedback = 205
	formatTransportCC     = 15
)

// isTransportFeedback tells transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01) from other RTCP packets.
func isTransportFeedback(b []byte) bool {
	return len(b) >= 12 && b[1] == typeTransportFeedback && b[0]&0x1f == formatTransportCC
}

// arrived takes one transport-wide feedback packet. Nothing it says can do harm:
// unknown numbers are ignored.
func (c *control) arrived(b []byte, now time.Duration) {
	if !c.concerns(binary.BigEndian.Uint32(b[8:])) {
		return
	}
	c.t.mu.Lock()
	rtt := c.t.rtt.smoothed
	c.t.mu.Unlock()
	d := &c.t.down
	d.mu.Lock()
	defer d.mu.Unlock()
	results, err := d.history.Resolve(b, now, d.results[:0])
	if err != nil {
		c.t.sfu.counters.drop(dropRTCP)
	}
	d.estimator.Update(results, rtt, now)
}

// congested reports whether what is lost at present is so because too much was
// sent.
func (d *downlink) congested(now time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.estimator.Congested(now)
}

// allowance is what one receiver can take at a moment, in bits per second.
type allowance struct {
	total int     // everything together
	audio int     // of it for sound
	video int     // of it for pictures, without what repairs them
	share float64 // of what pictures take that is pictures, and not repairs
	loss  float64

	trying bool // less is allowed for a trial
	// When less was allowed for a trial that found no reason for it.
	triedFrom, triedUntil time.Duration
}

// wanted is the total that pictures of so many bits per second would take, with
// room to spare.
func (a allowance) wanted(video int) int {
	return a.audio + int(float64(video)/a.share*probeMargin)
}

// spending follows what goes to one client, to tell what the estimate leaves for
// pictures.
type spending struct {
	rates [classes]meter
	share float64 // that repairs and the like take of what pictures take
}

// learn takes what was sent until now, and the loss of the link's own: where no
// picture is sent, what repairs took of the last one is forgotten in favour of what
// that loss will take.
func (s *spending) learn(octets [classes]uint64, loss float64, now time.Duration) {
	fresh := false
	for c := range s.rates {
		fresh = s.rates[c].read(octets[c], now) || fresh
	}
	video, extra := s.rates[classVideo].bits, s.rates[classExtra].bits+s.rates[classParity].bits
	switch {
	case !fresh:
		return
	case video < learnLeast:
		s.share += (min(loss, shareMost) - s.share) / 4
		return
	}
	s.share += (min(float64(extra)/float64(video+extra), shareMost) - s.share) / 2
}

// allowance gives what the estimate leaves for pictures once sound and repairs
// have theirs. A client that sends no transport-wide feedback is judged by its
// reports instead.
func (p *Peer) allowance(now time.Duration) allowance {
	d := &p.transport.down
	d.mu.Lock()
	octets, first := d.octets, d.firstSent
	d.estimator.Tick(d.lastSent, now)
	a := allowance{total: d.estimator.Allowed(now), loss: d.estimator.Inherent()}
	a.trying = d.estimator.Trying()
	a.triedFrom, a.triedUntil = d.estimator.Innocent()
	heard := d.estimator.Heard()
	d.mu.Unlock()
	if !d.numbered.Load() || !heard && first != 0 && now-first > feedbackWait {
		a.total = p.budget.Bits()
	}
	p.spent.learn(octets, a.loss, now)
	a.share = 1 - p.spent.share
	sound := p.spent.rates[classAudio].bits + p.spent.rates[classEcho].bits
	d.sound.Store(int64(sound))
	if a.audio = max(voiceReserve, int(float64(sound)*sureFactor)); d.apart.Load() && d.numbered.Load() {
		a.audio = 0
	}
	a.video = int(float64(max(a.total-a.audio, 0)) * a.share)
	return a
}

// learnLocked feeds the budget with what the receiver reported.
func (p *Peer) learnLocked(now time.Duration) {
	t := p.transport
	if t == nil {
		return
	}
	t.mu.Lock()
	news := t.news
	t.news = receiverNews{}
	t.mu.Unlock()
	learn(&p.budget, news, p.spent.rates[classVideo].bits+p.spent.rates[classAudio].bits, now)
}

func learn(b *budget.Budget, news receiverNews, sent int, now time.Duration) {
	if news.remb > 0 {
		b.Estimate(news.remb, sent, now)
	}
	if news.expected > 0 {
		b.Loss(news.lost, news.expected, sent, now)
	}
	b.Grow(now)
}
