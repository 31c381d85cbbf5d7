package sfu

import (
	"fmt"
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/offer"
)

const (
	crowd      = 300
	crowdSeats = 5
)

// crowded is a meeting of people whose connections are open but lead nowhere.
func crowded(t *testing.T, s *SFU, w *witness) *Meeting {
	t.Helper()
	m := s.NewMeeting(w)
	for i := range crowd {
		arrive(t, m, PeerID(fmt.Sprint(i)))
	}
	return m
}

// arrive brings a peer in as if its offer had been answered.
func arrive(t *testing.T, m *Meeting, id PeerID) *Peer {
	t.Helper()
	p, err := m.Join(id)
	must(t, err)
	to, err := m.sfu.newTransport(&offer.Offer{}, m.wake, p.stateChanged)
	must(t, err)
	for i := range crowdSeats {
		place := to.newSeat(i)
		to.seats = append(to.seats, place)
		to.wait(place.audio.outlet, place.video.outlet)
	}
	p.SetLive(Microphone, true)
	must(t, p.adopt(to))
	return p
}

// attached counts how often any outlet of the meeting was given a track.
func (m *Meeting) attached() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.order {
		for _, place := range p.places {
			for _, e := range []*seatEnd{place.audio, place.video} {
				e.outlet.mu.Lock()
				n += int(e.outlet.occupant)
				e.outlet.mu.Unlock()
			}
		}
	}
	return n
}

// news counts the events that wait to be told, and forgets them.
func (m *Meeting) news() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.pending = nil }()
	return len(m.pending)
}

// What a join, a leave or a look costs depends on the seats concerned and not on
// how many people there are.
func TestOneOfThreeHundredMovesFewSeats(t *testing.T) {
	t.Parallel()
	s, err := Listen(Config{UDPAddr: "127.0.0.1:0"})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	m := crowded(t, s, newWitness())
	t.Cleanup(m.Close)
	var newcomer *Peer
	for _, step := range []struct {
		name   string
		do     func()
		attach int // at most
		news   int
	}{
		{"a join", func() { newcomer = arrive(t, m, "new") }, 2 * crowdSeats, 1},
		{"a look at the same people", func() {
			newcomer.View([]Tile{{Peer: "1", Width: 320, Height: 180}, {Peer: "2", Width: 320, Height: 180}})
		}, 0, 0},
		{"a look at somebody else", func() { newcomer.View([]Tile{{Peer: "200", Width: 320, Height: 180}}) }, 4, 1},
		{"a camera", func() { newcomer.SetLive(Camera, true) }, 0, 0},
		{"a mute", func() { newcomer.SetMuted(Microphone, true) }, 0, 0},
		{"a leave", func() { newcomer.Close() }, 0, 0},
	} {
		before := m.attached()
		m.news()
		step.do()
		// Who left took along what was ever attached at its own seats.
		if got := m.attached() - before; got > step.attach {
			t.Errorf("%s: %d outlets were given a track, want %d at most", step.name, got, step.attach)
		}
		if got := m.news(); got != step.news {
			t.Errorf("%s: %d events are told, want %d", step.name, got, step.news)
		}
	}
}

func TestClientsAmongThreeHundred(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := crowded(t, s, w)
	ann := live(join(t, m, "ann", setup{seats: 2}), Microphone, Camera)
	ben := live(join(t, m, "ben", setup{seats: 2}), Microphone, Camera)
	ann.level.Store(25) // of 302 open microphones only theirs are heard
	ben.level.Store(25)
	for _, x := range []struct {
		c     *client
		other PeerID
	}{{ann, "ben"}, {ben, "ann"}} {
		x.c.peer.View([]Tile{{Peer: x.other, Width: 640, Height: 360}})
		eventually(t, fmt.Sprintf("%s is seen and heard", x.other), func() bool {
			return x.c.all(string(x.other)+"/video0") > 20 && x.c.all(string(x.other)+"/audio") > 20
		})
		if x.c.offers != 1 {
			t.Errorf("it took %d offers", x.c.offers)
		}
	}
}
