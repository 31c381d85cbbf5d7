package sfu

import (
	"fmt"
	"testing"
	"time"
)

// simSpoken is one way a voice may go over a bad link.
type simSpoken struct {
	name  string
	plain bool // the browser knows neither redundancy nor requests for sounds
	up    bool // the speaker's link is bad, not the listener's
	packs int  // what the speaker's browser repeats on such a link
}

// concealed is how much of a voice had to be made up, in the mean of some runs and
// in the worst one.
func (c simSpoken) concealed(t *testing.T, loss simLoss, seeds uint64) (mean, worst float64) {
	t.Helper()
	for _, s := range simEach(t, seeds, 2*simOneWay, func(w *world) simScore {
		a := w.join("a", simSetup{ip: "10.0.1.1", seats: 1, sends: true, plain: c.plain, packs: c.packs})
		b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1, plain: c.plain})
		b.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
		bad := b.link
		if c.up {
			bad = a.link
		}
		return w.underLoss(bad, b, loss)
	}) {
		mean += s.concealed / float64(seeds)
		worst = max(worst, s.concealed)
	}
	return mean, worst
}

// TestSimSound: what is heard over a link of 200 ms round trip that loses packets
// both ways, by and from browsers that know redundant sounds and ones that do not,
// while a picture goes the same way. The bounds are the aims, of the mean: in bursts
// one run may be beyond it.
func TestSimSound(t *testing.T) {
	t.Parallel()
	for _, l := range []struct {
		name  string
		loss  simLoss
		packs int
		seeds uint64
		most  float64 // of the mean
	}{
		{"10 %", simLoss{share: 0.1}, 2, 1, 0.03},
		{"20 %", simLoss{share: 0.2}, 3, 1, 0.03},
		{"30 %", simLoss{share: 0.3}, 3, 1, 0.03},
		{"30 % in bursts", simLoss{share: 0.3, run: 3}, 3, 4, 0.05},
		{"50 %", simLoss{share: 0.5}, 3, 2, 0.15},
	} {
		for _, c := range []simSpoken{
			{name: "down"},
			{name: "down, plain", plain: true, packs: 1},
			{name: "up", up: true, packs: l.packs},
			{name: "up, plain", plain: true, up: true, packs: l.packs},
		} {
			t.Run(fmt.Sprintf("%s %s", l.name, c.name), func(t *testing.T) {
				t.Parallel()
				mean, worst := c.concealed(t, l.loss, l.seeds)
				t.Logf("concealed %.3f, at worst %.3f", mean, worst)
				if mean > l.most {
					t.Errorf("%.3f of the voice was made up, more than %.3f", mean, l.most)
				}
			})
		}
	}
}

// TestSimSoundOnNarrowLinks: where a link carries little more than the sound, what
// looks for room for a picture leaves it alone most of the time.
func TestSimSoundOnNarrowLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bits      int
		concealed float64 // at most
	}{{70_000, 0.06}, {100_000, 0.03}} {
		t.Run(fmt.Sprint(c.bits), func(t *testing.T) {
			t.Parallel()
			simEach(t, 3, simOneWay, func(w *world) simScore {
				_, b := w.pair()
				time.Sleep(5 * time.Second)
				w.set(b.link, func(l *simLink) { l.narrow(c.bits) })
				time.Sleep(3 * time.Second)
				s := b.after(20 * time.Second)
				w.t.Log(s)
				if s.concealed > c.concealed {
					w.t.Errorf("concealed %.3f", s.concealed)
				}
				return s
			})
		})
	}
}

// TestSimCallOutlivesTerribleLoss: at 70 % loss both ways a call stays up, most of
// what is said is heard, and everything is back when the loss is over.
func TestSimCallOutlivesTerribleLoss(t *testing.T) {
	t.Parallel()
	simEach(t, 3, simOneWay, func(w *world) simScore {
		_, b := w.pair()
		time.Sleep(5 * time.Second)
		terrible := simLoss{share: 0.7}
		w.set(b.link, func(l *simLink) { l.up, l.down = terrible, terrible })
		s := b.after(time.Minute)
		w.t.Log(s)
		if state := w.told.state("b"); state != Connected || s.concealed > 0.4 {
			w.t.Errorf("%v, concealed %.3f", state, s.concealed)
		}
		w.set(b.link, func(l *simLink) { l.up, l.down = simLoss{}, simLoss{} })
		time.Sleep(5 * time.Second)
		s = b.after(5 * time.Second)
		w.t.Log(s)
		if s.concealed > 0.01 || s.fps < 15 {
			w.t.Errorf("afterwards: %v", s)
		}
		return s
	})
}
