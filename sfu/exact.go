package sfu

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/ring"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
)

const (
	exactSounds     = 64 // over a second
	exactSoundBytes = 16 << 10
	exactPackets    = 512
	exactBytes      = 512 << 10
)

// exact keeps the packets of one stream as they went out, header and payload, so
// that they can go out once more byte by byte. A packet under a number that was
// used before must be the very same: the ciphers make their key stream of the
// number, and two packets under one would give away what they say and, with GCM,
// what seals all others (RFC 3711 section 9.1, RFC 7714 section 8.1). So what is
// sent again without a repair stream is taken from here, or not sent.
type exact struct {
	ring   *ring.Ring
	unwrap rtpview.Unwrapper

	// Scratch for one packet at a time.
	bytes [maxPacket]byte
	head  rtp.Header
}

func newExact(video bool) *exact {
	if video {
		return &exact{ring: ring.New(exactPackets, exactBytes)}
	}
	return &exact{ring: ring.New(exactSounds, exactSoundBytes)}
}

// keep remembers a packet that goes out now.
func (x *exact) keep(head *rtp.Header, payload []byte) {
	n, err := head.MarshalTo(x.bytes[:])
	if err != nil || n+len(payload) > len(x.bytes) {
		return
	}
	x.ring.Put(x.unwrap.Next(head.SequenceNumber), x.bytes[:n+copy(x.bytes[n:], payload)])
}

// get gives the packet that went out under a number. Both are good until the
// next call.
func (x *exact) get(sn uint16) (*rtp.Header, []byte) {
	raw := x.ring.Get(x.unwrap.Peek(sn), x.bytes[:])
	if raw == nil {
		return nil, nil
	}
	n, err := x.head.Unmarshal(raw)
	if err != nil {
		return nil, nil
	}
	return &x.head, raw[n:]
}

// remembers reports whether packets of this codec are sent again under their own
// numbers, and has them kept from now on: few receivers ever ask.
func (e *seatEnd) remembers(w *wire, kind codec.Kind) bool {
	if e.outlet.video && w.repair != 0 && w.rtx[kind] != 0 {
		return false
	}
	if w.exact == nil {
		w.exact = newExact(e.outlet.video)
	}
	return true
}

// exactly sends a packet once more as it was, and reports whether it did.
func (e *seatEnd) exactly(w *wire, sn uint16, c class, at time.Duration) bool {
	o := e.outlet
	if w.exact == nil || o.clog.holds(at) {
		return false
	}
	head, payload := w.exact.get(sn)
	if head == nil {
		return false
	}
	var number []byte
	if w.numberID != 0 {
		number = head.GetExtension(w.numberID)
	}
	size := head.MarshalSize() + len(payload)
	if len(number) == len(w.ext.number) {
		e.way.down.again(binary.BigEndian.Uint16(number), size, c, at)
	} else {
		e.way.down.unnumbered(size, c, at)
	}
	size, err := w.writer.WriteRTP(head, payload)
	if err == nil && size <= 0 {
		o.cloggedLocked(at)
		return false
	}
	return o.count(size, err)
}
