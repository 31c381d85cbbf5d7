package sfu

import (
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
)

// heard makes a downlink whose receiver has told of something.
func heard(p *path, now time.Duration) *downlink {
	d := &p.t.down
	d.numbered.Store(true)
	d.estimator.Update([]bwe.Result{{Size: 100, Arrived: time.Second}}, 0, now)
	return d
}

// TestBurstsAreSpread: a burst goes out over time, in order and whole; sound and
// the clock of the receiver's estimate decide how fast.
func TestBurstsAreSpread(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	d := heard(p, p.sfu.now())
	end := p.ends[0]
	out := end.wired.Load().writer.(*discard)
	before, first := out.packets, end.outlet.munger.Highest()
	const burst = 60
	for range burst {
		p.next(false)
	}
	at := out.packets - before
	if at == 0 || at > 20 {
		t.Fatalf("%d of %d packets went out at once", at, burst)
	}
	now := p.sfu.now()
	last := out.last.SequenceNumber
	for steps := 0; d.waiting(); steps++ {
		if steps > 400 {
			t.Fatal("never drained")
		}
		now += paceEvery
		n := out.packets
		p.sfu.drain(now)
		if out.packets-n > 20 {
			t.Errorf("%d packets in one step", out.packets-n)
		}
		if int16(out.last.SequenceNumber-last) < 0 {
			t.Fatalf("number %d after %d", out.last.SequenceNumber, last)
		}
		last = out.last.SequenceNumber
	}
	if got := out.packets - before; got != burst || last != first+burst {
		t.Errorf("%d packets up to number %d, want %d up to %d", got, last, burst, first+burst)
	}
	if n := p.sfu.counters.drops[dropPacer].Load(); n != 0 {
		t.Errorf("%d packets were lost", n)
	}
	before = out.packets
	p.next(false)
	if out.packets != before+1 && !d.tight.Load() {
		t.Error("the next packet waits for no reason")
	}
}

// TestTheQueueIsBounded: what does not fit is lost, and counted.
func TestTheQueueIsBounded(t *testing.T) {
	p := newPath(t, 1, false)
	heard(p, p.sfu.now())
	for range paceQueue + 100 {
		p.next(false)
	}
	if n := p.sfu.counters.drops[dropPacer].Load(); n == 0 || n > 200 {
		t.Errorf("%d packets were lost", n)
	}
	if n := testing.AllocsPerRun(100, func() { p.next(false) }); n != 0 {
		t.Errorf("%v allocations for a packet that waits", n)
	}
}

// TestRepairsAreBounded: asking for everything again and again does not fill the
// link.
func TestRepairsAreBounded(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	for range 200 {
		p.next(false)
	}
	heard(p, p.sfu.now())
	end := p.ends[0]
	high, now := end.outlet.munger.Highest(), p.sfu.now()
	for range 4 {
		now += 200 * time.Millisecond
		for back := range uint16(150) {
			end.resend(high-back, 100*time.Millisecond, now, p.t.resendBuffer[:])
		}
	}
	sent, refused := p.sfu.counters.resent.Load(), p.sfu.counters.drops[dropRepairs].Load()
	// A second of half the first estimate, and the burst.
	if sent == 0 || sent > 60 || refused == 0 {
		t.Errorf("%d repairs sent, %d refused", sent, refused)
	}
}

// TestWhoAsksComesFirst: what nobody asked for leaves half of what repairs may take.
func TestWhoAsksComesFirst(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	heard(p, p.sfu.now())
	now := p.sfu.now() + time.Second // what was saved up
	d := &p.ends[0].way.down
	unasked := 0
	for ; d.mayRepeat(now); unasked++ {
		d.sent(1000, classExtra, 0, now)
	}
	asked := 0
	for ; d.mayRepair(true, now); asked++ {
		d.sent(1000, classExtra, 0, now)
	}
	if unasked == 0 || asked < unasked-1 {
		t.Errorf("%d packets unasked for, then %d asked for", unasked, asked)
	}
}
