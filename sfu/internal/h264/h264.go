// Package h264 finds out what an H.264 payload holds (RFC 6184).
package h264

import "errors"

// ErrPayload means that the payload ends before what it announces.
var ErrPayload = errors.New("h264_payload")

// Types of network abstraction layer units (RFC 6184 section 5.2).
const (
	typeIDR      = 5
	typeSPS      = 7
	typeSTAPA    = 24
	typeFUA      = 28
	typeMask     = 0x1f
	maxSlice     = 5
	startOfUnit  = 0x80
	largestInSPS = 1 << 14
)

// Payload is what a forwarder needs to know of one payload.
type Payload struct {
	Start         bool // holds the beginning of a picture
	SPS           bool // holds a sequence parameter set
	IDR           bool // holds the beginning of a picture that needs no other
	Width, Height uint16
}

// Parse looks at every unit in a single unit packet, an aggregate (STAP-A) or a
// fragment (FU-A).
func Parse(b []byte) (Payload, error) {
	if len(b) == 0 {
		return Payload{}, ErrPayload
	}
	var p Payload
	switch b[0] & typeMask {
	case typeSTAPA:
		return p, p.aggregate(b[1:])
	case typeFUA:
		if len(b) < 2 {
			return p, ErrPayload
		}
		if b[1]&startOfUnit != 0 {
			p.unit(b[1]&typeMask, b[2:])
		}
	default:
		p.unit(b[0]&typeMask, b[1:])
	}
	return p, nil
}

func (p *Payload) aggregate(b []byte) error {
	for len(b) > 0 {
		if len(b) < 2 {
			return ErrPayload
		}
		size := int(b[0])<<8 | int(b[1])
		if size == 0 || 2+size > len(b) {
			return ErrPayload
		}
		p.unit(b[2]&typeMask, b[3:2+size])
		b = b[2+size:]
	}
	return nil
}

// unit notes a unit of this type; body follows its first byte.
func (p *Payload) unit(kind byte, body []byte) {
	switch {
	case kind == typeSPS:
		p.SPS, p.Start = true, true
		if w, h, ok := size(body); ok {
			p.Width, p.Height = w, h
		}
	case kind >= 1 && kind <= maxSlice && len(body) > 0 && body[0]&0x80 != 0:
		// first_mb_in_slice is 0, which is coded as one bit: a picture begins.
		p.Start = true
		p.IDR = p.IDR || kind == typeIDR
	}
}
