package sfu

import (
	"slices"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/seat"
)

const unviewedHeight = 360 // until the client says what it shows

// aimed is what was last decided about a seat's picture. Guarded by the meeting's
// mu.
type aimed struct {
	key     seat.Key
	steady  layer.Steady
	picture Picture
}

// aimer is the scratch space of aimLocked.
type aimer struct {
	allocator     layer.Allocator
	wants         [MaxSeats]layer.Want
	full, careful [MaxSeats]layer.Choice
	tracks        [MaxSeats]*track
}

// aimLocked chooses the layers of everything p shows within what its link
// carries.
func (m *Meeting) aimLocked(p *Peer, now time.Duration) {
	if p.transport == nil {
		return
	}
	var shown [MaxSeats]int
	list := p.importanceLocked(shown[:0])
	a := &m.aimer
	wants := a.wants[:len(list)]
	for n, i := range list {
		wants[n] = layer.Want{}
		_, video := m.tracksLocked(p.seated[i])
		a.tracks[n] = video
		if video != nil && video.open.Load() && p.places[i].video.knows(video.codec()) {
			wants[n] = layer.Want{
				Layers: video.known(now), Height: p.heightLocked(p.seated[i]), Mode: video.sheds(),
				Shown: n == 0 && p.places[i].shows(p.seated[i]),
			}
		}
	}
	allowed := p.allowance(now)
	if p.roughLocked(allowed.loss, now) {
		for i := range wants {
			wants[i].Height = min(wants[i].Height, 1)
		}
	}
	if allowed.trying { // frames come back without a key frame, size does not
		for i := range wants {
			wants[i].Mode = layer.Text
		}
	}
	a.allocator.Allocate(allowed.video, wants, a.full[:])
	a.allocator.Allocate(allowed.video*layer.Careful/100, wants, a.careful[:])
	p.transport.down.wanted.Store(int64(allowed.wanted(layer.Ideal(wants))))
	told := false
	for n, i := range list {
		p.places[i].aimed.steady.Forgive(allowed.triedFrom, allowed.triedUntil)
		told = p.places[i].aim(p.seated[i], a.tracks[n], &wants[n], a.full[n], a.careful[n], now) || told
	}
	if told {
		m.queueLocked(event{kind: eventSeated, peer: p.id})
	}
}

const (
	roughLoss  = 0.25
	smoothLoss = 0.18
	roughWait  = 2 * time.Second // what a trial of few packets found may be chance
)

// roughLocked reports whether the link has lost so much for a while that only the
// smallest layer comes through whole: a large picture needs all its packets.
func (p *Peer) roughLocked(loss float64, now time.Duration) bool {
	if loss < roughLoss {
		p.bearable = now
	}
	switch {
	case loss < smoothLoss:
		p.rough = false
	case now-p.bearable >= roughWait:
		p.rough = true
	}
	return p.rough
}

// aim settles what the seat shows and reports whether the client has to be told.
func (s *place) aim(key seat.Key, t *track, w *layer.Want, full, careful layer.Choice, now time.Duration) bool {
	if s.aimed.key != key {
		s.aimed = aimed{key: key}
	}
	a := &s.aimed
	choice := a.steady.Settle(full, careful, w.Best(), now)
	s.video.outlet.aim(choice.Layer, choice.Temporal)
	before := a.picture
	a.picture = Playing
	switch {
	case t == nil || !t.live:
	case !s.video.knows(t.codec()):
		a.picture = Undecodable
	case choice.Layer == layer.None && w.Best().Layer != layer.None:
		a.picture = Paused
	}
	if t != nil {
		t.demand.now |= demanded(w, choice)
	}
	return a.picture != before
}

// shows reports whether the seat is sent something of k.
func (s *place) shows(k seat.Key) bool { return s.aimed.key == k && s.aimed.steady.Shows() }

// pictureLocked is what has been decided about the picture of k in seat i.
func (p *Peer) pictureLocked(i int, k seat.Key) Picture {
	if i >= len(p.places) || p.places[i].aimed.key != k {
		return Playing
	}
	return p.places[i].aimed.picture
}

// importanceLocked appends the seats' indices, the most important first: what is
// presented, then the client's tiles in its order, then who speaks.
func (p *Peer) importanceLocked(list []int) []int {
	for _, kind := range []Kind{ScreenShare, Person} {
		for _, tile := range p.tiles {
			if tile.Kind == kind {
				list = p.placeLocked(list, seat.Key{Peer: string(tile.Peer), Kind: uint8(tile.Kind)})
			}
		}
	}
	for _, s := range p.meeting.speakers {
		list = p.placeLocked(list, seat.Key{Peer: string(s.Peer), Kind: uint8(Person)})
	}
	for i := range p.seated {
		if !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	return list
}

// placeLocked appends the seat of k, if it has one that is not in the list.
func (p *Peer) placeLocked(list []int, k seat.Key) []int {
	if i := slices.Index(p.seated, k); i >= 0 && !slices.Contains(list, i) {
		list = append(list, i)
	}
	return list
}

func (p *Peer) heightLocked(k seat.Key) int {
	if !p.viewed {
		return unviewedHeight
	}
	for _, t := range p.tiles {
		if string(t.Peer) == k.Peer && uint8(t.Kind) == k.Kind {
			return t.Height
		}
	}
	return 0
}
