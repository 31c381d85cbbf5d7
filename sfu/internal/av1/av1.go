// Package av1 finds out what an AV1 payload holds, from the aggregation header
// and the units in it (RTP payload format for AV1 sections 4.3 to 4.5).
package av1

import (
	"errors"

	"github.com/yunqiao/yunqiao/sfu/internal/bitread"
)

// ErrPayload means that the payload ends before what it announces.
var ErrPayload = errors.New("av1_payload")

const (
	typeSequence = 1
	maxElements  = 64
)

// Payload is what a forwarder needs to know of one payload.
type Payload struct {
	Continues     bool // begins inside a unit
	Unfinished    bool // ends inside a unit
	Sequence      bool // first of a coded video sequence: a key frame
	SID, TID      uint8
	Width, Height uint16 // of the sequence header, when there is one
}

// Parse reads the aggregation header and the headers of the units that follow.
func Parse(b []byte) (Payload, error) {
	if len(b) == 0 {
		return Payload{}, ErrPayload
	}
	p := Payload{Continues: b[0]&0x80 != 0, Unfinished: b[0]&0x40 != 0, Sequence: b[0]&0x08 != 0}
	if p.Continues && p.Sequence {
		return Payload{}, ErrPayload // the specification forbids it
	}
	count := int(b[0] >> 4 & 0x03) // 0: every element has its size
	b = b[1:]
	for i := 0; len(b) > 0 && i < maxElements; i++ {
		unit := b
		if count == 0 || i < count-1 {
			size, n := leb128(b)
			if n == 0 || size > len(b)-n {
				return Payload{}, ErrPayload
			}
			unit, b = b[n:n+size], b[n+size:]
		} else {
			b = nil
		}
		if i > 0 || !p.Continues {
			p.unit(unit, i == 0)
		}
	}
	return p, nil
}

// unit notes an open bitstream unit (AV1 bitstream specification section 5.3).
func (p *Payload) unit(u []byte, first bool) {
	if len(u) == 0 {
		return
	}
	kind, extended, sized := u[0]>>3&0x0f, u[0]&0x04 != 0, u[0]&0x02 != 0
	u = u[1:]
	if extended {
		if len(u) == 0 {
			return
		}
		if first || p.SID == 0 && p.TID == 0 {
			p.TID, p.SID = u[0]>>5, u[0]>>3&0x03
		}
		u = u[1:]
	}
	if sized {
		size, n := leb128(u)
		if n == 0 || size > len(u)-n {
			return
		}
		u = u[n : n+size]
	}
	if kind == typeSequence {
		p.Width, p.Height = sequence(u)
	}
}

// leb128 reads a size; n is 0 when there is none.
func leb128(b []byte) (v, n int) {
	for i := range min(len(b), 4) { // larger sizes than 28 bits fit no packet
		v |= int(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return v, i + 1
		}
	}
	return 0, 0
}

// sequence reads the largest frame's size from a sequence header (section 5.5).
func sequence(u []byte) (width, height uint16) {
	r := bitread.Reader{B: u}
	r.Skip(4)
	if reduced := r.Bit(); reduced {
		r.Skip(5)
	} else {
		points(&r)
	}
	widthBits, heightBits := int(r.Bits(4))+1, int(r.Bits(4))+1
	w, h := r.Bits(widthBits), r.Bits(heightBits)
	if !r.OK() || w == 1<<16-1 || h == 1<<16-1 {
		return 0, 0
	}
	return uint16(w + 1), uint16(h + 1)
}

// points passes timing and operating points.
func points(r *bitread.Reader) {
	delayBits := 0
	model := false
	if r.Bit() { // timing info
		r.Skip(64)
		if r.Bit() {
			r.Golomb()
		}
		if model = r.Bit(); model {
			delayBits = int(r.Bits(5)) + 1
			r.Skip(42)
		}
	}
	display := r.Bit()
	for range r.Bits(5) + 1 {
		r.Skip(12)
		if r.Bits(5) > 7 {
			r.Skip(1)
		}
		if model && r.Bit() {
			r.Skip(2*delayBits + 1)
		}
		if display && r.Bit() {
			r.Skip(4)
		}
	}
}
