package sfu

import (
	"context"
	"fmt"

	"github.com/yunqiao/yunqiao/sfu/internal/seat"
)

// Events hears what changes in a meeting. The methods are called one at a time
// and in order, never under a lock of this package; they must not block.
type Events interface {
	// Seated gives all seats of a peer whenever one changes.
	Seated(peer PeerID, seats []Seating)
	// Speaking gives the active speakers whenever they change, loudest first.
	Speaking(speakers []Speaker)
	// Wanted gives the layers of a peer's source that somebody uses, as bits from
	// the lowest layer up, whenever they change. The rest need not be sent.
	Wanted(peer PeerID, source Source, layers uint8)
	// PeerState gives the state of a peer's connection.
	PeerState(peer PeerID, state PeerState)
}

// Seating says who sits in a seat; an empty seat has no Peer.
type Seating struct {
	Seat    int
	Peer    PeerID
	Kind    Kind
	Picture Picture
}

// Picture says whether a seat's picture comes, or why not.
type Picture uint8

// The states of a seat's picture.
const (
	Playing     Picture = iota
	Paused              // there is no bandwidth for it
	Undecodable         // the receiver does not know its codec
)

// String is the state's name on the wire.
func (p Picture) String() string {
	switch p {
	case Playing:
		return "playing"
	case Paused:
		return "paused"
	case Undecodable:
		return "undecodable"
	}
	return fmt.Sprintf("picture(%d)", uint8(p))
}

// Speaker is an active speaker; Level is in -dBov, smaller is louder.
type Speaker struct {
	Peer  PeerID
	Level uint8
}

type eventKind uint8

const (
	eventSeated eventKind = iota
	eventSpeaking
	eventState
	eventWanted
)

// event is a change to be told. Only the latest of each kind, peer and source is
// kept, so the queue is bounded by the number of peers.
type event struct {
	kind   eventKind
	peer   PeerID
	source Source // of eventWanted
	state  PeerState
}

func (m *Meeting) queueLocked(e event) {
	if m.closed {
		return
	}
	for i := range m.pending {
		if m.pending[i].kind == e.kind && m.pending[i].peer == e.peer && m.pending[i].source == e.source {
			m.pending[i].state = e.state
			return
		}
	}
	m.pending = append(m.pending, e)
	select {
	case m.sfu.wake <- struct{}{}:
	default: // woken already
	}
}

// dispatch tells all meetings' events until ctx ends.
func (s *SFU) dispatch(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.wake:
			for _, m := range s.snapshot() {
				m.tell()
			}
		}
	}
}

func (m *Meeting) tell() {
	m.mu.Lock()
	pending := m.pending
	m.pending = nil
	m.mu.Unlock()
	for _, e := range pending {
		switch e.kind {
		case eventSeated:
			if seats, ok := m.seating(e.peer); ok {
				m.events.Seated(e.peer, seats)
			}
		case eventSpeaking:
			m.mu.Lock()
			speakers := append([]Speaker{}, m.speakers...)
			m.mu.Unlock()
			m.events.Speaking(speakers)
		case eventWanted:
			if layers, ok := m.wanted(e.peer, e.source); ok {
				m.events.Wanted(e.peer, e.source, layers)
			}
		case eventState:
			m.events.PeerState(e.peer, e.state)
		}
	}
}

func (m *Meeting) seating(id PeerID) ([]Seating, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.peers[id]
	if p == nil {
		return nil, false
	}
	list := make([]Seating, len(p.seated))
	for i, k := range p.seated {
		list[i] = Seating{Seat: i}
		if k != (seat.Key{}) {
			list[i].Peer, list[i].Kind = PeerID(k.Peer), Kind(k.Kind)
			list[i].Picture = p.pictureLocked(i, k)
		}
	}
	return list, true
}
