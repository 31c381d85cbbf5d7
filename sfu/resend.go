package sfu

import (
	"encoding/binary"
	"time"
)

// resend answers a receiver's request for one packet again, from the layer's
// ring. scratch holds the stored packet meanwhile; it belongs to the connection
// whose RTCP is being read.
func (e *seatEnd) resend(sn uint16, rtt, now time.Duration, scratch []byte) {
	o := e.outlet
	o.mu.Lock()
	piece, in, at, ok := o.munger.Sent(sn)
	t := o.track
	ok = ok && t != nil && piece.Occupant == o.occupant && now-time.Duration(at) > rtt*8/10
	o.mu.Unlock()
	if !ok {
		return
	}
	s := t.layers[piece.Layer].recall(piece, in, scratch)
	if s.raw == nil {
		o.sfu.counters.drop(dropResend)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil || o.track != t || t.muted.Load() {
		return
	}
	if e.againLocked(w, &s, sn, now) {
		o.sfu.counters.resent.Add(1)
	}
}

// againLocked sends a stored packet once more under the number it had, as a
// repair packet where that is negotiated; its bytes are patched.
func (e *seatEnd) againLocked(w *wire, s *stored, sn uint16, now time.Duration) bool {
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
	if w.rtx[s.kind] != 0 && w.repair != 0 {
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
	return e.write(w, w.described(head, &s.dep, out.Picture, only), payload, now)
}
