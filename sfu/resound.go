package sfu

import (
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
)

const (
	// Sounds go out once more so long after the first time, and again after as
	// long, less what tick may come late.
	resoundAfter = 20 * time.Millisecond
	resoundSlack = beat / 2
	resoundLate  = 100 * time.Millisecond // then it is of no use
	resoundMost  = 16                     // packets of one seat and beat

	soundShare = 0.75 // of the estimate that sound and its repetitions may take
	cleanLoss  = 0.01 // of what the receiver told lately: as good as none
)

// affords is what the way has room for of a plan, had being the one in force: what
// fills a narrow way only loses more. Where pictures want for room none is kept for
// losses that are over, since mostly it was the way being full that made them.
func (d *downlink) affords(plan, had protect.Plan) protect.Plan {
	d.mu.Lock()
	heard, target := d.estimator.Heard(), float64(d.estimator.Target())
	clean := d.estimator.Loss() < cleanLoss
	d.mu.Unlock()
	if heard && clean && target < float64(d.wanted.Load()) {
		return protect.Plan{Delay: plan.Delay}
	}
	once := float64(d.sound.Load()) / float64(1+had.Copies)
	for heard && plan.Copies > 0 && once*float64(1+plan.Copies) > target*soundShare {
		plan.Copies--
	}
	return plan
}

// resounds is how often the end sends each of its sounds once more because its
// receiver cannot read redundancy.
func (e *seatEnd) resounds(plan int) int {
	w := e.wired.Load()
	if w == nil || e.outlet.video || w.payload[codec.RED] != 0 {
		return 0
	}
	return plan
}

// resound sends sounds once more to a receiver that can neither read redundancy
// nor ask: the same packets byte by byte, of which receivers drop what they have.
// It belongs to tick.
func (t *transport) resound(now time.Duration) {
	copies := t.shield.now().Copies
	if copies == 0 {
		return
	}
	for _, e := range t.sendingEnds() {
		if n := e.resounds(copies); n > 0 {
			e.resound(n, now)
		}
	}
}

func (e *seatEnd) resound(copies int, now time.Duration) {
	o := e.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil || o.track == nil || !o.track.open.Load() || !e.remembers(w, codec.Opus) {
		return
	}
	enc := o.track.layers[0]
	enc.mu.Lock()
	generation := enc.generation
	enc.mu.Unlock()
	highest := o.munger.Highest()
	for i := range min(copies, red.Copies) {
		done := &e.resounded[i]
		if highest-*done > resoundMost {
			*done = highest - resoundMost
		}
		for after := time.Duration(i+1)*resoundAfter - resoundSlack; *done != highest; *done++ {
			piece, _, at, ok := o.munger.Sent(*done + 1)
			if ok && now-time.Duration(at) < after {
				break
			}
			// Nothing from before a mute or of who sat here before.
			if !ok || piece.Occupant != o.occupant || piece.Generation != generation || now-time.Duration(at) > after+resoundLate {
				continue
			}
			if e.exactly(w, *done+1, classAudio, now) {
				o.sfu.counters.repeated.Add(1)
			}
		}
	}
}
