package sfu

import (
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
)

// shedLocked reports whether the packet belongs to a temporal layer above what
// this outlet sends. Going down needs nothing but the start of a frame. Going
// up has to wait for a picture that leans on none of those left out: one marked
// as such, or a key frame, with which every layer begins.
func (o *outlet) shedLocked(p *packet) bool {
	d := &p.frame
	if d.FrameStart {
		switch {
		case d.Keyframe:
			o.reached = o.temporal
		case o.reached > o.temporal:
			o.reached = o.temporal
		default:
			o.reached = max(o.reached, d.Reach(o.temporal))
		}
	}
	return d.TID > o.reached
}

// leaveOutLocked closes the gap that a packet not sent leaves. Where that is too
// late an empty packet fills it: receivers take it for padding.
func (o *outlet) leaveOutLocked(p *packet) {
	o.sfu.counters.drop(dropShed)
	o.munger.Skip(p.frame.Running)
	sn, hole := o.munger.Drop(p.sn)
	if !hole {
		return
	}
	full, d, dep := p.payload, p.frame, p.dep.raw
	p.payload, p.frame, p.dep.raw = nil, codec.Descriptor{Kind: d.Kind}, nil
	o.to.emit(o, p, munge.Out{Sequence: sn, Timestamp: o.munger.Timestamp(p.ts)})
	p.payload, p.frame, p.dep.raw = full, d, dep
}
