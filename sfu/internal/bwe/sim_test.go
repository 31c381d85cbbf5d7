package bwe

import (
	"math/rand/v2"
	"time"
)

// link is a bottleneck with a queue, then a way that loses and delays.
type link struct {
	rate   func(now time.Duration) int // bits per second
	queue  time.Duration               // longest wait
	delay  time.Duration
	jitter time.Duration
	loss   func(now time.Duration) bool

	free time.Duration // when the bottleneck is idle again
	last time.Duration // arrival of the packet before: order is kept
}

// carry says when a packet sent at now arrives, if it does.
func (l *link) carry(size int, now time.Duration, r *rand.Rand) (time.Duration, bool) {
	start := max(l.free, now)
	if start-now > l.queue {
		return 0, false
	}
	l.free = start + time.Duration(int64(size)*8*int64(time.Second)/int64(l.rate(now)))
	if l.loss != nil && l.loss(now) {
		return 0, false
	}
	at := l.free + l.delay
	if l.jitter > 0 {
		at += time.Duration(r.Int64N(int64(l.jitter)))
	}
	l.last = max(l.last, at)
	return l.last, true
}

// world runs an estimator against a link.
type world struct {
	e       Estimator
	h       History
	l       *link
	r       *rand.Rand
	demand  func(now time.Duration) int
	now     time.Duration
	flight  []told
	sentAt  time.Duration
	credit  float64
	burst   Cluster
	lostFB  float64
	starved bool // nothing is sent but the voice and probes
	dropped int
	total   int
	wait    time.Duration // longest queue since reset
}

type told struct {
	sn      uint16
	arrives time.Duration
	lost    bool
}

const (
	voice   = 48_000 // bits per second
	simStep = 5 * time.Millisecond
	frame   = 35 * time.Millisecond
)

func (w *world) send(size int, probe uint8) {
	sn := w.h.Sent(size, probe, w.now)
	at, ok := w.l.carry(size, w.now, w.r)
	w.sentAt = w.now
	w.total++
	if ok {
		w.wait = max(w.wait, at-w.now-w.l.delay)
	} else {
		w.dropped++
	}
	w.flight = append(w.flight, told{sn, at, !ok})
}

// run lets time pass: media at the estimate or what there is, in frames, a voice
// beside it, probes when wanted, feedback every 50 ms.
func (w *world) run(until time.Duration) {
	for ; w.now < until; w.now += simStep {
		if w.now%(20*time.Millisecond) == 0 {
			w.send(120, 0)
		}
		demand := w.demand(w.now)
		if w.now%frame == 0 && !w.starved {
			w.credit += float64(min(demand, w.e.Target())-voice) / 8 * frame.Seconds()
			for ; w.credit > 0; w.credit -= 1100 {
				w.send(1100, 0)
			}
		}
		w.probe(demand)
		if w.now%(50*time.Millisecond) == 0 {
			w.feedback()
		}
		w.e.Tick(w.sentAt, w.now)
	}
}

func (w *world) probe(demand int) {
	if c, ok := w.e.Probe(demand, w.now); ok {
		w.burst = c
	}
	chunk := int(float64(w.burst.Rate) / 8 * simStep.Seconds())
	for chunk > 0 && w.burst.Bytes > 0 {
		size := min(w.burst.Bytes, max(275, min(w.burst.Bytes/5, 1100)))
		w.send(size, w.burst.ID)
		w.burst.Bytes -= size
		chunk -= size
	}
}

// feedback tells of everything up to the last packet that has arrived by now,
// half a round trip ago. What a lost one would have told of is never told.
func (w *world) feedback() {
	seen := w.now - w.l.delay
	last := -1
	for i, f := range w.flight {
		if !f.lost && f.arrives <= seen {
			last = i
		}
	}
	flight := w.flight[:last+1]
	w.flight = w.flight[last+1:]
	if w.r.Float64() < w.lostFB || len(flight) == 0 {
		return
	}
	list := []Result{w.h.skipped(flight[0].sn)}
	for _, f := range flight {
		if r, ok := w.h.settle(f.sn, !f.lost, w.now); ok {
			r.Arrived = f.arrives/deltaUnit*deltaUnit + time.Hour
			list = append(list, r)
		}
	}
	w.e.Update(list, 2*w.l.delay, w.now)
}

func newWorld(l *link, seed uint64) *world {
	w := &world{l: l, r: rand.New(rand.NewPCG(seed, 7)), demand: func(time.Duration) int { return 30_000_000 }}
	if l.queue == 0 {
		l.queue = 300 * time.Millisecond
	}
	if l.delay == 0 {
		l.delay = 50 * time.Millisecond
	}
	return w
}

func steady(bits int) func(time.Duration) int { return func(time.Duration) int { return bits } }

func random(w *world, share float64) func(time.Duration) bool {
	return func(time.Duration) bool { return w.r.Float64() < share }
}

// bursts loses runs of this many packets on average (Gilbert's model).
func bursts(w *world, share, length float64) func(time.Duration) bool {
	bad := false
	return func(time.Duration) bool {
		if bad {
			bad = w.r.Float64() >= 1/length
		} else {
			bad = w.r.Float64() < share/(1-share)/length
		}
		return bad
	}
}

// mean is the average estimate over a while.
func (w *world) mean(length time.Duration) int {
	sum, n := 0, 0
	for end := w.now + length; w.now < end; n++ {
		w.run(w.now + 50*time.Millisecond)
		sum += w.e.Target()
	}
	return sum / n
}
