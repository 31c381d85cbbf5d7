package sfu

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// pair is the usual scene: a is seen large by b.
func (w *world) pair() (a, b *simPeer) {
	a = w.join("a", simSetup{ip: "10.0.1.1", seats: 1, sends: true})
	b = w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
	b.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
	return a, b
}

// target is the estimate of the way to a client.
func (p *simPeer) target() int {
	d := &p.peer.transport.down
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.estimator.Target()
}

// after lets time pass and scores it.
func (p *simPeer) after(d time.Duration) simScore {
	from := p.w.sfu.now()
	time.Sleep(d)
	return p.rx.score(from, p.w.sfu.now())
}

// TestSimRateSteps: a link of 2 Mbit/s shrinks to 150 kbit/s and grows again. The
// sound stays; the picture gives way within three seconds and is as large as before
// within fifteen of the link's return.
func TestSimRateSteps(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			w := newSimWorld(t, seed)
			defer w.close()
			_, b := w.pair()
			w.set(b.link, func(l *simLink) { l.narrow(2_000_000) })
			time.Sleep(10 * time.Second)
			begun := w.sfu.now()
			if s := b.after(5 * time.Second); s.layers[2] < 0.9 || s.fps < 20 {
				t.Errorf("before: %v", s)
			}
			w.set(b.link, func(l *simLink) { l.narrow(150_000) })
			time.Sleep(3 * time.Second)
			narrow := b.after(20 * time.Second)
			if narrow.layers[1]+narrow.layers[2] > 0 {
				t.Errorf("on 150 kbit/s: %v", narrow)
			}
			w.set(b.link, func(l *simLink) { l.narrow(2_000_000) })
			time.Sleep(15 * time.Second)
			if s := b.after(5 * time.Second); s.layers[2] < 0.9 || s.fps < 14 {
				t.Errorf("after: %v", s)
			}
			all := b.rx.score(begun, w.sfu.now())
			t.Logf("narrow: %v; all the time: concealed %.3f", narrow, all.concealed)
			if all.concealed > 0.02 {
				t.Errorf("concealed %.3f", all.concealed)
			}
		})
	}
}

// TestSimEstimate: with enough to send the estimate lies between 70 and 100 % of
// the bottleneck five seconds after the start, and the picture moves.
func TestSimEstimate(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{300_000, 500_000, 1_000_000, 1_400_000} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSimWorld(t, 1)
				defer w.close()
				_, b := w.pair()
				w.set(b.link, func(l *simLink) { l.narrow(bits) })
				time.Sleep(6 * time.Second)
				sum, n := 0, 0
				from := w.sfu.now()
				for ; n < 100; n++ {
					time.Sleep(100 * time.Millisecond)
					sum += b.target()
				}
				s := b.rx.score(from, w.sfu.now())
				share := float64(sum) / float64(n) / float64(bits)
				t.Logf("%.2f of %d, %v", share, bits, s)
				if share < 0.7 || share > 1.05 || s.fps < 12 || s.frozen > 0.15 || s.concealed > 0.02 {
					t.Error("out of bounds")
				}
			})
		})
	}
}

// TestSimLoss: what is seen and heard on a wide link that loses packets both
// ways.
func TestSimLoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		oneWay    time.Duration
		loss      simLoss
		fps       float64
		frozen    float64
		longest   time.Duration
		concealed float64
	}{
		{"10 %", simOneWay, simLoss{share: 0.1}, 25, 0.01, time.Second, 0.01},
		{"20 %", simOneWay, simLoss{share: 0.2}, 24, 0.06, 2 * time.Second, 0.02},
		{"30 %", simOneWay, simLoss{share: 0.3}, 20, 0.1, 3 * time.Second, 0.03},
		{"30 % in bursts", simOneWay, simLoss{share: 0.3, run: 3}, 10, 0.3, 10 * time.Second, 0.05},
		{"far, 20 %", 75 * time.Millisecond, simLoss{share: 0.2}, 24, 0.08, 2 * time.Second, 0.02},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var sum simScore
			const seeds = 3
			for _, s := range simEach(t, seeds, c.oneWay, func(w *world) simScore {
				_, b := w.pair()
				return w.underLoss(b.link, b, c.loss)
			}) {
				sum.add(s, seeds)
			}
			t.Logf("mean: %v", sum)
			if sum.fps < c.fps || sum.frozen > c.frozen || sum.longest > c.longest || sum.concealed > c.concealed {
				t.Errorf("not as good as it should be: %v", sum)
			}
		})
	}
}

// add makes s the mean of so many scores; the longest freeze is of them all.
func (s *simScore) add(o simScore, of float64) {
	s.fps += o.fps / of
	s.frozen += o.frozen / of
	s.concealed += o.concealed / of
	s.longest = max(s.longest, o.longest)
	for i := range s.layers {
		s.layers[i] += o.layers[i] / of
	}
}

// TestSimOneBadReceiver: one receiver with 40 % loss disturbs none of the others,
// and many lossy ones have the source make no more than one key frame a second.
func TestSimOneBadReceiver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSimWorld(t, 1)
		defer w.close()
		w.join("a", simSetup{ip: "10.0.1.1", sends: true})
		var all []*simPeer
		for i := range 10 {
			p := w.join(PeerID(fmt.Sprint("r", i)), simSetup{ip: fmt.Sprintf("10.0.2.%d", i+1), seats: 1})
			p.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 640, Height: 360}})
			all = append(all, p)
		}
		time.Sleep(4 * time.Second)
		bad := all[0]
		w.set(bad.link, func(l *simLink) { l.up, l.down = simLoss{share: 0.4}, simLoss{share: 0.4} })
		bad.after(10 * time.Second)
		from := w.sfu.now() - 10*time.Second
		for _, p := range all[1:] {
			if s := p.rx.score(from, w.sfu.now()); s.fps < 29.4 || s.frozen > 0 || s.concealed > 0 {
				t.Errorf("%s: %v", p.id, s)
			}
		}
	})
}

// TestSimKeyframesUnderLoss: many receivers on bad links ask for key frames; the
// source makes at most one a second in each layer.
func TestSimKeyframesUnderLoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSimWorld(t, 1)
		defer w.close()
		a := w.join("a", simSetup{ip: "10.0.1.1", sends: true})
		for i := range 10 {
			p := w.join(PeerID(fmt.Sprint("r", i)), simSetup{ip: fmt.Sprintf("10.0.2.%d", i+1), seats: 1})
			p.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 640, Height: 360}})
			w.set(p.link, func(l *simLink) { l.up, l.down = simLoss{share: 0.25}, simLoss{share: 0.25} })
		}
		time.Sleep(8 * time.Second)
		from, length := w.sfu.now(), 20*time.Second
		time.Sleep(length)
		for i, c := range a.cam {
			c.mu.Lock()
			n := 0
			for _, at := range c.keys {
				if at >= from {
					n++
				}
			}
			c.mu.Unlock()
			t.Logf("layer %d: %d requests in %v", i, n, length)
			if n > int(length/time.Second) {
				t.Errorf("layer %d: %d key frames asked for in %v", i, n, length)
			}
		}
	})
}
