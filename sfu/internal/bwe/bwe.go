package bwe

import "time"

// Bounds of an estimate in bits per second.
const (
	Start   = 600_000
	Floor   = 40_000
	Ceiling = 50_000_000
)

const (
	cutTo       = 0.85 // of what the link was seen to carry
	cutDeep     = 0.75 // of it, in a trial
	muchLost    = 0.25 // that asks for a deep one
	growFar     = 0.20 // a second
	growNear    = 0.05
	growLeast   = 10_000
	headroom    = 1.5 // times what arrives, and no more
	headroomAdd = 30_000
	proofWait   = 2 * time.Second        // after a cut, while queues drain
	standing    = 120 * time.Millisecond // a queue that explains loss
	drainWithin = 400 * time.Millisecond // of a long queue, after a cut
	drainLeast  = 0.35
	drainTime   = 2 * time.Second
	deafProbes  = 3               // to a receiver that has said nothing yet
	falseProof  = 3 * time.Second // a probe before a full queue had been mistaken
	congested   = 3 * time.Second // after a cut
	silence     = 1500 * time.Millisecond
	askEvery    = 500 * time.Millisecond
	blindTime   = 300 * time.Millisecond // before the first word after a silence
	maxRTT      = 2 * time.Second
	knownCap    = 30 * time.Second // a capacity seen is believed for
)

// Estimator follows one receiver. It is not safe for concurrent use.
type Estimator struct {
	delay   delay
	acked   acked
	loss    loss
	probing probing

	target   int
	wanted   int // would be of use; 0 while unknown
	grownAt  time.Duration
	cutAt    time.Duration
	cut      bool
	capacity int // what the link carried when it was last full
	before   int // the estimate before it was cut
	heard    time.Duration
	any      bool // feedback
	silences int
	back     bool          // it speaks again, and no probe has gone out since
	askedAt  time.Duration // a receiver that says nothing
	blind    time.Duration // what was sent before says nothing
	provedAt time.Duration // when a probe last raised the estimate
	probed   bool
}

// Target is what may be sent now, in bits per second of whole packets.
func (e *Estimator) Target() int {
	if e.target == 0 {
		return Start
	}
	return e.target
}

// Allowed is what may be sent at now: the target, or less for a moment after too
// much was sent, so that the queue it made empties; the longer the less.
func (e *Estimator) Allowed(now time.Duration) int {
	queue := e.delay.queue()
	if !e.cut || now-e.cutAt > drainTime || queue < standing {
		return e.Target()
	}
	share := max(1-float64(queue)/float64(drainWithin), drainLeast)
	return max(int(float64(e.Target())*share), Floor)
}

// Congested reports whether what is lost at present is lost because too much was
// sent.
func (e *Estimator) Congested(now time.Duration) bool {
	return e.cut && now-e.cutAt < congested || e.delay.queue() > standing
}

// Loss is the share of packets that are lost on the way, lately.
func (e *Estimator) Loss() float64 { return e.loss.recent }

// Inherent is the share of packets the link loses however little is sent.
func (e *Estimator) Inherent() float64 { return e.loss.own }

// Trying reports whether less is allowed for a trial, which is likely to be
// taken back soon.
func (e *Estimator) Trying() bool { return e.loss.trial }

// Innocent is when the last trial lasted that found the link innocent, or the last
// silence: what was given up in that time was given up for nothing.
func (e *Estimator) Innocent() (begun, ended time.Duration) {
	return e.loss.cleared.begun, e.loss.cleared.ended
}

// Carried is the rate at which packets arrive; 0 while unknown.
func (e *Estimator) Carried() int { return e.acked.bits() }

// Heard reports whether the receiver has sent feedback at all.
func (e *Estimator) Heard() bool { return e.any }

// Silent reports whether the receiver has said nothing for long although packets
// were sent.
func (e *Estimator) Silent(now time.Duration) bool {
	return e.silences > 0 && now-e.heard > 2*silence
}

// Update takes the fate of packets in the order sent, told at now.
func (e *Estimator) Update(results []Result, rtt, now time.Duration) {
	if len(results) == 0 {
		return
	}
	e.target = e.Target()
	if e.silences > 0 {
		e.returned(now)
	}
	e.heard, e.any = now, true
	rate := 0
	for _, r := range results {
		rate = max(rate, e.one(r, now))
	}
	e.result(rate, now)
	full := e.delay.trend.signal == filling || e.delay.queue() > standing
	switch e.loss.judge(e.target, e.acked.bits(), full, now) {
	case tooMuch:
		e.lower(e.less(), now)
		return
	case crowded:
		e.full(rtt, now)
		return
	case innocent:
		e.target = max(e.target, e.loss.from)
		e.cut = false
	case nothing:
	}
	switch e.delay.trend.signal {
	case filling:
		e.full(rtt, now)
	case draining:
		e.grownAt = now // let the queues empty
	case normal:
		e.grow(now)
	}
}

// one takes the fate of one packet, or of a run of which nothing is known. It
// returns the rate that a probe has shown with it, else 0.
func (e *Estimator) one(r Result, now time.Duration) (rate int) {
	switch {
	case r.Untold:
		e.acked.skip(r.Size)
		return 0
	case r.Sent < e.blind:
		return 0
	}
	rate = e.probing.add(r, now)
	if !r.Late || !r.Again { // what repaired it does not undo the loss
		e.loss.add(r)
	}
	switch {
	case r.Counted:
	case r.Lost:
		e.acked.lose(r.Size)
	default:
		e.acked.add(r.Size, r.Arrived)
	}
	if !r.Lost && !r.Again {
		e.delay.add(r.Sent, r.Arrived)
	}
	return rate
}

// less is the estimate in a trial: enough below what arrives that a full link
// loses nothing more. Where little is lost it is no lower, since then the link
// mostly turns out innocent.
func (e *Estimator) less() int {
	share := cutTo
	if e.loss.before > muchLost {
		share = cutDeep
	}
	least := max(int(float64(e.carried())*share), e.target/4, trialFloor)
	return min(least, int(float64(e.target)*share))
}

// carried is what the link takes: more than arrives by what it loses anyway.
func (e *Estimator) carried() int {
	return int(float64(e.acked.peak()) / (1 - e.loss.own))
}

// full lowers the estimate below what the link carries, once in a round trip.
func (e *Estimator) full(rtt, now time.Duration) {
	e.grownAt = now
	carried := e.carried()
	if carried == 0 {
		carried = e.target
	}
	wait := min(max(rtt, 50*time.Millisecond), maxRTT)
	if e.cut && now-e.cutAt < wait && carried > e.target/2 {
		return
	}
	if now-e.provedAt < falseProof {
		e.probing.lied(now)
	}
	if to := int(float64(carried) * cutTo); to < e.target {
		e.capacity = carried
		e.lower(to, now)
	}
}

func (e *Estimator) lower(to int, now time.Duration) {
	if !e.cut || now-e.cutAt > knownCap {
		e.before = e.target
	}
	e.target = max(to, Floor)
	e.cut, e.cutAt, e.grownAt = true, now, now
	e.probing.soon(now)
}

// grow raises the estimate: slowly near the capacity last seen, and never far
// above what is really sent, since that proves nothing, nor above what is of use.
func (e *Estimator) grow(now time.Duration) {
	step := min(now-e.grownAt, 200*time.Millisecond)
	e.grownAt = now
	if step <= 0 || e.loss.trial {
		return
	}
	rate := growFar
	if e.cut && now-e.cutAt < knownCap && e.target > e.capacity*8/10 && e.target < e.capacity*5/4 {
		rate = growNear
	}
	grown := e.target + int(max(float64(e.target)*rate, growLeast)*step.Seconds())
	if proven := e.acked.bits(); proven > e.target && (!e.cut || now-e.cutAt > proofWait) {
		grown = max(grown, proven) // more arrives, and no queue grows
	}
	limit := int(headroom*float64(e.carried())) + headroomAdd
	if e.wanted > 0 {
		limit = min(limit, e.wanted)
	}
	e.target = min(max(e.target, min(grown, limit)), Ceiling)
}

// result takes what a probe showed.
func (e *Estimator) result(rate int, now time.Duration) {
	if rate <= e.target || e.loss.trial {
		return
	}
	e.target, e.grownAt, e.provedAt = min(rate, Ceiling), now, now
	if e.target > e.capacity {
		e.cut = false
	}
}

// Probe says whether to send a cluster now. wanted is the rate that would be of
// use.
func (e *Estimator) Probe(wanted int, now time.Duration) (Cluster, bool) {
	target := e.Target()
	e.wanted = wanted
	if e.silences > 0 {
		return e.ask(now)
	}
	if !e.any && e.probing.serial >= deafProbes {
		return Cluster{}, false
	}
	if wanted <= target || target >= Ceiling || e.loss.trial || !e.probing.due(now) ||
		e.delay.trend.signal != normal {
		return Cluster{}, false
	}
	if e.cut && now-e.cutAt < time.Second {
		return Cluster{}, false
	}
	factor := probeAgain
	if !e.probed || e.probing.eager || e.cut {
		factor = probeFirst
	}
	e.probed = true
	most := factor * target
	if e.back { // what was sent before the silence may do again
		most, e.back = max(most, e.before), false
	}
	return e.probing.begin(min(wanted*11/10, most, Ceiling), target, now), true
}

// ask gives a receiver that says nothing something to speak of, once a second: it
// may be that nothing with a number goes out any more. It is no probe, so it has no
// name and shows nothing.
func (e *Estimator) ask(now time.Duration) (Cluster, bool) {
	if now-e.askedAt < askEvery {
		return Cluster{}, false
	}
	e.askedAt = now
	return Cluster{Rate: e.Target(), Bytes: 1}, true
}

// Tick lowers the estimate when nothing has been heard for long although
// something was sent since.
func (e *Estimator) Tick(lastSent, now time.Duration) {
	if !e.any || lastSent-e.heard < silence || now-e.heard < silence<<min(e.silences, 5) {
		return
	}
	if e.silences == 0 {
		e.before = e.target
	}
	e.silences++
	e.target = max(e.target/2, Floor)
}

// returned is called when feedback comes after a silence. The queues of before
// say nothing any more.
func (e *Estimator) returned(now time.Duration) {
	e.silences, e.back = 0, true
	e.loss.cleared.begun, e.loss.cleared.ended = e.heard, now // what fell meanwhile need not fear to rise
	e.delay = delay{}
	e.acked = acked{}
	e.cut, e.capacity = false, 0
	e.probing.open, e.probing.next = false, now
	e.blind = now - blindTime
	e.loss.lost, e.loss.total = 0, 0
}
