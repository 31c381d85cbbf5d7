// Package svc picks the spatial layer one receiver is shown out of a stream that
// carries several (VP9, AV1). It knows no clock, lock or socket.
package svc

import (
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
)

// None is the current layer before the first key frame.
const None = -1

// Selector follows one stream for one receiver. Call Reset before its first use.
type Selector struct {
	target, current int
	newest          uint16
	passed          [window / 64]uint64 // frames passed on, by number
	broken          [dd.Spatial]bool    // a frame of the layer's chain was not
}

const window = 256 // as far back as a chain reaches

// Reset begins a stream: nothing passes until a key frame.
func (s *Selector) Reset() { *s = Selector{target: s.target, current: None} }

// Aim sets the layer wanted.
func (s *Selector) Aim(target int) { s.target = target }

// Current is the layer shown, or None.
func (s *Selector) Current() int { return s.current }

// Take decides about one packet; late says that a later one was taken before, so
// that it changes nothing. last is true when the packet ends the picture for
// this receiver.
func (s *Selector) Take(d *codec.Descriptor, late bool) (pass, last bool) {
	l := &d.Layers
	if !late {
		if l.Chained {
			s.advance(l.Number)
		}
		if d.FrameStart {
			s.follow(l)
			s.turn(d)
		}
	}
	if s.current == None || l.Needs[s.current] == dd.NotPresent {
		return false, false
	}
	if l.Chained && s.newest-l.Number < window {
		s.passed[l.Number%window/64] |= 1 << (l.Number % 64)
	}
	return true, d.FrameEnd && int(d.SID) == s.current
}

// advance makes room for the frames up to number n.
func (s *Selector) advance(n uint16) {
	step := n - s.newest
	switch {
	case step == 0 || step >= 1<<15:
		return
	case step >= window:
		clear(s.passed[:])
	default:
		for at := s.newest + 1; at != n+1; at++ {
			s.passed[at%window/64] &^= 1 << (at % 64)
		}
	}
	s.newest = n
}

// turn moves to another layer where this frame allows it.
func (s *Selector) turn(d *codec.Descriptor) {
	switch {
	case d.Keyframe && d.Layers.Chained:
		s.current = s.reachable(d, s.target, 0, true)
	case d.Keyframe:
		s.current = 0
	case s.current == None || s.current == s.target:
	case d.Layers.Chained:
		if s.target < s.current {
			if s.reachable(d, s.target, s.target, false) == s.target {
				s.current = s.target
			}
			return
		}
		s.current = max(s.current, s.reachable(d, s.target, s.current+1, false))
	case s.target < s.current:
		if d.SID == 0 { // a picture begins
			s.current = s.target
		}
	case int(d.SID) == s.current+1 && d.Layers.Needs[d.SID] == dd.Switch:
		s.current++
	}
}

// reachable is the highest layer from at most to at least that can be shown from
// this frame on, or None. Past a key frame every layer begins anew.
func (s *Selector) reachable(d *codec.Descriptor, most, least int, key bool) int {
	for sid := min(most, dd.Spatial-1); sid >= least; sid-- {
		if d.Layers.Needs[sid] == dd.Switch && (key || !s.broken[sid]) {
			return sid
		}
	}
	return None
}

// follow notes which layers' chains the receiver was not given whole: a chain is
// broken from the first frame left out of it until it begins anew.
func (s *Selector) follow(l *codec.Layers) {
	for sid, back := range l.Chain {
		switch before := l.Number - uint16(back); {
		case back == 0:
			s.broken[sid] = false
		case back == dd.Unprotected, s.newest-before >= window, s.passed[before%window/64]&(1<<(before%64)) == 0:
			s.broken[sid] = true
		}
	}
}
