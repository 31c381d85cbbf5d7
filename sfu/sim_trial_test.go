package sfu

import (
	"fmt"
	"testing"
	"time"
)

// switches counts how often what was on screen changed its layer in a stretch.
func (f *simFilm) switches(from, to time.Duration) int {
	n, last := 0, -1
	for _, s := range f.played() {
		if s.at < from || s.at >= to {
			continue
		}
		if last >= 0 && last != int(s.layer) {
			n++
		}
		last = int(s.layer)
	}
	return n
}

// switches counts the changes of layer in all that a peer is shown.
func (r *simReceiver) switches(from, to time.Duration) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, s := range r.streams {
		if s.film != nil {
			n += s.film.switches(from, to)
		}
	}
	return n
}

// TestSimLossKeepsTheLayer: loss that sets in on a wide link is no reason for a
// smaller picture. A trial finds it to be the link's own, and takes frames only
// meanwhile. Feedback that is lost too proves no slower link.
func TestSimLossKeepsTheLayer(t *testing.T) {
	t.Parallel()
	const seeds = 8
	for _, c := range []struct {
		loss float64
		most int // switches, in all runs
	}{{0.1, 2}, {0.2, 4}} {
		t.Run(fmt.Sprint(c.loss), func(t *testing.T) {
			t.Parallel()
			switches, large := 0, 0.0
			simEach(t, seeds, simOneWay, func(w *world) simScore {
				_, b := w.pair()
				time.Sleep(8 * time.Second)
				from := w.sfu.now()
				w.set(b.link, func(l *simLink) { l.up, l.down = simLoss{share: c.loss}, simLoss{share: c.loss} })
				s := b.after(20 * time.Second)
				n := b.rx.switches(from, w.sfu.now())
				w.t.Logf("%d switches, %v", n, s)
				switches, large = switches+n, large+s.layers[2]/seeds
				return s
			})
			t.Logf("%d switches, %.2f of the time large", switches, large)
			if switches > c.most || large < 0.85 {
				t.Errorf("%d switches, %.2f of the time large", switches, large)
			}
		})
	}
}

// police makes the way to a client drop what is more than this rate, where narrow
// would have it wait.
func (l *simLink) police(bits int) {
	l.queue.rate, l.queue.size = bits, max(bits/8/20, 3000)
}

// TestSimPolicer: a link that drops what is too much, and delays nothing, is
// obeyed, though trials cut little.
func TestSimPolicer(t *testing.T) {
	t.Parallel()
	const looks = 200
	for _, c := range []struct {
		bits          int
		loss          float64
		lost, carried float64 // at most
	}{
		{300_000, 0, 0.1, 1.4},
		{300_000, 0.1, 0.2, 1.5},
		{800_000, 0, 0.1, 1.05},
		{800_000, 0.1, 0.2, 1.2},
	} {
		t.Run(fmt.Sprint(c.bits, c.loss), func(t *testing.T) {
			t.Parallel()
			const seeds = 3
			lost, carried := 0.0, 0.0
			simEach(t, seeds, simOneWay, func(w *world) simScore {
				_, b := w.pair()
				time.Sleep(8 * time.Second)
				w.set(b.link, func(l *simLink) {
					l.police(c.bits)
					l.down = simLoss{share: c.loss}
				})
				time.Sleep(5 * time.Second)
				from := w.sfu.now()
				for range looks {
					time.Sleep(100 * time.Millisecond)
					lost += b.lost() / (looks * seeds)
					carried += float64(b.target()) / float64(c.bits) / (looks * seeds)
				}
				s := b.rx.score(from, w.sfu.now())
				w.t.Logf("%d switches, %v", b.rx.switches(from, w.sfu.now()), s)
				if s.concealed > 0.04 {
					w.t.Errorf("concealed %.3f", s.concealed)
				}
				return s
			})
			t.Logf("an estimate of %.2f of the rate, %.3f lost", carried, lost)
			if lost > c.lost || carried > c.carried {
				t.Errorf("not obeyed: an estimate of %.2f of the rate, %.3f lost", carried, lost)
			}
		})
	}
}

// lost is the share of packets lost lately on the way to a client.
func (p *simPeer) lost() float64 {
	d := &p.peer.transport.down
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.estimator.Loss()
}
