// Package vp8 reads and patches the VP8 payload descriptor (RFC 7741) in place.
package vp8

import (
	"errors"

	"github.com/yunqiao/yunqiao/sfu/internal/running"
)

// ErrDescriptor means that the payload ends inside its descriptor.
var ErrDescriptor = errors.New("vp8_descriptor")

// Descriptor is what a forwarder needs to know of one VP8 payload.
type Descriptor struct {
	Size       int  // bytes before the VP8 data
	FrameStart bool // first packet of a frame
	Keyframe   bool // first packet of a key frame
	Width      uint16
	Height     uint16 // of a key frame, else 0
	TID        uint8
	LayerSync  bool

	HasPictureID, Wide, HasTL0, HasKeyIndex bool

	PictureID uint16
	TL0       uint8
	KeyIndex  uint8
	Places    Places
}

// Places says where in a payload its running indices stand; 0 is nowhere.
type Places struct {
	running running.Places
	key     uint8
}

// Parse reads the descriptor and, at a frame's start, the frame header.
func Parse(b []byte) (Descriptor, error) {
	var d Descriptor
	if len(b) == 0 {
		return d, ErrDescriptor
	}
	d.Size = 1
	d.FrameStart = b[0]&0x10 != 0 && b[0]&0x0f == 0
	if b[0]&0x80 != 0 {
		if err := d.extended(b); err != nil {
			return Descriptor{}, err
		}
	}
	if d.Size > len(b) {
		return Descriptor{}, ErrDescriptor
	}
	if d.FrameStart {
		d.frame(b[d.Size:])
	}
	return d, nil
}

func (d *Descriptor) extended(b []byte) error {
	if len(b) < 2 {
		return ErrDescriptor
	}
	flags := b[1]
	at := 2
	if flags&0x80 != 0 {
		if at >= len(b) {
			return ErrDescriptor
		}
		d.HasPictureID, d.Places.running.Picture = true, uint8(at)
		d.PictureID = uint16(b[at] & 0x7f)
		d.Wide = b[at]&0x80 != 0
		if d.Places.running.Wide = d.Wide; d.Wide {
			if at+1 >= len(b) {
				return ErrDescriptor
			}
			d.PictureID = d.PictureID<<8 | uint16(b[at+1])
			at++
		}
		at++
	}
	if flags&0x40 != 0 {
		if at >= len(b) {
			return ErrDescriptor
		}
		d.HasTL0, d.Places.running.TL0, d.TL0 = true, uint8(at), b[at]
		at++
	}
	if flags&0x30 != 0 {
		if at >= len(b) {
			return ErrDescriptor
		}
		if flags&0x20 != 0 {
			d.TID, d.LayerSync = b[at]>>6, b[at]&0x20 != 0
		}
		if flags&0x10 != 0 {
			d.HasKeyIndex, d.Places.key, d.KeyIndex = true, uint8(at), b[at]&0x1f
		}
		at++
	}
	d.Size = at
	return nil
}

func (d *Descriptor) frame(data []byte) {
	if len(data) == 0 || data[0]&0x01 != 0 {
		return
	}
	// RFC 6386 section 9.1: three bytes of tag, the start code, then two
	// 14-bit sizes with two bits of scaling each.
	if len(data) < 10 || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a {
		return
	}
	d.Keyframe = true
	d.Width = uint16(data[6]) | uint16(data[7]&0x3f)<<8
	d.Height = uint16(data[8]) | uint16(data[9]&0x3f)<<8
}

// Patch overwrites the three running indices in b; the descriptor keeps its
// size, so 7-bit picture ids stay 7-bit.
func (p Places) Patch(b []byte, picture uint16, tl0, key uint8) {
	p.running.Patch(b, picture, tl0)
	if p.key != 0 {
		b[p.key] = b[p.key]&0xe0 | key&0x1f
	}
}

// MaxDescriptor is the largest size a descriptor can have.
const MaxDescriptor = 6
