package sfu

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/seat"
)

// Meeting holds the peers that see and hear each other.
type Meeting struct {
	// Set by NewMeeting.
	sfu    *SFU
	events Events

	awake atomic.Bool // choose layers at the next tick

	mu sync.Mutex
	// Guarded by mu.
	peers    map[PeerID]*Peer
	order    []*Peer // of arrival
	speakers []Speaker
	ears     ears
	taps     []*tap
	pending  []event
	visits   uint64       // joins so far
	codecs   []codec.Kind // for pictures, the preferred first; none leaves it to the clients
	aimer    aimer
	closed   bool
}

// Join takes a peer in. It has no connection until its first offer is answered.
func (m *Meeting) Join(id PeerID) (*Peer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, fmt.Errorf("join %q: %w", id, ErrClosed)
	}
	if m.peers[id] != nil {
		return nil, fmt.Errorf("join %q: %w", id, ErrPresent)
	}
	m.visits++
	p := &Peer{id: id, meeting: m, visit: m.visits}
	for s := range Source(sources) {
		p.tracks[s] = newTrack(m.sfu, id, s, m.visits)
		for _, t := range m.taps {
			t.addLocked(p.tracks[s])
		}
	}
	m.peers[id] = p
	m.order = append(m.order, p)
	m.sfu.counters.peers.Add(1)
	return p, nil
}

// Close takes every peer out and stops the taps. Events already on their way may
// still arrive.
func (m *Meeting) Close() {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.closed = true
	var left []*transport
	for len(m.order) > 0 {
		if t := m.order[0].leaveLocked(); t != nil {
			left = append(left, t)
		}
	}
	m.taps, m.pending = nil, nil
	m.mu.Unlock()

	s := m.sfu
	s.mu.Lock()
	delete(s.meetings, m)
	s.mu.Unlock()
	s.counters.meetings.Add(-1)
	for _, t := range left {
		t.close()
	}
}

func (m *Meeting) removeLocked(p *Peer) {
	delete(m.peers, p.id)
	for i := range m.order {
		if m.order[i] == p {
			m.order = append(m.order[:i:i], m.order[i+1:]...)
			break
		}
	}
	for _, t := range p.tracks {
		for _, tap := range m.taps {
			tap.removeLocked(t)
		}
	}
}

// wake has the layers chosen again at the next tick.
func (m *Meeting) wake() { m.awake.Store(true) }

func (m *Meeting) reseatLocked() {
	for _, p := range m.order {
		m.reseatPeerLocked(p)
	}
}

// greetLocked seats a newcomer where it is shown or a seat is free: who came
// last changes nothing anywhere else.
func (m *Meeting) greetLocked(newcomer *Peer) {
	for _, p := range m.order {
		if p == newcomer || p.shows(newcomer.id) || slices.Contains(p.seated, seat.Key{}) {
			m.reseatPeerLocked(p)
		}
	}
}

// missLocked fills the seats in which somebody who left sat.
func (m *Meeting) missLocked(gone *Peer) {
	for _, p := range m.order {
		m.hearLocked(p)
		if slices.ContainsFunc(p.seated, func(k seat.Key) bool { return k.Peer == string(gone.id) }) {
			m.reseatPeerLocked(p)
		}
	}
}

// shows reports whether one of the client's tiles is this peer's.
func (p *Peer) shows(id PeerID) bool {
	return slices.ContainsFunc(p.tiles, func(t Tile) bool { return t.Peer == id })
}

// reseatPeerLocked decides anew who sits at p and moves only what changes.
func (m *Meeting) reseatPeerLocked(p *Peer) {
	m.hearLocked(p)
	if len(p.places) == 0 {
		return
	}
	next := seat.Assign(p.seated, m.wishesLocked(p))
	changed := false
	for i := range next {
		changed = changed || next[i] != p.seated[i]
	}
	if changed {
		p.seated = next
		p.attachLocked()
		m.queueLocked(event{kind: eventSeated, peer: p.id})
	}
	m.aimLocked(p, m.sfu.now())
}

// attachLocked connects every place with its occupant's tracks: first those that
// leave, so that a track is never in two places.
func (p *Peer) attachLocked() {
	for _, fill := range []bool{false, true} {
		for i, place := range p.places {
			audio, video := p.meeting.tracksLocked(p.seated[i])
			for _, pair := range [...]struct {
				outlet *outlet
				track  *track
			}{{place.audio.outlet, audio}, {place.video.outlet, video}} {
				if fill {
					pair.outlet.attach(pair.track)
				} else if pair.outlet.shows() != pair.track {
					pair.outlet.attach(nil)
				}
			}
		}
	}
}

func (m *Meeting) tracksLocked(k seat.Key) (audio, video *track) {
	p := m.peers[PeerID(k.Peer)]
	if k == (seat.Key{}) || p == nil {
		return nil, nil
	}
	a, v := Kind(k.Kind).sources()
	return p.tracks[a], p.tracks[v]
}

// wishesLocked lists who could sit at p: whom it shows, who talks, and of the
// rest as many as could fill the seats. So it costs as much in a meeting of 300
// as in one of 30.
func (m *Meeting) wishesLocked(p *Peer) []seat.Wish {
	viewed := make(map[seat.Key]int, len(p.tiles))
	for i, t := range p.tiles {
		k := seat.Key{Peer: string(t.Peer), Kind: uint8(t.Kind)}
		if viewed[k] == 0 {
			viewed[k] = i + 1
		}
	}
	special := make(map[PeerID]bool, len(viewed)+len(m.ears.talkers))
	for k := range viewed {
		special[PeerID(k.Peer)] = true
	}
	for _, id := range m.ears.talkers {
		special[id] = true
	}
	enough := len(p.seated) + len(special) + 1
	wishes := make([]seat.Wish, 0, 2*enough)
	for _, other := range m.order {
		if len(wishes) >= enough {
			break
		}
		wishes = m.wishLocked(wishes, p, other, viewed)
		delete(special, other.id)
	}
	for _, other := range m.specialLocked(special) {
		wishes = m.wishLocked(wishes, p, other, viewed)
	}
	return wishes
}

// specialLocked are these peers in the order of arrival.
func (m *Meeting) specialLocked(ids map[PeerID]bool) []*Peer {
	list := make([]*Peer, 0, len(ids))
	for id := range ids {
		if p := m.peers[id]; p != nil {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Peer) int { return cmp.Compare(a.visit, b.visit) })
	return list
}

// wishLocked appends what of other could sit at p.
func (m *Meeting) wishLocked(wishes []seat.Wish, p, other *Peer, viewed map[seat.Key]int) []seat.Wish {
	if other == p || other.transport == nil {
		return wishes
	}
	k := seat.Key{Peer: string(other.id), Kind: uint8(Person)}
	loud := slices.Index(m.ears.talkers, other.id) + 1
	wishes = append(wishes, seat.Wish{Key: k, Viewed: viewed[k], Loud: loud})
	if other.tracks[Screen].live || other.tracks[ScreenAudio].live {
		k.Kind = uint8(ScreenShare)
		wishes = append(wishes, seat.Wish{Key: k, Viewed: viewed[k]})
	}
	return wishes
}
