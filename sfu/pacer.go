package sfu

import (
	"sync"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

const (
	paceEvery  = 5 * time.Millisecond
	paceFactor = 2.0     // times the estimate, so that a key frame takes no second
	paceNarrow = 1.1     // the same where a burst would take the sound's turn for long
	narrow     = 400_000 // bits per second
	paceBurst  = 20 * time.Millisecond
	paceLeast  = 1500 // bytes that may go out at once
	paceQueue  = 1024 // packets that wait for one client

	// Repairs may take this share of the estimate: more on a link that loses more.
	repairLeast = 0.25
	repairMost  = 0.5
	repairLoss  = 1.5 // times the loss
	repairBurst = 400 * time.Millisecond
	repairBytes = 3000
	repairSound = 2000 // bytes that sound may overdraw
)

// held names a packet that waits in its layer's ring for its turn.
type held struct {
	ssrc     uint32
	sn, size uint16
}

// pacer spreads the bursts of pictures to one client. Sound passes by, and as
// long as there is no burst so does everything else. Guarded by the downlink's mu.
type pacer struct {
	tokens float64 // bytes that may go out at once
	repair float64 // of them as repairs
	full   float64 // the most that repairs save up
	filled time.Duration
	queue  []held // a ring, made when first needed
	first  int
	count  int
	listed bool // in the SFU's list of those that wait
}

// refill gives what became free since the last time.
func (d *downlink) refill(now time.Duration) {
	dt := min(now-d.pacer.filled, time.Second)
	if dt <= 0 {
		return
	}
	d.pacer.filled = now
	target := float64(d.estimator.Target()) / 8
	rate := target * paceFactor
	if target < narrow/8 {
		rate = target * paceNarrow
	}
	p := &d.pacer
	p.tokens = min(p.tokens+rate*dt.Seconds(), max(rate*paceBurst.Seconds(), paceLeast))
	share := min(max(d.estimator.Loss()*repairLoss, repairLeast), repairMost)
	p.full = max(target*share*repairBurst.Seconds(), repairBytes)
	p.repair = min(p.repair+target*share*dt.Seconds(), p.full)
}

// spend takes a packet of this size from what is free.
func (d *downlink) spend(size int, c class, now time.Duration) {
	d.refill(now)
	d.pacer.tokens -= float64(size)
	if c == classExtra || c == classEcho {
		d.pacer.repair -= float64(size)
	}
	if d.pacer.tokens <= 0 && d.estimator.Heard() {
		d.tight.Store(true)
	}
}

// mayRepair reports whether a packet may be sent again now. Repairs that take
// more than their share would only lose more. Sound may overdraw.
func (d *downlink) mayRepair(video bool, now time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.estimator.Heard() {
		return true
	}
	d.refill(now)
	return d.pacer.repair > 0 || !video && d.pacer.repair > -repairSound
}

// mayRepeat reports whether a packet may be sent again that nobody asked for.
// Half of what repairs may take is left to those who ask.
func (d *downlink) mayRepeat(now time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refill(now)
	return !d.estimator.Heard() || d.pacer.repair > d.pacer.full/2
}

// hold keeps a packet for later when its turn has not come. kept is false when
// there is no room either: then it is lost. list asks for the transport to be
// listed.
func (d *downlink) hold(h held, now time.Duration) (waits, kept, list bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refill(now)
	p := &d.pacer
	if p.count == 0 && p.tokens > 0 {
		d.tight.Store(false)
		return false, false, false
	}
	if p.count == paceQueue {
		return true, false, false
	}
	if p.queue == nil {
		p.queue = make([]held, paceQueue)
	}
	p.queue[(p.first+p.count)%paceQueue] = h
	p.count++
	list = !p.listed
	p.listed = true
	return true, true, list
}

// due is the packet whose turn it is; it stays the first until it is done.
func (d *downlink) due(now time.Duration) (held, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refill(now)
	if d.pacer.count == 0 || d.pacer.tokens <= 0 {
		return held{}, false
	}
	return d.pacer.queue[d.pacer.first], true
}

// done removes the first packet.
func (d *downlink) done() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pacer.first = (d.pacer.first + 1) % paceQueue
	d.pacer.count--
}

// waiting reports whether packets wait still; then the transport stays listed.
func (d *downlink) waiting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pacer.listed = d.pacer.count > 0
	return d.pacer.listed
}

// queued are the transports with packets that wait.
type queued struct {
	mu   sync.Mutex
	list []*transport // guarded by mu
}

func (q *queued) add(t *transport) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, t)
}

func (q *queued) take(into []*transport) []*transport {
	q.mu.Lock()
	defer q.mu.Unlock()
	into = append(into[:0], q.list...)
	clear(q.list)
	q.list = q.list[:0]
	return into
}

// holds keeps a packet of a picture back while a burst is being spread. It
// reports whether the packet is not to be sent now; sent is then whether it will
// be later.
func (e *seatEnd) holds(w *wire, sn uint16, size int, now time.Duration) (waits, sent bool) {
	waits, kept, list := e.way.down.hold(held{ssrc: w.ssrc, sn: sn, size: uint16(size)}, now)
	if list {
		e.way.sfu.queued.add(e.way)
	}
	if waits && !kept {
		e.outlet.sfu.counters.drop(dropPacer)
	}
	return waits, kept
}

// drain sends what waits and is due, to all clients, and reports whether there
// was anything. It belongs to tick.
func (s *SFU) drain(now time.Duration) bool {
	s.draining = s.queued.take(s.draining)
	for _, t := range s.draining {
		t.drain(now, s.scratch[:])
		if !t.closed.Load() && t.down.waiting() {
			s.queued.add(t)
		}
	}
	waited := len(s.draining) > 0
	clear(s.draining) // closed ones are not kept alive
	return waited
}

func (t *transport) drain(now time.Duration, scratch []byte) {
	for {
		h, ok := t.down.due(now)
		if !ok {
			return
		}
		t.mu.Lock()
		e := t.ends[h.ssrc]
		t.mu.Unlock()
		if e == nil || !e.release(h.sn, now, scratch) {
			t.sfu.counters.drop(dropPacer)
		}
		t.down.done()
	}
}

// release sends a packet that was held, unless its picture is not shown any more.
func (e *seatEnd) release(sn uint16, now time.Duration, scratch []byte) bool {
	o := e.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil || o.track == nil || !o.track.open.Load() || o.target == layer.None {
		return false
	}
	piece, in, _, ok := o.munger.Sent(sn)
	if !ok || piece.Occupant != o.occupant {
		return false
	}
	s := o.track.layers[piece.Layer].recall(piece, in, scratch)
	return s.raw != nil && e.storedLocked(w, &s, sn, now, false)
}
