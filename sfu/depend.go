package sfu

import (
	"errors"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
)

// dependency is the Dependency Descriptor of one packet, in the bytes it came in.
type dependency struct {
	id        uint8 // of the extension in the publisher's packets; 0 is none
	raw       []byte
	d         dd.Descriptor
	structure *dd.Structure
}

// dependLocked reads the packet's Dependency Descriptor. One whose structure has
// not been seen is no error: nothing can begin with it.
func (e *encoding) dependLocked(p *packet) bool {
	x := &p.dep
	e.dependency = x.id
	d, s, err := dd.Parse(x.raw, e.structure)
	if err != nil && !errors.Is(err, dd.ErrUnknown) {
		return false
	}
	x.d, x.structure = d, s
	if errors.Is(err, dd.ErrUnknown) {
		p.frame.Keyframe, p.frame.FrameStart = false, false
		p.frame.Layers.Chained, x.raw = true, nil
		return true
	}
	if s != e.structure && p.sn >= e.structureAt {
		e.structure, e.structureAt = s, p.sn
	}
	p.frame.Depend(&d, s)
	return true
}

// layersLocked notes how many spatial layers the stream carries, and what comes
// of each.
func (e *encoding) layersLocked(p *packet, size int) {
	l := &p.frame.Layers
	before := e.spatial
	switch {
	case p.frame.Keyframe:
		e.spatial, e.heights = max(l.Count, 1), l.Height
	case p.frame.SID >= e.spatial && p.frame.SID < dd.Spatial && (l.Chained || p.frame.Kind == codec.VP9):
		e.spatial = p.frame.SID + 1
	}
	p.spatial = e.spatial
	if e.spatial != before && e.index == 0 {
		e.track.spatial.Store(uint32(e.spatial))
	}
	if e.spatial <= 1 {
		return
	}
	for sid, need := range l.Needs {
		if need != dd.NotPresent {
			e.rates[sid].add(size, p.frame.TID, p.at)
		}
	}
	if p.frame.SID < dd.Spatial {
		e.layerAt[p.frame.SID] = p.at
	}
}

// spatialLocked reports whether the packet belongs to the spatial layer shown,
// where the stream carries several, and notes whether it ends the picture.
func (o *outlet) spatialLocked(p *packet) bool {
	p.marker = p.ends
	if p.spatial <= 1 {
		return true
	}
	late := p.sn < o.newest
	o.newest = max(o.newest, p.sn)
	pass, last := o.layers.Take(&p.frame, late)
	p.marker = p.marker || last
	p.only = 0
	if s := p.dep.structure; pass && p.dep.raw != nil && s != nil {
		// Receivers are told which targets they can still see: in every
		// structure, and where that changes.
		only := s.Mask(uint8(max(o.layers.Current(), 0)))
		if p.dep.d.Key || p.dep.d.HasActive || only != o.only {
			p.only, o.only = only, only
		}
	}
	return pass
}

// endsLocked reports whether a packet ends the picture for this receiver, apart
// from its marker.
func (o *outlet) endsLocked(d *codec.Descriptor) bool {
	return d.FrameEnd && o.track != nil && o.track.spatial.Load() > 1 && int(d.SID) == o.layers.Current()
}

// waitsLocked reports whether the spatial layer aimed at needs a key frame.
func (o *outlet) waitsLocked(retargeted bool) bool {
	if o.track.spatial.Load() <= 1 {
		return false
	}
	now := o.layers.Current()
	return now < o.target || now > o.target && !retargeted
}

// described is the head with the packet's Dependency Descriptor, where the
// receiver reads such.
func (w *wire) described(head *rtp.Header, x *dependency, number uint16, only uint32) *rtp.Header {
	if w.dependencyID == 0 || x.raw == nil {
		return head
	}
	b := x.d.Rewrite(w.dependency[:], x.raw, x.structure, number, only)
	if b == nil {
		return head
	}
	w.withDependency = *head
	h := &w.withDependency
	w.elements = append(w.elements[:0], head.Extensions...)
	h.Extensions, h.Extension, h.ExtensionProfile = w.elements, true, profileOneByte
	if len(b) > maxOneByte || w.dependencyID >= 15 {
		h.ExtensionProfile = rtp.ExtensionProfileTwoByte
	}
	if err := h.SetExtension(w.dependencyID, b); err != nil {
		return head
	}
	w.elements = h.Extensions
	return h
}

const maxOneByte = 16 // bytes of an element in the one-byte form (RFC 8285 section 4.2)

// stored is a packet taken from a layer's ring, with what it takes to read it.
type stored struct {
	raw  []byte // nil when it is not kept any more
	kind codec.Kind
	dep  dependency
}

// recall takes packet in of a piece from the ring into scratch.
func (e *encoding) recall(piece munge.Piece, in uint64, scratch []byte) stored {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := stored{kind: e.kind, dep: dependency{id: e.dependency, structure: e.structure}}
	if e.generation == piece.Generation && e.ring != nil {
		s.raw = e.ring.Get(in, scratch)
	}
	return s
}

// read describes the packet; v locates its parts.
func (s *stored) read() (v rtpview.Packet, d codec.Descriptor, err error) {
	if v, err = rtpview.Parse(s.raw); err != nil {
		return v, d, err
	}
	if d, err = codec.Read(s.kind, v.Payload(s.raw)); err != nil {
		return v, d, err
	}
	if s.kind == codec.AV1 {
		s.depend(v, &d)
	}
	return v, d, nil
}

// depend reads the Dependency Descriptor of the packet. Without one it can use,
// the packet stands for itself.
func (s *stored) depend(v rtpview.Packet, d *codec.Descriptor) {
	x := &s.dep
	if x.raw = v.Extension(s.raw, x.id); x.raw == nil {
		return
	}
	parsed, own, err := dd.Parse(x.raw, x.structure)
	if err != nil {
		x.raw = nil
		return
	}
	x.d, x.structure = parsed, own
	d.Depend(&x.d, own)
}
