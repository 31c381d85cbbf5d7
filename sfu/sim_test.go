package sfu

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// film and voice are what a receiver saw and heard so far, or nil.
func (r *simReceiver) film() *simFilm {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		if s.film != nil {
			return s.film
		}
	}
	return nil
}

func (r *simReceiver) voice() *simVoice {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		if s.voice != nil {
			return s.voice
		}
	}
	return nil
}

// simScore is how a stretch of time looked and sounded.
type simScore struct {
	fps       float64
	layers    [3]float64
	frozen    float64 // share of the time
	longest   time.Duration
	concealed float64 // share of the sounds
}

func (s simScore) String() string {
	return fmt.Sprintf("%.1f fps, layers %.2f, frozen %.3f (longest %v), concealed %.3f",
		s.fps, s.layers, s.frozen, s.longest.Round(time.Millisecond), s.concealed)
}

const simPatience = 200 * time.Millisecond // of a voice's jitter buffer

// score judges the stretch from one moment to another, less what may be under
// way still.
func (r *simReceiver) score(from, to time.Duration) (s simScore) {
	film, voice := r.film(), r.voice()
	r.mu.Lock()
	defer r.mu.Unlock()
	to -= simPatience + 2*r.w.oneWay
	if film != nil {
		s.fps, s.layers = film.rate(from, to), film.layers(from, to)
		s.frozen, s.longest = film.frozen(from, to)
	}
	s.concealed = 1
	if voice != nil {
		s.concealed = voice.concealed(from, to)
	}
	return s
}

// simEach runs a simulation once for each of so many seeds, each time in a world of
// its own, and returns what the runs came to.
func simEach[T any](t *testing.T, seeds uint64, oneWay time.Duration, run func(w *world) T) []T {
	t.Helper()
	list := make([]T, 0, seeds)
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			w := newFarSimWorld(t, seed, oneWay)
			defer w.close()
			list = append(list, run(w))
		})
	}
	return list
}

// underLoss judges what one client sees and hears while a link loses packets both
// ways: for 20 s, when everything has had five to adapt.
func (w *world) underLoss(bad *simLink, watches *simPeer, loss simLoss) simScore {
	time.Sleep(3 * time.Second)
	w.set(bad, func(l *simLink) { l.up, l.down = loss, loss })
	time.Sleep(5 * time.Second)
	s := watches.after(20 * time.Second)
	w.t.Log(s)
	return s
}

// TestSimPerfectLink: nothing stands in the way of the best picture.
func TestSimPerfectLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSimWorld(t, 1)
		defer w.close()
		w.join("a", simSetup{ip: "10.0.1.1", seats: 1, sends: true})
		b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
		b.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
		time.Sleep(5 * time.Second)
		from := w.sfu.now()
		time.Sleep(5 * time.Second)
		s := b.rx.score(from, w.sfu.now())
		t.Log(s)
		if s.fps < 29 || s.layers[2] < 0.99 || s.frozen > 0 || s.concealed > 0 {
			t.Errorf("%v", s)
		}
	})
}
