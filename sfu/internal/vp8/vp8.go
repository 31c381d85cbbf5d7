// Package vp8 reads and patches the VP8 payload descriptor (RFC 7741) in place.
package vp8

import "errors"

// ErrDescriptor means that the payload ends inside its descriptor.
var ErrDescriptor = errors.New("vp8_descriptor")

// Descriptor is what a forwarder needs to know of one VP8 payload.
type Descriptor struct {
	Size       int  // bytes before the VP8 data
	FrameStart bool // first packet of a frame
	Keyframe   bool // first packet of a key frame
	Width      int  // of a key frame, else 0
	Height     int
	TID        uint8
	LayerSync  bool

	HasPictureID, Wide, HasTL0, HasKeyIndex bool

	PictureID uint16
	TL0       uint8
	KeyIndex  uint8

	pictureAt, tl0At, keyAt int
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
		d.HasPictureID, d.pictureAt = true, at
		d.PictureID = uint16(b[at] & 0x7f)
		if d.Wide = b[at]&0x80 != 0; d.Wide {
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
		d.HasTL0, d.tl0At, d.TL0 = true, at, b[at]
		at++
	}
	if flags&0x30 != 0 {
		if at >= len(b) {
			return ErrDescriptor
		}
		d.keyAt = at
		if flags&0x20 != 0 {
			d.TID, d.LayerSync = b[at]>>6, b[at]&0x20 != 0
		}
		if flags&0x10 != 0 {
			d.HasKeyIndex, d.KeyIndex = true, b[at]&0x1f
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
	d.Width = int(data[6]) | int(data[7]&0x3f)<<8
	d.Height = int(data[8]) | int(data[9]&0x3f)<<8
}

// Patch overwrites the three running indices in b, which Parse described as d;
// the descriptor keeps its size, so 7-bit picture ids stay 7-bit.
func (d Descriptor) Patch(b []byte, picture uint16, tl0, key uint8) {
	if d.HasPictureID {
		if d.Wide {
			b[d.pictureAt] = 0x80 | uint8(picture>>8)&0x7f
			b[d.pictureAt+1] = uint8(picture)
		} else {
			b[d.pictureAt] = uint8(picture) & 0x7f
		}
	}
	if d.HasTL0 {
		b[d.tl0At] = tl0
	}
	if d.HasKeyIndex {
		b[d.keyAt] = b[d.keyAt]&0xe0 | key&0x1f
	}
}

// MaxDescriptor is the largest size a descriptor can have.
const MaxDescriptor = 6
