package sfu

import (
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
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
// as padding alone, in the repair stream of a picture.
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
		due, p.left = due-size, p.left-size
	}
}

// pusher is the end of a picture whose repair stream can carry probes, one with
// packets to repeat if there is any.
func (t *transport) pusher() *seatEnd {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found *seatEnd
	for _, e := range t.ends {
		w := e.wired.Load()
		if !e.outlet.video || w == nil || !w.numbered || w.repair == 0 || !w.repairs() {
			continue
		}
		if found == nil || e.outlet.packets.Load() > found.outlet.packets.Load() {
			found = e
		}
	}
	return found
}

// repairs reports whether any codec has a repair format.
func (w *wire) repairs() bool {
	for _, pt := range w.rtx {
		if pt != 0 {
			return true
		}
	}
	return false
}

// pushLocked sends one probing packet and returns its size; it is never zero.
func (e *seatEnd) pushLocked(p *pushing, now time.Duration, scratch []byte) int {
	w := e.wired.Load()
	if w == nil {
		return p.left
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

// repeatLocked sends packet sn of the current track once more from the ring, and
// returns its size; 0 when it is not there any more.
func (e *seatEnd) repeatLocked(w *wire, sn uint16, now time.Duration, scratch []byte) int {
	o := e.outlet
	if o.track == nil || o.track.muted.Load() {
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
