package sfu

import (
	"cmp"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

const (
	paddingMost = 255  // bytes of one packet: RFC 3550 section 5.1
	probeLarge  = 6000 // a cluster of more bytes is made of repeated packets
	probeBack   = 64   // packets back
)

// pushing is a cluster of probing packets under way. It belongs to tick.
type pushing struct {
	cluster bwe.Cluster
	left    int // bytes
	back    uint16
}

// push sends what is due of a probing cluster, beginning one when the estimate
// wants it. Receivers take probes for repairs: they come as repeated packets, or
// as padding alone, in the repair stream of a picture. Who has no repair streams
// gets padding in the picture's own stream.
func (t *transport) push(now time.Duration, scratch []byte) {
	d := &t.down
	p := &d.probe
	if p.left <= 0 {
		t.mu.Lock()
		connected := t.connected
		t.mu.Unlock()
		if !connected || !d.numbered.Load() {
			return
		}
		d.mu.Lock()
		cluster, ok := d.estimator.Probe(int(d.wanted.Load()), now)
		d.mu.Unlock()
		if !ok {
			return
		}
		*p = pushing{cluster: cluster, left: cluster.Bytes}
	}
	e := t.pusher()
	if e == nil {
		p.left = 0
		return
	}
	e.outlet.mu.Lock()
	defer e.outlet.mu.Unlock()
	for due := int(int64(p.cluster.Rate) * int64(beat) / int64(time.Second) / 8); due > 0 && p.left > 0; {
		size := e.pushLocked(p, now, scratch)
		if size == 0 {
			return
		}
		due, p.left = due-size, p.left-size
	}
}

// pusher is the end of a picture that can carry probes: one whose repair stream
// does, with packets to repeat if there is any; else one that pauses, or any.
func (t *transport) pusher() *seatEnd {
	t.mu.Lock()
	defer t.mu.Unlock()
	var repairs, pauses, shows *seatEnd
	for _, e := range t.ends {
		w := e.wired.Load()
		if !e.outlet.video || w == nil || !w.numbered {
			continue
		}
		switch {
		case w.repairs():
			repairs = fuller(repairs, e)
		case e.outlet.mask.Load() == 0:
			pauses = fuller(pauses, e)
		default:
			shows = fuller(shows, e)
		}
	}
	return cmp.Or(repairs, pauses, shows)
}

// fuller is the end of the two through which more has gone.
func fuller(a, b *seatEnd) *seatEnd {
	if a == nil || b.outlet.packets.Load() > a.outlet.packets.Load() {
		return b
	}
	return a
}

// repairs reports whether there is a repair stream, and any codec has a format for it.
func (w *wire) repairs() bool {
	if w.repair == 0 {
		return false
	}
	for _, pt := range w.rtx {
		if pt != 0 {
			return true
		}
	}
	return false
}

// pushLocked sends one probing packet and returns its size; zero when its moment is
// still to come.
func (e *seatEnd) pushLocked(p *pushing, now time.Duration, scratch []byte) int {
	w := e.wired.Load()
	if w == nil {
		return p.left
	}
	if !w.repairs() {
		return e.padLocked(w, p, now)
	}
	e.outlet.sfu.counters.probes.Add(1)
	if p.cluster.Bytes >= probeLarge && p.back < probeBack {
		sn := e.outlet.munger.Highest() - p.back
		p.back++
		w.probe = p.cluster.ID
		size := e.repeatLocked(w, sn, now, scratch)
		w.probe = 0
		if size > 0 {
			return size
		}
	}
	for kind, pt := range w.rtx {
		if pt != 0 {
			w.rtxHead.PayloadType = w.rtx[codec.Kind(kind)]
			break
		}
	}
	w.rtxSequence++
	head := &w.rtxHead
	head.SequenceNumber, head.Timestamp, head.Marker = w.rtxSequence, w.header.Timestamp, false
	head.Padding, head.PaddingSize = true, paddingMost
	e.send(w, head, nil, classProbe, p.cluster.ID, now)
	head.Padding, head.PaddingSize = false, 0
	return paddingMost + head.MarshalSize()
}

// padLocked sends a packet of padding in the picture's own stream and returns its
// size. Receivers would take it for a piece of a frame under way, so it stands behind
// the last packet of one, or where the picture pauses, to come back with a key frame.
// Nothing of the stream may come late, since numbers behind it move; then p ends.
func (e *seatEnd) padLocked(w *wire, p *pushing, now time.Duration) int {
	o := e.outlet
	if o.target != layer.None {
		switch {
		case w.cover != nil || o.munger.Missing() > 0:
			return p.left
		case !e.ended || e.way.down.tight.Load():
			return 0
		}
	}
	out, ok := o.munger.Pad()
	if !ok {
		return p.left
	}
	o.sfu.counters.probes.Add(1)
	head := &w.header
	head.SequenceNumber, head.Timestamp, head.Marker = out.Sequence, out.Timestamp, false
	head.Padding, head.PaddingSize = true, paddingMost
	e.send(w, head, nil, classProbe, p.cluster.ID, now)
	head.Padding, head.PaddingSize = false, 0
	return paddingMost + head.MarshalSize()
}

// repeatLocked sends packet sn of the current track once more from the ring, and
// returns its size; 0 when it is not there any more.
func (e *seatEnd) repeatLocked(w *wire, sn uint16, now time.Duration, scratch []byte) int {
	o := e.outlet
	if o.track == nil || !o.track.open.Load() {
		return 0
	}
	piece, in, _, ok := o.munger.Sent(sn)
	if !ok || piece.Occupant != o.occupant {
		return 0
	}
	s := o.track.layers[piece.Layer].recall(piece, in, scratch)
	if s.raw == nil || w.rtx[s.kind] == 0 || !e.againLocked(w, &s, sn, now) {
		return 0
	}
	return len(s.raw)
}
