package sfu

import (
	"encoding/binary"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

// resendMost is how often one packet is sent again: who has not got it then never
// will, or asks by mistake.
const resendMost = 12

// doubleFrom is how many repetitions must have been in vain for the next ones to
// go out twice: a picture that waits this long is about to freeze.
const doubleFrom = 1

// soundAge is how many packets of a sound later it is not worth repeating.
const soundAge = 25

// resend answers a receiver's request for one packet again, from the layer's
// ring. scratch holds the stored packet meanwhile; it belongs to the connection
// whose RTCP is being read.
func (e *seatEnd) resend(sn uint16, rtt, now time.Duration, scratch []byte) {
	o := e.outlet
	o.mu.Lock()
	piece, in, at, ok := o.munger.Sent(sn)
	t := o.track
	ok = ok && t != nil && piece.Occupant == o.occupant && now-time.Duration(at) > rtt*8/10 &&
		o.target != layer.None && o.munger.SerialOf(sn) >= o.resumed && (o.video || o.munger.Highest()-sn < soundAge)
	times := o.munger.Repeated(sn)
	ok = ok && times < resendMost
	o.mu.Unlock()
	if !ok {
		return
	}
	if !e.way.down.mayRepair(o.video, now) {
		o.sfu.counters.drop(dropRepairs)
		return
	}
	s := t.layers[piece.Layer].recall(piece, in, scratch)
	if s.raw == nil {
		o.sfu.counters.drop(dropResend)
		return
	}
	if times == 0 && !o.video {
		e.asked.Add(1)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil || o.track != t || !t.open.Load() {
		return
	}
	goes := 1
	if times >= doubleFrom {
		goes = 2
	}
	for range goes {
		// The bytes of the first are patched already.
		if s = t.layers[piece.Layer].recall(piece, in, scratch); s.raw == nil || !e.againLocked(w, &s, sn, now) {
			return
		}
		o.sfu.counters.resent.Add(1)
	}
}

// againLocked sends a stored packet once more: as a repair packet where that is
// negotiated, and else as it was; its bytes are patched.
func (e *seatEnd) againLocked(w *wire, s *stored, sn uint16, now time.Duration) bool {
	if !e.remembers(w, s.kind) {
		return e.storedLocked(w, s, sn, now, true)
	}
	if _, ok := e.outlet.munger.Again(sn, 0, codec.Running{}, int64(now)); !ok {
		return false
	}
	c := classEcho
	if e.outlet.video {
		c = classExtra
	}
	return e.exactly(w, sn, c, now)
}

// storedLocked sends a stored packet under the number it has, as what it is or as
// a repair packet; its bytes are patched.
func (e *seatEnd) storedLocked(w *wire, s *stored, sn uint16, now time.Duration, repair bool) bool {
	o := e.outlet
	v, d, err := s.read()
	if err != nil || !w.formatted(s.kind) {
		return false
	}
	payload := v.Payload(s.raw)
	out, ok := o.munger.Again(sn, v.Timestamp, d.Running, int64(now))
	if !ok {
		return false
	}
	d.Patch(payload, out.Picture, out.TL0, out.Key)
	head := &w.header
	if repair {
		// RFC 4588 section 4: the original number precedes the payload.
		head = &w.rtxHead
		binary.BigEndian.PutUint16(w.rtxBuffer[:], out.Sequence)
		payload = w.rtxBuffer[:2+copy(w.rtxBuffer[2:], payload)]
		w.rtxSequence++
		head.SequenceNumber = w.rtxSequence
	} else {
		head.SequenceNumber = out.Sequence
	}
	head.Timestamp, head.Marker = out.Timestamp, v.Marker || o.endsLocked(&d)
	only := uint32(0)
	if s.dep.d.Key {
		only = o.only
	}
	head = w.described(head, &s.dep, out.Picture, only)
	sent := e.write(w, head, payload, now)
	if sent && !repair && w.cover != nil {
		e.protect(w, head, payload, now)
	}
	return sent
}
