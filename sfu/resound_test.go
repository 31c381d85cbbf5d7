package sfu

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
)

// deaf is a voice's path to a receiver that knows no redundancy, on a link that
// loses much.
func deaf(tb testing.TB, copies int) (*SFU, *inbound, *seatEnd) {
	tb.Helper()
	s, in, e, _ := voicePath(tb, 0)
	w := e.wired.Load()
	w.numbered, w.payload[codec.RED] = true, 0
	if err := w.extend(sdp.TransportCCURI, 3); err != nil {
		tb.Fatal(err)
	}
	plan := protect.Plan{Copies: copies}
	e.way.shield.plan.Store(&plan)
	e.way.addEndLocked(100, e)
	e.plan(plan)
	return s, in, e
}

// TestSoundsGoOutOnceMore: who cannot read redundancy gets every sound again some
// moments later, the very same.
func TestSoundsGoOutOnceMore(t *testing.T) {
	t.Parallel()
	s, in, e := deaf(t, 2)
	out := newUnforked(t)
	e.wired.Load().writer = out
	for n := range uint16(10) {
		in.take(voice(t, n, opusPT, said(n)), in.up.sfu.now())
	}
	now := s.now()
	for _, step := range []struct {
		after time.Duration
		again int
	}{{0, 0}, {resoundAfter, 10}, {resoundAfter, 10}, {2 * resoundAfter, 20}, {5 * resoundAfter, 20}} {
		e.way.resound(now + step.after)
		if out.again != step.again {
			t.Errorf("%v later %d sounds had gone out again, want %d", step.after, out.again, step.again)
		}
	}
	if got := s.counters.repeated.Load(); got != 20 {
		t.Errorf("%d repetitions counted", got)
	}
}

// TestMutedSoundsGoOutNoMore: what was said before a mute, or by who sat here
// before, is not repeated.
func TestMutedSoundsGoOutNoMore(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*outlet){
		"muted":          func(o *outlet) { o.track.open.Store(false) },
		"muted and open": func(o *outlet) { o.track.restart() },
		"another here":   func(o *outlet) { o.attach(newTrack(o.sfu, "q", Microphone, 1)) },
		"nobody here":    func(o *outlet) { o.attach(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, in, e := deaf(t, 3)
			out := newUnforked(t)
			e.wired.Load().writer = out
			in.take(voice(t, 1, opusPT, said(1)), in.up.sfu.now())
			end(e.outlet)
			for after := range 10 {
				e.way.resound(s.now() + time.Duration(after)*beat)
			}
			if out.again != 0 {
				t.Errorf("went out %d times more", out.again)
			}
		})
	}
}

// TestNarrowWaysGetNoRepetitions: where sound fills the way, more of it does harm.
func TestNarrowWaysGetNoRepetitions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sound, now, want int }{
		{50_000, 0, 3}, {100_000, 0, 3}, {150_000, 0, 2}, {300_000, 1, 2}, {300_000, 0, 0}, {900_000, 2, 0},
	} {
		var d downlink
		d.sound.Store(int64(c.sound))
		plan, now := protect.Plan{Copies: 3}, protect.Plan{Copies: c.now}
		if got := d.affords(plan, now).Copies; got != 3 {
			t.Errorf("%d bit/s: %d repetitions before anything is known", c.sound, got)
		}
		firstWord(&d) // its first guess is 600 kbit/s
		if got := d.affords(plan, now).Copies; got != c.want {
			t.Errorf("%d bit/s with %d repetitions: %d afforded, want %d", c.sound, c.now, got, c.want)
		}
	}
}

// TestFullCleanWaysGetNoProtection: where pictures want for room and nothing is
// lost any more, nothing is spent on what was lost while the way was full.
func TestFullCleanWaysGetNoProtection(t *testing.T) {
	t.Parallel()
	plan := protect.Plan{Copies: 1, Repeat: true, FEC: protect.FEC{Group: 4, Depth: 3}, Delay: time.Second}
	var d downlink
	firstWord(&d)
	if got := d.affords(plan, plan); got != plan {
		t.Errorf("with room to spare: %+v", got)
	}
	d.wanted.Store(1_000_000)
	if got := d.affords(plan, plan); got != (protect.Plan{Delay: time.Second}) {
		t.Errorf("without: %+v", got)
	}
	d.estimator = bwe.Estimator{}
	results := make([]bwe.Result, 100)
	for i := range results {
		results[i] = bwe.Result{Size: 1000, Lost: i%10 == 0}
	}
	d.estimator.Update(results, 0, time.Second)
	if got := d.affords(plan, plan); got != plan {
		t.Errorf("on a way that loses packets: %+v", got)
	}
}

// TestRepeatingSoundsAllocatesNothing once there is something to repeat.
func TestRepeatingSoundsAllocatesNothing(t *testing.T) { //nolint:paralleltest // counts allocations
	s, in, e := deaf(t, 2)
	quiet := &discard{}
	e.wired.Load().writer = quiet
	n, raw := uint16(0), voice(t, 0, opusPT, said(0))
	if got := testing.AllocsPerRun(500, func() {
		n++
		binary.BigEndian.PutUint16(raw[2:], n)
		binary.BigEndian.PutUint32(raw[4:], uint32(n)*960)
		in.take(raw, in.up.sfu.now())
		e.resound(2, s.now()+2*resoundAfter)
	}); got != 0 || quiet.packets < 1000 {
		t.Errorf("%v allocations, %d packets sent", got, quiet.packets)
	}
}

// firstWord has the estimator take a first word of feedback.
func firstWord(d *downlink) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.estimator.Update([]bwe.Result{{Size: 100}}, 0, time.Millisecond)
}
