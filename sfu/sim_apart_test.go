package sfu

import (
	"fmt"
	"testing"
	"time"
)

// TestSimPicturesNumberedAlone: GStreamer, players and clients on pion have
// transport-cc in their sections of pictures alone. Sounds must not count as lost
// for want of it, and a receiver that says nothing for a minute, as when the
// way back is out, sees the picture again within two; also one without repair
// streams, which can be asked by padding in the picture's own only.
func TestSimPicturesNumberedAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []simSetup{{apart: true}, {}, {apart: true, bare: true}, {bare: true}} {
		t.Run(fmt.Sprintf("apart %t, bare %t", c.apart, c.bare), func(t *testing.T) {
			t.Parallel()
			simNumberedAlone(t, c)
		})
	}
}

func simNumberedAlone(t *testing.T, c simSetup) {
	t.Helper()
	simEach(t, 1, simOneWay, func(w *world) simScore {
		a := w.join("a", simSetup{ip: "10.0.1.1", sends: true})
		for i, c := range a.cam { // too large to go on where little is allowed
			c.mu.Lock()
			c.bits = []int{600_000, 800_000, 1_000_000}[i]
			c.mu.Unlock()
		}
		b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1, apart: c.apart, bare: c.bare})
		b.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
		time.Sleep(10 * time.Second)
		s := b.after(5 * time.Second)
		d := &b.peer.transport.down
		d.mu.Lock()
		loss := d.estimator.Loss()
		d.mu.Unlock()
		if s.fps < 29 || s.layers[2] < 0.99 || s.concealed > 0 || loss > 0 {
			w.t.Errorf("on a free link: %v, thought to lose %.3f", s, loss)
		}
		say := func(dumb bool) {
			b.rx.mu.Lock()
			defer b.rx.mu.Unlock()
			b.rx.dumb = dumb
		}
		say(true)
		time.Sleep(57 * time.Second)
		if s := b.after(3 * time.Second); s.fps > 0 {
			d.mu.Lock()
			w.t.Errorf("the picture is to pause: %+v %v %d %v", c, s, d.estimator.Target(), d.numbered.Load())
			d.mu.Unlock()
		}
		say(false)
		time.Sleep(2 * time.Second)
		s = b.after(3 * time.Second)
		if s.fps < 10 {
			w.t.Errorf("after silence: %+v %v", c, s)
		}
		return s
	})
}
