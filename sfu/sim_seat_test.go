package sfu

import (
	"fmt"
	"testing"
	"time"
)

// TestSimSeatSwitch: a seat that gets another occupant usually shows it within
// half a second, and within a second where the key frame has to be asked for again
// or is repaired.
func TestSimSeatSwitch(t *testing.T) {
	t.Parallel()
	for _, loss := range []float64{0, 0.1} {
		t.Run(fmt.Sprintf("loss %.0f %%", loss*100), func(t *testing.T) {
			t.Parallel()
			list := simEach(t, 12, simOneWay, func(w *world) time.Duration { return w.reseat(loss) })
			t.Logf("p50 %v, p95 %v", percentile(list, 0.5), percentile(list, 0.95))
			if percentile(list, 0.5) > 500*time.Millisecond || percentile(list, 0.95) > time.Second {
				t.Error("too long")
			}
		})
	}
}

// reseat is how long a seat takes to show another occupant.
func (w *world) reseat(loss float64) time.Duration {
	w.join("a", simSetup{ip: "10.0.1.1", sends: true})
	w.join("c", simSetup{ip: "10.0.3.1", sends: true})
	b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
	tile := Tile{Peer: "a", Kind: Person, Width: 1280, Height: 720}
	b.peer.View([]Tile{tile})
	time.Sleep(8 * time.Second)
	w.set(b.link, func(l *simLink) { l.up, l.down = simLoss{share: loss}, simLoss{share: loss} })
	time.Sleep(time.Duration(w.seed) * 77 * time.Millisecond) // anywhere between key frames
	film := b.rx.anew()
	tile.Peer = "c"
	b.peer.View([]Tile{tile})
	return within(5*time.Second, func() bool { return b.rx.begins(film) })
}

// anew forgets the picture seen so far: what comes has to begin with a key frame.
func (r *simReceiver) anew() *simFilm {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		if s.film != nil {
			s.film = newSimFilm(s.oneWay)
			return s.film
		}
	}
	return nil
}

// begins reports whether a picture of the film has been shown.
func (r *simReceiver) begins(f *simFilm) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f != nil && len(f.ready) > 0
}
